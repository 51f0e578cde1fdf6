"""The program where Linux's own means are missing, and macOS's refusals are met.

``tests/support/like_macos`` makes every process of these tests find what it would there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.crawl_harness import CrawlHarness, Site
from tests.support.harvest_command import Harvest
from tests.support.small_archive import Building

pytestmark = pytest.mark.long

PYTHON_PATH = os.pathsep.join(
    (str(ROOT / "tests" / "support" / "like_macos"), str(ROOT))
)
HOSTS, OPEN_FILES = 40, 48


def run_python(code: str, *arguments: str) -> list[str]:
    """Run a program as on macOS; returns the words that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return done.stdout.split()


def is_alive(pid: int) -> bool:
    """Whether a process has not ended."""
    try:
        stat = (Path("/proc") / str(pid) / "stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end, waiting = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < end
        waiting.wait(0.02)


def test_these_processes_lack_what_linux_has() -> None:
    code = (
        "import importlib.util, os, resource, sys\n"
        "print(sys.platform, os.path.exists('/proc/self/stat'),"
        " importlib.util.find_spec('uvloop'),"
        " resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
        "for limit in (resource.RLIM_INFINITY, 10_241):\n"
        "    try: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, -1))\n"
        "    except ValueError: print('refused')\n"
        "try: open('/proc/self/stat')\n"
        "except OSError: print('missing')\n"
    )
    words = run_python(code)
    assert words[0] == "darwin"
    assert words[2:] == ["None", "256", "refused", "refused", "missing"]


def test_the_demonstration_runs(tmp_path: Path) -> None:
    done = Harvest(tmp_path)("demo", PYTHONPATH=PYTHON_PATH)
    assert "verified: no differences" in done.stdout


def test_a_crawl_keeps_within_the_files_that_it_may_open(tmp_path: Path) -> None:
    """A crawl of more hosts than it may open files fetches from all of them."""
    harness = CrawlHarness(tmp_path)
    sites = [Site() for _ in range(HOSTS)]
    for number, site in enumerate(sites):
        site.feed("/feed", [site.article("/a", f"Titre {number}")])
        harness.outlets[f"paper{number}"] = [site.url("/feed")]
    code = (
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({OPEN_FILES}, {OPEN_FILES}))\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *harness.command("--once")],
        env=harness.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    for site in sites:
        site.close()
    assert done.stderr == ""
    rows = harness.rows("select outcome, count(*) from entries group by outcome")
    assert rows == [("new", HOSTS)]


def test_a_system_that_refuses_every_limit(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import resource\n"
        "def refuse(*_):\n    raise PermissionError(1, 'Operation not permitted')\n"
        "resource.setrlimit = refuse\n"
    )
    site, harness = Site(), CrawlHarness(tmp_path)
    harness.outlets = {"paper": [site.url("/feed")]}
    site.feed("/feed", [site.article("/a")])
    result = harness.once(PYTHONPATH=os.pathsep.join((str(tmp_path), str(ROOT))))
    site.close()
    assert (result.exit_code, result.counts["new"]) == (0, 1), result.stderr


def test_a_page_that_takes_too_much_memory_fails_alone() -> None:
    """The system limits no memory there: it is measured while a page is read."""
    code = """
from tests.workers.test_pool import *
filling = with_it(eval, "[str(number) for number in range(10**9)]")
workers = WorkerPool(1, read_time=60.0, memory=200_000_000)
futures = [workers.submit(one) for one in (filling, job())]
print(*(future.result(200).error.replace(" ", "_") or "read" for future in futures))
workers.close()
"""
    assert run_python(code) == ["reading_it_takes_too_much_memory", "read"]


def test_memory_is_measured() -> None:
    code = """
import os
from harvester.workers.process import resident_bytes
before, held = resident_bytes(os.getpid()), b"1" * 100_000_000
print(resident_bytes(os.getpid()) - before, resident_bytes(2**22 + 1))
"""
    grown, unknown = (int(word) for word in run_python(code))
    assert 90_000_000 < grown < 120_000_000
    assert unknown == 0


def test_workers_whose_parent_was_killed_end_at_their_deadline() -> None:
    code = (
        "from tests.workers.test_pool import *\n"
        "pool.FAST_LANE_SECONDS = 600\nw = WorkerPool(2, read_time=3)\n"
        "[w.submit(slow()) for _ in range(2)]\n"
        "until(lambda: len(w.pids()) == 2); print(*w.pids(), flush=True)\n"
        "threading.Event().wait(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
    )
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in pids))


def test_a_crawl_whose_parent_was_killed_ends(tmp_path: Path) -> None:
    site, released = Site(), threading.Event()
    harness = CrawlHarness(tmp_path)
    harness.outlets = {"paper": [site.url("/feed")]}
    site.respond_raw("/hang", lambda handler: released.wait(60) and None)
    site.feed("/feed", [site.url("/hang")])
    code = (
        "import subprocess, sys\n"
        "crawl = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(crawl.pid, flush=True); crawl.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, *harness.command("--once")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
    )
    assert parent.stdout is not None
    with parent.stdout:
        crawl = int(parent.stdout.readline())
    wait_until(lambda: "/hang" in site.requested_paths)
    parent.kill()
    parent.wait()
    wait_until(lambda: not is_alive(crawl))
    released.set()
    site.close()
    assert harness.rows("select count(*) from captures where kind = 'feed'") == [(1,)]


def test_a_statement_without_end_is_stopped() -> None:
    """By elapsed time: the processor time of a thread cannot be asked for there."""
    code = """
import sqlite3
from harvester.browse.query_limits import watch_statements
from tests.support.sql_attacks import ATTACKS
connection = sqlite3.connect(":memory:", check_same_thread=False)
watch_statements(connection, 0.2)
try:
    connection.execute(ATTACKS["a step a second"]).fetchall()
except sqlite3.OperationalError as error:
    print(error)
"""
    assert run_python(code) == ["interrupted"]


def test_the_browser_is_served(tmp_path: Path) -> None:
    Building(tmp_path).archive.close()
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", "browse", "--port", "0"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
    )
    assert server.stdout is not None
    with server.stdout:
        address = server.stdout.readline().split()[0]
        for path in ("", "archive?sql=select+key+from+outlets"):
            with urllib.request.urlopen(address + path, timeout=30) as response:
                assert response.status == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(30) == 0
