"""Faults of the machine: failing writes, a read-only disk, locks, clock changes.

Also programs that read the archive for hours, and several harvests at once.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.machine.kills import PATIENCE, until
from benchmarks.machine.shim import compiled, environment
from harvester.archive import connection
from harvester.archive.connection import Archive, open_reader
from harvester.archive.writer_lock import get_lock_holder
from harvester.errors import ArchiveLocked
from harvester.newsroom import Newsroom
from tests.support import ROOT
from tests.support.many_outlets import create_outlets

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

pytestmark = pytest.mark.long

NOW = "2025-09-06T08:00:00Z"


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library between a program and its files."""
    found = compiled(tmp_path_factory.mktemp("shim"))
    if found is None:
        pytest.skip("no C compiler here")
    return found


def articles(newsroom: Newsroom) -> int:
    return sum(len(outlet.articles) for outlet in newsroom.outlets.values())


@pytest.mark.parametrize(
    "fails",
    [f"{errno.EIO} s .warc.gz", f"{errno.EIO} w archive.db-wal"],
)
def test_failing_writes_end_with_one_message_and_lose_nothing(
    newsroom: Newsroom, harvest: Harvest, shim: Path, fails: str
) -> None:
    """One message with the path, exit code 1, and the next harvest completes everything."""
    create_outlets(newsroom, outlet_count=1, article_count=4, seed=5)
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    Archive.open(harvest.folder / "archive.db").close()
    fail = harvest.folder / "fail"
    fail.write_text(fails)
    command = [
        sys.executable,
        "-m",
        "harvester.cli",
        "--settings",
        str(harvest.settings),
        "once",
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment(shim, fail=fail),
        timeout=240,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert (
        str(harvest.folder) in done.stderr
        and len(done.stderr.strip().splitlines()) <= 3
    ), done.stderr
    harvest.check()
    fail.unlink()
    harvest.once()
    harvest.check()
    assert len(harvest.rows("select 1 from articles")) == articles(newsroom)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """A function that makes a disk read-only; skips if none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", str(folder)],
        capture_output=True,
    ).returncode:
        pytest.skip("mounting a disk needs root")

    def now() -> Path:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        return folder

    yield now
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_disk_stops_crawls_but_not_readers(
    newsroom: Newsroom, harvest: Harvest, read_only: Callable[[], Path], tmp_path: Path
) -> None:
    harvest.folder = tmp_path / "disk"
    newsroom.add_outlet("paper").publish(
        "The bridge is closed", ["The council closed the bridge, and nobody knew why."]
    )
    harvest.settings = harvest.folder / "settings.toml"
    harvest.settings.write_text(newsroom.settings_toml(harvest.folder))
    harvest.once()
    read_only()
    failed = harvest.run("once", "--force", code=1)
    assert (
        str(harvest.folder) in failed.stderr
        and len(failed.stderr.strip().splitlines()) <= 2
    )
    assert harvest.json("search", "bridge")  # reading goes on
    # It is no damage: nothing is to be repaired.
    verified = harvest.run("verify")
    assert "no differences" in verified.stdout and "read-only" in verified.stderr
    examined = harvest.run("doctor", "--full", code=1)
    assert "is not writable" in examined.stdout and "--fix" not in examined.stderr
    wrong = [line for line in examined.stdout.splitlines() if "WRONG" in line]
    assert all(line.split()[1] == "disk" for line in wrong), wrong
    check_browsing(harvest)


def check_browsing(harvest: Harvest) -> None:
    """The archive's pages are served."""
    server = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "harvester.cli"),
            *("--settings", str(harvest.settings), "browse", "--port", "0"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert server.stdout is not None
    with server.stdout:
        address = server.stdout.readline().split()[0]
        for path in ("", "archive/articles.json"):
            with urllib.request.urlopen(address + path, timeout=60) as response:
                assert response.status == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0


def test_a_log_on_a_read_only_disk_is_named(
    harvest: Harvest, read_only: Callable[[], Path], tmp_path: Path
) -> None:
    """As when a disk is taken out of a machine that still writes."""
    disk = tmp_path / "disk"
    archive = Archive.open(tmp_path / "archive.db")
    archive.begin()
    archive.connection.execute(
        "insert into outlets (key, name, first_seen) values ('a', 'a', ?)", [NOW]
    )
    archive.commit()
    for name in ("archive.db", "archive.db-wal"):
        shutil.copy(tmp_path / name, disk / name)
    archive.close()
    harvest.settings = disk / "settings.toml"
    harvest.settings.write_text("[outlets.a]\nfeeds = ['https://a.example/feed']\n")
    read_only()
    for command in ("search", "verify", "doctor"):
        done = harvest.run(command, *["a"] * (command == "search"), code=1)
        assert "archive.db-wal, which cannot be read there" in done.stdout + done.stderr
        assert "damaged" not in done.stdout + done.stderr


def test_a_locked_archive_is_waited_for_then_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive.open(tmp_path / "archive.db")
    other = sqlite3.connect(
        tmp_path / "archive.db", isolation_level=None, check_same_thread=False
    )
    other.execute("begin immediate")
    timer = threading.Timer(
        0.5, lambda: other.execute("commit")
    )  # released in time: nobody notices
    timer.start()
    archive.begin()
    archive.connection.execute(
        "insert into outlets (key, name, first_seen) values ('a', 'a', ?)", [NOW]
    )
    archive.commit()
    timer.join()
    archive.close()
    assert connection.BUSY_TIMEOUT_SECONDS >= 30
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_SECONDS", 0.1)
    archive = Archive.open(tmp_path / "archive.db")
    other.execute("begin immediate")
    with closing(
        open_reader(tmp_path / "archive.db")
    ) as reading:  # readers do not wait
        assert reading.execute("select count(*) from outlets").fetchone()[0] == 1
    with pytest.raises(ArchiveLocked, match="locked by another program"):
        archive.begin()
    other.execute("rollback")
    archive.begin()
    archive.close()
    other.close()


def test_a_long_reader_stops_no_writer_and_the_log_shrinks_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "archive.db"
    log = path.with_name("archive.db-wal")
    archive = Archive.open(path)
    reading = open_reader(path)
    reading.execute("begin")
    reading.execute("select count(*) from outlets").fetchone()

    def write(count: int) -> None:
        for number in range(count):
            archive.begin()
            archive.connection.execute(
                "insert or replace into outlets (key, name, first_seen) values (?, ?, ?)",
                [f"o{number}", "x" * 400_000, NOW],
            )
            archive.commit()

    write(150)
    assert log.stat().st_size > 50_000_000  # the reader still sees what it saw
    assert reading.execute("select count(*) from outlets").fetchone()[0] == 0
    reading.execute("rollback")
    write(20)
    assert log.stat().st_size <= connection.MAX_WAL_BYTES
    reading.close()
    archive.close()


def test_several_harvests_at_once_fetch_each_page_once(
    newsroom: Newsroom, harvest: Harvest
) -> None:
    create_outlets(newsroom, outlet_count=2, article_count=5, seed=6)
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, every="1 day", revisit=["1 day"])
    )
    command = [
        sys.executable,
        "-m",
        "harvester.cli",
        "--settings",
        str(harvest.settings),
        "once",
        "--wait",
    ]
    started = [
        subprocess.Popen(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=240)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    harvest.check()
    assert len(harvest.rows("select 1 from articles")) == articles(newsroom)
    requests = Counter(
        one.path for outlet in newsroom.outlets.values() for one in outlet.requests
    )
    paths = [
        "/" + one.url.split("/", 3)[3]
        for outlet in newsroom.outlets.values()
        for one in outlet.articles
    ]
    assert all(
        requests[path] == paths.count(path) for path in paths
    )  # outlets may share a path


def test_a_daemon_goes_on_when_its_clock_is_set_back_and_after_a_full_disk(
    newsroom: Newsroom, harvest: Harvest, shim: Path
) -> None:
    """APScheduler and due times go by the clock: both would wait for three hours.

    Without space on the disk, the daemon reports it and waits.
    """
    paper = newsroom.add_outlet("paper")
    paper.publish(
        "The bridge is closed",
        ["The council closed the bridge, and nobody knew why it was done that night."],
    )
    harvest.settings.write_text(
        newsroom.settings_toml(harvest.folder, every="2 seconds")
    )
    clock = harvest.folder / "clock"
    clock.write_text("0")
    command = [
        sys.executable,
        "-m",
        "harvester.cli",
        "--settings",
        str(harvest.settings),
        "run",
    ]
    fail = harvest.folder / "fail"
    daemon = subprocess.Popen(
        command,
        env=environment(shim, clock=clock, fail=fail),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

    def held() -> int:
        path = harvest.folder / "archive.db"
        try:
            return len(harvest.rows("select 1 from articles")) if path.exists() else 0
        except sqlite3.Error:
            return 0

    try:
        assert until(lambda: held() == 1, PATIENCE)
        clock.write_text("-10800")
        paper.publish(
            "The bridge is open",
            [
                "The council opened the bridge again on Tuesday, to much applause of all."
            ],
        )
        assert until(lambda: held() == 2, PATIENCE)
        for pid in _children(daemon.pid):  # and where no crawl runs that could notice
            os.kill(pid, signal.SIGKILL)
        clock.write_text("-40000")
        paper.publish(
            "The bridge is sold",
            [
                "The council sold the bridge to a man from the county, for a very small sum."
            ],
        )
        assert until(lambda: held() == 3, PATIENCE)
        fail.write_text(f"{errno.ENOSPC} w archive.db-wal")
        paper.publish(
            "The bridge is lost",
            [
                "The county lost the bridge again, in a game of cards that went on all night."
            ],
        )

        def problem() -> str:
            holder = get_lock_holder(harvest.folder / "archive.db")
            return holder.problem if holder is not None else ""

        assert until(
            lambda: (
                "no room left on the disk" in problem()
                and str(harvest.folder) in problem()
            ),
            PATIENCE,
        )
        assert held() == 3  # reading goes on
        fail.unlink()
        assert until(lambda: held() == 4 and not problem(), PATIENCE)
    finally:
        daemon.send_signal(signal.SIGTERM)
        said = daemon.communicate(timeout=30)[1]
    assert daemon.returncode == 0 and "Traceback" not in said, said
    assert any(
        "set back by 3 hours" in row["note"]
        for row in harvest.rows("select note from events where kind = 'clock set'")
    )
    assert not harvest.rows("select 1 from articles where last_seen < first_seen")


def _children(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in lists for child in file.read_text().split()]
