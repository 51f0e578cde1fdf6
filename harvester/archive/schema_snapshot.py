"""The tables of a new archive at once: what all migrations up to one of them make.

A new archive would otherwise begin as its oldest version and be changed migration by
migration, which takes seven times as long. ``migrations/snapshot.sql`` is written by
``python tests/golden/frozen.py --update`` from the migrations; a test compares the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("migrations") / "snapshot.sql"
_VERSION_MARK = "-- version "
_HEAD = f"""\
{_VERSION_MARK}{{version}}: the tables that the migrations up to it make.
-- Written by tests/golden/frozen.py --update; do not edit.

"""
# Rows that migrations add to an empty archive.
_TABLES_WITH_ROWS = ("counts",)
_FTS5_PARTS = ("data", "idx", "content", "docsize", "config")


def describe(connection: sqlite3.Connection, version: int) -> str:
    """The script that makes the tables of an empty archive of that version again."""
    rows = connection.execute(
        "select name, sql from sqlite_master where sql is not null order by rowid"
    ).fetchall()
    made_by_fts5 = {
        f"{name}_{part}"
        for name, sql in rows
        if sql.upper().startswith("CREATE VIRTUAL")
        for part in _FTS5_PARTS
    }
    statements = [sql for name, sql in rows if name not in made_by_fts5]
    for table in _TABLES_WITH_ROWS:
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        values = " || ', ' || ".join(f"quote({name})" for name in names)
        statements += [
            f"insert into {table} values ({row[0]})"
            for row in connection.execute(f"select {values} from {table} order by 1")
        ]
    return _HEAD.format(version=version) + "".join(f"{sql};\n\n" for sql in statements)


@cache
def read() -> tuple[int, str]:
    """(version, script) of the snapshot."""
    script = PATH.read_text("utf-8")
    return int(script.removeprefix(_VERSION_MARK).partition(":")[0]), script


def apply(connection: sqlite3.Connection, migration_names: Sequence[str]) -> None:
    """Make the tables in a database without any, in one transaction.

    ``migration_names``: of the migrations in it, oldest first; recorded as applied now.
    """
    version, script = read()
    try:
        connection.executescript(f"begin;\n{script}")
        connection.executemany(
            """
            insert into _sqlite_migrations (migration_set, name, applied_at)
            values ('harvester', ?, ?)
            """,
            [(name, str(datetime.now(UTC))) for name in migration_names],
        )
        connection.execute(f"pragma user_version = {version}")
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
