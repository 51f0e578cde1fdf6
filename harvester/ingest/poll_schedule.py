"""When a feed is polled again, by what the last poll brought. Pure.

The rule is ``schedule.poll_rhythm``; what server, feed and settings ask for counts too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.records.feeds import SITEMAP_INDEX, FeedUpdate
from harvester.ingest.feed_gaps import ListedEntry
from harvester.ingest.publication_date import DATE_LENGTH
from harvester.ingest.visit import FetchedFeed
from harvester.model import Capture, Feed, Outcome
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.schedule import poll_rhythm
from harvester.schedule.intervals import (
    FailureKind,
    next_poll,
    next_retry,
    poll_interval,
)
from harvester.schedule.poll_rhythm import PollResult
from harvester.schedule.times import parse_time
from harvester.settings import Outlet

GONE_STATUS = 410  # RFC 9110, 15.5.11


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries that a feed lists, as a poll found them."""

    entries: Sequence[ListedEntry] = ()
    has_gap: bool = False  # some may have come and gone since the last poll

    @property
    def new_count(self) -> int:
        """Entries that were never listed before."""
        return sum(entry.is_new for entry in self.entries)


def schedule_next_poll(
    outlet: Outlet,
    page: FetchedFeed,
    feed: Feed | None,
    listing: Listing,
    wished_seconds: float,
) -> FeedUpdate:
    """What a poll taught of the feed's rhythm, and when the next is due.

    ``feed``: None if it had not changed. Nothing is learned of a sitemap index, which
    announces nothing by itself, and of WordPress's REST interface, which is polled for
    edits.
    """
    is_index = page.feed.reason.startswith(SITEMAP_INDEX)
    if feed is not None:
        is_index = feed.index
    if is_index or is_posts_url(page.feed.url):
        interval = poll_interval(outlet.every, wished_seconds)
        return FeedUpdate(due=next_poll(page.now, interval, 0))
    at = parse_time(page.now).timestamp()
    known = poll_rhythm.from_json(page.feed.rhythm)
    published = [
        _seconds(entry.published)
        for entry in listing.entries
        if entry.is_new or not known.at
    ]
    listed = len(listing.entries) or None
    result = PollResult(at, published, listed, listing.has_gap)
    rhythm = poll_rhythm.learn(known, result)
    interval = poll_interval(outlet.every, wished_seconds, rhythm)
    if outlet.every == "auto":
        interval = poll_rhythm.jittered(interval, page.feed.url, at)
    return FeedUpdate(
        due=next_poll(page.now, interval, 0), rhythm=poll_rhythm.to_json(rhythm)
    )


def _seconds(published: str | None) -> float | None:
    """Seconds since 1970 of a stated time; None of a day alone."""
    if not published or len(published) <= DATE_LENGTH:
        return None
    return parse_time(published).timestamp()


def schedule_retry(
    outlet: Outlet, page: FetchedFeed, outcome: Outcome, failures: int
) -> str:
    """When a feed is polled again that could not be read, ``failures`` times in a row."""
    interval = poll_interval(outlet.every, page.feed.wished_seconds)
    kind = failure_kind(page.capture, outcome)
    return next_retry(page.now, interval, failures, kind, page.feed.url)


def failure_kind(capture: Capture, outcome: Outcome) -> FailureKind:
    """How soon a failure may have passed, see ``schedule.intervals``."""
    if outcome is Outcome.REFUSED or capture.status == GONE_STATUS:
        return "hard"
    is_down = not capture.status or capture.status in (408, 425, 429)
    if is_down or capture.status >= 500 or capture.truncated:
        return "temporary"
    return "soft"
