"""The crawl learns boilerplate and drops it from the text, without making edits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from harvester.ingest.profiles import training_set
from harvester.newsroom import Newsroom
from tests.support import ROOT
from tests.support.papers import TYPE, Story

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

REAL = (
    "What the county said on Tuesday may be read by all who come to the "
    "hall, where the drawings hang until the spring."
)


def publish(
    newsroom: Newsroom,
    harvest: Harvest,
    stories: list[Story],
    full: bool,
    more: str = "",
) -> None:
    """Put stories on the paper, all with one feed, and name the feeds in the settings."""
    paper = newsroom.outlets.get("paper") or newsroom.add_outlet(
        "paper", "files", language="en"
    )
    paper.serve_pages(
        [(one.path, one.page(more), TYPE) for one in stories],
        titles={one.path: one.title for one in stories},
        contents={one.path: one.content for one in stories} if full else {},
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))


def texts(harvest: Harvest) -> dict[str, str]:
    """Path → text as shown."""
    rows = harvest.rows(
        "select a.url, v.text from articles a join versions v on v.article = a.key order by a.id"
    )
    return {"/" + row["url"].split("/", 3)[3]: row["text"] for row in rows}


def methods(harvest: Harvest) -> dict[str, str]:
    rows = harvest.rows(
        "select a.url, r.extract ->> '$.method' as method from articles a join "
        "readings r on r.id = a.reading order by a.id"
    )
    return {"/" + row["url"].split("/", 3)[3]: row["method"] for row in rows}


def check_no_edits(harvest: Harvest, articles: int) -> None:
    """Check that there are no edits and no events."""
    assert len(harvest.rows("select 1 from versions")) == articles
    assert not harvest.rows("select 1 from changes") and not harvest.rows(
        "select 1 from events"
    )
    harvest.check()


READ = """
import json, sys
from harvester.model import Rules
from harvester.parse.content import profile
from harvester.parse.article import read_article
body, known = sys.stdin.read().split(chr(0))
found = read_article(body.encode(), "http://paper.example/", (("Content-Type", \
"text/html"),), Rules(), "2025-09-07T00:00:00Z",
                     profile=profile.from_json(known))
print(json.dumps([found.text, found.method, found.profile]))
"""


def read(harvest: Harvest, page: bytes, seed: str = "0") -> list[str]:
    """Read a page with the newest profile in a new process: text, method and profile."""
    (known,) = [
        row["body"]
        for row in harvest.rows(
            "select body from profiles order by number desc limit 1"
        )
    ]
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=f"{page.decode()}\0{known}",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_a_profile_is_learned_from_full_text_feeds(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    publish(newsroom, harvest, [Story(n) for n in range(10)], True)
    assert harvest.once()["new"] == 10
    rows = harvest.rows("select number, pages, labelled from profiles order by number")
    assert (rows[-1]["pages"], rows[-1]["labelled"]) == (10, 10)
    publish(newsroom, harvest, [Story(10), Story(11)], True)
    assert harvest.once()["new"] == 2
    assert texts(harvest) == {Story(n).path: Story(n).text for n in range(12)}
    assert set(list(methods(harvest).values())[-2:]) == {"profile"}
    check_no_edits(harvest, 12)

    # Checking again with another profile makes no edit.
    # The same bytes and profile give the same text in any process.
    assert harvest.once("--force")["changed"] == 0
    check_no_edits(harvest, 12)
    ((text, method, name),) = {
        tuple(read(harvest, Story(20).page(), seed)) for seed in ("1", "77")
    }
    assert text == Story(20).text and method == "profile"
    file = harvest.folder / "page.html"
    file.write_bytes(Story(20).page())
    shown = harvest.json("check", str(file), "--outlet", "paper")
    assert (shown["text"], shown["method"], shown["profile"]) == (text, method, name)
    # A page of another layout is not read by the profile alone.
    other = read(
        harvest,
        Story(21).page().replace(b"<div class='story'>", b"<main class='leaf'>"),
    )
    assert other[1] == "model" and set(Story(21).paragraphs) <= set(
        other[0].split("\n")
    )

    (one,) = harvest.json("profiles", "paper")
    assert (one["outlet"], one["articles"], one["labelled"], one["taught"]) == (
        "paper",
        12,
        one["pages"],
        0,
    )
    assert (
        one["sure"]
        and one["at"]
        and one["name"] == name
        and sum(one["methods"].values()) == 12
    )
    assert [row["number"] for row in one["history"]] == list(
        range(one["number"], 0, -1)
    )
    said = harvest.run("profiles").stdout
    assert "paper" in said and f"profile {one['methods']['profile']}" in said


def test_repeated_boxes_are_dropped_from_the_text(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    publish(newsroom, harvest, [Story(n) for n in range(10)], False)
    assert harvest.once()["new"] == 10
    publish(newsroom, harvest, [Story(10)], False)
    publish(
        newsroom, harvest, [Story(11)], False, REAL
    )  # an article's sentence where other pages have the appeal
    assert harvest.once()["new"] == 2
    held = texts(harvest)
    assert {path: text for path, text in held.items() if path != Story(11).path} == {
        Story(n).path: Story(n).text for n in range(11)
    }
    lines = held[Story(11).path].split("\n")
    assert [one for one in lines if one != REAL] == list(
        Story(11).paragraphs
    ) and REAL in lines
    assert harvest.rows("select distinct labelled from profiles") == [{"labelled": 0}]
    check_no_edits(harvest, 12)


def test_profiles_lists_an_outlet_without_a_profile(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    publish(newsroom, harvest, [Story(1)], False)
    harvest.once()
    (one,) = harvest.json("profiles")
    assert one["number"] is None and one["articles"] == 1 and not one["sure"]
    assert "no profile yet" in harvest.run("profiles").stderr
    assert "unknown outlet 'papre'" in harvest.run("profiles", "papre", code=2).stderr


DAY = "2025-09-06T08:00:00Z"


@pytest.mark.parametrize(
    ("articles", "learned", "since", "now", "expected"),
    [
        (1, None, 1, DAY, False),
        (2, None, 2, DAY, False),
        (3, None, 3, DAY, True),
        (4, None, 4, DAY, True),  # not learned at 3
        (4, DAY, 1, DAY, False),
        (10, DAY, 7, DAY, True),
        (
            14,
            DAY,
            10,
            DAY,
            True,
        ),  # the tenth came while the profile of three was being learned
        (29, DAY, 19, DAY, False),
        (30, DAY, 20, DAY, True),
        (31, DAY, 1, DAY, False),
        (99, DAY, 69, DAY, False),
        (100, DAY, 70, DAY, True),
        (101, DAY, 1, DAY, False),
        (200, DAY, 100, DAY, False),
        (300, DAY, 200, DAY, True),
        (45, DAY, 15, "2025-10-05T08:00:00Z", False),  # 29 days
        (45, DAY, 15, "2025-10-07T08:00:00Z", True),  # 31 days
        (35, DAY, 5, "2026-10-07T08:00:00Z", False),  # few new articles
    ],
)
def test_when_a_profile_is_learned_again(
    articles: int, learned: str | None, since: int, now: str, expected: bool
) -> None:
    assert training_set.is_due(articles, learned, since, now) is expected
