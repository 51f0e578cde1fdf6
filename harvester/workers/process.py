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

GROWN = 240 * 1024**2  # bytes of resident memory after which a process is replaced
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


class TooSlowError(Exception):
    """The deadline has passed."""


class DiedError(Exception):
    """The process is gone."""


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
                    "harvester.workers.process",
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
        self.stuck = (
            STUCK * 3 if "patient" in words else STUCK
        )  # it gets little of a busy machine

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
                used = (
                    spent - begun
                    if begun is not None and spent is not None
                    else passed / UNMEASURED
                )
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
        with (
            contextlib.suppress(OSError),
            open(f"/proc/{self.process.pid}/statm", "rb") as file,
        ):  # noqa: PTH123 (a hot path)
            return int(file.read().split()[1]) * PAGE > GROWN
        return False

    def close(self) -> None:
        """End it now."""
        self.connection.close()
        self.process.kill()
        self.process.wait()


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
        return Prepared(
            outcome=Outcome.FAILED,
            error=f"cannot be read: {type(error).__name__}: {said}",
        ), True


def serve(
    descriptor: int, memory: int, warm: bool = False, patient: bool = False
) -> None:
    """The life of a process: read jobs until the other end is closed."""
    import gc
    import importlib
    import logging

    die_with_parent()
    if patient:
        os.nice(PATIENT)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C and a stopping service are the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(
        resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1])
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
            prepared, going = _guarded(connection.recv_bytes())
            connection.send_bytes(pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    serve(
        int(sys.argv[1]),
        int(sys.argv[2]),
        "warm" in sys.argv[3:],
        "patient" in sys.argv[3:],
    )
