"""Which rows of a table a check looks at, and that it finds there what it finds in all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from harvester.archive.repair import diagnosis
from harvester.archive.repair.row_samples import (
    NEWEST_ROWS,
    SAMPLED_ROWS,
    SPREAD_BLOCKS,
    RowSample,
)
from tests.support import small_archive

ROWS = 120_000


@pytest.fixture
def numbers(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection to tables of many rows."""
    path = tmp_path / "numbers.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            create table many (id integer primary key, word text);
            create table gaps (id integer primary key, word text);
            create table keyed (word text primary key) without rowid;
            create table few (word text);
            """
        )
        for table, step in (("many", 1), ("gaps", 1_000)):
            connection.executemany(
                f"insert into {table} values (?, 'a word')",
                ((number * step,) for number in range(1, ROWS + 1)),
            )
        connection.executemany(
            "insert into keyed values (?)", ((f"{number:x}",) for number in range(ROWS))
        )
        connection.execute("insert into few values ('a'), ('b')")
        connection.commit()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield connection


def sampled(connection: sqlite3.Connection, table: str) -> list[int]:
    source = RowSample(connection, "sample").source(table)
    return [row[0] for row in connection.execute(f"select rowid from {source}")]


@pytest.mark.parametrize(("table", "step"), [("many", 1), ("gaps", 1_000)])
def test_the_newest_rows_and_some_of_every_part_are_chosen(
    numbers: sqlite3.Connection, table: str, step: int
) -> None:
    rows = sampled(numbers, table)
    assert len(rows) == len(set(rows)) <= SAMPLED_ROWS
    newest = {number * step for number in range(ROWS - NEWEST_ROWS + 1, ROWS + 1)}
    assert newest <= set(rows)
    others = sorted(set(rows) - newest)
    assert len(others) >= SPREAD_BLOCKS
    widest = max(b - a for a, b in pairwise(others))
    assert widest <= 2 * step * (ROWS - NEWEST_ROWS) / SPREAD_BLOCKS


def test_of_small_tables_and_on_request_all_rows_are_chosen(
    numbers: sqlite3.Connection,
) -> None:
    assert sampled(numbers, "few") == [1, 2]
    assert RowSample(numbers).source("many") == '"many"'


def test_of_tables_without_rowids_the_number_is_bounded(
    numbers: sqlite3.Connection,
) -> None:
    source = RowSample(numbers, "sample").source("keyed")
    (count,) = numbers.execute(f"select count(*) from {source}").fetchone()
    assert count == SAMPLED_ROWS


def damage(connection: sqlite3.Connection, *statements: str) -> None:
    connection.execute("pragma foreign_keys = off")
    for statement in statements:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        ("select 1", "", ""),
        ("update articles set version = 9 where id = 1", "rows", "no current version"),
        ("update versions set tags = '[' where id = 1", "rows", "invalid JSON"),
        ("update articles set versions = 9 where id = 1", "rows", "wrong count"),
        ("update sightings set version = 99 where id = 1", "rows", "sightings"),
        (
            "update versions set title = cast(x'61ff62' as text) where id = 2",
            "encoding",
            "not valid text",
        ),
        ("delete from versions_fts_docsize where id = 1", "fulltext", "has 4 of 5"),
        ("delete from versions_fts_data where id > 10", "fulltext", "damaged"),
        ("drop index articles_due", "definitions", "articles_due"),
    ],
)
@pytest.mark.parametrize("extent", ["all", "sample"])
def test_a_sample_finds_what_is_wrong_with_its_rows(
    built: small_archive.Building,
    tmp_path: Path,
    extent: diagnosis.Extent,
    statement: str,
    kind: str,
    words: str,
) -> None:
    damage(built.connection, statement)
    faults = diagnosis.find_faults(built.archive.path, tmp_path, extent=extent)
    found = [(fault.kind, fault.message) for fault in faults if fault.is_serious]
    assert {fault for fault, _ in found} >= ({kind} if kind else set())
    assert bool(found) == bool(kind)
    assert any(words in message for _, message in found) or not kind


@pytest.mark.parametrize("extent", ["all", "sample"])
def test_a_file_that_is_cut_short_is_found_at_once(
    built: small_archive.Building, tmp_path: Path, extent: diagnosis.Extent
) -> None:
    built.connection.execute("pragma wal_checkpoint(truncate)")
    content = built.archive.path.read_bytes()
    path = tmp_path / "short.db"
    path.write_bytes(content[: len(content) * 3 // 4])
    (first, *_) = diagnosis.find_faults(path, tmp_path, extent=extent)
    assert first.kind == "file"


def test_the_steps_are_reported_before_they_begin(
    built: small_archive.Building, tmp_path: Path
) -> None:
    steps: list[str] = []
    diagnosis.find_faults(built.archive.path, tmp_path, report=steps.append)
    assert steps == list(diagnosis.STEPS)


def test_a_large_archive_is_sampled_unless_all_is_asked_for(
    built: small_archive.Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert diagnosis.choose_extent(built.archive.path) == "all"
    monkeypatch.setattr(diagnosis, "MAX_WHOLE_BYTES", 1_000)
    assert diagnosis.choose_extent(built.archive.path) == "sample"
