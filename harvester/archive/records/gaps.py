"""Gaps of feeds: times in which entries may have come and gone unseen.

A row is added when a poll finds one, and updated with each request that is sent to fill
it. Does not decide either (``ingest.gap_filling``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.archive.records.record_sql import (
    UNSET,
    RowUpdate,
    Unset,
    column_list,
    column_values,
    insert_row,
    update_row,
)

GapState = Literal["open", "filled", "partly", "unfilled"]
KEY_PREFIX = "gap:"  # of a visit's key, before the row's id


@dataclass(frozen=True, slots=True)
class GapRow:
    """A row of ``gaps``; the schema explains each column."""

    id: int
    feed: str
    since: str
    until: str
    found: str
    state: GapState
    back_to: str | None
    source: str
    entries: int
    requests: int
    reason: str
    progress: str
    url: str
    site: str
    due: str | None


@dataclass(frozen=True, slots=True)
class NewGap:
    """A row of ``gaps`` to be added; the defaults are those of the table."""

    feed: str
    since: str
    until: str
    found: str
    state: GapState = "open"
    reason: str = ""
    progress: str = "{}"
    url: str = ""
    site: str = ""
    due: str | None = None


@dataclass(frozen=True, slots=True)
class GapUpdate(RowUpdate):
    """Columns of a gap to be set."""

    state: GapState | Unset = UNSET
    back_to: str | Unset | None = UNSET
    source: str | Unset = UNSET
    entries: int | Unset = UNSET
    requests: int | Unset = UNSET
    reason: str | Unset = UNSET
    progress: str | Unset = UNSET
    url: str | Unset = UNSET
    site: str | Unset = UNSET
    due: str | Unset | None = UNSET


def add_gap(connection: sqlite3.Connection, gap: NewGap) -> int:
    """Add a gap; returns its id."""
    return insert_row(connection, "gaps", column_values(gap))


def update_gap(connection: sqlite3.Connection, gap_id: int, update: GapUpdate) -> None:
    """Set columns of a gap."""
    update_row(connection, "gaps", column_values(update), "id", gap_id)


def get_gap_of_visit(connection: sqlite3.Connection, key: str) -> GapRow:
    """The gap that a visit is to fill, by the visit's key; it must exist."""
    row = connection.execute(
        f"select {column_list(GapRow)} from gaps where id = ?",
        [int(key.removeprefix(KEY_PREFIX))],
    ).fetchone()
    return GapRow(*row)


def list_gaps_found_since(
    connection: sqlite3.Connection, feed_url: str, since: str
) -> list[GapRow]:
    """The gaps of a feed that were found at a time or later, the latest first."""
    # ``until`` is never after ``found``, nor before ``since``: the index helps little
    # more, as there are few of them.
    rows = connection.execute(
        f"""
        select {column_list(GapRow)} from gaps where feed = ? and found >= ?
        order by id desc
        """,
        [feed_url, since],
    )
    return [GapRow(*row) for row in rows]


def count_requests_of_outlet(
    connection: sqlite3.Connection, outlet: str, since: str
) -> int:
    """Requests sent to fill gaps of an outlet's feeds that were found since a time."""
    row = connection.execute(
        """
        select coalesce(sum(g.requests), 0)
        from feeds f cross join gaps g on g.feed = f.url
        where f.outlet = ? and g.found >= ?
        """,
        [outlet, since],
    ).fetchone()
    return int(row[0])


def list_first_seen_by_address(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> dict[str, str]:
    """When pages were first seen: address → time; without those that never were.

    As an entry of any feed, or as an article.
    """
    rows = connection.execute(
        """
        select j.value, min(coalesce((
                select min(e.first_seen) from entries e where e.address = j.value
            ), '9999'), coalesce((
                select a.first_seen from urls u join articles a on a.key = u.article
                where u.address = j.value
            ), '9999')) as at
        from json_each(?) j
        """,
        [json.dumps(sorted(set(addresses)))],
    )
    return {str(address): str(at) for address, at in rows if at != "9999"}


def list_listed_urls(
    connection: sqlite3.Connection, feed_url: str, since: str
) -> list[str]:
    """URLs of the entries that a feed listed at a time or later."""
    rows = connection.execute(
        """
        select url from entries
        where feed = ? and last_seen >= ? and url <> '' and backfill is null
        """,
        [feed_url, since],
    )
    return [str(row[0]) for row in rows]


def list_sitemap_feeds(connection: sqlite3.Connection, outlet: str) -> list[str]:
    """URLs of an outlet's active sitemaps, those with news in their names first."""
    rows = connection.execute(
        """
        select url from feeds where outlet = ? and active and kind = 'sitemap'
        order by url like '%news%' desc, url
        """,
        [outlet],
    )
    return [str(row[0]) for row in rows]


def list_robots_texts(
    connection: sqlite3.Connection, origins: Sequence[str]
) -> list[str]:
    """robots.txt of these origins as stored, in their order."""
    texts = []
    for origin in origins:
        row = connection.execute(
            "select robots from hosts where origin = ?", [origin]
        ).fetchone()
        if row is not None and row[0]:
            texts.append(str(row[0]))
    return texts
