"""One process that reads pages: started, handed a job at a time, looked at while it computes, and its own side of it.

It is a fresh interpreter (``python -m harvester.workers.process``; nothing of ours is forked into it), bounded in memory, and ends with its
parent. Not for: which job it reads, and what becomes of one that cannot be read (``workers``).
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
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from harvester.model import Outcome, Prepared

if TYPE_CHECKING:
    from harvester.ingest import Job

MAX_RESIDENT_BYTES = (
    240 * 1024**2
)  # bytes of resident memory after which a process is replaced
START_TIMEOUT_SECONDS = (
    120.0  # seconds on the clock for a process to import what it needs
)
STUCK_FACTOR = 12.0  # times the deadline on the clock: it does not compute, it hangs
UNMEASURED_FACTOR = 3.0  # the same where its processor time cannot be seen
PR_SET_PDEATHSIG = 1
# One arena, and memory given back: a page of some megabytes takes ten times as much for a moment. One thread is enough.
LOW_MEMORY_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "8000000",
    "MALLOC_MMAP_THRESHOLD_": "1000000",
    "OPENBLAS_NUM_THREADS": "1",
}
CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MEMORY_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SLOW_LANE_NICENESS = 5  # the niceness of the second lane
TOO_MUCH_MEMORY = "reading it takes too much memory"


class TooSlowError(Exception):
    """The deadline has passed."""


class WorkerDiedError(Exception):
    """The process is gone."""


class Worker:
    """One process, as its thread sees it."""

    def __init__(self, memory_bytes: int, *flags: str) -> None:
        ours, theirs = socket.socketpair()
        # Equal bytes must read equally in every process: sets of strings are ordered by this seed.
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
                    *list(flags),
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
        self.stuck_factor = (
            STUCK_FACTOR * 3 if "patient" in flags else STUCK_FACTOR
        )  # it gets little of a busy machine

    def read(self, pickled_job: bytes, limit_seconds: float) -> bytes:
        """Have a job done. Raises TooSlowError or DiedError; the process is of no use then."""
        try:
            if not self.is_ready:  # its imports are not on the job's account
                if not self.connection.poll(START_TIMEOUT_SECONDS):
                    raise WorkerDiedError
                self.is_ready = bool(self.connection.recv_bytes())
            begun, clock = self.cpu_seconds(), time.monotonic()
            self.connection.send_bytes(pickled_job)
            self.job_count += 1
            pause = limit_seconds
            while not self.connection.poll(pause):
                spent, passed = self.cpu_seconds(), time.monotonic() - clock
                measured = begun is not None and spent is not None
                used = (
                    spent - begun
                    if begun is not None and spent is not None
                    else passed / UNMEASURED_FACTOR
                )
                if used >= limit_seconds or (
                    measured and passed > limit_seconds * self.stuck_factor
                ):
                    raise TooSlowError
                pause = max(0.05, min(limit_seconds - used, 1.0))
            return self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise WorkerDiedError from error

    def cpu_seconds(self) -> float | None:
        """Seconds of processor time so far; None where the system does not tell."""
        try:
            with open(f"/proc/{self.process.pid}/stat", "rb") as file:  # noqa: PTH123 (a hot path)
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (
            (int(fields[11]) + int(fields[12])) / CLOCK_TICKS_PER_SECOND
            if len(fields) > 12
            else None
        )

    def is_worn_out(self, max_jobs: int) -> bool:
        """Whether it should be replaced."""
        if self.job_count >= max_jobs:
            return True
        if self.job_count % 16 and self.stuck_factor == STUCK_FACTOR:
            return False
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{self.process.pid}/statm", "rb") as file,
        ):  # noqa: PTH123 (a hot path)
            return int(file.read().split()[1]) * MEMORY_PAGE_BYTES > MAX_RESIDENT_BYTES
        return False

    def close(self) -> None:
        """End it now."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Be sent a signal when the parent ends, where the system can (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(
            PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0
        )


def _prepare_safely(pickled_job: bytes) -> tuple[Prepared, bool]:
    """What a job gives, and whether this process may go on."""
    from harvester.ingest import prepare

    try:
        job: Job = pickle.loads(pickled_job)  # noqa: S301 (our own parent)
        return prepare(job), True
    except MemoryError:
        return Prepared(outcome=Outcome.FAILED, error=TOO_MUCH_MEMORY), False
    except Exception as error:  # noqa: BLE001 (the rim: one page must not end the reading of all others)
        said = str(error).partition("\n")[0][:200]
        return Prepared(
            outcome=Outcome.FAILED,
            error=f"cannot be read: {type(error).__name__}: {said}",
        ), True


def serve(
    descriptor: int, memory_bytes: int, warm: bool = False, is_slow_lane: bool = False
) -> None:
    """The life of a process: read jobs until the other end is closed."""
    import gc
    import importlib
    import logging

    die_with_parent()
    if is_slow_lane:
        os.nice(SLOW_LANE_NICENESS)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C and a stopping service are the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(
        resource.RLIMIT_DATA,
        (memory_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1]),
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(
        logging.CRITICAL
    )  # what libraries say of a page is no news: its outcome is recorded
    for module in ("article", "feeds.feed"):  # their imports are on nobody's account
        importlib.import_module(f"harvester.parse.{module}")
    if warm:
        from harvester.ingest.prepare import warm_up

        warm_up()
    gc.collect()
    gc.freeze()
    gc.set_threshold(
        5_000
    )  # a page is made of some thousands, hardly one of them in a cycle
    connection = Connection(descriptor)
    with contextlib.suppress(
        EOFError, OSError
    ):  # the other end is closed: nobody waits for anything any more
        connection.send_bytes(b"ready")
        going = True
        while going:
            prepared, going = _prepare_safely(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        int(sys.argv[2]),
        "warm" in sys.argv[3:],
        "patient" in sys.argv[3:],
    )
