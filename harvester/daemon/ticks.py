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

from harvester.archive.lock import Holder, Lock
from harvester.daemon.crawl_process import PATIENCE, Crawl, now, signals
from harvester.errors import ArchiveMissing, HarvesterError, OlderArchive, SettingsError
from harvester.schedule.times import step
from harvester.settings import Settings

TICK = 2.0  # seconds between two looks at what is due
UPKEEP = 3_600.0  # seconds between two rounds of upkeep
BACKUP = 60.0  # seconds between two looks whether a backup is due
PAUSES = (
    5.0,
    300.0,
)  # seconds to wait after a crawl that failed: the first, doubling to the last
STEADY = 5.0  # seconds after which a crawl that still makes progress has written it too: it commits every second
IDLE = 30.0  # seconds to wait after a crawl that found nothing to do
ALERT = 0.25  # seconds between two looks whether a signal came

log = logging.getLogger("harvester.daemon")


class Daemon:
    """``harvest run``: a crawl whenever something is due, for as long as it is left running."""

    def __init__(self, settings: Settings, load: Callable[[], Settings]) -> None:
        self.settings = settings
        self._load = load
        self._lock = Lock(settings.archive)
        self._crawl: Crawl | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._quiet = (
            threading.Lock()
        )  # held while upkeep writes, or a crawl is being started
        self._fresh = True  # the archive may not know yet what the settings name
        self._resume = 0.0  # monotonic: no crawl before
        self._started = 0.0  # monotonic: the crawl
        self._failures = 0
        self._troubles: dict[str, str] = {}  # what of → in words
        self._seen = _signature(settings.file)
        self._good = settings.file.read_bytes() if settings.file else b""
        self._broken = False

    def run(
        self, wait: bool = False, on_wait: Callable[[str], None] | None = None
    ) -> None:
        """Until a signal comes. Raises ArchiveBusy where another program holds the archive."""
        from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
        from apscheduler.schedulers.background import BackgroundScheduler

        from harvester.log import set_up

        set_up()
        self._lock.acquire(Holder(os.getpid(), "harvest run", now()), wait, on_wait)
        defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        ticks = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        ticks.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        ticks.add_job(
            self.tick, "interval", seconds=TICK, next_run_time=datetime.now(UTC)
        )
        ticks.add_job(self.upkeep, "interval", seconds=UPKEEP)
        ticks.add_job(
            self.backup,
            "interval",
            seconds=BACKUP,
            next_run_time=datetime.now(UTC) + timedelta(seconds=BACKUP),
        )
        try:
            with signals(lambda: None) as received:
                ticks.start()
                log.info(
                    "started: %s outlets, archive %s",
                    len(self.settings.outlets),
                    self.settings.archive,
                )
                looked = now(), time.monotonic()
                while (
                    not received
                ):  # an Event set by a signal handler could lock itself out
                    time.sleep(ALERT)
                    before, looked = looked, (now(), time.monotonic())
                    if step(before, looked):
                        _tick_at_once(ticks)
                self._ending.set()
                self._end()
        finally:
            ticks.shutdown(wait=False)
            self._lock.release()
        log.info("ended")

    def _end(self) -> None:
        with self._quiet:
            process, thread = self._crawl, self._thread
        if process is not None and thread is not None and thread.is_alive():
            process.stop()
            thread.join(PATIENCE + 1.0)

    # ---- ticks

    def tick(self) -> None:
        """Start a crawl if something is due and none runs; read the settings again if they changed."""
        self._reread()
        with self._quiet:
            if (
                self._ending.is_set()
                or self._running()
                or time.monotonic() < self._resume
            ):
                return
            if self._fresh or self._due():
                self._start()

    def upkeep(self) -> None:
        """Statistics and the log of the archive; only while no crawl writes."""
        from harvester.archive.upkeep.optimise import optimise

        with self._quiet:
            if not self._running() and self.settings.archive.exists():
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
            made = backups.by_schedule(
                self.settings.archive,
                self.settings.captures,
                self.settings.upkeep,
                now(),
            )
        except (HarvesterError, OSError) as error:
            self._trouble("backup", f"no backup could be made: {error}")
            log.error("no backup could be made: %s", error)
            return
        self._trouble("backup", "")
        if made is not None:
            log.info(
                "backup %s: %s articles, %s versions",
                made.path,
                made.articles,
                made.versions,
            )

    def _running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _due(self) -> bool:
        from harvester.archive.connection import reader, translated
        from harvester.archive.upkeep.optimise import due_by

        try:
            with translated(self.settings.archive):
                connection = reader(self.settings.archive)
                try:
                    return due_by(connection, now())
                finally:
                    connection.close()
        except (ArchiveMissing, OlderArchive):
            return True  # the crawl makes it, or brings it up to date
        except HarvesterError as error:
            self._failed(error)
            return False

    def _start(self) -> None:
        fresh, self._fresh = self._fresh, False
        self._crawl, self._started = (
            Crawl(*self._source(), on_progress=self._progress),
            time.monotonic(),
        )
        self._thread = threading.Thread(
            target=self._watch, args=(self._crawl, fresh), name="crawl", daemon=True
        )
        self._thread.start()

    def _watch(self, process: Crawl, fresh: bool) -> None:
        """In a thread of its own, for as long as the crawl lives."""
        try:
            counts = process.run()
        except (HarvesterError, OSError) as error:
            self._fresh = self._fresh or fresh
            self._failed(error)
            return
        self._failures = 0
        self._trouble("crawl", "")
        if counts["visits"]:
            log.info(
                "crawl ended: %s",
                ", ".join(f"{count} {name}" for name, count in counts.items() if count),
            )
        else:
            self._resume = time.monotonic() + IDLE

    def _progress(self, event: dict[str, Any]) -> None:
        """A crawl may go on for an hour: what ailed the one before is over once this one has written for a while."""
        if (
            self._troubles.get("crawl")
            and event.get("visits")
            and time.monotonic() - self._started > STEADY
        ):
            self._failures = 0
            self._trouble("crawl", "")

    def _failed(self, error: Exception) -> None:
        pause = min(PAUSES[0] * 2.0**self._failures, PAUSES[1])
        self._failures = min(self._failures + 1, 20)
        self._resume = time.monotonic() + pause
        self._trouble("crawl", f"{error}; tried again every few minutes")
        log.error("%s; next try in %.0f seconds", error, pause)

    # ---- settings that change while it runs

    def _reread(self) -> None:
        seen = _signature(self.settings.file)
        if seen == self._seen:
            return
        self._seen = seen
        file = self.settings.file
        try:
            text = file.read_bytes() if file else b""
            settings = self._load()
            if settings.archive != self.settings.archive:
                raise SettingsError(
                    "[archive] path changed: that takes effect when `harvest run` is started again"
                )
        except (HarvesterError, OSError) as error:
            self._broken = True
            self._trouble(
                "settings",
                f"the settings changed and cannot be used, so the old ones stay: {error}",
            )
            log.error(
                "the settings changed and cannot be used, so the old ones stay: %s",
                error,
            )
            return
        self.settings, self._good, self._broken, self._fresh, self._resume = (
            settings,
            text,
            False,
            True,
            0.0,
        )
        self._trouble("settings", "")
        log.info("the settings were read again: %s outlets", len(settings.outlets))
        if self._running() and self._crawl is not None:
            self._crawl.stop()  # the next tick starts one that knows them

    def _source(self) -> tuple[Path | None, Lock, Sequence[str], Mapping[str, str]]:
        """What a crawl is started with: the settings file, or, while that is broken, a copy of what it said before."""
        if not self._broken:
            return self.settings.file, self._lock, (), {}
        copy = self.settings.archive.with_name(
            f"{self.settings.archive.name}.settings.toml"
        )
        descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._good)
        captures = (
            str(self.settings.captures.resolve()) if self.settings.captures else ""
        )
        paths = {
            "HARVESTER_ARCHIVE_PATH": str(self.settings.archive.resolve()),
            "HARVESTER_ARCHIVE_CAPTURES": captures,
        }
        return copy, self._lock, (), paths

    def _trouble(self, of: str, problem: str) -> None:
        self._troubles[of] = problem
        self._lock.trouble(
            "\n".join(one for one in self._troubles.values() if one), now()
        )


def _signature(file: Path | None) -> tuple[int, int, int] | None:
    """Changes whenever the file does."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


def _tick_at_once(ticks: Any) -> None:
    """The clock was set, or the machine slept: APScheduler would wait until its own time comes again, for hours where it was set
    back."""
    log.warning("the clock was set, or this machine slept: looking at what is due")
    for job in ticks.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def _tell(event: Any) -> None:
    """APScheduler would only log it where nobody looks."""
    error = getattr(event, "exception", None)
    log.error("a tick failed: %s", error if error is not None else "it came too late")
