"""``harvest run``: the ticks. The archive remembers what is due; a tick only asks.

APScheduler ticks, and nothing else: what was last done stands in the archive, so a missed tick costs nothing, and after a
sleep there is one crawl, not a storm. Not for: fetching, nor for computing what is due (``schedule``).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harvester.archive.lock import Lock, LockHolder
from harvester.daemon.crawl_process import (
    STOP_TIMEOUT_SECONDS,
    CrawlProcess,
    stop_on_signals,
    utc_now_iso,
)
from harvester.errors import (
    ArchiveNotFound,
    ArchiveOutdated,
    HarvesterError,
    SettingsError,
)
from harvester.schedule.times import clock_jump
from harvester.settings import Settings

TICK_SECONDS = 2.0  # seconds between two looks at what is due
UPKEEP_INTERVAL_SECONDS = 3_600.0  # seconds between two rounds of upkeep
BACKUP_CHECK_SECONDS = 60.0  # seconds between two looks whether a backup is due
RETRY_DELAYS_SECONDS = (
    5.0,
    300.0,
)  # seconds to wait after a crawl that failed: the first, doubling to the last
STABLE_AFTER_SECONDS = 5.0  # seconds after which a crawl that still makes progress has written it too: it commits every second
IDLE_DELAY_SECONDS = 30.0  # seconds to wait after a crawl that found nothing to do
SIGNAL_POLL_SECONDS = 0.25  # seconds between two looks whether a signal came

log = logging.getLogger("harvester.daemon")


class Daemon:
    """``harvest run``: a crawl whenever something is due, for as long as it is left running."""

    def __init__(
        self, settings: Settings, load_settings: Callable[[], Settings]
    ) -> None:
        self.settings = settings
        self._load_settings = load_settings
        self._lock = Lock(settings.archive)
        self._crawl: CrawlProcess | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._start_lock = (
            threading.Lock()
        )  # held while upkeep writes, or a crawl is being started
        self._settings_unsynced = (
            True  # the archive may not know yet what the settings name
        )
        self._next_crawl_at = 0.0  # monotonic: no crawl before
        self._crawl_started_at = 0.0  # monotonic: the crawl
        self._failures = 0
        self._problems: dict[str, str] = {}  # what of → in words
        self._settings_signature = _file_signature(settings.file)
        self._last_valid_settings = settings.file.read_bytes() if settings.file else b""
        self._settings_invalid = False

    def run(
        self, wait: bool = False, on_wait: Callable[[str], None] | None = None
    ) -> None:
        """Until a signal comes. Raises ArchiveBusy where another program holds the archive."""
        from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
        from apscheduler.schedulers.background import BackgroundScheduler

        from harvester.log import configure_logging

        configure_logging()
        self._lock.acquire(
            LockHolder(os.getpid(), "harvest run", utc_now_iso()), wait, on_wait
        )
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        ticks = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        ticks.add_listener(_log_job_error, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        ticks.add_job(
            self.tick, "interval", seconds=TICK_SECONDS, next_run_time=datetime.now(UTC)
        )
        ticks.add_job(self.upkeep, "interval", seconds=UPKEEP_INTERVAL_SECONDS)
        ticks.add_job(
            self.backup,
            "interval",
            seconds=BACKUP_CHECK_SECONDS,
            next_run_time=datetime.now(UTC) + timedelta(seconds=BACKUP_CHECK_SECONDS),
        )
        try:
            with stop_on_signals(lambda: None) as received:
                ticks.start()
                log.info(
                    "started: %s outlets, archive %s",
                    len(self.settings.outlets),
                    self.settings.archive,
                )
                looked = utc_now_iso(), time.monotonic()
                while (
                    not received
                ):  # an Event set by a signal handler could lock itself out
                    time.sleep(SIGNAL_POLL_SECONDS)
                    before, looked = looked, (utc_now_iso(), time.monotonic())
                    if clock_jump(before, looked):
                        _run_jobs_now(ticks)
                self._stopping.set()
                self._stop_crawl()
        finally:
            ticks.shutdown(wait=False)
            self._lock.release()
        log.info("ended")

    def _stop_crawl(self) -> None:
        with self._start_lock:
            process, thread = self._crawl, self._thread
        if process is not None and thread is not None and thread.is_alive():
            process.stop()
            thread.join(STOP_TIMEOUT_SECONDS + 1.0)

    # ---- ticks

    def tick(self) -> None:
        """Start a crawl if something is due and none runs; read the settings again if they changed."""
        self._reload_settings()
        with self._start_lock:
            if (
                self._stopping.is_set()
                or self._is_crawling()
                or time.monotonic() < self._next_crawl_at
            ):
                return
            if self._settings_unsynced or self._is_due():
                self._start_crawl()

    def upkeep(self) -> None:
        """Statistics and the log of the archive; only while no crawl writes."""
        from harvester.archive.upkeep.optimise import optimise

        with self._start_lock:
            if not self._is_crawling() and self.settings.archive.exists():
                try:
                    optimise(self.settings.archive)
                except HarvesterError as error:
                    log.warning("upkeep was left out: %s", error)

    def backup(self) -> None:
        """A backup, where the last is old enough; a crawl may write meanwhile."""
        from harvester.archive.upkeep import backups

        if not self.settings.archive.exists():
            return
        try:
            made = backups.create_scheduled_backup(
                self.settings.archive,
                self.settings.captures,
                self.settings.upkeep,
                utc_now_iso(),
            )
        except (HarvesterError, OSError) as error:
            self._set_problem("backup", f"no backup could be made: {error}")
            log.error("no backup could be made: %s", error)
            return
        self._set_problem("backup", "")
        if made is not None:
            log.info(
                "backup %s: %s articles, %s versions",
                made.path,
                made.articles,
                made.versions,
            )

    def _is_crawling(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_due(self) -> bool:
        from harvester.archive.connection import open_reader, translate_sqlite_errors
        from harvester.archive.upkeep.optimise import is_anything_due

        try:
            with translate_sqlite_errors(self.settings.archive):
                connection = open_reader(self.settings.archive)
                try:
                    return is_anything_due(connection, utc_now_iso())
                finally:
                    connection.close()
        except (ArchiveNotFound, ArchiveOutdated):
            return True  # the crawl makes it, or brings it up to date
        except HarvesterError as error:
            self._record_failure(error)
            return False

    def _start_crawl(self) -> None:
        fresh, self._settings_unsynced = self._settings_unsynced, False
        self._crawl, self._crawl_started_at = (
            CrawlProcess(*self._crawl_arguments(), on_progress=self._on_progress),
            time.monotonic(),
        )
        self._thread = threading.Thread(
            target=self._run_crawl, args=(self._crawl, fresh), name="crawl", daemon=True
        )
        self._thread.start()

    def _run_crawl(self, process: CrawlProcess, settings_unsynced: bool) -> None:
        """In a thread of its own, for as long as the crawl lives."""
        try:
            counts = process.run()
        except (HarvesterError, OSError) as error:
            self._settings_unsynced = self._settings_unsynced or settings_unsynced
            self._record_failure(error)
            return
        self._failures = 0
        self._set_problem("crawl", "")
        if counts["visits"]:
            log.info(
                "crawl ended: %s",
                ", ".join(f"{count} {name}" for name, count in counts.items() if count),
            )
        else:
            self._next_crawl_at = time.monotonic() + IDLE_DELAY_SECONDS

    def _on_progress(self, event: dict[str, Any]) -> None:
        """A crawl may go on for an hour: what ailed the one before is over once this one has written for a while."""
        if (
            self._problems.get("crawl")
            and event.get("visits")
            and time.monotonic() - self._crawl_started_at > STABLE_AFTER_SECONDS
        ):
            self._failures = 0
            self._set_problem("crawl", "")

    def _record_failure(self, error: Exception) -> None:
        pause = min(
            RETRY_DELAYS_SECONDS[0] * 2.0**self._failures, RETRY_DELAYS_SECONDS[1]
        )
        self._failures = min(self._failures + 1, 20)
        self._next_crawl_at = time.monotonic() + pause
        self._set_problem("crawl", f"{error}; tried again every few minutes")
        log.error("%s; next try in %.0f seconds", error, pause)

    # ---- settings that change while it runs

    def _reload_settings(self) -> None:
        seen = _file_signature(self.settings.file)
        if seen == self._settings_signature:
            return
        self._settings_signature = seen
        file = self.settings.file
        try:
            text = file.read_bytes() if file else b""
            settings = self._load_settings()
            if settings.archive != self.settings.archive:
                raise SettingsError(
                    "[archive] path changed: that takes effect when `harvest run` is started again"
                )
        except (HarvesterError, OSError) as error:
            self._settings_invalid = True
            self._set_problem(
                "settings",
                f"the settings changed and cannot be used, so the old ones stay: {error}",
            )
            log.error(
                "the settings changed and cannot be used, so the old ones stay: %s",
                error,
            )
            return
        (
            self.settings,
            self._last_valid_settings,
            self._settings_invalid,
            self._settings_unsynced,
            self._next_crawl_at,
        ) = (
            settings,
            text,
            False,
            True,
            0.0,
        )
        self._set_problem("settings", "")
        log.info("the settings were read again: %s outlets", len(settings.outlets))
        if self._is_crawling() and self._crawl is not None:
            self._crawl.stop()  # the next tick starts one that knows them

    def _crawl_arguments(
        self,
    ) -> tuple[Path | None, Lock, Sequence[str], Mapping[str, str]]:
        """What a crawl is started with: the settings file, or, while that is broken, a copy of what it said before."""
        if not self._settings_invalid:
            return self.settings.file, self._lock, (), {}
        copy = self.settings.archive.with_name(
            f"{self.settings.archive.name}.settings.toml"
        )
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._last_valid_settings)
        captures = (
            str(self.settings.captures.resolve()) if self.settings.captures else ""
        )
        paths = {
            "HARVESTER_ARCHIVE_PATH": str(self.settings.archive.resolve()),
            "HARVESTER_ARCHIVE_CAPTURES": captures,
        }
        return copy, self._lock, (), paths

    def _set_problem(self, subject: str, problem: str) -> None:
        self._problems[subject] = problem
        self._lock.report_problem(
            "\n".join(one for one in self._problems.values() if one), utc_now_iso()
        )


def _file_signature(file: Path | None) -> tuple[int, int, int] | None:
    """Changes whenever the file does."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


def _run_jobs_now(scheduler: Any) -> None:
    """The clock was set, or the machine slept: APScheduler would wait until its own time comes again, for hours where it was set
    back."""
    log.warning("the clock was set, or this machine slept: looking at what is due")
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def _log_job_error(event: Any) -> None:
    """APScheduler would only log it where nobody looks."""
    error = getattr(event, "exception", None)
    log.error("a tick failed: %s", error if error is not None else "it came too late")
