"""Addresses and ids that are made anew for each visit: sessions, tokens, times."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.observer import BUDGET, FERRY, REGATTA, Observer, page

STORIES = (
    ("The budget is voted", BUDGET),
    ("The regatta", REGATTA),
    ("The ferry", FERRY),
)


def day(number: int) -> str:
    return f"2025-09-{number:02d}T08:00:00Z"


def token(*parts: object) -> str:
    """Another one for each story and poll, the same in each run."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


@pytest.fixture
def paper(tmp_path: Path) -> Observer:
    return Observer(tmp_path)


# The URL and the id of a story at a poll.
FORMS: dict[str, Callable[[int, int], tuple[str, str]]] = {
    "tracking": lambda story, poll: (
        f"/story-{story}?utm_source=rss&utm_campaign={token(story, poll)}",
        f"https://paper.example/story-{story}?utm_campaign={token(story, poll)}",
    ),
    "the id alone": lambda story, poll: (
        f"/story-{story}",
        f"{story}:{token(story, poll)}",
    ),
    "the URL alone": lambda story, poll: (
        f"/story-{story}?t={1_733_000_000 + 97 * poll}",
        f"id {story}",
    ),
    "a time": lambda story, poll: (f"/story-{story}?t={1_733_000_000 + 97 * poll}", ""),
    "a session in the path": lambda story, poll: (
        f"/s/{token(story, poll)}/story-{story}",
        "",
    ),
    "a session of ASP.NET": lambda story, poll: (
        f"/(S({token(story, poll)}))/story-{story}",
        "",
    ),
    "a session and a token": lambda story, poll: (
        f"/story?id={story}&sid={token(story, poll)}&token={token(poll)[:9]}",
        "",
    ),
    "a path parameter": lambda story, poll: (
        f"/story-{story};jsessionid={token(story, poll)}",
        "",
    ),
}


def announce(paper: Observer, form: str, poll: int, last: int = 3) -> None:
    """Serve and list the first stories, as the feed has them at this poll."""
    paper.listed.clear()
    for number, (title, words) in reversed(list(enumerate(STORIES[:last]))):
        url, guid = FORMS[form](number, poll)
        paper.put(url, page(title, words), title, guid)


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_whose_id_or_url_is_new_at_every_poll_is_one(
    paper: Observer, form: str
) -> None:
    for poll in range(1, 5):
        announce(paper, form, poll, last=2 if poll < 3 else 3)
        counts = paper.crawl(day(poll))
        assert counts.get("new", 0) == {1: 2, 3: 1}.get(poll, 0)
        # What is new is fetched and checked, what is known is only checked.
        assert sum(counts.values()) == {1: 4, 2: 2, 3: 4, 4: 3}[poll], counts
    assert len(paper.rows("select 1 from entries")) == 3
    assert len(paper.rows("select 1 from articles")) == 3
    # The days between the crawls are told; nothing else happened.
    assert not paper.rows("select 1 from events where kind <> 'harvester silent'")
    newest = {
        row["url"] for row in paper.rows("select url from entries")
    }  # as announced last
    for url in newest:
        assert paper.article(url) in {
            row["key"] for row in paper.rows("select key from articles")
        }
    paper.check()


def test_an_edit_is_seen_at_the_next_session(paper: Observer) -> None:
    announce(paper, "a session in the path", 1)
    paper.crawl(day(1))
    announce(paper, "a session in the path", 2)
    # The earlier session has expired: what is checked is the newest.
    paper.pages = {
        url: served for url, served in paper.pages.items() if token(0, 1) not in url
    }
    url, _ = FORMS["a session in the path"](0, 2)
    paper.put(
        url, page("The budget is voted", (*BUDGET, "The pool is closed for good."))
    )
    paper.crawl(day(2))  # its check was under way: that it is gone there means nothing
    paper.crawl(day(3))
    events = paper.rows("select kind from events where kind <> 'harvester silent'")
    assert [row["kind"] for row in events] == ["edited"]
    assert len(paper.rows("select 1 from articles")) == 3


def test_another_story_in_the_place_of_one_is_new(paper: Observer) -> None:
    """Titles tell apart what a token hides."""
    for number, (title, words) in enumerate(STORIES, 1):
        paper.listed.clear()
        paper.put(f"/show/{token(number)}/text", page(title, words), title)
        paper.crawl(day(number))
    assert len(paper.rows("select 1 from entries")) == 3
    assert len(paper.rows("select 1 from articles")) == 3


def test_two_ids_that_look_like_sessions_are_two_articles(paper: Observer) -> None:
    for number in (1, 2):
        words = tuple(line.replace("4.2", f"{number}.7") for line in BUDGET)
        paper.put(
            f"/forecast/{token(number)}/today",
            page("The forecast", words, extra=f"<!-- {number} -->"),
            "The forecast",
        )
    for number in (1, 2, 3):
        paper.crawl(day(number))
    assert len(paper.rows("select 1 from articles")) == 2
    assert not paper.rows("select 1 from joins")


def test_a_redirect_to_a_session(paper: Observer) -> None:
    """The article's address is the one without it, and is asked at each check."""
    lasting = paper.put("/2025/budget", 404, "The budget is voted")
    for poll in range(1, 4):
        session = f"https://paper.example/s/{token(poll)}/2025/budget"
        paper.pages = {lasting: session}
        words = BUDGET if poll < 3 else FERRY  # a new text at the third
        paper.put(session, page("The budget is voted", words))
        paper.crawl(day(poll))
    (article,) = paper.rows("select url, reached, state, versions from articles")
    assert (article["url"], article["reached"]) == (lasting, lasting)
    assert (article["state"], article["versions"]) == ("live", 2)


def test_parameters_that_an_article_does_not_depend_on_are_learned(
    paper: Observer,
) -> None:
    visits = []
    for poll in range(1, 5):
        paper.listed.clear()
        paper.put(
            f"/budget?x={poll}2", page("The budget", BUDGET), "The budget", "id 1"
        )
        visits.append(sum(paper.crawl(day(poll)).values()))
    assert len(paper.rows("select 1 from articles")) == 1
    # The second poll fetches the new address too; from then on it is known.
    assert visits == [2, 2, 1, 1]  # the first is fetched and checked as well
