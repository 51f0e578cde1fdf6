"""What is asked to fill a gap, against simulated outlets that know what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ingest import gap_requests
from harvester.ingest.gap_requests import (
    MAX_ENTRIES,
    MAX_REQUESTS,
    FeedSources,
    Gap,
    GapRequest,
    ListedThere,
    Progress,
    SourcePage,
    Step,
)
from harvester.schedule.times import add_seconds

SITE = "https://paper.example"
START = "2025-09-06T00:00:00Z"
MINUTE = 60.0


def at(minutes: float) -> str:
    return add_seconds(START, minutes * MINUTE)


@dataclass
class Outlet:
    """A paper with stories at some minutes, and sources that have faults."""

    random: Random
    stories: list[int]
    since: int  # minute of the poll before the gap
    found: int  # of the poll that finds it
    window: int  # entries of the feed, and of each page
    known: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)  # by the poll that found the gap
    requests: list[str] = field(default_factory=list)
    found_by_sources: int = 0
    step: Step | None = None

    def __post_init__(self) -> None:
        before = [one for one in self.stories if one <= self.since]
        self.known = set(before)
        now = sorted((one for one in self.stories if one <= self.found), reverse=True)
        self.listed = set(now[: self.window])
        self.published = now
        self.missed = {
            one for one in now if one not in self.listed and one not in self.known
        }
        self.faults = {
            source: self.random.choice(
                ["", "", "absent", "same", "short", "down", "late"]
            )
            for source in gap_requests.SOURCES
        }
        self.found_now = self.known | self.listed
        self.page_size = self.random.choice([10, 100])  # of the REST interface
        self.days_only = self.random.random() < 0.2  # dates of the sitemap

    def sources(self) -> FeedSources:
        choose = self.random.random
        return FeedSources(
            f"{SITE}/feed/",
            f"{SITE}/archive/1" if choose() < 0.4 else "",
            f"{SITE}/more?page=2" if choose() < 0.4 else "",
            choose() < 0.6,
            is_section=choose() < 0.1,
            sitemaps=[f"{SITE}/news.xml", f"{SITE}/index.xml"]
            if choose() < 0.7
            else [],
        )

    def respond(self, request: GapRequest) -> SourcePage | None:
        """What a request brings; None: a failure."""
        fault = self.faults[request.source]
        parts = urlsplit(request.url)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if fault == "absent" or (fault == "down" and self.random.random() < 0.5):
            return None
        if request.source == "sitemap":
            return self._sitemap(request, fault)
        if request.source == "WordPress REST":
            size = self.page_size
            first = size * (int(given.get("page", 1)) - 1)
            posts = [
                one
                for one in self.published
                if given["after"] < at(one) < given["before"] or fault == "same"
            ]
            return self._page(posts[first : first + size])
        number = int(given.get("page") or given.get("paged") or parts.path[-1])
        first = self.window * number
        if request.source != "archived feed":
            first -= self.window
        if fault == "same":
            first = 0
        if fault == "short" and number > 2:
            return None if self.random.random() < 0.5 else SourcePage()
        page = self._page(self.published[first : first + self.window])
        return replace(
            page,
            archive_url=f"{SITE}/archive/{number + 1}" if number < 8 else "",
            next_url=f"{SITE}/more?page={number + 1}" if number < 8 else "",
        )

    def _sitemap(self, request: GapRequest, fault: str) -> SourcePage:
        if request.url.endswith("index.xml"):
            return SourcePage(
                sitemaps=[(f"{SITE}/s1.xml", None), (f"{SITE}/s2.xml", None)]
            )
        first = 0
        if fault == "late" and request.page == 1:
            first = len(self.listed | self.missed) // 2 + 1
        last = len(self.published) if fault != "short" else self.window + 1
        page = self._page(self.published[first:last])
        if self.days_only:
            entries = [replace(one, date=(one.date or "")[:10]) for one in page.entries]
            page = replace(page, entries=entries)
        return page

    def _page(self, stories: Sequence[int]) -> SourcePage:
        def seen(story: int) -> Any:
            if story in self.known and story not in self.listed:
                return "before"
            return "since" if story in self.found_now else ""

        self.shown = list(stories)
        return SourcePage([ListedThere(at(one), seen(one)) for one in stories])

    def fill(self) -> None:
        """Ask until the gap is closed."""
        oldest = min(self.listed - self.known, default=self.found)
        gap = Gap(at(self.since), at(oldest), at(self.found))
        queue = gap_requests.plan_requests(self.sources(), gap.since, gap.found)
        if not queue:
            return
        step = Step(Progress(queue))
        while step.state == "open":
            progress = gap_requests.parse_progress(step.progress.to_json())
            assert progress == step.progress
            request = progress.queue[0]
            self.requests.append(request.url)
            assert len(self.requests) <= MAX_REQUESTS
            gap = replace(
                gap, requests=len(self.requests), entries=self.found_by_sources
            )
            page = self.respond(request)
            if page is None:
                is_down = self.faults[request.source] == "down"
                step = gap_requests.after_failure(progress, gap, "down", is_down)
                continue
            missed = gap_requests.missed_positions(request, page, gap)
            step = gap_requests.after_page(progress, page, gap, missed)
            for position in missed:
                story = self.shown[position]
                assert story in self.missed
                self.found_now.add(story)
                self.found_by_sources += 1
        self.step = step


@pytest.mark.parametrize("seed", range(400))
def test_what_is_called_filled_is_found(seed: int) -> None:
    random = Random(seed)
    stories = sorted(random.sample(range(4_000), random.randrange(20, 200)))
    since = random.randrange(500, 2_000)
    outlet = Outlet(
        random,
        stories,
        since,
        since + random.randrange(60, 2_000),
        random.choice([4, 10, 20]),
    )
    if not outlet.missed or not outlet.known:
        return
    outlet.fill()
    if outlet.step is None:
        return
    left = outlet.missed - outlet.found_now
    if outlet.step.state == "filled":
        assert not left
    elif outlet.step.state == "partly":
        back_to = outlet.step.progress.back_to
        assert all(at(one) < back_to for one in left)
        assert outlet.step.progress.notes
    else:
        assert outlet.step.progress.notes


def test_the_simulation_has_all_cases() -> None:
    """Else the test above shows nothing."""
    states: dict[str, int] = {}
    for seed in range(400):
        random = Random(seed)
        stories = sorted(random.sample(range(4_000), random.randrange(20, 200)))
        since = random.randrange(500, 2_000)
        found = since + random.randrange(60, 2_000)
        outlet = Outlet(random, stories, since, found, random.choice([4, 10, 20]))
        if outlet.missed and outlet.known:
            outlet.fill()
            state = outlet.step.state if outlet.step else "nothing to ask"
            states[state] = states.get(state, 0) + 1
    assert {state for state, count in states.items() if count >= 10} >= {
        "filled",
        "partly",
        "unfilled",
    }, states


@given(st.text() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["queue", "asked", "notes", "brought", "pages", "tries"]), inner
    ),
).map(str))  # fmt: skip
def test_progress_is_whatever_anybody_wrote(stored: str) -> None:
    progress = gap_requests.parse_progress(stored)
    assert gap_requests.parse_progress(progress.to_json()) == progress


@pytest.mark.parametrize(
    ("url", "generator", "guids", "is_wordpress"),
    [
        ("https://a.example/feed/", "", [], True),
        ("https://a.example/blog/feed/atom/", "", [], True),
        ("https://a.example/?feed=rss2", "", [], True),
        ("https://a.example/rss", "https://wordpress.org/?v=6.8", [], True),
        ("https://a.example/rss", "", ["https://a.example/?p=17"], True),
        ("https://a.example/rss", "Hugo", ["17"], False),
        ("https://a.example/feeds/all.xml", "", [], False),
    ],
)
def test_feeds_of_wordpress(
    url: str, generator: str, guids: list[str], is_wordpress: bool
) -> None:
    assert gap_requests.is_wordpress_feed(url, generator, guids) is is_wordpress


def test_urls_of_requests() -> None:
    assert (
        gap_requests.wordpress_page("https://a.example/?feed=rss2&paged=2", 3)
        == "https://a.example/?feed=rss2&paged=3"
    )
    guess = gap_requests.guessed_rest_url
    assert guess("https://a.example/feed/") == "https://a.example/wp-json/wp/v2/posts"
    assert guess("https://a.example/en/feed") == (
        "https://a.example/en/wp-json/wp/v2/posts"
    )
    assert guess("https://a.example/category/sport/feed/") == ""
    assert guess("https://a.example/rss.xml") == ""
    page = gap_requests.rest_page(
        "https://a.example/?rest_route=/wp/v2/posts&categories=4", at(0), at(60), 2
    )
    given = parse_qs(urlsplit(page).query)
    assert given["rest_route"] == ["/wp/v2/posts"] and given["categories"] == ["4"]
    assert given["page"] == ["2"] and given["after"] == ["2025-09-05T00:00:00Z"]


def test_nothing_of_another_site_is_planned() -> None:
    sources = FeedSources(
        f"{SITE}/feed",
        "https://other.example/archive/1",
        "https://other.example/feed?page=2",
        True,
        sitemaps=["https://other.example/sitemap.xml", f"{SITE}/sitemap.xml"],
    )
    planned = gap_requests.plan_requests(sources, at(0), at(60))
    assert {urlsplit(each.url).netloc for each in planned} == {"paper.example"}


def test_a_gap_takes_so_many_entries() -> None:
    request = GapRequest("paged feed", f"{SITE}/more")
    entries = [ListedThere(at(60)) for _ in range(MAX_ENTRIES)]
    page = SourcePage(entries)
    gap = Gap(at(0), at(90), at(120), entries=MAX_ENTRIES - 3, requests=1)
    missed = gap_requests.missed_positions(request, page, gap)
    assert len(missed) == 3
    step = gap_requests.after_page(Progress((request,)), page, gap, missed)
    assert step.state in ("partly", "unfilled")
    assert "more than" in step.progress.notes[0]


# ---- one answer at a time


def after(
    source: gap_requests.Source, *listed: str, page: int = 1, **given: Any
) -> Step:
    """What follows from a page: "60": new, of that minute; "60b", "60s": known before the gap, since; "d6": new, of that day; "": new, without a date."""
    letters = {"b": "before", "s": "since", "o": "other"}

    def entry(text: str) -> ListedThere:
        if text.startswith("d"):
            return ListedThere(f"2025-09-0{text[1:]}")
        seen: Any = letters.get(text[-1:], "")
        number = text.rstrip("bso")
        return ListedThere(at(int(number)) if number else None, seen)

    request = GapRequest(source, f"{SITE}/asked", page)
    entries = [entry(text) for text in listed]
    gap = Gap(at(100), at(200), at(300), requests=1)
    shown = SourcePage(entries, **given)
    missed = gap_requests.missed_positions(request, shown, gap)
    progress = Progress((request,), pages=page - 1)
    return gap_requests.after_page(progress, shown, gap, missed)


@pytest.mark.parametrize(
    ("source", "listed", "state", "note"),
    [
        ("paged feed", ["190", "150", "90"], "filled", ""),
        ("paged feed", ["190", "150", "110"], "partly", "its last page"),
        ("paged feed", ["190", "90b"], "filled", ""),
        ("paged feed", ["90b", "190", "150"], "partly", "its last page"),  # pinned
        ("paged feed", ["90b", "150", "190"], "filled", ""),  # the oldest first
        ("paged feed", ["290s", "250s"], "unfilled", "the same entries again"),
        ("paged feed", [], "unfilled", "an empty page"),
        ("paged feed", ["", "", "b"], "filled", ""),  # without dates
        ("paged feed", ["", ""], "unfilled", "its last page"),
        ("paged feed", ["b", "b", "b", ""], "filled", ""),
        ("sitemap", ["290s", "190", "90b"], "filled", ""),
        ("sitemap", ["290s", "190", "100"], "filled", ""),
        ("sitemap", ["290s", "190", "101"], "partly", "its oldest entry is of"),
        ("sitemap", ["190", "90"], "unfilled", "nothing in it is known"),
        ("sitemap", ["290o", "190o"], "unfilled", "nothing in it is known"),
        ("sitemap", ["s", ""], "unfilled", "it states no dates"),
        ("sitemap", [], "unfilled", "it lists nothing"),
        ("sitemap", ["290s", "d6"], "partly", "its oldest entry"),  # that day, when?
        ("sitemap", ["290s", "d5"], "filled", ""),
        ("WordPress REST", ["290s", "190", "90b"], "filled", ""),
        ("WordPress REST", [], "unfilled", "it lists nothing"),
    ],
)
def test_what_follows_from_a_page(
    source: gap_requests.Source, listed: list[str], state: str, note: str
) -> None:
    step = after(source, *listed)
    assert step.state == state
    assert note in " ".join(step.progress.notes)


def test_pages_of_posts_end_behind_the_last_one() -> None:
    """A page may be shorter than asked for, so the next one is asked for as well."""
    step = after("WordPress REST", "290s", "190")
    assert step.state == "open" and step.progress.queue[0].page == 2
    gap = Gap(at(100), at(200), at(300), requests=2)
    end = gap_requests.after_last_posts(step.progress, gap, "400")
    assert (end.state, end.source) == ("filled", "WordPress REST")
    assert after("WordPress REST", page=2).state == "filled"
    same = after("WordPress REST", "290s", page=2)
    assert same.state == "partly" or "again" in same.progress.notes[0]
    refused = gap_requests.after_last_posts(
        Progress((GapRequest("WordPress REST", f"{SITE}/posts"),)), gap, "400"
    )
    assert refused.state == "unfilled"


def test_a_sitemap_that_is_late_is_asked_once_more_after_the_others() -> None:
    late = after("sitemap", "90b", "80b")
    assert late.state == "open" and late.pause > 3_600
    assert late.progress.queue[0].page == 2
    assert after("sitemap", "90b", "80b", page=2).state == "unfilled"


def test_a_part_in_the_middle_that_was_not_read_fills_nothing() -> None:
    assert after("sitemap", "290s", "190", "90b", is_cut=True).state != "filled"


def test_an_index_without_what_may_help() -> None:
    index = [("https://other.example/s.xml", None), (f"{SITE}/old.xml", at(50))]
    step = after("sitemap", sitemaps=index)
    assert step.state == "unfilled"
    assert "index" in step.progress.notes[0]


def test_a_server_that_stays_down_is_left_after_three_tries() -> None:
    progress = Progress((GapRequest("paged feed", f"{SITE}/more"),))
    pauses = []
    for number in range(gap_requests.MAX_TRIES):
        gap = Gap(at(100), at(200), at(300), requests=number + 1)
        step = gap_requests.after_failure(progress, gap, "down", is_temporary=True)
        pauses.append(step.pause)
        progress = step.progress
    assert step.state == "unfilled" and pauses == [*sorted(pauses[:2]), 0.0]
    last = Gap(at(100), at(200), at(300), requests=MAX_REQUESTS)
    progress = Progress((GapRequest("paged feed", f"{SITE}/more"),))
    assert gap_requests.after_failure(progress, last, "down", True).state == "unfilled"
