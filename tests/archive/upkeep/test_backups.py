"""Backups: consistent while others write, thinned by days, weeks, months; restorable."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive import schema
from harvester.archive.connection import Archive, open_reader
from harvester.archive.upkeep import backups
from harvester.errors import ArchiveError, ArchiveOutdated
from harvester.newsroom import Newsroom
from harvester.settings import Upkeep

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

NOW = "2025-09-06T08:00:00Z"


def test_a_backup_with_captures_is_restored(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    paper = newsroom.add_outlet("paper")
    first = paper.publish(
        "The bridge is closed",
        ["The council closed the bridge on Monday, and nobody knew why."],
    )
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    copy = harvest.folder / "copies" / "monday.db"
    backup = harvest.json("backup", str(copy), "--captures")
    assert (backup["articles"], backup["versions"], backup["ok"]) == (
        1,
        1,
        True,
    ) and backup["files"] >= 1
    assert copy.stat().st_mode & 0o077 == 0 and not list(copy.parent.glob("*.part"))
    assert "exists already" in harvest.run("backup", str(copy), code=1).stderr

    paper.publish(
        "The bridge is open",
        ["The council opened the bridge again on Tuesday, to much applause."],
    )
    harvest.once("--force")
    assert len(harvest.rows("select 1 from articles")) == 2
    warc = {
        path.name: path.read_bytes() for path in (harvest.folder / "captures").glob("*")
    }
    for path in (harvest.folder / "captures").glob("*"):
        path.unlink()
    harvest.run("restore", str(copy))
    assert [row["title"] for row in harvest.rows("select title from versions")] == [
        first.title
    ]
    (previous,) = harvest.folder.glob("archive.db.before-*")
    with sqlite3.connect(previous) as connection:
        assert connection.execute("select count(*) from articles").fetchone() == (2,)
    for path in (harvest.folder / "captures").glob("*"):
        assert warc[path.name].startswith(path.read_bytes()) and path.stat().st_size
    harvest.check()
    harvest.once("--force")  # it goes on from there
    assert len(harvest.rows("select 1 from articles")) == 2
    harvest.check()


def test_a_backup_while_another_program_writes(tmp_path: Path) -> None:
    path, ending, rounds = tmp_path / "archive.db", threading.Event(), threading.Event()

    def write() -> None:
        archive = Archive.open(path)
        number = 0
        while not ending.is_set():
            archive.begin()
            for key in (
                f"a{number}",
                f"b{number}",
            ):  # always both: a copy with one of them was torn
                archive.connection.execute(
                    "insert into outlets (key, name, first_seen) values (?, ?, ?)",
                    [key, "x" * 900, NOW],
                )
            archive.commit()
            number += 1
            if number >= 50:
                rounds.set()
        archive.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert rounds.wait(30)
        for number in range(5):
            copy = tmp_path / f"{number}.db"
            backups.create_backup(path, copy)
            with sqlite3.connect(copy) as connection:
                rows = connection.execute(
                    "select substr(key, 2), count(*) from outlets group by 1"
                ).fetchall()
            assert len(rows) >= 50 and {count for _, count in rows} == {2}
    finally:
        ending.set()
        writer.join()


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive.db")
    archive.close()
    backups.create_backup(tmp_path / "archive.db", tmp_path / "good.db")
    body = bytearray((tmp_path / "good.db").read_bytes())
    body[8192:12288] = bytes(4096)
    (tmp_path / "bad.db").write_bytes(body)
    with pytest.raises(ArchiveError):
        backups.verify_backup(tmp_path / "bad.db")
    with pytest.raises(ArchiveError):
        backups.restore_backup(tmp_path / "bad.db", tmp_path / "archive.db", NOW)
    assert backups.verify_backup(tmp_path / "archive.db").articles == 0  # untouched


START = datetime(2025, 9, 6, 8, tzinfo=UTC)


@given(st.lists(st.integers(0, 24 * 800), min_size=1, max_size=200, unique=True))
def test_retention(hours: list[int]) -> None:
    times = [START + timedelta(hours=hour) for hour in hours]
    kept = set(times) - set(backups.select_expired(times))
    assert max(times) in kept
    assert len(kept) <= 1 + sum(backups.RETENTION_COUNTS)
    assert {time.date() for time in kept} >= set(
        sorted({time.date() for time in times})[-7:]
    )
    assert not backups.select_expired(sorted(kept))  # thinning again deletes nothing


def test_only_scheduled_backups_are_deleted(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    for hour in range(0, 24 * 20, 6):
        at = (START + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        backups.scheduled_backup_path(tmp_path, archive, at).touch()
    mine = tmp_path / "archive-before-the-trip.db"
    mine.touch()
    before = len(backups.list_scheduled_backups(tmp_path, archive))
    removed = backups.delete_expired_backups(tmp_path, archive)
    assert (
        mine.exists()
        and len(removed)
        == before - len(backups.list_scheduled_backups(tmp_path, archive))
        > 60
    )


def test_scheduled_backups(tmp_path: Path) -> None:
    path, folder = tmp_path / "archive.db", tmp_path / "backups"
    Archive.open(path).close()
    daily = Upkeep(86_400.0, folder, False)
    assert (
        backups.create_scheduled_backup(path, None, Upkeep(None, folder, False), NOW)
        is None
    )
    assert backups.create_scheduled_backup(path, None, daily, NOW) is not None
    assert (
        backups.create_scheduled_backup(path, None, daily, "2025-09-07T07:59:59Z")
        is None
    )
    assert (
        backups.create_scheduled_backup(path, None, daily, "2025-09-07T08:00:00Z")
        is not None
    )
    backups.scheduled_backup_path(
        folder, path, "2031-01-01T00:00:00Z"
    ).touch()  # the clock was wrong
    assert (
        backups.create_scheduled_backup(path, None, daily, "2025-09-08T08:00:00Z")
        is not None
    )
    assert len(backups.list_scheduled_backups(folder, path)) == 4


def test_an_archive_of_an_older_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive.db"
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATION_NAMES", schema.MIGRATION_NAMES[:2])
        patched.setattr(schema, "SCHEMA_VERSION", 2)
        Archive.open(path).close()
    before = path.read_bytes()
    with pytest.raises(ArchiveOutdated):  # who only reads does not migrate
        open_reader(path)
    backups.create_backup(path, tmp_path / "copy.db")
    assert path.read_bytes() == before
    backups.restore_backup(tmp_path / "copy.db", path, NOW)
    (tmp_path / "settings.toml").write_text(
        '[archive]\npath = "archive.db"\n[outlets.a]\nfeeds = ["https://a.example/feed"]\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "harvester.cli", "--settings", str(tmp_path / "settings.toml"), "doctor", "--upgrade"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (
        "WRONG" not in done.stdout
        and (tmp_path / "archive.db.version-2.backup").exists()
    )
    open_reader(path).close()
