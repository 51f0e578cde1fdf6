"""A process that reads pages: its own side.

Bounded in memory and in processor time; it ends with its parent. Its parent's side is
``worker``; it is started by ``start``. Does not decide which jobs it reads.

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
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from harvester.model import Outcome, Prepared

if TYPE_CHECKING:  # a process imports what it needs once its signals are set
    from harvester.ingest.prepare import Job

PS_TIMEOUT_SECONDS = 5.0
PR_SET_PDEATHSIG = 1  # of Linux's prctl
M_ARENA_MAX = -8  # of glibc's mallopt
SLOW_LANE_NICENESS = 5
GC_THRESHOLD = 5_000  # a page makes some thousand objects, hardly one in a cycle
MIN_FREE_BYTES = 65_536  # a process that cannot get as much can read nothing
TOO_MUCH_MEMORY = "reading it takes too much memory"


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


def share_malloc_arena() -> None:
    """Have all threads of this process take memory from one place. glibc's alone can.

    Else each has an arena of its own, and what it frees there is of no use to the
    others. To be called before threads are started.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


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
    """Limit this process's memory; false: the system accepts that, and ignores it.

    Raises MemoryError if it has more already.
    """
    hard_limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
    limit = memory_bytes
    if hard_limit != resource.RLIM_INFINITY:
        limit = min(memory_bytes, hard_limit)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard_limit))
    if _can_reserve(limit):  # that is more than the limit
        return False
    if not _can_reserve(MIN_FREE_BYTES):
        raise MemoryError
    return True


def _can_reserve(size_bytes: int) -> bool:
    """Whether the system grants so much memory, which is not used."""
    try:
        mmap.mmap(-1, size_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError):
        return False
    return True


def _set_deadline(seconds: float) -> None:
    """Have the system end this process after so much processor time; 0: never.

    By POSIX's ``setitimer``; the signal is not handled, so nothing can delay it.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def prepare_process(warm: bool) -> None:
    """Import what reading needs; ``warm``: what only some pages need, too."""
    # Ctrl-C and the stop of a service are the parent's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What libraries log about a page says nothing new: its outcome is recorded.
    logging.disable(logging.CRITICAL)
    for module in ("parse.article", "parse.feeds.feed", "ingest.prepare"):
        importlib.import_module(f"harvester.{module}")
    if warm:
        from harvester.ingest.prepare import warm_up

        warm_up()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


def serve_jobs(descriptor: int, memory_bytes: int, is_slow_lane: bool = False) -> None:
    """Read jobs until the other end is closed. The process was prepared."""
    if is_slow_lane:
        os.nice(SLOW_LANE_NICENESS)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # the deadline's: it ends the process
    is_memory_limited = _limit_memory(memory_bytes)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
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
    die_with_parent()
    prepare_process("warm" in sys.argv[3:])
    serve_jobs(int(sys.argv[1]), int(sys.argv[2]), "slow" in sys.argv[3:])
