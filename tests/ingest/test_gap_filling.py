"""Entries that a feed dropped between two polls are found elsewhere, and that is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from harvester.archive.connection import Archive
from harvester.ingest.gap_plans import MAX_REQUESTS_A_DAY, common_directory
from harvester.ingest.gap_requests import MAX_PAGES, MAX_REQUESTS
from harvester.ingest.keeper import Keeper
from harvester.ingest.prepare import prepare
from harvester.model import Capture, Visit
from harvester.schedule.times import add_seconds, parse_time
from harvester.settings import parse_settings
from tests.support.observer import page

HOME = "https://paper.example"
NOON = "2025-09-06T12:00:00Z"
HOUR = 3_600.0
WINDOW = 4  # entries that the feed lists

Answer = tuple[int, str, str]  # status, type, body


def hour(number: float) -> str:
    """The time so many hours after noon, at which story ``number`` is published."""
    return add_seconds(NOON, number * HOUR)


def _is_story(target: str) -> bool:
    return target.strip("/").replace(".", "").isdigit()


def _words(number: str) -> list[str]:
    """A text that no other story has."""
    random = Random(number)
    return [
        f"{' '.join(f'word{random.randrange(10_000)}' for _ in range(40))}, said number "
        f"{number} of the council."
        for _ in range(6)
    ]


class Newspaper:
    """A paper that publishes a story an hour, its feed, and whatever else it has."""

    def __init__(self, folder: Path, more: str = "", feed: str = "/feed/") -> None:
        self.folder, self.feed_path = folder, feed
        self.newest = 3
        self.generator = ""
        self.links = ""  # in the channel of the feed
        self.answers: dict[str, Callable[[dict[str, str]], Answer]] = {}
        self.asked: list[tuple[str, str]] = []
        text = f'[archive]\npath = "a.db"\n[outlets.paper]\nhome = "{HOME}/"\n'
        text += f'feeds = ["{HOME}{feed}"]\nevery = "1 hour"\nrevisit = []\n{more}\n'
        self.settings = parse_settings(text, folder / "settings.toml")
        self.now = hour(3.5)
        self.open()

    def open(self) -> None:
        """Open the archive, as a process does that begins."""
        self.archive = Archive.open(self.folder / "a.db", None)
        self.keeper = Keeper(self.archive, self.settings)
        self.keeper.sync_settings(self.now)
        self.keeper.begin_crawl(self.now)

    def rss(self, numbers: Sequence[float], links: str = "") -> Answer:
        entries = "".join(
            f"<item><title>Story {one}</title><link>{HOME}/{one}/</link>"
            f"<guid isPermaLink='false'>story-{one}</guid>"
            f"<pubDate>{format_datetime(parse_time(hour(one)))}</pubDate></item>"
            for one in numbers
        )
        body = (
            "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
            f"<title>P</title><link>{HOME}/</link>{links or self.links}"
            f"<generator>{self.generator}</generator>{entries}</channel></rss>"
        )
        return 200, "application/rss+xml", body

    def page(self, number: int) -> list[int]:
        """The stories on a page of the feed, from 1."""
        first = self.newest - WINDOW * (number - 1)
        return [one for one in range(first, first - WINDOW, -1) if one >= 0]

    def sitemap(self, numbers: Sequence[float], is_news: bool = True) -> Answer:
        def url(number: float) -> str:
            date = hour(number)
            stated = f"<lastmod>{date}</lastmod>"
            if is_news:
                stated = (
                    f"<n:news><n:publication_date>{date}</n:publication_date>"
                    f"<n:title>Story {number}</n:title></n:news>"
                )
            return f"<url><loc>{HOME}/{number}/</loc>{stated}</url>"

        body = (
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n="
            "'http://www.google.com/schemas/sitemap-news/0.9'>"
            f"{''.join(map(url, numbers))}</urlset>"
        )
        return 200, "application/xml", body

    def crawl(self, at: str) -> None:
        """Make all visits that are due at a time."""
        self.now = at
        self.keeper.begin_round()
        while visits := self.keeper.take_due_visits(self.now):
            for visit in visits:
                self.visit(visit)
        self.keeper.flush()

    def visit(self, visit: Visit) -> None:
        capture = self._fetch(visit.url)
        job = self.keeper.receive(visit, capture, self.now)
        self.keeper.keep(
            visit, capture, prepare(job) if job is not None else None, self.now
        )

    def _fetch(self, url: str) -> Capture:
        parts = urlsplit(url)
        target = url.removeprefix(HOME)
        self.asked.append((self.now, target))
        parameters = {name: value[0] for name, value in parse_qs(parts.query).items()}
        status, kind, body = 404, "text/html", "<h1>Not here</h1>"
        if parts.netloc != urlsplit(HOME).netloc:
            pass
        elif target == self.feed_path:
            status, kind, body = self.rss(self.page(1))
        elif _is_story(target):
            number = target.strip("/")
            status, body = 200, page(f"Story {number}", _words(number)).decode()
        elif parts.path in self.answers:
            status, kind, body = self.answers[parts.path](parameters)
        return Capture(
            url, url, self.now, status, (("Content-Type", kind),), body.encode()
        )

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self.archive.connection.execute(sql, values)]

    def gap(self) -> dict[str, Any]:
        [gap] = self.rows("select * from gaps")
        return gap

    def known(self) -> set[str]:
        """The paths of all entries."""
        return {
            row["url"].removeprefix(HOME) for row in self.rows("select * from entries")
        }

    def lose(self, hours: int = 12, after: float = 0.0) -> None:
        """Poll, be off for some hours, and poll again."""
        self.crawl(self.now)
        self.newest += hours
        self.crawl(hour(self.newest + 0.5))
        if after:
            self.crawl(add_seconds(self.now, after))

    def other_requests(self) -> list[str]:
        """What was asked but the feed and the stories."""
        return [
            target
            for _, target in self.asked
            if target != self.feed_path and not _is_story(target)
        ]


def all_stories(up_to: int) -> set[str]:
    return {f"/{one}/" for one in range(up_to + 1)}


# ---- every way of finding what was dropped


def wordpress_feed(paper: Newspaper) -> None:
    paper.generator = "https://wordpress.org/?v=6.8.2"
    paper.answers["/feed/"] = lambda given: paper.rss(paper.page(int(given["paged"])))


def next_pages(paper: Newspaper) -> None:
    paper.links = "<atom:link rel='next' href='/more?page=2'/>"

    def more(given: dict[str, str]) -> Answer:
        number = int(given["page"])
        link = f"<atom:link rel='next' href='/more?page={number + 1}'/>"
        return paper.rss(paper.page(number), link)

    paper.answers["/more"] = more


def archived_feed(paper: Newspaper) -> None:
    """Archive documents of six stories each, as RFC 5005 has them."""

    def document(number: int) -> Callable[[dict[str, str]], Answer]:
        first = number * 6
        link = f"<atom:link rel='prev-archive' href='/archive/{number - 1}'/>"
        return lambda _: paper.rss(range(first + 5, first - 1, -1), link)

    paper.links = "<atom:link rel='prev-archive' href='/archive/1'/>"
    for number in range(2):
        paper.answers[f"/archive/{number}"] = document(number)


def rest_interface(paper: Newspaper) -> None:
    paper.generator = "https://wordpress.org/?v=6.8.2"

    def posts(given: dict[str, str]) -> Answer:
        listed = [
            {
                "id": one,
                "link": f"{HOME}/{one}/",
                "date_gmt": hour(one).removesuffix("Z"),
                "modified_gmt": hour(one).removesuffix("Z"),
                "title": {"rendered": f"Story {one}"},
            }
            for one in range(paper.newest, -1, -1)
            if given["after"] < hour(one) < given["before"]
        ]
        return 200, "application/json", json.dumps(listed)

    paper.answers["/wp-json/wp/v2/posts"] = posts


def news_sitemap(paper: Newspaper) -> None:
    robots = (
        f"User-agent: *\nAllow: /\nSitemap: {HOME}/all.xml\nSitemap: {HOME}/news.xml"
    )
    capture = Capture(f"{HOME}/robots.txt", "", paper.now, 200, (), robots.encode())
    paper.keeper.store_robots(HOME, "paper.example", capture, paper.now)
    paper.answers["/news.xml"] = lambda _: paper.sitemap(range(paper.newest, -1, -1))


def sitemap_index(paper: Newspaper) -> None:
    def index(_: dict[str, str]) -> Answer:
        sitemaps = "".join(
            f"<sitemap><loc>{HOME}/posts-{number}.xml</loc><lastmod>{changed}</lastmod>"
            "</sitemap>"
            for number, changed in ((1, hour(1)), (2, hour(paper.newest)))
        )
        return 200, "application/xml", f"<sitemapindex>{sitemaps}</sitemapindex>"

    paper.answers["/sitemap.xml"] = index
    paper.answers["/posts-2.xml"] = lambda _: paper.sitemap(
        range(paper.newest + 1), is_news=False
    )


@pytest.mark.parametrize(
    ("offers", "source", "requests"),
    [
        (archived_feed, "archived feed", 2),
        (next_pages, "paged feed", 3),
        (wordpress_feed, "WordPress feed", 3),
        (rest_interface, "WordPress REST", 2),  # the feed has no pages
        (news_sitemap, "sitemap", 1),
        (sitemap_index, "sitemap", 2),
    ],
)
def test_all_that_was_dropped_is_found(
    tmp_path: Path, offers: Callable[[Newspaper], None], source: str, requests: int
) -> None:
    feed = "/feed/" if source.startswith("WordPress") else "/rss.xml"
    paper = Newspaper(tmp_path, feed=feed)
    offers(paper)
    paper.lose(12, after=600.0)
    gap = paper.gap()
    assert (gap["state"], gap["source"], gap["requests"]) == (
        "filled",
        source,
        requests,
    ), gap
    assert gap["entries"] == 8
    assert paper.known() == all_stories(15)
    assert (gap["since"], gap["until"]) == (hour(3.5), hour(12))
    assert gap["due"] is None and gap["url"] == ""
    events = paper.rows("select kind, note from events order by id")
    assert [event["kind"] for event in events][-1] == "gap filled"
    assert "8 entries were found" in events[-1]["note"]


def test_entries_that_are_found_are_fetched_once_and_go_their_way(
    tmp_path: Path,
) -> None:
    paper = Newspaper(tmp_path)
    wordpress_feed(paper)
    paper.lose(12, after=600.0)
    fetched = [target for _, target in paper.asked if _is_story(target)]
    assert sorted(fetched) == sorted(all_stories(15))
    outcomes = paper.rows("select distinct outcome from entries")
    assert [row["outcome"] for row in outcomes] == ["new"]
    # The next poll reaches back, and what it lists is nothing new.
    paper.newest += 1
    paper.crawl(add_seconds(paper.now, HOUR))
    assert len(paper.rows("select * from gaps")) == 1
    assert paper.known() == all_stories(16)


def test_nothing_was_missed(tmp_path: Path) -> None:
    """The feed was emptied, and lists its newest story alone: nothing else came."""
    paper = Newspaper(tmp_path)
    wordpress_feed(paper)
    paper.crawl(paper.now)
    paper.newest += 4
    paper.crawl(hour(paper.newest + 0.5))
    gap = paper.gap()
    assert (gap["state"], gap["entries"]) == ("filled", 0)
    assert "nothing was missed" in gap["reason"]


def test_without_any_other_source_the_gap_stays(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")
    paper.lose(12, after=600.0)
    gap = paper.gap()
    assert (gap["state"], gap["entries"], gap["requests"]) == ("unfilled", 0, 1)
    assert gap["reason"] == "sitemap: answered 404 Not Found (1 request)"
    kinds = [row["kind"] for row in paper.rows("select kind from events order by id")]
    assert kinds[-1] == "gap not filled"


# ---- bounded


def test_a_feed_that_ignores_its_page_number(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path)
    paper.generator = "https://wordpress.org/?v=6.8.2"
    paper.answers["/feed/"] = lambda _: paper.rss(paper.page(1))
    paper.lose(12, after=600.0)
    assert paper.gap()["state"] == "unfilled"
    assert "it lists the same entries again" in paper.gap()["reason"]
    assert paper.known() == all_stories(15) - {f"/{one}/" for one in range(4, 12)}


def test_one_that_ignores_it_and_has_a_pinned_entry(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml?feed=rss2")
    listed = [3, 2, 1, 0]
    paper.page = lambda _: listed  # type: ignore[method-assign]
    paper.answers["/rss.xml"] = lambda _: paper.rss(listed)
    paper.crawl(paper.now)
    listed[:] = [0, 15, 14, 13]  # the oldest stays: this proves nothing
    paper.crawl(hour(15.5))
    paper.crawl(hour(15.9))
    assert paper.gap()["state"] == "unfilled"


@pytest.mark.parametrize("pages", ["endless", "a loop", "elsewhere", "one to itself"])
def test_chains_of_pages_end(tmp_path: Path, pages: str) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")
    paper.links = "<atom:link rel='next' href='/more?page=2'/>"

    def more(given: dict[str, str]) -> Answer:
        number = int(given["page"])
        following = {
            "endless": f"/more?page={number + 1}",
            "a loop": "/more?page=2",
            "elsewhere": "https://other.example/more?page=3",
            "one to itself": f"/more?page={number}",
        }[pages]
        invented = [12 - number / 100 - one / 10_000 for one in range(3)]
        return paper.rss(invented, f"<atom:link rel='next' href='{following}'/>")

    paper.answers["/more"] = more
    paper.lose(12)
    for _ in range(40):
        paper.crawl(add_seconds(paper.now, 301.0))
    gap = paper.gap()
    assert gap["state"] == "partly"
    # So much of the gap is known: that is told.
    assert gap["since"] < gap["back_to"] < gap["until"]
    asked = [target for target in paper.other_requests() if target.startswith("/more")]
    assert len(asked) == (MAX_PAGES if pages == "endless" else 1)
    assert not [target for _, target in paper.asked if "other.example" in target]


def test_requests_are_bounded_and_spread(tmp_path: Path) -> None:
    """Thousands of sitemaps, each with nothing."""
    paper = Newspaper(tmp_path, feed="/rss.xml")
    paper.links = "<atom:link rel='prev-archive' href='/archive/0'/>"

    def document(number: int) -> Callable[[dict[str, str]], Answer]:
        link = f"<atom:link rel='prev-archive' href='/archive/{number + 1}'/>"
        return lambda _: paper.rss([11.5 - number / 1000], link)

    for number in range(100):
        paper.answers[f"/archive/{number}"] = document(number)
    paper.answers["/sitemap.xml"] = lambda _: (
        200,
        "application/xml",
        "<sitemapindex>"
        + "".join(f"<sitemap><loc>{HOME}/s{n}.xml</loc></sitemap>" for n in range(5000))
        + "</sitemapindex>",
    )
    paper.lose(12)
    assert len(paper.other_requests()) == 3
    # The daemon knows when it goes on; asking for everything does not hasten it.
    assert paper.keeper.next_due(paper.now) == paper.gap()["due"] > paper.now
    paper.keeper.begin_round()
    forced = paper.keeper.take_due_visits(paper.now, force=True)
    assert forced and not [visit for visit in forced if visit.kind == "gap"]
    for visit in forced:
        paper.keeper.release_visit(visit)
    for _ in range(60):
        paper.crawl(add_seconds(paper.now, 301.0))
    assert len(paper.other_requests()) <= MAX_REQUESTS
    assert paper.gap()["state"] == "partly"


def test_a_feed_that_always_loses_entries_is_not_asked_about_for_ever(
    tmp_path: Path,
) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")
    paper.crawl(paper.now)
    for _ in range(20):
        paper.newest += 10
        paper.crawl(add_seconds(paper.now, HOUR))
    gaps = paper.rows("select * from gaps order by id")
    assert len(gaps) == 20
    assert sum(gap["requests"] for gap in gaps) == 2
    assert gaps[-1]["reason"].startswith("nothing filled the gaps before it")
    # A day later it is tried again.
    for _ in range(8):
        paper.newest += 10
        paper.crawl(add_seconds(paper.now, HOUR))
    gaps = paper.rows("select * from gaps order by id")
    assert sum(gap["requests"] for gap in gaps) == 4


# ---- what is not of the feed


def test_a_sitemap_brings_only_the_section_of_the_feed(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")

    def sport(numbers: Sequence[float]) -> Answer:
        status, kind, body = Newspaper.rss(paper, numbers)
        return status, kind, body.replace(f"{HOME}/", f"{HOME}/sport/", 99)

    paper.page = lambda _: list(range(paper.newest, paper.newest - 5, -1))  # type: ignore[method-assign]
    paper.rss = lambda numbers, links="": sport(numbers)  # type: ignore[method-assign]

    def sitemap(_: dict[str, str]) -> Answer:
        status, kind, body = paper.sitemap(range(paper.newest + 1))
        urls = body.replace("</urlset>", "").partition("<url>")
        both = urls[1] + urls[2]
        return (
            status,
            kind,
            urls[0] + both + both.replace(f"{HOME}/", f"{HOME}/sport/") + "</urlset>",
        )

    paper.answers["/sitemap.xml"] = sitemap
    paper.newest = 6
    paper.now = hour(6.5)
    paper.lose(12, after=600.0)
    assert paper.gap()["state"] == "filled", paper.gap()
    assert paper.known() == {f"/sport/{one}/" for one in range(2, 19)}


def test_a_sitemap_of_something_else_fills_nothing(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")
    paper.answers["/sitemap.xml"] = lambda _: paper.sitemap(
        [number / 100 for number in range(333, 1500)]
    )
    paper.lose(12, after=600.0)
    assert "nothing in it is known" in paper.gap()["reason"]
    assert paper.gap()["entries"] == 0


def test_a_sitemap_made_once_a_day_is_asked_once_more(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path, feed="/rss.xml")
    made = 2
    paper.answers["/sitemap.xml"] = lambda _: paper.sitemap(range(made + 1))
    paper.lose(12, after=600.0)
    assert paper.gap()["state"] == "open"
    made = 15
    paper.crawl(add_seconds(paper.now, 25 * HOUR))
    assert paper.gap()["state"] == "filled"
    assert paper.known() >= all_stories(15)
    assert paper.other_requests() == ["/sitemap.xml"] * 2


# ---- faults on the way


def test_a_server_that_is_down_is_asked_again(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path)
    wordpress_feed(paper)
    is_down = [True]
    pages = paper.answers["/feed/"]
    paper.answers["/feed/"] = lambda given: (
        (503, "text/html", "down") if is_down[0] else pages(given)
    )
    paper.lose(12)
    assert paper.gap()["state"] == "open"
    is_down[0] = False
    for _ in range(4):
        paper.crawl(add_seconds(paper.now, 700.0))
    assert paper.gap()["state"] == "filled"
    assert paper.known() == all_stories(15)


def test_a_crash_between_two_requests_costs_nothing(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path)
    wordpress_feed(paper)
    paper.crawl(paper.now)
    paper.newest += 12
    paper.now = hour(paper.newest + 0.5)
    for _ in range(30):  # one visit a process, each ended without its last words
        paper.keeper.begin_round()
        visits = paper.keeper.take_due_visits(paper.now)
        if not visits:
            break
        paper.visit(visits[0])
        paper.keeper.flush()
        paper.archive.close()
        paper.open()
    paper.crawl(add_seconds(paper.now, 600.0))
    assert paper.gap()["state"] == "filled"
    assert paper.known() == all_stories(15)


def test_what_cannot_be_asked_in_time_is_given_up(tmp_path: Path) -> None:
    paper = Newspaper(tmp_path)
    paper.generator = "https://wordpress.org/?v=6.8.2"
    paper.answers["/feed/"] = lambda _: (503, "text/html", "down")
    paper.lose(12)
    assert paper.gap()["state"] == "open"
    paper.archive.connection.execute("update feeds set due = '9999-01-01T00:00:00Z'")
    paper.crawl(add_seconds(paper.now, 5 * 24 * HOUR))
    assert paper.gap()["state"] != "open"
    assert paper.gap()["due"] is None


@pytest.mark.parametrize(
    ("paths", "directory"),
    [
        (["/sport/1", "/sport/2", "/sport/a/3", "/sport/4", "/sport/5/"], "sport"),
        (["/sport/1", "/sport/2", "/news/3", "/sport/4", "/sport/5"], ""),
        (["/sport/1", "/sport/2"], ""),  # few
        (["/1", "/2", "/3", "/4", "/5"], ""),
        (["/2025/1", "/2025/2", "/2025/3", "/2025/4", "/2025/5"], ""),
        (["", "/", "//", "x", "/5"], ""),
    ],
)
def test_the_directory_of_a_section(paths: list[str], directory: str) -> None:
    assert common_directory([f"{HOME}{path}" for path in paths]) == directory
    assert common_directory(["mailto:a@b.example"] * 9) == ""


def test_the_budget_of_a_day(tmp_path: Path) -> None:
    """A feed without dates that loses entries at every poll, on many pages."""
    paper = Newspaper(tmp_path)
    dated = paper.rss

    def undated(numbers: Sequence[float], links: str = "") -> Answer:
        status, kind, body = dated(numbers, links)
        return status, kind, re.sub("<pubDate>.*?</pubDate>", "", body)

    paper.rss = undated  # type: ignore[method-assign]
    wordpress_feed(paper)
    paper.crawl(paper.now)
    for _ in range(23):
        paper.newest += 25
        paper.crawl(add_seconds(paper.now, HOUR))
        for _ in range(3):
            paper.crawl(add_seconds(paper.now, 301.0))
    asked = paper.other_requests()
    assert MAX_REQUESTS_A_DAY <= len(asked) < MAX_REQUESTS_A_DAY + MAX_REQUESTS
    reasons = [row["reason"] for row in paper.rows("select reason from gaps")]
    assert any("within a day" in reason for reason in reasons)
