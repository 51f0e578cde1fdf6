"""The worker pool with real processes: deadlines, deaths, replacement, the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.ingest.prepare import Job, prepare
from harvester.model import Capture, Limits, Outcome, Rules
from harvester.settings import parse_settings
from harvester.workers import pool
from harvester.workers.pool import FairTaskQueue, Task, WorkerPool
from spiders.crawl import MAX_SLOW_PAGES_SECONDS, Crawl
from tests.support import ROOT

TEXT = (
    "<p>Le maire de la commune a annoncé hier que les travaux du pont de pierre commenceront au printemps.</p>"
    * 8
)


def job(body: str = TEXT, title: str = "Titre") -> Job:
    html = f"<html lang=fr><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    capture = Capture(
        "https://example.org/a",
        "https://example.org/a",
        "2025-09-06T06:12:45Z",
        200,
        (("Content-Type", "text/html"),),
        html.encode(),
    )
    return Job("page", capture, Rules(), Limits())


class Action:
    """Something that a worker does when it unpickles this."""

    def __init__(self, what: Callable[..., object], *arguments: object) -> None:
        self.what, self.arguments = what, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.what, self.arguments


def with_it(what: Callable[..., object], *arguments: object) -> Job:
    """A page whose full reading does that; reading its visible text does not."""
    return replace(job(), earlier_captures=(Action(what, *arguments),))  # type: ignore[arg-type]


def slow() -> Job:
    """A page that takes hours to read."""
    return with_it(sum, range(10**13))


@pytest.fixture
def workers() -> Iterator[WorkerPool]:
    worker_pool = WorkerPool(2, read_time=2.0)
    yield worker_pool
    worker_pool.close()


def until(condition: object, seconds: float = 20.0) -> None:
    end, waiting = time.monotonic() + seconds, threading.Event()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        waiting.wait(0.02)


def gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[
            2
        ].split()[0] == "Z"
    except OSError:
        return True


def test_a_worker_reads_what_this_process_reads(workers: WorkerPool) -> None:
    found = workers.submit(job()).result(60)
    here = prepare(job())
    assert found.extract == here.extract
    assert (found.outcome, found.error) == (None, "")


def test_outlets_take_turns_and_learning_comes_first() -> None:
    turns, learned = FairTaskQueue(), replace(job(), kind="learn")
    for outlet, one in (
        ("a", job()),
        ("a", job()),
        ("b", job()),
        ("", job()),
        ("", learned),
    ):
        turns.add(Task(one, outlet))
    first = turns.take()
    assert first.job is learned
    assert [turns.take().outlet for _ in range(len(turns))] == ["a", "b", "", "a"]


def test_a_job_is_refreshed_when_its_turn_comes(workers: WorkerPool) -> None:
    newest = job(title="Ce qui est devenu du titre")
    made = workers.submit(job(), refresh_job=lambda _: newest).result(60)
    assert (
        made.extract is not None and made.extract.title == "Ce qui est devenu du titre"
    )
    aside = workers.submit(
        with_it(bytes, 2_000_000_000), refresh_job=lambda _: newest
    ).result(60)
    assert aside.extract == made.extract


def test_no_process_is_started_before_there_is_a_job(workers: WorkerPool) -> None:
    assert workers.pids() == []
    workers.submit(job()).result(60)
    assert len(workers.pids()) == 1  # one was enough


def test_a_page_that_takes_too_long_fails_alone() -> None:
    workers = WorkerPool(1, read_time=1.0)
    try:
        futures = [workers.submit(one) for one in (job(), slow(), job(), job())]
        made = [future.result(120) for future in futures]
    finally:
        workers.close()
    assert [one.outcome for one in made] == [None, Outcome.FAILED, None, None]
    assert made[1].error == "too slow: more than 1 s of processor time"


def test_a_job_whose_process_dies_is_tried_once_more(workers: WorkerPool) -> None:
    workers.submit(job()).result(60)
    [pid] = workers.pids()
    os.kill(pid, signal.SIGKILL)
    assert workers.submit(job()).result(60).extract is not None


def test_a_page_that_kills_its_process_is_reported() -> None:
    workers = WorkerPool(1, memory=1)  # no process comes up with so little memory
    try:
        made = workers.submit(job()).result(60)
    finally:
        workers.close()
    assert (made.outcome, made.error) == (
        Outcome.FAILED,
        "the reading of this page killed its process",
    )


def test_pages_wait_while_no_process_can_be_started() -> None:
    code = (
        "from tests.workers.test_pool import *\nimport resource\n"
        "workers, large = WorkerPool(1), job(' ' * pool.MAX_FAST_LANE_BYTES)\n"
        "limits = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))\n"
        "made = [workers.submit(one).result(60) for one in (job(), large)]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, limits)\n"
        "made += [workers.submit(one).result(60) for one in (job(), large)]\n"
        "print(*(f'{one.outcome} {one.error}' for one in made), sep='\\n')\n"
        "workers.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    reason = "left for later: no process could be started: Too many open files"
    assert done.stdout.splitlines()[:2] == [f"waiting {reason}"] * 2
    assert done.stdout.splitlines()[2].startswith("None")
    assert "no process" not in done.stdout.splitlines()[3]


def test_an_unreadable_page_gives_its_visible_text_and_a_reason() -> None:
    """Each was tried twice: with the others, and alone."""
    workers = WorkerPool(1, read_time=1.0, memory=400_000_000)
    try:
        futures = [
            workers.submit(one, "paper")
            for one in (slow(), with_it(os.abort), with_it(bytes, 2_000_000_000), job())
        ]
        made = [future.result(120) for future in futures]
    finally:
        workers.close()
    assert [one.error for one in made] == [
        "too slow: more than 1 s of processor time",
        "the reading of this page killed its process",
        "reading it takes too much memory",
        "",
    ]
    assert [one.outcome for one in made] == [
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.FAILED,
        None,
    ]
    for one in made[:3]:
        assert one.extract is not None
        assert (one.extract.method, one.extract.title) == ("visible", "Titre")
        assert "Le maire de la commune a annoncé hier" in one.extract.text


def test_an_outlet_with_slow_pages_does_not_delay_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "FAST_LANE_SECONDS", 1.0)
    workers = WorkerPool(1, read_time=60.0)
    try:
        hostile = [workers.submit(slow(), "bad") for _ in range(9)]
        assert all(
            workers.submit(job(), f"good{n}").result(120).extract is not None
            for n in range(3)
        )
        assert not any(future.done() for future in hostile)
    finally:
        workers.close()


def test_after_some_slow_pages_an_outlets_other_pages_are_left_for_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "MAX_OVERRUNS", 1)
    workers = WorkerPool(1, read_time=0.5)
    try:
        made = [workers.submit(slow(), "bad").result(120) for _ in range(2)]
    finally:
        workers.close()
    assert [one.outcome for one in made] == [Outcome.FAILED, Outcome.WAITING]


def test_a_single_pass_does_not_wait_long_for_slow_pages(
    tmp_path: Path,
) -> None:
    text = "[archive]\npath = 'a.db'\n[outlets.a]\nfeeds = ['https://a.example/feed']\n"
    crawl = Crawl(parse_settings(text, tmp_path / "settings.toml"), None, 0)  # type: ignore[arg-type]
    crawl.once = True
    try:
        futures = [
            crawl.workers.submit(
                replace(
                    job(" " * pool.MAX_FAST_LANE_BYTES),
                    earlier_captures=slow().earlier_captures,
                ),
                "bad",
            )
            for _ in range(4)
        ]
        assert (
            crawl.postpone_slow_pages(5, 0.0) == 4
            and crawl.postpone_slow_pages(5, 2 * MAX_SLOW_PAGES_SECONDS) == 4
        )  # something else is to be done
        assert (
            crawl.postpone_slow_pages(4, 3 * MAX_SLOW_PAGES_SECONDS) == 4
            and crawl.postpone_slow_pages(4, 3.5 * MAX_SLOW_PAGES_SECONDS) == 4
            and not crawl.postponed_pages
        )
        crawl.postpone_slow_pages(4, 5 * MAX_SLOW_PAGES_SECONDS)
        made = [one.result(10) for one in futures if one.done()]
        assert crawl.postponed_pages == len(made) and len(made) in (
            3,
            4,
        )  # one may be under way
        assert {(one.outcome, one.error) for one in made} == {
            (Outcome.WAITING, pool.LEFT_FOR_NEXT_RUN_REASON)
        }
    finally:
        crawl.workers.close()


def test_outlets_take_turns() -> None:
    turns, one = FairTaskQueue(), job()
    for outlet in ("a", "a", "a", "b", "c", "a"):
        turns.add(Task(one, outlet))
    assert [turns.take().outlet for _ in range(len(turns))] == [
        "a",
        "b",
        "c",
        "a",
        "a",
        "a",
    ]


def test_processes_are_replaced_after_so_many_jobs() -> None:
    workers = WorkerPool(1, max_jobs=2)
    try:
        seen = set()
        for _ in range(4):
            future = workers.submit(job())
            until(workers.pids)
            seen.update(workers.pids())
            assert future.result(60).extract is not None
        assert len(seen) == 2
    finally:
        workers.close()
    assert all(gone(pid) for pid in seen)


def test_close_ends_running_jobs() -> None:
    workers = WorkerPool(1, read_time=60)
    futures = [workers.submit(slow()), workers.submit(job())]
    until(workers.pids)
    begun = time.monotonic()
    workers.close()
    assert time.monotonic() - begun < 5
    assert all(future.cancelled() for future in futures)
    assert workers.submit(job()).cancelled()


def test_workers_ignore_the_signals_of_a_terminal(workers: WorkerPool) -> None:
    workers.submit(job()).result(60)
    [pid] = workers.pids()
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert workers.submit(job()).result(60).extract is not None
    assert workers.pids() == [pid]


def test_workers_end_with_their_parent() -> None:
    code = (
        "from tests.workers.test_pool import *\n"
        "w = WorkerPool(2, read_time=600)\npool.FAST_LANE_SECONDS = 600\n"
        "[w.submit(slow()) for _ in range(2)]\n"
        "until(lambda: len(w.pids()) == 2); print(*w.pids(), flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: all(gone(pid) for pid in pids))
