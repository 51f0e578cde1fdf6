"""Volume alarms in an archive: which hours count, and what is recorded."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvester.ingest.volumes import VolumeMonitor
from harvester.schedule import volume
from harvester.schedule.poll_rhythm import HOUR, hour_of_week
from harvester.schedule.times import add_seconds, parse_time
from tests.support.small_archive import Building

MONDAY = "2025-09-15T00:00:00Z"
DAY = 24


class Paper(Building):
    """The outlet ``mpi``, whose feed is read every quarter of an hour."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.archive.begin()  # one transaction: this takes less time
        self.now = MONDAY
        self.random = random.Random(7)
        self.published = 0
        self.monitor = VolumeMonitor(self.connection)

    def rate(self) -> float:
        """Articles an hour: four by day, hardly one by night."""
        hour = hour_of_week(parse_time(self.now).timestamp()) % 24
        return 4.0 if 6 <= hour < 22 else 0.2

    def run(
        self,
        hours: int,
        factor: float = 1.0,
        published_before: float = 0.5,
        **feed: object,
    ) -> None:
        """Let hours pass, at each of which the harvester looks."""
        for _ in range(hours):
            waited = self.random.expovariate(1.0)
            while waited < self.rate() * factor:
                self.publish(self.random.uniform(0, 3_500), published_before)
                waited += self.random.expovariate(1.0)
            self.now = add_seconds(self.now, HOUR)
            self.read(**feed)
            self.monitor.check(add_seconds(self.now, 60))

    def publish(self, seconds: float, published_before: float) -> None:
        self.published += 1
        at = add_seconds(self.now, seconds)
        key = self.article(f"https://mpi.example/{self.published}", at=at)
        self.version(
            key,
            f"Story {self.published}",
            "Words.",
            at=at,
            published=add_seconds(at, -published_before * HOUR),
        )

    def read(self, **columns: object) -> None:
        values = {
            "read_at": self.now,
            "polled": self.now,
            "due": add_seconds(self.now, 900),
            "failures": 0,
            **columns,
        }
        names = ", ".join(f"{name} = ?" for name in values)
        self.connection.execute(
            f"update feeds set {names} where outlet = 'mpi'", list(values.values())
        )

    def events(self) -> list[tuple[str, str, str]]:
        rows = self.connection.execute(
            "select kind, since, note from events order by id"
        )
        return [tuple(row) for row in rows]

    def learned(self) -> volume.Volume:
        (text,) = self.connection.execute(
            "select volume from outlets where key = 'mpi'"
        ).fetchone()
        return volume.from_json(text)


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """A paper after four weeks as usual."""
    paper = Paper(tmp_path)
    paper.run(24 * DAY)
    assert paper.events() == []
    return paper


def test_few_articles_are_an_event_that_ends(paper: Paper) -> None:
    began = paper.now
    paper.run(2 * DAY, factor=0.0)
    ((kind, since, note),) = paper.events()
    assert kind == "few articles" and add_seconds(
        began, -4 * HOUR
    ) <= since <= add_seconds(began, 8 * HOUR)
    assert note.startswith("unusually few articles: 0, where ")
    paper.run(4 * DAY)
    (_, (kind, since_end, _)) = paper.events()
    assert (kind, since_end) == ("volume usual", since)


def test_many_articles_are_an_event(paper: Paper) -> None:
    paper.run(DAY, factor=6.0)
    assert [kind for kind, _, _ in paper.events()] == ["many articles"]


def test_a_flood_of_old_articles_is_none(paper: Paper) -> None:
    for number in range(600):
        paper.publish(number, published_before=100 * DAY)
    paper.run(3 * DAY)
    assert paper.events() == []


def test_downtime_is_none_and_neither_is_the_hour_after(paper: Paper) -> None:
    paper.now = add_seconds(paper.now, 60 * HOUR)  # nothing ran
    for number in range(120):  # all that was published meanwhile comes at once
        paper.publish(number, published_before=20)
    known = paper.learned()
    paper.run(3 * DAY)
    assert paper.events() == []
    assert paper.learned().known_hours - known.known_hours < 3 * DAY


def test_nor_is_a_feed_that_fails(paper: Paper) -> None:
    paper.run(6 * DAY, factor=0.0, failures=3, since=paper.now, read_at=paper.now)
    assert paper.events() == []


def test_other_feeds_are_learned_anew(paper: Paper) -> None:
    paper.run(2 * DAY, factor=0.0)
    paper.row(
        "feeds",
        url="https://mpi.example/more",
        outlet="mpi",
        active=1,
        first_seen=paper.now,
        since=paper.now,
    )
    paper.run(2, factor=0.0)
    kinds = [kind for kind, _, _ in paper.events()]
    assert kinds == ["few articles", "volume usual"]
    assert paper.learned().known_hours < 3


def test_a_damaged_value_is_learned_anew(paper: Paper) -> None:
    for damaged in ("nonsense", '{"closed": "x"}', '{"closed": 1e300}', "[]"):
        paper.connection.execute("update outlets set volume = ?", [damaged])
        paper.run(2)
        at = datetime.fromtimestamp(paper.learned().closed, UTC)
        assert at >= parse_time(paper.now)
    assert paper.events() == []


def test_the_clock_may_be_set_back(paper: Paper) -> None:
    paper.now = add_seconds(paper.now, -400 * 24 * HOUR)
    paper.run(3)
    assert paper.events() == []
