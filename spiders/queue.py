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
    from spiders.politeness import Sites


OUTLET_MOST = 8  # requests of an outlet at once, over all sites; more where its own concurrency is greater
OUTLET_BYTES = 6_000_000  # of its answers that wait to be read, beyond which it asks for nothing more
ALL_BYTES = 24_000_000  # the same of all outlets, beyond which only those go on of which nothing waits
OTHERS = 5  # each fifth turn of a site is for the outlets whose own it is not


class Queue:
    """First in, first out for each outlet at a site; sites take turns. ``own``: whether a visit goes to a site of its outlet."""

    def __init__(
        self, sites: Sites, own: Callable[[Visit], bool] = lambda _: True
    ) -> None:
        self._sites = sites
        self._own = own
        self._waiting: dict[str, Line] = {}
        self._turns: list[
            tuple[float, int, str]
        ] = []  # a heap: when a site's next visit may go out
        self._listed: set[str] = set()
        self._parked: set[str] = (
            set()
        )  # sites whose turn came while all their outlets were full
        self._out: Counter[str] = Counter()
        self._outlets: Counter[str] = Counter()  # outlet → requests out
        self._bytes: Counter[str] = Counter()  # outlet → bytes that wait to be read
        self._all_bytes = 0
        self._number = 0
        self._next: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(len(line) for line in self._waiting.values())

    def add(self, visit: Visit, now: float) -> None:
        """``now`` is of a clock that only goes forward, as everywhere here."""
        self._waiting.setdefault(visit.site, Line()).add(visit, self._own(visit))
        self._parked.discard(visit.site)
        self._list(visit.site, now)

    def take(self, now: float) -> Visit | None:
        """A visit that may go out now."""
        while self._turns and self._turns[0][0] <= now:
            site = heapq.heappop(self._turns)[2]
            self._listed.discard(site)
            line = self._waiting.get(site)
            if not line or self._out[site] >= self._sites.concurrency(site):
                continue  # listed again when a visit of the site is done
            visit = line.take(self._full)
            if visit is None:
                self._parked.add(site)
                continue
            if not line:
                del self._waiting[site]
            self._out[site] += 1
            self._outlets[visit.outlet] += 1
            self._next[site] = now + self._sites.delay(site)
            self._list(site, now)
            return visit
        return None

    def done(self, visit: Visit, now: float) -> None:
        """A visit was answered, or given up."""
        site = visit.site
        self._out[site] -= 1
        if self._out[site] <= 0:
            del self._out[site]
            if site not in self._waiting and self._next.get(site, 0.0) <= now:
                self._next.pop(site, None)
        self._outlets[visit.outlet] -= 1
        if self._outlets[visit.outlet] <= 0:
            del self._outlets[visit.outlet]
        self._list(site, now)
        self._unpark(now)

    def read(self, outlet: str, count: int, now: float) -> None:
        """So many bytes of an outlet's answers wait to be read; a negative number: they were."""
        self._bytes[outlet] += count
        self._all_bytes += count
        if self._bytes[outlet] <= 0:
            del self._bytes[outlet]
        if count < 0:
            self._unpark(now)

    def pause(self, now: float) -> float | None:
        """Seconds until the next turn; None: nobody waits for the clock."""
        return max(0.0, self._turns[0][0] - now) if self._turns else None

    def clear(self) -> Iterator[Visit]:
        """Take everything out."""
        waiting, self._waiting, self._turns, self._listed = self._waiting, {}, [], set()
        self._parked.clear()
        for line in waiting.values():
            yield from line

    def _full(self, outlet: str) -> bool:
        waiting = self._bytes.get(outlet, 0)
        if waiting > OUTLET_BYTES or (waiting and self._all_bytes > ALL_BYTES):
            return True
        return self._outlets[outlet] >= max(OUTLET_MOST, self._sites.most(outlet))

    def _unpark(self, now: float) -> None:
        parked, self._parked = self._parked, set()
        for site in parked:
            self._list(site, now)

    def _list(self, site: str, now: float) -> None:
        if site in self._listed or site not in self._waiting or site in self._parked:
            return
        if self._out[site] >= self._sites.concurrency(site):
            return
        self._number += 1
        self._listed.add(site)
        heapq.heappush(
            self._turns, (max(now, self._next.get(site, 0.0)), self._number, site)
        )


class Line:
    """The visits that wait for one site."""

    def __init__(self) -> None:
        self._own: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._others: OrderedDict[str, deque[Visit]] = OrderedDict()
        self._taken = 0

    def __len__(self) -> int:
        return sum(
            len(visits)
            for group in (self._own, self._others)
            for visits in group.values()
        )

    def __bool__(self) -> bool:
        return bool(self._own or self._others)

    def __iter__(self) -> Iterator[Visit]:
        for group in (self._own, self._others):
            for visits in group.values():
                yield from visits

    def add(self, visit: Visit, own: bool) -> None:
        group = self._own if own else self._others
        group.setdefault(visit.outlet, deque()).append(visit)

    def take(self, full: Callable[[str], bool]) -> Visit | None:
        """The next visit of an outlet that is not full; None where there is none."""
        groups = (self._own, self._others)
        for group in groups if (self._taken + 1) % OTHERS else groups[::-1]:
            outlet = next((one for one in group if not full(one)), None)
            if outlet is not None:
                visits = group.pop(outlet)
                visit = visits.popleft()
                if visits:
                    group[outlet] = visits  # behind the others
                self._taken += 1
                return visit
        return None


class InTurn(BaseScheduler):
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
