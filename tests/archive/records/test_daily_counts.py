"""Counts of days: what they say of a few articles; that they are mended where wrong.

That triggers keep them right, whatever is written in whatever order, test_counts.py
tests with those of totals.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.archive.connection import Archive
from harvester.archive.records import counts, daily_counts
from tests.support.small_archive import Building, village

DAY = "2025-09-06"


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Building]:
    building = Building(tmp_path)
    yield building
    building.archive.close()


def list_counts(
    connection: sqlite3.Connection, outlet: str, day: str
) -> dict[str, int]:
    """What is counted of a day, without zeros."""
    row = connection.execute(
        "select * from daily_counts where outlet = ? and day = ?", [outlet, day]
    ).fetchone()
    return {name: row[name] for name in daily_counts.COLUMNS if row and row[name]}


@pytest.mark.parametrize(
    ("edited_at", "column"),
    [
        ("2025-09-06T07:15:00Z", "edited_15m"),
        ("2025-09-06T07:15:01Z", "edited_1h"),
        ("2025-09-06T08:00:01Z", "edited_6h"),
        ("2025-09-07T07:00:00Z", "edited_1d"),
        ("2025-09-13T07:00:00Z", "edited_7d"),
        ("2025-09-13T07:00:01Z", "edited_later"),
    ],
)
def test_the_time_to_the_first_edit_is_counted_on_the_day_of_the_article(
    built: Building, edited_at: str, column: str
) -> None:
    key = built.article("https://mpi.example/a", at=f"{DAY}T07:00:00Z")
    first, second = (built.version(key, title, "Text.") for title in ("A", "B"))
    built.edit(key, first, second, edited_at, silent=1)
    built.edit(key, first, second, "2025-12-24T00:00:00Z")  # not the first
    on_its_day = list_counts(built.connection, "mpi", DAY)
    assert {name for name in on_its_day if name.startswith("edited")} == {column}
    on_day_of_edit = list_counts(built.connection, "mpi", edited_at[:10])
    assert (on_day_of_edit["edits"], on_day_of_edit["silent"]) == (1, 1)
    built.connection.execute("update events set change = null")
    built.connection.execute("delete from changes where at = ?", [edited_at])
    assert list_counts(built.connection, "mpi", DAY) == {
        "articles": 1,
        "edited_later": 1,
    }


def test_an_earlier_version_that_comes_back_is_no_edit(built: Building) -> None:
    key = built.article("https://mpi.example/a")
    first, second = (built.version(key, title, "Text.") for title in ("A", "B"))
    built.edit(key, first, second, f"{DAY}T08:00:00Z", **{"class": "correction"})
    built.edit(key, second, first, f"{DAY}T09:00:00Z", back=1, silent=1)
    built.edit(key, first, first, f"{DAY}T09:30:00Z", kind="fields")
    assert list_counts(built.connection, "mpi", DAY) == {
        "articles": 1,
        "edited_1h": 1,
        "edits": 1,
        "corrections": 1,
    }


def test_versions_of_a_day_are_a_range(built: Building) -> None:
    for number in range(4):
        at = f"2025-09-0{6 + number // 2}T07:00:00Z"
        key = built.article(f"https://mpi.example/{number}", at=at)
        built.version(key, f"Title {number}", "Text.", at=at)
    rows = [
        tuple(row) for row in built.connection.execute("select * from version_days")
    ]
    assert rows == [("2025-09-06", 2, 1, 2), ("2025-09-07", 2, 3, 4)]
    built.connection.execute("update versions set first_seen = ?", [f"{DAY}T07:00:00Z"])
    rows = [
        tuple(row) for row in built.connection.execute("select * from version_days")
    ]
    assert rows == [("2025-09-06", 4, 1, 4)]


def test_an_upgrade_counts_what_the_archive_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = schema.MIGRATION_NAMES.index("daily_counts")
    (tmp_path / "new").mkdir()
    expected = village(tmp_path / "new").done()
    monkeypatch.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:before])
    monkeypatch.setattr(schema, "SCHEMA_VERSION", before)
    path = village(tmp_path).done()
    monkeypatch.undo()
    tables = []
    for file in (path, expected):
        with closing(Archive.open(file)) as archive:
            assert list(counts.find_wrong_counts(archive.connection)) == []
            tables.append(
                [
                    [tuple(row) for row in archive.connection.execute(statement)]
                    for statement in (
                        "select * from daily_counts where articles + edits + removed > 0",
                        "select * from version_days",
                    )
                ]
            )
    assert tables[0] == tables[1]
    assert tables[0][0] and tables[0][1]


def test_wrong_counts_are_named_and_rebuilt(tmp_path: Path) -> None:
    built = village(tmp_path)
    connection = built.connection
    right = connection.execute("select * from daily_counts").fetchall()
    connection.execute(
        "update daily_counts set silent = silent + 7 where day = ?", [DAY]
    )
    connection.execute("update version_days set first = first + 1 where day = ?", [DAY])
    connection.execute("insert into version_days values ('2031-01-01', 3, 1, 9)")
    messages = list(counts.find_wrong_counts(connection))
    assert any("silent, mpi, 2025-09-06" in message for message in messages)
    assert any("2031-01-01 is 0, and version_days has 3" in one for one in messages)
    assert any("range of versions" in message for message in messages)
    assert counts.rebuild_counts(connection) >= 3
    assert list(counts.find_wrong_counts(connection)) == []
    assert counts.rebuild_counts(connection) == 0
    rebuilt = connection.execute("select * from daily_counts").fetchall()
    assert {tuple(row) for row in rebuilt} <= {tuple(row) for row in right}
    built.done()


def test_a_range_may_be_wider_than_what_is_left_in_it(tmp_path: Path) -> None:
    built = village(tmp_path)
    built.connection.execute("pragma foreign_keys = off")
    built.connection.execute("delete from versions where id = 1")
    assert list(counts.find_wrong_counts(built.connection)) == []
    built.done()
