"""Retry-After: for the whole site, in this crawl and in later ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from harvester.identity.urls import retry_after_scope
from harvester.identity.urls import site as site_of
from spiders.politeness import parse_retry_after
from tests.support.crawl_harness import CrawlHarness, Site

NOW = datetime(2025, 9, 6, 6, 12, 45, tzinfo=UTC)


def test_a_rate_limited_site_gets_no_more_requests(
    harness: CrawlHarness, site: Site
) -> None:
    harness.crawl["concurrency"] = 1
    site.feed("/feed", [site.article(f"/a{n}") for n in range(10)])
    for n in range(10):
        site.respond(f"/a{n}", b"slow down", 429, Retry_After="3600")
    counts = harness.once().counts
    assert len(site.page_paths()) == 2  # the feed and one article
    assert counts["waiting"] == 10
    assert len({due for (due,) in harness.rows("select due from entries")}) == 1
    harness.once("--force")  # neither a restart nor force overrides it
    assert len(site.page_paths()) == 2
    assert harness.feed_row()[0] == "waiting"


def _limit(harness: CrawlHarness) -> tuple[float, float]:
    """Seconds of the limit, and until it ends, from now."""
    ((seconds, left),) = harness.rows(
        """
        select limited_seconds, (julianday(not_before) - julianday('now')) * 86400
        from hosts
        """
    )
    return seconds, left


def _end_limit(harness: CrawlHarness, seconds_ago: float) -> None:
    """As if it had ended so long ago."""
    with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
        connection.execute(
            "update hosts set not_before = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', ?)",
            [f"-{seconds_ago} seconds"],
        )
        connection.commit()


def test_429_without_a_time_grows_across_crawls(
    harness: CrawlHarness, site: Site
) -> None:
    harness.crawl["concurrency"] = 1
    site.respond("/feed", b"slow down", 429)
    site.respond("/other", b"slow down", 429)
    harness.outlets = {"paper": [site.url("/feed")], "other": [site.url("/other")]}
    limits = []
    for count in (1, 2, 3):
        harness.once("--force")
        seconds, left = _limit(harness)
        limits.append(seconds)
        assert seconds - 5 <= left <= 1.1 * seconds + 1
        # Nothing more of the site: not its other feed, not by a restart, not by force.
        harness.once("--force")
        assert len(site.page_paths()) == count
        _end_limit(harness, 1)
    assert limits == [60, 120, 240]
    _end_limit(harness, 3 * 240 + 30)  # it was let alone, and did not refuse
    harness.once("--force")
    assert _limit(harness)[0] == 60
    site.respond("/feed", b"slow down", 429, Retry_After="7")
    site.respond("/other", b"slow down", 429, Retry_After="7")
    _end_limit(harness, 1)
    harness.once("--force")
    assert (
        _limit(harness)[0] == 60
    )  # a time that is stated is kept, and teaches nothing


def test_other_sites_are_not_affected(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    site.respond("/feed", b"", 503, Retry_After="60")
    other_site.feed("/feed", [other_site.article("/a")])
    harness.outlets["other"] = [other_site.url("/feed")]
    counts = harness.once().counts
    assert (counts["waiting"], counts["new"]) == (1, 1)


def test_it_applies_to_robots_txt_too(harness: CrawlHarness, site: Site) -> None:
    site.respond("/robots.txt", b"", 429, Retry_After="3600")
    site.feed("/feed", [])
    harness.once()
    harness.once("--force")
    assert site.requested_paths == ["/robots.txt"]


def test_a_blog_holds_up_no_other_blog_of_its_platform() -> None:
    """They share the delay of the platform's servers, but not a Retry-After."""
    anna, bert = "https://anna.github.io/feed", "https://www.bert.github.io/a"
    assert site_of(anna) == site_of(bert) == "github.io"
    assert (retry_after_scope(anna), retry_after_scope(bert)) == (
        "anna.github.io",
        "bert.github.io",
    )
    for url in (
        "https://www.paper.example/a",
        "https://news.paper.co.uk/feed",
        "http://127.0.0.1:8000/",
        "http://[::1]/",
        "",
    ):
        assert retry_after_scope(url) == site_of(url)


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "120", 120),
        (503, "120", 120),
        (429, "", 60),
        (503, "", None),
        (429, "soon", 60),
        (503, "soon", None),
        (429, format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (503, format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (503, format_datetime(NOW - timedelta(days=5), usegmt=True), None),
        (429, format_datetime(NOW - timedelta(days=5), usegmt=True), 1),
        (429, "9" * 400, 7 * 86_400),
        (429, "1" + "0" * 30, 7 * 86_400),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", 7 * 86_400),
        (429, "Fri, 31 Dec 9999 23:59:59 -2359", 7 * 86_400),
        (429, "Mon, 01 Jan 0001 00:00:00 +2359", 1),
        (429, "-5", 60),
        (429, "²", 60),
        (200, "120", None),
        (404, "120", None),
    ],
)
def test_parsing_the_header(status: int, value: str, seconds: int | None) -> None:
    expected = (
        None
        if seconds is None
        else (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    assert parse_retry_after(status, value, NOW) == expected
