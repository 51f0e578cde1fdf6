"""Counts by outlet and day, and versions by day: counted anew, compared, rebuilt.

The tables ``daily_counts`` and ``version_days``. Triggers keep them; nothing else writes
them. What pages read of them is in ``queries.outlet_days`` and ``queries.trend``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

DAILY_TABLES = ("daily_counts", "version_days")
# From when an article was first seen to its first edit: column, and at most how many
# seconds that takes; None: longer.
FIRST_EDIT_COLUMNS: tuple[tuple[str, int | None], ...] = (
    ("edited_15m", 900),
    ("edited_1h", 3_600),
    ("edited_6h", 21_600),
    ("edited_1d", 86_400),
    ("edited_7d", 604_800),
    ("edited_later", None),
)
COLUMNS = (
    "articles",
    "agency_copies",
    *(name for name, _ in FIRST_EDIT_COLUMNS),
    "edits",
    "silent",
    "corrections",
    "removed",
    "returned",
)
MAX_LISTED_DIFFERENCES = 5

# What a column must be: outlet, day, number.
_RECOUNT_STATEMENTS = {
    "articles": """
        select outlet, substr(first_seen, 1, 10), count(*) from articles group by 1, 2""",
    "agency_copies": """
        select a.outlet, substr(a.first_seen, 1, 10), count(*)
        from clusters m cross join articles a on a.key = m.article
        where m.agency <> ''
        group by 1, 2""",
    "removed": """
        select outlet, substr(at, 1, 10), count(*) from events
        where kind = 'removed'
        group by 1, 2""",
    "returned": """
        select outlet, substr(at, 1, 10), count(*) from events
        where kind = 'returned'
        group by 1, 2""",
}
_RECOUNT_EDITS_SQL = """
    select a.outlet, substr(c.at, 1, 10), count(*), sum(c.silent is 1),
        sum(c.class = 'correction')
    from changes c
    cross join articles a on a.key = c.article
    where c.kind <> 'fields' and c.back = 0
    group by 1, 2"""
_RECOUNT_FIRST_EDITS_SQL = """
    select a.outlet, substr(a.first_seen, 1, 10),
        coalesce(strftime('%s', e.at) - strftime('%s', a.first_seen), 0)
    from (
        select article, min(at) as at from changes
        where kind <> 'fields'
        group by article) e
    cross join articles a on a.key = e.article"""

Key = tuple[str, str, str]  # column, outlet, day


def has_daily_counts(connection: sqlite3.Connection) -> bool:
    """Whether the archive keeps them; those of older programs do not."""
    row = connection.execute(
        "select count(*) from main.sqlite_master where name in (?, ?)", DAILY_TABLES
    ).fetchone()
    return bool(row[0] == len(DAILY_TABLES))


def find_wrong_daily_counts(connection: sqlite3.Connection) -> Iterator[str]:
    """Count all rows anew and yield each difference, as a message; at most a few."""
    if not has_daily_counts(connection):
        return
    wrong = _list_wrong(connection)
    yield from wrong[:MAX_LISTED_DIFFERENCES]
    if len(wrong) > MAX_LISTED_DIFFERENCES:
        yield f"wrong counts of days in all: {len(wrong)}"


def rebuild_daily_counts(connection: sqlite3.Connection) -> int:
    """Count all rows anew, in the caller's transaction; how many counts were wrong."""
    if not has_daily_counts(connection):
        return 0
    wrong = len(_list_wrong(connection))
    if not wrong:
        return 0
    connection.execute("delete from daily_counts")
    connection.execute("delete from version_days")
    for (column, outlet, day), number in _actual(connection).items():
        connection.execute(
            f"""
            insert into daily_counts (outlet, day, {column}) values (?, ?, ?)
            on conflict (outlet, day) do update set {column} = excluded.{column}""",
            [outlet, day, number],
        )
    connection.executemany(
        "insert into version_days values (?, ?, ?, ?)",
        [(day, *row) for day, row in _actual_versions(connection).items()],
    )
    return wrong


def _list_wrong(connection: sqlite3.Connection) -> list[str]:
    kept, actual = _kept(connection), _actual(connection)
    messages = [
        f"the count of {', '.join(key)} is {actual.get(key, 0)}, "
        f"and daily_counts has {kept.get(key, 0)}"
        for key in sorted(kept.keys() | actual.keys())
        if kept.get(key, 0) != actual.get(key, 0)
    ]
    nothing = (0, 0, 0)
    kept_days, days = _kept_versions(connection), _actual_versions(connection)
    for day in sorted(kept_days.keys() | days.keys()):
        count, first, last = days.get(day, nothing)
        stored, stored_first, stored_last = kept_days.get(day, nothing)
        if count != stored:
            messages.append(
                f"the count of versions, {day} is {count}, and version_days has {stored}"
            )
        elif first < stored_first or last > stored_last:  # it may be wider
            messages.append(f"the range of versions of {day} is wrong in version_days")
    return messages


def _kept(connection: sqlite3.Connection) -> dict[Key, int]:
    rows = connection.execute(
        f"select outlet, day, {', '.join(COLUMNS)} from daily_counts"
    )
    return {
        (column, row[0], row[1]): number
        for row in rows
        for column, number in zip(COLUMNS, tuple(row)[2:], strict=True)
        if number
    }


def _actual(connection: sqlite3.Connection) -> dict[Key, int]:
    counts: dict[Key, int] = {}
    for column, statement in _RECOUNT_STATEMENTS.items():
        for outlet, day, number in connection.execute(statement):
            counts[column, outlet, day] = number
    for outlet, day, *numbers in connection.execute(_RECOUNT_EDITS_SQL):
        for column, number in zip(
            ("edits", "silent", "corrections"), numbers, strict=True
        ):
            counts[column, outlet, day] = number
    for outlet, day, seconds in connection.execute(_RECOUNT_FIRST_EDITS_SQL):
        key = (_first_edit_column(seconds), outlet, day)
        counts[key] = counts.get(key, 0) + 1
    return counts


def _first_edit_column(seconds: int) -> str:
    return next(
        name for name, most in FIRST_EDIT_COLUMNS if most is None or seconds <= most
    )


def _kept_versions(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int]]:
    rows = connection.execute("select day, versions, first, last from version_days")
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _actual_versions(connection: sqlite3.Connection) -> dict[str, tuple[int, int, int]]:
    rows = connection.execute(
        """
        select substr(first_seen, 1, 10), count(*), min(id), max(id) from versions
        group by 1"""
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
