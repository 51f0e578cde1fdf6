"""``added:`` and ``removed:``: the index of the words of edits, and what it answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.queries.search import count_hits
from harvester.archive.repair import indexes
from harvester.schedule.times import format_time
from tests.support import small_archive
from tests.support.queries import NOW, find, parse


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The church's two changes: a price and a sentence; then the headline."""
    built = small_archive.village(tmp_path)
    with closing(built.archive) as opened:
        yield opened.connection


def versions(connection: sqlite3.Connection, query: str) -> set[int]:
    hits = find(connection, query, scope="all")
    count = count_hits(connection, parse(query), format_time(NOW), scope="all")
    assert count == len(hits)
    return {hit.version for hit in hits}


def check_index(connection: sqlite3.Connection) -> None:
    """The index equals one that is made anew."""
    connection.execute(
        "insert into edit_words_fts (edit_words_fts, rank) values ('integrity-check', 1)"
    )
    connection.execute(
        "create virtual table if not exists temp.stored using fts5vocab(main, edit_words_fts, instance)"
    )
    stored = connection.execute("select * from stored").fetchall()
    connection.execute("savepoint anew")
    indexes.rebuild_fulltext_index(connection)
    anew = connection.execute("select * from stored").fetchall()
    connection.execute("rollback to anew")
    connection.execute("release anew")
    assert list(map(tuple, stored)) == list(map(tuple, anew))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("added:enquête", {2}),
        ("added:enq*", {2}),
        ('added:"enquête est ouverte"', {2}),
        ("added:12", {2}),
        ("removed:10", {1}),
        ("removed:12", set()),
        ("added:euros", set()),  # in what was added, and in what was removed
        ("added:bradée", {3}),
        ("removed:vendue", {2}),  # of the headline: the sentence keeps it
        ("added:enquête église", {2}),
        ("added:enquête marché", set()),
        ("added:enquête -removed:vendue", set()),
        ("added:enquête -added:12", set()),
        ("added:enquête OR removed:10", {1, 2}),
        ("added:enquête added:12", {2}),
        ("added:enquête removed:10", set()),  # of different versions
        ("removed:vendue added:enquête", {2}),
        ("added:enquête published:2025", {2}),
        ("added:enquête published:2024", set()),
    ],
)
def test_edits_are_found_by_what_they_brought_and_took(
    archive: sqlite3.Connection, query: str, expected: set[int]
) -> None:
    assert versions(archive, query) == expected


def test_index_follows_the_changes(archive: sqlite3.Connection) -> None:
    check_index(archive)
    change = archive.execute("select min(id) from changes").fetchone()[0]
    archive.execute(
        "update changes set sentences = ?, fields = ? where id = ?",
        [
            json.dumps(
                {"added": ["Zwei Worte"], "removed": [], "changed": [["c", "d"]]}
            ),
            json.dumps({"authors": [["Anne"], ["Yves Le Goff"]]}),
            change,
        ],
    )
    check_index(archive)
    assert versions(archive, "added:enquête") == set()
    assert versions(archive, "added:zwei added:goff added:d removed:c") == set()
    assert versions(archive, "added:zwei added:goff added:d") == {2}
    assert versions(archive, "removed:anne removed:c") == {1}
    archive.execute("update changes set class = 'typo', size = 3")
    check_index(archive)
    archive.execute("pragma foreign_keys = off")
    archive.execute("delete from changes where id = ?", [change])
    check_index(archive)
    assert versions(archive, "added:zwei") == set()
    assert versions(archive, "added:bradée") == {3}


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", '"text"', '{"added": "text"}', '{"changed": ["a", ["b"], 3]}', "9"],
)
def test_damaged_changes_do_not_stop_the_index(
    archive: sqlite3.Connection, damaged: str
) -> None:
    archive.execute("update changes set sentences = ?, fields = ?", [damaged, damaged])
    check_index(archive)
    archive.execute("update changes set sentences = '{}', fields = '{}'")
    check_index(archive)
    assert versions(archive, "added:enquête") == set()
