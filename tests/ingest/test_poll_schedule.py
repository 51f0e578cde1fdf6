"""When a feed is polled again, and what its polls teach."""

from __future__ import annotations

import json
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from harvester.ingest.poll_schedule import failure_kind
from harvester.model import Capture, Outcome
from harvester.schedule.times import add_seconds, parse_time
from tests.support.observer import FEED, RSS, Observer

MONDAY = "2025-09-15T00:00:00Z"
HOUR = 3_600.0


class Paper(Observer):
    """A paper whose feed lists its last stories; each has a time of publication."""

    published: tuple[float, ...] = ()  # hours since Monday
    listed_count = 20
    headers = RSS
    status = 200

    def _fetch(self, url: str, now: str) -> Capture:
        if url != FEED:
            return Capture(url, url, now, 404)
        if self.status != 200:
            return Capture(url, url, now, self.status, (), b"<html>no</html>")
        until = (parse_time(now) - parse_time(MONDAY)).total_seconds() / HOUR
        hours = [hour for hour in self.published if hour <= until]
        entries = "".join(
            f"<item><title>Story {hour}</title><guid>{hour}</guid>"
            f"<link>https://paper.example/{hour}/</link>"
            f"<pubDate>{format_datetime(parse_time(add_seconds(MONDAY, hour * HOUR)))}"
            "</pubDate></item>"
            for hour in sorted(hours, reverse=True)[: self.listed_count]
        )
        body = f"<rss version='2.0'><channel><title>P</title>{entries}</channel></rss>"
        return Capture(url, url, now, 200, self.headers, body.encode())

    def due(self) -> str:
        return str(self.rows("select due from feeds")[0]["due"])

    def follow(self, hours: float, now: str = MONDAY) -> list[str]:
        """Poll whenever the feed is due; returns when that was."""
        times, end = [], add_seconds(now, hours * HOUR)
        while now < end:
            times.append(now)
            self.crawl(now, force=False)
            now = self.due()
        return times


def test_a_feed_that_proved_it_is_polled_more_than_every_15_minutes(
    tmp_path: Path,
) -> None:
    paper = Paper(tmp_path)
    paper.published = tuple(number / 10 for number in range(-200, 100))
    polls = paper.follow(3)
    gaps = _minutes_between(polls)
    assert 15 <= gaps[0] <= 16.6
    assert gaps[-1] <= 5.6 and min(gaps) >= 5


def test_a_feed_without_news_is_polled_ever_less(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.published = tuple(-2_000.0 - number for number in range(20))
    gaps = _minutes_between(paper.follow(24 * 9))
    assert len(gaps) < 30 and gaps[-1] > 600


def test_settings_and_server_are_obeyed(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.published = tuple(number / 10 for number in range(-200, 100))
    paper.headers = (*RSS, ("Cache-Control", "max-age=7200"))
    gaps = _minutes_between(paper.follow(9))
    assert all(120 <= gap <= 132.1 for gap in gaps)
    paper.headers = RSS
    paper.settings.write_text(
        f'[outlets.paper]\nfeeds = ["{FEED}"]\nevery = "40 minutes"\n'
    )
    gaps = _minutes_between(paper.follow(4, now=paper.due()))
    assert all(gap == 40 for gap in gaps)


def test_a_gap_quickens_at_once(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.listed_count = 4
    paper.published = tuple(-2_000.0 - number for number in range(20))
    now = paper.follow(24 * 3)[-1]
    hours = (parse_time(now) - parse_time(MONDAY)).total_seconds() / HOUR
    paper.published += tuple(hours + number / 10 for number in range(1, 10))
    now = paper.due()
    paper.crawl(now, force=False)
    assert paper.rows("select 1 from events where kind = 'items missed'")
    assert _minutes_between([now, paper.due()])[0] <= 16.6


def test_the_rhythm_is_stored_with_the_poll(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.published = (-3.5, -2.5, 0.1)
    paper.crawl(MONDAY)
    rhythm = json.loads(paper.rows("select rhythm from feeds")[0]["rhythm"])
    assert rhythm["at"] == parse_time(MONDAY).timestamp()
    assert sum(rhythm["hours"]) == 2 and rhythm["hours"][164:166] == [1, 1]
    assert rhythm["found"] == 0
    paper.crawl(add_seconds(MONDAY, 900))
    rhythm = json.loads(paper.rows("select rhythm from feeds")[0]["rhythm"])
    assert rhythm["found"] == 1 and rhythm["hours"][0] == 1


def test_a_failing_feed_backs_off_and_then_goes_on_as_before(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.published = tuple(number / 10 for number in range(-200, 3_000))
    paper.follow(3)
    paper.status = 500
    gaps = _minutes_between(paper.follow(70, now=paper.due()))
    assert min(gaps) >= 15 and gaps[-1] > 900
    paper.status = 200
    due = paper.due()
    paper.crawl(due, force=False)
    assert _minutes_between([due, paper.due()])[0] <= 16.6  # after so long: a gap


@pytest.mark.parametrize(
    ("status", "outcome", "kind"),
    [
        (0, Outcome.FAILED, "temporary"),
        (500, Outcome.FAILED, "temporary"),
        (503, Outcome.FAILED, "temporary"),
        (408, Outcome.FAILED, "temporary"),
        (200, Outcome.FAILED, "soft"),
        (403, Outcome.BLOCKED, "soft"),
        (404, Outcome.GONE, "soft"),
        (410, Outcome.GONE, "hard"),
        (0, Outcome.REFUSED, "hard"),
    ],
)
def test_kinds_of_failure(status: int, outcome: Outcome, kind: str) -> None:
    capture = Capture(FEED, FEED, MONDAY, status)
    assert failure_kind(capture, outcome) == kind


def _minutes_between(times: list[str]) -> list[float]:
    moments = [parse_time(time) for time in times]
    return [
        (later - earlier).total_seconds() / 60 for earlier, later in pairwise(moments)
    ]
