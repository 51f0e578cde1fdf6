"""The process that forks workers: what they share, how they end, and its own end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.ingest.prepare import prepare
from harvester.model import Limits, Prepared
from harvester.workers.start import WorkerStarter
from harvester.workers.worker import TooSlowError, Worker, WorkerDiedError
from tests.support import ROOT
from tests.workers.test_pool import gone, job, slow, until, with_it

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="workers are forked on Linux alone"
)
MEMORY = Limits().read_memory


@pytest.fixture
def starter() -> Iterator[WorkerStarter]:
    worker_starter = WorkerStarter()
    yield worker_starter
    worker_starter.close()


def server_pid(starter: WorkerStarter) -> int:
    """The process id of its fork server."""
    assert starter._server is not None
    return starter._server._process.pid


def parent(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


def exists(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def private_bytes(pid: int) -> int:
    """What a process has in memory for itself alone."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = (line.split() for line in lines if line.startswith("Private_"))
    return sum(int(words[1]) for words in private) * 1024


def read(worker: Worker) -> Prepared:
    return worker.run(job(), 10.0)


def without_time(prepared: Prepared) -> dict[str, object]:
    fields = {name: getattr(prepared, name) for name in Prepared.__slots__}
    return {**fields, "cpu_seconds": 0.0}


def test_workers_share_what_their_server_has_imported(starter: WorkerStarter) -> None:
    workers = [starter.start(MEMORY) for _ in range(2)]
    made = [read(worker) for worker in workers]
    here = prepare(job())
    assert all(without_time(one) == without_time(here) for one in made)
    server = server_pid(starter)
    assert (
        len(list(Path(f"/proc/{server}/task").iterdir())) == 1
    )  # so that forks are sound
    for worker in workers:
        assert parent(worker.process.pid) == server
        assert private_bytes(worker.process.pid) < 25_000_000  # of 45 MB in memory
        worker.close()


def test_a_forked_worker_reads_as_a_fresh_interpreter_does(
    starter: WorkerStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    apart = WorkerStarter()
    workers = [starter.start(MEMORY), apart.start(MEMORY)]
    assert parent(workers[1].process.pid) == os.getpid()
    forked, fresh = (without_time(read(worker)) for worker in workers)
    assert forked == fresh
    for worker in workers:
        worker.close()


def test_a_deadline_and_a_death_are_told_apart(starter: WorkerStarter) -> None:
    worker = starter.start(MEMORY)
    with pytest.raises(TooSlowError):
        worker.run(slow(), 0.5)
    worker.close()
    worker = starter.start(MEMORY)
    with pytest.raises(WorkerDiedError):
        worker.run(with_it(os.abort), 10.0)
    assert worker.process.wait() == -signal.SIGABRT
    worker.close()


def test_no_ended_worker_is_left_behind(starter: WorkerStarter) -> None:
    worker = starter.start(MEMORY)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.process.wait(0.01)
    worker.close()
    assert not exists(worker.process.pid)  # not a zombie either
    worker.process.kill()  # which signals nobody
    assert worker.process.wait() == -signal.SIGKILL


def test_the_slow_lane_alone_has_low_priority(starter: WorkerStarter) -> None:
    workers = [starter.start(MEMORY, is_slow_lane) for is_slow_lane in (True, False)]
    for worker in workers:
        read(worker)
    slow_nice, fast_nice = (
        os.getpriority(os.PRIO_PROCESS, worker.process.pid) for worker in workers
    )
    assert slow_nice > fast_nice == os.getpriority(os.PRIO_PROCESS, 0)
    for worker in workers:
        worker.close()


def test_a_killed_server_takes_its_workers_along_and_is_replaced(
    starter: WorkerStarter,
) -> None:
    worker = starter.start(MEMORY)
    read(worker)
    first = server_pid(starter)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(WorkerDiedError):
        for _ in range(100):  # it may finish what it reads
            read(worker)
    worker.close()
    until(lambda: gone(worker.process.pid))
    other = starter.start(MEMORY)
    assert read(other).extract is not None
    assert server_pid(starter) != first
    other.close()


def test_the_server_ends_with_its_starter(starter: WorkerStarter) -> None:
    worker = starter.start(MEMORY)
    server, pid = server_pid(starter), worker.process.pid
    starter.close()
    until(lambda: not exists(server) and gone(pid))
    with pytest.raises(OSError, match="closed"):
        starter.start(MEMORY)


def test_a_start_can_be_interrupted(starter: WorkerStarter) -> None:
    starter._running_server()
    starter.interrupt()  # while it imports
    with pytest.raises(OSError, match="closed"):
        starter.start(MEMORY)


def test_a_server_that_cannot_come_up_is_an_error_of_the_system(
    starter: WorkerStarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ChildProcessError, match="ends at once"):
        starter.start(MEMORY)


def test_threads_share_one_malloc_arena() -> None:
    """Counted as glibc itself does: an element ``heap`` for each arena."""
    code = """
import ctypes, os, tempfile, threading
from harvester.workers.process import share_malloc_arena
share_malloc_arena()
libc, gate = ctypes.CDLL(None), threading.Barrier(9)
libc.malloc.restype, libc.fopen.restype = ctypes.c_void_p, ctypes.c_void_p
libc.fclose.argtypes = [ctypes.c_void_p]
def take():
    libc.malloc(1_000)
    gate.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
[thread.start() for thread in threads]
gate.wait()
with tempfile.NamedTemporaryFile() as file:
    stream = libc.fopen(file.name.encode(), b"w")
    libc.malloc_info(0, ctypes.c_void_p(stream))
    libc.fclose(stream)
    print(file.read().count(b"<heap "))
"""
    if not hasattr(ctypes.CDLL(None), "malloc_info"):
        pytest.skip("not glibc")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "1"
