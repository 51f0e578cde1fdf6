"""Processes that read pages, each job with a deadline in processor time after which its process is killed and replaced.

A thread a process hands it one job at a time, so a kill loses nothing but the job that earned it. Processes are fresh
interpreters (nothing of ours is forked into them), started when there is the first job for them, and end with their parent.
Not for: what reading means (``ingest.prepare``), nor for deciding what to read.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from harvester.model import Outcome, Prepared

if TYPE_CHECKING:
    from harvester.ingest import Job

MEMORY = 2 * 1024**3  # bytes of address space a process may have
GROWN = 300 * 1024**2  # bytes of resident memory after which a process is replaced
RECYCLE = 1_000  # jobs after which a process is replaced
START_TIME = 120.0  # seconds on the clock for a process to import what it needs
STUCK = 12.0  # times the deadline on the clock: it does not compute, it hangs
UNMEASURED = 3.0  # the same where its processor time cannot be seen
PR_SET_PDEATHSIG = 1
# One arena, and memory given back: a page of some megabytes takes ten times as much for a moment.
THRIFTY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "8000000", "MALLOC_MMAP_THRESHOLD_": "1000000"}
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
TRIES = 2  # a job whose process died is tried once more


class TooSlowError(Exception):
    """The deadline has passed."""


class DiedError(Exception):
    """The process is gone."""


@dataclass(slots=True)
class Task:
    """A job on its way."""

    job: Job
    future: Future[Prepared] = field(default_factory=Future)


class Worker:
    """One process, as its thread sees it."""

    def __init__(self, memory: int, warm: bool = False) -> None:
        ours, theirs = socket.socketpair()
        # Equal bytes must read equally in every process: sets of strings are ordered by this seed.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONHASHSEED": "0",
            **THRIFTY,
        }
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-m", "harvester.workers", str(theirs.fileno()), str(memory)]
                + (["warm"] if warm else []),
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self.connection = Connection(ours.detach())
        self.jobs = 0
        self.ready = False

    def read(self, job: bytes, limit: float) -> bytes:
        """Have a job done. Raises TooSlowError or DiedError; the process is of no use then."""
        try:
            if not self.ready:  # its imports are not on the job's account
                if not self.connection.poll(START_TIME):
                    raise DiedError
                self.ready = bool(self.connection.recv_bytes())
            begun, clock = self.cpu(), time.monotonic()
            self.connection.send_bytes(job)
            self.jobs += 1
            pause = limit
            while not self.connection.poll(pause):
                spent, passed = self.cpu(), time.monotonic() - clock
                measured = begun is not None and spent is not None
                used = spent - begun if begun is not None and spent is not None else passed / UNMEASURED
                if used >= limit or (measured and passed > limit * STUCK):
                    raise TooSlowError
                pause = max(0.05, min(limit - used, 1.0))
            return self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise DiedError from error

    def cpu(self) -> float | None:
        """Seconds of processor time so far; None where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/stat", "rb") as file:  # noqa: PTH123 (a hot path)
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / TICKS if len(fields) > 12 else None

    def worn(self, recycle: int) -> bool:
        """Whether it should be replaced."""
        if self.jobs >= recycle:
            return True
        if self.jobs % 16:
            return False
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/statm", "rb") as file:  # noqa: PTH123 (a hot path)
            return int(file.read().split()[1]) * PAGE > GROWN
        return False

    def close(self) -> None:
        """End it now."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


class Workers:
    """``count`` processes at most; ``read_time`` seconds of processor time a job. ``warm``: what is imported only where a
    page needs it is imported at the start, so that no page's time shows it."""

    def __init__(
        self,
        count: int,
        read_time: float = 10.0,
        recycle: int = RECYCLE,
        memory: int = MEMORY,
        warm: bool = False,
    ) -> None:
        self._count, self._read_time, self._recycle, self._memory = max(1, count), read_time, recycle, memory
        self._warm = warm
        self._waiting: deque[Task] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False
        self._live: set[Worker] = set()

    def submit(self, job: Job) -> Future[Prepared]:
        """Have a job read. The future is cancelled by ``close``, and has no exception otherwise."""
        task = Task(job)
        with self._changed:
            if self._closed:
                task.future.cancel()
                return task.future
            self._waiting.append(task)
            if len(self._waiting) > self._idle and len(self._threads) < self._count:
                self._threads.append(threading.Thread(target=self._serve, name="worker", daemon=True))
                self._threads[-1].start()
            self._changed.notify()
        return task.future

    def pids(self) -> list[int]:
        """The processes alive."""
        with self._changed:
            return [worker.process.pid for worker in self._live]

    def close(self) -> None:
        """End all processes, whatever they do; what was not read is cancelled."""
        with self._changed:
            self._closed = True
            while self._waiting:
                self._waiting.popleft().future.cancel()
            for worker in self._live:
                worker.process.kill()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _next(self) -> Task | None:
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            return None if self._closed else self._waiting.popleft()

    def _serve(self) -> None:
        worker: Worker | None = None
        while (task := self._next()) is not None:
            prepared, worker = self._read(task.job, worker)
            if prepared is None:
                task.future.cancel()
            elif task.future.set_running_or_notify_cancel():
                task.future.set_result(prepared)
        self._drop(worker)

    def _read(self, job: Job, worker: Worker | None) -> tuple[Prepared | None, Worker | None]:
        """The reading, and the process for the next one. None: closed meanwhile."""
        blob = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        for _ in range(TRIES):
            worker = worker or self._start()
            try:
                prepared: Prepared = pickle.loads(worker.read(blob, self._read_time))  # noqa: S301 (our own process)
            except TooSlowError:
                self._drop(worker)
                reason = f"too slow: more than {self._read_time:g} s of processor time"
                return Prepared(outcome=Outcome.FAILED, error=reason, cpu=self._read_time), None
            except DiedError:
                self._drop(worker)
                worker = None
                if self._closed:
                    return None, None
                continue
            if worker.worn(self._recycle):
                self._drop(worker)
                worker = None
            return prepared, worker
        return Prepared(outcome=Outcome.FAILED, error="the reading of this page killed its process"), None

    def _start(self) -> Worker:
        worker = Worker(self._memory, self._warm)
        with self._changed:
            self._live.add(worker)
            if self._closed:
                worker.process.kill()
        return worker

    def _drop(self, worker: Worker | None) -> None:
        if worker is not None:
            with self._changed:
                self._live.discard(worker)
            worker.close()


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Be sent a signal when the parent ends, where the system can (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def _guarded(job: Job) -> tuple[Prepared, bool]:
    """What a job gives, and whether this process may go on."""
    from harvester.ingest import prepare

    try:
        return prepare(job), True
    except MemoryError:
        return Prepared(outcome=Outcome.FAILED, error="reading it takes too much memory"), False
    except Exception as error:  # noqa: BLE001 (the rim: one page must not end the reading of all others)
        said = str(error).partition("\n")[0][:200]
        return Prepared(outcome=Outcome.FAILED, error=f"cannot be read: {type(error).__name__}: {said}"), True


def serve(descriptor: int, memory: int, warm: bool = False) -> None:
    """The life of a process: read jobs until the other end is closed."""
    import gc
    import importlib
    import logging

    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C and a stopping service are the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)  # what libraries say of a page is no news: its outcome is recorded
    for room in ("article", "feed"):  # their imports are on nobody's account
        importlib.import_module(f"harvester.parse.{room}")
    if warm:
        from harvester.ingest.prepare import warm_up

        warm_up()
    gc.collect()
    gc.freeze()
    connection = Connection(descriptor)
    with contextlib.suppress(EOFError, OSError):  # the other end is closed: nobody waits for anything any more
        connection.send_bytes(b"ready")
        going = True
        while going:
            job: Job = pickle.loads(connection.recv_bytes())  # noqa: S301 (our own parent)
            prepared, going = _guarded(job)
            connection.send_bytes(pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), "warm" in sys.argv[3:])
