"""Numbers of rows and indexes of tables, in time that does not grow with the archive."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from harvester.archive.records import counts

MAX_COUNTED_ROWS = 5_000  # of a table whose number is not kept

_KEPT_COUNTS: dict[str, Callable[[sqlite3.Connection], int]] = {
    "articles": lambda connection: counts.sum_counts(connection, "articles"),
    "versions": lambda connection: counts.sum_counts(connection, "versions"),
    "captures": lambda connection: counts.sum_counts(connection, "captures"),
    "events": lambda connection: counts.sum_counts(connection, "events"),
    "entries": lambda connection: int(
        connection.execute(
            "select coalesce(sum(entries), 0) from entry_counts"
        ).fetchone()[0]
    ),
}


def count_rows(
    connection: sqlite3.Connection, tables: Iterable[str]
) -> dict[str, int | None]:
    """The number of rows of each table; None: more than ``MAX_COUNTED_ROWS``."""
    has_counts = counts.has_counts(connection)
    return {
        table: _KEPT_COUNTS[table](connection)
        if has_counts and table in _KEPT_COUNTS
        else _count_few(connection, table)
        for table in tables
    }


def _count_few(connection: sqlite3.Connection, table: str) -> int | None:
    quoted = table.replace('"', '""')
    try:
        (count,) = connection.execute(
            f'select count(*) from (select 1 from "{quoted}" limit ?)',
            [MAX_COUNTED_ROWS + 1],
        ).fetchone()
    except sqlite3.Error:  # a virtual table whose module is not loaded
        return None
    return None if count > MAX_COUNTED_ROWS else int(count)


def list_indexed_columns(
    connection: sqlite3.Connection, table: str, partial: bool = False
) -> set[str]:
    """Columns by which the whole table can be read in order: by its key or an index.

    ``partial``: also those of which an index has some values, which finds equal ones.
    """
    rows = connection.execute(
        """
        select name from pragma_table_info(:table) where pk = 1
        union
        select i.name
        from pragma_index_list(:table) l, pragma_index_info(l.name) i
        where (:partial or not l.partial) and i.seqno = 0 and i.name is not null""",
        {"table": table, "partial": partial},
    )
    return {name for (name,) in rows}
