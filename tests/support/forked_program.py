"""Our own programs as processes, forked from one that has imported what they need.

``run`` is ``subprocess.run([sys.executable, "-P", "-m", module, …])`` for what tests start
by thousands: a process with its own id, folder, environment and pipes, and the exit of
an interpreter, without the second that Python takes to import Scrapy. Programs that
these start are forked as well: a crawl, and what forks its workers. Tests of how a
program starts, or is killed, use ``subprocess``. With ``START_PROGRAMS=1`` all are
started anew, as ``.ci/run --matrix`` does; so are those whose environment Python
itself reads.
"""

from __future__ import annotations

import atexit
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.support import ROOT
from tests.support.program_forks import Forks, Request, read_status

# What Python, C and the memory's manager read when a process starts.
EARLY_VARIABLES = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "COVERAGE_", "OPENBLAS_")


def run(
    module: str,
    arguments: Sequence[str | bytes],
    *,
    timeout: float,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    typed: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a program; its output is UTF-8.

    ``environment``: further variables. ``typed``: its standard input. Raises
    subprocess.TimeoutExpired.
    """
    variables = {**os.environ, **(environment or {})}
    if _must_start(variables):
        path = os.pathsep.join(filter(None, (str(ROOT), variables.get("PYTHONPATH"))))
        return subprocess.run(
            [sys.executable, "-P", "-m", module, *arguments],
            cwd=cwd,
            env={**variables, "PYTHONPATH": path},
            input=typed,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
        )
    request = Request(
        module,
        tuple(os.fsdecode(argument) for argument in arguments),
        str(cwd or Path.cwd()),
        variables,
    )
    return _run_forked(request, typed, timeout)


def _must_start(variables: Mapping[str, str]) -> bool:
    return (
        sys.platform != "linux"
        or bool(variables.get("START_PROGRAMS"))
        or _select_early(variables) != _STARTED_WITH
    )


def _select_early(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in variables.items()
        if name.startswith(EARLY_VARIABLES)
    }


_STARTED_WITH = _select_early(os.environ)  # the tests, and the processes that fork


@cache
def _get_forks() -> Forks:
    """The processes that fork, of this process of the tests."""
    forks = Forks.start()
    atexit.register(forks.close)
    return forks


def _run_forked(
    request: Request, typed: str, timeout: float
) -> subprocess.CompletedProcess[str]:
    outputs = [os.pipe(), os.pipe()]
    try:
        with tempfile.TemporaryFile() as file:
            file.write(typed.encode())
            file.seek(0)
            descriptors = (file.fileno(), *(write for _, write in outputs))
            pid, status = _get_forks().fork(request, descriptors)
    finally:
        for _, write in outputs:
            os.close(write)
    with status:
        received = _read_all([read for read, _ in outputs], timeout)
        if received is None:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(
                [request.module, *request.arguments], timeout
            )
        code = os.waitstatus_to_exitcode(read_status(status))
    stdout, stderr = (data.decode("utf-8").replace("\r\n", "\n") for data in received)
    return subprocess.CompletedProcess(
        [request.module, *request.arguments], code, stdout, stderr
    )


def _read_all(pipes: Sequence[int], timeout: float) -> list[bytes] | None:
    """What is written to each until all are closed; None: that takes longer."""
    end = time.monotonic() + timeout
    received = {read: bytearray() for read in pipes}
    with selectors.DefaultSelector() as selector:
        for read in pipes:
            selector.register(read, selectors.EVENT_READ)
        try:
            while selector.get_map():
                ready = selector.select(max(end - time.monotonic(), 0.0))
                if not ready:
                    return None
                for key, _ in ready:
                    data = os.read(key.fd, 65_536)
                    received[key.fd] += data
                    if not data:
                        selector.unregister(key.fd)
        finally:
            for read in pipes:
                os.close(read)
    return [bytes(data) for data in received.values()]
