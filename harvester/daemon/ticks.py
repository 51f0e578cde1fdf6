"""``harvest run``: start a crawl whenever something is due.

APScheduler provides the ticks, and nothing else: what was done last is in the archive,
so a missed tick costs nothing, and after a sleep there is one crawl, not many. Does not
fetch, nor compute what is due (see ``schedule``).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harvester.archive.connection import Archive, is_outdated
from harvester.archive.disk_sync import FileIdentity, file_identity
from harvester.archive.writer_lock import Lock, LockHolder
from harvester.daemon.crawl_process import (
    STOP_TIMEOUT_SECONDS,
    CrawlProcess,
    ProgressCallback,
    stop_on_signals,
    utc_now_iso,
)
from harvester.daemon.deliveries import DeliveryThread
from harvester.daemon.thinning import Thinner
from harvester.errors import (
    ArchiveNotFound,
    ArchiveOutdated,
    HarvesterError,
    SettingsError,
)
from harvester.schedule.times import clock_jump
from harvester.settings import Settings

TICK_SECONDS = 2.0  # between two checks whether something is due
UPKEEP_INTERVAL_SECONDS = 3_600.0
BACKUP_CHECK_SECONDS = 60.0  # between two checks whether a backup is due
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 5.0, 300.0  # after failed crawls, doubling
MAX_COUNTED_FAILURES = 20
# A crawl commits every second: progress after this long has been written as well.
STABLE_AFTER_SECONDS = 5.0
IDLE_DELAY_SECONDS = 30.0  # after a crawl that found nothing to do
REMOVED_NOTE = (
    "was removed while this program ran; nothing is harvested until it is back"
)
SEARCH_INTERVAL_SECONDS = 600.0  # between two searches of sites for feeds
MAX_SEARCH_SECONDS = 120.0  # for one: no crawl runs meanwhile
SIGNAL_POLL_SECONDS = 0.25  # between two checks whether a signal came

log = logging.getLogger("harvester.daemon")


class Daemon:
    """Crawls whenever something is due, until a signal comes."""

    def __init__(
        self, settings: Settings, load_settings: Callable[[], Settings]
    ) -> None:
        self.settings = settings
        self._load_settings = load_settings
        self._lock = Lock(settings.archive)
        self._crawl: CrawlProcess | None = None
        self._thread: threading.Thread | None = None
        self._thinner = Thinner()
        self._stopping = threading.Event()
        # Held while upkeep writes, or a crawl is being started.
        self._start_lock = threading.Lock()
        # Whether the archive may not know yet which outlets the settings name.
        self._settings_unsynced = True
        self._next_crawl_at = 0.0  # monotonic; no crawl starts before
        self._next_search_at = 0.0  # monotonic; the same of searches for feeds
        self._crawl_started_at = 0.0  # monotonic
        self._failures = 0  # in a row
        self._problems: dict[str, str] = {}  # subject → message
        self._tell_progress: ProgressCallback | None = None
        self._settings_signature = _file_signature(settings.file)
        # Of the archive and the folder of captures, once they were there.
        self._identities: dict[Path, FileIdentity] = {}

    def run(
        self,
        wait: bool = False,
        on_wait: Callable[[str], None] | None = None,
        on_progress: ProgressCallback | None = None,
        before_log_line: Callable[[], None] | None = None,
    ) -> None:
        """Run until a signal comes.

        ``on_progress`` is told of a crawl under way, from another thread;
        ``before_log_line`` is called before each line of the log. Raises ArchiveLocked if
        another program holds the archive.
        """
        from harvester.log import configure_logging

        configure_logging(before_line=before_log_line)
        self._tell_progress = on_progress
        holder = LockHolder(os.getpid(), "harvest run", utc_now_iso())
        self._lock.acquire(holder, wait, on_wait)
        self._upgrade_archive()
        scheduler = self._create_scheduler()
        deliveries = DeliveryThread(lambda: self.settings, utc_now_iso)
        try:
            with stop_on_signals(lambda: None) as received:
                scheduler.start()
                deliveries.start()
                log.info(
                    "started: outlets %s, archive %s",
                    len(self.settings.outlets),
                    self.settings.archive,
                )
                current = utc_now_iso(), time.monotonic()
                # Polled: an Event that a signal handler sets could deadlock.
                while not received:
                    time.sleep(SIGNAL_POLL_SECONDS)
                    previous, current = current, (utc_now_iso(), time.monotonic())
                    if clock_jump(previous, current):
                        _run_jobs_now(scheduler)
                self._stopping.set()
                deliveries.stop(wait=False)
                self._stop_crawl()
        finally:
            scheduler.shutdown(wait=False)
            self._lock.release()
        log.info("ended")

    def _upgrade_archive(self) -> None:
        """Upgrade an older archive, before any job finds it so; the log says how long.

        A signal ends the program meanwhile, and the next start continues.
        """
        if not is_outdated(self.settings.archive):
            return
        try:
            Archive.open(self.settings.archive, self.settings.captures).close()
        except HarvesterError as error:  # the next crawl tries again
            log.error("%s; %s", error, error.hint)

    def _create_scheduler(self) -> Any:
        from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
        from apscheduler.schedulers.background import BackgroundScheduler

        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        scheduler.add_listener(_log_job_error, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        now = datetime.now(UTC)
        scheduler.add_job(
            self.tick, "interval", seconds=TICK_SECONDS, next_run_time=now
        )
        scheduler.add_job(self.upkeep, "interval", seconds=UPKEEP_INTERVAL_SECONDS)
        scheduler.add_job(
            self.backup,
            "interval",
            seconds=BACKUP_CHECK_SECONDS,
            next_run_time=now + timedelta(seconds=BACKUP_CHECK_SECONDS),
        )
        return scheduler

    def _stop_crawl(self) -> None:
        with self._start_lock:
            process, thread = self._crawl, self._thread
        if process is not None and thread is not None and thread.is_alive():
            process.stop()
            thread.join(STOP_TIMEOUT_SECONDS + 1.0)

    # ---- ticks

    def tick(self) -> None:
        """Reload changed settings, and start a crawl if something is due."""
        self._reload_settings()
        if not self._check_in_place():
            return
        with self._start_lock:
            if (
                self._stopping.is_set()
                or self._is_crawling()
                or time.monotonic() < self._next_crawl_at
            ):
                return
            if self._settings_unsynced or self._is_due():
                self._start_crawl()

    def _check_in_place(self) -> bool:
        """Whether a crawl may write; reports what was removed or replaced meanwhile.

        An archive that is gone is not created anew: its disk may have been unmounted.
        """
        archive, captures = self.settings.archive, self.settings.captures
        if self._was_changed(archive):
            if not archive.exists():
                self._report(
                    "archive",
                    f"the archive {archive} {REMOVED_NOTE}, or `harvest run` is started "
                    "again",
                )
                return False
            self._report(
                "archive",
                f"the archive {archive} was replaced while this program ran; what is "
                "there now is used",
            )
        elif REMOVED_NOTE in self._problems.get("archive", ""):
            self._set_problem("archive", "")
        if captures is not None and self._was_changed(captures):
            self._report(
                "captures",
                f"{captures} was removed or replaced while this program ran; captures "
                "from before are not there (`harvest verify` lists them), new ones are "
                "stored there",
            )
        return True

    def _was_changed(self, path: Path) -> bool:
        """Whether something else is at a path than before."""
        identity = file_identity(path)
        known = self._identities.get(path)
        if identity is not None:
            self._identities[path] = identity
        return known is not None and identity != known

    def _report(self, subject: str, problem: str) -> None:
        if self._problems.get(subject) != problem:
            self._set_problem(subject, problem)
            log.error("%s", problem)

    def upkeep(self) -> None:
        """Thin out old captures, update statistics, checkpoint the log, if no crawl runs."""
        from harvester.archive.upkeep.optimise import optimise

        with self._start_lock:
            if not self._is_crawling() and self.settings.archive.exists():
                try:
                    captures, freed = self._thinner.run(self.settings, utc_now_iso())
                    optimise(self.settings.archive)
                except (HarvesterError, OSError) as error:
                    log.warning("skipped upkeep: %s", error)
                else:
                    if captures:
                        log.info(
                            "thinned out captures %s, freed %.1f MB",
                            captures,
                            freed / 1e6,
                        )

    def backup(self) -> None:
        """Make a backup if the last one is old enough; a crawl may run meanwhile."""
        from harvester.archive.upkeep import backups

        if not self.settings.archive.exists():
            return
        try:
            backup = backups.create_scheduled_backup(
                self.settings.archive,
                self.settings.captures,
                self.settings.upkeep,
                utc_now_iso(),
            )
        except (HarvesterError, OSError) as error:
            self._set_problem("backup", f"the backup failed: {error}")
            log.error("the backup failed: %s", error)
            return
        self._set_problem("backup", "")
        if backup is not None:
            log.info(
                "backup %s: articles %s, versions %s",
                backup.path,
                backup.articles,
                backup.versions,
            )

    def _is_crawling(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _is_due(self) -> bool:
        from harvester.archive.connection import open_reader
        from harvester.archive.sqlite_errors import translate_sqlite_errors
        from harvester.archive.upkeep.optimise import is_anything_due

        try:
            with (
                translate_sqlite_errors(self.settings.archive),
                closing(open_reader(self.settings.archive)) as connection,
            ):
                return is_anything_due(connection, utc_now_iso(), with_backfills=True)
        except (ArchiveNotFound, ArchiveOutdated):
            return True  # the crawl creates or upgrades it
        except HarvesterError as error:
            self._record_failure(error)
            return False

    def _start_crawl(self) -> None:
        settings_unsynced, self._settings_unsynced = self._settings_unsynced, False
        self._crawl = CrawlProcess(
            self.settings, self._lock, on_progress=self._on_progress
        )
        self._crawl_started_at = time.monotonic()
        self._thread = threading.Thread(
            target=self._run_crawl,
            args=(self._crawl, settings_unsynced),
            name="crawl",
            daemon=True,
        )
        self._thread.start()

    def _run_crawl(self, process: CrawlProcess, settings_unsynced: bool) -> None:
        """Run a crawl to its end, in a thread of its own."""
        try:
            counts = process.run()
        except (HarvesterError, OSError) as error:
            self._settings_unsynced = self._settings_unsynced or settings_unsynced
            self._record_failure(error)
            return
        self._failures = 0
        self._set_problem("crawl", "")
        self._propose()
        if counts["visits"]:
            log.info(
                "crawl ended: %s",
                ", ".join(f"{name} {count}" for name, count in counts.items() if count),
            )
        else:
            self._next_crawl_at = time.monotonic() + IDLE_DELAY_SECONDS

    def _propose(self) -> None:
        """Search the site of a dead feed for another, between two crawls."""
        from harvester.daemon import proposals

        now = time.monotonic()
        if now < self._next_search_at or self._stopping.is_set():
            return
        self._next_search_at = now + SEARCH_INTERVAL_SECONDS

        def check(_: str) -> None:
            if self._stopping.is_set() or time.monotonic() > now + MAX_SEARCH_SECONDS:
                raise proposals.SearchStoppedError("the search was stopped")

        try:
            proposals.find_proposal(self.settings, utc_now_iso(), check)
        except (HarvesterError, OSError) as error:
            log.warning("skipped the search for another feed: %s", error)

    def _on_progress(self, event: dict[str, Any]) -> None:
        """Tell of the progress, and clear the problem of an earlier crawl.

        That is cleared once this one has written for a while: it may go on for an hour.
        """
        if self._tell_progress is not None:
            self._tell_progress(event)
        if (
            self._problems.get("crawl")
            and event.get("visits")
            and time.monotonic() - self._crawl_started_at > STABLE_AFTER_SECONDS
        ):
            self._failures = 0
            self._set_problem("crawl", "")

    def _record_failure(self, error: Exception) -> None:
        delay = min(MIN_RETRY_SECONDS * 2.0**self._failures, MAX_RETRY_SECONDS)
        self._failures = min(self._failures + 1, MAX_COUNTED_FAILURES)
        self._next_crawl_at = time.monotonic() + delay
        self._set_problem("crawl", f"{error}; retried every few minutes")
        log.error("%s; retrying in %.0f seconds", error, delay)

    # ---- settings that change while it runs

    def _reload_settings(self) -> None:
        file = self.settings.file
        signature = _file_signature(file)
        if signature == self._settings_signature:
            return
        self._settings_signature = signature
        try:
            settings = self._load_settings()
            if settings.archive != self.settings.archive:
                raise SettingsError(
                    "[archive] path changed; restart `harvest run` to apply it"
                )
        except (HarvesterError, OSError) as error:
            problem = f"invalid settings, still using the previous ones: {error}"
            self._set_problem("settings", problem)
            log.error("%s", problem)
            return
        self.settings = settings
        self._settings_unsynced = True
        self._next_crawl_at = 0.0
        self._set_problem("settings", "")
        log.info("reloaded the settings: outlets %s", len(settings.outlets))
        if self._is_crawling() and self._crawl is not None:
            self._crawl.stop()  # the next tick starts one with the new settings

    def _set_problem(self, subject: str, problem: str) -> None:
        self._problems[subject] = problem
        problems = "\n".join(filter(None, self._problems.values()))
        self._lock.report_problem(problems, utc_now_iso())


def _file_signature(file: Path | None) -> tuple[int, int, int] | None:
    """Return a value that changes whenever the file does; None if it is missing."""
    try:
        status = file.stat() if file else None
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else None


def _run_jobs_now(scheduler: Any) -> None:
    """Run all jobs after the clock was set, or the machine slept.

    APScheduler would wait for their time, for hours if the clock was set back.
    """
    log.warning("the clock was set or the machine slept: checking what is due")
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def _log_job_error(event: Any) -> None:
    """Log a failed or missed tick in our own log, not only in APScheduler's."""
    error = getattr(event, "exception", None)
    log.error("a tick failed: %s", error if error is not None else "it was missed")
