"""Detects that an outlet's pages suddenly read worse: it probably has a new layout.

The newest pages are compared with those before them. A share that falls must be so low
that it would come by chance once in ten thousand times (binomial); a length must leave
the range of four fifths of the earlier pages. ``find_layout_break`` is pure;
``LayoutMonitor`` asks it now and then, and records one event.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

from harvester.archive.queries import reading_health
from harvester.archive.records import articles

RECENT_PAGES = 10  # pages of the new layout
EARLIER_PAGES, MIN_EARLIER_PAGES = 50, 20  # pages of the old one
SIGNIFICANCE_LEVEL = 1e-4
SHORTER_RATIO, LONGER_RATIO = 0.5, 2.0  # of the median length
USUAL_LENGTH_RATIOS = (0.7, 1.5)  # of it; a page outside shows the break
MIN_PAGES_WITH_LENGTH = RECENT_PAGES - 2
MIN_PAGES_OUT_OF_RANGE = RECENT_PAGES - 3
CHECKED_FIELDS = ("title", "author", "published", "text")
PAGES_PER_CHECK = 5  # new pages of an outlet from one check to the next


@dataclass(frozen=True, slots=True)
class PageSample:
    """One page as read: which fields were found on it."""

    article: str | None
    at: str
    title: bool
    author: bool
    published: bool
    text: bool
    words: int


@dataclass(frozen=True, slots=True)
class LayoutBreak:
    """What changed, since when, and an article that shows it, if one is stored."""

    since: str
    note: str
    article: str | None


def find_layout_break(pages: Sequence[PageSample]) -> LayoutBreak | None:
    """The layout break in an outlet's pages (oldest first), or None."""
    recent = list(pages[-RECENT_PAGES:])
    earlier = list(pages[:-RECENT_PAGES][-EARLIER_PAGES:])
    if len(recent) < RECENT_PAGES or len(earlier) < MIN_EARLIER_PAGES:
        return None
    notes, broken_pages = [], [False] * RECENT_PAGES
    for field in CHECKED_FIELDS:
        had = [getattr(page, field) for page in earlier]
        has = [getattr(page, field) for page in recent]
        if _is_improbable(sum(has), (sum(had) + 1) / (len(had) + 2)):
            notes.append(
                f"{field} on {sum(has)} of the last {RECENT_PAGES} pages, "
                f"before on {sum(had)} of {len(had)}"
            )
            broken_pages = _either(broken_pages, [not found for found in has])
    if not any(note.startswith("text") for note in notes):
        length_note = _describe_length_change(earlier, recent)
        if length_note:
            notes.append(length_note)
            broken_pages = _either(broken_pages, _unusual_lengths(earlier, recent))
    if not notes:
        return None
    broken = [
        page for page, is_broken in zip(recent, broken_pages, strict=True) if is_broken
    ]
    first = broken[0] if broken else recent[0]
    shown = next((page.article for page in broken if page.article), None)
    return LayoutBreak(first.at, "; ".join(notes), shown)


def _either(first: list[bool], second: list[bool]) -> list[bool]:
    return [one or other for one, other in zip(first, second, strict=True)]


def _is_improbable(hits: int, share: float) -> bool:
    """Whether so few hits among the recent pages would hardly come by chance."""
    return (
        hits / RECENT_PAGES < share / 2
        and _binomial_cdf(hits, share) < SIGNIFICANCE_LEVEL
    )


def _binomial_cdf(hits: int, share: float) -> float:
    return sum(
        comb(RECENT_PAGES, count) * share**count * (1 - share) ** (RECENT_PAGES - count)
        for count in range(hits + 1)
    )


def _text_lengths(pages: Sequence[PageSample]) -> list[int]:
    return [page.words for page in pages if page.text]


def _describe_length_change(
    earlier_pages: Sequence[PageSample], recent_pages: Sequence[PageSample]
) -> str:
    earlier, recent = _text_lengths(earlier_pages), _text_lengths(recent_pages)
    if len(earlier) < MIN_EARLIER_PAGES or len(recent) < MIN_PAGES_WITH_LENGTH:
        return ""
    ordered = sorted(earlier)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    median_before, median_now = median(earlier), median(recent)
    short = sum(length < low for length in recent)
    long = sum(length > high for length in recent)
    if (
        median_now < median_before * SHORTER_RATIO and short >= MIN_PAGES_OUT_OF_RANGE
    ) or (median_now > median_before * LONGER_RATIO and long >= MIN_PAGES_OUT_OF_RANGE):
        return (
            f"{median_now:.0f} words in the median of the last {RECENT_PAGES} pages, "
            f"before {median_before:.0f}"
        )
    return ""


def _unusual_lengths(
    earlier_pages: Sequence[PageSample], recent_pages: Sequence[PageSample]
) -> list[bool]:
    middle = median(_text_lengths(earlier_pages))
    low, high = (middle * ratio for ratio in USUAL_LENGTH_RATIOS)
    return [page.text and not low < page.words < high for page in recent_pages]


class LayoutMonitor:
    """Counts the new pages of each outlet since it was last checked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._new_pages: Counter[str] = Counter()

    def add_page(self, outlet: str, now: str) -> None:
        """Count a page; check its outlet after some."""
        self._new_pages[outlet] += 1
        if self._new_pages[outlet] >= PAGES_PER_CHECK:
            self._check(outlet, now)

    def finish(self, now: str) -> None:
        """Check the outlets with new pages, at the end of a crawl."""
        for outlet in list(self._new_pages):
            self._check(outlet, now)

    def _check(self, outlet: str, now: str) -> None:
        """Record an event where an outlet's pages suddenly read worse."""
        del self._new_pages[outlet]
        rows = reading_health.list_newest_pages(
            self._connection, outlet, RECENT_PAGES + EARLIER_PAGES
        )
        layout_break = find_layout_break(
            [
                PageSample(
                    row["article"],
                    row["at"],
                    bool(row["title"]),
                    bool(row["author"]),
                    bool(row["published"]),
                    bool(row["text"]),
                    row["words"],
                )
                for row in rows
            ]
        )
        if layout_break is not None:
            articles.add_event(
                self._connection,
                articles.NewEvent(
                    reading_health.LAYOUT_CHANGED_EVENT,
                    outlet,
                    now,
                    f"since {layout_break.since}: {layout_break.note}",
                    article=layout_break.article,
                ),
            )
