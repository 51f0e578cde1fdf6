"""A new archive is made at once, and is what the migrations make one by one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema, schema_snapshot
from tests.golden import frozen

OPEN = """
import sys
from pathlib import Path
from harvester.archive.connection import Archive
Archive.open(Path(sys.argv[1])).close()
print("sqlite_utils" in sys.modules)
"""


@pytest.fixture
def empty() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        yield connection


def dump(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Definitions, rows of every table, and version.

    Left out is when a migration was applied, and what FTS5 keeps of an empty index.
    """
    master = connection.execute(
        "select type, name, tbl_name, sql from sqlite_master order by rowid"
    ).fetchall()
    tables = [name for kind, name, _, _ in master if kind == "table"]
    rows = {
        name: connection.execute(f'select * from "{name}"').fetchall()
        for name in tables
        if name != "_sqlite_migrations" and not name.endswith("_fts_data")
    }
    applied = connection.execute(
        "select id, migration_set, name from _sqlite_migrations"
    )
    version = connection.execute("pragma user_version")
    return {
        **rows,
        "definitions": master,
        "applied": applied.fetchall(),
        "version": version.fetchall(),
    }


@pytest.fixture(scope="module")
def migrated() -> dict[str, list[tuple[object, ...]]]:
    """What the migrations make, one by one."""
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.run_migrations(connection, schema.SCHEMA_VERSION)
        return dump(connection)


def use_snapshot(script: str, file: Path, patched: pytest.MonkeyPatch) -> None:
    file.write_text(script, "utf-8")
    patched.setattr(schema_snapshot, "PATH", file)
    patched.setattr(schema_snapshot, "read", schema_snapshot.read.__wrapped__)


def test_the_snapshot_is_up_to_date() -> None:
    assert schema_snapshot.PATH.read_text("utf-8") == frozen.snapshot(), (
        "after a new migration: python tests/golden/frozen.py --update"
    )


def test_it_makes_what_the_migrations_make(
    empty: sqlite3.Connection, migrated: dict[str, list[tuple[object, ...]]]
) -> None:
    schema.apply_migrations(empty)
    assert dump(empty) == migrated
    assert empty.execute("pragma integrity_check").fetchone() == ("ok",)
    for index in schema.FTS_TABLES:
        empty.execute(f"insert into {index} ({index}) values ('integrity-check')")
        empty.rollback()
    assert not empty.in_transaction


def test_migrations_newer_than_the_snapshot_follow_it(
    empty: sqlite3.Connection,
    migrated: dict[str, list[tuple[object, ...]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = schema.SCHEMA_VERSION - 1
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.run_migrations(connection, older)
        script = schema_snapshot.describe(connection, older)
    use_snapshot(script, tmp_path / "snapshot.sql", monkeypatch)
    schema.apply_migrations(empty)
    assert dump(empty) == migrated


def test_an_older_version_is_made_by_its_migrations(empty: sqlite3.Connection) -> None:
    schema.apply_migrations(empty, 2)
    assert empty.execute("pragma user_version").fetchone() == (2,)
    assert empty.execute("select count(*) from _sqlite_migrations").fetchone() == (2,)


def test_what_fails_leaves_no_table(
    empty: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = schema_snapshot.PATH.read_text("utf-8") + "create table outlets (again);"
    use_snapshot(script, tmp_path / "snapshot.sql", monkeypatch)
    with pytest.raises(sqlite3.OperationalError, match="outlets already exists"):
        schema.apply_migrations(empty)
    assert empty.execute("select count(*) from sqlite_master").fetchone() == (0,)
    assert not empty.in_transaction


def test_a_new_archive_needs_no_migration_library(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-c", OPEN, str(tmp_path / "archive.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout == "False\n"
