"""One crawl, from the archive opened to the counts printed: what surrounds Scrapy's process.

Nothing costly is imported while nothing is due. Not for: what is visited (``harvest``).
"""

from __future__ import annotations

import asyncio
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
from harvester.workers.pool import WorkerPool
from harvester.workers.process import die_with_parent
from spiders.writer import ArchiveWriter

if TYPE_CHECKING:
    from harvester.model import Visit
    from harvester.settings import Settings
    from spiders.harvest import HarvestSpider

INITIAL_VISIT_LIMIT = 300  # visits asked for before Scrapy is imported
SHUTDOWN_GRACE_SECONDS = (
    4.0  # seconds for what was received to be kept, when told to stop
)
FINAL_COMMIT_SECONDS = 4.0  # seconds for the last transaction, then
LAG_SAMPLE_SECONDS = 0.05  # seconds between two looks at how late the loop is
MAX_SLOW_PAGES_SECONDS = (
    120.0  # seconds that a single pass goes on only for pages that are slow to read
)
PROGRESS_SECONDS = 0.5  # seconds between two lines of progress


def print_error(error: BaseException | str) -> None:
    """One line (and what to do next) for a person."""
    hint = getattr(error, "hint", "")
    ours = isinstance(error, HarvesterError | str)
    text = (
        str(error)
        if ours
        else f"a fault of this program: {type(error).__name__}: {error}"
    )
    print(
        f"harvest: {text}" + (f"\n  {hint}" if hint else ""),
        file=sys.stderr,
        flush=True,
    )  # noqa: T201


def print_event(event_name: str, **fields: object) -> None:
    """One line of standard output."""
    print(
        json.dumps({"event": event_name, **fields}, separators=(",", ":")), flush=True
    )  # noqa: T201


def run(settings_file: Path, outlets: Sequence[str], *, once: bool, force: bool) -> int:
    """Returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, _exit_on_signal
        )  # until the loop runs: nothing was begun yet
    parent = os.getppid()
    die_with_parent(signal.SIGTERM)
    from harvester.settings import load_settings

    handler = logging.StreamHandler()
    handler.setLevel(
        logging.WARNING
    )  # here, because Scrapy sets the level of its logger to DEBUG
    logging.basicConfig(
        handlers=[handler], format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = load_settings(settings_file)
        unknown = [name for name in outlets if name not in settings.outlets]
        if unknown:
            raise SettingsError(f"no outlet {unknown[0]!r} in {settings.file}")
        writer = ArchiveWriter(settings)
        writer.open()
        due = writer.first_due_visits(outlets, force, INITIAL_VISIT_LIMIT)
        if once and not due:
            print_event("end", counts=writer.finish())
            return 0
        return Crawl(settings, writer, parent).run(outlets, due, once=once, force=force)
    except HarvesterError as error:
        print_error(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the rim: one line for whoever started this, and an honest exit code)
        print_error(error)
        return 1


def _exit_on_signal(signal_number: int, _: object) -> NoReturn:
    raise SystemExit(0)


class Crawl:
    """Scrapy's process, with our end of it: signals, a vanished parent, progress, the exit code."""

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
        self.postponed_pages = 0  # pages that are left for the next run
        self._slow_since: float | None = None
        self._shutdown_task: asyncio.Task[None] | None = None
        self._progress_task: asyncio.Task[None] | None = None
        self._lag_task: asyncio.Task[None] | None = None
        self._lag_samples: deque[float] = deque(maxlen=20_000)

    def run(
        self,
        outlets: Sequence[str],
        due_visits: Sequence[Visit],
        *,
        once: bool,
        force: bool,
    ) -> int:
        """Returns the exit code."""
        from scrapy.crawler import AsyncCrawlerProcess

        from spiders.harvest import CrawlContext, HarvestSpider
        from spiders.scrapy_settings import scrapy_settings

        self.once = once
        _raise_open_file_limit()
        process = AsyncCrawlerProcess(scrapy_settings(self.settings))
        for name in ("scrapy", "twisted", "asyncio"):
            logging.getLogger(name).setLevel(logging.ERROR)
        context = CrawlContext(
            self.settings,
            self.writer,
            self.workers,
            outlets,
            force,
            once,
            due_visits,
            self.on_started,
            self.on_failed,
        )
        crawl = process.crawl(HarvestSpider, context=context)
        process.start(install_signal_handlers=False)
        if process.bootstrap_failed and self.error is None:
            self.error = (
                crawl.exception() if crawl.done() and not crawl.cancelled() else None
            ) or HarvesterError("the crawl did not start")
        return self.finish()

    def on_started(self, spider: HarvestSpider) -> None:
        """Called in the loop, before the first request."""
        self.spider = spider
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self._progress_task = loop.create_task(self._report_progress())
        self._lag_task = loop.create_task(self._measure_lag())

    def on_failed(self, error: BaseException) -> None:
        """The archive cannot be used any more, or our own code is wrong."""
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
        code = self.finish(FINAL_COMMIT_SECONDS)
        # Scrapy would wait for every open download; there is nothing more that it could do for us.
        sys.stderr.flush()
        os._exit(code)

    def finish(self, timeout: float | None = None) -> int:
        """Let go of everything, and print the counts. Returns the exit code."""
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
            print_error(self.error)
            return self.error.exit_code if isinstance(self.error, HarvesterError) else 1
        try:
            if self.spider is not None and self.spider.network.was_offline:
                counts["offline"] = 1
            if self.postponed_pages:
                counts["left"] = self.postponed_pages
            print_event("end", counts=counts, lag=self.lag_summary())
        except OSError:  # nobody listens any more
            return 0
        return 0

    def postpone_slow_pages(self, pending_count: int, now: float) -> int:
        """How many pages are being read alone; a single pass that has nothing else to do leaves them after a while."""
        slow = self.workers.slow_count
        if not self.once or not slow or pending_count > slow:
            self._slow_since = None
        elif self._slow_since is None:
            self._slow_since = now
        elif now - self._slow_since > MAX_SLOW_PAGES_SECONDS:
            self.postponed_pages += self.workers.abandon_slow_pages()
        return slow

    def lag_summary(self) -> dict[str, float]:
        """How late the loop came to what was due, in seconds: nothing may hold it up."""
        lags = sorted(self._lag_samples)
        return (
            {"p99": round(lags[int(len(lags) * 0.99)], 4), "max": round(lags[-1], 4)}
            if lags
            else {}
        )

    async def _measure_lag(self) -> None:
        while True:
            due = time.monotonic() + LAG_SAMPLE_SECONDS
            await asyncio.sleep(LAG_SAMPLE_SECONDS)
            self._lag_samples.append(max(0.0, time.monotonic() - due))

    async def _report_progress(self) -> None:
        """Progress, commits while little happens, and whether anybody still wants this."""
        assert self.spider is not None
        last: Any = None
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            if os.getppid() != self.parent_pid:
                self.stop()
                return
            try:
                counts = await self.writer.get_counts()
                slow = self.postpone_slow_pages(
                    self.spider.pending_count, time.monotonic()
                )
                progress = (counts, self.spider.pending_count, slow)
                if progress != last:
                    last = progress
                    print_event(
                        "progress",
                        visits=counts["visits"],
                        captures=counts["captures"],
                        waiting=self.spider.pending_count,
                        slow=slow,
                        counts=counts,
                    )
            except OSError:  # standard output is closed
                self.stop()
                return
            except HarvesterError as error:
                self.on_failed(error)
                return


def _raise_open_file_limit() -> None:
    """As many open files as the system allows without asking: a poll of many hosts needs more than 1,024."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
