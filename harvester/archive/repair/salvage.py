"""A new archive out of what can still be read of a damaged one.

Its rows are read page by page, without SQLite, and put into tables made anew; indexes are built from them. Rows whose page is whole but
whose tree is not are known by their columns. Not for: rows that then point at others that are lost (``orphans``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive import schema
from harvester.archive.repair.btree import DatabaseFile, Value
from harvester.errors import ArchiveTooNew

FTS_TABLE = "versions_fts"
MIGRATIONS_TABLE = "_sqlite_migrations"
DERIVED_TABLES = (
    "shingles",
    "samples",
    "unsampled",
    "copies",
    "clusters",
)  # computed anew where any of them is not whole
SCHEMA_COLUMN_COUNT = 5  # columns of sqlite_master


@dataclass(slots=True)
class SourceTable:
    """A table as the damaged file has it: where its tree begins (0: not known), and its columns in the order of a record."""

    name: str
    root_page: int = 0
    columns: tuple[str, ...] = ()
    column_types: tuple[str, ...] = ()
    required: tuple[bool, ...] = ()
    rowid_position: int = -1  # place of the column that is the rowid; -1: none
    without_rowid: bool = False  # without rowid
    is_complete: bool = True


@dataclass(slots=True)
class SalvageResult:
    """What came of it. ``pages``: how many could not be read; ``broken``: records on readable pages that could not."""

    saved_rows: Counter[str] = field(default_factory=Counter)
    unreadable_pages: int = 0
    broken_records: int = 0
    stray_pages: int = (
        0  # pages of rows that belong to no tree any more, and were read all the same
    )
    damaged_tables: list[str] = field(
        default_factory=list
    )  # tables of which something is missing


def salvage_archive(path: Path, destination: Path) -> SalvageResult:
    """Put all that can be read of ``path`` and its log into a new archive ``to``. Raises NewerArchive."""
    pages = DatabaseFile(path)
    try:
        found = SalvageResult()
        held = list(_list_schema_rows(pages))
        version = _get_schema_version(pages, held)
        destination.unlink(missing_ok=True)
        connection = _create_archive(destination, version)
        try:
            tables = _list_tables(connection, held)
            _copy_rows(connection, pages, tables, found)
            connection.execute("commit")
        finally:
            connection.close()
        found.unreadable_pages, found.broken_records = (
            len(pages.bad_pages),
            pages.broken_records,
        )
        found.damaged_tables = sorted(
            table.name for table in tables if not table.is_complete
        )
        return found
    finally:
        pages.close()


def _list_schema_rows(pages: DatabaseFile) -> Iterator[list[Value]]:
    """The file's own list of its tables: type, name, table, root, SQL."""
    seen = set()
    rows = [values for _, values in pages.read_table(1)]
    if pages.bad_pages:
        before = set(pages.seen_pages), pages.broken_records
        rows += [values for _, some in pages.read_stray_pages() for _, values in some]
        pages.seen_pages, pages.broken_records = (
            before  # they are read once more, as rows of their tables
        )
    for values in rows:
        if len(values) != SCHEMA_COLUMN_COUNT or values[0] not in (
            "table",
            "index",
            "view",
            "trigger",
        ):
            continue
        if (
            isinstance(values[1], str)
            and isinstance(values[3], int)
            and values[1] not in seen
        ):
            seen.add(values[1])
            yield values


def _get_schema_version(pages: DatabaseFile, schema_rows: Sequence[list[Value]]) -> int:
    """Of the tables. Where the header is gone, as many as there were migrations."""
    version = pages.schema_version
    if version > schema.SCHEMA_VERSION:
        raise ArchiveTooNew(
            f"the archive was written by a newer harvester (version {version})",
            "upgrade this program",
        )
    if version:
        return version
    roots = [values[3] for values in schema_rows if values[1] == MIGRATIONS_TABLE]
    counted = sum(
        1 for root in roots if isinstance(root, int) for _ in pages.read_table(root)
    )
    return min(counted, schema.SCHEMA_VERSION) or schema.SCHEMA_VERSION


def _create_archive(path: Path, version: int) -> sqlite3.Connection:
    """An empty archive with the tables of a version, in a transaction."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = off")  # nobody knows of it yet
    connection.execute("pragma synchronous = off")
    connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
    schema.apply_migrations(connection, version)
    connection.commit()
    connection.isolation_level = None
    connection.execute("begin")
    return connection


def _list_tables(
    connection: sqlite3.Connection, schema_rows: Sequence[list[Value]]
) -> list[SourceTable]:
    """All tables, ours and those that somebody added, with their roots in the damaged file."""
    known = {str(values[1]): values for values in schema_rows if values[0] == "table"}
    ours = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table'"
        )
    ]
    for name, values in known.items():
        if (
            name not in ours
            and not _is_internal(name)
            and _create_added_table(connection, values[4])
        ):
            ours.append(name)
    found = []
    for name in ours:
        if _is_internal(name):
            continue
        sql = connection.execute(
            "select sql from sqlite_master where name = ?", [name]
        ).fetchone()[0]
        root = known[name][3] if name in known else 0
        found.append(
            _describe_table(
                connection, name, str(sql), root if isinstance(root, int) else 0
            )
        )
    for name, values in known.items():  # their pages are to be known, not read
        if name.startswith(f"{FTS_TABLE}_") and isinstance(values[3], int):
            found.append(
                SourceTable(
                    name,
                    values[3],
                    without_rowid="without rowid" in str(values[4]).lower(),
                )
            )
    return found


def _is_internal(name: str) -> bool:
    return name.startswith(("sqlite_", FTS_TABLE, "_sqlite_"))


def _create_added_table(connection: sqlite3.Connection, sql: Value) -> bool:
    """Make a table that somebody added; whether it could be made."""
    if not str(sql).lower().startswith("create table"):
        return False
    try:
        connection.execute(str(sql))
    except sqlite3.Error:
        return False
    return True


def _describe_table(
    connection: sqlite3.Connection, name: str, sql: str, root: int
) -> SourceTable:
    quoted = name.replace('"', '""')
    rows = connection.execute(f'pragma table_info("{quoted}")').fetchall()
    without = "without rowid" in sql.lower()
    keys = [row for row in sorted(rows, key=lambda row: row[5]) if row[5]]
    if without:
        rows = keys + [row for row in rows if not row[5]]
    alias = not without and len(keys) == 1 and keys[0][2].lower() == "integer"
    rowid = (
        next((place for place, row in enumerate(rows) if row[5]), -1) if alias else -1
    )
    return SourceTable(
        name,
        root,
        tuple(row[1] for row in rows),
        tuple(row[2].lower() for row in rows),
        tuple(bool(row[3]) and row[4] is None for row in rows),
        rowid,
        without,
    )


# ---- rows


def _copy_rows(
    connection: sqlite3.Connection,
    pages: DatabaseFile,
    tables: Sequence[SourceTable],
    result: SalvageResult,
) -> None:
    connection.execute("pragma foreign_keys = off")
    late = [table for table in tables if table.name in DERIVED_TABLES]
    for table in tables:
        if table.name.startswith(f"{FTS_TABLE}_"):
            _mark_pages_seen(pages, table)
        elif table not in late:
            _insert_rows(connection, table, _read_rows(pages, table), result)
    derived = {table.name: list(_read_rows(pages, table)) for table in late}
    if late and all(table.is_complete for table in late):
        connection.execute("delete from unsampled")  # a trigger fills it
        for table in late:
            _insert_rows(connection, table, derived[table.name], result)
    missing = [
        table
        for table in tables
        if not table.is_complete
        and table.columns
        and table not in late
        and not table.without_rowid
    ]
    for _, rows in pages.read_stray_pages() if missing else ():
        owners = [
            table
            for table in missing
            if rows and all(_matches_table(table, values) for _, values in rows)
        ]
        if len(owners) == 1:
            result.stray_pages += 1
            _insert_rows(connection, owners[0], rows, result)


def _read_rows(
    pages: DatabaseFile, table: SourceTable
) -> Iterator[tuple[int, list[Value]]]:
    """The rows of a table, as far as its tree reaches; notes whether all of it could be read."""
    before = len(pages.bad_pages), pages.broken_records
    if table.root_page:
        yield from (
            ((0, values) for values in pages.read_index(table.root_page))
            if table.without_rowid
            else pages.read_table(table.root_page)
        )
    table.is_complete = bool(table.root_page) and before == (
        len(pages.bad_pages),
        pages.broken_records,
    )


def _mark_pages_seen(pages: DatabaseFile, table: SourceTable) -> None:
    before = len(pages.bad_pages), pages.broken_records
    for _ in (
        pages.read_index(table.root_page)
        if table.without_rowid
        else pages.read_table(table.root_page)
    ):
        pass
    del pages.bad_pages[before[0] :]  # the index is built anew
    pages.broken_records = before[1]


def _insert_rows(
    connection: sqlite3.Connection,
    table: SourceTable,
    rows: Iterable[tuple[int, list[Value]]],
    result: SalvageResult,
) -> None:
    quoted = [name.replace('"', '""') for name in (table.name, *table.columns)]
    for rowid, values in rows:
        if not 0 < len(values) <= len(table.columns):
            table.is_complete = False
            continue
        if table.rowid_position >= 0:
            values[table.rowid_position] = rowid
        names = ", ".join(
            f'"{name}"' for name in quoted[1 : 1 + len(values)]
        )  # columns added later have their default
        marks = ", ".join("?" * len(values))
        try:
            cursor = connection.execute(
                f'insert or ignore into "{quoted[0]}" ({names}) values ({marks})',
                values,
            )
        except (sqlite3.Error, OverflowError, UnicodeEncodeError):
            table.is_complete = False
            continue
        result.saved_rows[table.name] += cursor.rowcount


def _matches_table(table: SourceTable, values: Sequence[Value]) -> bool:
    """Whether a record can be one of this table."""
    if not 0 < len(values) <= len(table.columns) or any(table.required[len(values) :]):
        return False
    for place, value in enumerate(values):
        kind = table.column_types[place]
        if place == table.rowid_position:
            good = value is None
        elif value is None:
            good = not table.required[place]
        elif isinstance(value, bytes):
            good = kind == "blob"
        elif isinstance(value, str):
            good = kind == "text"
        else:
            good = kind in ("integer", "real")
        if not good:
            return False
    return True
