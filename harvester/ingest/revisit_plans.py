"""The plans in force, one a budget of looks. Outlets with the same budget share it: those edited more are looked at more.

Not for: the arithmetic (``schedule.plan``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harvester.archive.records import looks
from harvester.schedule import plan
from harvester.schedule.edit_rates import ARTICLES, Rhythm

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.settings import Outlet

PLAN_AGAIN = 500  # looks after which the plan is made again

Counts = Mapping[str, tuple[float, float]]


class Plans:
    """Made when they are first asked for, and again as looks teach."""

    def __init__(self) -> None:
        self._plans: dict[int, plan.Plan] = {}
        self._rhythms: dict[str, Rhythm] = {}
        self._taught = 0

    def rhythm(self, connection: sqlite3.Connection, outlet: str) -> Rhythm:
        """What is known of an outlet."""
        found = self._rhythms.get(outlet)
        if found is None:
            found = self._rhythms[outlet] = Rhythm(looks.counts(connection, outlet))
        return found

    def teach(
        self, connection: sqlite3.Connection, outlet: str, counts: Counts
    ) -> None:
        """Add to what is known of an outlet."""
        looks.teach(connection, outlet, counts)
        self._rhythms.pop(outlet, None)

    def of(self, keeper: Keeper, outlet: Outlet) -> plan.Plan:
        """The plan for an outlet."""
        if self._taught >= PLAN_AGAIN:
            self._plans.clear()
            self._taught = 0
        found = self._plans.get(outlet.looks)
        if found is None:
            outlets = keeper.settings.outlets
            counts = {key: looks.counts(keeper.connection, key) for key in outlets}
            found = self._plans[outlet.looks] = made(counts, outlets, outlet.looks)
        return found

    def looked(self) -> None:
        """A look was learned from."""
        self._taught += 1


def made(
    counts: Mapping[str, Counts], outlets: Mapping[str, Outlet], budget: int
) -> plan.Plan:
    """The plan of those outlets that are looked at on this budget, by what is known of them."""
    pool = [
        (Rhythm(counts[key]), counts[key].get(ARTICLES, (0.0, 0.0))[0])
        for key, one in outlets.items()
        if (one.revisit, one.looks) == ("auto", budget)
    ]
    return plan.plan(pool, float(budget))
