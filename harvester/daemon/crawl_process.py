"""Start the crawl process, listen to it, and stop it.

The crawl is a program of its own (``python -P -m spiders``): the memory that it uses
goes with it, and a crash costs one batch. The archive's lock is lent to it, and it is
sent the validated settings. Does not decide when to crawl (see ``ticks``), nor what is fetched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

from harvester.archive.connection import Archive, is_outdated
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.errors import ArchiveLocked, HarvesterError, SettingsError
from harvester.ingest.idle_crawl import try_idle_crawl
from harvester.model import Outcome
from harvester.schedule.times import format_time
from harvester.settings import Settings
from harvester.settings.handover import send_settings

STOP_TIMEOUT_SECONDS = 8.5  # for the crawl to end by itself; 10 for all of us
ERROR_PREFIX = "harvest: "  # begins the line in which the crawl says why it failed
ERROR_CLASSES: dict[int, type[HarvesterError]] = {
    ArchiveLocked.exit_code: ArchiveLocked,
    SettingsError.exit_code: SettingsError,
}

ProgressCallback = Callable[[dict[str, Any]], None]


class StoppedError(HarvesterError):
    """A signal stopped the crawl; what was received is kept."""

    def __init__(self, signal_number: int, counts: dict[str, Any]) -> None:
        name = signal.Signals(signal_number).name
        super().__init__(f"stopped by {name}; what was received is kept")
        self.exit_code = 128 + signal_number
        self.counts = counts


def utc_now_iso() -> str:
    """Return the time as the archive writes it."""
    return format_time(datetime.now(UTC))


def empty_counts() -> dict[str, Any]:
    """Return the counts of a crawl that did nothing."""
    return {
        "visits": 0,
        "feeds": 0,
        "captures": 0,
        **{outcome.value: 0 for outcome in Outcome},
    }


class CrawlProcess:
    """One crawl process. ``run`` blocks; ``stop`` may be called from any thread."""

    def __init__(
        self,
        settings: Settings,
        lock: Lock,
        arguments: Sequence[str] = (),
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self._command = [
            *(sys.executable, "-P", "-m", "spiders"),
            *("--settings", "-", *arguments),
        ]
        self._settings = settings
        self._lock = lock
        self._on_progress = on_progress
        self._process: subprocess.Popen[str] | None = None
        self._error_lines: list[str] = []  # its message and hint, if it failed
        self._stop_requests = 0
        self.counts = empty_counts()
        self.visited: list[dict[str, Any]] = []  # what came of named addresses

    def run(self) -> dict[str, Any]:
        """Run the crawl to its end and return its counts.

        Raises HarvesterError if it failed.
        """
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=(self._lock.descriptor,),
            start_new_session=True,  # Ctrl-C reaches us, and we tell it once
        )
        if self._stop_requests:
            self._process.terminate()
        listener = threading.Thread(target=self._relay_stderr, daemon=True)
        listener.start()
        assert self._process.stdin is not None
        with suppress(OSError):  # it ended at once: its exit code and message tell why
            send_settings(self._settings, cast("Any", self._process.stdin).buffer)
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._handle_event(line)
        exit_code = self._process.wait()
        listener.join(1.0)
        if exit_code or self._stop_requests:
            self._kill_group()
        with suppress(OSError):
            self._process.stdin.close()
        if exit_code and not self._stop_requests:
            raise self._build_error(exit_code)
        return self.counts

    def stop(self) -> None:
        """Ask the crawl to end; kill it after a while, or at the second call."""
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
        """Kill the process and everything that it started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _handle_event(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return  # a library printed something
        if not isinstance(event, dict):
            return
        if event.get("event") == "visit":
            self.visited.append(event)
        if isinstance(event.get("counts"), dict):
            self.counts = {**empty_counts(), **event["counts"]}
        if event.get("event") == "progress" and self._on_progress is not None:
            self._on_progress(event)

    def _relay_stderr(self) -> None:
        """Pass on the crawl's messages, except the error, which ``run`` raises."""
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                is_hint = bool(self._error_lines) and line.startswith("  ")
                if line.startswith(ERROR_PREFIX) or is_hint:
                    self._error_lines.append(line.removeprefix(ERROR_PREFIX).strip())
                else:
                    sys.stderr.write(line)
                    sys.stderr.flush()

    def _build_error(self, exit_code: int) -> HarvesterError:
        if self._error_lines:
            message, *hints = self._error_lines
        else:
            cause = (
                f"was killed by {signal.Signals(-exit_code).name}"
                if exit_code < 0
                else f"ended with exit code {exit_code}"
            )
            message, hints = f"the crawl {cause}", ["what was committed is safe"]
        error_class = ERROR_CLASSES.get(exit_code, HarvesterError)
        return error_class(message, " ".join(hints))


def crawl(
    settings: Settings,
    outlets: Sequence[str] = (),
    *,
    force: bool = False,
    fresh: bool = False,
    wait: bool = False,
    on_progress: ProgressCallback | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_upgrade: Callable[[str, float], None] | None = None,
    command: str = "harvest once",
    addresses: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Crawl everything that is due, once; return the counts.

    ``addresses``: (outlet, URL) of what is visited instead, due or not; what came of each
    is in the counts, as ``addresses``.

    Starts no process if nothing is due. An older archive is upgraded first, here and not
    in the crawl process, so that ``on_upgrade`` shows how far it is. Raises
    ArchiveLocked, StoppedError, or the error that made the crawl fail.
    """
    lock = Lock(settings.archive)
    lock.acquire(LockHolder(os.getpid(), command, utc_now_iso()), wait, on_wait)
    try:
        if is_outdated(settings.archive):
            Archive.open(settings.archive, settings.captures, on_upgrade).close()
        with delivering(settings) as finish:
            if not force and not addresses and try_idle_crawl(settings, utc_now_iso()):
                return {**empty_counts(), **finish()}
            flags = {"--once": True, "--force": force, "--fresh": fresh}
            arguments = [flag for flag, is_set in flags.items() if is_set]
            for outlet, url in addresses:
                arguments += ["--at", outlet, url]
            arguments += outlets
            process = CrawlProcess(settings, lock, arguments, on_progress)
            with stop_on_signals(process.stop) as received:
                counts = process.run()
            if addresses:
                counts["addresses"] = process.visited
            if received:
                raise StoppedError(received[0], counts)
            return {**counts, **finish()}
    finally:
        lock.release()


@contextmanager
def delivering(settings: Settings) -> Iterator[Callable[[], dict[str, Any]]]:
    """Deliver alerts meanwhile; yields what delivers the rest, and returns its counts.

    They are empty where the settings have no alerts.
    """
    if not settings.alerts:
        yield dict
        return
    from harvester.daemon.deliveries import DeliveryThread

    deliveries = DeliveryThread(lambda: settings, utc_now_iso)
    deliveries.start()

    def finish() -> dict[str, Any]:
        counts = deliveries.finish()
        return {
            "alerts": {
                "delivered": counts.delivered,
                "failed": counts.failed,
                "given_up": counts.given_up,
                "errors": counts.errors,
            }
        }

    try:
        yield finish
    finally:
        deliveries.stop()


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Call ``stop`` on SIGTERM, SIGINT and SIGHUP; yield the list of received signals.

    Outside the main thread it does nothing.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def handle(signal_number: int, _frame: object) -> None:
        received.append(signal_number)
        stop()

    signal_numbers = [signal.SIGTERM]
    for signal_number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(signal_number) != signal.SIG_IGN:  # as nohup sets it
            signal_numbers.append(signal_number)
    previous = {number: signal.signal(number, handle) for number in signal_numbers}
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
