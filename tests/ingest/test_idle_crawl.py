"""A crawl with nothing to do is recorded at once; with anything to do it is not idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.ingest.idle_crawl import try_idle_crawl
from harvester.schedule.times import add_seconds
from tests.support.in_process_harvest import HOUR, World

MINUTE = 60.0


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A crawl has come to its end a minute ago."""
    world = World(tmp_path)
    world.publish(1)
    world.visit()
    world.keeper.end_crawl(world.now)
    world.keeper.close()
    world.archive = Archive.open(world.settings.archive)
    world.now = add_seconds(world.now, MINUTE)
    return world


def _crawls(world: World) -> list[tuple[str, str, int]]:
    return [
        (row["started"], row["ended"], row["visits"])
        for row in world.archive.connection.execute("select * from crawls order by id")
    ]


def test_nothing_is_due(world: World) -> None:
    (first,) = _crawls(world)
    assert try_idle_crawl(world.settings, world.now)
    assert _crawls(world) == [first, (world.now, world.now, 0)]


def test_a_feed_is_due(world: World) -> None:
    assert not try_idle_crawl(world.settings, add_seconds(world.now, HOUR))
    assert len(_crawls(world)) == 1


def test_the_clock_was_set_back(world: World) -> None:
    assert not try_idle_crawl(world.settings, add_seconds(world.now, -9 * HOUR))
    assert len(_crawls(world)) == 1


@pytest.mark.parametrize(
    "left_over",
    [
        "update crawls set ended = null",
        "update crawls set program = 'harvester/0.1'",
        "insert into unsampled select id from versions",
        "insert into leftovers (file, at) values ('a.warc.gz', '2025-09-06')",
    ],
)
def test_a_crawl_before_left_something_to_do(world: World, left_over: str) -> None:
    world.archive.connection.execute(left_over)
    before = _crawls(world)
    assert not try_idle_crawl(world.settings, world.now)
    assert _crawls(world) == before


def test_settings_are_taken_over(world: World) -> None:
    lantern = world.settings.outlets["lantern"]
    renamed = replace(lantern, name="The Lantern")
    settings = replace(world.settings, outlets={"lantern": renamed})
    assert try_idle_crawl(settings, world.now)
    (row,) = world.archive.connection.execute("select name from outlets").fetchall()
    assert row["name"] == "The Lantern"

    feed = replace(lantern.feeds[0], url="https://lantern.example/another")
    settings = replace(
        world.settings, outlets={"lantern": replace(renamed, feeds=(feed,))}
    )
    assert not try_idle_crawl(settings, world.now)  # the new feed is due
    assert len(_crawls(world)) == 2


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.write_bytes(b"not an archive" * 9),
        lambda path: Archive.open(path).close(),
    ],
)
def test_what_no_crawl_has_filled_is_left_to_the_crawl(
    world: World, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "elsewhere.db"
    make(path)
    before = path.read_bytes() if path.exists() else None
    assert not try_idle_crawl(replace(world.settings, archive=path), world.now)
    assert (path.read_bytes() if path.exists() else None) == before
