"""Check and rebuild definitions and indexes: SQLite's own, full text, and shingles.

The ``find_…`` and ``check_…`` functions change nothing; the others work in the caller's
transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from harvester.archive import schema
from harvester.archive.repair.row_samples import RowSample
from harvester.archive.schema import FTS_TABLES

POSTING_BYTES = 8
FULLTEXT_ROWS = 500  # of a sample, looked up in the full-text index
# Scripts before it have been in Unicode long enough for SQLite's tokenizer.
_FIRST_UNCERTAIN_CHARACTER = "\u2000"
_DEFINITION_ORDER = ("table", "index", "view", "trigger")


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the archive has a table; archives of older programs lack some."""
    row = connection.execute(
        "select 1 from sqlite_master where name = ?", [name]
    ).fetchone()
    return row is not None


def get_expected_definitions() -> dict[tuple[str, str], str]:
    """Return the definitions of a new archive: (type, name) → SQL."""
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.apply_migrations(connection)
        rows = connection.execute(
            "select type, name, sql from sqlite_master where sql is not null"
        )
        return {
            (kind, name): sql
            for kind, name, sql in rows
            if not name.startswith(("sqlite_", "_sqlite_"))
        }


def find_missing_definitions(
    connection: sqlite3.Connection,
) -> list[tuple[str, str, str]]:
    """List what a new archive has and this one lacks: type, name, SQL; tables first."""
    existing = {
        tuple(row) for row in connection.execute("select type, name from sqlite_master")
    }
    missing = [
        (kind, name, sql)
        for (kind, name), sql in get_expected_definitions().items()
        if (kind, name) not in existing
    ]
    return sorted(missing, key=lambda row: (_DEFINITION_ORDER.index(row[0]), row[1]))


def find_altered_definitions(connection: sqlite3.Connection) -> Iterator[str]:
    """Find definitions that differ from what the program once wrote.

    Tables are compared by columns and references, views and triggers by whether they
    run.
    """
    version = connection.execute("pragma user_version").fetchone()[0]
    if not 0 < version <= schema.SCHEMA_VERSION:
        return
    row = connection.execute(
        """
        select name from sqlite_master
        where sql is not null and (instr(sql, name) = 0 or instr(sql, tbl_name) = 0)
        """
    ).fetchone()
    if row is not None:
        yield f"the list of tables is damaged: {row[0]} is defined under another name"
        return
    with closing(sqlite3.connect(":memory:")) as expected:
        schema.apply_migrations(expected, version)
        definitions = expected.execute(
            "select type, name from sqlite_master where type in ('table', 'view')"
        ).fetchall()
        for kind, name in definitions:
            exists = connection.execute(
                "select 1 from sqlite_master where (type, name) = (?, ?)", [kind, name]
            ).fetchone()
            if exists:
                problem = _compare_definition(connection, expected, kind, name)
                if problem:
                    yield problem


def _compare_definition(
    connection: sqlite3.Connection, expected: sqlite3.Connection, kind: str, name: str
) -> str:
    """Return what is wrong with the definition of a table or view; "" if nothing."""
    if kind == "table" and not (
        _describe_columns(expected, name) <= _describe_columns(connection, name)
    ):
        return (
            f"the definition of table {name} is damaged: its columns or references "
            "differ"
        )
    statements = [f'select * from "{name}"']
    if kind == "table" and not name.startswith((*FTS_TABLES, "sqlite_")):
        statements += [
            f'insert into "{name}" default values',
            f'delete from "{name}"',
            _build_update_sql(expected, name),
        ]
    for sql in statements:
        try:
            connection.execute(f"explain {sql}").fetchall()
        except sqlite3.DatabaseError as error:
            return (
                f"the definition of {kind} {name}, or of what belongs to it, is "
                f"damaged: {error}"
            )
    return ""


def _describe_columns(
    connection: sqlite3.Connection, table: str
) -> set[tuple[object, ...]]:
    """Describe a table: names, types, not null, primary key, references."""
    columns = {
        ("column", *tuple(row)[1:4], row[5])
        for row in connection.execute(f'pragma table_info("{table}")')
    }
    references = {
        ("reference", *tuple(row)[2:5])
        for row in connection.execute(f'pragma foreign_key_list("{table}")')
    }
    return columns | references


def _build_update_sql(connection: sqlite3.Connection, table: str) -> str:
    columns = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
    assignments = ", ".join(f'"{column}" = "{column}"' for column in columns)
    return f'update "{table}" set {assignments}'


def create_definitions(
    connection: sqlite3.Connection, definitions: list[tuple[str, str, str]]
) -> list[str]:
    """Create what is missing; return kind and name of each.

    The tables of a full-text index are created together with it, and it is filled after
    the view that it is of.
    """
    created = []
    for kind, name, sql in definitions:
        if kind == "table" and is_fulltext_part(name):
            continue
        connection.execute(sql)
        created.append(f"{kind} {name}")
    for name in FTS_TABLES:
        if f"table {name}" in created:
            _rebuild(connection, name)
    return created


# ---- full text


def is_fulltext_part(name: str) -> bool:
    """Whether a table is one of those in which SQLite keeps a full-text index."""
    return name not in FTS_TABLES and name.startswith(
        tuple(f"{index}_" for index in FTS_TABLES)
    )


def check_fulltext_index(path: Path) -> str:
    """Return what is wrong with the full-text indexes; "" if they are sound.

    SQLite's check counts as a write: nothing else should be writing.
    """
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("begin immediate")
        for index in FTS_TABLES:
            if has_table(connection, index):
                connection.execute(
                    f"insert into {index} ({index}, rank) values ('integrity-check', 1)"
                )
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and (
            "locked" in str(error) or "busy" in str(error)
        ):
            raise
        return str(error)
    finally:
        if connection.in_transaction:
            connection.execute("rollback")
        connection.close()
    return ""


def check_fulltext_rows(connection: sqlite3.Connection, sample: RowSample) -> str:
    """Return what is wrong with some rows of the index of versions; "" if nothing.

    Looks up each title of some versions of a sample as a phrase. Only reads, so it
    disturbs no writer; the index of other words and rows is not looked at.
    """
    versions = connection.execute(
        f"select id, title from {sample.source('versions')}"
    ).fetchall()
    missing = checked = 0
    try:
        for version_id, title in versions[:: len(versions) // FULLTEXT_ROWS + 1]:
            phrase = _to_phrase(title)
            if not phrase:
                continue
            checked += 1
            missing += not connection.execute(
                "select 1 from versions_fts where versions_fts match ? and rowid = ?",
                [phrase, version_id],
            ).fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return f"{missing} of {checked} titles are not found by it" if missing else ""


def _to_phrase(title: str) -> str:
    """A title as a phrase in the index; "" if the tokenizer may find no word in it."""
    if "\ufffd" in title or not any(
        character.isalnum() and character < _FIRST_UNCERTAIN_CHARACTER
        for character in title
    ):
        return ""
    return 'title : "' + title.replace('"', " ").replace("\0", " ") + '"'


def rebuild_fulltext_index(connection: sqlite3.Connection) -> None:
    """Rebuild the full-text indexes from the rows that they are of.

    One that is too damaged for that is dropped and created anew.
    """
    for index in FTS_TABLES:
        if has_table(connection, index):
            _rebuild(connection, index)


def _rebuild(connection: sqlite3.Connection, index: str) -> None:
    try:
        connection.execute("savepoint fulltext")
        _fill(connection, index)
        connection.execute("release fulltext")
    except sqlite3.DatabaseError:
        connection.execute("rollback to fulltext")
        connection.execute("release fulltext")
        sql = get_expected_definitions()[("table", index)]
        connection.execute(f"drop table {index}")
        connection.execute(sql)
        _fill(connection, index)


def _fill(connection: sqlite3.Connection, index: str) -> None:
    if index not in schema.CONTENTLESS_FTS_TABLES:
        connection.execute(f"insert into {index} ({index}) values ('rebuild')")
        return
    columns = ", ".join(("id", *schema.CONTENTLESS_FTS_TABLES[index]))
    connection.execute(f"insert into {index} ({index}) values ('delete-all')")
    connection.execute(
        f"""
        insert into {index} ({columns.replace("id", "rowid", 1)})
        select {columns} from {FTS_TABLES[index]}"""
    )


# ---- shingles


def check_shingle_index(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[str]:
    """Yield what is wrong with the index of shingles; archives of old have none."""
    if not has_table(connection, "unsampled"):
        return
    damaged = sum(
        not _is_valid_posting_list(postings, has_header=shingle_id == 0)
        for shingle_id, postings in connection.execute(
            f"select id, postings from {sample.source('shingles')}"
        )
    )
    if damaged:
        yield f"damaged rows in the index of shingles: {damaged}"
    unindexed = connection.execute(
        f"""
        select count(*) from {sample.source("versions")} v
        where not exists (select 1 from samples s where s.version = v.id)
            and not exists (select 1 from unsampled u where u.version = v.id)
        """
    ).fetchone()[0]
    if unindexed:
        yield f"versions that no index of shingles has or awaits: {unindexed}"


def _is_valid_posting_list(postings: object, has_header: bool) -> bool:
    """Whether postings are complete and ascending; a header precedes recent ones."""
    import numpy as np

    if not isinstance(postings, bytes) or len(postings) % POSTING_BYTES:
        return False
    values = np.frombuffer(postings[POSTING_BYTES if has_header else 0 :], "<u8")
    return bool((values[1:] > values[:-1]).all())


def rebuild_shingle_index(connection: sqlite3.Connection, rebuild_all: bool) -> None:
    """Have the next crawls index versions: all, or those that the index lost."""
    if rebuild_all:
        connection.execute("delete from shingles")
        connection.execute("delete from samples")
    connection.execute(
        """
        insert or ignore into unsampled
        select id from versions where id not in (select version from samples)
        """
    )
