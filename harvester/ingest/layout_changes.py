"""Whether an outlet's pages read worse of a sudden: a new layout. Pure: pages in, a decision out.

The last pages are held against those before them. A share that falls must be one that would come by chance once in ten
thousand times (binomial); a length must leave the range in which four fifths of the pages lay. Not for: which pages
(``archive.health``), nor for telling it (``keeper``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

RECENT_PAGES = 10  # pages of the new layout
EARLIER_PAGES, MIN_EARLIER_PAGES = 50, 20  # pages of the old one
SIGNIFICANCE_LEVEL = 1e-4
SHORTER_RATIO, LONGER_RATIO = 0.5, 2.0  # of the median length
CHECKED_FIELDS = ("title", "author", "published", "text")


@dataclass(frozen=True, slots=True)
class PageSample:
    """One page as read: what was found on it."""

    article: str | None
    at: str
    title: bool
    author: bool
    published: bool
    text: bool
    words: int


@dataclass(frozen=True, slots=True)
class LayoutBreak:
    """What changed in words, since when, and an article that shows it (None where none is held)."""

    since: str
    note: str
    article: str | None


def find_layout_break(pages: Sequence[PageSample]) -> LayoutBreak | None:
    """``pages``: of one outlet, oldest first. None: nothing to tell."""
    recent, before = (
        list(pages[-RECENT_PAGES:]),
        list(pages[:-RECENT_PAGES][-EARLIER_PAGES:]),
    )
    if len(recent) < RECENT_PAGES or len(before) < MIN_EARLIER_PAGES:
        return None
    notes, broken = [], [False] * RECENT_PAGES
    for name in CHECKED_FIELDS:
        had, has = (
            [getattr(one, name) for one in before],
            [getattr(one, name) for one in recent],
        )
        if _is_improbable(sum(has), (sum(had) + 1) / (len(had) + 2)):
            notes.append(
                f"{name} on {sum(has)} of the last {RECENT_PAGES} pages, before on {sum(had)} of {len(had)}"
            )
            broken = [was or not one for was, one in zip(broken, has, strict=True)]
    if not any(note.startswith("text") for note in notes):
        lengths = _describe_length_change(
            [one.words for one in before if one.text],
            [one.words for one in recent if one.text],
        )
        if lengths:
            notes.append(lengths)
            middle = median(one.words for one in before if one.text)
            outside = [
                one.text and not middle * 0.7 < one.words < middle * 1.5
                for one in recent
            ]
            broken = [was or one for was, one in zip(broken, outside, strict=True)]
    if not notes:
        return None
    first = next(
        (one for one, is_broken in zip(recent, broken, strict=True) if is_broken),
        recent[0],
    )
    shown = next(
        (
            one.article
            for one, is_broken in zip(recent, broken, strict=True)
            if is_broken and one.article
        ),
        None,
    )
    return LayoutBreak(first.at, "; ".join(notes), shown)


def _is_improbable(hits: int, share: float) -> bool:
    """Whether so few hits among the recent pages would hardly come by chance."""
    return (
        hits / RECENT_PAGES < share / 2
        and _binomial_cdf(hits, share) < SIGNIFICANCE_LEVEL
    )


def _binomial_cdf(hits: int, share: float) -> float:
    return sum(
        comb(RECENT_PAGES, one) * share**one * (1 - share) ** (RECENT_PAGES - one)
        for one in range(hits + 1)
    )


def _describe_length_change(before: list[int], recent: list[int]) -> str:
    if len(before) < MIN_EARLIER_PAGES or len(recent) < RECENT_PAGES - 2:
        return ""
    ordered = sorted(before)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    was, now = median(before), median(recent)
    short, long = sum(one < low for one in recent), sum(one > high for one in recent)
    if (now < was * SHORTER_RATIO and short >= RECENT_PAGES - 3) or (
        now > was * LONGER_RATIO and long >= RECENT_PAGES - 3
    ):
        return f"{now:.0f} words in the median of the last {RECENT_PAGES} pages, before {was:.0f}"
    return ""
