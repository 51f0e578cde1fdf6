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

from harvester.identity.urls import patient
from harvester.ingest.offline import AGAIN
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import later
from spiders.address_guard import address_of
from spiders.connection_errors import refused, unless_offline
from spiders.network import WITNESSES, Network
from spiders.pipeline import Settling
from spiders.politeness import Sites, clock
from spiders.queue import Queue
from spiders.requests import asked_for
from spiders.responses import Unfetched, capture_of, capture_of_failure
from spiders.robots import Robots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from harvester.settings import Settings
    from harvester.workers.pool import Workers
    from spiders.writer import Writer

ROOM = 3_000  # visits in memory at once: small records; requests are made of them when their turn comes
REFILL = 2_000  # below, more are asked for
SETTLED = 25  # visits to be settled, and a quarter of those waiting, before it is worth asking again …
SOME_TIME = 2.0  # … or one, after so many seconds
PAUSE = 0.25  # seconds between two questions to the archive
ROUND = 15.0  # seconds after which a crawl that waits for more begins a new round
IDLE_PAUSE = 5.0  # the same while nothing is due
IDLE_MOST = (
    60.0  # seconds without anything due, after which a crawl that waits for more ends
)
CRAWL_MOST = 3_600.0  # seconds after which it ends in any case: a fresh process is as good as it was on the first day
CROWDED = "too many addresses of this outlet redirect to the site of another one"
CROWDED_AGAIN = 3_600.0  # seconds until they are asked again


def _place(url: str) -> str:
    """An address without scheme: http and https are one."""
    return url.partition("://")[2]


class Silent(LogFormatter):
    """No line a response: outcomes are in the archive."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> Any:
        return None


@dataclass(slots=True)
class Orders:
    """What this crawl was started with, and what it reports to."""

    ours: Settings
    writer: Writer
    workers: Workers
    outlets: Sequence[str]
    force: bool
    once: bool
    first: Sequence[Visit]
    started: Callable[[HarvestSpider], None]  # called when it runs
    failed: Callable[
        [BaseException], None
    ]  # called when the archive cannot be used any more


class HarvestSpider(Spider):
    """See the module."""

    name = "harvest"

    robots: Robots

    def __init__(self, orders: Orders) -> None:
        super().__init__()
        self.orders = orders
        self.ours, self.writer, self.workers = (
            orders.ours,
            orders.writer,
            orders.workers,
        )
        self.force = orders.force
        self.sites = Sites(self.ours)
        self.queue = Queue(
            self.sites, lambda visit: self.sites.own(visit.site, visit.outlet)
        )
        self.stopping = False
        self.pending = 0  # visits handed out by the archive and not settled
        self._asked: set[str] = set()  # addresses asked in this round
        self._stir = asyncio.Event()
        self._news = False
        self._settled = 0
        self._last_asked = 0.0
        self._idle_since: float | None = None
        self._renewed = time.monotonic()
        self._end = time.monotonic() + CRAWL_MOST
        self._over = False
        self.network = Network(min(WITNESSES, len(orders.outlets or self.ours.outlets)))
        self.settling = Settling(self)  # of those pending, the ones with an answer

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.robots = Robots(crawler, spider)
        crawler.signals.connect(spider.enough, signals.bytes_received)
        return spider

    def enough(self, data: bytes, request: Request) -> None:
        """Scrapy's signal: more is not wanted of some answers than their beginning."""
        most = request.meta.get("first_bytes")
        if most:
            request.meta["received"] = request.meta.get("received", 0) + len(data)
            if request.meta["received"] >= most:
                raise StopDownload(fail=False)

    # ---- what goes out

    async def start(self) -> AsyncIterator[Request]:
        try:
            self.sites.attach(self.crawler.engine.downloader)
            for name, (until, reason) in (await self.writer.holds()).items():
                self.sites.hold(name, until, reason)
            self.orders.started(self)
            await self._take_in(self.orders.first)
            while not self.stopping:
                visit = self.queue.take(time.monotonic())
                if visit is not None:
                    request = asked_for(self.ours, visit)
                    request.callback, request.errback = self.answered, self.unanswered
                    yield request
                    continue
                if not self.pending and not await self._more():
                    return
                await self._wait()
        except Exception as problem:  # noqa: BLE001 (the rim: Scrapy would log it, and end as if all were well)
            self.orders.failed(problem)

    async def _wait(self) -> None:
        """Until a site's turn comes, a visit was settled, or it is worth asking the archive again."""
        now = time.monotonic()
        self._stir.clear()
        pauses = [self.queue.pause(now)]
        if not self.pending:
            pauses.append(IDLE_PAUSE)
        elif self.pending < REFILL and self._settled and now < self._end:
            enough = self._news or self._settled >= max(SETTLED, self.pending // 4)
            pauses.append(self._last_asked + (PAUSE if enough else SOME_TIME) - now)
            if pauses[-1] is not None and pauses[-1] <= 0:
                await self._ask()
                return
        elif now >= self._end and not self._over:
            self._over = True
            self.drain()
        try:
            async with asyncio.timeout(
                min((one for one in pauses if one is not None), default=None)
            ):
                await self._stir.wait()
        except TimeoutError:
            pass

    async def _more(self) -> bool:
        """Nothing is under way: whether to go on."""
        if self._over:
            return False
        if await self._ask():
            self._idle_since = None
            return True
        if self.orders.once or self.stopping:
            return False
        self.force = False
        due = await self.writer.renew()
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        return bool(due and due <= clock()) or now - self._idle_since < IDLE_MOST

    async def _ask(self) -> int:
        """Take in what is due. Returns how many visits that were."""
        now = time.monotonic()
        self._news, self._settled, self._last_asked = False, 0, now
        if not self.orders.once and now - self._renewed > ROUND:
            self._renewed = now
            await self.writer.renew()
        while not self.stopping:
            found = await self.writer.due(
                self.orders.outlets, self.force, ROOM - self.pending
            )
            taken = await self._take_in(found)
            if taken or not found:
                return taken
        return 0

    async def _take_in(self, visits: Sequence[Visit]) -> int:
        """Queue visits, each address at most once in a pass. Returns how many."""
        taken, twice, now = 0, [], time.monotonic()
        for visit in visits:
            place = _place(visit.url)
            if (
                place in self._asked
            ):  # another entry of one article: settled with the first, or due again later
                twice.append(visit)
                continue
            self._asked.add(place)
            self.sites.meet(visit.site, visit.outlet)
            self.queue.add(visit, now)
            self.pending += 1
            taken += 1
        if twice:
            await self.writer.put_back(twice)
        return taken

    def last_check(self, request: Request) -> None:
        """Raises Unfetched where a request must not be sent any more."""
        if self.stopping:
            raise Unfetched(Outcome.WAITING, "the crawl was stopped")
        if self.network.gone(time.monotonic()) and not address_of(
            urlsplit(request.url).hostname or ""
        ):
            raise Unfetched(Outcome.WAITING, self.network.reason, later(clock(), AGAIN))
        held = self.sites.held(patient(request.url))
        if held:
            raise Unfetched(
                Outcome.WAITING,
                f"the site asks to be left alone until {held[0]} ({held[1]})",
                held[0],
            )

    # ---- what comes back

    async def answered(self, response: Response) -> None:
        """Scrapy's callback: any answer, whatever its status."""
        request = response.request
        assert request is not None
        visit: Visit = request.meta["visit"]
        self.network.heard(response.ip_address, time.monotonic())
        self.settling.begin(
            visit, request, capture_of(response, request, visit.url, clock())
        )

    async def unanswered(self, failure: Failure) -> None:
        """Scrapy's errback: no answer, or none that is wanted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.meta["visit"]
        error = failure.value
        if not isinstance(error, Exception):
            error = RuntimeError(type(error).__name__)
        capture = capture_of_failure(
            unless_offline(self.network, error, request),
            request,
            visit,
            clock(),
            refused(request.url),
        )
        self.settling.begin(visit, request, capture, error)

    async def guest(self, site: str, outlet: str) -> None:
        """Wait where an outlet redirects to the site of another, which must not be slowed down by that."""
        if self.sites.own(site, outlet) or not self.sites.owned(site):
            return
        pause = self.sites.guest(site, time.monotonic(), self.ours.limits.answer_time)
        if pause is None:
            raise Unfetched(Outcome.WAITING, CROWDED, later(clock(), CROWDED_AGAIN))
        await asyncio.sleep(pause)

    def insecure(self, request: Request) -> bool:
        """Whether the certificate of this host is not to be verified."""
        return self.sites.insecure(
            request.meta["download_slot"], request.meta.get("outlet", "")
        )

    def kept(self, visit: Visit, capture: Capture, outcome: Outcome) -> None:
        """An answer is in the archive."""
        if capture.hops and self.orders.once:
            self._asked.add(_place(capture.reached))
        if visit.kind == "feed" and outcome is Outcome.CHANGED:
            self._news = True

    def settled(self, visit: Visit) -> None:
        """Nothing more is to be done for a visit."""
        self.pending -= 1
        self._settled += 1
        if not self.orders.once:
            self._asked.discard(_place(visit.url))
        self.stir()

    def stir(self) -> None:
        """Something happened: look whether there is more to do."""
        self._stir.set()

    # ---- the end

    def drain(self) -> None:
        """Take nothing more in; what is under way ends as it does."""
        self.pending -= sum(1 for _ in self.queue.clear())

    def stop(self) -> None:
        """Send nothing more, and let what is under way be."""
        self.stopping = True
        self.drain()
        self._stir.set()
