"""A value that no program of ours has written: results without it, or one message."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.integrity.values import JSON_COLUMNS
from tests.support.harvest_command import Harvest
from tests.support.small_archive import CHURCH, key_of

CHURCH_KEY = key_of(CHURCH)
COMMANDS = (
    ("search", "village", "--json"),
    ("show", CHURCH_KEY),
    ("show", CHURCH_KEY, "--json"),
    ("history", CHURCH_KEY),
    ("diff", CHURCH_KEY, "1", "2"),
    ("changes", "--json"),
    ("status",),
    ("purge", CHURCH_KEY, "--dry-run"),
)
FEW_COMMANDS = COMMANDS[0], COMMANDS[2], COMMANDS[5], COMMANDS[6]


def damage(folder: Path, table: str, column: str, value: object) -> None:
    """Set a column of every row, without what triggers would do."""
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            connection.execute(f'drop trigger "{name}"')
        connection.execute(f"update {table} set {column} = ?", [value])


@pytest.mark.parametrize("value", ["nonsense", '{"a": 1}', "[1, [2]]"])
def test_no_json_hides_what_else_there_is(
    harvest: Harvest, tmp_path: Path, value: str
) -> None:
    for table, column in JSON_COLUMNS:
        damage(tmp_path, table, column, value)
    for command in COMMANDS:
        done = harvest(*command, code=None)
        assert done.returncode == 0, (command, done.stderr)
    assert harvest.json("search", "village")[0]["authors"] == []
    verified = harvest("verify", "--quick", code=None)
    assert verified.returncode == 1 and "versions, row" in verified.stdout


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("articles", "first_seen", "soon"),
        ("articles", "state", b"\xff\x00"),
        ("changes", "kind", b"\x00"),
        ("events", "at", "never"),
        ("feeds", "due", "?"),
        ("feeds", "failures", "many"),
        ("versions", "published", "2025-02-31"),
        ("versions", "text", b"\xff"),
        ("versions", "words", "some"),
    ],
)
def test_no_value_ends_a_command_with_a_traceback(
    harvest: Harvest, tmp_path: Path, table: str, column: str, value: object
) -> None:
    damage(tmp_path, table, column, value)
    for command in FEW_COMMANDS:
        done = harvest(*command, code=None)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        if done.returncode != 0:
            assert "damaged" in done.stderr, (command, done.stderr)
            assert len(done.stderr.strip().splitlines()) <= 2
    verified = harvest("verify", "--quick", code=None)
    assert verified.returncode == 1 and f"{table}, row" in verified.stdout


def test_the_doctor_empties_json_that_is_none(harvest: Harvest, tmp_path: Path) -> None:
    for table, column in JSON_COLUMNS:
        damage(tmp_path, table, column, "nonsense")
    examined = harvest("doctor", "--full", code=1)
    assert "authors is not JSON" in examined.stdout
    fixed = harvest("doctor", "--fix", code=None)
    assert "emptied values that were no JSON" in fixed.stdout + fixed.stderr
    examined = harvest("doctor", "--full", code=None)
    assert "JSON" not in examined.stdout
    assert harvest.json("search", "village")
