"""A process that reads pages: its parent's side (``Worker``), and its own (``serve``).

It is a fresh interpreter (``python -m harvester.workers.process``, not a fork), bounded
in memory, and ends with its parent. Does not decide which jobs it reads, nor what
becomes of those that cannot be read (``pool``).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
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
    from harvester.ingest import Job

MAX_RESIDENT_BYTES = 240 * 1024**2  # of memory; then a process is replaced
START_TIMEOUT_SECONDS = 120.0  # for a process to import what it needs
# Of elapsed time to the deadline: a process so far behind does not compute, it hangs.
STUCK_FACTOR = 12.0
SLOW_LANE_STUCK_FACTOR = 3 * STUCK_FACTOR  # it gets little of a busy machine
UNMEASURED_FACTOR = 3.0  # where processor time cannot be measured
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
CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MEMORY_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
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
        self._is_patient = "patient" in flags  # of the slow lane

    def run(self, job: Job, limit_seconds: float) -> Prepared:
        """What a job gives. Raises TooSlowError or WorkerDiedError: replace it then."""
        pickled_job = pickle.dumps(job, pickle.HIGHEST_PROTOCOL)
        try:
            self._wait_until_ready()
            cpu_before, start = self.cpu_seconds(), time.monotonic()
            self.connection.send_bytes(pickled_job)
            self.job_count += 1
            wait_seconds = limit_seconds
            while not self.connection.poll(wait_seconds):
                used = self._used_seconds(cpu_before, start, limit_seconds)
                wait_seconds = max(0.05, min(limit_seconds - used, 1.0))
            pickled_result = self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerDiedError from error
        prepared: Prepared = pickle.loads(pickled_result)  # noqa: S301 (our own process)
        return prepared

    def _wait_until_ready(self) -> None:
        """Wait for the process to import what it needs: that is not a job's time."""
        if not self.is_ready:
            if not self.connection.poll(START_TIMEOUT_SECONDS):
                raise WorkerDiedError
            self.is_ready = bool(self.connection.recv_bytes())

    def _used_seconds(
        self, cpu_before: float | None, start: float, limit_seconds: float
    ) -> float:
        """Processor time of the job so far. Raises TooSlowError over the deadline."""
        cpu_now, elapsed = self.cpu_seconds(), time.monotonic() - start
        if cpu_before is None or cpu_now is None:
            used, is_stuck = elapsed / UNMEASURED_FACTOR, False
        else:
            factor = SLOW_LANE_STUCK_FACTOR if self._is_patient else STUCK_FACTOR
            used, is_stuck = cpu_now - cpu_before, elapsed > limit_seconds * factor
        if used >= limit_seconds or is_stuck:
            raise TooSlowError
        return used

    def cpu_seconds(self) -> float | None:
        """Seconds of processor time so far; None where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/stat", "rb") as file:  # noqa: PTH123 (a hot path)
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        if len(fields) <= 12:
            return None
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_PER_SECOND

    def is_worn_out(self, max_jobs: int) -> bool:
        """Whether the process should be replaced."""
        if self.job_count >= max_jobs:
            return True
        if self.job_count % CHECKED_JOBS and not self._is_patient:
            return False
        try:
            with open(f"/proc/{self.process.pid}/statm", "rb") as file:  # noqa: PTH123 (a hot path)
                resident_pages = int(file.read().split()[1])
        except OSError:
            return False
        return resident_pages * MEMORY_PAGE_BYTES > MAX_RESIDENT_BYTES

    def close(self) -> None:
        """Kill the process."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask the system to send a signal when the parent ends (Linux only)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(
            PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0
        )


def _prepare_safely(pickled_job: bytes) -> tuple[Prepared, bool]:
    """What a job gives, and whether this process can read another one."""
    from harvester.ingest import prepare

    try:
        job: Job = pickle.loads(pickled_job)  # noqa: S301 (our own parent)
        return prepare(job), True
    except MemoryError:
        return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH_MEMORY), False
    except Exception as error:  # noqa: BLE001 (the boundary: one page must not end all)
        message = str(error).partition("\n")[0][:200]
        reason = f"cannot be read: {type(error).__name__}: {message}"
        return Prepared(outcome=Outcome.FAILED, error=reason), True


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
    hard_limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, hard_limit))
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
        connection.send_bytes(b"ready")
        can_continue = True
        while can_continue:
            prepared, can_continue = _prepare_safely(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        int(sys.argv[2]),
        "warm" in sys.argv[3:],
        "patient" in sys.argv[3:],
    )
