"""What an outlet published before is found whatever lists it, and once."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harvester.ingest import backfill_listing
from tests.support.backfilled_outlet import FIRST, BackfilledOutlet

COUNT = 24


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., BackfilledOutlet]]:
    made: list[BackfilledOutlet] = []

    def build(count: int = COUNT, **options: Any) -> BackfilledOutlet:
        made.append(BackfilledOutlet(tmp_path, count, **options))
        return made[-1]

    yield build
    for each in made:
        each.close()


def addresses(world: BackfilledOutlet) -> set[str]:
    """What entries announce that were not refused."""
    return {row["url"] for row in world.rows("select url from entries")}


# ---- each source alone


@pytest.mark.parametrize(
    ("quirks", "lists", "source"),
    [
        ((), (), "WordPress REST"),
        (("capped",), (), "WordPress REST"),
        (("no zone",), (), "WordPress REST"),
        (("no bounds", "capped"), (), "WordPress REST"),
        (("unordered",), (), "WordPress REST"),
        (("closed",), ("paged",), "WordPress feed"),
        (("html",), ("paged",), "WordPress feed"),
        (("closed",), ("sitemaps",), "sitemap"),
        (("closed",), ("undated sitemaps",), "sitemap"),
    ],
)
def test_all_posts_are_found_by_one_source(
    make: Callable[..., BackfilledOutlet],
    quirks: tuple[str, ...],
    lists: tuple[str, ...],
    source: str,
) -> None:
    world = make()
    world.outlet.rest_quirks, world.outlet.lists = frozenset(quirks), frozenset(lists)
    world.begin()
    world.run(pages=False)
    assert addresses(world) == world.online()
    assert len(world.rows("select 1 from entries")) == COUNT
    backfill = world.backfill
    assert backfill.new == COUNT - world.outlet.feed_size
    assert backfill.listed == backfill.new + backfill.known + backfill.outside
    assert world.sources()[source][1] == backfill.new
    # Each request was sent once.
    paths = [
        request.path
        for request in world.outlet.requests
        if "wp-json" in request.path or "paged" in request.path
    ]
    assert len(paths) == len(set(paths))


def test_posts_of_one_second_are_not_lost(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """As of an import into WordPress: more than a page has, with one date."""
    world = make(12)
    world.outlet.rest_quirks = frozenset(["capped"])
    for number in range(100, 135):
        world.publish(number, FIRST - timedelta(days=1))
    world.begin()
    world.run(pages=False)
    assert addresses(world) == world.online()


def test_what_rest_does_not_reach_is_left_to_the_next_source(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """It fails half-way; the feed's pages bring the rest, and nothing twice."""
    world = make()
    world.outlet.rest_quirks = frozenset(["capped"])
    world.outlet.lists = frozenset(["paged"])
    world.begin()
    world.run(4, pages=False)
    world.outlet.rest_quirks = frozenset(["closed"])
    world.run(pages=False)
    assert addresses(world) == world.online()
    assert len(world.rows("select 1 from entries")) == COUNT
    sources = world.sources()
    assert sources["WordPress REST"][1] > 0
    assert sources["WordPress feed"][1] > 0
    assert world.reasons("WordPress REST") == ["answered 401 Unauthorized"]


def test_only_what_was_published_since_a_date(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.outlet.rest_quirks = frozenset(["closed"])
    world.outlet.lists = frozenset(["paged"])
    since = "2019-05-13T00:00:00Z"  # that of post 10 is later
    world.begin(since)
    world.run(pages=False)
    dates = [row["published"] for row in world.rows("select published from entries")]
    assert min(dates) == "2019-05-13T08:00:00Z"
    assert world.backfill.outside > 0
    assert world.sources()["WordPress feed"][0] < 5


def test_posts_published_meanwhile_shift_nothing(
    make: Callable[..., BackfilledOutlet],
) -> None:
    world = make()
    world.outlet.rest_quirks = frozenset(["closed"])
    world.outlet.lists = frozenset(["paged"])
    before = world.online()
    world.begin()
    for number in range(200, 230):
        world.run(1, pages=False)
        world.newsroom.advance(minutes=1)
        world.publish(number, world.newsroom.now)
    world.run(pages=False)
    assert before <= addresses(world)
    urls = [row["url"] for row in world.rows("select url from entries")]
    assert len(urls) == len(set(urls))


@pytest.mark.parametrize("relation", ["prev-archive", "next"])
def test_documents_that_a_feed_names(
    make: Callable[..., BackfilledOutlet], relation: str
) -> None:
    """RFC 5005: its archive documents, or its next pages."""
    world = make()
    world.outlet.rest_quirks = frozenset(["closed"])
    newest_first = world.outlet.articles[::-1]
    for start in range(0, COUNT, 5):
        entries = "".join(
            f"<entry><id>tag:paper.example,2019:{article.number}</id><title>"
            f"{article.number}</title><link href='{article.url}'/>"
            f"<published>{article.published.isoformat()}</published></entry>"
            for article in newest_first[start : start + 5]
        )
        more = f"/older-{start + 5}.xml" if start + 5 < COUNT else ""
        link = f"<link rel='{relation}' href='{more}'/>" if more else ""
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'>{link}{entries}</feed>"
        path = f"/older-{start}.xml" if start else "/feed/"
        world.outlet.serve(path, body.encode(), "application/atom+xml")
    world.begin()
    world.run(pages=False)
    assert addresses(world) == world.online()
    source = "archived feed" if relation == "prev-archive" else "paged feed"
    assert world.sources()[source] == (4, COUNT - 5)
    [reason] = world.reasons(source)
    assert reason == "its last page goes back to 2019-05-03T08:00:00Z"


def test_an_index_of_compressed_sitemaps_by_month(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """Only those that may list what was published since are read."""
    world = make(90)
    world.outlet.rest_quirks = frozenset(["closed"])
    months: dict[str, list[str]] = {}
    for article in world.outlet.articles:
        months.setdefault(f"{article.published:%Y-%m}", []).append(article.url)
    children = ""
    for month, urls in months.items():
        entries = "".join(f"<url><loc>{url}</loc></url>" for url in urls)
        body = gzip.compress(f"<urlset>{entries}</urlset>".encode())
        url = world.outlet.serve(f"/map-{month}.xml.gz", body, "application/gzip")
        children += f"<sitemap><loc>{url}</loc></sitemap>"
    index = f"<sitemapindex>{children}</sitemapindex>".encode()
    world.outlet.serve("/sitemap.xml", index, "application/xml")
    world.begin("2019-06-15T00:00:00Z")
    world.run(pages=False)
    asked = [
        request.path[5:12]
        for request in world.outlet.requests
        if request.path.startswith("/map-")
    ]
    assert sorted(asked) == ["2019-06", "2019-07"]
    expected = {*months["2019-06"], *months["2019-07"]}
    assert expected <= addresses(world)


def test_an_outlet_without_a_feed_has_sitemaps(
    make: Callable[..., BackfilledOutlet],
) -> None:
    """Its section page is no feed; what robots.txt would name is asked."""
    world = make(has_feed=False)
    urls = "".join(
        f"<url><loc>{article.url}</loc></url>" for article in world.outlet.articles
    )
    body = f"<urlset>{urls}</urlset>".encode()
    world.outlet.serve("/sitemap.xml", body, "application/xml")
    world.begin()
    world.run(pages=False)
    assert addresses(world) >= world.online()
    assert world.sources()["sitemap"][0] == 1
    assert len(world.reasons("feed")) == 1


@pytest.mark.parametrize("limit", ["MAX_REQUESTS", "MAX_ENTRIES"])
def test_lists_without_end_are_bounded(
    make: Callable[..., BackfilledOutlet],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    """An index names sitemaps for ever; what was found until then is fetched."""
    world = make()
    world.outlet.rest_quirks = frozenset(["closed"])
    children = ""
    for number, article in enumerate(world.outlet.articles):
        body = f"<urlset><url><loc>{article.url}</loc></url></urlset>".encode()
        url = world.outlet.serve(f"/map-{number}.xml", body, "application/xml")
        children += f"<sitemap><loc>{url}</loc></sitemap>"
    index = f"<sitemapindex>{children}</sitemapindex>".encode()
    world.outlet.serve("/sitemap.xml", index, "application/xml")
    monkeypatch.setattr(backfill_listing, limit, 9)
    world.begin()
    backfill = world.run()
    assert backfill.state == "finished"
    assert 2 <= backfill.new < COUNT - world.outlet.feed_size
    dropped = world.rows(
        "select distinct reason from backfill_requests where state = 'dropped'"
    )
    words = "9 requests were sent" if limit == "MAX_REQUESTS" else "entries were found"
    assert dropped[0]["reason"].endswith(words)
