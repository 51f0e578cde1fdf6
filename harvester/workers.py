"""Processes that read pages, each job with a deadline in processor time after which its process is killed and replaced.

Two lanes. In the first, some processes read what is quickly read, outlets taking turns. What takes longer, needs more memory,
kills its process, or is large from the start goes to the second: one process at a time, with a low priority, in which it is
read alone with the whole deadline. What cannot be read there either gets a cheap reading of its visible words. So an outlet
that attacks slows down nobody but itself.

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
from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from harvester.model import Limits, Outcome, Prepared

if TYPE_CHECKING:
    from harvester.ingest import Job

USUAL_SHARE = 0.7  # of the memory that a page may take alone, for a process of the first lane
QUICK = 2.0  # seconds of processor time in the first lane; a page takes 0.05
LARGE = 1_500_000  # bytes of a body, beyond which it goes to the second lane at once
CHEAP_TIME = 5.0  # seconds of processor time for the cheap reading
OVERRUNS = 12  # of one outlet, after which its slow pages are left for another crawl
GROWN = 240 * 1024**2  # bytes of resident memory after which a process is replaced
RECYCLE = 1_000  # jobs after which a process is replaced
START_TIME = 120.0  # seconds on the clock for a process to import what it needs
STUCK = 12.0  # times the deadline on the clock: it does not compute, it hangs
UNMEASURED = 3.0  # the same where its processor time cannot be seen
PR_SET_PDEATHSIG = 1
# One arena, and memory given back: a page of some megabytes takes ten times as much for a moment. One thread is enough.
THRIFTY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "8000000",
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "OPENBLAS_NUM_THREADS": "1",
}
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENT = 5  # the niceness of the second lane
TOO_MUCH = "reading it takes too much memory"
KILLED = "the reading of this page killed its process"
LATER = "left for later: too many pages of this outlet take too long to read"


class TooSlowError(Exception):
    """The deadline has passed."""


class DiedError(Exception):
    """The process is gone."""


@dataclass(slots=True)
class Task:
    """A job on its way."""

    job: Job
    outlet: str
    future: Future[Prepared] = field(default_factory=Future)


class Turns:
    """Tasks that wait, first in, first out for each outlet; outlets take turns."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, deque[Task]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, task: Task) -> None:
        self._tasks.setdefault(task.outlet, deque()).append(task)
        self._count += 1

    def take(self) -> Task:
        """The next one; there must be one."""
        outlet, tasks = self._tasks.popitem(last=False)
        task = tasks.popleft()
        if tasks:
            self._tasks[outlet] = tasks
        self._count -= 1
        return task

    def drop(self, outlet: str) -> Sequence[Task]:
        """All of an outlet, which wait here no longer."""
        tasks = self._tasks.pop(outlet, ())
        self._count -= len(tasks)
        return tuple(tasks)


class Worker:
    """One process, as its thread sees it."""

    def __init__(self, memory: int, *words: str) -> None:
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
                [
                    sys.executable,
                    "-P",
                    "-W",
                    "ignore",
                    "-m",
                    "harvester.workers",
                    str(theirs.fileno()),
                    str(memory),
                    *list(words),
                ],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.connection = Connection(ours.detach())
        self.jobs = 0
        self.ready = False
        self.stuck = STUCK * 3 if "patient" in words else STUCK  # it gets little of a busy machine

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
                if used >= limit or (measured and passed > limit * self.stuck):
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
        if self.jobs % 16 and self.stuck == STUCK:
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
    """``count`` processes at most, and one for what is slow; ``read_time`` seconds of processor time and ``memory`` bytes a job.
    ``warm``: what is imported only where a page needs it is imported at the start, so that no page's time shows it."""

    def __init__(
        self,
        count: int,
        read_time: float = Limits().read_time,
        recycle: int = RECYCLE,
        memory: int = Limits().read_memory,
        warm: bool = False,
    ) -> None:
        self._count, self._read_time, self._recycle, self._memory = max(1, count), read_time, recycle, memory
        self._words = ("warm",) if warm else ()
        self._waiting, self._slow = Turns(), Turns()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._patient: threading.Thread | None = None
        self._idle = 0
        self._closed = False
        self._live: set[Worker] = set()
        self._slowed: set[str] = set()  # outlets of which a page was slow, and none has been quick since
        self._overruns: Counter[str] = Counter()

    def submit(self, job: Job, outlet: str = "") -> Future[Prepared]:
        """Have a job read. The future is cancelled by ``close``, and has no exception otherwise."""
        task = Task(job, outlet)
        with self._changed:
            if self._closed:
                task.future.cancel()
                return task.future
            if len(job.capture.body) > LARGE or outlet in self._slowed:
                self._put_aside(task)
                return task.future
            self._waiting.add(task)
            if len(self._waiting) > self._idle and len(self._threads) < self._count:
                self._threads.append(threading.Thread(target=self._serve, name="worker", daemon=True))
                self._threads[-1].start()
            self._changed.notify_all()
        return task.future

    def pids(self) -> list[int]:
        """The processes alive."""
        with self._changed:
            return [worker.process.pid for worker in self._live]

    def close(self) -> None:
        """End all processes, whatever they do; what was not read is cancelled."""
        with self._changed:
            self._closed = True
            for turns in (self._waiting, self._slow):
                while turns:
                    turns.take().future.cancel()
            for worker in self._live:
                worker.process.kill()
            self._changed.notify_all()
        for thread in [*self._threads, *([self._patient] if self._patient else [])]:
            thread.join()

    # ---- the first lane

    def _next(self) -> Task | None:
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            return None if self._closed else self._waiting.take()

    def _serve(self) -> None:
        worker: Worker | None = None
        while (task := self._next()) is not None:
            limit = self._read_time if task.job.kind in ("again", "learn", "explain") else self._quick(task.job)
            worker = worker or self._start(max(1, int(self._memory * USUAL_SHARE)))
            prepared = self._read(worker, task.job, limit)
            if prepared is None or prepared.error == TOO_MUCH:
                self._drop(worker)
                worker = None
                with self._changed:
                    if self._closed:
                        task.future.cancel()
                    else:
                        self._put_aside(task)
                continue
            if worker.worn(self._recycle):
                self._drop(worker)
                worker = None
            _settle(task, prepared)
        self._drop(worker)

    def _quick(self, job: Job) -> float:
        return min(self._read_time, QUICK * (1 + len(job.earlier)))

    def _read(self, worker: Worker, job: Job, limit: float) -> Prepared | None:
        """The reading; None: it took too long, or its process died."""
        try:
            made: Prepared = pickle.loads(worker.read(pickle.dumps(job, pickle.HIGHEST_PROTOCOL), limit))  # noqa: S301 (our own process)
        except (TooSlowError, DiedError):
            return None
        return made

    # ---- the second lane

    def _put_aside(self, task: Task) -> None:
        """To be read alone, with all that waits of its outlet. The lock is held."""
        self._slow.add(task)
        if task.outlet:
            self._slowed.add(task.outlet)
            for other in self._waiting.drop(task.outlet):
                self._slow.add(other)
        if self._patient is None:
            self._patient = threading.Thread(target=self._serve_slow, name="patient worker", daemon=True)
            self._patient.start()
        self._changed.notify_all()

    def _serve_slow(self) -> None:
        worker: Worker | None = None
        while True:
            with self._changed:
                if not self._slow and worker is not None:  # its memory is given back
                    spare, worker = worker, None
                    self._live.discard(spare)
                    spare.close()
                while not self._slow and not self._closed:
                    self._changed.wait()
                if self._closed:
                    break
                task = self._slow.take()
            if self._overruns[task.outlet] >= OVERRUNS and task.outlet:
                _settle(task, Prepared(outcome=Outcome.WAITING, error=LATER))
                continue
            prepared, worker = self._read_alone(task, worker)
            if prepared is None:
                task.future.cancel()
            else:
                _settle(task, prepared)
        self._drop(worker)

    def _read_alone(self, task: Task, worker: Worker | None) -> tuple[Prepared | None, Worker | None]:
        """The reading, and the process for the next one. None: closed meanwhile."""
        worker = worker or self._start(self._memory, "patient")
        prepared, reason = None, KILLED
        try:
            blob = pickle.dumps(task.job, pickle.HIGHEST_PROTOCOL)
            prepared = pickle.loads(worker.read(blob, self._read_time))  # noqa: S301 (our own process)
        except TooSlowError:
            reason = f"too slow: more than {self._read_time:g} s of processor time"
        except DiedError:
            pass
        if prepared is not None and prepared.error != TOO_MUCH:
            if prepared.cpu < QUICK:
                with self._changed:
                    self._slowed.discard(task.outlet)
            if worker.worn(self._recycle):
                self._drop(worker)
                worker = None
            return prepared, worker
        self._drop(worker)
        if self._closed:
            return None, None
        self._overruns[task.outlet] += 1
        reason = TOO_MUCH if prepared is not None else reason
        return self._cheaply(task.job, reason)

    def _cheaply(self, job: Job, reason: str) -> tuple[Prepared, Worker | None]:
        """The visible words of a page that cannot be read, with the reason why not; and the process for the next one."""
        made, worker = None, None
        if job.kind == "page":
            worker = self._start(self._memory, "patient")
            made = self._read(worker, replace(job, cheap=True, earlier=()), CHEAP_TIME)
            if made is None or made.error == TOO_MUCH or worker.worn(self._recycle):
                self._drop(worker)
                worker = None
        extract = made.extract if made is not None else None
        return Prepared(outcome=Outcome.FAILED, error=reason, cpu=self._read_time, extract=extract), worker

    def _start(self, memory: int, *words: str) -> Worker:
        worker = Worker(memory, *self._words, *words)
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


def _settle(task: Task, prepared: Prepared) -> None:
    if task.future.set_running_or_notify_cancel():
        task.future.set_result(prepared)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Be sent a signal when the parent ends, where the system can (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def _guarded(blob: bytes) -> tuple[Prepared, bool]:
    """What a job gives, and whether this process may go on."""
    from harvester.ingest import prepare

    try:
        job: Job = pickle.loads(blob)  # noqa: S301 (our own parent)
        return prepare(job), True
    except MemoryError:
        return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH), False
    except Exception as error:  # noqa: BLE001 (the rim: one page must not end the reading of all others)
        said = str(error).partition("\n")[0][:200]
        return Prepared(outcome=Outcome.FAILED, error=f"cannot be read: {type(error).__name__}: {said}"), True


def serve(descriptor: int, memory: int, warm: bool = False, patient: bool = False) -> None:
    """The life of a process: read jobs until the other end is closed."""
    import gc
    import importlib
    import logging

    die_with_parent()
    if patient:
        os.nice(PATIENT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C and a stopping service are the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
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
            prepared, going = _guarded(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), "warm" in sys.argv[3:], "patient" in sys.argv[3:])
