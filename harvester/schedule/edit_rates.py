"""How often articles are edited, and at which age, as learned of an outlet. Pure.

The prior is that of published studies: 35 % of articles are edited, 1.97 times; half of
the edits come within 5 hours, 87 % within a day; edits cluster in time. An outlet's
rates are counts of edits found against edits expected (Gamma-Poisson), by band of age,
shrunk to the outlet's mean, and that to the prior. An article that was edited is more
likely to be edited again, one that was not is less (a second Gamma-Poisson, within the
outlet). Hours are counted from the article's publication.

``check_plan`` decides when to check; ``archive.records.looks`` stores the counts.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple

_CUMULATIVE_EDITS = (  # age in hours, share of all edits up to it
    (0.0, 0.0),
    (0.5, 0.06),
    (1.0, 0.13),
    (2.0, 0.25),
    (5.0, 0.50),
    (10.0, 0.68),
    (24.0, 0.87),
    (72.0, 0.93),
    (168.0, 0.955),
    (720.0, 0.985),
    (2160.0, 1.0),
)
BAND_BOUNDS_HOURS = tuple(age for age, _ in _CUMULATIVE_EDITS)
CUMULATIVE_EDIT_SHARES = tuple(share for _, share in _CUMULATIVE_EDITS)
PRIOR_EDITS_PER_ARTICLE = 0.35 * 1.97  # of all outlets
PRIOR_FOLLOW_UP_RATE = 0.45  # further edits soon after one
MAX_FOLLOW_UP_RATE = 0.6  # whatever is counted
MEAN_FOLLOW_UP_HOURS = 2.0
# Edits per article that do not follow another one.
PRIOR_PRIMARY_EDITS = PRIOR_EDITS_PER_ARTICLE / (1 + PRIOR_FOLLOW_UP_RATE)
# Shape of the Gamma distribution of articles within an outlet: two thirds are never
# edited.
GAMMA_SHAPE = 0.5
MAX_ARTICLE_FACTOR = 12.0  # times the outlet's mean

# Weights of the prior, in edits (found and expected), against the counts.
PRIOR_WEIGHT_OUTLET = 3.0
PRIOR_WEIGHT_BAND = 2.0
PRIOR_WEIGHT_FOLLOW_UP = 4.0
PRIOR_WEIGHT_ARTICLES = 5.0
# Before a feed has given any signal: the share of signals that stand for an edit, the
# share of edits that it signals, and the weight of both.
PRIOR_SIGNAL_PRECISION = 0.5
PRIOR_SIGNAL_RECALL = 0.3
PRIOR_WEIGHT_SIGNAL = 3.0

BAND_COUNT = len(BAND_BOUNDS_HOURS) - 1
ARTICLES_PART = "articles"
FOLLOW_UP_PART = "after an edit"
SIGNALLED_PART = "announced"
# What changed in a feed: title, summary or text of an entry; only its time.
FEED_SIGNALS = ("words", "date")


def band_name(index: int) -> str:
    """The name of a band of ages, as stored: "0.5 h" for the one that begins there."""
    return f"{BAND_BOUNDS_HOURS[index]:g} h"


class EditHistory(NamedTuple):
    """What is known of one article. Ages are in hours since its publication.

    A tuple, so that a forecast can make and look up many.
    """

    age_hours: float
    edits: int = 0  # that were seen
    last_edit_age: float | None = None  # when the last edit was seen
    # Until when its feed is expected to list it, and so may signal an edit.
    listed_until: float = 0.0
    signal: str = ""  # one of FEED_SIGNALS, if the feed gave it since the last check


@dataclass(frozen=True)
class EditRates:
    """The rates of an outlet.

    ``counts``: part → (expected, found), the sums of what ``counts_from_check``
    returns.
    """

    counts: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def _counts_of(self, part: str) -> tuple[float, float]:
        return self.counts.get(part, (0.0, 0.0))

    def _shrunk(self, part: str, prior: float, weight: float) -> float:
        """The ratio of found to expected, shrunk to a prior of some weight."""
        expected, found = self._counts_of(part)
        return (weight * prior + found) / (weight + expected)

    @cached_property
    def relative_rate(self) -> float:
        """Edits relative to those of the prior."""
        expected, found = (
            sum(self._counts_of(band_name(band))[column] for band in range(BAND_COUNT))
            for column in (0, 1)
        )
        return (PRIOR_WEIGHT_OUTLET + found) / (PRIOR_WEIGHT_OUTLET + expected)

    @cached_property
    def hourly_rates(self) -> tuple[float, ...]:
        """Edits per hour of a mean article, in each band."""
        rates = []
        for band, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
            factor = self._shrunk(
                band_name(band), self.relative_rate, PRIOR_WEIGHT_BAND
            )
            rates.append(
                factor
                * PRIOR_PRIMARY_EDITS
                * (CUMULATIVE_EDIT_SHARES[band + 1] - CUMULATIVE_EDIT_SHARES[band])
                / (end - begin)
            )
        return tuple(rates)

    @cached_property
    def follow_up_rate(self) -> float:
        """Edits that soon follow one."""
        rate = self._shrunk(
            FOLLOW_UP_PART, PRIOR_FOLLOW_UP_RATE, PRIOR_WEIGHT_FOLLOW_UP
        )
        return min(rate, MAX_FOLLOW_UP_RATE)

    @cached_property
    def edits_per_article(self) -> float:
        """Edits per article, as far as they are seen."""
        return self._shrunk(
            ARTICLES_PART, PRIOR_EDITS_PER_ARTICLE, PRIOR_WEIGHT_ARTICLES
        )

    def signal_precision(self, signal: str) -> float:
        """The probability that such a signal of the feed stands for an edit."""
        return self._shrunk(signal, PRIOR_SIGNAL_PRECISION, PRIOR_WEIGHT_SIGNAL)

    def signal_checks_per_article(self, signal: str) -> float:
        """Checks per article that such signals have prompted."""
        return self._per_article(signal, 0)

    def signal_edits_per_article(self, signal: str) -> float:
        """Edits per article that were found after such signals."""
        return self._per_article(signal, 1)

    def _per_article(self, signal: str, column: int) -> float:
        found = PRIOR_EDITS_PER_ARTICLE * PRIOR_SIGNAL_RECALL / len(FEED_SIGNALS)
        prior = (found / PRIOR_SIGNAL_PRECISION, found)[column]
        return (PRIOR_WEIGHT_ARTICLES * prior + self._counts_of(signal)[column]) / (
            PRIOR_WEIGHT_ARTICLES + self._counts_of(ARTICLES_PART)[0]
        )

    @cached_property
    def signal_recall(self) -> float:
        """The share of edits that the feed signals while it lists the article."""
        return self._shrunk(SIGNALLED_PART, PRIOR_SIGNAL_RECALL, PRIOR_WEIGHT_SIGNAL)

    @cached_property
    def _primary_edits_by_band(self) -> tuple[float, ...]:
        """Edits of a mean article up to where each band begins, and the last ends."""
        bands = zip(self.hourly_rates, pairwise(BAND_BOUNDS_HOURS), strict=True)
        edits = (rate * (end - begin) for rate, (begin, end) in bands)
        return tuple(accumulate(edits, initial=0.0))

    def primary_edits_until(self, age: float) -> float:
        """Edits of a mean article up to an age that do not follow another one."""
        band = bisect_left(BAND_BOUNDS_HOURS, age) - 1
        if band < 0:
            return 0.0
        if band >= BAND_COUNT:
            return self._primary_edits_by_band[-1]
        hours = age - BAND_BOUNDS_HOURS[band]
        return self._primary_edits_by_band[band] + self.hourly_rates[band] * hours

    def rates_between(
        self, begin: float, end: float
    ) -> Iterator[tuple[float, float, float]]:
        """(edits per hour, from, to), band by band."""
        bands = pairwise(BAND_BOUNDS_HOURS)
        for rate, (band_begin, band_end) in zip(self.hourly_rates, bands, strict=True):
            if band_begin >= end:
                return
            if begin < band_end:
                yield rate, max(begin, band_begin), min(end, band_end)

    def article_factor(self, history: EditHistory) -> float:
        """How often this article is edited, relative to its outlet's mean."""
        primary = history.edits * (1 - self.follow_up_rate)
        expected = self.primary_edits_until(history.age_hours)
        factor = (GAMMA_SHAPE + primary) / (GAMMA_SHAPE + expected)
        return min(factor, MAX_ARTICLE_FACTOR)

    def follow_up_edits(self, history: EditHistory, begin: float, end: float) -> float:
        """Edits expected between two ages because one was seen shortly before."""
        last = history.last_edit_age
        if last is None:
            return 0.0
        left = follow_ups_left(last, begin) - follow_ups_left(last, end)
        return self.follow_up_rate * left

    def expected_edits(self, history: EditHistory, end: float) -> float:
        """Edits expected from now up to an age."""
        primary = sum(
            rate * (band_end - begin)
            for rate, begin, band_end in self.rates_between(history.age_hours, end)
        )
        follow_ups = self.follow_up_edits(history, history.age_hours, end)
        return self.article_factor(history) * primary + follow_ups


def follow_ups_left(edit_age: float, age: float) -> float:
    """The share of an edit's follow-ups that come after an age."""
    return math.exp(-max(age - edit_age, 0.0) / MEAN_FOLLOW_UP_HOURS)


def counts_from_check(
    rates: EditRates, history: EditHistory, age: float, edited: bool, is_listed: bool
) -> dict[str, tuple[float, float]]:
    """What a check at an age teaches: part → (expected, found), to be summed up.

    ``history`` is as of the check before, with the feed's signal since then;
    ``is_listed``: whether the feed still lists the article.

    A check only tells whether there was an edit since the last one, not how many:
    expectations are reduced accordingly. An edit is credited to age bands and
    follow-ups in proportion to what was expected of them.
    """
    factor = rates.article_factor(history)
    follow_ups = rates.follow_up_edits(history, history.age_hours, age)
    total = rates.expected_edits(history, age)
    if total <= 0.0:
        return {}
    seen_share = (1 - math.exp(-total)) / total
    counts: dict[str, tuple[float, float]] = (
        {ARTICLES_PART: (0.0, 1.0)} if edited else {}
    )
    for band, (begin, end) in enumerate(pairwise(BAND_BOUNDS_HOURS)):
        hours = min(age, end) - max(history.age_hours, begin)
        if hours > 0:
            prior_rate = (
                PRIOR_PRIMARY_EDITS
                * (CUMULATIVE_EDIT_SHARES[band + 1] - CUMULATIVE_EDIT_SHARES[band])
                / (end - begin)
            )
            counts[band_name(band)] = (
                factor * prior_rate * hours * seen_share,
                edited * factor * rates.hourly_rates[band] * hours / total,
            )
    if follow_ups > 1e-4:
        counts[FOLLOW_UP_PART] = (
            follow_ups / rates.follow_up_rate * seen_share,
            edited * follow_ups / total,
        )
    signalled = 0.0
    if history.signal:
        # Only as far as no edit was expected anyway: constant signals mean nothing.
        precision = rates.signal_precision(history.signal)
        signalled = edited * precision / (precision + total)
        counts[history.signal] = (1.0, signalled)
    if edited and is_listed:
        counts[SIGNALLED_PART] = (1.0, signalled)
    return counts
