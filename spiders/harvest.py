"""The spider: what is due goes out, what comes back goes to the keeper, and is read by workers on the way.

It asks the archive again as long as something is due, so that what a feed announces is fetched in the same crawl.
Not for: how a request is sent (``middlewares``, ``handler``), nor for what an answer means (``harvester.ingest``).
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urlsplit

from scrapy import Request, Spider, signals
from scrapy.exceptions import CannotResolveHostError, StopDownload
from scrapy.logformatter import LogFormatter
from twisted.python.failure import Failure

from harvester.identity.url import patient
from harvester.ingest import several
from harvester.ingest.offline import AGAIN
from harvester.model import Capture, Outcome, Visit
from harvester.schedule import later
from spiders.answers import Unfetched, capture_of, capture_of_failure
from spiders.further import read_further
from spiders.guard import address_of
from spiders.middlewares import without_login
from spiders.network import NO_NAMES, NO_WAY, WITNESSES, Network, no_way
from spiders.queue import Queue
from spiders.robots import Robots
from spiders.sites import Sites, clock

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from harvester.settings import Settings
    from harvester.workers import Workers
    from spiders.writer import Writer

ROOM = 3_000  # visits in memory at once: small records; requests are made of them when their turn comes
REFILL = 2_000  # below, more are asked for
SETTLED = 25  # visits to be settled, and a quarter of those waiting, before it is worth asking again …
SOME_TIME = 2.0  # … or one, after so many seconds
PAUSE = 0.25  # seconds between two questions to the archive
ROUND = 15.0  # seconds after which a crawl that waits for more begins a new round
IDLE_PAUSE = 5.0  # the same while nothing is due
IDLE_MOST = 60.0  # seconds without anything due, after which a crawl that waits for more ends
CRAWL_MOST = 3_600.0  # seconds after which it ends in any case: a fresh process is as good as it was on the first day
CROWDED = "too many addresses of this outlet redirect to the site of another one"
CROWDED_AGAIN = 3_600.0  # seconds until they are asked again
ACCEPT = {
    "feed": "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5",
    "page": "text/html, application/xhtml+xml;q=0.9, */*;q=0.5",
}


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
    failed: Callable[[BaseException], None]  # called when the archive cannot be used any more


class HarvestSpider(Spider):
    """See the module."""

    name = "harvest"

    robots: Robots

    def __init__(self, orders: Orders) -> None:
        super().__init__()
        self.orders = orders
        self.ours, self.writer, self.workers = orders.ours, orders.writer, orders.workers
        self.force = orders.force
        self.sites = Sites(self.ours)
        self.queue = Queue(self.sites, lambda visit: self.sites.own(visit.site, visit.outlet))
        self.stopping = False
        self.pending = 0  # visits handed out by the archive and not settled
        self.settling = 0  # of them, those with an answer
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
        self._settlings: set[asyncio.Task[None]] = set()

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
                    yield self.request(visit)
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
            async with asyncio.timeout(min((one for one in pauses if one is not None), default=None)):
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
            found = await self.writer.due(self.orders.outlets, self.force, ROOM - self.pending)
            taken = await self._take_in(found)
            if taken or not found:
                return taken
        return 0

    async def _take_in(self, visits: Sequence[Visit]) -> int:
        """Queue visits, each address at most once in a pass. Returns how many."""
        taken, twice, now = 0, [], time.monotonic()
        for visit in visits:
            place = _place(visit.url)
            if place in self._asked:  # another entry of one article: settled with the first, or due again later
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

    def request(self, visit: Visit) -> Request:
        """What is sent for a visit."""
        limits = self.ours.limits
        most = limits.feed_bytes if visit.kind == "feed" else limits.page_bytes
        meta = {"visit": visit, "outlet": visit.outlet}
        request = self.plain_request(visit.url, visit.site, most, meta, "feed" if visit.kind == "feed" else "page")
        if visit.etag:
            request.headers["If-None-Match"] = visit.etag.encode("latin-1", "replace")
        if visit.last_modified:
            request.headers["If-Modified-Since"] = visit.last_modified.encode("latin-1", "replace")
        request.callback, request.errback = self.answered, self.unanswered
        return request

    def plain_request(self, url: str, slot: str, most: int, meta: dict[str, Any], kind: str = "feed") -> Request:
        """A request with what all have in common. A login in the address becomes a header, for that origin only."""
        plain, login = without_login(url)
        headers = {"User-Agent": self.ours.user_agent, "Accept": ACCEPT[kind]}
        if login:
            headers["Authorization"] = f"Basic {base64.b64encode(unquote(login).encode()).decode()}"
        common = {
            "download_slot": slot,
            "download_timeout": self.ours.limits.answer_time,
            "download_maxsize": most,
        }
        return Request(plain, headers=headers, meta={**common, **meta}, dont_filter=True)

    def last_check(self, request: Request) -> None:
        """Raises Unfetched where a request must not be sent any more."""
        if self.stopping:
            raise Unfetched(Outcome.WAITING, "the crawl was stopped")
        if self.network.gone(time.monotonic()) and not address_of(urlsplit(request.url).hostname or ""):
            raise Unfetched(Outcome.WAITING, self.network.reason, later(clock(), AGAIN))
        held = self.sites.held(patient(request.url))
        if held:
            raise Unfetched(Outcome.WAITING, f"the site asks to be left alone until {held[0]} ({held[1]})", held[0])

    # ---- what comes back

    async def answered(self, response: Response) -> None:
        """Scrapy's callback: any answer, whatever its status."""
        request = response.request
        assert request is not None
        visit: Visit = request.meta["visit"]
        self.network.heard(response.ip_address, time.monotonic())
        self._begin(visit, request, capture_of(response, request, visit.url, clock()))

    async def unanswered(self, failure: Failure) -> None:
        """Scrapy's errback: no answer, or none that is wanted."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit: Visit = request.meta["visit"]
        error = failure.value
        if not isinstance(error, Exception):
            error = RuntimeError(type(error).__name__)
        capture = capture_of_failure(
            self.unless_offline(error, request), request, visit, clock(), self.refused(request.url)
        )
        self._begin(visit, request, capture, error)

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
        return self.sites.insecure(request.meta["download_slot"], request.meta.get("outlet", ""))

    def unless_offline(self, error: Exception, request: Request) -> Exception:
        """Why there is no answer; where the network is gone, that."""
        from twisted.internet import reactor

        names: Any = reactor.nameResolver
        unnamed = isinstance(error, CannotResolveHostError) and names.names.silent(urlsplit(request.url).hostname or "")
        if not unnamed and not no_way(error):
            return error
        witness = request.meta.get("outlet") or request.meta.get("for_outlet") or request.meta["download_slot"]
        if not self.network.lost(NO_NAMES if unnamed else NO_WAY, witness, time.monotonic()):
            return error
        return Unfetched(Outcome.WAITING, self.network.reason, later(clock(), AGAIN))

    def refused(self, url: str) -> str:
        """The private address for which a connection to this host was refused, "" if it was not."""
        from twisted.internet import reactor

        names: Any = reactor.nameResolver
        return str(names.refused(urlsplit(url).hostname or ""))

    def _begin(self, visit: Visit, request: Request, capture: Capture, error: Exception | None = None) -> None:
        """Settle a visit, in a task of its own: Scrapy asks for nothing more while its callbacks wait for large pages to be read."""
        self.queue.done(visit, time.monotonic())
        self._stir.set()
        if not self.stopping:
            self.settling += 1
            task = asyncio.get_running_loop().create_task(self._settle(visit, request, capture, error))
            self._settlings.add(task)
            task.add_done_callback(self._settlings.discard)

    async def _settle(self, visit: Visit, request: Request, capture: Capture, error: Exception | None) -> None:
        from harvester.errors import HarvesterError

        size = len(capture.body) + sum(len(hop.body) for hop in capture.hops)
        self.queue.read(visit.outlet, size, time.monotonic())
        try:
            if isinstance(error, HarvesterError):  # the archive, while robots.txt was looked up
                raise error
            await self._keep(visit, request, capture)
        except Exception as problem:  # noqa: BLE001 (the rim: our own fault or the archive's ends the crawl, honestly)
            self.orders.failed(problem)
        finally:
            self.queue.read(visit.outlet, -size, time.monotonic())
            self.settling -= 1
            self.pending -= 1
            self._settled += 1
            if not self.orders.once:
                self._asked.discard(_place(visit.url))
            self._stir.set()

    async def _keep(self, visit: Visit, request: Request, capture: Capture) -> None:
        hold = None
        if capture.retry_at and capture.status:
            parts = urlsplit(request.url)
            hold = (f"{parts.scheme}://{parts.netloc}", patient(request.url))
        job, kept = await self.writer.receive(visit, capture, hold)
        if job is not None:
            looked = visit.kind != "entry"  # and compared, like with like
            newest = None if looked else partial(self.writer.newest, visit.outlet)
            prepared = await asyncio.wrap_future(self.workers.submit(job, visit.outlet, newest))
            if several.following(prepared.extract):
                whole = await read_further(self, visit, capture, prepared)
                if whole is None:  # stopped: it stays due
                    return
                prepared = whole
            kept = await self.writer.keep(visit, capture, prepared)
            if kept.learn:
                await self._learn(kept.learn)
        if capture.hops and self.orders.once:
            self._asked.add(_place(capture.reached))
        if visit.kind == "feed" and kept is not None and kept.outcome is Outcome.CHANGED:
            self._news = True

    async def _learn(self, outlet: str) -> None:
        """Learn what the outlet's pages have in common, and read with it what was read before."""
        prepared = await asyncio.wrap_future(self.workers.submit(await self.writer.lessons(outlet)))
        new = await self.writer.learned(outlet, prepared)
        if new is None:
            return
        rereading, stale = new
        for one in stale:
            begun = await self.writer.begin_again(rereading, one)
            if begun.job is not None and not self.stopping:
                again = await asyncio.wrap_future(self.workers.submit(begun.job))
                await self.writer.end_again(rereading, begun, again)
        if not self.stopping and await self.writer.to_learn_again(outlet):
            await self._learn(outlet)

    # ---- the end

    def drain(self) -> None:
        """Take nothing more in; what is under way ends as it does."""
        self.pending -= sum(1 for _ in self.queue.clear())

    def stop(self) -> None:
        """Send nothing more, and let what is under way be."""
        self.stopping = True
        self.drain()
        self._stir.set()
