"""How often articles are edited, at which age: what studies say, what was learned of an outlet, what an article showed. Pure.

The prior is that of published studies: 35 % of articles are edited, 1.97 times; half of the edits come within 5 hours, 87 %
within a day; edits come in company. An outlet's rates are counts of edits found against edits expected (Gamma-Poisson), band by
band of age, shrunk to the outlet's mean, and that to the prior. An article that was edited is edited again more likely, one that
was left alone less (a second Gamma-Poisson, inside the outlet). Hours are counted from the article's publication.
Not for: when to look (``plan``), nor for where the counts are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

AGES = (
    0.0,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    24.0,
    72.0,
    168.0,
    720.0,
    2160.0,
)  # hours: bounds of the bands
UNTIL = (
    0.0,
    0.06,
    0.13,
    0.25,
    0.50,
    0.68,
    0.87,
    0.93,
    0.955,
    0.985,
    1.0,
)  # share of all edits up to them
EDITS = 0.35 * 1.97  # edits an article, of all outlets
FOLLOWING = 0.45  # further edits soon after one
FOLLOWING_MOST = 0.6  # whatever is counted
SOON = 2.0  # hours: how soon, in the mean
FIRST = EDITS / (1 + FOLLOWING)  # edits an article that follow no other one
UNEVEN = 0.5  # shape of the Gamma by which articles of an outlet differ: two thirds are never edited
LIKELIEST = 12.0  # times the outlet's mean: more is not believed of any article

# How many edits (found and expected) the prior weighs, against what was counted.
WEIGHT_OUTLET, WEIGHT_BAND, WEIGHT_FOLLOWING = 3.0, 2.0, 4.0
WEIGHT_ARTICLES = 5.0
# What is thought of an outlet's feed before it has shown anything: how many of its signs stand for an edit, how many of its
# edits it gives a sign of; and what that opinion weighs.
TRUE_SIGN, SIGNED, WEIGHT_SIGN = 0.5, 0.3, 3.0

BANDS = len(AGES) - 1
ARTICLES, FOLLOWED, ANNOUNCED = "articles", "after an edit", "announced"
SIGNS = (
    "words",
    "date",
)  # what a feed may change: title, summary or text; the stated time alone


def band(place: int) -> str:
    """The name of a band of ages, as it is kept: "0.5 h" is the one that begins there."""
    return f"{AGES[place]:g} h"


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one article at one moment. Hours, counted from its publication."""

    age: float  # now
    edits: int = 0  # that were seen
    changed: float | None = None  # when it was last seen to be changed
    listed: float = 0.0  # until when its feed is thought to go on listing it: there a sign of an edit can come
    sign: str = ""  # one of SIGNS: the feed gave a sign since the last look


@dataclass(frozen=True)
class Rhythm:
    """The rates of an outlet. ``counts``: part → (tried, found), as ``credit`` gives them to be added up."""

    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def _count(self, part: str) -> tuple[float, float]:
        return self.counts.get(part, (0.0, 0.0))

    @cached_property
    def mean(self) -> float:
        """Edits against those of the prior."""
        tried, found = (
            sum(self._count(band(place))[side] for place in range(BANDS))
            for side in (0, 1)
        )
        return (WEIGHT_OUTLET + found) / (WEIGHT_OUTLET + tried)

    @cached_property
    def rates(self) -> tuple[float, ...]:
        """Edits an hour of a mean article, in each band."""
        found = []
        for place, (begin, end) in enumerate(pairwise(AGES)):
            tried, seen = self._count(band(place))
            factor = (WEIGHT_BAND * self.mean + seen) / (WEIGHT_BAND + tried)
            found.append(
                factor * FIRST * (UNTIL[place + 1] - UNTIL[place]) / (end - begin)
            )
        return tuple(found)

    @cached_property
    def following(self) -> float:
        """Edits that follow one soon."""
        tried, found = self._count(FOLLOWED)
        return min(
            (WEIGHT_FOLLOWING * FOLLOWING + found) / (WEIGHT_FOLLOWING + tried),
            FOLLOWING_MOST,
        )

    @cached_property
    def edits(self) -> float:
        """Edits an article, as they are seen."""
        tried, found = self._count(ARTICLES)
        return (WEIGHT_ARTICLES * EDITS + found) / (WEIGHT_ARTICLES + tried)

    def true_sign(self, sign: str) -> float:
        """How likely such a sign of the feed stands for an edit."""
        tried, found = self._count(sign)
        return (WEIGHT_SIGN * TRUE_SIGN + found) / (WEIGHT_SIGN + tried)

    def by_sign(self, sign: str) -> float:
        """Looks an article that such signs have prompted."""
        return self._an_article(sign, 0)

    def found_by(self, sign: str) -> float:
        """Edits an article that were found after such signs."""
        return self._an_article(sign, 1)

    def _an_article(self, sign: str, side: int) -> float:
        found = EDITS * SIGNED / len(SIGNS)
        prior = (found / TRUE_SIGN, found)[side]
        return (WEIGHT_ARTICLES * prior + self._count(sign)[side]) / (
            WEIGHT_ARTICLES + self._count(ARTICLES)[0]
        )

    @cached_property
    def signed(self) -> float:
        """Share of edits of which the feed gives a sign, while it lists the article."""
        tried, found = self._count(ANNOUNCED)
        return (WEIGHT_SIGN * SIGNED + found) / (WEIGHT_SIGN + tried)

    def until(self, age: float) -> float:
        """Edits that follow no other one, up to an age, of a mean article."""
        return sum(rate * (end - begin) for rate, begin, end in self.parts(0.0, age))

    def parts(self, begin: float, end: float) -> Iterator[tuple[float, float, float]]:
        """(edits an hour, from, to), band by band."""
        for rate, first, last in zip(self.rates, AGES, AGES[1:], strict=False):
            if first >= end:
                return
            if begin < last:
                yield rate, max(begin, first), min(end, last)

    def likelier(self, story: Story) -> float:
        """How much likelier than its outlet's mean this article is edited, by what it showed so far."""
        first = story.edits * (1 - self.following)
        return min((UNEVEN + first) / (UNEVEN + self.until(story.age)), LIKELIEST)

    def company(self, story: Story, begin: float, end: float) -> float:
        """Edits expected between two ages because one was seen shortly before."""
        if story.changed is None:
            return 0.0
        near, far = (
            math.exp(-max(at - story.changed, 0.0) / SOON) for at in (begin, end)
        )
        return self.following * (near - far)

    def expected(self, story: Story, end: float) -> float:
        """Edits expected from now up to an age."""
        base = sum(
            rate * (to - begin) for rate, begin, to in self.parts(story.age, end)
        )
        return self.likelier(story) * base + self.company(story, story.age, end)


def credit(
    rhythm: Rhythm, before: Story, age: float, found: bool, listed: bool
) -> dict[str, tuple[float, float]]:
    """What a look teaches: part → (tried, found), to be added to the outlet's counts. ``before``: the article after the look before, with
    the sign given since; ``age``: at this look; ``listed``: whether the feed still lists it.

    A look tells only whether there was an edit since the last one, not how many: expectations are cut accordingly. An edit is
    credited to bands and company as they were expected to bring it.
    """
    likelier = rhythm.likelier(before)
    company = rhythm.company(before, before.age, age)
    whole = rhythm.expected(before, age)
    if whole <= 0.0:
        return {}
    seen = (1 - math.exp(-whole)) / whole
    counts: dict[str, tuple[float, float]] = {ARTICLES: (0.0, 1.0)} if found else {}
    for place, (begin, end) in enumerate(pairwise(AGES)):
        hours = min(age, end) - max(before.age, begin)
        if hours > 0:
            share = FIRST * (UNTIL[place + 1] - UNTIL[place]) / (end - begin)
            tried = likelier * share * hours * seen
            counts[band(place)] = (
                tried,
                found * likelier * rhythm.rates[place] * hours / whole,
            )
    if company > 1e-4:
        counts[FOLLOWED] = (company / rhythm.following * seen, found * company / whole)
    share = 0.0
    if before.sign:  # as far as the edit was not to be expected anyway: signs that never end stand for nothing
        true = rhythm.true_sign(before.sign)
        share = found * true / (true + whole)
        counts[before.sign] = (1.0, share)
    if found and listed:
        counts[ANNOUNCED] = (1.0, share)
    return counts
