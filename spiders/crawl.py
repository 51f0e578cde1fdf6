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
from harvester.workers.pool import Workers
from harvester.workers.process import die_with_parent
from spiders.writer import Writer

if TYPE_CHECKING:
    from harvester.model import Visit
    from harvester.settings import Settings
    from spiders.harvest import HarvestSpider

FIRST = 300  # visits asked for before Scrapy is imported
GRACE = 4.0  # seconds for what was received to be kept, when told to stop
LAST_COMMIT = 4.0  # seconds for the last transaction, then
LAG_STEP = 0.05  # seconds between two looks at how late the loop is
SLOW_MOST = (
    120.0  # seconds that a single pass goes on only for pages that are slow to read
)
TICK = 0.5  # seconds between two lines of progress


def say(error: BaseException | str) -> None:
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


def tell(event: str, **fields: object) -> None:
    """One line of standard output."""
    print(json.dumps({"event": event, **fields}, separators=(",", ":")), flush=True)  # noqa: T201


def run(settings_file: Path, outlets: Sequence[str], *, once: bool, force: bool) -> int:
    """Returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)  # until the loop runs: nothing was begun yet
    parent = os.getppid()
    die_with_parent(signal.SIGTERM)
    from harvester.settings import load

    handler = logging.StreamHandler()
    handler.setLevel(
        logging.WARNING
    )  # here, because Scrapy sets the level of its logger to DEBUG
    logging.basicConfig(
        handlers=[handler], format="%(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = load(settings_file)
        unknown = [name for name in outlets if name not in settings.outlets]
        if unknown:
            raise SettingsError(f"no outlet {unknown[0]!r} in {settings.file}")
        writer = Writer(settings)
        writer.open()
        due = writer.first(outlets, force, FIRST)
        if once and not due:
            tell("end", counts=writer.end())
            return 0
        return Crawl(settings, writer, parent).run(outlets, due, once=once, force=force)
    except HarvesterError as error:
        say(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (the rim: one line for whoever started this, and an honest exit code)
        say(error)
        return 1


def _leave(number: int, _: object) -> NoReturn:
    raise SystemExit(0)


class Crawl:
    """Scrapy's process, with our end of it: signals, a vanished parent, progress, the exit code."""

    def __init__(self, settings: Settings, writer: Writer, parent: int) -> None:
        self.settings, self.writer, self.parent = settings, writer, parent
        limits = settings.limits
        self.workers = Workers(
            settings.workers, limits.read_time, memory=limits.read_memory
        )
        self.spider: HarvestSpider | None = None
        self.problem: BaseException | None = None
        self.once = False
        self.left = 0  # pages that are left for the next run
        self._slow_since: float | None = None
        self._ending: asyncio.Task[None] | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._lags: deque[float] = deque(maxlen=20_000)

    def run(
        self, outlets: Sequence[str], due: Sequence[Visit], *, once: bool, force: bool
    ) -> int:
        """Returns the exit code."""
        from scrapy.crawler import AsyncCrawlerProcess

        from spiders.harvest import HarvestSpider, Orders
        from spiders.scrapy_settings import scrapy_settings

        self.once = once
        _many_sockets()
        process = AsyncCrawlerProcess(scrapy_settings(self.settings))
        for name in ("scrapy", "twisted", "asyncio"):
            logging.getLogger(name).setLevel(logging.ERROR)
        orders = Orders(
            self.settings,
            self.writer,
            self.workers,
            outlets,
            force,
            once,
            due,
            self.started,
            self.failed,
        )
        crawl = process.crawl(HarvestSpider, orders=orders)
        process.start(install_signal_handlers=False)
        if process.bootstrap_failed and self.problem is None:
            self.problem = (
                crawl.exception() if crawl.done() and not crawl.cancelled() else None
            ) or HarvesterError("the crawl did not start")
        return self.finish()

    def started(self, spider: HarvestSpider) -> None:
        """Called in the loop, before the first request."""
        self.spider = spider
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        self._ticking = loop.create_task(self._tick())
        self._watching = loop.create_task(self._watch())

    def failed(self, problem: BaseException) -> None:
        """The archive cannot be used any more, or our own code is wrong."""
        self.problem = self.problem or problem
        self.stop()

    def stop(self) -> None:
        """End soon, whatever Scrapy still waits for."""
        if self._ending is None and self.spider is not None:
            self.spider.stop()
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        assert self.spider is not None
        end = time.monotonic() + (0 if self.problem else GRACE)
        while self.spider.settling.count and time.monotonic() < end:
            await asyncio.sleep(0.05)
        code = self.finish(LAST_COMMIT)
        # Scrapy would wait for every open download; there is nothing more that it could do for us.
        sys.stderr.flush()
        os._exit(code)

    def finish(self, timeout: float | None = None) -> int:
        """Let go of everything, and print the counts. Returns the exit code."""
        self.workers.close()
        counts: dict[str, object] = {}
        try:
            if self.problem is None:
                counts = self.writer.end(timeout)
        except HarvesterError as error:
            self.problem = error
        except TimeoutError:
            self.problem = HarvesterError(
                f"{self.settings.archive} could not be written in time"
            )
        if self.problem is not None:
            say(self.problem)
            return (
                self.problem.exit_code
                if isinstance(self.problem, HarvesterError)
                else 1
            )
        try:
            if self.spider is not None and self.spider.network.was_lost:
                counts["offline"] = 1
            if self.left:
                counts["left"] = self.left
            tell("end", counts=counts, lag=self.lag())
        except OSError:  # nobody listens any more
            return 0
        return 0

    def leave_slow(self, pending: int, now: float) -> int:
        """How many pages are being read alone; a single pass that has nothing else to do leaves them after a while."""
        slow = self.workers.slow
        if not self.once or not slow or pending > slow:
            self._slow_since = None
        elif self._slow_since is None:
            self._slow_since = now
        elif now - self._slow_since > SLOW_MOST:
            self.left += self.workers.leave()
        return slow

    def lag(self) -> dict[str, float]:
        """How late the loop came to what was due, in seconds: nothing may hold it up."""
        lags = sorted(self._lags)
        return (
            {"p99": round(lags[int(len(lags) * 0.99)], 4), "max": round(lags[-1], 4)}
            if lags
            else {}
        )

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + LAG_STEP
            await asyncio.sleep(LAG_STEP)
            self._lags.append(max(0.0, time.monotonic() - due))

    async def _tick(self) -> None:
        """Progress, commits while little happens, and whether anybody still wants this."""
        assert self.spider is not None
        last: Any = None
        while True:
            await asyncio.sleep(TICK)
            if os.getppid() != self.parent:
                self.stop()
                return
            try:
                counts = await self.writer.counts()
                slow = self.leave_slow(self.spider.pending, time.monotonic())
                progress = (counts, self.spider.pending, slow)
                if progress != last:
                    last = progress
                    tell(
                        "progress",
                        visits=counts["visits"],
                        captures=counts["captures"],
                        waiting=self.spider.pending,
                        slow=slow,
                        counts=counts,
                    )
            except OSError:  # standard output is closed
                self.stop()
                return
            except HarvesterError as error:
                self.failed(error)
                return


def _many_sockets() -> None:
    """As many open files as the system allows without asking: a poll of many hosts needs more than 1,024."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
