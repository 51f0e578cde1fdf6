"""The spider: what is due goes out, what comes back goes to the keeper, and is read by workers on the way.

It asks the archive again as long as something is due, so that what a feed announces is fetched in the same crawl.
Not for: how a request is sent (``middlewares``, ``handler``), nor for what an answer means (``harvester.ingest``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import StopDownload
from scrapy.logformatter import LogFormatter
from twisted.python.failure import Failure

from harvester.identity.urls import retry_after_scope
from harvester.ingest.offline import RETRY_SECONDS
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import add_seconds
from spiders.address_guard import parse_ip_literal
from spiders.connection_errors import classify_network_error, refused_address
from spiders.network import MIN_FAILING_OUTLETS, NetworkMonitor
from spiders.pipeline import ResponsePipeline
from spiders.politeness import Politeness, utc_now_iso
from spiders.queue import VisitQueue
from spiders.requests import request_for_visit
from spiders.responses import (
    NotFetchedError,
    capture_from_failure,
    capture_from_response,
)
from spiders.robots import RobotsPolicies

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from harvester.settings import Settings
    from harvester.workers.pool import WorkerPool
    from spiders.writer import ArchiveWriter

MAX_VISITS_IN_MEMORY = 3_000  # visits in memory at once: small records; requests are made of them when their turn comes
REFILL_THRESHOLD = 2_000  # below, more are asked for
MIN_FINISHED_VISITS = 25  # visits to be settled, and a quarter of those waiting, before it is worth asking again …
MAX_REFILL_INTERVAL_SECONDS = 2.0  # … or one, after so many seconds
MIN_REFILL_INTERVAL_SECONDS = 0.25  # seconds between two questions to the archive
ROUND_SECONDS = (
    15.0  # seconds after which a crawl that waits for more begins a new round
)
IDLE_POLL_SECONDS = 5.0  # the same while nothing is due
MAX_IDLE_SECONDS = (
    60.0  # seconds without anything due, after which a crawl that waits for more ends
)
MAX_CRAWL_SECONDS = 3_600.0  # seconds after which it ends in any case: a fresh process is as good as it was on the first day
REASON_CROSS_OUTLET_REDIRECTS = (
    "too many addresses of this outlet redirect to the site of another one"
)
CROSS_OUTLET_RETRY_SECONDS = 3_600.0  # seconds until they are asked again


def _strip_scheme(url: str) -> str:
    """An address without scheme: http and https are one."""
    return url.partition("://")[2]


class SilentLogFormatter(LogFormatter):
    """No line a response: outcomes are in the archive."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> Any:
        return None


@dataclass(slots=True)
class CrawlContext:
    """What this crawl was started with, and what it reports to."""

    harvest_settings: Settings
    writer: ArchiveWriter
    workers: WorkerPool
    outlets: Sequence[str]
    force: bool
    once: bool
    first_visits: Sequence[Visit]
    on_started: Callable[[HarvestSpider], None]  # called when it runs
    on_failed: Callable[
        [BaseException], None
    ]  # called when the archive cannot be used any more


class HarvestSpider(Spider):
    """See the module."""

    name = "harvest"

    robots: RobotsPolicies

    def __init__(self, context: CrawlContext) -> None:
        super().__init__()
        self.context = context
        self.harvest_settings, self.writer, self.workers = (
            context.harvest_settings,
            context.writer,
            context.workers,
        )
        self.force = context.force
        self.politeness = Politeness(self.harvest_settings)
        self.visit_queue = VisitQueue(
            self.politeness,
            lambda visit: self.politeness.is_own_site(visit.site, visit.outlet),
        )
        self.stopping = False
        self.pending_count = 0  # visits handed out by the archive and not settled
        self._requested_urls: set[str] = set()  # addresses asked in this round
        self._wake_event = asyncio.Event()
        self._feed_changed = False
        self._finished_count = 0
        self._last_refill_at = 0.0
        self._idle_since: float | None = None
        self._round_started_at = time.monotonic()
        self._deadline = time.monotonic() + MAX_CRAWL_SECONDS
        self._deadline_passed = False
        self.network = NetworkMonitor(
            min(
                MIN_FAILING_OUTLETS,
                len(context.outlets or self.harvest_settings.outlets),
            )
        )
        self.pipeline = ResponsePipeline(
            self
        )  # of those pending, the ones with an answer

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.robots = RobotsPolicies(crawler, spider)
        crawler.signals.connect(spider.on_bytes_received, signals.bytes_received)
        return spider

    def on_bytes_received(self, data: bytes, request: Request) -> None:
        """Scrapy's signal: more is not wanted of some answers than their beginning."""
        most = request.meta.get("first_bytes")
        if most:
            request.meta["received"] = request.meta.get("received", 0) + len(data)
            if request.meta["received"] >= most:
                raise StopDownload(fail=False)

    # ---- what goes out

    async def start(self) -> AsyncIterator[Request]:
        try:
            self.politeness.attach(self.crawler.engine.downloader)
            for name, (until, reason) in (await self.writer.get_holds()).items():
                self.politeness.hold(name, until, reason)
            self.context.on_started(self)
            await self._enqueue_visits(self.context.first_visits)
            while not self.stopping:
                visit = self.visit_queue.take(time.monotonic())
                if visit is not None:
                    request = request_for_visit(self.harvest_settings, visit)
                    request.callback, request.errback = (
                        self.on_response,
                        self.on_failure,
                    )
                    yield request
                    continue
                if not self.pending_count and not await self._should_continue():
                    return
                await self._wait_for_work()
        except Exception as problem:  # noqa: BLE001 (the rim: Scrapy would log it, and end as if all were well)
            self.context.on_failed(problem)

    async def _wait_for_work(self) -> None:
        """Until a site's turn comes, a visit was settled, or it is worth asking the archive again."""
        now = time.monotonic()
        self._wake_event.clear()
        pauses = [self.visit_queue.seconds_until_next_turn(now)]
        if not self.pending_count:
            pauses.append(IDLE_POLL_SECONDS)
        elif (
            self.pending_count < REFILL_THRESHOLD
            and self._finished_count
            and now < self._deadline
        ):
            enough = self._feed_changed or self._finished_count >= max(
                MIN_FINISHED_VISITS, self.pending_count // 4
            )
            pauses.append(
                self._last_refill_at
                + (
                    MIN_REFILL_INTERVAL_SECONDS
                    if enough
                    else MAX_REFILL_INTERVAL_SECONDS
                )
                - now
            )
            if pauses[-1] is not None and pauses[-1] <= 0:
                await self._refill()
                return
        elif now >= self._deadline and not self._deadline_passed:
            self._deadline_passed = True
            self.drain()
        try:
            async with asyncio.timeout(
                min((one for one in pauses if one is not None), default=None)
            ):
                await self._wake_event.wait()
        except TimeoutError:
            pass

    async def _should_continue(self) -> bool:
        """Nothing is under way: whether to go on."""
        if self._deadline_passed:
            return False
        if await self._refill():
            self._idle_since = None
            return True
        if self.context.once or self.stopping:
            return False
        self.force = False
        due = await self.writer.start_round()
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        return (
            bool(due and due <= utc_now_iso())
            or now - self._idle_since < MAX_IDLE_SECONDS
        )

    async def _refill(self) -> int:
        """Take in what is due. Returns how many visits that were."""
        now = time.monotonic()
        self._feed_changed, self._finished_count, self._last_refill_at = False, 0, now
        if not self.context.once and now - self._round_started_at > ROUND_SECONDS:
            self._round_started_at = now
            await self.writer.start_round()
        while not self.stopping:
            found = await self.writer.due_visits(
                self.context.outlets,
                self.force,
                MAX_VISITS_IN_MEMORY - self.pending_count,
            )
            taken = await self._enqueue_visits(found)
            if taken or not found:
                return taken
        return 0

    async def _enqueue_visits(self, visits: Sequence[Visit]) -> int:
        """Queue visits, each address at most once in a pass. Returns how many."""
        taken, twice, now = 0, [], time.monotonic()
        for visit in visits:
            place = _strip_scheme(visit.url)
            if (
                place in self._requested_urls
            ):  # another entry of one article: settled with the first, or due again later
                twice.append(visit)
                continue
            self._requested_urls.add(place)
            self.politeness.register_site(visit.site, visit.outlet)
            self.visit_queue.add(visit, now)
            self.pending_count += 1
            taken += 1
        if twice:
            await self.writer.put_back(twice)
        return taken

    def check_before_send(self, request: Request) -> None:
        """Raises Unfetched where a request must not be sent any more."""
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
        held = self.politeness.get_hold(retry_after_scope(request.url))
        if held:
            raise NotFetchedError(
                Outcome.WAITING,
                f"the site asks to be left alone until {held[0]} ({held[1]})",
                held[0],
            )

    # ---- what comes back

    async def on_response(self, response: Response) -> None:
        """Scrapy's callback: any answer, whatever its status."""
        request = response.request
        assert request is not None
        visit: Visit = request.meta["visit"]
        self.network.record_response(response.ip_address, time.monotonic())
        self.pipeline.process(
            visit,
            request,
            capture_from_response(response, request, visit.url, utc_now_iso()),
        )

    async def on_failure(self, failure: Failure) -> None:
        """Scrapy's errback: no answer, or none that is wanted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.meta["visit"]
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

    async def wait_for_cross_outlet_turn(self, site: str, outlet: str) -> None:
        """Wait where an outlet redirects to the site of another, which must not be slowed down by that."""
        if self.politeness.is_own_site(
            site, outlet
        ) or not self.politeness.belongs_to_any_outlet(site):
            return
        pause = self.politeness.reserve_cross_outlet_turn(
            site, time.monotonic(), self.harvest_settings.limits.answer_time
        )
        if pause is None:
            raise NotFetchedError(
                Outcome.WAITING,
                REASON_CROSS_OUTLET_REDIRECTS,
                add_seconds(utc_now_iso(), CROSS_OUTLET_RETRY_SECONDS),
            )
        await asyncio.sleep(pause)

    def is_insecure(self, request: Request) -> bool:
        """Whether the certificate of this host is not to be verified."""
        return self.politeness.is_insecure(
            request.meta["download_slot"], request.meta.get("outlet", "")
        )

    def on_capture_stored(
        self, visit: Visit, capture: Capture, outcome: Outcome
    ) -> None:
        """An answer is in the archive."""
        if capture.redirects and self.context.once:
            self._requested_urls.add(_strip_scheme(capture.reached))
        if visit.kind == "feed" and outcome is Outcome.CHANGED:
            self._feed_changed = True

    def on_visit_finished(self, visit: Visit) -> None:
        """Nothing more is to be done for a visit."""
        self.pending_count -= 1
        self._finished_count += 1
        if not self.context.once:
            self._requested_urls.discard(_strip_scheme(visit.url))
        self.wake()

    def wake(self) -> None:
        """Something happened: look whether there is more to do."""
        self._wake_event.set()

    # ---- the end

    def drain(self) -> None:
        """Take nothing more in; what is under way ends as it does."""
        self.pending_count -= sum(1 for _ in self.visit_queue.drain())

    def stop(self) -> None:
        """Send nothing more, and let what is under way be."""
        self.stopping = True
        self.drain()
        self._wake_event.set()
