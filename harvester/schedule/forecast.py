"""Forecast the share of edits that a schedule sees, and their delay. Pure.

Articles and their edits are drawn from the learned edit rates of the outlet, and
checked as the schedule says; always the same ones for the same rates. Rates that were
learned too low promise too much: nobody knows of edits that happen between two checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from harvester.schedule import check_plan
from harvester.schedule.edit_rates import (
    BAND_BOUNDS_HOURS,
    FEED_SIGNALS,
    GAMMA_SHAPE,
    MEAN_FOLLOW_UP_HOURS,
    EditHistory,
    EditRates,
)

SIMULATED_ARTICLES = 200
LISTED_HOURS = 48.0  # how long feeds are assumed to list an article
MAX_EDITS = 40  # edits of one article

# An article's history after a check, and the number of checks → hours until the next.
IntervalPolicy = Callable[[EditHistory, int], float | None]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast for an outlet; delays are None if nothing is edited."""

    checks_per_article: float
    seen_edits_share: float
    final_versions_share: float  # of articles whose last version is seen
    median_delay_hours: float | None
    p90_delay_hours: float | None


def planned_policy(
    rates: EditRates, revisit_plan: check_plan.RevisitPlan
) -> IntervalPolicy:
    """The program's own schedule (``revisit = "auto"``)."""
    return lambda history, checks: check_plan.next_interval(
        revisit_plan, rates, history, checks
    )


def fixed_policy(intervals: Sequence[float]) -> IntervalPolicy:
    """Fixed intervals, in hours (``revisit = […]``); every signal prompts a check."""

    def choose(history: EditHistory, checks: int) -> float | None:
        if history.signal:
            return 0.0
        return intervals[checks] if checks < len(intervals) else None

    return choose


def simulate_forecast(rates: EditRates, policy: IntervalPolicy) -> Forecast:
    """The forecast for articles of these rates that are checked by this policy."""
    # The same articles each time.
    generator = random.Random(SIMULATED_ARTICLES)  # noqa: S311 - not a secret
    check_count = edit_count = final_versions = 0
    delays: list[float] = []
    # Until its first edit or signal, every article is checked at the same ages.
    policy = cache(policy)
    unedited = _simulate_checks([], [], policy, delays)
    bands = list(rates.rates_between(0.0, BAND_BOUNDS_HOURS[-1]))
    for _ in range(SIMULATED_ARTICLES):
        edits = _draw_edits(generator, bands, rates.follow_up_rate)
        signals = [
            age + check_plan.MIN_INTERVAL_HOURS / 2
            for age in edits
            if age < LISTED_HOURS and generator.random() < rates.signal_recall
        ]
        checks, last_check = (
            _simulate_checks(edits, signals, policy, delays) if edits else unedited
        )
        check_count += checks
        edit_count += len(edits)
        final_versions += not edits or edits[-1] <= last_check
    delays.sort()
    return Forecast(
        check_count / SIMULATED_ARTICLES,
        len(delays) / edit_count if edit_count else 1.0,
        final_versions / SIMULATED_ARTICLES,
        delays[len(delays) // 2] if delays else None,
        delays[int(len(delays) * 0.9)] if delays else None,
    )


def _draw_edits(
    generator: random.Random,
    bands: Sequence[tuple[float, float, float]],
    follow_up_rate: float,
) -> list[float]:
    """Ages at which one article is edited; ``bands``: as of ``rates_between``."""
    factor = generator.gammavariate(GAMMA_SHAPE, 1 / GAMMA_SHAPE)
    edits: list[float] = []
    for rate, begin, end in bands:
        age = begin
        while (
            factor * rate > 0
            and (age := age + generator.expovariate(factor * rate)) < end
            and len(edits) < MAX_EDITS
        ):
            edits.append(age)
    latest = list(edits)
    while latest and len(edits) < MAX_EDITS:
        latest = [
            age + generator.expovariate(1 / MEAN_FOLLOW_UP_HOURS)
            for age in latest
            if generator.random() < follow_up_rate
        ]
        edits += latest
    return sorted(edits)


def _simulate_checks(
    edits: list[float],
    signals: list[float],
    policy: IntervalPolicy,
    delays: list[float],
) -> tuple[int, float]:
    """Check one article as long as checks are planned: their number, and the last age.

    Appends the delay of each edit that is seen to ``delays``.
    """
    history, checks = EditHistory(0.0, listed_until=_listed_until(0.0)), 0
    while True:
        interval = _interval_with_signals(history, checks, signals, policy)
        if interval is None:
            return checks, history.age_hours
        age = history.age_hours + max(interval, check_plan.MIN_INTERVAL_HOURS)
        checks += 1
        seen, last_edit = history.edits, history.last_edit_age
        new_edits = [edit for edit in edits if history.age_hours < edit <= age]
        if new_edits:
            delays.append(age - new_edits[-1])
            seen, last_edit = seen + 1, age
        history = EditHistory(age, seen, last_edit, _listed_until(age))


def _listed_until(age: float) -> float:
    """The age until which a feed is expected to list an article of this age."""
    if 0 < age < LISTED_HOURS / 2:
        return 2 * age
    return LISTED_HOURS if age < LISTED_HOURS else 0.0


def _interval_with_signals(
    history: EditHistory, checks: int, signals: list[float], policy: IntervalPolicy
) -> float | None:
    """Hours until the next check, which may be prompted by the next signal."""
    interval = policy(history, checks)
    signal = None
    if signals:
        signal = next((age for age in signals if age > history.age_hours), None)
    if signal is None or (
        interval is not None and signal >= history.age_hours + interval
    ):
        return interval
    prompted = policy(history._replace(signal=FEED_SIGNALS[0]), checks)
    if prompted is None:
        return interval
    prompted = max(signal - history.age_hours, prompted, check_plan.MIN_INTERVAL_HOURS)
    return prompted if interval is None else min(prompted, interval)
