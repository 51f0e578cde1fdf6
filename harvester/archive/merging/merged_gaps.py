"""Merge the gaps of feeds, and state when neither archive watched a feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from harvester.archive.merging.rows import merge_rows

UNWATCHED_REASON = "watched by neither of two archives that were merged"
# Of a gap that both archives have, the row that knows more counts.
_RANK_SQL = """(
    case {t}.state when 'filled' then 3 when 'partly' then 2 when 'unfilled' then 1
        else 0 end,
    {t}.entries, {t}.requests, {t}.reason
)"""
_COLUMNS = (
    "state",
    "back_to",
    "source",
    "entries",
    "requests",
    "reason",
    "progress",
    "url",
    "site",
    "due",
)
Span = tuple[str, str]  # of time
BEGINNING, END = "0000", "9999"


def find_unwatched_times(connection: sqlite3.Connection) -> dict[str, list[Span]]:
    """When neither archive watched a feed that both have, before feeds are merged.

    By feed, between the first time that one of them read it and the last.
    """
    unwatched = {}
    rows = connection.execute(
        """
        select m.url, m.watched_since, m.read_at, o.watched_since, o.read_at
        from main.feeds m join other.feeds o on o.url = m.url
        where m.watched_since is not null and m.read_at is not null
            and o.watched_since is not null and o.read_at is not null
        """
    )
    for url, *times in rows.fetchall():
        here = _unwatched(connection, "main", url, times[0], times[1])
        there = _unwatched(connection, "other", url, times[2], times[3])
        both = intersect(here, there)
        first, last = min(times[0], times[2]), max(times[1], times[3])
        unwatched[url] = intersect(both, [(first, last)])
    return unwatched


def _unwatched(
    connection: sqlite3.Connection, schema: str, feed: str, first: str, last: str
) -> list[Span]:
    rows = connection.execute(
        f"""
        select since, until from {schema}.gaps where feed = ? and reason = ?
        order by since
        """,
        [feed, UNWATCHED_REASON],
    )
    return [(BEGINNING, first), *map(tuple, rows.fetchall()), (last, END)]


def intersect(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The times that are in both, in order."""
    return sorted(
        (max(since, start), min(until, end))
        for since, until in one
        for start, end in other
        if max(since, start) < min(until, end)
    )


def merge_gaps(
    connection: sqlite3.Connection, unwatched: dict[str, list[Span]]
) -> None:
    """Merge the gaps, after the feeds; ``unwatched``: see ``find_unwatched_times``."""
    merge_rows(connection, "gaps", ("feed", "since", "until", "found"))
    connection.execute(
        f"""
        update main.gaps set ({", ".join(_COLUMNS)}) =
            ({", ".join(f"o.{name}" for name in _COLUMNS)})
        from temp.map_gaps m join other.gaps o on o.id = m.old
        where gaps.id = m.new and m.held
            and {_RANK_SQL.format(t="o")} > {_RANK_SQL.format(t="gaps")}
        """
    )
    for feed, spans in sorted(unwatched.items()):
        rows = connection.execute(
            "select id, since, until from main.gaps where feed = ? and reason = ?",
            [feed, UNWATCHED_REASON],
        ).fetchall()
        stated = {(since, until) for _, since, until in rows}
        connection.executemany(
            "delete from main.gaps where id = ?",
            [(row[0],) for row in rows if (row[1], row[2]) not in spans],
        )
        connection.executemany(
            """
            insert into main.gaps (feed, since, until, found, state, reason)
            values (?, ?, ?, ?, 'unfilled', ?)
            """,
            [
                (feed, since, until, until, UNWATCHED_REASON)
                for since, until in spans
                if (since, until) not in stated
            ],
        )
