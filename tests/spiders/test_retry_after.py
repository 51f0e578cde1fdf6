"""Retry-After: for the whole site, in this crawl and in later ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from harvester.identity.urls import retry_after_scope, site
from spiders.politeness import parse_retry_after

NOW = datetime(2025, 9, 6, 6, 12, 45, tzinfo=UTC)


def test_a_site_that_says_wait_is_asked_nothing_more(world: Any, site: Any) -> None:
    world.crawl["concurrency"] = 1
    site.feed("/feed", [site.article(f"/a{n}") for n in range(10)])
    for n in range(10):
        site.answer(f"/a{n}", b"slow down", 429, Retry_After="3600")
    counts = world.once().counts
    assert len(site.pages()) == 2  # the feed and one article
    assert counts["waiting"] == 10
    assert len({due for (due,) in world.rows("select due from entries")}) == 1
    world.once("--force")  # neither a restart nor force overrides it
    assert len(site.pages()) == 2
    assert world.feed_row()[0] == "waiting"


def test_other_sites_go_on(world: Any, site: Any, other: Any) -> None:
    site.answer("/feed", b"", 503, Retry_After="60")
    other.feed("/feed", [other.article("/a")])
    world.outlets["other"] = [other.url("/feed")]
    counts = world.once().counts
    assert (counts["waiting"], counts["new"]) == (1, 1)


def test_it_holds_for_robots_too(world: Any, site: Any) -> None:
    site.answer("/robots.txt", b"", 429, Retry_After="3600")
    site.feed("/feed", [])
    world.once()
    world.once("--force")
    assert site.asked == ["/robots.txt"]


def test_a_blog_holds_up_no_other_blog_of_its_platform() -> None:
    """The pace is that of the platform, whose servers they share; an hour of silence that one asks for is its own."""
    one, other = "https://anna.github.io/feed", "https://www.bert.github.io/a"
    assert site(one) == site(other) == "github.io"
    assert (retry_after_scope(one), retry_after_scope(other)) == (
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
        assert retry_after_scope(url) == site(url)


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
def test_what_the_header_says(status: int, value: str, seconds: int | None) -> None:
    wanted = (
        None
        if seconds is None
        else (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    assert parse_retry_after(status, value, NOW) == wanted
