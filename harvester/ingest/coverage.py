"""What share of time each feed was watched: rows of the archive, days made of them.

What counts as watched is decided in ``schedule.coverage``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from harvester.archive.queries import watched_feeds
from harvester.archive.queries.watched_feeds import GapRecord, WatchedFeedRow
from harvester.schedule.coverage import (
    DayCoverage,
    GapTime,
    WatchedFeed,
    cover_days,
    total_share,
)
from harvester.schedule.times import add_seconds


@dataclass(frozen=True, slots=True)
class FeedCoverage:
    """A feed with its days, and the gaps that touch them, the latest first."""

    feed: WatchedFeedRow
    share: float | None  # of all days; None: none of their time counts
    days: tuple[DayCoverage, ...]
    gaps: tuple[GapRecord, ...]

    @property
    def lost_gaps(self) -> tuple[GapRecord, ...]:
        """The gaps that are not filled."""
        return tuple(gap for gap in self.gaps if gap.state != "filled")


def list_coverage(
    connection: sqlite3.Connection,
    first: str,
    last: str,
    now: str,
    outlets: tuple[str, ...] = (),
) -> list[FeedCoverage]:
    """Each feed's days from ``first`` to ``last``, the least watched first."""
    begin = f"{first}T00:00:00Z"
    end = add_seconds(f"{last}T00:00:00Z", 86_400.0)
    covered = []
    for row in watched_feeds.list_watched_feeds(connection, begin, outlets):
        gaps = watched_feeds.list_gaps(connection, row.feed, begin, end)
        feed = WatchedFeed(
            row.watched_since, row.read_at, row.due, row.failures, bool(row.active)
        )
        times = [GapTime(gap.since, gap.until, gap.state, gap.back_to) for gap in gaps]
        days = cover_days(feed, times, first, last, now)
        covered.append(FeedCoverage(row, total_share(days), tuple(days), tuple(gaps)))
    return sorted(
        covered,
        key=lambda one: (
            2.0 if one.share is None else one.share,
            one.feed.outlet,
            one.feed.feed,
        ),
    )
