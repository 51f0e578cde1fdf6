"""Choose the rows that a check looks at: all, or the newest and some spread over the rest.

A program that is killed, a disk that is full or a power cut damage what was written
last; a disk that fails damages anything. A sample of fixed size looks for both and
costs the same however large the archive is.
"""

from __future__ import annotations

import sqlite3
from typing import Literal

NEWEST_ROWS = 10_000  # of each table
SPREAD_BLOCKS, BLOCK_ROWS = 500, 10  # of each table's other rows
SPREAD_ROWS = SPREAD_BLOCKS * BLOCK_ROWS
SAMPLED_ROWS = NEWEST_ROWS + SPREAD_ROWS

Extent = Literal["all", "sample"]


class RowSample:
    """The rows of each table that checks look at.

    What is chosen of a table is kept in a temporary table of the connection, which may
    be read-only. Tables without rowids have digests as keys, so that the first of them
    are a sample; a table with few rows is looked at as a whole.
    """

    def __init__(self, connection: sqlite3.Connection, extent: Extent = "all") -> None:
        self._connection = connection
        self._extent = extent
        self._sources: dict[str, str] = {}

    @property
    def is_whole(self) -> bool:
        """Whether all rows are looked at."""
        return self._extent == "all"

    def source(self, table: str) -> str:
        """The rows of a table as a table expression of SQL, with ``rowid`` if it has."""
        if self.is_whole:
            return quote_identifier(table)
        if table not in self._sources:
            self._sources[table] = self._choose_rows(table)
        return self._sources[table]

    def _choose_rows(self, table: str) -> str:
        quoted = quote_identifier(table)
        try:
            low, high = self._connection.execute(
                f"""
                select (select min(rowid) from {quoted}),
                    (select max(rowid) from {quoted})"""
            ).fetchone()
        except sqlite3.OperationalError:  # it has no rowids
            return f"(select * from {quoted} limit {SAMPLED_ROWS})"
        if low is None or high - low < SAMPLED_ROWS:
            return quoted
        chosen = f"temp.{quote_identifier(f'sample of {table}')}"
        self._connection.execute(f"create temp table {chosen} (id integer primary key)")
        self._connection.execute(
            f"""
            insert into {chosen}
            select rowid from {quoted}
            order by rowid desc
            limit {NEWEST_ROWS}"""
        )
        (floor,) = self._connection.execute(f"select min(id) from {chosen}").fetchone()
        starts = [
            (low + (floor - low) * block // SPREAD_BLOCKS,)
            for block in range(SPREAD_BLOCKS)
        ]
        self._connection.executemany(
            f"""
            insert or ignore into {chosen}
            select rowid from {quoted}
            where rowid >= ?
            order by rowid
            limit {BLOCK_ROWS}""",
            starts,
        )
        self._connection.commit()  # nothing of the archive was written
        return f"""(
            select t.rowid as rowid, t.* from {chosen} chosen
            cross join {quoted} t on t.rowid = chosen.id)"""


def quote_identifier(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
