"""Listing all pairs takes time in proportion to the pairs, whatever the clusters."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import copies

AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def archive(tmp_path: Path) -> sqlite3.Connection:
    Archive.open(tmp_path / "archive.db").close()
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.row_factory = sqlite3.Row
    return connection


def _fill(
    archive: sqlite3.Connection, names: list[str], agencies: dict[str, str]
) -> None:
    """One cluster of articles, each a copy of all before it."""
    for name in names:
        archive.execute(
            """insert into articles(key, url, reached, outlet, first_seen, last_seen, looked, outcome)
            values (:key, 'https://a.example/' || :key, '', 'paper', :at, :at, :at, 'new')""",
            {"key": name, "at": AT},
        )
        archive.execute(
            "insert into clusters values (?, ?, ?)",
            [name, names[0], agencies.get(name, "")],
        )
    for index, name in enumerate(names):
        archive.executemany(
            "insert into copies values (?, ?, 0.9, 0.8, 1, 1)",
            [(name, other) for other in names[:index]],
        )


def _steps(archive: sqlite3.Connection) -> int:
    """SQLite's steps, in hundreds, to list all pairs."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    archive.set_progress_handler(count, 100)
    list(copies.list_pairs(archive))
    archive.set_progress_handler(None, 0)
    return counted


def test_each_pair_costs_the_same_in_a_large_cluster(
    archive: sqlite3.Connection,
) -> None:
    _fill(archive, [f"a{number:03}" for number in range(40)], {"a001": "AFP"})
    small = _steps(archive) / (40 * 39 / 2)
    _fill(archive, [f"b{number:03}" for number in range(160)], {"b001": "AFP"})
    large = _steps(archive) / (40 * 39 / 2 + 160 * 159 / 2)
    assert large < 1.5 * small


def test_a_pair_has_its_own_agency_or_the_one_most_named_in_its_cluster(
    archive: sqlite3.Connection,
) -> None:
    names = ["a", "b", "c", "d", "e"]
    _fill(archive, names, {"b": "dpa", "c": "AFP", "d": "AFP"})
    agencies = {
        (pair["article"], pair["other"]): pair["agency"]
        for pair in copies.list_pairs(archive)
    }
    assert len(agencies) == 10
    assert agencies["e", "a"] == "AFP"
    assert agencies["b", "a"] == "dpa"
    assert agencies["d", "b"] == "AFP"


def test_without_an_agency_nothing_is_named(archive: sqlite3.Connection) -> None:
    _fill(archive, ["a", "b"], {})
    assert [pair["agency"] for pair in copies.list_pairs(archive)] == [""]
