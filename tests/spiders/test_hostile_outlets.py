"""Attacks harm only their own outlet, and nothing is fetched that must not be."""

from __future__ import annotations

import gzip
import json
import textwrap
from pathlib import Path

from tests.support import ROOT
from tests.support.crawl_harness import SITE_FILES, CrawlHarness, Site

RULE = b"User-agent: *\nDisallow: /private/\n"


def test_bounds_that_the_settings_name(harness: CrawlHarness, site: Site) -> None:
    """A large robots.txt is read in part; headers and content encodings are limited."""
    harness.limits = {"header_size": "8 KiB", "page_size": "1 MB"}
    site.respond("/robots.txt", RULE + b"# nothing at all\n" * 300_000)
    body = b"<p>Hello</p>"
    for _ in range(4):
        body = gzip.compress(body)
    site.respond(
        "/encoded",
        body,
        Content_Encoding="gzip, gzip, gzip, gzip",
        Content_Type="text/html",
    )
    site.respond("/header", b"<p>Hello</p>", X_One="x" * 5_000, X_Two="x" * 5_000)
    site.feed(
        "/feed",
        [
            site.url("/encoded"),
            site.url("/header"),
            site.article("/private/a"),
            site.article("/good"),
        ],
    )
    harness.once()
    assert harness.entries() == {
        "/encoded": ("failed", "more than 3 content encodings"),
        "/header": ("failed", "headers larger than 8 KiB"),
        "/private/a": ("refused", "disallowed by robots.txt"),
        "/good": ("new", ""),
    }
    assert harness.rows(
        "select bytes < 700000 from captures where kind = 'robots'"
    ) == [(1,)]


def test_links_of_pages_and_redirects_of_robots_lead_to_no_private_address(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    """``other_site`` is private. A login is not stored, and sent to its own origin only."""
    third = Site("127.0.0.3")
    harness.crawl["allow_networks"] = ["127.0.0.1/32", "127.0.0.3/32"]
    other_site.article("/a")
    head = (
        f"<link rel='canonical' href='{other_site.url('/a')}'>"
        f"<link rel='amphtml' href='{other_site.url('/amp')}'>"
    )
    page = article_page(
        "One", head, f"<a rel='next' href='{other_site.url('/a?page=2')}'>2</a>"
    )
    site.respond("/a", page, Content_Type="text/html")
    site.feed("/feed", [site.url("/a")])
    third.respond("/robots.txt", status=302, Location=other_site.url("/robots.txt"))
    third.feed("/feed", [third.article("/b")])
    harness.outlets = {
        "paper": [site.url("/feed?token=abcdefgh").replace("//", "//reader:hunter2@")],
        "third": [third.url("/feed")],
    }
    site.paths["/feed?token=abcdefgh"] = site.paths["/feed"]
    try:
        result = harness.once()
    finally:
        third.close()
    assert (other_site.requested_paths, third.requested_paths) == ([], ["/robots.txt"])
    assert harness.rows("select outcome, reason from feeds where outlet = 'third'") == [
        ("refused", "127.0.0.2 is a private address not listed in allow_networks")
    ]
    assert (result.counts["new"], result.stderr) == (1, "")
    [warc] = (harness.folder / "captures").glob("*.warc.gz")
    assert b"hunter2" not in gzip.decompress(warc.read_bytes())
    assert "hunter2" not in json.dumps(
        harness.rows("select * from captures")
    ) + result.stderr + json.dumps(result.events)
    assert all(
        "authorization" in headers
        for path, headers in zip(
            site.requested_paths, site.request_headers, strict=True
        )
        if path not in SITE_FILES
    )


def article_page(title: str, head: str, more: str) -> bytes:
    paragraphs = "".join(
        f"<p>The council of the town voted on measure {n} for the bridge last night, "
        "after a debate.</p>"
        for n in range(8)
    )
    return (
        f"<html lang=en><head><title>{title}</title>{head}</head><body><article>"
        f"<h1>{title}</h1>{paragraphs}{more}</article></body></html>"
    ).encode()


def test_without_a_network_nothing_counts_against_the_outlets(
    harness: CrawlHarness, site: Site, tmp_path: Path
) -> None:
    """DNS does not respond; what is on this machine is fetched all the same."""
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent("""
        import socket
        real = socket.getaddrinfo
        def silent(host, *rest, **named):
            if host and not str(host)[0].isdigit():
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            return real(host, *rest, **named)
        socket.getaddrinfo = silent
        """)
    )
    site.feed("/feed", [site.article("/a")])
    harness.outlets |= {f"far{n}": [f"https://paper{n}.example/feed"] for n in range(3)}
    counts = harness.once(PYTHONPATH=f"{tmp_path}:{ROOT}").counts
    assert (counts["new"], counts["waiting"], counts["failed"], counts["offline"]) == (
        1,
        3,
        0,
        1,
    )
    rows = set(
        harness.rows(
            "select outcome, reason, failures from feeds where outlet <> 'paper'"
        )
    )
    assert rows == {("waiting", "offline: the DNS server does not respond", 0)}
    assert not harness.rows("select 1 from events where kind = 'feed failing'")


def test_a_rule_without_end_stops_no_other_outlet(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    """An expression that takes for ever on one link, in `re` and without lookaround."""
    links = [site.article(f"/{'a' * 60}!{number}") for number in range(20)]
    site.feed("/feed", [site.article("/video"), *links])
    other_site.feed("/feed", [other_site.article("/news/2")])
    harness.outlets["other"] = [other_site.url("/feed")]
    for outlet in harness.outlets:
        harness.outlet_lines[outlet] = (
            f"[outlets.{outlet}.rules]\n"
            r"deny = ['^/(?!video)(?:[a-z]+)+\d$', '^/(?:[a-z]+)+$']"
        )
    result = harness.once()
    assert result.exit_code == 0
    assert "/news/2" in other_site.page_paths()
    # What a rule cannot tell is not followed.
    assert site.page_paths() == ["/feed"]
    reasons = dict(harness.rows("select url, reason from entries"))
    assert all("takes too long for this URL" in reasons[link] for link in links)
    assert reasons[site.url("/video")] == "excluded by a deny rule of the settings"
