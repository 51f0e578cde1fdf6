"""What backfills have to do is found by an index, however many entries wait."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records import backfills, background_visits, due_visits, feeds
from harvester.archive.records.backfills import BackfillUpdate, NewRequest
from harvester.archive.records.background_visits import MAX_VISITS_PER_OUTLET
from harvester.archive.records.feeds import NewEntry

NOW, LATER = "2025-09-06T08:00:00Z", "2025-09-06T09:00:00Z"
FEED = "https://paper.example/feed"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A backfill that found 200 entries, one of each day."""
    archive = Archive.open(tmp_path / "a.db", None)
    connection = archive.connection
    archive.begin()
    feeds.upsert_outlet(connection, "paper", "Paper", "", "en", "", NOW)
    feeds.upsert_feed(connection, FEED, "paper", "", "paper.example", NOW)
    backfill = backfills.add_backfill(connection, "paper", "2019", NOW)
    for number in range(200):
        key, url = f"{number:016x}", f"https://paper.example/{number}"
        entry = NewEntry(key, FEED, NOW, NOW, url=url, address=url[8:], due=NOW)
        feeds.add_entry(connection, entry)
        day = f"2019-{number // 28 + 1:02}-{number % 28 + 1:02}"
        connection.execute("update entries set published = ? where key = ?", [day, key])
        backfills.mark_entries(connection, backfill, [key])
    due_visits.create_round_table(connection)
    yield connection
    archive.close()


def take(
    connection: sqlite3.Connection, outlets: list[str] | None = None, busy: int = 0
) -> list[str]:
    visits = background_visits.list_background_visits(
        connection, NOW, outlets, 500, {"paper": busy}
    )
    assert all(visit.is_background for visit in visits)
    return [visit.url for visit in visits]


def test_the_newest_pages_a_few_at_a_time(connection: sqlite3.Connection) -> None:
    first = take(connection)
    assert first == [f"https://paper.example/{199 - one}" for one in range(50)]
    assert take(connection, busy=MAX_VISITS_PER_OUTLET) == []
    assert take(connection, busy=48) == [
        "https://paper.example/149",
        "https://paper.example/148",
    ]
    assert take(connection, []) == take(connection, ["other"]) == []


def test_lists_before_pages(connection: sqlite3.Connection) -> None:
    request = NewRequest(
        1, 1, "sitemap", FEED, "https://paper.example/map.xml", "paper.example", NOW
    )
    assert backfills.add_requests(connection, [request, request]) == 1
    assert take(connection) == [request.url]
    assert take(connection) == []  # it is under way
    connection.execute("update backfill_requests set due = ?", [LATER])
    assert len(take(connection)) == MAX_VISITS_PER_OUTLET


def test_what_is_due_next(connection: sqlite3.Connection) -> None:
    due = background_visits.get_next_background_due
    assert due(connection, NOW) == due(connection, NOW, ["paper"]) == NOW
    assert due(connection, NOW, ["other"]) is None
    assert due_visits.get_next_due(connection) == NOW  # that of the feed
    connection.execute("update feeds set due = null")
    assert due_visits.get_next_due(connection) is None
    connection.execute("update entries set due = ?", [LATER])
    assert due(connection, NOW) == LATER
    backfills.update_backfill(connection, 1, BackfillUpdate(state="stopped"))
    assert due(connection, NOW) is None
    assert take(connection) == []


def test_an_index_finds_them_in_their_order(connection: sqlite3.Connection) -> None:
    plan = connection.execute(
        f"explain query plan {background_visits._ENTRIES_SQL}",
        {"outlet": "paper", "backfill": 1, "now": NOW, "limit": 50},
    ).fetchall()
    steps = " ".join(row[3] for row in plan)
    assert "entries_backfill_waiting" in steps
    assert "TEMP B-TREE" not in steps
