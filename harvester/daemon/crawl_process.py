"""The crawl process: started with the archive's lock lent to it, listened to, and ended.

It is a program of its own (``python -P -m spiders``): what it loads and leaks goes with it, and a crash costs one batch.
Not for: when to crawl (``ticks``), nor for what is fetched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harvester.archive.lock import Lock, LockHolder
from harvester.errors import ArchiveLocked, HarvesterError, SettingsError
from harvester.model import Outcome
from harvester.schedule.times import format_time
from harvester.settings import Settings

STOP_TIMEOUT_SECONDS = (
    8.5  # seconds for the crawl to end by itself; all must be over within 10
)

ERROR_PREFIX = "harvest: "  # begins the line in which the crawl says why it failed

ProgressCallback = Callable[[dict[str, Any]], None]


class StoppedError(HarvesterError):
    """A signal ended the crawl; what was received is kept."""

    def __init__(self, signal_number: int, counts: dict[str, Any]) -> None:
        super().__init__(
            f"stopped by {signal.Signals(signal_number).name}; what was received is kept"
        )
        self.exit_code = 128 + signal_number
        self.counts = counts


def utc_now_iso() -> str:
    """The time, as the archive writes it."""
    return format_time(datetime.now(UTC))


def empty_counts() -> dict[str, Any]:
    """The counts of a crawl that did nothing."""
    return {
        "visits": 0,
        "feeds": 0,
        "captures": 0,
        **{outcome.value: 0 for outcome in Outcome},
    }


class CrawlProcess:
    """One run of the crawl process. ``run`` blocks; ``stop`` may be called from anywhere."""

    def __init__(
        self,
        settings_file: Path | None,
        lock: Lock,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self._command = [
            sys.executable,
            "-P",
            "-m",
            "spiders",
            *(["--settings", str(settings_file)] if settings_file else []),
            *arguments,
        ]
        self._lock = lock
        self._environment = {**os.environ, **(environment or {})}
        self._on_progress = on_progress
        self._process: subprocess.Popen[str] | None = None
        self._error_lines: list[str] = []  # what it said went wrong, and what to do
        self._stop_requests = 0
        self.counts = empty_counts()

    def run(self) -> dict[str, Any]:
        """Start it, listen to it, wait for its end. Returns its counts; raises HarvesterError where it failed."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,  # its end tells the crawl that we are gone, however we went
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=self._environment,
            pass_fds=(self._lock.descriptor,),
            start_new_session=True,  # Ctrl-C reaches us, and we tell it once
        )
        if self._stop_requests:
            self._process.terminate()
        listener = threading.Thread(target=self._relay_stderr, daemon=True)
        listener.start()
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._handle_event(line)
        code = self._process.wait()
        listener.join(1.0)
        if code or self._stop_requests:
            self._kill_group()
        assert self._process.stdin is not None
        self._process.stdin.close()
        if code and not self._stop_requests:
            raise self._build_error(code)
        return self.counts

    def stop(self) -> None:
        """Ask it to end; after PATIENCE, or when asked twice, end it."""
        self._stop_requests += 1
        process = self._process
        if process is None:
            return
        if self._stop_requests > 1:
            self._kill_group()
            return
        process.terminate()
        timer = threading.Timer(STOP_TIMEOUT_SECONDS, self._kill_if_running)
        timer.daemon = True
        timer.start()

    def _kill_if_running(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._kill_group()

    def _kill_group(self) -> None:
        """End the process and all that it started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _handle_event(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return  # something that a library printed
        if not isinstance(event, dict):
            return
        if isinstance(event.get("counts"), dict):
            self.counts = {**empty_counts(), **event["counts"]}
        if event.get("event") == "progress" and self._on_progress is not None:
            self._on_progress(event)

    def _relay_stderr(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                if line.startswith(ERROR_PREFIX) or (
                    self._error_lines and line.startswith("  ")
                ):
                    self._error_lines.append(
                        line.removeprefix(ERROR_PREFIX).strip()
                    )  # said once, by whoever started us
                else:
                    sys.stderr.write(line)
                    sys.stderr.flush()

    def _build_error(self, exit_code: int) -> HarvesterError:
        kinds = {
            ArchiveLocked.exit_code: ArchiveLocked,
            SettingsError.exit_code: SettingsError,
        }
        how = (
            f"was ended by {signal.Signals(-exit_code).name}"
            if exit_code < 0
            else f"ended with exit code {exit_code}"
        )
        said, *hints = self._error_lines or [
            f"the crawl {how}",
            "what was committed is safe",
        ]
        return kinds.get(exit_code, HarvesterError)(said, " ".join(hints))


def crawl(
    settings: Settings,
    outlets: Sequence[str] = (),
    *,
    force: bool = False,
    wait: bool = False,
    on_progress: ProgressCallback | None = None,
    on_wait: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
    command: str = "harvest once",
) -> dict[str, Any]:
    """One pass over what is due. Raises ArchiveBusy, StoppedError, or what made it fail."""
    lock = Lock(settings.archive)
    lock.acquire(LockHolder(os.getpid(), command, utc_now_iso()), wait, on_wait)
    try:
        arguments = ["--once", *(["--force"] if force else []), *outlets]
        process = CrawlProcess(settings.file, lock, arguments, environment, on_progress)
        with stop_on_signals(process.stop) as received:
            counts = process.run()
        if received:
            raise StoppedError(received[0], counts)
        return counts
    finally:
        lock.release()


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """While it lasts, signals that mean "end" call ``stop``; the list says which came. Only in the main thread."""
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def handle(number: int, _frame: object) -> None:
        received.append(number)
        stop()

    wanted = [
        signal.SIGTERM,
        *(
            one
            for one in (signal.SIGINT, signal.SIGHUP)
            if signal.getsignal(one) != signal.SIG_IGN
        ),
    ]
    before = {
        number: signal.signal(number, handle) for number in wanted
    }  # nohup's wish is respected
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
