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
from harvester.archive.repair.btree import Pages, Value
from harvester.errors import NewerArchive

INDEX = "versions_fts"
MIGRATIONS = "_sqlite_migrations"
DERIVED = (
    "shingles",
    "samples",
    "unsampled",
    "copies",
    "clusters",
)  # computed anew where any of them is not whole
MASTER = 5  # columns of sqlite_master


@dataclass(slots=True)
class Table:
    """A table as the damaged file has it: where its tree begins (0: not known), and its columns in the order of a record."""

    name: str
    root: int = 0
    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    needed: tuple[bool, ...] = ()
    rowid: int = -1  # place of the column that is the rowid; -1: none
    without: bool = False  # without rowid
    whole: bool = True


@dataclass(slots=True)
class Salvaged:
    """What came of it. ``pages``: how many could not be read; ``broken``: records on readable pages that could not."""

    rows: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    broken: int = 0
    strays: int = (
        0  # pages of rows that belong to no tree any more, and were read all the same
    )
    damaged: list[str] = field(
        default_factory=list
    )  # tables of which something is missing


def salvage(path: Path, to: Path) -> Salvaged:
    """Put all that can be read of ``path`` and its log into a new archive ``to``. Raises NewerArchive."""
    pages = Pages(path)
    try:
        found = Salvaged()
        held = list(_master(pages))
        version = _version(pages, held)
        to.unlink(missing_ok=True)
        connection = _new(to, version)
        try:
            tables = _tables(connection, held)
            _fill(connection, pages, tables, found)
            connection.execute("commit")
        finally:
            connection.close()
        found.pages, found.broken = len(pages.bad), pages.broken
        found.damaged = sorted(table.name for table in tables if not table.whole)
        return found
    finally:
        pages.close()


def _master(pages: Pages) -> Iterator[list[Value]]:
    """The file's own list of its tables: type, name, table, root, SQL."""
    seen = set()
    rows = [values for _, values in pages.table(1)]
    if pages.bad:
        before = set(pages.seen), pages.broken
        rows += [values for _, some in pages.stray() for _, values in some]
        pages.seen, pages.broken = (
            before  # they are read once more, as rows of their tables
        )
    for values in rows:
        if len(values) != MASTER or values[0] not in (
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


def _version(pages: Pages, held: Sequence[list[Value]]) -> int:
    """Of the tables. Where the header is gone, as many as there were migrations."""
    version = pages.version
    if version > schema.VERSION:
        raise NewerArchive(
            f"the archive was written by a newer harvester (version {version})",
            "upgrade this program",
        )
    if version:
        return version
    roots = [values[3] for values in held if values[1] == MIGRATIONS]
    counted = sum(
        1 for root in roots if isinstance(root, int) for _ in pages.table(root)
    )
    return min(counted, schema.VERSION) or schema.VERSION


def _new(path: Path, version: int) -> sqlite3.Connection:
    """An empty archive with the tables of a version, in a transaction."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = off")  # nobody knows of it yet
    connection.execute("pragma synchronous = off")
    connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
    schema.build(connection, version)
    connection.commit()
    connection.isolation_level = None
    connection.execute("begin")
    return connection


def _tables(connection: sqlite3.Connection, held: Sequence[list[Value]]) -> list[Table]:
    """All tables, ours and those that somebody added, with their roots in the damaged file."""
    known = {str(values[1]): values for values in held if values[0] == "table"}
    ours = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table'"
        )
    ]
    for name, values in known.items():
        if name not in ours and not _internal(name) and _added(connection, values[4]):
            ours.append(name)
    found = []
    for name in ours:
        if _internal(name):
            continue
        sql = connection.execute(
            "select sql from sqlite_master where name = ?", [name]
        ).fetchone()[0]
        root = known[name][3] if name in known else 0
        found.append(
            _table(connection, name, str(sql), root if isinstance(root, int) else 0)
        )
    for name, values in known.items():  # their pages are to be known, not read
        if name.startswith(f"{INDEX}_") and isinstance(values[3], int):
            found.append(
                Table(
                    name, values[3], without="without rowid" in str(values[4]).lower()
                )
            )
    return found


def _internal(name: str) -> bool:
    return name.startswith(("sqlite_", INDEX, "_sqlite_"))


def _added(connection: sqlite3.Connection, sql: Value) -> bool:
    """Make a table that somebody added; whether it could be made."""
    if not str(sql).lower().startswith("create table"):
        return False
    try:
        connection.execute(str(sql))
    except sqlite3.Error:
        return False
    return True


def _table(connection: sqlite3.Connection, name: str, sql: str, root: int) -> Table:
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
    return Table(
        name,
        root,
        tuple(row[1] for row in rows),
        tuple(row[2].lower() for row in rows),
        tuple(bool(row[3]) and row[4] is None for row in rows),
        rowid,
        without,
    )


# ---- rows


def _fill(
    connection: sqlite3.Connection,
    pages: Pages,
    tables: Sequence[Table],
    found: Salvaged,
) -> None:
    connection.execute("pragma foreign_keys = off")
    late = [table for table in tables if table.name in DERIVED]
    for table in tables:
        if table.name.startswith(f"{INDEX}_"):
            _walk(pages, table)
        elif table not in late:
            _put(connection, table, _rows(pages, table), found)
    derived = {table.name: list(_rows(pages, table)) for table in late}
    if late and all(table.whole for table in late):
        connection.execute("delete from unsampled")  # a trigger fills it
        for table in late:
            _put(connection, table, derived[table.name], found)
    missing = [
        table
        for table in tables
        if not table.whole and table.names and table not in late and not table.without
    ]
    for _, rows in pages.stray() if missing else ():
        owners = [
            table
            for table in missing
            if rows and all(_fits(table, values) for _, values in rows)
        ]
        if len(owners) == 1:
            found.strays += 1
            _put(connection, owners[0], rows, found)


def _rows(pages: Pages, table: Table) -> Iterator[tuple[int, list[Value]]]:
    """The rows of a table, as far as its tree reaches; notes whether all of it could be read."""
    before = len(pages.bad), pages.broken
    if table.root:
        yield from (
            ((0, values) for values in pages.index(table.root))
            if table.without
            else pages.table(table.root)
        )
    table.whole = bool(table.root) and before == (len(pages.bad), pages.broken)


def _walk(pages: Pages, table: Table) -> None:
    before = len(pages.bad), pages.broken
    for _ in pages.index(table.root) if table.without else pages.table(table.root):
        pass
    del pages.bad[before[0] :]  # the index is built anew
    pages.broken = before[1]


def _put(
    connection: sqlite3.Connection,
    table: Table,
    rows: Iterable[tuple[int, list[Value]]],
    found: Salvaged,
) -> None:
    quoted = [name.replace('"', '""') for name in (table.name, *table.names)]
    for rowid, values in rows:
        if not 0 < len(values) <= len(table.names):
            table.whole = False
            continue
        if table.rowid >= 0:
            values[table.rowid] = rowid
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
            table.whole = False
            continue
        found.rows[table.name] += cursor.rowcount


def _fits(table: Table, values: Sequence[Value]) -> bool:
    """Whether a record can be one of this table."""
    if not 0 < len(values) <= len(table.names) or any(table.needed[len(values) :]):
        return False
    for place, value in enumerate(values):
        kind = table.types[place]
        if place == table.rowid:
            good = value is None
        elif value is None:
            good = not table.needed[place]
        elif isinstance(value, bytes):
            good = kind == "blob"
        elif isinstance(value, str):
            good = kind == "text"
        else:
            good = kind in ("integer", "real")
        if not good:
            return False
    return True
