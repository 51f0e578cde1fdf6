"""Every value that no program of ours has written is found, and named with its row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.integrity import values
from harvester.archive.integrity.values import DamagedValue, find_damaged_values
from harvester.archive.schema import apply_migrations
from tests.support import ROOT


@pytest.fixture
def connection() -> sqlite3.Connection:
    """The archive of the golden tests, which has rows in every table."""
    opened = sqlite3.connect(":memory:")
    opened.executescript((ROOT / "tests/golden/archive.sql").read_text("utf-8"))
    apply_migrations(opened)
    opened.executescript(
        """
        insert into backfills (id, outlet, since, until, started)
        select 1, key, first_seen, first_seen, first_seen from outlets limit 1;
        insert into backfill_requests (backfill, step, source, feed, url, site)
        select 1, 0, 'feed', url, url, site from feeds limit 1;
        """
    )
    # Stored as they come: triggers would do more, and refuse some.
    for (name,) in opened.execute(
        "select name from sqlite_master where type = 'trigger'"
    ).fetchall():
        opened.execute(f'drop trigger "{name}"')
    return opened


def test_a_sound_archive_has_none(connection: sqlite3.Connection) -> None:
    assert list(find_damaged_values(connection, 10, max_bytes=1_000_000)) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "fault"),
    [
        *(
            (table, column, value, fault)
            for table, column in values.JSON_COLUMNS
            for value, fault in [
                ("nonsense", "is not JSON"),
                ("{", "is not JSON"),
                ("[" * 5_000, "is not JSON"),
                ("17", "is not what it says"),
                (b"[]", "is not a text"),
            ]
        ),
        ("versions", "authors", '{"name": "A"}', "is not what it says"),
        ("versions", "tags", '["a", 1]', "is not what it says"),
        ("changes", "fields", '{"title": ["before"]}', "is not what it says"),
        ("changes", "sentences", '{"added": "x"}', "is not what it says"),
        ("articles", "looked", "yesterday", "is not a time"),
        ("articles", "due", "2025-02-30T00:00:00Z", "is not a time"),
        ("versions", "published", "2025-13-01", "is not a time"),
        ("versions", "published_local", "2025-01-01T00:00:00+99", "is not a time"),
        ("entries", "published", "", "is not a time"),
        ("captures", "status", "ok", "is not an integer"),
        ("captures", "offset", "x", "is not an integer"),
        ("captures", "body", "text", "is not a blob"),
        ("versions", "title", b"\xff", "is not a text"),
        ("copies", "share", "much", "is not a real"),
        *(
            ("captures", "file", name, "is not the name of a file")
            for name in ("/etc/passwd", "../x", "a/b", ".x", "", "a\0b", "..")
        ),
    ],
)
def test_a_damaged_value_is_found(
    connection: sqlite3.Connection,
    table: str,
    column: str,
    value: object,
    fault: str,
) -> None:
    (key,) = [
        row[1]
        for row in connection.execute(f"pragma table_info({table})")
        if row[5] == 1
    ]
    (row,) = connection.execute(f"select min({key}) from {table}").fetchone()
    connection.execute(f"update {table} set {column} = ? where {key} = ?", [value, row])
    found = list(find_damaged_values(connection, 100))
    assert DamagedValue(table, row, f"{column} {fault}") in found
    assert {damaged.table for damaged in found} == {table}


def test_long_values_are_found_only_on_request(connection: sqlite3.Connection) -> None:
    connection.execute("update versions set text = ? where id = 1", ["x" * 2_000_001])
    assert list(find_damaged_values(connection, 10)) == []
    (found,) = find_damaged_values(connection, 10, max_bytes=2_000_000)
    assert found == DamagedValue("versions", 1, "text is longer than 2 MB")


def test_every_json_and_time_column_is_known(tmp_path: Path) -> None:
    """A column that is added is declared here by its comment, or by its name."""
    from harvester.archive.connection import Archive

    Archive.open(tmp_path / "archive.db").close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        statements = connection.execute(
            "select name, sql from sqlite_master where type = 'table'"
        ).fetchall()
        for table, sql in statements:
            for line in (sql or "").splitlines():
                words = line.split()
                if "JSON" in line and words[0] not in ("create", "--"):
                    assert (table, words[0]) in values.JSON_COLUMNS, line
        for table in values._list_tables(connection):
            for column in connection.execute(f"pragma table_info({table})"):
                name, default = column[1], column[4]
                if default in ("'[]'", "'{}'"):
                    assert (table, name) in values.JSON_COLUMNS, (table, name)
                if name.endswith(("_at", "_seen", "_since")):
                    assert name in values._TIME_COLUMNS, (table, name)


def test_a_local_time_without_a_zone_is_sound(connection: sqlite3.Connection) -> None:
    """Many pages state none; a time in UTC has its Z."""
    stated = "2025-01-01T08:12:45"
    connection.execute("update versions set published_local = ?", [stated])
    assert not list(find_damaged_values(connection, 100))
    connection.execute("update versions set published = ?", [stated])
    assert list(find_damaged_values(connection, 100))
