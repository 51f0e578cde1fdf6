"""When to look at an article again, on a budget of looks an article. Pure.

A look is worth most where most edits are expected since the last one. Of all ways to spend a number of looks, the fewest edits
are overlaid by the next one, unseen, where each look comes after the same number of expected edits: the *step*. The edits that all
looks at an article pass over are, in the mean, the outlet's edits an article; so the step follows from the budget and from what
the outlets together are expected to edit, and outlets and articles that are edited more are looked at more. A sign from the feed counts for
as many edits as such signs have turned out to stand for. Whatever is expected, an article is looked at around certain ages,
for late edits and removals.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from harvester.schedule.edit_rates import (
    BAND_BOUNDS_HOURS,
    FEED_SIGNALS,
    EditHistory,
    EditRates,
)

FIXED_AGES_HOURS = (24.0, 168.0, 720.0)  # hours: a look not later than at these ages
FIXED_AGE_TOLERANCE = 0.6  # of such an age: a look so late is the one
MIN_INTERVAL_HOURS = 0.25  # hours between two looks
JITTER = 0.2  # of a pause: looks at articles that came together are spread by so much
MAX_BUDGET_FACTOR = (
    4  # times the budget: then an article is looked at anyway and after signs only
)
MAX_SIGNAL_BUDGET_FACTOR, RARE_SIGNAL_HOURS = (
    12,
    12.0,
)  # times the budget: from then on signs are heard every so many hours
MAX_INITIAL_AGE_HOURS = 168.0  # hours: an article that was older when it was first seen is taken for one so old
STEP_BOUNDS = (
    0.02,
    2.0,
)  # edits: no step is smaller or greater, whatever the budget allows
WATCHED_STEP_FACTOR = 0.2  # of the step: for articles that a person watches
MAX_WATCHED_INTERVAL_HOURS = 24.0  # hours between two looks at them
_STEP_CHECKS_FACTOR, _OVERLAP_EDITS = (
    1.1,
    0.9,
)  # as simulated: looks by steps and those anyway coincide where steps are wide


@dataclass(frozen=True, slots=True)
class RevisitPlan:
    """How looks are spent: the budget, and the step that keeps it."""

    budget: float
    edits_per_check: float


def expected_checks(rates: EditRates, edits_per_check: float) -> float:
    """Looks an article of that outlet is expected to take."""
    signs = [
        sign for sign in FEED_SIGNALS if rates.signal_precision(sign) >= edits_per_check
    ]
    by_signs = sum(rates.signal_checks_per_article(sign) for sign in signs)
    told = min(
        sum(rates.signal_edits_per_article(sign) for sign in signs),
        rates.edits_per_article * rates.signal_recall,
    )
    rest = (rates.edits_per_article - told) / edits_per_check
    return (
        len(FIXED_AGES_HOURS)
        + by_signs
        + _STEP_CHECKS_FACTOR * rest**2 / (rest + _OVERLAP_EDITS)
    )


def make_plan(outlets: Iterable[tuple[EditRates, float]], budget: float) -> RevisitPlan:
    """The plan by which these outlets together cost the budget; each with its weight, the number of its articles."""
    pool = [(rhythm, weight) for rhythm, weight in outlets if weight > 0] or [
        (EditRates(), 1.0)
    ]
    whole = sum(weight for _, weight in pool)
    least, most = STEP_BOUNDS
    for _ in range(20):
        middle = (least * most) ** 0.5
        if (
            sum(weight * expected_checks(rhythm, middle) for rhythm, weight in pool)
            / whole
            > budget
        ):
            least = middle
        else:
            most = middle
    return RevisitPlan(budget, most)


def next_interval(
    revisit_plan: RevisitPlan,
    rates: EditRates,
    history: EditHistory,
    checks: int,
    watched: bool = False,
) -> float | None:
    """Hours from the last look at an article to the next; None: no more. ``story``: as it stood after that look, with the sign that came
    since; ``looks``: made so far."""
    anyway = next(
        (
            age
            for age in FIXED_AGES_HOURS
            if history.age_hours < age * FIXED_AGE_TOLERANCE
        ),
        None,
    )
    end = BAND_BOUNDS_HOURS[-1] if anyway is None else anyway
    if watched:
        end = history.age_hours + MAX_WATCHED_INTERVAL_HOURS
    spent = checks >= MAX_BUDGET_FACTOR * revisit_plan.budget and not watched
    wanted = revisit_plan.edits_per_check * (WATCHED_STEP_FACTOR if watched else 1.0)
    if history.signal:
        wanted -= rates.signal_precision(history.signal)
    if wanted <= 0:
        return (
            RARE_SIGNAL_HOURS
            if checks >= MAX_SIGNAL_BUDGET_FACTOR * revisit_plan.budget
            else MIN_INTERVAL_HOURS
        )
    at = None if spent else _age_at_expected_edits(rates, history, wanted, end)
    if at is None:
        if anyway is None and not watched:
            return None
        at = end
    return max(at - history.age_hours, MIN_INTERVAL_HOURS)


def _age_at_expected_edits(
    rates: EditRates, history: EditHistory, expected_edits: float, end: float
) -> float | None:
    """The age at which so many edits of which no sign comes are expected since the last look; None: not before ``end``."""
    likelier, unsigned = rates.article_factor(history), 1 - rates.signal_recall
    passed, begin = 0.0, history.age_hours
    for to in _even_rate_bounds(history, end):
        share = unsigned if to <= history.listed_until else 1.0
        base = likelier * sum(
            rate * (last - first)
            for rate, first, last in rates.rates_between(begin, to)
        )
        more = share * (base + rates.follow_up_edits(history, begin, to))
        if passed + more >= expected_edits:
            return begin + (to - begin) * (expected_edits - passed) / more
        passed, begin = passed + more, to
    return None


def _even_rate_bounds(history: EditHistory, end: float) -> list[float]:
    """Ages between which rates are nearly even: those of the bands, and near a change."""
    marks = {*BAND_BOUNDS_HOURS, history.listed_until, end}
    if history.last_edit_age is not None:
        marks |= {history.last_edit_age + after for after in (0.5, 1.0, 2.0, 4.0, 8.0)}
    return sorted(mark for mark in marks if history.age_hours < mark <= end)


def add_jitter(hours: float, key: str, checks: int) -> float:
    """A pause made a little shorter or longer, always the same for the same article and look."""
    part = zlib.crc32(f"{key} {checks}".encode()) / 0xFFFFFFFF
    return max(hours * (1 + JITTER * (part - 0.5)), MIN_INTERVAL_HOURS)


def with_signal(history: EditHistory, signal: str) -> EditHistory:
    """The same after the feed gave a sign of an edit; where there are both kinds, words are the stronger one."""
    return (
        history
        if history.signal == FEED_SIGNALS[0]
        else replace(history, signal=signal)
    )
