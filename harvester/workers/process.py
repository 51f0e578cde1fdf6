"""A process that reads pages: its parent's side (``Worker``), and its own (``serve``).

It is a fresh interpreter (``python -m harvester.workers.process``, not a fork), bounded
in memory and in processor time, and ends with its parent. Does not decide which jobs it
reads, nor what becomes of those that cannot be read (``pool``).

Where a system lacks a bound, it is kept another way: memory that is not limited (macOS
accepts the limit and ignores it) is measured by the parent while a job runs.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import mmap
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from harvester.model import Outcome, Prepared

if TYPE_CHECKING:  # a process imports what it needs once its signals are set
    from harvester.ingest.prepare import Job

MAX_RESIDENT_BYTES = 240 * 1024**2  # of memory; then a process is replaced
START_TIMEOUT_SECONDS = 120.0  # for a process to import what it needs
# Of elapsed time to the deadline: a process so far behind does not compute, it hangs.
STUCK_FACTOR = 12.0
SLOW_LANE_STUCK_FACTOR = 3 * STUCK_FACTOR  # it gets little of a busy machine
MEMORY_CHECK_SECONDS = 0.5  # between two measurements of memory that is not limited
PS_TIMEOUT_SECONDS = 5.0
EXIT_TIMEOUT_SECONDS = 5.0  # for a process whose connection is closed to be gone
CHECKED_JOBS = 16  # the memory of a process is measured after so many jobs
PR_SET_PDEATHSIG = 1  # of Linux's prctl
# One arena, and memory given back to the system: a page of some megabytes takes ten
# times as much for a moment. One thread is enough.
LOW_MEMORY_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "8000000",
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "OPENBLAS_NUM_THREADS": "1",
}
SLOW_LANE_NICENESS = 5
GC_THRESHOLD = 5_000  # a page makes some thousand objects, hardly one in a cycle
TOO_MUCH_MEMORY = "reading it takes too much memory"


class TooSlowError(Exception):
    """The deadline has passed."""


class WorkerDiedError(Exception):
    """The process is gone."""


class Worker:
    """A worker process, as its thread sees it."""

    def __init__(self, memory_bytes: int, *flags: str) -> None:
        ours, theirs = socket.socketpair()
        # Equal bytes must read equally in every process: the order of sets of strings
        # depends on this seed.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONHASHSEED": "0",
            **LOW_MEMORY_ENVIRONMENT,
        }
        with theirs:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-W",
                    "ignore",
                    "-m",
                    "harvester.workers.process",
                    str(theirs.fileno()),
                    str(memory_bytes),
                    *flags,
                ],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.connection = Connection(ours.detach())
        self.job_count = 0
        self.is_ready = False
        self._memory_bytes = memory_bytes
        self._is_memory_limited = True  # by the system; the process tells
        self._is_patient = "patient" in flags  # of the slow lane

    def run(self, job: Job, limit_seconds: float) -> Prepared:
        """What a job gives. Raises TooSlowError or WorkerDiedError: replace it then.

        ``limit_seconds`` are of processor time.
        """
        pickled_job = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        factor = SLOW_LANE_STUCK_FACTOR if self._is_patient else STUCK_FACTOR
        try:
            self._wait_until_ready()
            self.connection.send(limit_seconds)
            self.connection.send_bytes(pickled_job)
            self.job_count += 1
            if not self._wait_for_result(limit_seconds * factor):
                return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH_MEMORY)
            pickled_result = self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            if self._was_over_deadline():
                raise TooSlowError from error
            raise WorkerDiedError from error
        prepared: Prepared = pickle.loads(pickled_result)  # noqa: S301 (our own process)
        return prepared

    def _wait_until_ready(self) -> None:
        """Wait for the process to import what it needs: that is not a job's time."""
        if not self.is_ready:
            if not self.connection.poll(START_TIMEOUT_SECONDS):
                raise WorkerDiedError
            self._is_memory_limited = self.connection.recv()
            self.is_ready = True

    def _wait_for_result(self, stuck_seconds: float) -> bool:
        """Wait for a result; false: the job takes too much memory.

        Raises TooSlowError if the process hangs: it uses no processor time.
        """
        end = time.monotonic() + stuck_seconds
        while (left := end - time.monotonic()) > 0:
            wait = left if self._is_memory_limited else min(left, MEMORY_CHECK_SECONDS)
            if self.connection.poll(wait):
                return True
            if not self._is_memory_limited and self._is_over_memory():
                return False
        raise TooSlowError

    def _is_over_memory(self) -> bool:
        return resident_bytes(self.process.pid) > self._memory_bytes

    def _was_over_deadline(self) -> bool:
        """Whether the system ended the process for its processor time."""
        try:
            return self.process.wait(EXIT_TIMEOUT_SECONDS) == -signal.SIGPROF
        except subprocess.TimeoutExpired:
            return False

    def is_worn_out(self, max_jobs: int) -> bool:
        """Whether the process should be replaced."""
        if self.job_count >= max_jobs:
            return True
        if self.job_count % CHECKED_JOBS and not self._is_patient:
            return False
        return resident_bytes(self.process.pid) > MAX_RESIDENT_BYTES

    def close(self) -> None:
        """Kill the process."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


def resident_bytes(pid: int) -> int:
    """Bytes of memory that a process has resident; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:  # noqa: PTH123 (a hot path)
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except OSError:  # not Linux
        pass
    try:
        process = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)],  # noqa: S607 (where the system has it)
            capture_output=True,
            timeout=PS_TIMEOUT_SECONDS,
            check=False,
        )
        return int(process.stdout) * 1024
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask the system to send a signal when the parent ends. Linux alone can.

    Elsewhere a worker ends when its parent's end of the connection closes, or at its
    job's deadline, and the crawl asks who its parent is (``spiders.crawl``).
    """
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(
            PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0
        )


def _prepare_safely(pickled_job: bytes) -> tuple[Prepared, bool]:
    """What a job gives, and whether this process can read another one."""
    from harvester.ingest.prepare import prepare

    try:
        job: Job = pickle.loads(pickled_job)  # noqa: S301 (our own parent)
        return prepare(job), True
    except MemoryError:
        return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH_MEMORY), False
    except Exception as error:  # noqa: BLE001 (the boundary: one page must not end all)
        message = str(error).partition("\n")[0][:200]
        reason = f"cannot be read: {type(error).__name__}: {message}"
        return Prepared(outcome=Outcome.FAILED, error=reason), True


def _limit_memory(memory_bytes: int) -> bool:
    """Limit this process's memory; false: the system accepts that, and ignores it."""
    hard_limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = memory_bytes
    if hard_limit != resource.RLIM_INFINITY:
        limit = min(memory_bytes, hard_limit)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard_limit))
    try:  # Reserved only, never used: it would be more than the limit.
        mmap.mmap(-1, limit, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError):
        return True
    return False


def _set_deadline(seconds: float) -> None:
    """Have the system end this process after so much processor time; 0: never.

    By POSIX's ``setitimer``; the signal is not handled, so nothing can delay it.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def serve(
    descriptor: int, memory_bytes: int, warm: bool = False, is_slow_lane: bool = False
) -> None:
    """Read jobs until the other end is closed."""
    die_with_parent()
    if is_slow_lane:
        os.nice(SLOW_LANE_NICENESS)
    # Ctrl-C and the stop of a service are the parent's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the deadline's: it ends the process
    is_memory_limited = _limit_memory(memory_bytes)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What libraries log about a page says nothing new: its outcome is recorded.
    logging.disable(logging.CRITICAL)
    for module in ("article", "feeds.feed"):  # imported before the first job's time
        importlib.import_module(f"harvester.parse.{module}")
    if warm:
        from harvester.ingest.prepare import warm_up

        warm_up()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    connection = Connection(descriptor)
    with contextlib.suppress(EOFError, OSError):  # the other end was closed
        connection.send(is_memory_limited)  # ready
        can_continue = True
        while can_continue:
            limit_seconds, pickled_job = connection.recv(), connection.recv_bytes()
            _set_deadline(limit_seconds)
            prepared, can_continue = _prepare_safely(pickled_job)
            pickled_result = pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL)
            _set_deadline(0)
            connection.send_bytes(pickled_result)


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        int(sys.argv[2]),
        "warm" in sys.argv[3:],
        "patient" in sys.argv[3:],
    )
