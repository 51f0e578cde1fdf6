"""robots.txt (RFC 9309), for feeds and articles, by the real program."""

from __future__ import annotations

import sqlite3
import time
from itertools import pairwise
from typing import Any

import pytest

from spiders.robots import parse_robots_txt, product_token
from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site


def test_twelve_concurrent_first_requests_to_a_disallowed_folder(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    def respond_slowly(handler: Any) -> CannedResponse:
        time.sleep(0.5)  # all twelve wait for it
        return response

    other_site.respond("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    response = other_site.canned_response("/robots.txt")
    other_site.paths["/robots.txt"] = respond_slowly
    harness.crawl["concurrency"] = 12
    site.feed(
        "/feed",
        [other_site.article(f"/private/{n}") for n in range(12)]
        + [other_site.article("/open")],
    )
    counts = harness.once().counts
    assert other_site.requested_paths.count("/robots.txt") == 1
    assert other_site.page_paths() == ["/open"]
    assert counts["refused"] == 12
    assert {entry for path, entry in harness.entries().items() if path != "/open"} == {
        ("refused", "disallowed by robots.txt")
    }


@pytest.mark.parametrize("status", [500, 503, 429])
def test_server_errors_deny(harness: CrawlHarness, site: Site, status: int) -> None:
    site.feed("/feed", [site.article("/a")])
    site.respond("/robots.txt", b"busy", status)
    harness.once()
    assert site.page_paths() == []
    outcome, reason = harness.feed_row()
    assert (outcome, str(status) in reason) == ("waiting", True)
    harness.once("--force")
    assert site.page_paths() == []


def test_no_response_denies(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [])
    site.respond_raw("/robots.txt", lambda handler: None)
    harness.once()
    assert site.page_paths() == []
    assert harness.feed_row() == (
        "failed",
        "robots.txt cannot be fetched (the connection was lost); nothing is fetched",
    )


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_missing_file_allows(harness: CrawlHarness, site: Site, status: int) -> None:
    site.feed("/feed", [site.article("/a")])
    site.respond("/robots.txt", b"User-agent: *\nDisallow: /\n", status)
    assert harness.once().counts["new"] == 1


def test_it_applies_to_feeds_of_the_settings_too(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [])
    site.respond("/robots.txt", b"User-agent: *\nDisallow: /feed\n")
    harness.once("--force")
    assert site.page_paths() == []
    assert harness.feed_row() == ("refused", "disallowed by robots.txt")


def test_a_copy_is_used_while_no_new_one_can_be_fetched(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [])
    site.respond("/robots.txt", b"User-agent: *\nDisallow: /private\n")
    harness.once()
    with sqlite3.connect(harness.folder / "archive.db") as archive:  # two days ago
        archive.execute("update hosts set robots_at = '2020-01-01T00:00:00Z'")
    site.respond("/robots.txt", b"", 503)
    assert harness.once().counts["feeds"] == 1
    assert site.requested_paths == ["/robots.txt", "/feed", "/robots.txt", "/feed"]
    with sqlite3.connect(harness.folder / "archive.db") as archive:  # and too old
        archive.execute("update hosts set robots_read_at = '2020-01-01T00:00:00Z'")
        archive.execute("update hosts set robots_at = '2020-01-01T00:00:00Z'")
    harness.once()
    assert site.page_paths() == ["/feed", "/feed"]


def test_up_to_five_redirects_are_followed(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    site.feed("/feed", [site.article("/private/a")])
    site.respond("/robots.txt", status=301, Location=other_site.url("/r"))
    other_site.respond("/r", b"User-agent: *\nDisallow: /private/\n")
    assert harness.once().counts["refused"] == 1
    assert other_site.requested_paths == ["/r"]


def test_more_than_five_redirects_mean_no_file(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [])
    for n in range(9):
        site.respond(f"/{n}" if n else "/robots.txt", status=302, Location=f"/{n + 1}")
    assert harness.once().counts["feeds"] == 1
    assert site.requested_paths == [
        "/robots.txt",
        "/1",
        "/2",
        "/3",
        "/4",
        "/5",
        "/feed",
    ]


def test_a_large_file_is_read_up_to_500_kib(harness: CrawlHarness, site: Site) -> None:
    rule = b"User-agent: *\nDisallow: /private/\n"
    site.feed("/feed", [site.article("/private/a"), site.article("/late/a")])
    site.respond(
        "/robots.txt",
        rule + b"# comment\n" * 60_000 + b"User-agent: *\nDisallow: /late/\n",
    )
    counts = harness.once().counts
    assert (counts["refused"], counts["new"]) == (1, 1)


def test_crawl_delay(harness: CrawlHarness, site: Site) -> None:
    times = []

    def log_time(handler: Any) -> CannedResponse:
        times.append(time.monotonic())
        return response

    site.feed("/feed", [])
    response = site.canned_response("/feed")
    site.paths["/feed"] = log_time
    site.respond("/robots.txt", b"User-agent: *\nCrawl-delay: 0.7\n")
    harness.outlets["paper"] = [
        site.url("/feed"),
        site.url("/feed?2"),
        site.url("/feed?3"),
    ]
    site.paths["/feed?2"] = site.paths["/feed?3"] = log_time
    harness.once()
    assert len(times) == 3
    assert all(after - before >= 0.65 for before, after in pairwise(times))


@pytest.mark.parametrize(
    ("text", "url", "allowed"),
    [
        ("User-agent: harvester\nDisallow: /a", "/a", False),
        ("User-agent: Harvester/2.0\nDisallow: /a", "/a", False),
        ("user-agent : HARVESTER # us\nDisallow: /a", "/a", False),
        ("User-agent: harvest\nDisallow: /", "/a", True),  # another's name
        ("User-agent: harvester-images\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: harvester\nAllow: /", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),  # the longest
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: one\nUser-agent: harvester\nDisallow: /", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\rDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("<html>not found</html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_rules(text: str, url: str, allowed: bool) -> None:
    assert (
        parse_robots_txt(text, "harvester").can_fetch(
            f"https://example.org{url}", "harvester"
        )
        is allowed
    )


def test_product_token() -> None:
    assert product_token("Observer/2.0 (+https://example.org)") == "observer"
    assert product_token("news-bot (+https://example.org)") == "news-bot"
