"""What a schedule promises for an outlet: which share of its edits will be seen as versions of their own, after how long. Pure.

Articles are drawn from the outlet's rhythm as it was learned, edited as that says, and looked at as the schedule says; always the same ones
for the same rhythm. What was learned too low promises too much: edits that two looks never part are not known of.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.schedule import plan
from harvester.schedule.edit_rates import AGES, SIGNS, SOON, UNEVEN, Rhythm, Story

ARTICLES = 200
LISTED = 48.0  # hours: how long feeds are thought to list an article
MOST = 40  # edits of one article

Chooser = Callable[
    [Story, int], float | None
]  # the article after a look, and how many were made → hours until the next


@dataclass(frozen=True, slots=True)
class Promise:
    """Of an outlet: looks an article, shares of edits seen and of last wordings held, delays in hours (None where nothing is edited)."""

    looks: float
    edits: float
    last: float
    half: float | None
    most: float | None


def planned(rhythm: Rhythm, the_plan: plan.Plan) -> Chooser:
    """The program's own schedule."""
    return lambda story, looks: plan.pause(the_plan, rhythm, story, looks)


def ladder(pauses: Sequence[float]) -> Chooser:
    """A ``revisit`` of the settings, in hours: every sign prompts a look."""

    def choose(story: Story, looks: int) -> float | None:
        if story.sign:
            return 0.0
        return pauses[looks] if looks < len(pauses) else None

    return choose


def promise(rhythm: Rhythm, choose: Chooser) -> Promise:
    """What comes of looking at articles of that rhythm so."""
    chance = random.Random(ARTICLES)  # noqa: S311 - the same articles each time, no secret
    made = edits = held = 0
    delays: list[float] = []
    for _ in range(ARTICLES):
        drawn = _edits(chance, rhythm)
        signs = [
            at + plan.LEAST / 2
            for at in drawn
            if at < LISTED and chance.random() < rhythm.signed
        ]
        looks, last = _follow(drawn, signs, choose, delays)
        made, edits = made + looks, edits + len(drawn)
        held += not drawn or drawn[-1] <= last
    delays.sort()
    return Promise(
        made / ARTICLES,
        len(delays) / edits if edits else 1.0,
        held / ARTICLES,
        delays[len(delays) // 2] if delays else None,
        delays[int(len(delays) * 0.9)] if delays else None,
    )


def _edits(chance: random.Random, rhythm: Rhythm) -> list[float]:
    """Ages at which one article is edited."""
    likelier = chance.gammavariate(UNEVEN, 1 / UNEVEN)
    found: list[float] = []
    for rate, begin, end in rhythm.parts(0.0, AGES[-1]):
        at = begin
        while (
            likelier * rate > 0
            and (at := at + chance.expovariate(likelier * rate)) < end
            and len(found) < MOST
        ):
            found.append(at)
    fresh = list(found)
    while fresh and len(found) < MOST:
        fresh = [
            at + chance.expovariate(1 / SOON)
            for at in fresh
            if chance.random() < rhythm.following
        ]
        found += fresh
    return sorted(found)


def _follow(
    edits: list[float], signs: list[float], choose: Chooser, delays: list[float]
) -> tuple[int, float]:
    """Look at one article as long as looks are planned: how many, and when the last one was."""
    story, looks = Story(0.0, listed=LISTED), 0
    while True:
        listed = (
            2 * story.age
            if 0 < story.age < LISTED / 2
            else LISTED
            if story.age < LISTED
            else 0.0
        )
        story = Story(story.age, story.edits, story.changed, listed)
        pause = choose(story, looks)
        sign = next((at for at in signs if at > story.age), None)
        if sign is not None and (pause is None or sign < story.age + pause):
            sooner = choose(
                Story(story.age, story.edits, story.changed, listed, SIGNS[0]), looks
            )
            if sooner is not None:
                pause = min(
                    max(sign - story.age, sooner, plan.LEAST),
                    pause if pause is not None else 1e9,
                )
        if pause is None:
            return looks, story.age
        at = story.age + max(pause, plan.LEAST)
        looks += 1
        since = [edit for edit in edits if story.age < edit <= at]
        if since:
            delays.append(at - since[-1])
            story = Story(at, story.edits + 1, at)
        else:
            story = Story(at, story.edits, story.changed, listed)
