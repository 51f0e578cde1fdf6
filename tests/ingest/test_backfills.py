"""What an outlet published before is fetched, and is no news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from harvester.archive.records import volumes
from harvester.ingest.backfills import continue_backfill, stop_backfills
from harvester.model import Visit
from tests.support.backfilled_outlet import KEY, BackfilledOutlet
from tests.support.prose import ProseGenerator

COUNT = 24


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., BackfilledOutlet]]:
    made: list[BackfilledOutlet] = []

    def build(count: int = COUNT, **options: str) -> BackfilledOutlet:
        made.append(BackfilledOutlet(tmp_path, count, **options))
        return made[-1]

    yield build
    for each in made:
        each.close()


def addresses(world: BackfilledOutlet) -> set[str]:
    """What entries announce that were not refused."""
    return {row["url"] for row in world.rows("select url from entries")}


# ---- pages


def test_pages_are_fetched_and_each_has_an_outcome(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """The newest first, after what the feed announced; the articles say how they came."""
    world = make()
    gone = world.outlet.articles[3]
    world.begin()
    world.run(3, pages=False)
    world.outlet.withdraw(gone, 404)
    backfill = world.run()
    assert backfill.state == "finished"
    assert backfill.ended == world.now
    assert world.found() == world.online() - {gone.url}
    outcomes = world.rows(
        "select outcome, count(*) as count from entries where backfill is not null "
        "group by 1 order by 1"
    )
    assert outcomes == [
        {"outcome": "gone", "count": 1},
        {"outcome": "new", "count": COUNT - world.outlet.feed_size - 1},
    ]
    pages = [
        request.path
        for request in world.outlet.requests
        if any(article.path == request.path for article in world.outlet.articles)
    ]
    expected = [article.path for article in reversed(world.outlet.articles)]
    assert pages[5:] == expected[5:]
    # Old articles are not checked as if they were fresh; nor are they news.
    rows = world.rows(
        """
        select a.due, v.published, a.first_seen from articles a
        join versions v on v.article = a.key
        join entries e on e.article = a.key where e.backfill is not null
        """
    )
    assert {row["first_seen"] for row in rows} == {world.now}
    assert min(row["published"] for row in rows) < "2019-05-07"
    assert not world.rows("select 1 from events where kind <> 'edited'")


def test_articles_past_their_checks_get_none(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.newsroom.advance(days=400)
    world.begin()
    world.run()
    due = world.rows(
        """
        select count(a.due) as due, count(*) as count from articles a
        join entries e on e.article = a.key where e.backfill is not null
        """
    )
    assert due == [{"due": 0, "count": COUNT - world.outlet.feed_size}]


def test_fresh_news_come_first(make: Callable[..., BackfilledOutlet]) -> None:
    """While entries are listed, no page of them is fetched; the feed's are."""
    world = make()
    world.begin()
    first = world.take()
    assert [visit.kind for visit in first] == ["feed", "backfill"]
    for visit in first:
        world.visit(visit)
    following = world.take()
    kinds = [(visit.kind, visit.is_background) for visit in following]
    assert kinds == [("entry", False)] * 5 + [("backfill", True)]
    # Without being asked for, nothing of it is handed out.
    for visit in following:
        world.visit(visit)
    assert world.keeper.take_due_visits(world.now) == []


def test_an_entry_that_the_feed_announces_after_all_is_news(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.begin()
    world.run(4, pages=False)
    world.outlet.feed_size = 8
    world.newsroom.advance(hours=2)
    visits: list[Visit] = []
    world.keeper.begin_round()
    while taken := world.keeper.take_due_visits(world.now):
        for visit in taken:
            world.visit(visit)
        visits += taken
    fetched = {visit.url for visit in visits if visit.kind == "entry"}
    assert {article.url for article in world.outlet.articles[-8:]} <= fetched


# ---- refusals, limits, interruptions


def test_robots_txt_that_denies_the_lists(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """The keeper is told that a request was refused: it says so, and goes on."""
    world = make()
    world.outlet.rest_quirks = frozenset(["closed"])
    world.begin()
    backfill = world.run()
    assert backfill.state == "finished"
    assert backfill.new == 0
    assert world.reasons("WordPress REST") == ["answered 401 Unauthorized"]
    assert world.reasons("sitemap") == ["answered 404 Not Found"] * 3


def test_a_rate_limit_is_waited_for(make: Callable[..., BackfilledOutlet]) -> None:
    world = make()
    world.outlet.add_fault("/wp-json/*", "status", status=429, retry_after=90, times=1)
    world.begin()
    world.run(pages=False)
    count = len(world.outlet.requests)
    assert world.run(pages=False).state == "running"
    assert len(world.outlet.requests) == count
    world.newsroom.advance(seconds=91)
    world.run(pages=False)
    assert addresses(world) == world.online()


def test_a_server_that_is_down_is_asked_again(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.outlet.add_fault("/wp-json/*", "status", status=500, times=2)
    world.begin()
    for _ in range(4):
        world.run(pages=False)
        world.newsroom.advance(minutes=11)
    assert addresses(world) == world.online()


def test_it_is_stopped_and_goes_on(make: Callable[..., BackfilledOutlet]) -> None:
    world = make()
    backfill = world.begin()
    world.run(3)
    world.archive.begin()
    assert stop_backfills(world.archive.connection, KEY, "stopped") == 1
    world.archive.commit()
    while visits := world.take():
        assert not any(visit.is_background for visit in visits)
        for visit in visits:
            world.visit(visit)
    world.archive.begin()
    continue_backfill(world.archive.connection, backfill.id, world.now)
    world.archive.commit()
    assert world.run().state == "finished"
    assert world.found() == world.online()


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_instant_nothing_is_lost_or_double(
    make: Callable[..., BackfilledOutlet], seed: int
) -> None:
    """Between two commits, and within a visit: what was received is lost, no more."""
    world, random = make(), Random(seed)
    world.outlet.rest_quirks = frozenset(["capped"])
    world.begin()
    for _ in range(10):
        world.run(random.randrange(1, 5))
        for visit in world.take(random.randrange(1, 4)):
            capture = world.fetch(visit.url)
            world.keeper.receive(visit, capture, world.now)
        world.crash()
    backfill = world.run()
    assert backfill.state == "finished"
    assert world.found() == world.online()
    assert len(world.rows("select 1 from articles")) == COUNT
    assert backfill.listed == backfill.new + backfill.known + backfill.outside
    assert backfill.new == COUNT - world.outlet.feed_size


def test_the_same_again_changes_nothing(make: Callable[..., BackfilledOutlet]) -> None:
    world = make()
    world.begin()
    world.run()
    before = world.rows("select key, url, first_seen, backfill from entries")
    world.newsroom.advance(minutes=5)
    world.begin()
    backfill = world.run()
    assert (backfill.state, backfill.new) == ("finished", 0)
    assert world.rows("select key, url, first_seen, backfill from entries") == before


# ---- what is not news


def test_alerts_ring_for_edits_and_not_for_old_articles(
    make: Callable[..., BackfilledOutlet],
) -> None:
    alert = '\n[alerts.all]\nquery = ""\non = ["new", "edit", "volume", "missed"]\n'
    world = make(more=f'{alert}to = ["https://hooks.example/ring"]\n')
    world.newsroom.advance(days=3)
    world.begin()
    world.run()
    assert world.found() == world.online()
    backfilled = world.rows(
        "select article from entries where backfill is not null and article is not null"
    )
    rung = world.rows("select kind, article from alert_events")
    old = {row["article"] for row in backfilled}
    assert not [row for row in rung if row["article"] in old]
    article = world.outlet.articles[0]
    world.outlet.edit(article, ProseGenerator("edit", "en").article_paragraphs(4))
    world.newsroom.advance(hours=1)
    [key] = [
        row["key"]
        for row in world.rows("select key, reached from articles")
        if row["reached"] == article.url
    ]
    world.archive.begin()
    world.archive.connection.execute(
        "update articles set due = ?, prompted = 1 where key = ?", [world.now, key]
    )
    world.run()
    rung = world.rows("select kind from alert_events where article = ?", key)
    assert [row["kind"] for row in rung] == ["edit"]


def test_it_teaches_neither_rhythm_nor_volume(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.keeper.begin_round()
    for visit in world.keeper.take_due_visits(world.now):
        world.visit(visit)
    before = world.rows("select rhythm, new_at, due, listed, kind from feeds")
    world.begin()
    world.run()
    assert world.rows("select rhythm, new_at, due, listed, kind from feeds") == before
    first_seen = volumes.list_first_seen(
        world.archive.connection, KEY, "2000", "3000", old_days=10_000
    )
    assert len(first_seen) == world.outlet.feed_size
    # The next poll has no gap, whatever was found behind its end.
    world.newsroom.advance(hours=2)
    world.publish(900, world.newsroom.now)
    world.run()
    assert not world.rows("select 1 from gaps")
    kinds = {row["kind"] for row in world.rows("select kind from events")}
    assert not kinds & {"items missed", "old entries", "many articles", "few articles"}
