"""What attacks costs its own outlet only, and nothing is asked for where it must not be: by the real program, against loopback."""

from __future__ import annotations

import gzip
import json
import textwrap
from pathlib import Path
from typing import Any

from tests.support import ROOT

RULE = b"User-agent: *\nDisallow: /private/\n"


def test_bounds_that_the_settings_name(world: Any, site: Any) -> None:
    """A robots.txt of any size is read up to its bound; header and foldings are bounded."""
    world.limits = {"header_size": "8 KiB", "page_size": "1 MB"}
    site.answer("/robots.txt", RULE + b"# nothing at all\n" * 300_000)
    folded = gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"<p>Hello</p>"))))
    site.answer(
        "/folded",
        folded,
        Content_Encoding="gzip, gzip, gzip, gzip",
        Content_Type="text/html",
    )
    site.answer("/header", b"<p>Hello</p>", X_One="x" * 5_000, X_Two="x" * 5_000)
    site.feed(
        "/feed",
        [
            site.url("/folded"),
            site.url("/header"),
            site.article("/private/a"),
            site.article("/good"),
        ],
    )
    world.once()
    assert world.entries() == {
        "/folded": ("failed", "more than 3 content encodings"),
        "/header": ("failed", "headers larger than 8 KiB"),
        "/private/a": ("refused", "disallowed by robots.txt"),
        "/good": ("new", ""),
    }
    assert world.rows("select bytes < 700000 from captures where kind = 'robots'") == [
        (1,)
    ]


def test_links_of_pages_and_redirects_of_robots_lead_to_no_private_address(
    world: Any, site: Any, other: Any
) -> None:
    """``other`` is private; a login is kept out of what is written, and goes to its own origin alone."""
    third = type(site)("127.0.0.3")
    world.crawl["allow_networks"] = ["127.0.0.1/32", "127.0.0.3/32"]
    other.article("/a")
    head = f"<link rel='canonical' href='{other.url('/a')}'><link rel='amphtml' href='{other.url('/amp')}'>"
    page = world_page(
        "One", head, f"<a rel='next' href='{other.url('/a?page=2')}'>2</a>"
    )
    site.answer("/a", page, Content_Type="text/html")
    site.feed("/feed", [site.url("/a")])
    third.answer("/robots.txt", status=302, Location=other.url("/robots.txt"))
    third.feed("/feed", [third.article("/b")])
    world.outlets = {
        "paper": [site.url("/feed?token=abcdefgh").replace("//", "//reader:hunter2@")],
        "third": [third.url("/feed")],
    }
    site.paths["/feed?token=abcdefgh"] = site.paths["/feed"]
    try:
        ran = world.once()
    finally:
        third.close()
    assert (other.asked, third.asked) == ([], ["/robots.txt"])
    assert world.rows("select outcome, reason from feeds where outlet = 'third'") == [
        ("refused", "127.0.0.2 is a private address not listed in allow_networks")
    ]
    assert (ran.counts["new"], ran.errors) == (1, "")
    [warc] = (world.folder / "captures").glob("*.warc.gz")
    assert b"hunter2" not in gzip.decompress(warc.read_bytes())
    assert "hunter2" not in json.dumps(
        world.rows("select * from captures")
    ) + ran.errors + json.dumps(ran.lines)
    assert {
        headers.get("authorization", "") != "" for headers in site.headers[1:2]
    } == {True}
    assert "authorization" not in site.headers[-1]


def world_page(title: str, head: str, more: str) -> bytes:
    words = "".join(
        f"<p>The council of the town voted on measure {n} for the bridge last night, after a debate.</p>"
        for n in range(8)
    )
    return f"<html lang=en><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{words}{more}</article></body></html>".encode()


def test_without_a_network_nothing_counts_against_the_outlets(
    world: Any, site: Any, tmp_path: Path
) -> None:
    """The name service is made silent; what is on this machine is asked all the same."""
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
    world.outlets |= {f"far{n}": [f"https://paper{n}.example/feed"] for n in range(3)}
    counts = world.once(PYTHONPATH=f"{tmp_path}:{ROOT}").counts
    assert (counts["new"], counts["waiting"], counts["failed"], counts["offline"]) == (
        1,
        3,
        0,
        1,
    )
    rows = set(
        world.rows(
            "select outcome, reason, failures from feeds where outlet <> 'paper'"
        )
    )
    assert rows == {("waiting", "offline: the DNS server does not respond", 0)}
    assert not world.rows("select 1 from events where kind = 'feed failing'")
