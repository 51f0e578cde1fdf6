"""The revisit plans in force, one for each budget of checks.

Outlets with the same budget share it: those that edit more are checked more. Does not
compute plans (``schedule.check_plan``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from harvester.archive.records import looks
from harvester.schedule import check_plan
from harvester.schedule.edit_rates import ARTICLES_PART, EditRates
from harvester.settings import Outlet

CHECKS_PER_PLAN = 500  # checks after which a plan is made again

OutletCounts = Mapping[str, tuple[float, float]]


class RevisitPlans:
    """Plans and edit rates of outlets; made when needed, and again as counts grow."""

    def __init__(
        self, connection: sqlite3.Connection, outlets: Mapping[str, Outlet]
    ) -> None:
        self._connection = connection
        self._outlets = outlets
        self._plans: dict[int, check_plan.RevisitPlan] = {}
        self._edit_rates: dict[str, EditRates] = {}
        self._checks_since_plan = 0

    def edit_rates(self, outlet: str) -> EditRates:
        """How an outlet edits, as far as is known."""
        rates = self._edit_rates.get(outlet)
        if rates is None:
            counts = looks.get_outlet_counts(self._connection, outlet)
            rates = self._edit_rates[outlet] = EditRates(counts)
        return rates

    def add_counts(self, outlet: str, counts: OutletCounts) -> None:
        """Add to the edit counts of an outlet."""
        looks.add_outlet_counts(self._connection, outlet, counts)
        self._edit_rates.pop(outlet, None)

    def plan_for(self, outlet: Outlet) -> check_plan.RevisitPlan:
        """The plan for an outlet."""
        if self._checks_since_plan >= CHECKS_PER_PLAN:
            self._plans.clear()
            self._checks_since_plan = 0
        revisit_plan = self._plans.get(outlet.looks)
        if revisit_plan is None:
            counts = {
                key: looks.get_outlet_counts(self._connection, key)
                for key in self._outlets
            }
            revisit_plan = make_plan(counts, self._outlets, outlet.looks)
            self._plans[outlet.looks] = revisit_plan
        return revisit_plan

    def count_check(self) -> None:
        """Count a check that the edit counts were updated by."""
        self._checks_since_plan += 1


def make_plan(
    counts_by_outlet: Mapping[str, OutletCounts],
    outlets: Mapping[str, Outlet],
    budget: int,
) -> check_plan.RevisitPlan:
    """The plan of the outlets that are checked on this budget."""
    rates_and_articles = [
        (
            EditRates(counts_by_outlet[key]),
            counts_by_outlet[key].get(ARTICLES_PART, (0.0, 0.0))[0],
        )
        for key, outlet in outlets.items()
        if (outlet.revisit, outlet.looks) == ("auto", budget)
    ]
    return check_plan.make_plan(rates_and_articles, float(budget))
