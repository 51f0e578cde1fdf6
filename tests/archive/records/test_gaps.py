"""Gaps as rows: those of an older archive, and what is asked of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import Archive
from harvester.archive.records import feeds, gaps
from harvester.archive.records.gaps import GapUpdate, NewGap

FEED = "https://paper.example/feed"
NOW = "2025-09-06T12:00:00Z"


def test_an_older_archive_has_its_gaps_from_its_events(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    schema.apply_migrations(connection, 17)
    feeds_sql = "insert into feeds (url, outlet, first_seen, due, since, read_at) values (?, 'paper', ?, ?, ?, ?)"
    connection.execute(
        "insert into outlets (key, name, first_seen) values ('paper', 'Paper', ?)",
        [NOW],
    )
    connection.execute(feeds_sql, [FEED, NOW, NOW, NOW, NOW])
    connection.execute(feeds_sql, [f"{FEED}/2", NOW, NOW, NOW, None])
    some = "some may have come and gone between the two polls"
    for note in (
        f"all 9 entries are new since 2025-09-06T10:30:00Z: {some}",
        f"8 of 9 entries are new since 2025-09-05T10:30:00Z, and the others do not "
        f"show that it reaches back: {some}",
        "words of somebody else since yesterday",
        "since 2099-01-01T00:00:00Z",
    ):
        connection.execute(
            "insert into events (at, kind, outlet, feed, note) "
            "values (?, 'items missed', 'paper', ?, ?)",
            [NOW, FEED, note],
        )
    schema.apply_migrations(connection)
    rows = connection.execute("select * from gaps order by id").fetchall()
    assert [(row["since"], row["until"], row["state"]) for row in rows] == [
        ("2025-09-06T10:30:00Z", NOW, "unfilled"),
        ("2025-09-05T10:30:00Z", NOW, "unfilled"),
        (NOW, NOW, "unfilled"),
        (NOW, NOW, "unfilled"),
    ]
    watched = connection.execute("select watched_since from feeds order by url")
    assert [row[0] for row in watched] == [NOW, None]
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


def test_rows(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive.db", None)
    archive.begin()
    connection = archive.connection
    feeds.upsert_outlet(connection, "paper", "Paper", "", "", "", NOW)
    feeds.upsert_feed(connection, FEED, "paper", "", "", NOW)
    number = gaps.add_gap(connection, NewGap(FEED, "2025-09-06T10:00:00Z", NOW, NOW))
    gaps.update_gap(connection, number, GapUpdate(requests=4, state="partly"))
    gaps.update_gap(connection, number, GapUpdate())  # nothing to set
    gap = gaps.get_gap_of_visit(connection, f"gap:{number}")
    assert (gap.requests, gap.state, gap.due) == (4, "partly", None)
    later = "2025-09-06T12:00:01Z"
    assert gaps.list_gaps_found_since(connection, FEED, NOW) == [gap]
    assert gaps.list_gaps_found_since(connection, FEED, later) == []
    count = gaps.count_requests_of_outlet
    assert count(connection, "paper", NOW) == 4
    assert count(connection, "paper", later) == count(connection, "other", NOW) == 0
    archive.commit()
    archive.close()
