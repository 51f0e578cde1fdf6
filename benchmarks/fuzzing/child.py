"""A process that tries cases one by one.

It is forked once everything is imported, bounded in memory, and replaced when it dies or
hangs.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import resource
import select
import signal
import struct
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.kinds import KINDS, Fault, faults
from harvester.workers.process import die_with_parent

MEMORY = 1_500_000_000  # bytes that a case may take of address space
PEAK = 700_000_000  # bytes that a case may take of memory
GIVEN_UP = 12.0  # seconds of processor time until a case is killed
HANGS = 90.0  # seconds on the clock without using the processor
TICKS = os.sysconf("SC_CLK_TCK")
TWICE = 0.25  # seconds; faster cases are read twice and must give the same result


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of a case.

    ``fault``: what is wrong, or ""; ``signature``: equal for faults of one cause.
    """

    fault: str = ""
    signature: str = ""
    cpu: float = 0.0
    peak: int = 0  # bytes of memory beyond what the process had
    digest: str = ""


def attempt(kind: str, body: bytes, limit: float) -> Tried:
    """Read a case here and now."""
    _reset_peak()
    before = _memory("VmRSS")
    started = time.process_time()
    try:
        value = KINDS[kind].read(body)
    except Fault as error:
        return Tried(
            str(error)[:500],
            f"{kind}: {error.args[0][:60]}",
            time.process_time() - started,
        )
    except MemoryError:
        return Tried(
            "it takes too much memory",
            f"{kind}: memory {_place()}",
            time.process_time() - started,
            MEMORY,
        )
    except BaseException as error:  # noqa: BLE001 (any exception is a finding)
        said = traceback.format_exc(limit=-12)
        return Tried(
            said,
            f"{kind}: {type(error).__name__} {_place()}",
            time.process_time() - started,
        )
    cpu, peak = time.process_time() - started, _memory("VmHWM") - before
    digest = hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()
    wrong = next(faults(value), "")
    if not wrong and cpu < TWICE:
        again = KINDS[kind].read(body)
        if repr(again) != repr(value):
            wrong = "the same bytes gave another result"
    if wrong:
        return Tried(wrong, f"{kind}: {wrong.partition(':')[0]}", cpu, peak, digest)
    if cpu > limit:
        return Tried(
            f"{cpu:.1f} s of processor time", f"{kind}: slow", cpu, peak, digest
        )
    if peak > PEAK:
        return Tried(
            f"{peak // 1_000_000} MB of memory", f"{kind}: large", cpu, peak, digest
        )
    return Tried(cpu=cpu, peak=peak, digest=digest)


def _place() -> str:
    """Return where it was raised: the last frame in our code, and the last of all."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    ours = [
        one
        for one in frames
        if "/harvester/" in one.filename or "/spiders/" in one.filename
    ][-1:]
    return " ".join(
        dict.fromkeys(
            f"{Path(one.filename).name}:{one.lineno}" for one in (*ours, *frames[-1:])
        )
    )


def _memory(name: str) -> int:
    with contextlib.suppress(OSError), open("/proc/self/status") as file:  # noqa: PTH123 (a hot path)
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def _reset_peak() -> None:
    with contextlib.suppress(OSError), open(("/proc/self/clear_refs"), "w") as file:  # noqa: PTH123 (a hot path)
        file.write("5")


class Child:
    """The process as its parent sees it."""

    def __init__(self, patience: float = 1.0) -> None:
        """``patience`` multiplies the limits of processor time, for a busy machine."""
        self._patience = patience
        self._pid = 0
        self._to = self._from = -1
        self.died = 0

    def try_(self, kind: str, body: bytes) -> Tried:
        """Have a case tried."""
        if not self._pid:
            self._start()
        limit = KINDS[kind].limit * self._patience
        _send(self._to, (kind, body, limit))
        begun, clock, idle = self._cpu(), time.monotonic(), time.monotonic()
        last = begun
        while not select.select([self._from], [], [], 0.5)[0]:
            spent = self._cpu()
            if spent > last:
                last, idle = spent, time.monotonic()
            if (
                spent - begun > GIVEN_UP * self._patience
                or time.monotonic() - idle > HANGS
            ):
                self.close()
                slow = spent - begun > GIVEN_UP * self._patience
                what = (
                    f"more than {GIVEN_UP * self._patience:g} s of processor time"
                    if slow
                    else f"it hangs ({time.monotonic() - clock:.0f} s)"
                )
                return Tried(
                    what, f"{kind}: {'slow' if slow else 'hangs'}", spent - begun
                )
        try:
            tried: Tried = _receive(self._from)
            if tried.peak > PEAK // 2:
                self.close()  # it may not have returned the memory
            return tried
        except EOFError:
            status = os.waitpid(self._pid, 0)[1]
            self._pid = 0
            self.died += 1
            return Tried(f"the process died ({status})", f"{kind}: died")

    def close(self) -> None:
        """End it."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            os.close(self._to)
            os.close(self._from)
            self._pid = 0

    def _start(self) -> None:
        theirs, self._to = os.pipe()
        self._from, ours = os.pipe()
        sys.stdout.flush()
        self._pid = os.fork()
        if self._pid:
            os.close(theirs)
            os.close(ours)
            return
        os.close(self._to)
        os.close(self._from)
        _serve(theirs, ours)

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def _serve(source: int, sink: int) -> None:
    """Serve cases until the parent is gone; never returns."""
    try:
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent ends it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(
            resource.RLIMIT_AS, (_memory("VmSize") + MEMORY, resource.RLIM_INFINITY)
        )
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries warn about bad input
        gc.collect()
        gc.freeze()
        while True:
            _send(sink, attempt(*_receive(source)))
    except EOFError:
        os._exit(0)
    finally:
        os._exit(1)


def _send(descriptor: int, value: Any) -> None:
    blob = pickle.dumps(value)
    blob = struct.pack("<Q", len(blob)) + blob
    while blob:
        blob = blob[os.write(descriptor, blob[: 1 << 20]) :]


def _receive(descriptor: int) -> Any:
    size = struct.unpack("<Q", _exactly(descriptor, 8))[0]
    return pickle.loads(_exactly(descriptor, size))


def _exactly(descriptor: int, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = os.read(descriptor, min(size - len(found), 1 << 20))
        if not piece:
            raise EOFError
        found += piece
    return bytes(found)
