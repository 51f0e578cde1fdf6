"""What a feed changes of its entries is kept, and is no edit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harvester.archive.queries import announced_words, overview
from harvester.archive.queries.search import Hit
from harvester.archive.records import announcements, event_ids
from harvester.ingest import feed_wordings
from harvester.query.tree import narrow
from tests.support import queries
from tests.support.in_process_harvest import Answer, World
from tests.support.papers import Story
from tests.support.queries import list_changes

FIRST = ("Minister lied about dossier", "He fabricated it, papers show.")
SECOND = ("Minister criticised over dossier", "Papers raise questions.")
NOW = "2026-03-04T12:30:00Z"
STEP = 0.25  # hours between polls


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.archive.close()


def search(connection: sqlite3.Connection, query: str, **options: Any) -> list[Hit]:
    """Versions, and then what feeds announced, as the command lists them."""
    scope = options.get("scope", "articles")
    narrowed = {
        name: options.pop(name) for name in ("outlets", "since") if name in options
    }
    tree = narrow(queries.parse(query), **narrowed)
    announced = announced_words.search_announced(connection, tree, NOW, scope=scope)
    return [*queries.find(connection, query, **narrowed, **options), *announced]


def announce(world: World, *wordings: tuple[str, str], number: int = 1) -> None:
    """Have the feed announce a story in each wording, one poll after the other."""
    for wording in wordings:
        world.announce(number, *wording)
        world.run(STEP)


def announced(world: World) -> list[tuple[str, dict[str, list[str]]]]:
    records = list_changes(world.archive.connection, kinds=("announced",))
    return [(record["at"], record["fields"]) for record in records]


def test_a_changed_entry_is_kept_in_both_wordings(world: World) -> None:
    world.publish(1)
    announce(world, FIRST, SECOND)
    connection = world.archive.connection
    [change] = list_changes(connection)
    assert change["kind"] == "announced" and change["article"]
    assert change["note"] == "the headline and teaser in the feed changed"
    assert change["fields"] == {
        "title": [FIRST[0], SECOND[0]],
        "summary": [FIRST[1], SECOND[1]],
    }
    assert change["title"] == SECOND[0] and change["at"] == world.now
    kept = announcements.list_of_article(connection, change["article"])
    assert [(row["title"], row["summary"]) for row in kept] == [FIRST, SECOND]
    assert kept[0]["last_seen"] < kept[1]["first_seen"] == world.now
    world.run(2 * STEP)
    kept = announcements.list_of_article(connection, change["article"])
    assert kept[1]["last_seen"] == world.now
    assert world.rows("select title, summary from entries") == [
        {"title": SECOND[0], "summary": SECOND[1]}
    ]
    # It is no edit: one version, no change of it, no event of the article.
    assert world.article(1)["versions"] == 1
    assert not world.rows("select 1 from changes")
    assert not world.rows("select 1 from events where article is not null")
    assert not world.rows("select 1 from counts where what = 'edits' and number")


def test_old_and_new_words_are_found(world: World) -> None:
    world.publish(1)
    announce(world, FIRST, SECOND)
    connection = world.archive.connection
    [hit] = search(connection, "fabricated")
    assert (hit.announced, hit.title, hit.version) == ("earlier", FIRST[0], 0)
    assert hit.article == world.article(1)["key"] and "fabricated" in hit.snippet
    assert hit.last_seen < world.now and not hit.outcome
    [hit] = search(connection, "criticised")
    assert (hit.announced, hit.title) == ("current", SECOND[0])
    [hit] = search(connection, "dossier", rank=True)
    assert hit.announced == "current"  # of an article the newest
    hits = search(connection, "dossier", scope="all")
    assert [hit.announced for hit in hits] == ["current", "earlier"]
    assert search(connection, "fabricated", scope="current") == []
    assert search(connection, "fabricated is:edited") == []
    assert search(connection, "title:fabricated") == []
    assert search(connection, "title:lied NOT resigns outlet:lantern")
    assert search(connection, "fabric*")[0].announced == "earlier"
    assert search(connection, "fabricated", since=world.now) == []


def test_a_version_with_the_words_comes_first(world: World) -> None:
    world.publish(1)
    announce(world, (Story(1).title, FIRST[1]), (Story(1).title, SECOND[1]))
    word = Story(1).title.split()[0]
    [hit] = search(world.archive.connection, word)
    assert hit.version == 1 and not hit.announced
    hits = search(world.archive.connection, word, scope="all")
    assert [hit.announced for hit in hits] == ["", "current", "earlier"]


def test_an_entry_whose_page_never_became_an_article(world: World) -> None:
    path = world.publish(1)
    world.pages[path] = Answer(status=404)
    world.publish(2)
    announce(world, FIRST)
    connection = world.archive.connection
    [hit] = search(connection, "fabricated")
    assert not hit.article and hit.announced == "current"
    assert hit.outcome.startswith("gone") and hit.url.endswith(path)
    assert hit.to_dict()["article"] is None and hit.to_dict()["version"] is None
    announce(world, SECOND)
    [change] = list_changes(connection)
    assert change["article"] is None and change["url"].endswith(path)
    [event] = overview.list_latest_events(connection, event_ids.LISTED_KINDS, 10)
    assert not event.article and event.title_before == FIRST[0]
    assert [hit.announced for hit in search(connection, "fabricated")] == ["earlier"]
    assert len(search(connection, "dossier", scope="all")) == 2
    # Once there is an article, its own words are searched.
    world.pages[path] = Answer(Story(1).page())
    announce(world, ("Minister resigns over dossier", "He goes."))
    assert world.article(1)["versions"] == 1
    assert not world.rows("select 1 from entries_without_article")
    [hit] = search(connection, "fabricated")
    assert hit.article == world.article(1)["key"] and not hit.outcome


def test_words_of_scripts_without_spaces(world: World) -> None:
    path = world.publish(1)
    world.pages[path] = Answer(status=404)
    announce(world, ("東京の大臣が辞任した", ""), ("東京の大臣が続投した", ""))
    connection = world.archive.connection
    assert [hit.title for hit in search(connection, "辞任")] == ["東京の大臣が辞任した"]
    assert search(connection, "続投")[0].announced == "current"
    assert search(connection, "京都") == []


@pytest.mark.parametrize(
    "noise",
    [
        (f"NEW: {FIRST[0]}", FIRST[1]),
        (FIRST[0], "He fabricated it, papers …"),
        (f"{FIRST[0]} (12 comments)", f"{FIRST[1]} Continue reading"),
        (FIRST[0].upper(), f"  {FIRST[1]}  "),
    ],
)
def test_noise_is_no_change(world: World, noise: tuple[str, str]) -> None:
    world.publish(1)
    announce(world, FIRST, noise, FIRST, noise)
    assert not world.rows("select 1 from announcements")
    announce(world, SECOND)
    assert [fields["title"][1] for _, fields in announced(world)] == [SECOND[0]]


def test_a_wording_that_returns_is_not_kept_again(world: World) -> None:
    world.publish(1)
    announce(world, *[FIRST, SECOND] * 6)
    assert len(announced(world)) == 1
    rows = world.rows("select first_seen, last_seen from announcements order by id")
    assert len(rows) == 2
    assert rows[0]["first_seen"] < rows[1]["first_seen"] < rows[0]["last_seen"]
    announce(world, FIRST, ("Minister resigns", FIRST[1]))
    assert announced(world)[0][1] == {"title": [FIRST[0], "Minister resigns"]}
    kept = announcements.list_of_article(
        world.archive.connection, world.article(1)["key"]
    )
    assert kept[-1]["last_seen"] == world.now
    assert [hit.announced for hit in search(world.archive.connection, "resigns")] == [
        "current"
    ]


def test_a_feed_that_changes_its_words_at_each_poll(world: World) -> None:
    world.publish(1)
    most = feed_wordings.MAX_WORDINGS
    wordings = [
        (f"Wording {'abcdefghij'[n // 10]}{'klmnopqrst'[n % 10]}", "")
        for n in range(most + 20)
    ]
    announce(world, *wordings)
    assert len(world.rows("select 1 from announcements")) == most
    assert world.rows("select unkept from entries") == [{"unkept": 20}]
    [event] = world.rows("select feed, note from events where kind = 'wordings cut'")
    assert event["feed"] and str(most) in event["note"]
    # One that is kept may return.
    announce(world, wordings[3])
    assert world.rows("select unkept from entries") == [{"unkept": 20}]


def test_an_edit_that_the_feed_repeats_is_listed_once(world: World) -> None:
    path = world.publish(1)
    world.run(STEP)
    title = "The council gives up its plan"
    page = world.pages[path].body.replace(Story(1).title.encode(), title.encode())
    world.pages[path] = Answer(page)
    announce(world, (title, ""))
    world.run(30)
    connection = world.archive.connection
    assert [row["kind"] for row in list_changes(connection)] == ["headline"]
    assert [
        row["fields"] for row in list_changes(connection, kinds=("announced",))
    ] == [{"title": [Story(1).title, title]}]


def test_the_full_text_in_a_feed_is_the_business_of_edits(world: World) -> None:
    path = world.publish(1)
    text = Story(1).content
    world.content[path] = text
    announce(world, (Story(1).title, Story(1).text[:120] + "…"))
    changed = text.replace("last night", "on Sunday")
    world.content[path] = changed
    announce(
        world,
        (Story(1).title, Story(1).text.replace("last night", "on Sunday")[:120] + "…"),
    )
    assert not world.rows("select 1 from announcements")
    # A teaser of its own beside the text is one.
    announce(world, (Story(1).title, FIRST[1]), (Story(1).title, SECOND[1]))
    assert announced(world)[0][1] == {"summary": [FIRST[1], SECOND[1]]}
