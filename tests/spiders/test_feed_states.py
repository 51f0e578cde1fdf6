"""What a person can do about each kind of feed that cannot be read, by real servers."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from tests.parse.kinds.test_challenge import CHALLENGES
from tests.spiders.test_tls import Authority
from tests.support.crawl_harness import CrawlHarness, Site

# Outlet → words of its state, and of what to do.
EXPECTED = {
    "page": ("HTML instead of a feed", "`harvest add --replace` with the site's"),
    "login": ("answered 401", "set login in the outlet's table"),
    "forbidden": ("answered 403", "the outlet refuses the request"),
    "missing": ("answered 404", "looks for its new URL"),
    "fault": ("answered 500", "the server has a fault"),
    "challenge": ("challenge page (Anubis)", "challenges are never solved"),
    "loop": ("redirect", "open the URL in a browser"),
    "chain": ("redirects", "open the URL in a browser"),
    "front": ("redirects to the front page", "the feed was taken away"),
    "large": ("larger than", "raise `feed_size` under [limits]"),
    "closed": ("connection refused", "retried automatically; if it stays down"),
    "foreign": ("not HTTP", "check scheme and port"),
    "nowhere": ("does not resolve", "check the address; if the outlet moved"),
    "robots": ("disallowed by robots.txt", "ask the outlet for permission"),
    "expired": ("expired", "its certificate has expired: tell the outlet"),
    "self-signed": (
        "signed by itself",
        "tell the outlet that its certificate is not valid",
    ),
    "text": ("not a feed", "`harvest check` with it shows what can be read"),
    "limited": ("answered 429", "nothing: it is retried automatically"),
}


def _write_banner(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP ready\r\n")


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[dict[str, Site]]:
    """A server for each state that needs its own."""
    authority = Authority(tmp_path)
    opened = {
        "limited": Site("127.0.0.2"),
        "robots": Site("127.0.0.3"),
        "front": Site("127.0.0.4"),
        "foreign": Site("127.0.0.5"),
        "expired": Site(tls=authority.server(days=-1)),
        "self-signed": Site(tls=authority.server(self_signed=True)),
    }
    yield opened
    for each in opened.values():
        each.close()


def _closed_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _serve(harness: CrawlHarness, site: Site, sites: dict[str, Site]) -> None:
    html = {"Content_Type": "text/html"}
    urls = {
        "page": site.respond("/page", b"<html><body>Hello</body></html>", **html),
        "login": site.respond("/login", b"", 401),
        "forbidden": site.respond("/forbidden", b"", 403),
        "missing": site.respond("/missing", b"", 404),
        "fault": site.respond("/fault", b"", 500),
        "challenge": site.respond("/challenge", CHALLENGES["Anubis"], 403, **html),
        "loop": site.respond("/loop", b"", 302, Location="/loop"),
        "chain": site.respond("/chain/0", b"", 302, Location="/chain/1"),
        "large": site.respond("/large", b"<rss>" + b" " * 400_000),
        "text": site.respond("/text", b"\x00\x01\x02" * 50, Content_Type="image/png"),
        "closed": f"http://127.0.0.1:{_closed_port()}/feed",
        "nowhere": "http://nowhere.invalid/feed",
        "limited": sites["limited"].respond("/feed", b"", 429),
        "robots": sites["robots"].url("/feed"),
        "front": sites["front"].respond("/feed", b"", 302, Location="/"),
        "foreign": sites["foreign"].respond_raw("/feed", _write_banner),
        "expired": sites["expired"].url("/feed"),
        "self-signed": sites["self-signed"].url("/feed"),
    }
    for number in range(1, 30):
        target = f"/chain/{number + 1}"
        site.respond(f"/chain/{number}", b"", 302, Location=target)
    sites["robots"].respond("/robots.txt", b"User-agent: *\nDisallow: /")
    sites["front"].respond("/", b"<html><body>Front</body></html>", **html)
    harness.outlets = {name: [url] for name, url in urls.items()}
    harness.outlet_lines["front"] = f'home = "{sites["front"].url("/")}"'
    harness.limits["feed_size"] = "200 kB"


def _feeds(harness: CrawlHarness) -> dict[str, dict[str, Any]]:
    arguments = ["--settings", str(harness.settings), "status", "--json"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    return {
        outlet["outlet"]: outlet["feeds"][0]
        for outlet in json.loads(done.stdout)["outlets"]
    }


def test_each_state_says_what_to_do(
    harness: CrawlHarness, site: Site, sites: dict[str, Site], tmp_path: Path
) -> None:
    _serve(harness, site, sites)
    harness.once(SSL_CERT_FILE=str(tmp_path / "authority.pem"))
    feeds = _feeds(harness)
    assert set(feeds) == set(EXPECTED)
    wrong = {
        name: (feeds[name]["words"], feeds[name]["advice"])
        for name, (words, advice) in EXPECTED.items()
        if words not in feeds[name]["words"] or advice not in feeds[name]["advice"]
    }
    assert not wrong
    assert all(
        feed["state"] == ("waiting" if name == "limited" else "failing")
        for name, feed in feeds.items()
    )


def test_a_private_address_is_refused(harness: CrawlHarness, site: Site) -> None:
    harness.crawl["allow_networks"] = []
    harness.once()
    (feed,) = _feeds(harness).values()
    assert "[crawl] allow_networks" in feed["advice"]


def test_a_feed_that_moved_names_the_new_url(harness: CrawlHarness, site: Site) -> None:
    site.feed("/new", [])
    site.respond("/feed", b"", 301, Location="/new")
    harness.once()
    (feed,) = _feeds(harness).values()
    assert f"moved permanently to {site.url('/new')}" in feed["words"]
    assert "put the new URL in its place" in feed["advice"]


def test_a_feed_that_is_empty_for_days(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [site.article("/a")])
    harness.once()
    site.feed("/feed", [])
    for _ in range(3):
        harness.once("--force")
    (feed,) = _feeds(harness).values()
    assert feed["words"].startswith("lists no entries since")
    assert feed["state"] == "fine"
    with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
        connection.execute(
            "update feeds set since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-9.5 days')"
        )
        connection.commit()
    (feed,) = _feeds(harness).values()
    assert "silent: empty for 9 days" in feed["words"]
    assert feed["state"] == "silent" and "see whether the outlet" in feed["advice"]
    site.feed("/feed", [site.article("/a"), site.article("/b")])
    harness.once("--force")
    (feed,) = _feeds(harness).values()
    assert feed["state"] == "fine" and "no entries" not in feed["words"]
