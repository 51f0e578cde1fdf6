"""What was harvested live, imported from its WARC files: the same articles and edits."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harvester.importing.run import find_files, import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.importing.workspaces import list_workspaces
from harvester.settings import Settings
from tests.support.harvest_command import Harvest
from tests.support.in_process_harvest import Answer, World
from tests.support.papers import Story

NOW = "2026-12-01T12:00:00Z"


def import_all(
    settings: Settings, *paths: Path, now: str = NOW, **options: Any
) -> ImportResult:
    """Import files and folders."""
    files = [ImportFile(path) for path in find_files(paths)]
    return import_files(
        settings, files, ImportOptions(workers=1, **options), now, lambda *_: None
    )


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


CONTENT = {
    "articles": "select key, url, reached, outlet, state, version, versions from articles "
    "order by key",
    "versions": "select article, number, title, text, wording, first_seen from versions "
    "order by article, number",
    "changes": "select article, at, kind, class from changes order by article, at",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A paper that published, edited, moved and removed stories."""
    world = World(tmp_path_factory.mktemp("live"), keeps_records=True)
    for number in range(4):
        world.publish(number)
    world.run(2)
    world.edit(0, "as the mayor said")
    world.edit(1, "and nobody objected", tell=True)
    world.run(30)
    path = world.publish(7)
    world.pages["/moved/7"] = Answer(Story(7).page())
    world.pages[path] = Answer(to="https://lantern.example/moved/7")
    world.pages[Story(2).path] = Answer(status=404)
    world.run(60)
    world.keeper.end_crawl(world.now)
    world.keeper.close()
    return world


def test_a_world_imported_is_the_world_harvested(world: World, tmp_path: Path) -> None:
    settings = replace(
        world.settings, archive=tmp_path / "b.db", captures=tmp_path / "captures"
    )
    assert world.settings.captures is not None
    result = import_all(settings, world.settings.captures)
    print(result)
    for name, sql in CONTENT.items():
        assert rows(settings.archive, sql) == rows(world.folder / "a.db", sql), name
    assert not list_workspaces(settings.archive)


def test_what_is_exported_comes_in_again_as_the_same(
    world: World, tmp_path: Path
) -> None:
    """An export has the captures of the articles, without the feeds that named them."""
    exported = tmp_path / "articles.warc.gz"
    Harvest(world.folder)("export", "-o", str(exported))
    settings = replace(
        world.settings, archive=tmp_path / "c.db", captures=tmp_path / "captures"
    )
    import_all(settings, exported)
    sql = (
        "select title, text, first_seen from versions order by first_seen, title, text"
    )
    assert rows(settings.archive, sql) == rows(world.folder / "a.db", sql)
    sql = "select url, at, sha256 from captures where kind = 'article' order by 1, 2"
    assert set(rows(settings.archive, sql)) <= set(rows(world.folder / "a.db", sql))
