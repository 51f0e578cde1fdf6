"""A follower tells of each new version that matches once, whatever happens to ids."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries.follow import Follower
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.tree import Node
from tests.support import small_archive

NOW = "2025-09-10T12:00:00Z"


def _query(typed: str) -> Node:
    return parse_query(typed, datetime(2025, 9, 10, tzinfo=UTC))


def _reader(folder: Path) -> sqlite3.Connection:
    connection = open_reader(folder / "archive.db")
    connection.isolation_level = None
    return connection


def test_each_new_version_once_in_order(tmp_path: Path) -> None:
    building = small_archive.village(tmp_path)
    building.archive.commit()
    follower = Follower(_reader(tmp_path), _query("ferry"))
    assert follower.has_news() and follower.list_new_hits(NOW) == []
    assert not follower.has_news()
    chance, told, expected = random.Random(7), [], []
    keys = []
    for number in range(60):
        if not keys or chance.random() < 0.6:
            keys.append(building.article(f"https://mpi.example/ferry/{number}"))
            key = keys[-1]
        else:
            key = chance.choice(keys)
        word = chance.choice(("ferry", "bridge"))
        building.version(key, f"{number}", f"The {word} {number}")
        if word == "ferry":
            expected.append(str(number))
        if chance.random() < 0.4:
            building.archive.commit()
            assert follower.has_news()
            told += [hit.title for hit in follower.list_new_hits(NOW)]
    building.archive.commit()
    told += [hit.title for hit in follower.list_new_hits(NOW)]
    assert told == expected
    assert follower.list_new_hits(NOW) == []


def test_an_id_that_is_given_anew_is_told(tmp_path: Path) -> None:
    """SQLite reuses the highest id once its row is gone, as after a purge."""
    building = small_archive.village(tmp_path)
    first = building.article("https://mpi.example/ferry/1")
    building.archive.commit()
    follower = Follower(_reader(tmp_path), _query("ferry"))
    gone = building.version(first, "gone", "The ferry")
    building.archive.commit()
    assert [hit.title for hit in follower.list_new_hits(NOW)] == ["gone"]
    building.connection.execute("pragma foreign_keys = off")
    building.connection.execute("delete from versions where id = ?", [gone])
    second = building.article("https://mpi.example/ferry/2")
    assert building.version(second, "anew", "Another ferry") == gone
    building.archive.commit()
    assert [hit.title for hit in follower.list_new_hits(NOW)] == ["anew"]
    assert follower.list_new_hits(NOW) == []


def test_an_unknown_outlet_is_refused(tmp_path: Path) -> None:
    small_archive.copy_village(tmp_path)
    with pytest.raises(QueryError, match="nix"):
        Follower(_reader(tmp_path), _query("outlet:nix"))
