"""What a schedule promises for an outlet: which share of its edits will be seen as versions of their own, after how long. Pure.

Articles are drawn from the outlet's rhythm as it was learned, edited as that says, and looked at as the schedule says; always the same ones
for the same rhythm. What was learned too low promises too much: edits that two looks never part are not known of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.schedule import plan
from harvester.schedule.edit_rates import (
    BAND_BOUNDS_HOURS,
    FEED_SIGNALS,
    GAMMA_SHAPE,
    MEAN_FOLLOW_UP_HOURS,
    EditHistory,
    EditRates,
)

SIMULATED_ARTICLES = 200
LISTED_HOURS = 48.0  # hours: how long feeds are thought to list an article
MAX_EDITS = 40  # edits of one article

IntervalPolicy = Callable[
    [EditHistory, int], float | None
]  # the article after a look, and how many were made → hours until the next


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of an outlet: looks an article, shares of edits seen and of last wordings held, delays in hours (None where nothing is edited)."""

    checks_per_article: float
    seen_edits_share: float
    final_versions_share: float
    median_delay_hours: float | None
    p90_delay_hours: float | None


def planned_policy(rates: EditRates, revisit_plan: plan.RevisitPlan) -> IntervalPolicy:
    """The program's own schedule."""
    return lambda story, looks: plan.next_interval(revisit_plan, rates, story, looks)


def fixed_policy(intervals: Sequence[float]) -> IntervalPolicy:
    """A ``revisit`` of the settings, in hours: every sign prompts a look."""

    def choose(story: EditHistory, looks: int) -> float | None:
        if story.signal:
            return 0.0
        return intervals[looks] if looks < len(intervals) else None

    return choose


def simulate_forecast(rates: EditRates, policy: IntervalPolicy) -> Forecast:
    """What comes of looking at articles of that rhythm so."""
    chance = random.Random(SIMULATED_ARTICLES)  # noqa: S311 - the same articles each time, no secret
    made = edits = held = 0
    delays: list[float] = []
    for _ in range(SIMULATED_ARTICLES):
        drawn = _draw_edits(chance, rates)
        signs = [
            at + plan.MIN_INTERVAL_HOURS / 2
            for at in drawn
            if at < LISTED_HOURS and chance.random() < rates.signal_recall
        ]
        looks, last = _simulate_checks(drawn, signs, policy, delays)
        made, edits = made + looks, edits + len(drawn)
        held += not drawn or drawn[-1] <= last
    delays.sort()
    return Forecast(
        made / SIMULATED_ARTICLES,
        len(delays) / edits if edits else 1.0,
        held / SIMULATED_ARTICLES,
        delays[len(delays) // 2] if delays else None,
        delays[int(len(delays) * 0.9)] if delays else None,
    )


def _draw_edits(generator: random.Random, rates: EditRates) -> list[float]:
    """Ages at which one article is edited."""
    likelier = generator.gammavariate(GAMMA_SHAPE, 1 / GAMMA_SHAPE)
    found: list[float] = []
    for rate, begin, end in rates.rates_between(0.0, BAND_BOUNDS_HOURS[-1]):
        at = begin
        while (
            likelier * rate > 0
            and (at := at + generator.expovariate(likelier * rate)) < end
            and len(found) < MAX_EDITS
        ):
            found.append(at)
    fresh = list(found)
    while fresh and len(found) < MAX_EDITS:
        fresh = [
            at + generator.expovariate(1 / MEAN_FOLLOW_UP_HOURS)
            for at in fresh
            if generator.random() < rates.follow_up_rate
        ]
        found += fresh
    return sorted(found)


def _simulate_checks(
    edits: list[float],
    signals: list[float],
    policy: IntervalPolicy,
    delays: list[float],
) -> tuple[int, float]:
    """Look at one article as long as looks are planned: how many, and when the last one was."""
    story, looks = EditHistory(0.0, listed_until=LISTED_HOURS), 0
    while True:
        listed = (
            2 * story.age_hours
            if 0 < story.age_hours < LISTED_HOURS / 2
            else LISTED_HOURS
            if story.age_hours < LISTED_HOURS
            else 0.0
        )
        story = EditHistory(story.age_hours, story.edits, story.last_edit_age, listed)
        pause = policy(story, looks)
        sign = next((at for at in signals if at > story.age_hours), None)
        if sign is not None and (pause is None or sign < story.age_hours + pause):
            sooner = policy(
                EditHistory(
                    story.age_hours,
                    story.edits,
                    story.last_edit_age,
                    listed,
                    FEED_SIGNALS[0],
                ),
                looks,
            )
            if sooner is not None:
                pause = min(
                    max(sign - story.age_hours, sooner, plan.MIN_INTERVAL_HOURS),
                    pause if pause is not None else 1e9,
                )
        if pause is None:
            return looks, story.age_hours
        at = story.age_hours + max(pause, plan.MIN_INTERVAL_HOURS)
        looks += 1
        since = [edit for edit in edits if story.age_hours < edit <= at]
        if since:
            delays.append(at - since[-1])
            story = EditHistory(at, story.edits + 1, at)
        else:
            story = EditHistory(at, story.edits, story.last_edit_age, listed)
