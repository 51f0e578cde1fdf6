"""A feed that suddenly lists hundreds of entries from its past."""

from __future__ import annotations

from email.utils import format_datetime
from pathlib import Path

from harvester.model import Capture
from harvester.schedule.times import add_seconds, parse_time
from tests.support.observer import BUDGET, FEED, HTML, RSS, Observer, page

MONDAY = "2025-09-15T08:00:00Z"
DAY = 86_400.0


class Paper(Observer):
    """A paper whose feed lists stories by their age in days on that Monday."""

    ages: tuple[float, ...] = ()

    def _fetch(self, url: str, now: str) -> Capture:
        if url != FEED:
            title = f"Story of {url.rstrip('/').rpartition('/')[2]} days ago"
            return Capture(url, url, now, 200, HTML, page(title, (title, *BUDGET)))
        entries = "".join(
            f"<item><title>Story of {age} days ago</title><guid>{age}</guid>"
            f"<link>https://paper.example/{age}/</link>"
            f"<pubDate>{format_datetime(parse_time(add_seconds(MONDAY, -age * DAY)))}"
            "</pubDate></item>"
            for age in self.ages
        )
        body = f"<rss version='2.0'><channel><title>P</title>{entries}</channel></rss>"
        return Capture(url, url, now, 200, RSS, body.encode())


def open_paper(folder: Path) -> Paper:
    paper = Paper(folder)
    paper.ages = (0.5, 1.5, 2.5)
    paper.crawl(MONDAY, force=False)
    return paper


def test_one_event_and_new_entries_do_not_wait(tmp_path: Path) -> None:
    paper = open_paper(tmp_path)
    paper.ages = (-0.01, 0.5, 1.5, 2.5, *(100.0 + number for number in range(600)))
    at = add_seconds(MONDAY, DAY)
    paper.crawl(at, force=False)
    kinds = [row["kind"] for row in paper.rows("select kind from events")]
    assert kinds.count("old entries") == 1 and "items missed" not in kinds
    # The new one was fetched at once, the old ones come one after the other.
    (new,) = paper.rows("select outcome from entries where guid = '-0.01'")
    assert new["outcome"] in ("new", "duplicate")
    due = [
        row["due"]
        for row in paper.rows(
            "select due from entries where due is not null order by published desc"
        )
    ]
    assert len(due) == 600 and due == sorted(due) and len(set(due)) == 600
    assert due[0] >= add_seconds(at, 30) and due[-1] <= add_seconds(at, DAY)
    # It is polled about as before.
    assert paper.rows("select due from feeds")[0]["due"] >= add_seconds(at, 900)


def test_nothing_is_lost(tmp_path: Path) -> None:
    paper = open_paper(tmp_path)
    paper.ages = (0.5, 1.5, 2.5, *(100.0 + number for number in range(40)))
    paper.crawl(add_seconds(MONDAY, DAY), force=False)
    assert paper.rows("select count(*) as n from articles") == [{"n": 3}]
    for hour in range(25, 28):
        paper.crawl(add_seconds(MONDAY, hour * 3_600), force=False)
    waiting = paper.rows("select count(*) as n from entries where outcome = 'waiting'")
    assert waiting == [{"n": 0}]
    assert paper.rows("select count(*) as n from entries where article is null") == [
        {"n": 0}
    ]
    events = paper.rows("select note from events where kind = 'old entries'")
    assert len(events) == 1 and events[0]["note"].startswith("40 entries from before")


def test_a_feed_that_lists_only_its_past_is_no_gap(tmp_path: Path) -> None:
    paper = open_paper(tmp_path)
    paper.ages = tuple(100.0 + number for number in range(40))
    paper.crawl(add_seconds(MONDAY, DAY), force=False)
    kinds = {row["kind"] for row in paper.rows("select kind from events")}
    assert "old entries" in kinds and "items missed" not in kinds


def test_a_first_poll_and_a_few_late_entries_are_no_flood(tmp_path: Path) -> None:
    paper = Paper(tmp_path)
    paper.ages = tuple(100.0 + number for number in range(60))
    paper.crawl(MONDAY, force=False)
    paper.ages = (*paper.ages, 300.0, 301.0)
    paper.crawl(add_seconds(MONDAY, DAY), force=False)
    assert not paper.rows("select 1 from events where kind = 'old entries'")
