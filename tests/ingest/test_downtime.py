"""The harvester was silent although something was due: an event, with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import feedparser
import pytest

from harvester.archive.connection import Archive
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.ingest.clock import ClockMonitor
from harvester.ingest.keeper import Keeper
from harvester.schedule.times import add_seconds
from harvester.settings import load_settings
from tests.support.observer import BUDGET, Observer, page

START = "2025-09-15T06:00:00Z"
HOUR = 3_600.0


def after(hours: float) -> str:
    return add_seconds(START, hours * HOUR)


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    """A paper that was crawled each hour until noon."""
    paper = Observer(tmp_path)
    paper.put("/one", page("One", BUDGET), "One")
    for hour in range(7):
        paper.crawl(after(hour))
    assert events(paper) == []
    return paper


def events(paper: Observer) -> list[dict[str, object]]:
    return paper.rows("select * from events where kind = 'harvester silent'")


def test_it_is_recorded_at_the_next_crawl_and_shown(paper: Observer) -> None:
    paper.crawl(after(16))
    (event,) = events(paper)
    # It was due a quarter of an hour after the last poll.
    assert after(6.2) <= str(event["since"]) <= after(6.3) and event["at"] == after(16)
    assert "nothing was crawled for 10 hours, although it was due" in str(event["note"])
    assert "did not run" in str(event["note"])
    paper.crawl(after(17))
    assert len(events(paper)) == 1
    record = paper.json("status")
    assert record["downtime"]["from"] == event["since"]
    assert record["downtime"]["until"] == after(16)
    assert "this machine: harvester silent: nothing was crawled" in paper.run("status")


def test_it_is_shown_first_while_it_is_recent(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from harvester.schedule.times import format_time

    now = format_time(datetime.now(UTC))
    paper = Observer(tmp_path)
    for hour in (30, 29, 28, 3):
        paper.crawl(add_seconds(now, -hour * HOUR))
    lines = paper.run("status").split("\n\n")[0]
    assert "UTC nothing was crawled for 25 hours" in " ".join(lines.split())


def test_short_pauses_and_a_crawl_once_a_day_are_none(tmp_path: Path) -> None:
    paper = Observer(tmp_path)
    for hour in (0, 0.4, 1, 1.9):
        paper.crawl(after(hour))
    assert events(paper) == []
    daily = Observer(tmp_path / "daily")
    for day in range(5):
        daily.crawl(after(24 * day))
    # The first pause of all cannot be told from downtime.
    assert len(events(daily)) <= 1
    assert all(str(event["at"]) <= after(24) for event in events(daily))


def _begin(paper: Observer, now: str, booted: str = "") -> str:
    settings = load_settings(paper.settings)
    archive = Archive.open(settings.archive, settings.captures)
    keeper = Keeper(archive, settings)
    keeper.begin_crawl(now, booted)
    keeper.close()
    return str(events(paper)[-1]["note"])


@pytest.mark.parametrize(
    ("since", "problem", "booted", "why"),
    [
        (after(0), "the disk is full", "", "due: the disk is full"),
        (after(0), "", after(9), f"the machine was off until {after(9)}"),
        (after(0), "", "", "`harvest run` was running: the machine slept"),
        (after(16), "an old problem", "", "did not run"),
    ],
)
def test_the_reason_is_told_where_it_is_known(
    paper: Observer, since: str, problem: str, booted: str, why: str
) -> None:
    lock = Lock(load_settings(paper.settings).archive)
    lock.acquire(LockHolder(os.getpid(), "harvest run", since))
    lock.report_problem(problem, after(8))
    try:
        assert why in _begin(paper, after(16), booted)
    finally:
        lock.release()


def test_a_crawl_that_was_killed(paper: Observer) -> None:
    with paper.reading() as connection:
        connection.execute("update crawls set ended = null where id = 7")
        connection.commit()
    assert "was killed, or the power failed" in _begin(paper, after(16))


def test_a_machine_that_sleeps_while_a_crawl_runs(paper: Observer) -> None:
    settings = load_settings(paper.settings)
    archive = Archive.open(settings.archive, settings.captures)
    keeper = Keeper(archive, settings)
    keeper.begin_crawl(after(6.1))
    clock = ClockMonitor(keeper, after(6.1), 100.0)
    clock.check(after(6.2), 100.0 + 0.1 * HOUR)
    clock.check(after(6.9), 100.0 + 0.8 * HOUR)
    assert events(paper) == []
    clock.check(after(11.9), 100.0 + 5.8 * HOUR)
    keeper.close()
    (event,) = events(paper)
    assert event["since"] == after(6.9) and "the machine slept" in str(event["note"])


def test_health_as_atom(paper: Observer) -> None:
    paper.crawl(after(16))
    (paper.folder / "settings.toml").write_text(
        paper.settings.read_text()
        + '[outlets.other]\nfeeds = ["https://b.example/f"]\n'
    )
    paper.crawl(after(17))
    text = paper.run("status", "--atom")
    feed = feedparser.parse(text.encode())
    assert not feed.bozo and feed.feed.title == "Health of the harvest"
    assert [entry.title for entry in feed.entries] == [
        "Feed fails: other",
        "The harvester was silent: this machine",
    ]
    failing, entry = feed.entries
    assert failing.link == "https://b.example/f" and "404" in failing.summary
    assert entry.updated == after(16) and "10 hours" in entry.summary
    assert feed.feed.updated == after(17)
    again = feedparser.parse(paper.run("status", "--atom").encode())
    assert [entry.id for entry in again.entries] == [failing.id, entry.id]
    assert again.feed.id == feed.feed.id
    one = feedparser.parse(paper.run("status", "--atom", "paper").encode())
    assert one.feed.id != feed.feed.id and len(one.entries) == 1
