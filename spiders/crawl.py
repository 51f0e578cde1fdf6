"""One crawl, from opening the archive to printing the counts.

Nothing expensive is imported while nothing is due. What is fetched is decided in
``harvest``.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from harvester.errors import HarvesterError, SettingsError
from harvester.model import Capture, Visit
from harvester.workers.pool import WorkerPool
from harvester.workers.process import die_with_parent, share_malloc_arena
from spiders.writer import ArchiveWriter

if TYPE_CHECKING:  # they import Pydantic and Scrapy
    from harvester.ingest.counts import VisitResult
    from harvester.settings import Settings
    from spiders.harvest import HarvestSpider

INITIAL_VISIT_LIMIT = 300  # visits taken from the archive before Scrapy is imported
SHUTDOWN_GRACE_SECONDS = 4.0  # for storing what was received, after a signal
FINAL_COMMIT_SECONDS = 4.0  # for the last transaction, after that
LAG_SAMPLE_SECONDS = 0.2  # between two measurements of the event loop's lag
MAX_SLOW_PAGES_SECONDS = 120.0  # that a single pass waits only for slow pages
PROGRESS_SECONDS = 0.5  # between two lines of progress
MAX_LAG_SAMPLES = 20_000
GC_THRESHOLD = 10_000  # objects; hardly one of those that a page makes is in a cycle
MIN_OPEN_FILES = 44  # the archive, workers, lookups of names, and two connections
MAX_OPEN_FILES = 10_240  # macOS refuses more (OPEN_MAX), whatever its hard limit says


def print_error(error: BaseException, archive: Path | None = None) -> None:
    """Print one line, and what to do next.

    An unexpected error is explained by a damaged value of the archive, if it has one.
    """
    if archive is not None and not isinstance(error, HarvesterError):
        from harvester.archive.integrity.values import explain_error

        error = explain_error(archive, error) or error
    message = (
        str(error)
        if isinstance(error, HarvesterError)
        else f"internal error: {type(error).__name__}: {error}"
    )
    hint = getattr(error, "hint", "")
    text = f"harvest: {message}" + (f"\n  {hint}" if hint else "")
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def print_event(event_name: str, **fields: object) -> None:
    """Print one line of JSON on standard output."""
    line = json.dumps({"event": event_name, **fields}, separators=(",", ":"))
    print(line, flush=True)  # noqa: T201


def print_visit(visit: Visit, capture: Capture, result: VisitResult) -> None:
    """Print what came of a visit to an address that a person named."""
    print_event(
        "visit",
        kind=visit.kind,
        key=visit.key,
        outlet=visit.outlet,
        url=visit.url,
        reached=capture.reached or visit.url,
        status=capture.status,
        outcome=result.outcome,
        reason=result.reason,
    )


def run(
    settings_file: Path,
    outlets: Sequence[str],
    *,
    once: bool,
    force: bool,
    fresh: bool = False,
    addresses: Sequence[tuple[str, str]] = (),
    backfills: Sequence[str] = (),
) -> int:
    """Run a crawl; returns the exit code.

    ``addresses``: (outlet, URL) of what is visited, and nothing else. ``backfills``:
    outlets whose backfills are gone on with, until they have nothing to do; without
    them, a single pass makes no visits of backfills, and a continuous crawl those of all.
    """
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        # Until the event loop handles them: nothing was begun yet.
        signal.signal(signal_number, _exit_on_signal)
    parent_pid = os.getppid()
    die_with_parent(signal.SIGTERM)
    share_malloc_arena()
    gc.disable()  # until all is imported: what that makes stays
    handler = logging.StreamHandler()
    # Not on the logger, because Scrapy sets the level of its own to DEBUG.
    handler.setLevel(logging.WARNING)
    logging.basicConfig(
        handlers=[handler], format="%(levelname)s %(name)s: %(message)s"
    )
    archive = None
    try:
        _raise_open_file_limit()
        settings = _get_settings(settings_file)
        archive = settings.archive
        for name in (*outlets, *backfills, *(outlet for outlet, _ in addresses)):
            if name not in settings.outlets:
                raise SettingsError(f"no outlet {name!r} in {settings.file}")
        writer = ArchiveWriter(settings, backfills or (() if once else None))
        writer.open()
        if addresses:
            due_visits = writer.visits_at(addresses)
            once = force = True
        else:
            due_visits = writer.first_due_visits(outlets, force, INITIAL_VISIT_LIMIT)
        if (once or backfills) and not due_visits:
            print_event("end", counts=writer.finish())
            return 0
        crawl = Crawl(settings, writer, parent_pid)
        return crawl.run(
            outlets,
            due_visits,
            once=once,
            force=force,
            fresh=fresh,
            first_only=bool(addresses),
            backfills=backfills,
        )
    except HarvesterError as error:
        print_error(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (boundary of the process)
        print_error(error, archive)
        return 1


def fetch(settings_file: Path, max_requests: int) -> int:
    """Fetch the URLs on standard input (see ``fetch``); returns the exit code."""
    die_with_parent(signal.SIGTERM)
    try:
        settings = _get_settings(settings_file)
        from spiders import fetch as fetcher

        return fetcher.run(settings, max_requests, sys.stdin.buffer)
    except HarvesterError as error:
        print_error(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (boundary of the process)
        print_error(error)
        return 1


def _get_settings(file: Path) -> Settings:
    if str(file) == "-":
        from harvester.settings.handover import receive_settings

        return receive_settings(sys.stdin.buffer)
    from harvester.settings import load_settings

    return load_settings(file)


def _exit_on_signal(signal_number: int, _: object) -> NoReturn:
    raise SystemExit(0)


class Crawl:
    """Runs Scrapy's process; handles signals, progress, and a parent that ends."""

    def __init__(
        self, settings: Settings, writer: ArchiveWriter, parent_pid: int
    ) -> None:
        self.settings, self.writer, self.parent_pid = settings, writer, parent_pid
        limits = settings.limits
        self.workers = WorkerPool(
            settings.workers, limits.read_time, memory=limits.read_memory
        )
        self.spider: HarvestSpider | None = None
        self.error: BaseException | None = None
        self.once = False
        self.postponed_pages = 0  # pages left for the next run
        self._slow_since: float | None = None
        self._shutdown_task: asyncio.Task[None] | None = None
        self._progress_task: asyncio.Task[None] | None = None
        self._lag_task: asyncio.Task[None] | None = None
        self._lag_samples: deque[float] = deque(maxlen=MAX_LAG_SAMPLES)
        self._start_cost = 0.0  # processor seconds until the first request

    def run(
        self,
        outlets: Sequence[str],
        due_visits: Sequence[Visit],
        *,
        once: bool,
        force: bool,
        fresh: bool,
        first_only: bool,
        backfills: Sequence[str] = (),
    ) -> int:
        """Crawl until nothing is due; returns the exit code.

        ``first_only``: make ``due_visits`` alone, and print what came of each.
        """
        from scrapy.crawler import AsyncCrawlerProcess

        from spiders.harvest import CrawlContext, HarvestSpider
        from spiders.scrapy_settings import scrapy_settings

        self.once = once
        open_files = _raise_open_file_limit()
        process = AsyncCrawlerProcess(scrapy_settings(self.settings, open_files))
        for name in ("scrapy", "twisted", "asyncio"):
            logging.getLogger(name).setLevel(logging.ERROR)
        context = CrawlContext(
            self.settings,
            self.writer,
            self.workers,
            outlets,
            force,
            fresh,
            once,
            due_visits,
            self.on_started,
            self.on_failed,
            print_visit if first_only else None,
            backfills,
        )
        crawl = process.crawl(HarvestSpider, context=context)
        process.start(install_signal_handlers=False)
        if process.bootstrap_failed and self.error is None:
            if crawl.done() and not crawl.cancelled():
                self.error = crawl.exception()
            self.error = self.error or HarvesterError("the crawl did not start")
        return self.finish()

    def on_started(self, spider: HarvestSpider) -> None:
        """The spider's callback, in the event loop, before the first request."""
        self.spider = spider
        gc.collect()
        gc.freeze()  # modules and their functions, hundreds of thousands of objects
        gc.set_threshold(GC_THRESHOLD)
        gc.enable()
        self._start_cost = time.process_time()
        loop = asyncio.get_running_loop()
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signal_number, self.stop)
        self._progress_task = loop.create_task(self._report_progress())
        self._lag_task = loop.create_task(self._measure_lag())

    def on_failed(self, error: BaseException) -> None:
        """The spider's callback: the archive cannot be used, or our code is wrong."""
        self.error = self.error or error
        self.stop()

    def stop(self) -> None:
        """End soon, whatever Scrapy still waits for."""
        if self._shutdown_task is None and self.spider is not None:
            self.spider.stop()
            self._shutdown_task = asyncio.get_running_loop().create_task(
                self._shut_down()
            )

    async def _shut_down(self) -> None:
        assert self.spider is not None
        end = time.monotonic() + (0 if self.error else SHUTDOWN_GRACE_SECONDS)
        while self.spider.pipeline.in_progress_count and time.monotonic() < end:
            await asyncio.sleep(0.05)
        exit_code = self.finish(FINAL_COMMIT_SECONDS)
        # Scrapy would wait for every open download, and they are of no use any more.
        sys.stderr.flush()
        os._exit(exit_code)

    def finish(self, timeout: float | None = None) -> int:
        """Stop workers, close the archive, print counts. Returns the exit code."""
        self.workers.close()
        counts: dict[str, object] = {}
        try:
            if self.error is None:
                counts = self.writer.finish(timeout)
        except HarvesterError as error:
            self.error = error
        except TimeoutError:
            self.error = HarvesterError(
                f"{self.settings.archive} could not be written in time"
            )
        if self.error is not None:
            print_error(self.error, self.settings.archive)
            return self.error.exit_code if isinstance(self.error, HarvesterError) else 1
        try:
            if self.spider is not None and self.spider.network.was_offline:
                counts["offline"] = 1
            if self.postponed_pages:
                counts["left"] = self.postponed_pages
            start = round(self._start_cost, 3)
            print_event("end", counts=counts, lag=self.lag_summary(), start=start)
        except OSError:  # standard output is closed: nobody reads it
            return 0
        return 0

    def postpone_slow_pages(self, pending_count: int, now: float) -> int:
        """How many pages are read alone, in the slow lane.

        A single pass that has nothing else to do leaves them for the next run after
        ``MAX_SLOW_PAGES_SECONDS``.
        """
        slow_count = self.workers.slow_count
        if not self.once or not slow_count or pending_count > slow_count:
            self._slow_since = None
        elif self._slow_since is None:
            self._slow_since = now
        elif now - self._slow_since > MAX_SLOW_PAGES_SECONDS:
            self.postponed_pages += self.workers.abandon_slow_pages()
        return slow_count

    def lag_summary(self) -> dict[str, float]:
        """Lag of the event loop in seconds: nothing may block it."""
        lags = sorted(self._lag_samples)
        if not lags:
            return {}
        return {"p99": round(lags[int(len(lags) * 0.99)], 4), "max": round(lags[-1], 4)}

    async def _measure_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_SAMPLE_SECONDS
            await asyncio.sleep(LAG_SAMPLE_SECONDS)
            self._lag_samples.append(max(0.0, time.monotonic() - due))

    async def _report_progress(self) -> None:
        """Print progress, commit while little is written, and stop with the parent."""
        assert self.spider is not None
        last_progress: Any = None
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            if os.getppid() != self.parent_pid:
                self.stop()
                return
            try:
                counts = await self.writer.get_counts()
                pending_count = self.spider.pending_count
                slow_count = self.postpone_slow_pages(pending_count, time.monotonic())
                progress = (counts, self.spider.pending_count, slow_count)
                if progress != last_progress:
                    last_progress = progress
                    print_event(
                        "progress",
                        visits=counts["visits"],
                        captures=counts["captures"],
                        waiting=self.spider.pending_count,
                        slow=slow_count,
                        counts=counts,
                    )
            except OSError:  # standard output is closed
                self.stop()
                return
            except HarvesterError as error:
                self.on_failed(error)
                return


def _raise_open_file_limit() -> int:
    """Allow as many open files as a crawl can use; returns how many are allowed.

    Raises HarvesterError where they are too few to fetch and read anything.
    """
    allowed = _allow_open_files()
    if allowed < MIN_OPEN_FILES:
        raise HarvesterError(
            f"only {allowed} files may be open at once, and a crawl needs "
            f"{MIN_OPEN_FILES}",
            "raise the limit: `ulimit -n`, or LimitNOFILE of a service",
        )
    return allowed


def _allow_open_files() -> int:
    import resource

    soft_limit, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES
    if hard_limit != resource.RLIM_INFINITY:
        wanted = min(wanted, hard_limit)
    if soft_limit == resource.RLIM_INFINITY or soft_limit >= wanted:
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard_limit))
    except (ValueError, OSError):
        return soft_limit
    return wanted
