"""Visits that wait for their site's turn, so that a slow or hanging site, or an outlet that attacks, holds up nobody else.

An outlet has a bounded number of requests out, whatever hosts it names, and a bounded number of bytes waiting to be read.
Where outlets name the same site, its own outlet goes first, and each fifth turn is for the others. Scrapy's own queue would fill the downloader with requests that sleep for one site's delay: it is given only what may go
out now, by ``InTurn``, which keeps the order. Not for: what is due (the archive knows).
"""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy import Request

    from harvester.model import Visit
    from spiders.politeness import Politeness


MAX_OUTLET_REQUESTS = 8  # requests of an outlet at once, over all sites; more where its own concurrency is greater
MAX_OUTLET_UNREAD_BYTES = 6_000_000  # of its answers that wait to be read, beyond which it asks for nothing more
MAX_UNREAD_BYTES = 24_000_000  # the same of all outlets, beyond which only those go on of which nothing waits
CROSS_OUTLET_EVERY_NTH = (
    5  # each fifth turn of a site is for the outlets whose own it is not
)


class VisitQueue:
    """First in, first out for each outlet at a site; sites take turns. ``own``: whether a visit goes to a site of its outlet."""

    def __init__(
        self,
        politeness: Politeness,
        is_own_site: Callable[[Visit], bool] = lambda _: True,
    ) -> None:
        self._politeness = politeness
        self._is_own_site = is_own_site
        self._site_queues: dict[str, SiteQueue] = {}
        self._turn_heap: list[
            tuple[float, int, str]
        ] = []  # a heap: when a site's next visit may go out
        self._scheduled_sites: set[str] = set()
        self._parked_sites: set[str] = (
            set()
        )  # sites whose turn came while all their outlets were full
        self._in_flight_by_site: Counter[str] = Counter()
        self._in_flight_by_outlet: Counter[str] = Counter()  # outlet → requests out
        self._unread_bytes: Counter[str] = (
            Counter()
        )  # outlet → bytes that wait to be read
        self._total_unread_bytes = 0
        self._sequence = 0
        self._next_turn_at: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._site_queues.values())

    def add(self, visit: Visit, now: float) -> None:
        """``now`` is of a clock that only goes forward, as everywhere here."""
        self._site_queues.setdefault(visit.site, SiteQueue()).add(
            visit, self._is_own_site(visit)
        )
        self._parked_sites.discard(visit.site)
        self._schedule(visit.site, now)

    def take(self, now: float) -> Visit | None:
        """A visit that may go out now."""
        while self._turn_heap and self._turn_heap[0][0] <= now:
            site = heapq.heappop(self._turn_heap)[2]
            self._scheduled_sites.discard(site)
            line = self._site_queues.get(site)
            if not line or self._in_flight_by_site[
                site
            ] >= self._politeness.concurrency(site):
                continue  # listed again when a visit of the site is done
            visit = line.take(self._is_full)
            if visit is None:
                self._parked_sites.add(site)
                continue
            if not line:
                del self._site_queues[site]
            self._in_flight_by_site[site] += 1
            self._in_flight_by_outlet[visit.outlet] += 1
            self._next_turn_at[site] = now + self._politeness.delay(site)
            self._schedule(site, now)
            return visit
        return None

    def mark_done(self, visit: Visit, now: float) -> None:
        """A visit was answered, or given up."""
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
        """So many bytes of an outlet's answers wait to be read; a negative number: they were."""
        self._unread_bytes[outlet] += count
        self._total_unread_bytes += count
        if self._unread_bytes[outlet] <= 0:
            del self._unread_bytes[outlet]
        if count < 0:
            self._unpark(now)

    def seconds_until_next_turn(self, now: float) -> float | None:
        """Seconds until the next turn; None: nobody waits for the clock."""
        return max(0.0, self._turn_heap[0][0] - now) if self._turn_heap else None

    def drain(self) -> Iterator[Visit]:
        """Take everything out."""
        waiting, self._site_queues, self._turn_heap, self._scheduled_sites = (
            self._site_queues,
            {},
            [],
            set(),
        )
        self._parked_sites.clear()
        for line in waiting.values():
            yield from line

    def _is_full(self, outlet: str) -> bool:
        waiting = self._unread_bytes.get(outlet, 0)
        if waiting > MAX_OUTLET_UNREAD_BYTES or (
            waiting and self._total_unread_bytes > MAX_UNREAD_BYTES
        ):
            return True
        return self._in_flight_by_outlet[outlet] >= max(
            MAX_OUTLET_REQUESTS, self._politeness.outlet_concurrency(outlet)
        )

    def _unpark(self, now: float) -> None:
        parked, self._parked_sites = self._parked_sites, set()
        for site in parked:
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
        heapq.heappush(
            self._turn_heap,
            (max(now, self._next_turn_at.get(site, 0.0)), self._sequence, site),
        )


class SiteQueue:
    """The visits that wait for one site."""

    def __init__(self) -> None:
        self._own_visits: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._other_visits: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._taken_count = 0

    def __len__(self) -> int:
        return sum(
            len(visits)
            for group in (self._own_visits, self._other_visits)
            for visits in group.values()
        )

    def __bool__(self) -> bool:
        return bool(self._own_visits or self._other_visits)

    def __iter__(self) -> Iterator[Visit]:
        for group in (self._own_visits, self._other_visits):
            for visits in group.values():
                yield from visits

    def add(self, visit: Visit, is_own: bool) -> None:
        group = self._own_visits if is_own else self._other_visits
        group.setdefault(visit.outlet, deque()).append(visit)

    def take(self, is_full: Callable[[str], bool]) -> Visit | None:
        """The next visit of an outlet that is not full; None where there is none."""
        groups = (self._own_visits, self._other_visits)
        for group in (
            groups if (self._taken_count + 1) % CROSS_OUTLET_EVERY_NTH else groups[::-1]
        ):
            outlet = next((one for one in group if not is_full(one)), None)
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
