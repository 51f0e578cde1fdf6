"""Counts that triggers keep: read, counted anew and compared, rebuilt.

The tables ``counts`` and ``entry_counts``, so that totals do not grow with the archive;
those of ``daily_counts`` are checked and rebuilt with them. The triggers are in the
schema; nothing else writes these tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from harvester.archive.records import daily_counts

_TOTALS = ("counts", "entry_counts")
COUNT_TABLES = (*_TOTALS, *daily_counts.DAILY_TABLES)  # that triggers keep
# Outcomes whose reasons are not counted apart.
SETTLED_OUTCOMES = ("new", "changed", "unchanged", "duplicate")
MAX_LISTED_DIFFERENCES = 5  # of one table

# What ``counts`` must be, from the rows themselves; each statement reads one table, or
# two that are joined by an index. Versions are read in the order in which they lie.
_RECOUNT_STATEMENTS = (
    """
    select outlet, 'articles', state, count(*) from articles group by outlet, state""",
    """
    select outlet, 'versions', '', sum(versions) from articles group by outlet""",
    """
    select outlet, 'checks', '', sum(looks) from articles group by outlet""",
    """
    select outlet, 'duplicates', '', count(*) from articles
    where copy_of is not null
    group by outlet""",
    """
    with current (outlet, kind, access, number) as (
        select a.outlet, v.kind, v.access, count(*)
        from versions v
        cross join articles a on a.key = v.article and a.version = v.number
        group by a.outlet, v.kind, v.access
    ),
    kept as materialized (select * from current)
    select outlet, 'kinds', kind, sum(number) from kept group by outlet, kind
    union all
    select outlet, 'access', access, sum(number) from kept group by outlet, access""",
    """
    select a.outlet, 'edits', c.kind, count(*)
    from changes c join articles a on a.key = c.article
    where c.kind <> 'fields'
    group by a.outlet, c.kind""",
    """
    select a.outlet, 'classes', c.class, count(*)
    from changes c join articles a on a.key = c.article
    where c.kind <> 'fields' and c.back = 0
    group by a.outlet, c.class""",
    """
    select a.outlet, 'silent', c.class, count(*)
    from changes c join articles a on a.key = c.article
    where c.kind <> 'fields' and c.back = 0 and c.silent = 1
    group by a.outlet, c.class""",
    "select outlet, 'events', kind, count(*) from events group by outlet, kind",
    """
    select outlet, 'captures', kind, count(*) from captures group by outlet, kind""",
    """
    select outlet, 'bytes', kind, sum(bytes) from captures group by outlet, kind""",
    """
    select '', 'crawls', '', count(*) from crawls""",
    """
    select '', 'visits', '', coalesce(sum(visits), 0) from crawls""",
)
_RECOUNT_ENTRIES_SQL = """
select feed, outcome,
    case when outcome in ('new', 'changed', 'unchanged', 'duplicate') then ''
        else reason end,
    count(*)
from entries
group by 1, 2, 3
"""

Key = tuple[str, ...]


def has_counts(connection: sqlite3.Connection) -> bool:
    """Whether the archive keeps counts; those of older programs do not."""
    row = connection.execute(
        "select count(*) from main.sqlite_master where name in ('counts', 'entry_counts')"
    ).fetchone()
    return bool(row[0] == len(_TOTALS))


def find_wrong_counts(connection: sqlite3.Connection) -> Iterator[str]:
    """Count all rows anew and yield each difference, as a message.

    Reads most of the archive. At most ``MAX_LISTED_DIFFERENCES`` of each table are
    named; the others are counted.
    """
    if not has_counts(connection):
        return
    kept = _kept_counts(connection), _kept_entry_counts(connection)
    actual = _actual_counts(connection), _actual_entry_counts(connection)
    for table, stored, counted in zip(_TOTALS, kept, actual, strict=True):
        wrong = sorted(
            key
            for key in stored.keys() | counted.keys()
            if stored.get(key, 0) != counted.get(key, 0)
        )
        for key in wrong[:MAX_LISTED_DIFFERENCES]:
            name = ", ".join(part for part in key if part)
            yield (
                f"the count of {name} is {counted.get(key, 0)}, "
                f"and {table} has {stored.get(key, 0)}"
            )
        if len(wrong) > MAX_LISTED_DIFFERENCES:
            yield f"wrong counts in {table} in all: {len(wrong)}"
    yield from daily_counts.find_wrong_daily_counts(connection)


def rebuild_counts(connection: sqlite3.Connection) -> int:
    """Count all rows anew, in the caller's transaction; how many counts were wrong."""
    counts, entry_counts = _actual_counts(connection), _actual_entry_counts(connection)
    wrong = _count_differences(_kept_counts(connection), counts)
    wrong += _count_differences(_kept_entry_counts(connection), entry_counts)
    if wrong:
        connection.execute("delete from counts")
        connection.execute("delete from entry_counts")
        for table, rows in (("counts", counts), ("entry_counts", entry_counts)):
            connection.executemany(
                f"insert into {table} values (?, ?, ?, ?)",
                [(*key, number) for key, number in rows.items()],
            )
    return wrong + daily_counts.rebuild_daily_counts(connection)


def _count_differences(stored: dict[Key, int], counted: dict[Key, int]) -> int:
    keys = stored.keys() | counted.keys()
    return sum(stored.get(key, 0) != counted.get(key, 0) for key in keys)


def _kept_counts(connection: sqlite3.Connection) -> dict[Key, int]:
    rows = connection.execute("select outlet, what, value, number from counts")
    return {tuple(row)[:3]: row[3] for row in rows}


def _kept_entry_counts(connection: sqlite3.Connection) -> dict[Key, int]:
    rows = connection.execute("select feed, outcome, reason, entries from entry_counts")
    return {tuple(row)[:3]: row[3] for row in rows}


def _actual_counts(connection: sqlite3.Connection) -> dict[Key, int]:
    return {
        tuple(row)[:3]: row[3]
        for statement in _RECOUNT_STATEMENTS
        for row in connection.execute(statement)
    }


def _actual_entry_counts(connection: sqlite3.Connection) -> dict[Key, int]:
    return {tuple(row)[:3]: row[3] for row in connection.execute(_RECOUNT_ENTRIES_SQL)}


# ---- for people


def count_by(
    connection: sqlite3.Connection, what: str, outlet: str | None = None
) -> dict[str, dict[str, int]]:
    """What the schema lists under ``what``: outlet → value → number, zeros left out."""
    rows = connection.execute(
        f"""
        select outlet, value, number from counts
        where what = :what and number <> 0
            {"and outlet = :outlet" if outlet is not None else ""}
        order by outlet, value
        """,
        {"what": what, "outlet": outlet},
    )
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row[0], {})[row[1]] = row[2]
    return counts


def sum_counts(connection: sqlite3.Connection, what: str, *values: str) -> int:
    """A total over all outlets; ``values``: only of these."""
    counts = count_by(connection, what)
    return sum(
        number
        for by_value in counts.values()
        for value, number in by_value.items()
        if not values or value in values
    )
