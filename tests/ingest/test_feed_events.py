"""What is told of a feed after a poll: failing, gone, moved, silent, and no longer."""

from __future__ import annotations

from pathlib import Path

from harvester.model import Capture, Redirect
from harvester.schedule.times import add_seconds
from tests.support.observer import BUDGET, FEED, HTML, RSS, Observer, page

START = "2025-09-15T06:00:00Z"
DAY = 86_400.0
NEW_FEED = "https://paper.example/new"


class Paper(Observer):
    """A paper whose feed answers with a status, or has moved."""

    status = 200
    moved_to = ""
    days = 0.0

    def _fetch(self, url: str, now: str) -> Capture:
        if url not in (FEED, NEW_FEED):
            return super()._fetch(url, now)
        if self.status != 200:
            return Capture(url, url, now, self.status, HTML, b"<p>No</p>")
        redirects: tuple[Redirect, ...] = ()
        if self.moved_to and url == FEED:
            redirects = (Redirect(url, 301, self.moved_to),)
        reached = self.moved_to or url
        return Capture(url, reached, now, 200, RSS, self._feed_body(), redirects)

    def poll(self, after_days: float = 1.0) -> None:
        self.days += after_days
        self.crawl(add_seconds(START, self.days * DAY))

    def kinds(self) -> list[str]:
        rows = self.rows("select kind from events where kind like 'feed %' order by id")
        return [row["kind"] for row in rows]


def test_a_feed_fails_is_gone_and_comes_back(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.poll()
    paper.status = 410
    for _ in range(5):
        paper.poll()
    assert paper.kinds() == ["feed failing", "feed gone"]
    (event,) = paper.rows("select * from events where kind = 'feed gone'")
    assert "410 Gone" in event["note"]
    assert event["since"] == add_seconds(START, 2 * DAY)
    paper.status = 200
    paper.poll()
    assert paper.kinds()[2:] == ["feed recovered"]


def test_a_feed_moves_once(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.moved_to = NEW_FEED
    for _ in range(8):
        paper.poll()
    assert paper.kinds() == ["feed moved"]
    (event,) = paper.rows("select * from events where kind = 'feed moved'")
    assert NEW_FEED in event["note"]


def test_a_feed_is_silent_once_and_active_again(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    for number in range(30):
        path = f"/{number}"
        paper.put(path, page(f"Story {number}", (f"Story {number}.", *BUDGET)), path)
        paper.poll(0.25)
    assert paper.kinds() == []
    before = add_seconds(START, paper.days * DAY)
    for _ in range(20):
        paper.poll()
    assert paper.kinds() == ["feed silent"]
    (event,) = paper.rows("select * from events where kind = 'feed silent'")
    assert event["since"] == before and "nothing new for" in event["note"]
    paper.put("/again", page("Again", BUDGET), "Again")
    paper.poll()
    assert paper.kinds() == ["feed silent", "feed active"]
