"""The crawl process of ``benchmarks/month.py``: started, told the time, killed, ended, measured."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.common import ROOT

MAX_STEP_SECONDS = 900.0  # seconds on the clock for one step
TICKS = os.sysconf("SC_CLK_TCK")


class Crawl:
    """The crawl process, stepped."""

    def __init__(self, settings: Path, log: Path) -> None:
        self.settings, self.log = settings, log
        self.process: subprocess.Popen[str] | None = None
        self.lines: queue.Queue[str] = queue.Queue()
        self.spent = 0.0  # seconds of processor time of processes that have ended
        self.starts = 0
        self.rounds = 0  # the maximum at one instant

    def step(self, said: str, kill: float | None = None) -> bool:
        """Run one instant; return whether it was completed.

        ``kill``: seconds after which the crawl is killed unless it is idle.
        """
        if self.process is None:
            self._start(said)
        else:
            assert self.process.stdin is not None
            self.process.stdin.write(f"{said}\n")
            self.process.stdin.flush()
        end = time.monotonic() + (MAX_STEP_SECONDS if kill is None else kill)
        while True:
            try:
                line = self.lines.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                if kill is None:
                    self.end()
                    raise SystemExit(
                        f"a step took more than {MAX_STEP_SECONDS:.0f} seconds: {said}"
                    ) from None
                self._kill()
                return False
            if not line:
                raise SystemExit(f"the crawl ended at {said}: see {self.log}")
            event = json.loads(line)
            if event["event"] == "idle":
                self.rounds = max(self.rounds, event["rounds"])
                return True

    def _start(self, said: str) -> None:
        command = [
            sys.executable, str(ROOT / "benchmarks" / "month_crawl.py"), "--settings",
            str(self.settings), "--at", said,
        ]  # fmt: skip
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
            )
        self.lines = queue.Queue()
        self.starts += 1
        threading.Thread(
            target=_read, args=(self.process.stdout, self.lines), daemon=True
        ).start()

    def _kill(self) -> None:
        assert self.process is not None
        self.spent += self.cpu()
        self.process.send_signal(signal.SIGKILL)
        self._ended()

    def _ended(self) -> None:
        assert self.process is not None
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process = None

    def end(self) -> None:
        """Let it end by itself."""
        if self.process is None:
            return
        self.spent += self.cpu()
        with suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.write("end\n")
            self.process.stdin.flush()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._ended()

    def tree(self) -> list[int]:
        """The process, and its workers."""
        if self.process is None:
            return []
        found = [self.process.pid]
        with suppress(OSError):
            for task in Path(f"/proc/{found[0]}/task").iterdir():
                found += [int(one) for one in (task / "children").read_text().split()]
        return found

    def cpu(self) -> float:
        """Seconds of processor time of the tree, with workers that were replaced."""
        total = 0
        for pid in self.tree():
            with suppress(OSError):
                fields = (
                    Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                )
                total += sum(int(one) for one in fields[11:15])
        return total / TICKS


def _read(pipe: object, lines: queue.Queue[str]) -> None:
    with suppress(ValueError, OSError):
        for line in pipe:  # type: ignore[attr-defined]
            lines.put(line)
    lines.put("")
