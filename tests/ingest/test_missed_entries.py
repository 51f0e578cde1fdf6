"""Entries that came and went between two polls are reported, pinned ones or not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from email.utils import format_datetime
from pathlib import Path

import pytest

from harvester.archive import schema
from harvester.model import Capture
from harvester.schedule.times import add_seconds, parse_time
from tests.support.observer import FEED, RSS, Observer

NOON = "2025-09-06T12:00:00Z"
HOUR = 3_600.0


class Paper(Observer):
    """A paper whose feed lists articles by number, each published at its hour."""

    def lists(self, *numbers: int) -> None:
        self.numbers = numbers

    def _fetch(self, url: str, now: str) -> Capture:
        if url != FEED:
            return Capture(url, url, now, 404)
        entries = "".join(
            f"<item><title>Story {one}</title><link>https://paper.example/{one}/</link><guid>{one}</guid>"
            f"<pubDate>{format_datetime(parse_time(add_seconds(NOON, one * HOUR)))}</pubDate></item>"
            for one in self.numbers
        )
        return Capture(
            url,
            url,
            now,
            200,
            RSS,
            f"<rss version='2.0'><channel><title>P</title>{entries}</channel></rss>".encode(),
        )


@pytest.mark.parametrize(
    ("before", "after", "missed"),
    [
        ((3, 2, 1, 0), (7, 6, 5, 4), True),
        ((3, 2, 1, 0), (6, 5, 4, 3), False),
        ((3, 2, 1, 0), (0, 9, 8, 7), True),  # pinned
        ((3, 2, 1, 0), (9, 2, 8, 7), True),  # edited, and listed anew
        (
            (3, 2, 1, 0),
            (9, 8, 7, 2),
            True,
        ),  # the same, and nothing new was published before
        ((3, 2, 1, 0), (4, 0, 3, 2), False),
        ((0, 1, 2, 3), (7, 8, 9, 0), True),  # the oldest first
        ((0, 1, 2, 3), (2, 3, 4, 5), False),
        (
            (3, 2, 1),
            (5, 4, 3, 2, 1, -1, -2, -3, -4, -5),
            False,
        ),  # it lists more than before
        ((3, 2, 1, 0), (3, 2, 9, 1, 0), False),
    ],
)
def test_missed_entries(
    tmp_path: Path, before: tuple[int, ...], after: tuple[int, ...], missed: bool
) -> None:
    paper = Paper(tmp_path)
    paper.lists(*before)
    paper.crawl(add_seconds(NOON, 3.5 * HOUR))
    assert not paper.rows("select 1 from events where kind = 'items missed'")
    paper.lists(*after)
    paper.crawl(add_seconds(NOON, 9.5 * HOUR))
    assert (
        bool(paper.rows("select 1 from events where kind = 'items missed'")) is missed
    )


def test_an_older_archive_knows_the_positions_of_its_entries(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.lists(3, 2, 1, 0)
    paper.crawl(add_seconds(NOON, 3.5 * HOUR))
    paper.lists(5, 4, 3, 2)
    paper.crawl(add_seconds(NOON, 5.5 * HOUR))
    with closing(sqlite3.connect(paper.folder / "archive.db")) as connection:
        stood = connection.execute(
            "select guid, place from entries where guid > '1' order by guid"
        ).fetchall()
        assert stood == [("2", 3), ("3", 2), ("4", 1), ("5", 0)]
        connection.execute("alter table entries drop column place")
        for statement in schema.split_statements(
            (Path(schema.__file__).parent / "migrations" / "008_window.sql").read_text()
        ):
            connection.execute(statement)
        assert (
            connection.execute(
                "select guid, place from entries where guid > '1' order by guid"
            ).fetchall()
            == stood
        )
        assert connection.execute(
            "select count(*) from entries where place is null"
        ).fetchone() == (2,)
