"""How many articles outlets bring: what was learned, and what it is learned from.

The counting is in ``schedule.volume``; this reads its facts and keeps its state.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WatchedFeed:
    """When a feed of an outlet was read, and when it is due."""

    outlet: str
    url: str
    read_at: str
    polled: str
    due: str
    failures: int
    since: str  # of its last outcome


def list_outlets_behind(
    connection: sqlite3.Connection, before: float, limit: int
) -> dict[str, str]:
    """Active outlets whose hours were counted up to a time before that one.

    Outlet → its volume as JSON; those that are farthest behind first. Those too whose
    time is none, or hours ahead: the clock was set back.
    """
    rows = connection.execute(
        """
        select key, volume from (
            select key, volume,
                coalesce(iif(json_valid(volume), volume ->> '$.closed', 0), 0) as closed
            from outlets where active)
        where closed < :before or typeof(closed) not in ('integer', 'real')
            or closed > :before + 7200
        order by closed, key limit :limit
        """,
        {"before": before, "limit": limit},
    )
    return {row[0]: row[1] for row in rows}


def list_watched_feeds(connection: sqlite3.Connection) -> list[WatchedFeed]:
    """The active feeds that were ever read."""
    rows = connection.execute(
        """
        select outlet, url, read_at, polled, due, failures, since from feeds
        where active and read_at is not null and polled is not null and due is not null
        """
    )
    return [WatchedFeed(*row) for row in rows]


def list_first_seen(
    connection: sqlite3.Connection, outlet: str, since: str, until: str, old_days: int
) -> list[str]:
    """When an outlet's articles were first seen, between two times.

    Without those that were published so many days before, or that a backfill found.
    """
    rows = connection.execute(
        """
        select a.first_seen from articles a
        join versions v on v.article = a.key and v.number = a.version
        where a.outlet = :outlet and a.first_seen >= :since and a.first_seen < :until
            and (v.published is null or julianday(v.published) is null
                or julianday(v.published) >= julianday(a.first_seen) - :days)
            and not exists (
                select 1 from entries n
                where n.article = a.key and n.backfill is not null)
        """,
        {"outlet": outlet, "since": since, "until": until, "days": old_days},
    )
    return [str(row[0]) for row in rows]


def update_volume(connection: sqlite3.Connection, outlet: str, volume: str) -> None:
    """Keep what was learned of an outlet, as JSON."""
    connection.execute("update outlets set volume = ? where key = ?", [volume, outlet])
