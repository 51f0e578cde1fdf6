"""The index of shingles against a plain dictionary, through all its levels."""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing

import pytest

from harvester.archive.records import shingle_index


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.execute(
            "create table shingles (id integer primary key, postings blob not null)"
        )
        yield opened


@pytest.mark.parametrize(("seed", "versions_at_once"), [(1, 1), (2, 1), (3, 7)])
def test_added_versions_are_found(
    connection: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    versions_at_once: int,
) -> None:
    for name, value in (
        ("BATCH_POSTINGS", 60),
        ("BUCKET_BITS", (0, 4, 5, 6)),
        ("TURNS_PER_LEVEL", (1, 1, 4, 8)),
    ):
        monkeypatch.setattr(shingle_index, name, value)
    chance = random.Random(seed)
    known: dict[int, set[int]] = defaultdict(set)
    pool = [chance.getrandbits(64) for _ in range(900)]
    index = shingle_index.OpenIndex(connection)
    for version in range(1, 600):
        names = [chance.choice(pool) for _ in range(chance.randrange(12))]
        index.add(version, names)
        for name in names:
            known[name].add(version)
        if version % 60 == 0 or version > 590:
            hashes = [*chance.sample(pool, 40), chance.getrandbits(64)]
            found = index.find(hashes, 1000)
            assert [set(ids) for ids in found] == [
                known.get(name, set()) for name in hashes
            ], version
            assert all(len(ids) == len(set(ids)) for ids in found)
        if version % versions_at_once == 0:
            index.store()
            index = shingle_index.OpenIndex(connection)
    levels = {
        row[0] // shingle_index.LEVEL_STRIDE
        for row in connection.execute("select id from shingles")
    }
    assert levels == {0, 1, 2, 3}


def test_the_limit_of_each_hash(connection: sqlite3.Connection) -> None:
    for version in range(1, 100):
        shingle_index.add_version(connection, version, [12345])
    assert len(shingle_index.find_versions(connection, [12345], 65)[0]) == 65


def test_adding_a_version_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    shingle_index.add_version(connection, 7, [1, 2, 3])
    shingle_index.add_version(connection, 7, [1, 2, 3])
    assert shingle_index.find_versions(connection, [2], 9) == [[7]]


def test_a_rollback_leaves_no_trace(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shingle_index, "BATCH_POSTINGS", 20)
    for version in range(1, 50):
        shingle_index.add_version(
            connection, version, [version * 7919, version * 104729]
        )
    before = connection.execute("select * from shingles order by id").fetchall()
    connection.execute("begin")
    for version in range(50, 120):
        shingle_index.add_version(
            connection, version, [version * 7919, version * 104729]
        )
    connection.execute("rollback")
    assert connection.execute("select * from shingles order by id").fetchall() == before
