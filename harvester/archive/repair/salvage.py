"""Make a new archive of what can be read of a damaged one.

Rows are read page by page, without SQLite, and inserted into new tables; indexes are
built from them. Rows on intact pages of a damaged tree are assigned to a table by their
columns. Rows may then reference others that are lost; see ``orphans``. What triggers
count is not copied, but counted.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive import schema
from harvester.archive.records.counts import COUNT_TABLES
from harvester.archive.records.word_forms import WORD_TABLES
from harvester.archive.repair.btree import DatabaseFile, Value
from harvester.archive.repair.indexes import is_fulltext_part
from harvester.archive.schema import FTS_TABLES
from harvester.errors import ArchiveTooNew

MIGRATIONS_TABLE = "_sqlite_migrations"
# Computed anew unless all of them are complete.
# Filled again by triggers and the next crawls.
REFILLED_TABLES = (*COUNT_TABLES, *WORD_TABLES)
DERIVED_TABLES = ("shingles", "samples", "unsampled", "copies", "clusters")
SCHEMA_COLUMN_COUNT = 5  # of sqlite_master: type, name, table, root page, SQL
_SCHEMA_TYPES = ("table", "index", "view", "trigger")


@dataclass(slots=True)
class SourceTable:
    """A table of the damaged file."""

    name: str
    root_page: int = 0  # 0 if unknown
    columns: tuple[str, ...] = ()  # in the order of a record
    column_types: tuple[str, ...] = ()
    required: tuple[bool, ...] = ()
    rowid_position: int = -1  # position of the column that is the rowid; -1 if none
    without_rowid: bool = False
    is_complete: bool = True


@dataclass(slots=True)
class SalvageResult:
    """What was salvaged, and what was not."""

    saved_rows: Counter[str] = field(default_factory=Counter)
    unreadable_pages: int = 0
    broken_records: int = 0  # unreadable records on readable pages
    stray_pages: int = 0  # read although no tree reaches them
    damaged_tables: list[str] = field(default_factory=list)  # with something missing


def salvage_archive(path: Path, destination: Path) -> SalvageResult:
    """Put what can be read of an archive and its log into a new one.

    Raises ArchiveTooNew.
    """
    with closing(DatabaseFile(path)) as database:
        result = SalvageResult()
        schema_rows = list(_list_schema_rows(database))
        version = _get_schema_version(database, schema_rows)
        destination.unlink(missing_ok=True)
        with closing(_create_archive(destination, version)) as connection:
            tables = _list_tables(connection, schema_rows)
            _copy_rows(connection, database, tables, result)
            connection.execute("commit")
        result.unreadable_pages = len(database.bad_pages)
        result.broken_records = database.broken_records
        result.damaged_tables = sorted(
            table.name for table in tables if not table.is_complete
        )
        return result


def _list_schema_rows(database: DatabaseFile) -> Iterator[list[Value]]:
    """Yield the rows of sqlite_master: type, name, table, root page, SQL."""
    records = [values for _, values in database.read_table(1)]
    if database.bad_pages:
        before = set(database.seen_pages), database.broken_records
        for _, rows in database.read_stray_pages():
            records += [values for _, values in rows]
        # These pages are read again as rows of their tables.
        database.seen_pages, database.broken_records = before
    names = set()
    for values in records:
        if len(values) != SCHEMA_COLUMN_COUNT or values[0] not in _SCHEMA_TYPES:
            continue
        name, root_page = values[1], values[3]
        if isinstance(name, str) and isinstance(root_page, int) and name not in names:
            names.add(name)
            yield values


def _get_schema_version(
    database: DatabaseFile, schema_rows: Sequence[list[Value]]
) -> int:
    """Return the archive's version; if the header is gone, the number of migrations."""
    version = database.schema_version
    if version > schema.SCHEMA_VERSION:
        raise ArchiveTooNew(
            f"the archive was written by a newer harvester (version {version})",
            "upgrade this program",
        )
    if version:
        return version
    roots = [values[3] for values in schema_rows if values[1] == MIGRATIONS_TABLE]
    migrations = sum(
        1 for root in roots if isinstance(root, int) for _ in database.read_table(root)
    )
    return min(migrations, schema.SCHEMA_VERSION) or schema.SCHEMA_VERSION


def _create_archive(path: Path, version: int) -> sqlite3.Connection:
    """Create an empty archive with the tables of a version, and begin a transaction."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = off")  # a failed draft is deleted
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
    """List all tables, ours and added ones, with their roots in the damaged file."""
    source_rows = {str(row[1]): row for row in schema_rows if row[0] == "table"}
    names = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table'"
        )
    ]
    for name, row in source_rows.items():
        if (
            name not in names
            and not _is_internal(name)
            and _create_added_table(connection, row[4])
        ):
            names.append(name)
    tables = []
    for name in names:
        if not _is_internal(name):
            root_page = source_rows[name][3] if name in source_rows else 0
            table = _describe_table(connection, name)
            table.root_page = root_page if isinstance(root_page, int) else 0
            tables.append(table)
    # Pages of the full-text index must be recognised, not read.
    for name, row in source_rows.items():
        root_page = row[3]
        if is_fulltext_part(name) and isinstance(root_page, int):
            without_rowid = "without rowid" in str(row[4]).lower()
            tables.append(SourceTable(name, root_page, without_rowid=without_rowid))
    return tables


def _is_internal(name: str) -> bool:
    return name.startswith(("sqlite_", *FTS_TABLES, "_sqlite_"))


def _create_added_table(connection: sqlite3.Connection, sql: Value) -> bool:
    """Create a table that somebody added; return whether that succeeded."""
    if not str(sql).lower().startswith("create table"):
        return False
    try:
        connection.execute(str(sql))
    except sqlite3.Error:
        return False
    return True


def _describe_table(connection: sqlite3.Connection, name: str) -> SourceTable:
    """Describe a table of the new archive as its records are laid out."""
    quoted = name.replace('"', '""')
    rows = connection.execute(f'pragma table_info("{quoted}")').fetchall()
    sql = connection.execute(
        "select sql from sqlite_master where name = ?", [name]
    ).fetchone()[0]
    without_rowid = "without rowid" in str(sql).lower()
    keys = [row for row in sorted(rows, key=lambda row: row[5]) if row[5]]
    rowid_position = -1
    if without_rowid:
        rows = keys + [row for row in rows if not row[5]]
    elif len(keys) == 1 and keys[0][2].lower() == "integer":
        rowid_position = rows.index(keys[0])
    return SourceTable(
        name,
        columns=tuple(row[1] for row in rows),
        column_types=tuple(row[2].lower() for row in rows),
        required=tuple(bool(row[3]) and row[4] is None for row in rows),
        rowid_position=rowid_position,
        without_rowid=without_rowid,
    )


# ---- rows


def _copy_rows(
    connection: sqlite3.Connection,
    database: DatabaseFile,
    tables: Sequence[SourceTable],
    result: SalvageResult,
) -> None:
    connection.execute("pragma foreign_keys = off")
    derived = [table for table in tables if table.name in DERIVED_TABLES]
    for table in tables:
        if is_fulltext_part(table.name) or table.name in REFILLED_TABLES:
            _mark_pages_seen(database, table)
        elif table not in derived:
            _insert_rows(connection, table, _read_rows(database, table), result)
    derived_rows = {table.name: list(_read_rows(database, table)) for table in derived}
    if derived and all(table.is_complete for table in derived):
        connection.execute("delete from unsampled")  # a trigger fills it
        for table in derived:
            _insert_rows(connection, table, derived_rows[table.name], result)
    incomplete = [
        table
        for table in tables
        if not table.is_complete
        and table.columns
        and table not in derived
        and not table.without_rowid
    ]
    if incomplete:
        _insert_stray_rows(connection, database, incomplete, result)


def _insert_stray_rows(
    connection: sqlite3.Connection,
    database: DatabaseFile,
    tables: Sequence[SourceTable],
    result: SalvageResult,
) -> None:
    """Insert rows of pages that no tree reaches, if only one table can own them."""
    for _, rows in database.read_stray_pages():
        owners = [
            table
            for table in tables
            if rows and all(_matches_table(table, values) for _, values in rows)
        ]
        if len(owners) == 1:
            result.stray_pages += 1
            _insert_rows(connection, owners[0], rows, result)


def _read_rows(
    database: DatabaseFile, table: SourceTable
) -> Iterator[tuple[int, list[Value]]]:
    """Yield the rows that a table's tree reaches; note whether that was all of it."""
    before = len(database.bad_pages), database.broken_records
    if table.root_page:
        yield from (
            ((0, values) for values in database.read_index(table.root_page))
            if table.without_rowid
            else database.read_table(table.root_page)
        )
    after = len(database.bad_pages), database.broken_records
    table.is_complete = bool(table.root_page) and before == after


def _mark_pages_seen(database: DatabaseFile, table: SourceTable) -> None:
    """Read the pages of a table that is rebuilt anyway; damage there does not count."""
    bad_pages, broken_records = len(database.bad_pages), database.broken_records
    for _ in (
        database.read_index(table.root_page)
        if table.without_rowid
        else database.read_table(table.root_page)
    ):
        pass
    del database.bad_pages[bad_pages:]
    database.broken_records = broken_records


def _insert_rows(
    connection: sqlite3.Connection,
    table: SourceTable,
    rows: Iterable[tuple[int, list[Value]]],
    result: SalvageResult,
) -> None:
    quoted_table = table.name.replace('"', '""')
    quoted_columns = ['"' + column.replace('"', '""') + '"' for column in table.columns]
    for rowid, values in rows:
        if not 0 < len(values) <= len(table.columns):
            table.is_complete = False
            continue
        if table.rowid_position >= 0:
            values[table.rowid_position] = rowid
        # A record may lack columns that were added later; they get their default.
        columns = ", ".join(quoted_columns[: len(values)])
        placeholders = ", ".join("?" * len(values))
        try:
            cursor = connection.execute(
                f'insert or ignore into "{quoted_table}" ({columns}) '
                f"values ({placeholders})",
                values,
            )
        except (sqlite3.Error, OverflowError, UnicodeEncodeError):
            table.is_complete = False
            continue
        result.saved_rows[table.name] += cursor.rowcount


def _matches_table(table: SourceTable, values: Sequence[Value]) -> bool:
    """Whether a record may be a row of this table."""
    if not 0 < len(values) <= len(table.columns) or any(table.required[len(values) :]):
        return False
    return all(
        _matches_column(table, position, value) for position, value in enumerate(values)
    )


def _matches_column(table: SourceTable, position: int, value: Value) -> bool:
    column_type = table.column_types[position]
    if position == table.rowid_position:
        return value is None
    if value is None:
        return not table.required[position]
    if isinstance(value, bytes):
        return column_type == "blob"
    if isinstance(value, str):
        return column_type == "text"
    return column_type in ("integer", "real")
