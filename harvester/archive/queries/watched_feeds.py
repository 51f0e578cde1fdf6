"""Since when feeds are watched, and their gaps: few rows, whatever the archive has."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from harvester.archive.records.feeds import SITEMAP_INDEX


@dataclass(frozen=True, slots=True)
class WatchedFeedRow:
    """A feed that was read at least once; the schema explains each column."""

    outlet: str
    feed: str
    section: str
    kind: str
    active: int
    watched_since: str
    read_at: str
    due: str | None
    failures: int
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class GapRecord:
    """A gap, without what only filling it needs; the schema explains each column."""

    feed: str
    since: str
    until: str
    found: str
    state: str
    back_to: str | None
    source: str
    entries: int
    requests: int
    reason: str
    due: str | None  # of the next request, while it is being filled


def list_watched_feeds(
    connection: sqlite3.Connection, since: str, outlets: tuple[str, ...] = ()
) -> list[WatchedFeedRow]:
    """Feeds that were read, and are polled or were read since a time.

    Without sitemap indexes, which announce nothing by themselves.
    """
    rows = connection.execute(
        """
        select f.outlet, f.url, f.section, f.kind, f.active and o.active,
            f.watched_since, f.read_at, f.due, f.failures, f.outcome, f.reason
        from feeds f join outlets o on o.key = f.outlet
        where f.watched_since is not null and f.read_at is not null
            and (f.active and o.active or f.read_at >= ?)
            and f.reason not like ?
        order by f.outlet, f.url
        """,
        [since, f"{SITEMAP_INDEX}%"],
    )
    watched = [WatchedFeedRow(*row) for row in rows]
    return [row for row in watched if not outlets or row.outlet in outlets]


def list_gaps(
    connection: sqlite3.Connection, feed: str, since: str, until: str
) -> list[GapRecord]:
    """The gaps of a feed that touch a time, the latest first."""
    rows = connection.execute(
        """
        select feed, since, until, found, state, back_to, source, entries, requests,
            reason, due
        from gaps where feed = ? and until >= ? and since < ?
        order by until desc, id desc
        """,
        [feed, since, until],
    )
    return [GapRecord(*row) for row in rows]
