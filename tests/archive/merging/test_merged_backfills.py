"""Backfills of two archives: what was found says so, and what ran is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harvester.archive.connection import Archive
from harvester.archive.records import backfills
from harvester.cli import cli
from harvester.ingest.merge_archives import merge_archives
from tests.support.backfilled_outlet import KEY, BackfilledOutlet

COUNT = 12


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BackfilledOutlet]:
    world = BackfilledOutlet(tmp_path, COUNT)
    yield world
    world.close()


def run(world: BackfilledOutlet, *arguments: str) -> Result:
    settings = str(world.folder / "settings.toml")
    return CliRunner().invoke(cli, ["--settings", settings, *arguments])


def test_backfills_are_merged_and_do_not_run(
    world: BackfilledOutlet, tmp_path: Path
) -> None:
    world.begin()
    world.run(6)
    running = world.backfill
    assert running.state == "running"
    target = tmp_path / "target.db"
    other = Archive.open(target, tmp_path / "target")
    other.begin()
    # Ids differ: one of another outlet was here before.
    other.connection.execute(
        "insert into outlets (key, name, first_seen) values ('lantern', '', ?)",
        [world.now],
    )
    backfills.add_backfill(other.connection, "lantern", world.now, world.now)
    other.commit()
    other.close()

    def merge() -> list[backfills.BackfillRow]:
        merge_archives(
            target,
            tmp_path / "target",
            world.settings.archive,
            world.settings.captures,
            "2026-01-01T00:00:00Z",
            lambda _: None,
            False,
        )
        archive = Archive.open(target, None)
        rows = backfills.list_backfills(archive.connection, [KEY])
        [standing] = [backfills.get_standing(archive.connection, row) for row in rows]
        found = archive.connection.execute(
            "select count(*) from entries where backfill = ?", [rows[0].id]
        ).fetchone()[0]
        assert archive.connection.execute("pragma foreign_key_check").fetchall() == []
        archive.close()
        assert found == running.new
        assert standing.waiting == running.new
        return rows

    [merged] = merge()
    assert (merged.state, merged.new) == ("stopped", running.new)
    assert merge() == [merged]


def test_verify_doctor_purge_and_split_know_them(
    world: BackfilledOutlet, tmp_path: Path
) -> None:
    world.begin()
    assert world.run().state == "finished"
    world.keeper.end_crawl(world.now)
    article = world.outlet.articles[2]
    [key] = [
        row["key"]
        for row in world.rows("select key, reached from articles")
        if row["reached"] == article.url
    ]
    world.keeper.close()
    for command in (("verify",), ("doctor",)):
        result = run(world, *command)
        assert result.exit_code == 0, result.output
    (tmp_path / "part").mkdir()
    part = tmp_path / "part" / "part.db"
    result = run(world, "export", "--outlet", KEY, "-o", str(part))
    assert result.exit_code == 0, result.output
    shown = CliRunner().invoke(cli, ["--archive", str(part), "show", key])
    assert "by a backfill" in shown.output
    assert "by a backfill" in run(world, "show", key).output
    result = run(world, "purge", key, "--why", "asked", "--yes")
    assert result.exit_code == 0, result.output
    words = (article.slug.encode(), article.title.encode())
    for file in tmp_path.glob("archive.db*"):
        stored = file.read_bytes()
        assert not any(word in stored for word in words), file
    assert run(world, "verify").exit_code == 0
    world.open()
    assert world.begin().state == "running"
    world.run()
    assert article.url not in world.found()
