"""What pages about outlets read of the days: sums, single days, hours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.archive.queries import outlet_days, reading_health
from harvester.archive.queries.outlet_days import Counts
from tests.support.small_archive import Building

NOW = "2025-10-01T08:00:00Z"


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Building]:
    """Four articles of mpi on three days, one of them edited; one of the courier."""
    built = Building(tmp_path)
    for number, at in enumerate(
        ("2025-09-06T07:59:59Z", "2025-09-06T07:00:00Z", "2025-09-07T23:00:00Z", "2025-09-09T00:00:00Z")
    ):  # fmt: skip
        key = built.article(f"https://mpi.example/{number}", at=at)
        first = built.version(key, "A", "Text.", at=at)
    second = built.version(key, "B", "Text.", at="2025-09-09T00:10:00Z")
    built.edit(key, first, second, "2025-09-09T00:10:00Z", silent=1)
    built.event("removed", key, "2025-09-08T10:00:00Z")
    key = built.article("https://courier.example/a", "courier", "2025-09-06T07:00:00Z")
    built.version(key, "C", "Text.", at="2025-09-06T07:00:00Z")
    yield built
    built.archive.close()


def test_sums_are_of_the_days_within(built: Building) -> None:
    sums = outlet_days.sum_by_outlet(built.connection, "2025-09-06", "2025-09-09")
    assert sums == {
        "mpi": Counts(articles=3, removed=1),
        "courier": Counts(articles=1),
    }
    sums = outlet_days.sum_by_outlet(built.connection, "2025-09-09", "2026-01-01")
    assert sums == {
        "mpi": Counts(articles=1, first_edits=(1, 0, 0, 0, 0, 0), edits=1, silent=1)
    }
    assert sums["mpi"].edited == 1


def test_days_of_all_outlets_are_added_up(built: Building) -> None:
    days = outlet_days.sum_by_day(built.connection, "2025-09-06", "2025-09-10")
    assert {day: (counts.articles, counts.edits) for day, counts in days.items()} == {
        "2025-09-06": (3, 0),
        "2025-09-07": (1, 0),
        "2025-09-08": (0, 0),
        "2025-09-09": (1, 1),
    }
    of_one = outlet_days.sum_by_day(
        built.connection, "2025-09-06", "2025-09-07", ("courier", "nobody")
    )
    assert of_one == {"2025-09-06": Counts(articles=1)}


def test_days_are_those_of_one_outlet(built: Building) -> None:
    days = outlet_days.list_days(built.connection, "mpi", "2025-09-06", "2025-09-09")
    assert {day: counts.articles for day, counts in days.items()} == {
        "2025-09-06": 2,
        "2025-09-07": 1,
        "2025-09-08": 0,
    }


def test_hours_are_counted_by_the_index_alone(built: Building) -> None:
    hours = outlet_days.count_hours(built.connection, "mpi", "2025-09-06", "2025-09-10")
    assert {hour: count for hour, count in enumerate(hours) if count} == {
        7: 2,
        23: 1,
        0: 1,
    }
    plans = built.connection.execute(
        """
        explain query plan
        select first_seen from articles where outlet = 'mpi' and first_seen >= '2025'
        order by first_seen desc limit 5"""
    ).fetchall()
    assert all("COVERING INDEX articles_first_seen" in row["detail"] for row in plans)


def test_the_last_day_is_that_of_the_newest_version(built: Building) -> None:
    assert outlet_days.get_last_day(built.connection, NOW) == "2025-09-09"
    # Not one that a clock that ran ahead wrote.
    before = outlet_days.get_last_day(built.connection, "2025-09-08T00:00:00Z")
    assert before == "2025-09-07"
    built.connection.execute("delete from version_days")
    assert outlet_days.get_last_day(built.connection, NOW) == "2025-10-01"


def test_days_are_read_without_the_rows_that_are_counted(built: Building) -> None:
    statements: list[str] = []
    built.connection.set_trace_callback(statements.append)
    outlet_days.sum_by_outlet(built.connection, "2025-09-06", "2025-09-09")
    outlet_days.list_days(built.connection, "mpi", "2025-09-06", "2025-09-09")
    built.connection.set_trace_callback(None)
    details = [
        row["detail"]
        for sql in statements
        for row in built.connection.execute(f"explain query plan {sql}")
    ]
    assert any("SEARCH d USING PRIMARY KEY (outlet=? AND day" in one for one in details)
    assert not any("SCAN d" in one for one in details)


def test_the_newest_pages_are_summarised(built: Building) -> None:
    assert reading_health.summarise_newest_pages(built.connection, "mpi", 10) == {
        "pages": 0,
        "title": None,
        "author": None,
        "published": None,
        "text": None,
        "words": None,
        "kinds": {},
    }
    capture = built.row(
        "captures", outlet="mpi", kind="article", url="u", reached="u", at=NOW,
        status=200, sha256="", bytes=1, page="article",
    )  # fmt: skip
    key = built.article("https://mpi.example/page", at=NOW)
    built.version(key, "Title", "One two three.", at=NOW, capture=capture)
    pages = reading_health.summarise_newest_pages(built.connection, "mpi", 10)
    assert (pages["pages"], pages["title"], pages["published"]) == (1, 1.0, 0.0)
    assert pages["words"] == 3


def test_an_outlet_that_is_not_there_did_nothing(tmp_path: Path) -> None:
    built = Building(tmp_path)
    connection: sqlite3.Connection = built.connection
    assert outlet_days.list_days(connection, "nobody", "2025", "2026") == {}
    assert outlet_days.count_hours(connection, "nobody", "2025", "2026") == (0,) * 24
    built.done()
