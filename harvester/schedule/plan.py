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

from harvester.schedule.edit_rates import AGES, SIGNS, Rhythm, Story

ANYWAY = (24.0, 168.0, 720.0)  # hours: a look not later than at these ages
ABOUT = 0.6  # of such an age: a look so late is the one
LEAST = 0.25  # hours between two looks
SPREAD = 0.2  # of a pause: looks at articles that came together are spread by so much
DEAREST = (
    4  # times the budget: then an article is looked at anyway and after signs only
)
SIGNED_MOST, SELDOM = (
    12,
    12.0,
)  # times the budget: from then on signs are heard every so many hours
OLDEST = 168.0  # hours: an article that was older when it was first seen is taken for one so old
STEPS = (0.02, 2.0)  # edits: no step is smaller or greater, whatever the budget allows
WATCHED = 0.2  # of the step: for articles that a person watches
WATCHED_MOST = 24.0  # hours between two looks at them
_BY_STEPS, _OVERLAP = (
    1.1,
    0.9,
)  # as simulated: looks by steps and those anyway coincide where steps are wide


@dataclass(frozen=True, slots=True)
class Plan:
    """How looks are spent: the budget, and the step that keeps it."""

    budget: float
    step: float


def cost(rhythm: Rhythm, step: float) -> float:
    """Looks an article of that outlet is expected to take."""
    signs = [sign for sign in SIGNS if rhythm.true_sign(sign) >= step]
    by_signs = sum(rhythm.by_sign(sign) for sign in signs)
    told = min(
        sum(rhythm.found_by(sign) for sign in signs), rhythm.edits * rhythm.signed
    )
    rest = (rhythm.edits - told) / step
    return len(ANYWAY) + by_signs + _BY_STEPS * rest**2 / (rest + _OVERLAP)


def plan(outlets: Iterable[tuple[Rhythm, float]], budget: float) -> Plan:
    """The plan by which these outlets together cost the budget; each with its weight, the number of its articles."""
    pool = [(rhythm, weight) for rhythm, weight in outlets if weight > 0] or [
        (Rhythm(), 1.0)
    ]
    whole = sum(weight for _, weight in pool)
    least, most = STEPS
    for _ in range(20):
        middle = (least * most) ** 0.5
        if (
            sum(weight * cost(rhythm, middle) for rhythm, weight in pool) / whole
            > budget
        ):
            least = middle
        else:
            most = middle
    return Plan(budget, most)


def pause(
    plan: Plan, rhythm: Rhythm, story: Story, looks: int, watched: bool = False
) -> float | None:
    """Hours from the last look at an article to the next; None: no more. ``story``: as it stood after that look, with the sign that came
    since; ``looks``: made so far."""
    anyway = next((age for age in ANYWAY if story.age < age * ABOUT), None)
    end = AGES[-1] if anyway is None else anyway
    if watched:
        end = story.age + WATCHED_MOST
    spent = looks >= DEAREST * plan.budget and not watched
    wanted = plan.step * (WATCHED if watched else 1.0)
    if story.sign:
        wanted -= rhythm.true_sign(story.sign)
    if wanted <= 0:
        return SELDOM if looks >= SIGNED_MOST * plan.budget else LEAST
    at = None if spent else _reached(rhythm, story, wanted, end)
    if at is None:
        if anyway is None and not watched:
            return None
        at = end
    return max(at - story.age, LEAST)


def _reached(rhythm: Rhythm, story: Story, wanted: float, end: float) -> float | None:
    """The age at which so many edits of which no sign comes are expected since the last look; None: not before ``end``."""
    likelier, unsigned = rhythm.likelier(story), 1 - rhythm.signed
    passed, begin = 0.0, story.age
    for to in _bounds(story, end):
        share = unsigned if to <= story.listed else 1.0
        base = likelier * sum(
            rate * (last - first) for rate, first, last in rhythm.parts(begin, to)
        )
        more = share * (base + rhythm.company(story, begin, to))
        if passed + more >= wanted:
            return begin + (to - begin) * (wanted - passed) / more
        passed, begin = passed + more, to
    return None


def _bounds(story: Story, end: float) -> list[float]:
    """Ages between which rates are nearly even: those of the bands, and near a change."""
    marks = {*AGES, story.listed, end}
    if story.changed is not None:
        marks |= {story.changed + after for after in (0.5, 1.0, 2.0, 4.0, 8.0)}
    return sorted(mark for mark in marks if story.age < mark <= end)


def spread(hours: float, key: str, looks: int) -> float:
    """A pause made a little shorter or longer, always the same for the same article and look."""
    part = zlib.crc32(f"{key} {looks}".encode()) / 0xFFFFFFFF
    return max(hours * (1 + SPREAD * (part - 0.5)), LEAST)


def signed(story: Story, sign: str) -> Story:
    """The same after the feed gave a sign of an edit; where there are both kinds, words are the stronger one."""
    return story if story.sign == SIGNS[0] else replace(story, sign=sign)
