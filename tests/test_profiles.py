"""What an outlet repeats is learned by the crawl and leaves the text; what is article stays; no edit comes of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harvester.ingest import profiles
from harvester.newsroom import Newsroom

sys.path.insert(0, str(Path(__file__).parent))
from papers import APPEAL, AUTHOR, LETTER, NAME, TYPE, Story

if TYPE_CHECKING:
    from conftest import Harvest

BOXES = (APPEAL.format(name=NAME), LETTER, AUTHOR.format(who="Ines Varga", name=NAME))
REAL = "What the county said on Tuesday may be read by all who come to the hall, where the drawings hang until the spring."


def publish(newsroom: Newsroom, harvest: Harvest, stories: list[Story], full: bool, more: str = "") -> None:
    """Put stories on the paper, all with one feed, and name the feeds in the settings."""
    paper = newsroom.outlets.get("paper") or newsroom.outlet("paper", "files", language="en")
    paper.serve_pages(
        [(one.path, one.page(more), TYPE) for one in stories],
        titles={one.path: one.title for one in stories},
        contents={one.path: one.content for one in stories} if full else {},
    )
    harvest.settings.write_text(newsroom.settings(harvest.folder))


def texts(harvest: Harvest) -> dict[str, str]:
    """Path → text as shown."""
    rows = harvest.rows("select a.url, v.text from articles a join versions v on v.article = a.key order by a.id")
    return {"/" + row["url"].split("/", 3)[3]: row["text"] for row in rows}


def methods(harvest: Harvest) -> dict[str, str]:
    rows = harvest.rows(
        "select a.url, r.extract ->> '$.method' as method from articles a join readings r on r.id = a.reading order by a.id"
    )
    return {"/" + row["url"].split("/", 3)[3]: row["method"] for row in rows}


def quiet(harvest: Harvest, articles: int) -> None:
    """Nothing was edited, and nothing told."""
    assert len(harvest.rows("select 1 from versions")) == articles
    assert not harvest.rows("select 1 from changes") and not harvest.rows("select 1 from events")
    harvest.check()


def checked(harvest: Harvest, story: Story, more: str = "") -> dict[str, Any]:
    """What the program makes of a page today."""
    file = harvest.folder / "page.html"
    file.write_bytes(story.page(more))
    found: dict[str, Any] = harvest.json("check", str(file), "--outlet", "paper")
    return found


@pytest.mark.parametrize("full", [True, False], ids=["full text in the feed", "no text in the feed"])
def test_boxes_leave_the_text(newsroom: Newsroom, harvest: Harvest, full: bool) -> None:
    first, later = [Story(n) for n in range(10)], [Story(n) for n in (10, 11)]
    publish(newsroom, harvest, first, full)
    assert harvest.once()["new"] == 10
    rows = harvest.rows("select number, pages, labelled from profiles order by number")
    assert rows and rows[-1]["labelled"] == (rows[-1]["pages"] if full else 0)
    publish(newsroom, harvest, later[:1], full)
    publish(newsroom, harvest, later[1:], full, REAL)  # an article's sentence where other pages have the appeal
    assert harvest.once()["new"] == 2

    held = texts(harvest)
    for one in first + later[:1]:
        assert held[one.path] == one.text
    with_real = held[later[1].path].split("\n")
    assert not set(with_real) & set(BOXES) and set(later[1].paragraphs) <= set(with_real)
    if full:  # there the outlet's own text says that it is none
        assert methods(harvest)[later[0].path] == "profile"
        assert {one["method"] for one in [checked(harvest, Story(12)), checked(harvest, Story(13))]} == {"profile"}
    else:
        assert REAL in with_real
    quiet(harvest, 12)

    # Another look, with another profile than at the first: no edit. The same bytes and profile: the same text.
    assert harvest.once("--force")["changed"] == 0
    quiet(harvest, 12)
    assert checked(harvest, Story(3)) | {"cpu_ms": 0} == checked(harvest, Story(3)) | {"cpu_ms": 0}
    assert checked(harvest, Story(3))["text"] == held[Story(3).path]
    assert harvest.json("reread")["versions"] == 0


def test_a_profile_gives_the_same_in_every_process(newsroom: Newsroom, harvest: Harvest, monkeypatch: Any) -> None:
    publish(newsroom, harvest, [Story(n) for n in range(10)], True)
    harvest.once()
    found = []
    for seed in ("0", "1", "77"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        one = checked(harvest, Story(20))
        found.append((one["text"], one["profile"], one["method"]))
    assert len(set(found)) == 1 and found[0][0] == Story(20).text and found[0][1]
    # A page of another layout is not read by the profile alone.
    file = harvest.folder / "other.html"
    file.write_bytes(Story(21).page().replace(b"<div class='story'>", b"<main class='leaf'>"))
    other = harvest.json("check", str(file), "--outlet", "paper")
    assert other["method"] == "model" and set(Story(21).paragraphs) <= set(other["text"].split("\n"))


def test_how_profiles_show(newsroom: Newsroom, harvest: Harvest) -> None:
    publish(newsroom, harvest, [Story(n) for n in range(10)], True)
    harvest.once()
    (one,) = harvest.json("profiles")
    assert (one["outlet"], one["articles"], one["pages"], one["labelled"], one["taught"]) == ("paper", 10, 10, 10, 0)
    assert one["sure"] and one["at"] and sum(one["methods"].values()) == 10
    (whole,) = harvest.json("profiles", "paper")
    assert [row["number"] for row in whole["history"]] == list(range(one["number"], 0, -1))
    said = harvest.run("profiles", "paper").stdout
    assert "paper" in said and "profile 10" in said
    assert "no outlet 'papre'" in harvest.run("profiles", "papre", code=2).stderr


def test_an_outlet_without_a_profile_shows_too(newsroom: Newsroom, harvest: Harvest) -> None:
    publish(newsroom, harvest, [Story(1)], False)
    harvest.once()
    (one,) = harvest.json("profiles")
    assert one["number"] is None and one["articles"] == 1 and not one["sure"]
    assert "no profile yet" in harvest.run("profiles").stderr


DAY = "2025-09-06T08:00:00Z"


@pytest.mark.parametrize(
    ("articles", "learned", "since", "now", "expected"),
    [
        (1, None, 1, DAY, False),
        (2, None, 2, DAY, False),
        (3, None, 3, DAY, True),
        (4, None, 4, DAY, True),  # missed at 3, for whatever reason
        (4, DAY, 1, DAY, False),
        (10, DAY, 7, DAY, True),
        (29, DAY, 19, DAY, False),
        (30, DAY, 20, DAY, True),
        (31, DAY, 1, DAY, False),
        (99, DAY, 69, DAY, False),
        (100, DAY, 70, DAY, True),
        (101, DAY, 1, DAY, False),
        (200, DAY, 100, DAY, True),
        (45, DAY, 15, "2025-10-05T08:00:00Z", False),  # 29 days
        (45, DAY, 15, "2025-10-07T08:00:00Z", True),  # 31 days
        (35, DAY, 5, "2026-10-07T08:00:00Z", False),  # hardly anything came
    ],
)
def test_when_to_learn(articles: int, learned: str | None, since: int, now: str, expected: bool) -> None:
    assert profiles.due(articles, learned, since, now) is expected
