"""kill -9 at any instant: no committed version is lost, none is doubled, and nothing is left to repair by hand."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.newsroom import Newsroom
from harvester.newsroom.world import churn, lively

if TYPE_CHECKING:
    from conftest import Harvest

KILLS = 20


def below(root: int) -> list[int]:
    """The processes started by a process, and by those."""
    found = []
    for entry in os.listdir("/proc"):  # noqa: PTH208 - a hot loop of names
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                if parent == root:
                    found += [int(entry), *below(int(entry))]
    return found


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_crawl_killed_at_twenty_instants(newsroom: Newsroom, harvest: Harvest) -> None:
    chance = random.Random(os.environ.get("KILL_SEED", "1"))
    lively(newsroom, outlets=3, articles=25, seed=3)
    harvest.settings.write_text(newsroom.settings(harvest.folder, crawl="concurrency = 4"))
    held: set[tuple[str, str]] = set()
    children: list[int] = []
    for kill in range(KILLS):
        command = [sys.executable, "-P", "-m", "spiders", "--settings", str(harvest.settings), "--once"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            # The start takes half a second; from then on, any instant. Not a pause of the test: the instant is what it tries.
            process.wait(0.4 + chance.random() * 1.6)
        children += below(process.pid)
        process.send_signal(signal.SIGKILL)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        process.wait()
        if (harvest.folder / "archive.db").exists() and tables(harvest):
            now = {(row["article"], row["sha256"]) for row in harvest.rows("select article, sha256 from versions")}
            assert held <= now, "a committed version was lost"
            held = now
            if kill % 5 == 4:
                harvest.check()
        assert not held or tables(harvest)
        if kill % 5 == 4:
            churn(newsroom, seed=kill)
    end = time.monotonic() + 10
    while not all(map(gone, children)):
        assert time.monotonic() < end, "a process outlived the crawl"
    for _ in range(3):
        harvest.once()
    # What was withdrawn when it was first asked for, and stands there again, waits for its back-off.
    harvest.once("--force")
    harvest.check()
    articles = [one for outlet in newsroom.outlets.values() for one in outlet.articles]
    standing = {harvest.json("show", one.url)["article"] for one in articles[::7] if one.status == 200}
    assert len(standing) == len([one for one in articles[::7] if one.status == 200])
    assert len(harvest.rows("select 1 from articles")) <= len(articles)
    assert not harvest.rows("select 1 from entries where outcome = 'waiting'")


def tables(harvest: Harvest) -> bool:
    """Whether the archive has its tables yet."""
    return bool(harvest.rows("select 1 from sqlite_master where name = 'versions'"))
