"""The spider: sends what is due, and hands on what comes back.

It asks the archive again as long as something is due, so that what a feed announces is
fetched in the same crawl. How a request is sent is in ``middlewares`` and
``download_handler``; what a response means, in ``harvester.ingest``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from twisted.python.failure import Failure

from harvester.identity.urls import retry_after_scope
from harvester.ingest.counts import VisitResult
from harvester.ingest.offline import RETRY_SECONDS
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import add_seconds
from harvester.settings import Settings
from harvester.workers.pool import WorkerPool
from spiders.address_guard import parse_ip_literal
from spiders.connection_errors import classify_network_error, refused_address
from spiders.network import MIN_FAILING_OUTLETS, NetworkMonitor
from spiders.pipeline import ResponsePipeline
from spiders.politeness import Politeness
from spiders.queue import VisitQueue
from spiders.request_context import get_context
from spiders.requests import request_for_visit
from spiders.responses import (
    NotFetchedError,
    capture_from_failure,
    capture_from_response,
)
from spiders.system_clock import utc_now_iso
from spiders.writer import ArchiveWriter

# Visits are small records; requests are made of them when their turn comes.
MAX_VISITS_IN_MEMORY = 3_000
REFILL_THRESHOLD = 2_000  # with fewer visits in memory, the archive is asked for more
# The archive is asked again after so many finished visits (or a quarter of the pending
# ones, if that is more), or after the longer interval if at least one is finished.
MIN_FINISHED_VISITS = 25
MIN_REFILL_INTERVAL_SECONDS = 0.25
MAX_REFILL_INTERVAL_SECONDS = 2.0
VISITS_PER_TURN = 200  # that are queued before the event loop goes on
ROUND_SECONDS = 15.0  # after which a continuous crawl begins a new round
IDLE_POLL_SECONDS = 5.0  # how often the archive is asked while nothing is due
MAX_IDLE_SECONDS = 60.0  # without anything due, a continuous crawl ends
MAX_CRAWL_SECONDS = 3_600.0  # then it ends anyway: a fresh process has no leaks
CROSS_OUTLET_RETRY_SECONDS = 3_600.0
REASON_CROSS_OUTLET_REDIRECTS = (
    "too many URLs of this outlet redirect to the site of another outlet"
)


def _strip_scheme(url: str) -> str:
    """A URL without its scheme: http and https are one."""
    return url.partition("://")[2]


class SilentLogFormatter(LogFormatter):
    """Logs no line per response: outcomes are in the archive."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> Any:
        return None


@dataclass(frozen=True, slots=True)
class CrawlContext:
    """What a crawl is started with, and what it reports to."""

    harvest_settings: Settings
    writer: ArchiveWriter
    workers: WorkerPool
    outlets: Sequence[str]
    force: bool  # everything is fetched, due or not
    fresh: bool  # no request is conditional
    once: bool
    first_visits: Sequence[Visit]
    on_started: Callable[[HarvestSpider], None]  # called before the first request
    on_failed: Callable[[BaseException], None]  # called when the crawl cannot go on
    # Called for each visit, if only ``first_visits`` are made.
    on_visited: Callable[[Visit, Capture, VisitResult], None] | None = None
    # Outlets whose backfills alone go on; the crawl ends when they have nothing to do.
    backfills: Sequence[str] = ()


class HarvestSpider(Spider):
    """Sends visits as requests, and gives their responses to the pipeline."""

    name = "harvest"

    def __init__(self, context: CrawlContext) -> None:
        super().__init__()
        self.context = context
        self.harvest_settings = context.harvest_settings
        self.writer, self.workers = context.writer, context.workers
        self.on_failed = context.on_failed
        self.force = context.force
        self.politeness = Politeness(self.harvest_settings)
        self.visit_queue = VisitQueue(
            self.politeness,
            lambda visit: self.politeness.is_own_site(visit.site, visit.outlet),
        )
        self.stopping = False
        self.pending_count = 0  # visits handed out by the archive and not finished
        self._requested_urls: set[str] = set()  # in this round
        self._wake_event = asyncio.Event()
        self._feed_changed = False
        self._finished_count = 0
        self._last_refill_at = 0.0
        self._idle_since: float | None = None
        self._round_started_at = time.monotonic()
        self._deadline = time.monotonic() + MAX_CRAWL_SECONDS
        self._deadline_passed = False
        outlets = context.outlets or self.harvest_settings.outlets
        self.network = NetworkMonitor(min(MIN_FAILING_OUTLETS, len(outlets)))
        self.pipeline = ResponsePipeline(self)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_bytes_received, signals.bytes_received)
        return spider

    def on_bytes_received(self, data: bytes, request: Request) -> None:
        """Scrapy's signal: of some responses only the beginning is downloaded."""
        context = get_context(request)
        if context.max_received_bytes:
            context.received_bytes += len(data)
            if context.received_bytes >= context.max_received_bytes:
                raise StopDownload(fail=False)

    # ---- sending

    async def start(self) -> AsyncIterator[Request]:
        try:
            self.politeness.attach(self.crawler.engine.downloader)
            for site, (until, reason) in (await self.writer.get_holds()).items():
                self.politeness.hold(site, until, reason)
            for site, limit in (await self.writer.get_unstated_limits()).items():
                self.politeness.remember_unstated_limit(site, *limit)
            self.context.on_started(self)
            await self._enqueue_visits(self.context.first_visits)
            while not self.stopping:
                visit = self.visit_queue.take(time.monotonic())
                if visit is not None:
                    if self.context.fresh:
                        visit = replace(visit, etag="", last_modified="")
                    request = request_for_visit(self.harvest_settings, visit)
                    request.callback = self.on_response
                    request.errback = self.on_failure
                    yield request
                    continue
                if not self.pending_count and not await self._should_continue():
                    return
                await self._wait_for_work()
        except Exception as error:  # noqa: BLE001 (else Scrapy exits with 0)
            self.on_failed(error)

    async def _wait_for_work(self) -> None:
        """Wait for a site's turn, for a finished visit, or to ask the archive again."""
        now = time.monotonic()
        self._wake_event.clear()
        waits = [self.visit_queue.seconds_until_next_turn(now)]
        if not self.pending_count:
            waits.append(IDLE_POLL_SECONDS)
        elif (
            self.pending_count < REFILL_THRESHOLD
            and self._finished_count
            and now < self._deadline
        ):
            seconds = self._seconds_until_refill(now)
            if seconds <= 0:
                await self._refill()
                return
            waits.append(seconds)
        elif now >= self._deadline and not self._deadline_passed:
            self._deadline_passed = True
            self.drain()
        try:
            async with asyncio.timeout(
                min((wait for wait in waits if wait is not None), default=None)
            ):
                await self._wake_event.wait()
        except TimeoutError:
            pass

    def _seconds_until_refill(self, now: float) -> float:
        is_worthwhile = self._feed_changed or self._finished_count >= max(
            MIN_FINISHED_VISITS, self.pending_count // 4
        )
        interval = (
            MIN_REFILL_INTERVAL_SECONDS
            if is_worthwhile
            else MAX_REFILL_INTERVAL_SECONDS
        )
        return self._last_refill_at + interval - now

    async def _should_continue(self) -> bool:
        """Nothing is pending: whether to go on."""
        if self._deadline_passed:
            return False
        if await self._refill():
            self._idle_since = None
            return True
        if self.context.once or self.stopping:
            return False
        self.force = False
        next_due = await self.writer.start_round()
        if self.context.backfills:
            due = await self.writer.next_backfill_due()
            return due is not None and due <= utc_now_iso()
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        return (
            bool(next_due and next_due <= utc_now_iso())
            or now - self._idle_since < MAX_IDLE_SECONDS
        )

    async def _refill(self) -> int:
        """Queue what is due. Returns the number of visits."""
        now = time.monotonic()
        self._feed_changed, self._finished_count, self._last_refill_at = False, 0, now
        if self.context.on_visited is not None:
            return 0
        if not self.context.once and now - self._round_started_at > ROUND_SECONDS:
            self._round_started_at = now
            await self.writer.start_round()
        while not self.stopping:
            visits = await self.writer.due_visits(
                self.context.outlets,
                self.force,
                MAX_VISITS_IN_MEMORY - self.pending_count,
            )
            queued_count = await self._enqueue_visits(visits)
            if queued_count or not visits:
                return queued_count
        return 0

    async def _enqueue_visits(self, visits: Sequence[Visit]) -> int:
        """Queue visits, each URL at most once per round. Returns how many."""
        queued_count, duplicates, now = 0, [], time.monotonic()
        for number, visit in enumerate(visits, 1):
            if number % VISITS_PER_TURN == 0:
                await asyncio.sleep(0)  # thousands would hold up responses
            url = _strip_scheme(visit.url)
            if url in self._requested_urls:
                # Another entry of the same article: finished with the first, or due
                # again later.
                duplicates.append(visit)
                continue
            self._requested_urls.add(url)
            self.politeness.register_site(visit.site, visit.outlet)
            self.visit_queue.add(visit, now)
            self.pending_count += 1
            queued_count += 1
        if duplicates:
            await self.writer.put_back(duplicates)
        return queued_count

    def check_before_send(self, request: Request) -> None:
        """Raise NotFetchedError where a request must not be sent any more."""
        if self.stopping:
            raise NotFetchedError(Outcome.WAITING, "the crawl was stopped")
        if self.network.is_offline(time.monotonic()) and not parse_ip_literal(
            urlsplit(request.url).hostname or ""
        ):
            raise NotFetchedError(
                Outcome.WAITING,
                self.network.offline_reason,
                add_seconds(utc_now_iso(), RETRY_SECONDS),
            )
        hold = self.politeness.get_hold(retry_after_scope(request.url))
        if hold:
            until, reason = hold
            raise NotFetchedError(
                Outcome.WAITING, f"rate-limited until {until} ({reason})", until
            )

    async def download(self, request: Request) -> Response:
        """Send a request that is part of a visit, such as one for robots.txt."""
        engine = self.crawler.engine
        assert engine is not None
        return await engine.download_async(request)

    async def wait_for_cross_outlet_turn(self, site: str, outlet: str) -> None:
        """Wait before a redirect to the site of another outlet, so as to spare it."""
        if self.politeness.is_own_site(
            site, outlet
        ) or not self.politeness.belongs_to_any_outlet(site):
            return
        seconds = self.politeness.reserve_cross_outlet_turn(
            site, time.monotonic(), self.harvest_settings.limits.answer_time
        )
        if seconds is None:
            raise NotFetchedError(
                Outcome.WAITING,
                REASON_CROSS_OUTLET_REDIRECTS,
                add_seconds(utc_now_iso(), CROSS_OUTLET_RETRY_SECONDS),
            )
        await asyncio.sleep(seconds)

    def is_insecure(self, request: Request) -> bool:
        """Whether this host's certificate is not verified."""
        return self.politeness.is_insecure(
            request.meta["download_slot"], get_context(request).outlet
        )

    # ---- receiving

    async def on_response(self, response: Response) -> None:
        """Scrapy's callback: a response, whatever its status."""
        request = response.request
        assert request is not None
        visit = _visit_of(request)
        self.network.record_response(response.ip_address, time.monotonic())
        capture = capture_from_response(response, request, visit.url, utc_now_iso())
        self.pipeline.process(visit, request, capture)

    async def on_failure(self, failure: Failure) -> None:
        """Scrapy's errback: no response, or an unwanted one."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit = _visit_of(request)
        error = failure.value
        if not isinstance(error, Exception):
            error = RuntimeError(type(error).__name__)
        capture = capture_from_failure(
            classify_network_error(self.network, error, request),
            request,
            visit,
            utc_now_iso(),
            refused_address(request.url),
        )
        self.pipeline.process(visit, request, capture, error)

    def on_capture_stored(
        self, visit: Visit, capture: Capture, result: VisitResult
    ) -> None:
        """The pipeline's callback: a response is in the archive."""
        if self.context.on_visited is not None:
            self.context.on_visited(visit, capture, result)
        if capture.redirects and self.context.once:
            self._requested_urls.add(_strip_scheme(capture.reached))
        if visit.reads_feed and result.outcome is Outcome.CHANGED:
            self._feed_changed = True

    def on_visit_finished(self, visit: Visit) -> None:
        """The pipeline's callback: nothing is left to do for a visit."""
        self.pending_count -= 1
        self._finished_count += 1
        if not self.context.once:
            self._requested_urls.discard(_strip_scheme(visit.url))
        self.wake()

    def wake(self) -> None:
        """Look now whether there is something to do."""
        self._wake_event.set()

    # ---- stopping

    def drain(self) -> None:
        """Send no more visits; what is in flight is finished."""
        self.pending_count -= sum(1 for _ in self.visit_queue.drain())

    def stop(self) -> None:
        """Send nothing more, and process no more responses."""
        self.stopping = True
        self.drain()
        self.wake()


def _visit_of(request: Request) -> Visit:
    visit = get_context(request).visit
    assert visit is not None
    return visit
