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

BAND_BOUNDS_HOURS = (
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
CUMULATIVE_EDIT_SHARES = (
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
PRIOR_EDITS_PER_ARTICLE = 0.35 * 1.97  # edits an article, of all outlets
PRIOR_FOLLOW_UP_RATE = 0.45  # further edits soon after one
MAX_FOLLOW_UP_RATE = 0.6  # whatever is counted
MEAN_FOLLOW_UP_HOURS = 2.0  # hours: how soon, in the mean
PRIOR_PRIMARY_EDITS = PRIOR_EDITS_PER_ARTICLE / (
    1 + PRIOR_FOLLOW_UP_RATE
)  # edits an article that follow no other one
GAMMA_SHAPE = 0.5  # shape of the Gamma by which articles of an outlet differ: two thirds are never edited
MAX_ARTICLE_FACTOR = (
    12.0  # times the outlet's mean: more is not believed of any article
)

# How many edits (found and expected) the prior weighs, against what was counted.
PRIOR_WEIGHT_OUTLET, PRIOR_WEIGHT_BAND, PRIOR_WEIGHT_FOLLOW_UP = 3.0, 2.0, 4.0
PRIOR_WEIGHT_ARTICLES = 5.0
# What is thought of an outlet's feed before it has shown anything: how many of its signs stand for an edit, how many of its
# edits it gives a sign of; and what that opinion weighs.
PRIOR_SIGNAL_PRECISION, PRIOR_SIGNAL_RECALL, PRIOR_WEIGHT_SIGNAL = 0.5, 0.3, 3.0

BAND_COUNT = len(BAND_BOUNDS_HOURS) - 1
ARTICLES_PART, FOLLOW_UP_PART, SIGNALLED_PART = "articles", "after an edit", "announced"
FEED_SIGNALS = (
    "words",
    "date",
)  # what a feed may change: title, summary or text; the stated time alone


def band_name(index: int) -> str:
    """The name of a band of ages, as it is kept: "0.5 h" is the one that begins there."""
    return f"{BAND_BOUNDS_HOURS[index]:g} h"


@dataclass(frozen=True, slots=True)
class EditHistory:
    """What is known of one article at one moment. Hours, counted from its publication."""

    age_hours: float  # now
    edits: int = 0  # that were seen
    last_edit_age: float | None = None  # when it was last seen to be changed
    listed_until: float = 0.0  # until when its feed is thought to go on listing it: there a sign of an edit can come
    signal: str = ""  # one of SIGNS: the feed gave a sign since the last look


@dataclass(frozen=True)
class EditRates:
    """The rates of an outlet. ``counts``: part → (tried, found), as ``credit`` gives them to be added up."""

    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def _tried_and_found(self, part: str) -> tuple[float, float]:
        return self.counts.get(part, (0.0, 0.0))

    @cached_property
    def relative_rate(self) -> float:
        """Edits against those of the prior."""
        tried, found = (
            sum(
                self._tried_and_found(band_name(place))[side]
                for place in range(BAND_COUNT)
            )
            for side in (0, 1)
        )
        return (PRIOR_WEIGHT_OUTLET + found) / (PRIOR_WEIGHT_OUTLET + tried)

    @cached_property
    def hourly_rates(self) -> tuple[float, ...]:
        """Edits an hour of a mean article, in each band."""
        found = []
        for place, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
            tried, seen = self._tried_and_found(band_name(place))
            factor = (PRIOR_WEIGHT_BAND * self.relative_rate + seen) / (
                PRIOR_WEIGHT_BAND + tried
            )
            found.append(
                factor
                * PRIOR_PRIMARY_EDITS
                * (CUMULATIVE_EDIT_SHARES[place + 1] - CUMULATIVE_EDIT_SHARES[place])
                / (end - begin)
            )
        return tuple(found)

    @cached_property
    def follow_up_rate(self) -> float:
        """Edits that follow one soon."""
        tried, found = self._tried_and_found(FOLLOW_UP_PART)
        return min(
            (PRIOR_WEIGHT_FOLLOW_UP * PRIOR_FOLLOW_UP_RATE + found)
            / (PRIOR_WEIGHT_FOLLOW_UP + tried),
            MAX_FOLLOW_UP_RATE,
        )

    @cached_property
    def edits_per_article(self) -> float:
        """Edits an article, as they are seen."""
        tried, found = self._tried_and_found(ARTICLES_PART)
        return (PRIOR_WEIGHT_ARTICLES * PRIOR_EDITS_PER_ARTICLE + found) / (
            PRIOR_WEIGHT_ARTICLES + tried
        )

    def signal_precision(self, signal: str) -> float:
        """How likely such a sign of the feed stands for an edit."""
        tried, found = self._tried_and_found(signal)
        return (PRIOR_WEIGHT_SIGNAL * PRIOR_SIGNAL_PRECISION + found) / (
            PRIOR_WEIGHT_SIGNAL + tried
        )

    def signal_checks_per_article(self, signal: str) -> float:
        """Looks an article that such signs have prompted."""
        return self._per_article(signal, 0)

    def signal_edits_per_article(self, signal: str) -> float:
        """Edits an article that were found after such signs."""
        return self._per_article(signal, 1)

    def _per_article(self, signal: str, column: int) -> float:
        found = PRIOR_EDITS_PER_ARTICLE * PRIOR_SIGNAL_RECALL / len(FEED_SIGNALS)
        prior = (found / PRIOR_SIGNAL_PRECISION, found)[column]
        return (
            PRIOR_WEIGHT_ARTICLES * prior + self._tried_and_found(signal)[column]
        ) / (PRIOR_WEIGHT_ARTICLES + self._tried_and_found(ARTICLES_PART)[0])

    @cached_property
    def signal_recall(self) -> float:
        """Share of edits of which the feed gives a sign, while it lists the article."""
        tried, found = self._tried_and_found(SIGNALLED_PART)
        return (PRIOR_WEIGHT_SIGNAL * PRIOR_SIGNAL_RECALL + found) / (
            PRIOR_WEIGHT_SIGNAL + tried
        )

    def primary_edits_until(self, age: float) -> float:
        """Edits that follow no other one, up to an age, of a mean article."""
        return sum(
            rate * (end - begin) for rate, begin, end in self.rates_between(0.0, age)
        )

    def rates_between(
        self, begin: float, end: float
    ) -> Iterator[tuple[float, float, float]]:
        """(edits an hour, from, to), band by band."""
        for rate, first, last in zip(
            self.hourly_rates, BAND_BOUNDS_HOURS, BAND_BOUNDS_HOURS[1:], strict=False
        ):
            if first >= end:
                return
            if begin < last:
                yield rate, max(begin, first), min(end, last)

    def article_factor(self, history: EditHistory) -> float:
        """How much likelier than its outlet's mean this article is edited, by what it showed so far."""
        first = history.edits * (1 - self.follow_up_rate)
        return min(
            (GAMMA_SHAPE + first)
            / (GAMMA_SHAPE + self.primary_edits_until(history.age_hours)),
            MAX_ARTICLE_FACTOR,
        )

    def follow_up_edits(self, history: EditHistory, begin: float, end: float) -> float:
        """Edits expected between two ages because one was seen shortly before."""
        if history.last_edit_age is None:
            return 0.0
        near, far = (
            math.exp(-max(at - history.last_edit_age, 0.0) / MEAN_FOLLOW_UP_HOURS)
            for at in (begin, end)
        )
        return self.follow_up_rate * (near - far)

    def expected_edits(self, history: EditHistory, end: float) -> float:
        """Edits expected from now up to an age."""
        base = sum(
            rate * (to - begin)
            for rate, begin, to in self.rates_between(history.age_hours, end)
        )
        return self.article_factor(history) * base + self.follow_up_edits(
            history, history.age_hours, end
        )


def counts_from_check(
    rates: EditRates, history: EditHistory, age: float, edited: bool, is_listed: bool
) -> dict[str, tuple[float, float]]:
    """What a look teaches: part → (tried, found), to be added to the outlet's counts. ``before``: the article after the look before, with
    the sign given since; ``age``: at this look; ``listed``: whether the feed still lists it.

    A look tells only whether there was an edit since the last one, not how many: expectations are cut accordingly. An edit is
    credited to bands and company as they were expected to bring it.
    """
    likelier = rates.article_factor(history)
    company = rates.follow_up_edits(history, history.age_hours, age)
    whole = rates.expected_edits(history, age)
    if whole <= 0.0:
        return {}
    seen = (1 - math.exp(-whole)) / whole
    counts: dict[str, tuple[float, float]] = (
        {ARTICLES_PART: (0.0, 1.0)} if edited else {}
    )
    for place, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
        hours = min(age, end) - max(history.age_hours, begin)
        if hours > 0:
            share = (
                PRIOR_PRIMARY_EDITS
                * (CUMULATIVE_EDIT_SHARES[place + 1] - CUMULATIVE_EDIT_SHARES[place])
                / (end - begin)
            )
            tried = likelier * share * hours * seen
            counts[band_name(place)] = (
                tried,
                edited * likelier * rates.hourly_rates[place] * hours / whole,
            )
    if company > 1e-4:
        counts[FOLLOW_UP_PART] = (
            company / rates.follow_up_rate * seen,
            edited * company / whole,
        )
    share = 0.0
    if history.signal:  # as far as the edit was not to be expected anyway: signs that never end stand for nothing
        true = rates.signal_precision(history.signal)
        share = edited * true / (true + whole)
        counts[history.signal] = (1.0, share)
    if edited and is_listed:
        counts[SIGNALLED_PART] = (1.0, share)
    return counts
