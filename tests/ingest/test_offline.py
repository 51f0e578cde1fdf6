"""An unreachable outlet fails once others are reachable; while none is, none fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.connection import Archive
from harvester.ingest.keeper import Keeper
from harvester.ingest.offline import RETRY_SECONDS
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import add_seconds
from harvester.settings import parse_settings

START = "2025-09-06T06:00:00Z"
FAR, LOST, NEAR = (
    "https://lantern.example/feed",
    "https://lost.example/feed",
    "http://127.0.0.1:8000/feed",
)
REASON = "offline: the name service does not answer"
FEED = "<rss version='2.0'><channel><title>The Lantern</title><item><title>A</title><link>{}</link></item></channel></rss>"
Poll = Callable[[str, str, str], tuple[Any, ...]]


def keeper(folder: Path, **outlets: str) -> Keeper:
    text = "[archive]\npath = 'a.db'\ncaptures = ''\n" + "".join(
        f"[outlets.{key}]\nevery = '15 minutes'\nfeeds = ['{url}']\n"
        for key, url in outlets.items()
    )
    settings = parse_settings(text, folder / "settings.toml")
    one = Keeper(Archive.open(folder / "a.db", None), settings)
    one.sync_settings(START)
    one.begin_crawl(START)
    return one


def poll(
    one: Keeper, url: str, now: str, key: str = "", answered: bool = False
) -> tuple[Any, ...]:
    """The result of a visit to a feed, or to an entry's page of its outlet."""
    outlet = next(
        name
        for name, outlet in one.settings.outlets.items()
        if any(feed.url == url for feed in outlet.feeds)
    )
    visit = Visit("entry" if key else "feed", key or url, url, outlet, outlet)
    capture = Capture(
        url,
        "",
        now,
        0,
        outcome=Outcome.WAITING,
        error=REASON,
        retry_at=add_seconds(now, RETRY_SECONDS),
    )
    if answered:
        page = url.replace("feed", "a")
        capture = Capture(
            url,
            url,
            now,
            200,
            (("Content-Type", "text/xml"),),
            FEED.format(page).encode(),
        )
    job = one.receive(visit, capture, now)
    kept = one.keep(visit, capture, prepare(job) if job else None, now)
    row = one.connection.execute(
        "select failures, due > ? from feeds where url = ?",
        [add_seconds(now, RETRY_SECONDS), url],
    )
    return kept.outcome, kept.reason, *row.fetchone()


def test_an_outlet_unreachable_while_others_are_reachable_fails(tmp_path: Path) -> None:
    one = keeper(tmp_path, lantern=FAR, lost=LOST, near=NEAR)
    assert poll(one, FAR, START, answered=True)[0] is Outcome.CHANGED
    at = add_seconds(START, 60)
    assert poll(one, LOST, at) == (Outcome.WAITING, REASON, 0, 0)
    poll(one, NEAR, add_seconds(at, 60), answered=True)  # says nothing of a network
    assert poll(one, LOST, add_seconds(at, 120)) == (Outcome.WAITING, REASON, 0, 0)
    poll(one, FAR, add_seconds(at, 180), answered=True)
    said = "the name service does not answer while others can be reached"
    assert poll(one, LOST, add_seconds(at, 240)) == (Outcome.FAILED, said, 1, 1)
    assert poll(one, LOST, add_seconds(at, 600))[:3] == (Outcome.FAILED, said, 2)
    told = one.connection.execute("select kind, outlet, note from events").fetchall()
    assert [tuple(row) for row in told] == [("feed failing", "lost", said)]
    assert poll(one, FAR, add_seconds(at, 660)) == (
        Outcome.WAITING,
        REASON,
        0,
        0,
    )  # now nobody is found
    assert poll(one, LOST, add_seconds(at, 720), answered=True)[:1] + poll(
        one, LOST, add_seconds(at, 780)
    )[:1] == (
        Outcome.CHANGED,
        Outcome.WAITING,
    )


@pytest.mark.parametrize("also", [{}, {"lost": LOST}])
def test_the_only_outlet_fails_after_an_hour(
    tmp_path: Path, also: dict[str, str]
) -> None:
    one = keeper(tmp_path, lantern=FAR, **also)
    found = [poll(one, FAR, add_seconds(START, 600 * n))[0] for n in range(9)]
    alone = [Outcome.WAITING] * 7 + [Outcome.FAILED] * 2
    assert found == (alone if not also else [Outcome.WAITING] * 9)


def test_pages_are_tried_for_some_days_only(tmp_path: Path) -> None:
    one = keeper(tmp_path, lantern=FAR)
    poll(one, FAR, START, answered=True)
    key = one.connection.execute("select key from entries").fetchone()[0]
    assert poll(one, FAR, add_seconds(START, 60), key)[0] is Outcome.WAITING
    assert poll(one, FAR, add_seconds(START, 200), key)[0] is Outcome.WAITING
    poll(one, FAR, add_seconds(START, 600), answered=True)
    assert poll(one, FAR, add_seconds(START, 700), key)[0] is Outcome.FAILED
    attempts = one.connection.execute("select attempts from entries").fetchone()[0]
    assert attempts == 1
