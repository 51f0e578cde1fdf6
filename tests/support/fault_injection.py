"""Random faults at many outlets, repeatable: what breaks, and for how long."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from harvester.newsroom.faults import Fault
from harvester.newsroom.outlet import Outlet
from harvester.newsroom.outlet_state import DEFAULT_ROBOTS_TXT

BROKEN_FEED = (
    b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Half a feed</title>'
    b"<item><title>Nothing"
)
ALL_PATHS = "*"


@dataclass(frozen=True, slots=True)
class FaultType:
    """One kind of fault."""

    name: str
    weight: float  # how often, compared with the others
    mean_hours: float  # 0: for one request


FAULT_TYPES = (
    FaultType("500 everywhere", 3, 1.5),
    FaultType("503 everywhere", 1, 8.0),
    FaultType("500 on pages", 2, 2.0),
    FaultType("404 on pages", 1, 0.4),
    FaultType("429 with Retry-After", 3, 0.5),
    FaultType("429 without", 1, 0.3),
    FaultType("broken feed", 2, 1.0),
    FaultType("HTML in place of the feed", 2, 1.0),
    FaultType("captive portal", 1, 0.5),
    FaultType("truncated", 2, 0.5),
    FaultType("reset", 2, 0.5),
    FaultType("hang", 1, 0.0),
    FaultType("slow", 1, 0.0),
    FaultType("robots 503", 1, 2.0),
    FaultType("robots 404", 1, 6.0),
)


class FaultInjector:
    """Begins and ends faults; ``daily_rate``: how many an outlet has per day."""

    def __init__(
        self,
        outlets: Sequence[Outlet],
        schedule_in: Callable[[float, Callable[[], None]], None],
        daily_rate: float,
        seed: int,
    ) -> None:
        self._outlets = outlets
        self._schedule_in = schedule_in
        self._daily_rate = daily_rate
        self._rng = random.Random(f"weather {seed}")
        self.fault_counts: Counter[str] = Counter()
        # (outlet, name of the fault type, from, until)
        self.fault_periods: list[tuple[str, str, datetime, datetime]] = []

    def inject(self, elapsed_days: float) -> None:
        """Begin the faults of so much time."""
        weights = [fault_type.weight for fault_type in FAULT_TYPES]
        for outlet in self._outlets:
            if self._rng.random() < self._daily_rate * elapsed_days:
                (fault_type,) = self._rng.choices(FAULT_TYPES, weights)
                self._begin_fault(outlet, fault_type)

    def _begin_fault(self, outlet: Outlet, fault_type: FaultType) -> None:
        hours = (
            self._rng.expovariate(1 / fault_type.mean_hours)
            if fault_type.mean_hours
            else 0.0
        )
        fault = self._create_fault(outlet, fault_type.name, hours)
        now = outlet.now()
        self.fault_counts[fault_type.name] += 1
        self.fault_periods.append(
            (outlet.key, fault_type.name, now, now + timedelta(hours=hours))
        )

        def end_fault() -> None:
            if fault is None:
                outlet.robots_response = (200, DEFAULT_ROBOTS_TXT)
            else:
                outlet.remove_fault(fault)

        self._schedule_in(max(hours, 0.5), end_fault)

    def _create_fault(
        self, outlet: Outlet, type_name: str, hours: float
    ) -> Fault | None:
        feed, pages = next(iter(outlet.configured_feeds())), "*[0-9a-z]*[0-9a-z]*"
        if type_name == "robots 503":
            outlet.robots_response = (503, "")
            return None
        if type_name == "robots 404":
            outlet.robots_response = (404, "")
            return None
        if type_name.endswith("everywhere"):
            return outlet.add_fault(ALL_PATHS, "status", status=int(type_name[:3]))
        if type_name == "429 with Retry-After":
            return outlet.add_fault(
                ALL_PATHS, "status", status=429, retry_after=max(int(hours * 3_600), 60)
            )
        if type_name == "429 without":
            return outlet.add_fault(ALL_PATHS, "status", status=429)
        if type_name.endswith("on pages"):
            return outlet.add_page_fault(int(type_name[:3]))
        if type_name == "broken feed":
            return outlet.add_fault(feed, "body", body=BROKEN_FEED)
        if type_name == "HTML in place of the feed":
            return outlet.add_fault(feed, "html")
        if type_name == "captive portal":
            return outlet.add_fault(ALL_PATHS, "html")
        if type_name in ("hang", "slow"):
            return outlet.add_fault(
                pages,
                "hang" if type_name == "hang" else "slow",
                times=1,
                interval_seconds=0.05,
            )
        return outlet.add_fault(
            ALL_PATHS, "truncate" if type_name == "truncated" else "reset"
        )
