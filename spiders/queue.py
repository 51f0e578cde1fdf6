"""Visits that wait for their site's turn, so that no site or outlet delays the others.

An outlet has a bounded number of requests in flight, whatever hosts it names, and a
bounded number of bytes that wait to be read. Where several outlets name one site, its
own outlet goes first, and every fifth turn is for the others. Visits of backfills go
last.

Scrapy's own queue would fill the downloader with requests that sleep for one site's
delay: ``FifoScheduler`` gives it only what may be sent now, in order.
"""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from harvester.model import Visit
from spiders.politeness import CROSS_OUTLET_EVERY_NTH, Politeness

# Requests of an outlet in flight, over all sites; its own concurrency may allow more.
MAX_OUTLET_REQUESTS = 8
# Bytes of responses that wait to be read. Beyond the first an outlet sends nothing
# more, beyond the second only outlets without such bytes do.
MAX_OUTLET_UNREAD_BYTES = 6_000_000
MAX_UNREAD_BYTES = 24_000_000


class VisitQueue:
    """First in, first out for each outlet at a site; outlets take turns.

    ``is_own_site``: whether a visit goes to a site of its own outlet. All times are
    monotonic.
    """

    def __init__(
        self,
        politeness: Politeness,
        is_own_site: Callable[[Visit], bool] = lambda _: True,
    ) -> None:
        self._politeness = politeness
        self._is_own_site = is_own_site
        self._site_queues: dict[str, SiteQueue] = {}
        # A heap of (time of a site's next turn, tie-breaker, site).
        self._turn_heap: list[tuple[float, int, str]] = []
        self._scheduled_sites: set[str] = set()  # those in the heap
        # Sites whose turn came while all their outlets were at their limits.
        self._parked_sites: set[str] = set()
        self._in_flight_by_site: Counter[str] = Counter()
        self._in_flight_by_outlet: Counter[str] = Counter()
        self._unread_bytes: Counter[str] = Counter()  # by outlet
        self._total_unread_bytes = 0
        self._sequence = 0
        self._next_turn_at: dict[str, float] = {}

    def add(self, visit: Visit, now: float) -> None:
        """Queue a visit behind those of its outlet at this site."""
        self._site_queues.setdefault(visit.site, SiteQueue()).add(
            visit, self._is_own_site(visit)
        )
        self._parked_sites.discard(visit.site)
        self._schedule(visit.site, now)

    def take(self, now: float) -> Visit | None:
        """A visit that may be sent now."""
        while self._turn_heap and self._turn_heap[0][0] <= now:
            site = heapq.heappop(self._turn_heap)[2]
            self._scheduled_sites.discard(site)
            site_queue = self._site_queues.get(site)
            concurrency = self._politeness.concurrency(site)
            if not site_queue or self._in_flight_by_site[site] >= concurrency:
                continue  # scheduled again when a visit to the site is done
            visit = site_queue.take(self._is_full)
            if visit is None:
                self._parked_sites.add(site)
                continue
            if not site_queue:
                del self._site_queues[site]
            self._in_flight_by_site[site] += 1
            self._in_flight_by_outlet[visit.outlet] += 1
            self._next_turn_at[site] = now + self._politeness.delay(site)
            self._schedule(site, now)
            return visit
        return None

    def mark_done(self, visit: Visit, now: float) -> None:
        """A visit got its response, or none."""
        site = visit.site
        self._in_flight_by_site[site] -= 1
        if self._in_flight_by_site[site] <= 0:
            del self._in_flight_by_site[site]
            if (
                site not in self._site_queues
                and self._next_turn_at.get(site, 0.0) <= now
            ):
                self._next_turn_at.pop(site, None)
        self._in_flight_by_outlet[visit.outlet] -= 1
        if self._in_flight_by_outlet[visit.outlet] <= 0:
            del self._in_flight_by_outlet[visit.outlet]
        self._schedule(site, now)
        self._unpark(now)

    def add_unread_bytes(self, outlet: str, count: int, now: float) -> None:
        """So many bytes of an outlet wait to be read; below 0: were read."""
        self._unread_bytes[outlet] += count
        self._total_unread_bytes += count
        if self._unread_bytes[outlet] <= 0:
            del self._unread_bytes[outlet]
        if count < 0:
            self._unpark(now)

    def seconds_until_next_turn(self, now: float) -> float | None:
        """Seconds until some site's turn; None where time alone changes nothing."""
        return max(0.0, self._turn_heap[0][0] - now) if self._turn_heap else None

    def drain(self) -> Iterator[Visit]:
        """Remove and yield all visits."""
        site_queues, self._site_queues = self._site_queues, {}
        self._turn_heap.clear()
        self._scheduled_sites.clear()
        self._parked_sites.clear()
        for site_queue in site_queues.values():
            yield from site_queue

    def _is_full(self, outlet: str) -> bool:
        unread_bytes = self._unread_bytes.get(outlet, 0)
        if unread_bytes > MAX_OUTLET_UNREAD_BYTES or (
            unread_bytes and self._total_unread_bytes > MAX_UNREAD_BYTES
        ):
            return True
        return self._in_flight_by_outlet[outlet] >= max(
            MAX_OUTLET_REQUESTS, self._politeness.outlet_concurrency(outlet)
        )

    def _unpark(self, now: float) -> None:
        parked_sites, self._parked_sites = self._parked_sites, set()
        for site in parked_sites:
            self._schedule(site, now)

    def _schedule(self, site: str, now: float) -> None:
        if (
            site in self._scheduled_sites
            or site not in self._site_queues
            or site in self._parked_sites
        ):
            return
        if self._in_flight_by_site[site] >= self._politeness.concurrency(site):
            return
        self._sequence += 1
        self._scheduled_sites.add(site)
        turn = max(now, self._next_turn_at.get(site, 0.0))
        heapq.heappush(self._turn_heap, (turn, self._sequence, site))


class SiteQueue:
    """The visits that wait for one site."""

    def __init__(self) -> None:
        self._own_visits: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._other_visits: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._background_visits: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._taken_count = 0

    def __bool__(self) -> bool:
        return bool(self._own_visits or self._other_visits or self._background_visits)

    def __iter__(self) -> Iterator[Visit]:
        for group in (
            self._own_visits,
            self._other_visits,
            self._background_visits,
        ):
            for visits in group.values():
                yield from visits

    def add(self, visit: Visit, is_own: bool) -> None:
        """Queue a visit; ``is_own``: the site is one of its outlet."""
        group = self._own_visits if is_own else self._other_visits
        if visit.is_background:
            group = self._background_visits
        group.setdefault(visit.outlet, deque()).append(visit)

    def take(self, is_full: Callable[[str], bool]) -> Visit | None:
        """The next visit of an outlet that is not full; None where there is none."""
        groups = (self._own_visits, self._other_visits)
        if (self._taken_count + 1) % CROSS_OUTLET_EVERY_NTH == 0:
            groups = (self._other_visits, self._own_visits)
        for group in (*groups, self._background_visits):
            outlet = next((key for key in group if not is_full(key)), None)
            if outlet is not None:
                visits = group.pop(outlet)
                visit = visits.popleft()
                if visits:
                    group[outlet] = visits  # behind the others
                self._taken_count += 1
                return visit
        return None


class FifoScheduler(BaseScheduler):
    """Scrapy's scheduler: requests whose turn has come, and redirects on their way."""

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()

    def has_pending_requests(self) -> bool:
        return bool(self._requests)

    def enqueue_request(self, request: Request) -> bool:
        self._requests.append(request)
        return True

    def next_request(self) -> Request | None:
        return self._requests.popleft() if self._requests else None
