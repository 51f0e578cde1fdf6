"""Check an archive that somebody else made before anything of it is merged.

Its tables may be views that never end, its rows may hold anything. What it says is
trusted no further than what an outlet says, but it must be an archive. Names of files
are checked where records are copied (``warc_copies``).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from harvester.archive import schema
from harvester.archive.integrity.values import DamagedValue, find_damaged_values
from harvester.errors import ArchiveError

# Of one text: that of an article has at most two million characters, of up to 4 bytes.
MAX_TEXT_BYTES = 8_000_000
# Of one value, and of one row: bodies of pages are stored in rows on request.
MAX_ROW_BYTES = 64_000_000
_REPAIR_HINT = "`harvest doctor --fix` on that archive may repair it"


def restrict(connection: sqlite3.Connection) -> None:
    """Have a connection refuse rows of any length, and cells that overlap."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES)
    connection.execute("pragma cell_size_check = on")


def check_schema(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Raise ArchiveError unless the tables of the archive are ours, of that version.

    People may add tables and views to an archive, which are ignored; triggers would run
    while it is upgraded.
    """
    with closing(sqlite3.connect(":memory:")) as expected:
        schema.apply_migrations(expected, version)
        for (table,) in expected.execute(
            """
            select name from sqlite_master
            where type = 'table' and sql not like 'create virtual%'
                and name not like 'sqlite_%' and name not glob '*_fts*'
                and name not like '_sqlite_%'"""
        ):
            missing = _list_columns(expected, table) - _list_columns(connection, table)
            if not _is_plain_table(connection, table) or missing:
                columns = f": it lacks {', '.join(sorted(missing))}" if missing else ""
                raise ArchiveError(
                    f"{path} cannot be merged: {table} is not the table of an "
                    f"archive{columns}",
                    _REPAIR_HINT,
                )
        if version < schema.SCHEMA_VERSION:
            known = {
                name
                for (name,) in expected.execute(
                    "select name from sqlite_master where type = 'trigger'"
                )
            }
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'trigger'"
            ):
                if name not in known:
                    raise ArchiveError(
                        f"{path} cannot be upgraded in a copy: it has a trigger that "
                        f"this program did not create: {name}",
                        "remove the trigger",
                    )


def _list_columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """The columns of a table that are stored, not computed."""
    return {
        row[1]
        for row in connection.execute(f'pragma table_xinfo("{table}")')
        if row[6] == 0
    }


def _is_plain_table(connection: sqlite3.Connection, table: str) -> bool:
    row = connection.execute(
        """
        select 1 from sqlite_master
        where type = 'table' and name = ? and sql not like 'create virtual%'
            and rootpage > 0""",
        [table],
    ).fetchone()
    return row is not None


def check_rows(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ArchiveError for the first row that cannot be merged. Reads all rows."""
    try:
        result = connection.execute("pragma quick_check(1)").fetchone()[0]
        if result != "ok":
            raise ArchiveError(f"{path} is damaged: {result}", _REPAIR_HINT)
        damaged = next(
            (
                value
                for value in find_damaged_values(connection, 1_000, MAX_TEXT_BYTES)
                if not _is_harmless(value)
            ),
            None,
        )
    except sqlite3.DataError as error:  # SQLite's limit, or more than it can handle
        raise ArchiveError(
            f"{path} cannot be merged: it has a row of more than "
            f"{MAX_ROW_BYTES // 1_000_000} MB"
        ) from error
    if damaged is not None:
        raise ArchiveError(
            f"{path} cannot be merged: {damaged.table}, row {damaged.row}: "
            f"{damaged.fault}",
            "`harvest verify` on that archive lists all such rows",
        )


def _is_harmless(value: DamagedValue) -> bool:
    """Whether the rest of the row can be merged: a record is left out by its name."""
    return value.fault.startswith("file ")
