"""Visits that wait for their site's turn, so that a slow or hanging site holds up nobody else.

Scrapy's own queue would fill the downloader with requests that sleep for one site's delay: it is given only what may go
out now, by ``InTurn``, which keeps the order. Not for: what is due (the archive knows).
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy import Request

    from harvester.model import Visit
    from spiders.sites import Sites


class Queue:
    """First in, first out for each site; sites take turns."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites
        self._waiting: dict[str, deque[Visit]] = {}
        self._turns: list[tuple[float, int, str]] = []  # a heap: when a site's next visit may go out
        self._listed: set[str] = set()
        self._out: Counter[str] = Counter()
        self._number = 0
        self._next: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(len(visits) for visits in self._waiting.values())

    def add(self, visit: Visit, now: float) -> None:
        """``now`` is of a clock that only goes forward, as everywhere here."""
        self._waiting.setdefault(visit.site, deque()).append(visit)
        self._list(visit.site, now)

    def take(self, now: float) -> Visit | None:
        """A visit that may go out now."""
        while self._turns and self._turns[0][0] <= now:
            site = heapq.heappop(self._turns)[2]
            self._listed.discard(site)
            waiting = self._waiting.get(site)
            if not waiting or self._out[site] >= self._sites.concurrency(site):
                continue  # listed again when a visit of the site is done
            visit = waiting.popleft()
            if not waiting:
                del self._waiting[site]
            self._out[site] += 1
            self._next[site] = now + self._sites.delay(site)
            self._list(site, now)
            return visit
        return None

    def done(self, site: str, now: float) -> None:
        """A visit of this site was answered, or given up."""
        self._out[site] -= 1
        if self._out[site] <= 0:
            del self._out[site]
            if site not in self._waiting and self._next.get(site, 0.0) <= now:
                self._next.pop(site, None)
        self._list(site, now)

    def pause(self, now: float) -> float | None:
        """Seconds until the next turn; None: nobody waits for the clock."""
        return max(0.0, self._turns[0][0] - now) if self._turns else None

    def clear(self) -> Iterator[Visit]:
        """Take everything out."""
        waiting, self._waiting, self._turns, self._listed = self._waiting, {}, [], set()
        for visits in waiting.values():
            yield from visits

    def _list(self, site: str, now: float) -> None:
        if site in self._listed or site not in self._waiting:
            return
        if self._out[site] >= self._sites.concurrency(site):
            return
        self._number += 1
        self._listed.add(site)
        heapq.heappush(self._turns, (max(now, self._next.get(site, 0.0)), self._number, site))


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
