"""Trouble by chance at many outlets, with a seed: what breaks, for how long. Not for: how a fault looks on the wire (``faults``)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from harvester.newsroom.faults import Fault
from harvester.newsroom.outlet import ROBOTS, Outlet

BROKEN_FEED = b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Half a feed</title><item><title>Nothing'
ALL = "*"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of trouble: how often, against others, and for how many hours in the mean (0: one request)."""

    name: str
    weight: float
    hours: float


KINDS = (
    Kind("500 everywhere", 3, 1.5),
    Kind("503 everywhere", 1, 8.0),
    Kind("500 on pages", 2, 2.0),
    Kind("404 on pages", 1, 0.4),
    Kind("429 with Retry-After", 3, 0.5),
    Kind("429 without", 1, 0.3),
    Kind("broken feed", 2, 1.0),
    Kind("HTML in place of the feed", 2, 1.0),
    Kind("a wall in place of everything", 1, 0.5),
    Kind("truncated", 2, 0.5),
    Kind("reset", 2, 0.5),
    Kind("hang", 1, 0.0),
    Kind("slow", 1, 0.0),
    Kind("robots 503", 1, 2.0),
    Kind("robots 404", 1, 6.0),
)


class Weather:
    """``strike`` once a step. ``rate``: troubles an outlet and day."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        later: Callable[[float, Callable[[], None]], None],
        rate: float,
        seed: int,
    ) -> None:
        self._outlets, self._later, self._rate = outlets, later, rate
        self._chance = random.Random(f"weather {seed}")  # noqa: S311 - repeatable on purpose, no secret
        self.struck: Counter[str] = Counter()
        self.spells: list[
            tuple[str, str, datetime, datetime]
        ] = []  # outlet, kind, from, until

    def strike(self, days: float) -> None:
        """So much time passes."""
        for outlet in self._outlets:
            if self._chance.random() < self._rate * days:
                (kind,) = self._chance.choices(KINDS, [one.weight for one in KINDS])
                self._begin(outlet, kind)

    def _begin(self, outlet: Outlet, kind: Kind) -> None:
        hours = self._chance.expovariate(1 / kind.hours) if kind.hours else 0.0
        fault = self._fault(outlet, kind.name, hours)
        now = outlet.clock()
        self.struck[kind.name] += 1
        self.spells.append((outlet.key, kind.name, now, now + timedelta(hours=hours)))

        def over() -> None:
            if fault is None:
                outlet.robots = (200, ROBOTS)
            else:
                outlet.heal(fault)

        self._later(max(hours, 0.5), over)

    def _fault(self, outlet: Outlet, kind: str, hours: float) -> Fault | None:
        feed, pages = next(iter(outlet.feed_paths())), "*[0-9a-z]*[0-9a-z]*"
        if kind == "robots 503":
            outlet.robots = (503, "")
            return None
        if kind == "robots 404":
            outlet.robots = (404, "")
            return None
        if kind.endswith("everywhere"):
            return outlet.fault(ALL, "status", status=int(kind[:3]))
        if kind == "429 with Retry-After":
            return outlet.fault(
                ALL, "status", status=429, retry_after=max(int(hours * 3_600), 60)
            )
        if kind == "429 without":
            return outlet.fault(ALL, "status", status=429)
        if kind.endswith("on pages"):
            return outlet.fault_on_pages(int(kind[:3]))
        if kind == "broken feed":
            return outlet.fault(feed, "body", body=BROKEN_FEED)
        if kind == "HTML in place of the feed":
            return outlet.fault(feed, "html")
        if kind == "a wall in place of everything":
            return outlet.fault(ALL, "html")
        if kind in ("hang", "slow"):
            return outlet.fault(
                pages, "hang" if kind == "hang" else "slow", times=1, interval=0.05
            )
        return outlet.fault(ALL, "truncate" if kind == "truncated" else "reset")
