"""Files that are removed, moved or replaced while programs write to them."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.machine.kills import PATIENCE, until
from benchmarks.machine.shim import compiled, environment
from harvester.archive.connection import Archive
from harvester.archive.records.captures import WarcFiles
from harvester.archive.writer_lock import get_lock_holder
from harvester.errors import ArchiveError
from harvester.newsroom import Newsroom

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

pytestmark = pytest.mark.long

NOW = "2025-09-06T08:00:00Z"
SENTENCES = (
    "The council closed the bridge, and nobody knew why it was done that night.",
    "The council opened the bridge again on Tuesday, to much applause of all.",
    "The council sold the bridge to a man from the county, for a very small sum.",
)


def test_a_warc_file_that_was_moved_ends_the_batch(tmp_path: Path) -> None:
    files = WarcFiles(tmp_path / "captures", "test/1")
    files.add_response("https://a.example/", NOW, 200, (), b"body")
    files.flush()
    (tmp_path / "captures").rename(tmp_path / "elsewhere")
    files.add_response("https://a.example/", NOW, 200, (), b"body")
    with pytest.raises(ArchiveError, match="was removed or moved while"):
        files.flush()
    with pytest.raises(ArchiveError):
        files.close()


@pytest.mark.parametrize("way", ["removed", "replaced"])
def test_an_archive_that_is_gone_is_not_committed_to(tmp_path: Path, way: str) -> None:
    archive = Archive.open(tmp_path / "archive.db")
    archive.begin()
    archive.commit()
    (tmp_path / "archive.db").rename(tmp_path / "other.db")
    if way == "replaced":
        Archive.open(tmp_path / "archive.db").close()
    archive.begin()
    with pytest.raises(ArchiveError, match="was removed or replaced while"):
        archive.commit()
    archive.close()


@contextmanager
def running(harvest: Harvest, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """``harvest run``."""
    with (harvest.folder / "log").open("w") as log:
        daemon = subprocess.Popen(
            [
                *(sys.executable, "-m", "harvester.cli"),
                *("--settings", str(harvest.settings), "run"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
            text=True,
        )
    try:
        yield daemon
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)


@pytest.fixture
def publish(newsroom: Newsroom, harvest: Harvest) -> Callable[[int], None]:
    """Publishes an article by its number."""
    paper = newsroom.add_outlet("paper")
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, every="2 seconds")
    )
    return lambda number: paper.publish(f"Bridge {number}", [SENTENCES[number]])


def count(harvest: Harvest) -> int:
    path = harvest.folder / "archive.db"
    try:
        return len(harvest.rows("select 1 from articles")) if path.exists() else 0
    except sqlite3.Error:
        return 0


def problem(harvest: Harvest) -> str:
    holder = get_lock_holder(harvest.folder / "archive.db")
    return holder.problem if holder is not None else ""


def test_captures_that_are_moved_under_the_daemon(
    harvest: Harvest, publish: Callable[[int], None]
) -> None:
    publish(0)
    captures = harvest.folder / "captures"
    with running(harvest):
        assert until(lambda: count(harvest) == 1, PATIENCE)
        before = harvest.rows("select max(id) as id from captures")[0]["id"]
        captures.rename(harvest.folder / "elsewhere")
        publish(1)
        assert until(lambda: count(harvest) == 2, PATIENCE)
        assert until(
            lambda: "captures was removed or rep" in problem(harvest), PATIENCE
        )
    # Each row points at a record: of before in the folder moved, of since in the new one.
    for row in harvest.rows("select * from captures where file is not null"):
        folders = [harvest.folder / "elsewhere", captures]
        if row["id"] > before:
            folders.reverse()
        paths = [folder / row["file"] for folder in folders]
        assert any(
            path.is_file() and path.stat().st_size >= row["offset"] + row["length"]
            for path in paths
        ), row
    shutil.copytree(harvest.folder / "elsewhere", captures, dirs_exist_ok=True)
    harvest.check()


def test_an_archive_that_is_removed_under_the_daemon(
    harvest: Harvest, publish: Callable[[int], None]
) -> None:
    """It is not begun anew, as its disk may have been unmounted; it goes on after that."""
    publish(0)
    names = ("archive.db", "archive.db-wal", "archive.db-shm")
    with running(harvest):
        assert until(lambda: count(harvest) == 1, PATIENCE)
        for name in names:
            path = harvest.folder / name
            if path.exists():
                path.rename(harvest.folder / f"away-{name}")
        publish(1)
        assert until(lambda: "until it is back" in problem(harvest), PATIENCE)
        assert not (harvest.folder / "archive.db").exists()
        for name in names:
            path = harvest.folder / f"away-{name}"
            if path.exists():
                path.rename(harvest.folder / name)
        assert until(lambda: count(harvest) == 2, PATIENCE)
        assert until(lambda: not problem(harvest), PATIENCE)
    harvest.check()


def test_a_folder_that_cannot_be_synced(
    newsroom: Newsroom, harvest: Harvest, publish: Callable[[int], None], tmp_path: Path
) -> None:
    """File systems of networks and in user space refuse fsync of a folder."""
    library = compiled(tmp_path)
    if library is None:
        pytest.skip("no C compiler here")
    publish(0)
    fail = tmp_path / "fail"
    fail.write_text(f"{errno.EINVAL} d {harvest.folder}")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "harvester.cli"),
            *("--settings", str(harvest.settings), "once"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, **environment(library, fail=fail)},
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert count(harvest) == 1
    harvest.check()
