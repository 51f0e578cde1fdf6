"""Starts a fresh Python for a worker, or for the process that forks workers."""

from __future__ import annotations

import os
import subprocess
import sys

# One arena, and memory given back to the system: a page of some megabytes takes ten
# times as much for a moment. But what an ordinary page takes is kept for the next one:
# asking for it anew costs a millisecond a page. One thread is enough.
LOW_MEMORY_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "16000000",
    "MALLOC_MMAP_THRESHOLD_": "2000000",
    "MALLOC_TOP_PAD_": "4000000",
    "OPENBLAS_NUM_THREADS": "1",
}


def start_interpreter(
    module: str, descriptor: int, *arguments: str
) -> subprocess.Popen[bytes]:
    """Run a module as a program that inherits one descriptor, its first argument.

    Raises OSError where the system has no room for it.
    """
    # Equal bytes must read equally in every process: the order of sets of strings
    # depends on this seed.
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONHASHSEED": "0",
        **LOW_MEMORY_ENVIRONMENT,
    }
    return subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-W",
            "ignore",
            "-m",
            module,
            str(descriptor),
            *arguments,
        ],
        pass_fds=[descriptor],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
