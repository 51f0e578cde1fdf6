"""An import that is killed at any instant is continued: nothing is lost or double."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harvester.importing import index, replay
from harvester.importing.run import find_files, import_files
from harvester.importing.types import ImportFile, ImportOptions, ImportResult
from harvester.importing.workspaces import list_workspaces
from harvester.settings import Settings
from tests.importing import foreign_files as files
from tests.support.in_process_harvest import World

NOW = "2026-12-01T12:00:00Z"
KILLS = 12
TABLES = {
    "articles": "key, url, reached, first_seen, last_seen, state, version, versions",
    "versions": "article, number, title, text, first_seen",
    "changes": "article, at, kind, class",
    "captures": "url, reached, at, status, sha256, kind",
    "entries": "feed, url, outcome, reason, article",
    "urls": "address, article, kind",
    "sightings": "article, since, until",
    "looks": "article, at",
    "events": "kind, article, at, note",
}


def run(settings: Settings, source: Path) -> ImportResult:
    return import_files(
        settings,
        [ImportFile(path) for path in find_files([source])],
        ImportOptions(workers=1),
        NOW,
        lambda *_: None,
    )


def content(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(archive)) as connection:
        return {
            table: sorted(
                connection.execute(f"select {columns} from {table}").fetchall(),
                key=repr,
            )
            for table, columns in TABLES.items()
        }


@pytest.mark.long
def test_kills_lose_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "COMMIT_SECONDS", 0.02)
    monkeypatch.setattr(index, "BATCH_RECORDS", 20)
    world = _world(tmp_path)
    source = tmp_path / "files"
    source.mkdir()
    bodies = (
        sorted(world.settings.captures.iterdir()) if world.settings.captures else []
    )
    for path in bodies:
        (source / path.name).write_bytes(path.read_bytes())
    paused = [
        files.response(f"{files.HOME}/p/{n}", "2025-09-06T08:00:00Z", b"<p>x</p>")
        for n in range(40)
    ]
    files.write(source / "z.warc.gz", paused, "one")
    settings = replace(
        world.settings,
        archive=tmp_path / "a" / "a.db",
        captures=tmp_path / "a" / "captures",
    )
    whole = run(settings, source)
    killed = replace(
        world.settings,
        archive=tmp_path / "b" / "b.db",
        captures=tmp_path / "b" / "captures",
    )
    context = multiprocessing.get_context("fork")
    rng, kills = random.Random(20), 0
    for _ in range(KILLS):
        process = context.Process(target=run, args=(killed, source))
        process.start()
        process.join(rng.uniform(0.05, 4.0))
        if process.is_alive():
            kills += 1
            process.kill()
        process.join()
    result = run(killed, source)
    assert kills >= KILLS // 2
    assert content(killed.archive) == content(settings.archive)
    assert not list_workspaces(killed.archive)
    if any(file.status == "imported" for file in result.files):
        assert (result.outcomes, result.skipped) == (whole.outcomes, whole.skipped)


def _world(folder: Path) -> World:
    world = World(folder, keeps_records=True)
    for number in range(10):
        world.publish(number)
        world.run(3)
    for number in range(0, 10, 3):
        world.edit(number, "as the mayor said", tell=True)
    world.run(12)
    world.keeper.end_crawl(world.now)
    world.keeper.close()
    return world
