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

RECENT = 10  # pages of the new layout
BEFORE, BEFORE_LEAST = 50, 20  # pages of the old one
CHANCE = 1e-4
SHORTER, LONGER = 0.5, 2.0  # of the median length
FIELDS = ("title", "author", "published", "text")


@dataclass(frozen=True, slots=True)
class Seen:
    """One page as read: what was found on it."""

    article: str | None
    at: str
    title: bool
    author: bool
    published: bool
    text: bool
    words: int


@dataclass(frozen=True, slots=True)
class Break:
    """What changed in words, since when, and an article that shows it (None where none is held)."""

    since: str
    note: str
    article: str | None


def found(pages: Sequence[Seen]) -> Break | None:
    """``pages``: of one outlet, oldest first. None: nothing to tell."""
    recent, before = list(pages[-RECENT:]), list(pages[:-RECENT][-BEFORE:])
    if len(recent) < RECENT or len(before) < BEFORE_LEAST:
        return None
    notes, broken = [], [False] * RECENT
    for name in FIELDS:
        had, has = (
            [getattr(one, name) for one in before],
            [getattr(one, name) for one in recent],
        )
        if _improbable(sum(has), (sum(had) + 1) / (len(had) + 2)):
            notes.append(
                f"{name} on {sum(has)} of the last {RECENT} pages, before on {sum(had)} of {len(had)}"
            )
            broken = [was or not one for was, one in zip(broken, has, strict=True)]
    if not any(note.startswith("text") for note in notes):
        lengths = _lengths(
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
    return Break(first.at, "; ".join(notes), shown)


def _improbable(hits: int, share: float) -> bool:
    """Whether so few hits among the recent pages would hardly come by chance."""
    return hits / RECENT < share / 2 and _at_most(hits, share) < CHANCE


def _at_most(hits: int, share: float) -> float:
    return sum(
        comb(RECENT, one) * share**one * (1 - share) ** (RECENT - one)
        for one in range(hits + 1)
    )


def _lengths(before: list[int], recent: list[int]) -> str:
    if len(before) < BEFORE_LEAST or len(recent) < RECENT - 2:
        return ""
    ordered = sorted(before)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    was, now = median(before), median(recent)
    short, long = sum(one < low for one in recent), sum(one > high for one in recent)
    if (now < was * SHORTER and short >= RECENT - 3) or (
        now > was * LONGER and long >= RECENT - 3
    ):
        return f"{now:.0f} words in the median of the last {RECENT} pages, before {was:.0f}"
    return ""
