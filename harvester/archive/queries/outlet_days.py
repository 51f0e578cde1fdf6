"""What outlets did by day: articles, edits, removals, as triggers count them.

Reads ``daily_counts``, never the rows that are counted, so a page about an outlet and
the median of all outlets cost the same in a large archive.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harvester.archive.queries.conditions import SHOWN_SQL
from harvester.archive.records.daily_counts import COLUMNS, FIRST_EDIT_COLUMNS

MAX_HOURS_ARTICLES = 30_000  # articles whose hour is counted: some 10 ms
_SUMS_SQL = ", ".join(f"coalesce(sum(d.{name}), 0)" for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a day, or the sums of several."""

    articles: int = 0
    agency_copies: int = 0
    first_edits: tuple[int, ...] = (0,) * len(FIRST_EDIT_COLUMNS)  # by time since then
    edits: int = 0
    silent: int = 0
    corrections: int = 0
    removed: int = 0
    returned: int = 0

    @property
    def edited(self) -> int:
        """Articles that were edited."""
        return sum(self.first_edits)


def get_last_day(connection: sqlite3.Connection, now: str) -> str:
    """The last day with versions, today at the latest; today where there are none.

    An archive that is no longer added to shows its last weeks, not empty ones.
    """
    today = now[:10]
    row = connection.execute(
        "select max(day) from version_days where day <= ?", [today]
    ).fetchone()
    return str(row[0] or today)


def get_first_day(connection: sqlite3.Connection, last_day: str) -> str:
    """The day of the earliest publication, or ``last_day`` if there is none before."""
    row = connection.execute(
        f"select min({SHOWN_SQL}) from versions v indexed by versions_shown"
    ).fetchone()
    try:
        return min(str(date.fromisoformat(str(row[0])[:10])), last_day)
    except ValueError:  # none, or a damaged archive
        return last_day


def list_days(
    connection: sqlite3.Connection, outlet: str, since: str, until: str
) -> dict[str, Counts]:
    """The days of an outlet from ``since`` to before ``until``, of which it has counts."""
    rows = connection.execute(
        f"""
        select d.day, {_SUMS_SQL} from daily_counts d
        where d.outlet = :outlet and d.day >= :since and d.day < :until
        group by d.day""",
        {"outlet": outlet, "since": since, "until": until},
    )
    return {row[0]: _read(tuple(row)[1:]) for row in rows}


def sum_by_outlet(
    connection: sqlite3.Connection, since: str, until: str
) -> dict[str, Counts]:
    """What each outlet did in a time; outlets of which nothing is counted are left out."""
    rows = connection.execute(
        f"""
        select o.key, {_SUMS_SQL}
        from outlets o
        cross join daily_counts d on d.outlet = o.key
        where d.day >= :since and d.day < :until
        group by o.key""",
        {"since": since, "until": until},
    )
    return {row[0]: _read(tuple(row)[1:]) for row in rows}


def sum_by_day(
    connection: sqlite3.Connection, since: str, until: str, outlets: Sequence[str] = ()
) -> dict[str, Counts]:
    """What these outlets, or all, did on each day; days without counts are left out."""
    rows = connection.execute(
        f"""
        select d.day, {_SUMS_SQL}
        from outlets o
        cross join daily_counts d on d.outlet = o.key
        where d.day >= :since and d.day < :until
        {"and o.key in (select value from json_each(:outlets))" if outlets else ""}
        group by d.day""",
        {"since": since, "until": until, "outlets": json.dumps(list(outlets))},
    )
    return {row[0]: _read(tuple(row)[1:]) for row in rows}


def _read(numbers: Sequence[int]) -> Counts:
    counts = dict(zip(COLUMNS, numbers, strict=True))
    first_edits = tuple(counts.pop(name) for name, _ in FIRST_EDIT_COLUMNS)
    return Counts(first_edits=first_edits, **counts)


def count_hours(
    connection: sqlite3.Connection, outlet: str, since: str, until: str
) -> tuple[int, ...]:
    """How many articles of an outlet were first seen in each hour of the day, UTC.

    Of the newest articles alone, where there are very many. By the index of times, which
    has no rows to read.
    """
    hours = [0] * 24
    for row in connection.execute(
        """
        select substr(first_seen, 12, 2), count(*) from (
            select first_seen from articles
            where outlet = :outlet and first_seen >= :since and first_seen < :until
            order by first_seen desc
            limit :limit)
        group by 1""",
        {
            "outlet": outlet,
            "since": since,
            "until": until,
            "limit": MAX_HOURS_ARTICLES,
        },
    ):
        if row[0].isdecimal() and int(row[0]) < len(hours):
            hours[int(row[0])] = row[1]
    return tuple(hours)
