"""What two feeds have in common decides whether both are taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harvester.discovery.choice import choose_feeds, share_in
from harvester.discovery.found_feed import (
    Candidate,
    FoundFeed,
    Source,
    may_be_comments,
    measure_feed,
)
from harvester.parse.feeds.feed import read_feed
from tests.support import sites
from tests.support.site_search import AT

HOUR = timedelta(hours=1)


def _found(text: str, path: str, source: Source = Source.ANNOUNCED) -> FoundFeed:
    url = f"{sites.HOST}{path}"
    feed = read_feed(text.encode(), "application/xml", url)
    return measure_feed(feed, url, Candidate(url, source), str(hash(text)))


def test_what_a_feed_brings_is_measured() -> None:
    feed = _found(sites.rss(range(1, 11), every=3 * HOUR, full=True), "/f")
    assert (feed.kind, feed.entry_count, feed.text) == ("rss", 10, "full")
    assert feed.interval == 3 * 3_600
    assert feed.newest == "2025-09-06T08:00:00Z"
    assert [entry.title for entry in feed.latest][:2] == ["Story 1", "Story 2"]
    assert _found(sites.rss([1]), "/f").text == "summary"
    assert _found(sites.rss([1]), "/f").interval is None
    bare = _found(sites.rdf([1, 2]), "/f")
    assert (bare.text, bare.newest, bare.interval) == ("titles", None, None)


def test_feeds_are_compared_where_both_look() -> None:
    everything = _found(sites.rss(range(1, 41), every=HOUR), "/all")
    sport = _found(sites.rss(range(1, 80, 2), every=2 * HOUR), "/sport")
    assert share_in(sport, everything) == 1.0  # of all its articles only half
    assert share_in(everything, sport) == 0.5
    assert share_in(_found(sites.rss([]), "/e"), everything) == 0.0


@pytest.mark.parametrize(
    ("texts", "reasons"),
    [
        ([sites.rss([1, 2, 3]), sites.rss([1, 2, 3])], ["", "the same as"]),
        ([sites.rss([1, 2, 3]), sites.atom([1, 2, 3])], ["", "the same as"]),
        ([sites.rss(range(1, 9)), sites.rss(range(1, 6))], ["", "covered by"]),
        ([sites.rss([1, 2, 3, 4]), sites.rss([4, 5, 6, 7])], ["", ""]),
        ([sites.rss([1, 2]), sites.rss([])], ["", "empty"]),
        ([sites.rss([1, 2]), sites.sitemap([5, 6])], ["", "whole site, not news"]),
        ([sites.rss([1, 2]), sites.sitemap_index(["/a"])], ["", "lists sitemaps"]),
        (
            [
                sites.rss([1, 2, 3]),
                sites.rss([4, 5, 6]),
                sites.rss([1, 2, 4, 5], every=8 * HOUR),
            ],
            ["", "", "covered by the others"],
        ),
    ],
)
def test_why_a_feed_is_left_out(texts: list[str], reasons: list[str]) -> None:
    feeds = [_found(text, f"/{number}") for number, text in enumerate(texts)]
    choices = {choice.feed.url: choice for choice in choose_feeds(feeds, "en", AT)}
    for feed, reason in zip(feeds, reasons, strict=True):
        choice = choices[feed.url]
        assert choice.is_taken == (not reason)
        assert choice.reason.startswith(reason)


def test_what_a_person_names_is_taken_whatever_it_is() -> None:
    for text in (
        sites.rss([]),
        sites.sitemap([1]),
        sites.rss([1, 1, 1], fragment="#c1"),
    ):
        (choice,) = choose_feeds([_found(text, "/f", Source.GIVEN)], "fr", AT)
        assert choice.is_taken
    index = _found(sites.sitemap_index(["/a"]), "/f", Source.GIVEN)
    assert not choose_feeds([index], "fr", AT)[0].is_taken


@pytest.mark.parametrize(
    ("url", "title", "is_said"),
    [
        ("/comments/feed/", "", True),
        ("/feed/", "Comments on: A bridge", True),
        ("/feed/", "Le Courrier » Flux des commentaires", True),
        ("/feed/", "Commentaires sur : Un pont", True),
        ("/feed/", "The Courier » Feed", False),
        ("/commentary/feed/", "Commentary", False),
        ("/kommentare/rss", "Kommentar-Feed", True),
    ],
)
def test_comments_by_name(url: str, title: str, is_said: bool) -> None:
    assert may_be_comments(Candidate(url, Source.ANNOUNCED, title)) is is_said
