"""Whether indexes say what the rows say, and how they are made anew: SQLite's own, full text, shingles, and the definitions of all.

``missing``, ``words`` and ``shingles`` look; ``build`` and the like are in the transaction of who calls.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from harvester.archive import schema

FTS_TABLE = "versions_fts"
POSTING_BYTES = 8  # bytes


def get_expected_definitions() -> dict[tuple[str, str], str]:
    """(type, name) → SQL of all that a new archive has."""
    connection = sqlite3.connect(":memory:")
    try:
        schema.apply_migrations(connection)
        rows = connection.execute(
            "select type, name, sql from sqlite_master where sql is not null"
        )
        return {
            (row[0], row[1]): row[2]
            for row in rows
            if not row[1].startswith(("sqlite_", "_sqlite_"))
        }
    finally:
        connection.close()


def find_missing_definitions(
    connection: sqlite3.Connection,
) -> list[tuple[str, str, str]]:
    """What a new archive has and this one has not: type, name, SQL. Tables come first."""
    held = {
        (row[0], row[1])
        for row in connection.execute("select type, name from sqlite_master")
    }
    order = ("table", "index", "view", "trigger")
    wanted = [
        (*key, sql)
        for key, sql in get_expected_definitions().items()
        if key not in held
    ]
    return sorted(wanted, key=lambda one: (order.index(one[0]), one[1]))


def find_altered_definitions(connection: sqlite3.Connection) -> Iterator[str]:
    """Definitions that are not what the program once wrote: tables by their columns and links, views and triggers by whether they run."""
    version = connection.execute("pragma user_version").fetchone()[0]
    if not 0 < version <= schema.SCHEMA_VERSION:
        return
    for (name,) in connection.execute(
        "select name from sqlite_master where sql is not null and (instr(sql, name) = 0 or instr(sql, tbl_name) = 0)"
    ):
        yield f"the list of tables is damaged: {name} is defined by another name"
        return
    new = sqlite3.connect(":memory:")
    try:
        schema.apply_migrations(new, version)
        for kind, name in new.execute(
            "select type, name from sqlite_master where type in ('table', 'view')"
        ).fetchall():
            if not connection.execute(
                "select 1 from sqlite_master where (type, name) = (?, ?)", [kind, name]
            ).fetchone():
                continue
            if kind == "table" and not _describe_columns(
                new, name
            ) <= _describe_columns(connection, name):
                yield f"the definition of table {name} is damaged: it has other columns, or points at other tables"
                continue
            asked = [f'select * from "{name}"']
            if kind == "table" and not name.startswith((FTS_TABLE, "sqlite_")):
                asked += [
                    f'insert into "{name}" default values',
                    f'delete from "{name}"',
                    _build_update_sql(new, name),
                ]
            for sql in asked:
                try:
                    connection.execute(f"explain {sql}").fetchall()
                except sqlite3.DatabaseError as error:
                    yield f"the definition of {kind} {name}, or of what belongs to it, is damaged: {error}"
                    break
    finally:
        new.close()


def _describe_columns(
    connection: sqlite3.Connection, table: str
) -> set[tuple[object, ...]]:
    """What a table's definition says: names, types, what must not be missing, keys, links."""
    said = {
        ("column", *tuple(row)[1:4], row[5])
        for row in connection.execute(f'pragma table_info("{table}")')
    }
    return said | {
        ("link", *tuple(row)[2:5])
        for row in connection.execute(f'pragma foreign_key_list("{table}")')
    }


def _build_update_sql(connection: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
    return f'update "{table}" set ' + ", ".join(
        f'"{name}" = "{name}"' for name in names
    )


def create_definitions(
    connection: sqlite3.Connection, definitions: list[tuple[str, str, str]]
) -> list[str]:
    """Make them; their names. The full-text index's own tables come with it."""
    made = []
    for kind, name, sql in definitions:
        if name.startswith(f"{FTS_TABLE}_"):
            continue
        connection.execute(sql)
        if name == FTS_TABLE:
            rebuild_fulltext_index(connection)
        made.append(f"{kind} {name}")
    return made


# ---- full text


def check_fulltext_index(path: Path) -> str:
    """What is wrong with the full-text index; "" where it is sound. Its check counts as a write: nothing else should be writing."""
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("begin immediate")
        connection.execute(
            f"insert into {FTS_TABLE} ({FTS_TABLE}, rank) values ('integrity-check', 1)"
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


def rebuild_fulltext_index(connection: sqlite3.Connection) -> None:
    """Build the full-text index from the versions; where it is too damaged for that, from nothing."""
    try:
        connection.execute("savepoint words")
        connection.execute(f"insert into {FTS_TABLE} ({FTS_TABLE}) values ('rebuild')")
        connection.execute("release words")
    except sqlite3.DatabaseError:
        connection.execute("rollback to words")
        connection.execute("release words")
        sql = get_expected_definitions()[("table", FTS_TABLE)]
        connection.execute(f"drop table {FTS_TABLE}")
        connection.execute(sql)
        connection.execute(f"insert into {FTS_TABLE} ({FTS_TABLE}) values ('rebuild')")


# ---- shingles


def check_shingle_index(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the index of shingles; nothing where an older program wrote the archive, and there is none."""
    if not connection.execute(
        "select 1 from sqlite_master where name = 'unsampled'"
    ).fetchone():
        return
    broken = 0
    for row in connection.execute("select id, postings from shingles"):
        body = row[1]
        if (
            not isinstance(body, bytes)
            or len(body) % POSTING_BYTES
            or not _is_ascending(body[POSTING_BYTES if row[0] == 0 else 0 :])
        ):
            broken += 1
    if broken:
        yield f"{broken} rows of the index of shingles are damaged"
    count = connection.execute(
        """select count(*) from versions v where not exists (select 1 from samples s where s.version = v.id)
        and not exists (select 1 from unsampled u where u.version = v.id)"""
    ).fetchone()[0]
    if count:
        yield f"{count} versions are in no index of shingles, and wait for none"


def _is_ascending(body: bytes) -> bool:
    import numpy as np

    postings = np.frombuffer(body, "<u8")
    return bool((postings[1:] > postings[:-1]).all())


def rebuild_shingle_index(connection: sqlite3.Connection, rebuild_all: bool) -> None:
    """Have the next crawls take versions into the index: all, or those that are not in it and do not wait."""
    if rebuild_all:
        connection.execute("delete from shingles")
        connection.execute("delete from samples")
    connection.execute(
        "insert or ignore into unsampled select id from versions where id not in (select version from samples)"
    )
