"""How a crawl ends: by a signal, without its parent, with hosts that hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

pytestmark = pytest.mark.long


def _stat_fields(pid: int) -> list[str]:
    """State, parent, … of a process; none if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return stat.rpartition(")")[2].split()


def _children(pid: int) -> list[int]:
    pids = [int(file.name) for file in Path("/proc").glob("[0-9]*")]
    return [child for child in pids if _stat_fields(child)[1:2] == [str(pid)]]


def _is_alive(pid: int) -> bool:
    return bool(_stat_fields(pid)) and _stat_fields(pid)[:1] != ["Z"]


def _wait_until(condition: Callable[[], object], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("mode", [["--once"], []])
def test_a_signal_ends_it_while_hosts_hang(
    harness: CrawlHarness, site: Site, number: int, mode: list[str]
) -> None:
    released = threading.Event()
    site.respond_raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article(f"/a{n}") for n in range(5)] + [site.url("/hang")])
    crawl = subprocess.Popen(
        harness.command(*mode),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=harness.environment(),
    )
    assert crawl.stdout is not None
    # robots.txt, tdmrep.json, the feed and five articles were received
    for line in crawl.stdout:
        if json.loads(line)["captures"] == 8:
            break
    assert _wait_until(lambda: "/hang" in site.requested_paths)
    workers = _children(crawl.pid)
    start = time.monotonic()
    crawl.send_signal(number)
    out, errors = crawl.communicate(timeout=15)
    released.set()
    assert time.monotonic() - start < 10
    assert (crawl.returncode, errors) == (0, b"")
    counts = json.loads(out.splitlines()[-1])["counts"]
    assert counts["captures"] == 8  # what was received is stored
    assert harness.rows("select count(*) from captures where kind = 'article'") == [
        (5,)
    ]
    assert harness.rows("pragma integrity_check") == [("ok",)]
    assert _wait_until(lambda: not any(_is_alive(pid) for pid in workers), 5)


@pytest.mark.parametrize("mode", [["--once"], []])
def test_it_ends_when_its_parent_is_killed(
    harness: CrawlHarness, site: Site, mode: list[str]
) -> None:
    released = threading.Event()
    site.respond_raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article("/a"), site.url("/hang")])
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; subprocess.run(sys.argv[1:])",
            *harness.command(*mode),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=harness.environment(),
    )
    assert _wait_until(
        lambda: "/hang" in site.requested_paths and "/a" in site.requested_paths
    )
    [crawl] = _children(parent.pid)
    assert _wait_until(lambda: _children(crawl))
    tree = [crawl, *_children(crawl)]
    parent.kill()
    parent.wait()
    assert _wait_until(lambda: not any(_is_alive(pid) for pid in tree), 10)
    released.set()


def test_its_workers_end_when_it_is_killed(harness: CrawlHarness, site: Site) -> None:
    released = threading.Event()
    site.respond_raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.article("/a"), site.url("/hang")])
    crawl = subprocess.Popen(
        harness.command("--once"), stdout=subprocess.DEVNULL, env=harness.environment()
    )
    assert _wait_until(lambda: _children(crawl.pid))
    workers = _children(crawl.pid)
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.wait()
    released.set()
    assert _wait_until(lambda: not any(_is_alive(pid) for pid in workers), 10)
    assert harness.once().exit_code == 0


def test_a_host_that_hangs_delays_nobody_else(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    """The host responds once the other's last page is requested.

    If that waited for the host, both would fail.
    """
    last_page_requested = threading.Event()
    harness.limits["answer_time"] = "60 seconds"
    harness.crawl["concurrency"] = 1
    in_time: list[bool] = []

    def hang(handler: Any) -> None:
        in_time.append(last_page_requested.wait(50))

    def signal_request(handler: Any) -> CannedResponse:
        last_page_requested.set()
        return last_page

    site.feed("/feed", [site.respond_raw(f"/hang{n}", hang) for n in range(3)])
    links = [other_site.article(f"/a{n}") for n in range(30)]
    last_page = other_site.canned_response("/a29")
    other_site.paths["/a29"] = signal_request
    other_site.feed("/feed", links)
    harness.outlets["other"] = [other_site.url("/feed")]
    counts = harness.once().counts
    assert (counts["failed"], counts["new"]) == (3, 30)
    assert all(in_time)


def test_each_response_has_its_own_timeout(harness: CrawlHarness, site: Site) -> None:
    released = threading.Event()
    harness.limits["answer_time"] = "2 seconds"
    harness.crawl["concurrency"] = 1
    site.feed(
        "/feed",
        [
            site.respond_raw(f"/hang{n}", lambda handler: released.wait(30))
            for n in range(2)
        ],
    )
    start = time.monotonic()
    counts = harness.once().counts
    seconds = time.monotonic() - start
    released.set()
    assert counts["failed"] == 2
    assert seconds > 4


def test_what_becomes_due_while_it_waits_is_fetched(
    harness: CrawlHarness, site: Site
) -> None:
    """Without --once the crawl goes on, and polls feeds again when they are due."""
    site.feed("/feed", [])
    harness.crawl["every"] = "1 second"
    crawl = subprocess.Popen(
        harness.command(), stdout=subprocess.PIPE, env=harness.environment()
    )
    assert _wait_until(lambda: len(site.page_paths()) >= 2)
    site.feed("/feed", [site.article("/late")])
    assert _wait_until(lambda: "/late" in site.requested_paths)
    crawl.terminate()
    out, _ = crawl.communicate(timeout=15)
    assert crawl.returncode == 0
    assert json.loads(out.splitlines()[-1])["event"] == "end"


def test_one_delay_for_feeds_articles_and_robots(
    harness: CrawlHarness, site: Site
) -> None:
    harness.crawl |= {"delay": "0.4 seconds", "concurrency": 4}
    times: list[float] = []
    links = [site.article(f"/a{n}") for n in range(3)]
    site.feed("/feed", links)
    site.respond("/robots.txt", b"", 404)
    responses = {path: site.canned_response(path) for path in site.paths}

    def log_time(handler: BaseHTTPRequestHandler) -> CannedResponse:
        times.append(time.monotonic())
        return responses[handler.path]

    site.paths = dict.fromkeys(responses, log_time)
    assert harness.once().counts["new"] == 3
    assert len(times) == 5
    assert all(after - before >= 0.38 for before, after in pairwise(times))
