"""How a crawl ends: told to, without its parent, with hosts that hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (
                    int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    == pid
                ):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[
            2
        ].split()[0] != "Z"
    except OSError:
        return False


def _until(condition: Any, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition():
        if time.monotonic() > end:
            return False
        waiting.wait(0.02)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("mode", [["--once"], []])
def test_told_to_end_while_hosts_hang(
    world: Any, site: Any, number: int, mode: list[str]
) -> None:
    released = threading.Event()
    site.raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article(f"/a{n}") for n in range(5)] + [site.url("/hang")])
    crawl = subprocess.Popen(
        world.command(*mode),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=world.environment(),
    )
    assert crawl.stdout is not None
    for line in crawl.stdout:  # robots.txt, the feed and five articles were received
        if json.loads(line)["captures"] == 7:
            break
    assert _until(lambda: "/hang" in site.asked)
    workers = _children(crawl.pid)
    begun = time.monotonic()
    crawl.send_signal(number)
    out, errors = crawl.communicate(timeout=15)
    released.set()
    assert time.monotonic() - begun < 10
    assert (crawl.returncode, errors) == (0, b"")
    counts = json.loads(out.splitlines()[-1])["counts"]
    assert counts["captures"] == 7  # what was received is kept
    assert world.rows("select count(*) from captures where kind = 'article'") == [(5,)]
    assert world.rows("pragma integrity_check") == [("ok",)]
    assert _until(lambda: not any(_alive(pid) for pid in workers), 5)


@pytest.mark.parametrize("mode", [["--once"], []])
def test_it_ends_when_its_parent_is_killed(
    world: Any, site: Any, mode: list[str]
) -> None:
    released = threading.Event()
    site.raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article("/a"), site.url("/hang")])
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; subprocess.run(sys.argv[1:])",
            *world.command(*mode),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=world.environment(),
    )
    assert _until(lambda: "/hang" in site.asked and "/a" in site.asked)
    [crawl] = _children(parent.pid)
    assert _until(lambda: _children(crawl))
    tree = [crawl, *_children(crawl)]
    parent.kill()
    parent.wait()
    assert _until(lambda: not any(_alive(pid) for pid in tree), 10)
    released.set()


def test_its_workers_end_when_it_is_killed(world: Any, site: Any) -> None:
    released = threading.Event()
    site.raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article("/a"), site.url("/hang")])
    crawl = subprocess.Popen(
        world.command("--once"), stdout=subprocess.DEVNULL, env=world.environment()
    )
    assert _until(lambda: _children(crawl.pid))
    workers = _children(crawl.pid)
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.wait()
    released.set()
    assert _until(lambda: not any(_alive(pid) for pid in workers), 10)
    assert world.once().code == 0


def test_a_host_that_hangs_delays_nobody_else(
    world: Any, site: Any, other: Any
) -> None:
    """The host goes on only when the last page of the other was asked for: were that to wait for it, both would fail."""
    asked = threading.Event()
    world.limits["answer_time"] = "60 seconds"
    world.crawl["concurrency"] = 1
    in_time: list[bool] = []

    def hang(handler: Any) -> None:
        in_time.append(asked.wait(50))

    def note(handler: Any) -> Any:
        asked.set()
        return last

    site.feed("/feed", [site.raw(f"/hang{n}", hang) for n in range(3)])
    links = [other.article(f"/a{n}") for n in range(30)]
    last = other.paths["/a29"]
    other.paths["/a29"] = note
    other.feed("/feed", links)
    world.outlets["other"] = [other.url("/feed")]
    counts = world.once().counts
    assert (counts["failed"], counts["new"]) == (3, 30)
    assert all(in_time)


def test_an_answer_has_so_much_time_and_each_is_waited_for_alone(
    world: Any, site: Any
) -> None:
    released = threading.Event()
    world.limits["answer_time"] = "2 seconds"
    world.crawl["concurrency"] = 1
    site.feed(
        "/feed",
        [site.raw(f"/hang{n}", lambda handler: released.wait(30)) for n in range(2)],
    )
    begun = time.monotonic()
    counts = world.once().counts
    took = time.monotonic() - begun
    released.set()
    assert counts["failed"] == 2
    assert took > 4


def test_what_becomes_due_while_it_waits_is_visited(world: Any, site: Any) -> None:
    """Without --once the crawl goes on asking; feeds come again when they are due."""
    site.feed("/feed", [])
    world.crawl["every"] = "1 second"
    crawl = subprocess.Popen(
        world.command(), stdout=subprocess.PIPE, env=world.environment()
    )
    assert _until(lambda: len(site.pages()) >= 2)
    site.feed("/feed", [site.article("/late")])
    assert _until(lambda: "/late" in site.asked)
    crawl.terminate()
    out, _ = crawl.communicate(timeout=15)
    assert crawl.returncode == 0
    assert json.loads(out.splitlines()[-1])["event"] == "end"


def test_one_delay_for_feeds_articles_and_robots(world: Any, site: Any) -> None:
    world.crawl |= {"delay": "0.4 seconds", "concurrency": 4}
    times: list[float] = []
    links = [site.article(f"/a{n}") for n in range(3)]
    site.feed("/feed", links)
    site.answer("/robots.txt", b"", 404)
    for path, answer in list(site.paths.items()):
        site.paths[path] = lambda handler, answer=answer: (
            times.append(time.monotonic()) or answer
        )
    assert world.once().counts["new"] == 3
    assert len(times) == 5
    assert all(after - before >= 0.38 for before, after in pairwise(times))
