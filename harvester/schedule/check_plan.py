"""When to check an article again, on a budget of checks per article. Pure.

A check is worth most where most edits are expected since the last one. Of all ways to
spend a number of checks, the fewest edits are overwritten unseen if each check comes
after the same number of expected edits, ``edits_per_check``. It follows from the budget
and from the edits that are expected of all outlets together: outlets and articles that
are edited more are checked more. A signal from the feed counts for as many edits as
such signals have turned out to stand for. Whatever is expected, an article is checked
around certain ages, for late edits and removals.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.schedule.edit_rates import (
    BAND_BOUNDS_HOURS,
    BAND_COUNT,
    FEED_SIGNALS,
    EditHistory,
    EditRates,
    follow_ups_left,
)

# Ages at which an article is checked at the latest.
FIXED_AGES_HOURS = (24.0, 168.0, 720.0)
FIXED_AGE_TOLERANCE = 0.6  # a check at this share of such an age counts as the one
MIN_INTERVAL_HOURS = 0.25
JITTER = 0.2  # of an interval: spreads the checks of articles published together
# Times the budget, from which an article is checked at fixed ages and after signals.
MAX_BUDGET_FACTOR = 4
# Times the budget, from which signals are followed every so many hours only.
MAX_SIGNAL_BUDGET_FACTOR = 12
RARE_SIGNAL_HOURS = 12.0
# Articles that were older when first seen are treated as if they were so old.
MAX_INITIAL_AGE_HOURS = 168.0
STEP_BOUNDS = (0.02, 2.0)  # of edits_per_check, whatever the budget allows
WATCHED_STEP_FACTOR = 0.2  # of edits_per_check, for articles that a person watches
MAX_WATCHED_INTERVAL_HOURS = 24.0  # between two checks of these
# Ages after an edit between which follow-ups are taken as even.
FOLLOW_UP_STEPS_HOURS = (0.5, 1.0, 2.0, 4.0, 8.0)
_FIXED_AGE_BEGINNINGS = tuple(age * FIXED_AGE_TOLERANCE for age in FIXED_AGES_HOURS)
# From simulations: planned checks and those at fixed ages coincide if steps are wide.
_STEP_CHECKS_FACTOR = 1.1
_OVERLAP_EDITS = 0.9


@dataclass(frozen=True, slots=True)
class RevisitPlan:
    """How checks are spent: the budget per article, and the step that keeps it."""

    budget: float
    edits_per_check: float


def expected_checks(rates: EditRates, edits_per_check: float) -> float:
    """The number of checks that an article of an outlet is expected to take."""
    signals = [
        signal
        for signal in FEED_SIGNALS
        if rates.signal_precision(signal) >= edits_per_check
    ]
    signal_checks = sum(rates.signal_checks_per_article(signal) for signal in signals)
    signalled_edits = min(
        sum(rates.signal_edits_per_article(signal) for signal in signals),
        rates.edits_per_article * rates.signal_recall,
    )
    steps = (rates.edits_per_article - signalled_edits) / edits_per_check
    return (
        len(FIXED_AGES_HOURS)
        + signal_checks
        + _STEP_CHECKS_FACTOR * steps**2 / (steps + _OVERLAP_EDITS)
    )


def make_plan(outlets: Iterable[tuple[EditRates, float]], budget: float) -> RevisitPlan:
    """The plan by which the articles of all outlets cost the budget on average.

    ``outlets`` are rates and number of articles.
    """
    weighted = [(rates, weight) for rates, weight in outlets if weight > 0]
    weighted = weighted or [(EditRates(), 1.0)]
    total_weight = sum(weight for _, weight in weighted)
    low, high = STEP_BOUNDS
    for _ in range(20):  # bisection
        middle = (low * high) ** 0.5
        total_checks = sum(
            weight * expected_checks(rates, middle) for rates, weight in weighted
        )
        if total_checks / total_weight > budget:
            low = middle
        else:
            high = middle
    return RevisitPlan(budget, high)


def next_interval(
    revisit_plan: RevisitPlan,
    rates: EditRates,
    history: EditHistory,
    checks: int,
    watched: bool = False,
) -> float | None:
    """Hours from the last check of an article to the next; None if there is none.

    ``history`` is as of the last check, with the feed's signal since then; ``checks``
    were made so far.
    """
    passed = bisect_right(_FIXED_AGE_BEGINNINGS, history.age_hours)
    fixed_age = FIXED_AGES_HOURS[passed] if passed < len(FIXED_AGES_HOURS) else None
    end = BAND_BOUNDS_HOURS[-1] if fixed_age is None else fixed_age
    if watched:
        end = history.age_hours + MAX_WATCHED_INTERVAL_HOURS
    is_spent = checks >= MAX_BUDGET_FACTOR * revisit_plan.budget and not watched
    step = revisit_plan.edits_per_check * (WATCHED_STEP_FACTOR if watched else 1.0)
    if history.signal:
        step -= rates.signal_precision(history.signal)
    if step <= 0:
        are_signals_rare = checks >= MAX_SIGNAL_BUDGET_FACTOR * revisit_plan.budget
        return RARE_SIGNAL_HOURS if are_signals_rare else MIN_INTERVAL_HOURS
    age = None if is_spent else _age_at_expected_edits(rates, history, step, end)
    if age is None:
        if fixed_age is None and not watched:
            return None
        age = end
    interval = max(age - history.age_hours, MIN_INTERVAL_HOURS)
    return min(interval, MAX_WATCHED_INTERVAL_HOURS) if watched else interval


def _age_at_expected_edits(
    rates: EditRates, history: EditHistory, expected_edits: float, end: float
) -> float | None:
    """The age up to which so many unsignalled edits are expected since the last check.

    None if it is after ``end``.
    """
    factor, unsignalled_share = rates.article_factor(history), 1 - rates.signal_recall
    last_edit, hourly_rates = history.last_edit_age, rates.hourly_rates
    expected, start, added = 0.0, history.age_hours, 0.0
    band = bisect_right(BAND_BOUNDS_HOURS, start) - 1
    follow_ups = 0.0 if last_edit is None else follow_ups_left(last_edit, start)
    for stop in _even_rate_bounds(history, end):
        rate = hourly_rates[band] if 0 <= band < BAND_COUNT else 0.0
        added = factor * (rate * (stop - start))
        if last_edit is not None:
            left = follow_ups_left(last_edit, stop)
            added += rates.follow_up_rate * (follow_ups - left)
            follow_ups = left
        if stop <= history.listed_until:
            added *= unsignalled_share
        if expected + added >= expected_edits:
            return start + (stop - start) * (expected_edits - expected) / added
        expected, start = expected + added, stop
        if band < BAND_COUNT and stop >= BAND_BOUNDS_HOURS[band + 1]:
            band += 1
    return None


def _even_rate_bounds(history: EditHistory, end: float) -> Sequence[float]:
    """Ages between which rates are nearly even: of bands, and soon after an edit."""
    start, last_edit = history.age_hours, history.last_edit_age
    listed_until = history.listed_until
    bounds = BAND_BOUNDS_HOURS[
        bisect_right(BAND_BOUNDS_HOURS, start) : bisect_right(BAND_BOUNDS_HOURS, end)
    ]
    if last_edit is None and not start < listed_until < end and bounds[-1:] == (end,):
        return bounds
    ages = [listed_until, end]
    if last_edit is not None:
        ages += [last_edit + hours for hours in FOLLOW_UP_STEPS_HOURS]
    return sorted({*bounds, *(age for age in ages if start < age <= end)})


def add_jitter(hours: float, key: str, checks: int) -> float:
    """An interval changed a little, always the same for an article and check."""
    fraction = zlib.crc32(f"{key} {checks}".encode()) / 0xFFFFFFFF
    return max(hours * (1 + JITTER * (fraction - 0.5)), MIN_INTERVAL_HOURS)


def with_signal(history: EditHistory, signal: str) -> EditHistory:
    """The history with a feed's signal of an edit; changed words outrank a date."""
    if history.signal == FEED_SIGNALS[0]:
        return history
    return history._replace(signal=signal)
