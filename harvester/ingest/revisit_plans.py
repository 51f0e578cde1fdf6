"""The plans in force, one a budget of looks. Outlets with the same budget share it: those edited more are looked at more.

Not for: the arithmetic (``schedule.plan``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from harvester.archive.records import looks
from harvester.schedule import plan
from harvester.schedule.edit_rates import ARTICLES_PART, EditRates

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.settings import Outlet

CHECKS_PER_PLAN = 500  # looks after which the plan is made again

OutletCounts = Mapping[str, tuple[float, float]]


class RevisitPlans:
    """Made when they are first asked for, and again as looks teach."""

    def __init__(self) -> None:
        self._plans: dict[int, plan.RevisitPlan] = {}
        self._edit_rates: dict[str, EditRates] = {}
        self._checks_since_plan = 0

    def edit_rates(self, connection: sqlite3.Connection, outlet: str) -> EditRates:
        """What is known of an outlet."""
        found = self._edit_rates.get(outlet)
        if found is None:
            found = self._edit_rates[outlet] = EditRates(
                looks.get_outlet_counts(connection, outlet)
            )
        return found

    def add_counts(
        self, connection: sqlite3.Connection, outlet: str, counts: OutletCounts
    ) -> None:
        """Add to what is known of an outlet."""
        looks.add_outlet_counts(connection, outlet, counts)
        self._edit_rates.pop(outlet, None)

    def plan_for(self, keeper: Keeper, outlet: Outlet) -> plan.RevisitPlan:
        """The plan for an outlet."""
        if self._checks_since_plan >= CHECKS_PER_PLAN:
            self._plans.clear()
            self._checks_since_plan = 0
        found = self._plans.get(outlet.looks)
        if found is None:
            outlets = keeper.settings.outlets
            counts = {
                key: looks.get_outlet_counts(keeper.connection, key) for key in outlets
            }
            found = self._plans[outlet.looks] = make_plan(counts, outlets, outlet.looks)
        return found

    def count_check(self) -> None:
        """A look was learned from."""
        self._checks_since_plan += 1


def make_plan(
    counts_by_outlet: Mapping[str, OutletCounts],
    outlets: Mapping[str, Outlet],
    budget: int,
) -> plan.RevisitPlan:
    """The plan of those outlets that are looked at on this budget, by what is known of them."""
    pool = [
        (
            EditRates(counts_by_outlet[key]),
            counts_by_outlet[key].get(ARTICLES_PART, (0.0, 0.0))[0],
        )
        for key, one in outlets.items()
        if (one.revisit, one.looks) == ("auto", budget)
    ]
    return plan.make_plan(pool, float(budget))
