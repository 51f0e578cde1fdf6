"""Whether a feed reaches back to its last reading: it shows a window of what was published, and what leaves it unseen is lost. Pure.

Two readings of a list that entries enter at one end overlap in what stood nearest to that end. An entry that is pinned, or was edited
and is listed anew, stands in both as well, and proves nothing; so it is asked whether what stands behind all new entries is what stood
first then. Not for: what is kept of an entry (``feeds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MIN_ORDERED_ENTRIES = 3  # entries in the order that they had: so many prove it, whatever else their feed says of them


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as a feed lists it now, and where it stood at the last reading."""

    published: str | None
    is_new: bool = False  # never seen before
    previous_position: int | None = (
        None  # its place then, counted from 0; None: not listed then
    )
    is_changed: bool = False  # the feed says something else of it than then


def has_gap(entries: Sequence[ListedEntry], newest_known: str | None = None) -> bool:
    """Whether something may have come and gone unseen since the last reading. ``newest``: publication of what was known then; what
    is new and older than that was dated back, or listed late, and says nothing."""
    entries = _newest_first(entries)
    fresh = [
        n
        for n, one in enumerate(entries)
        if one.is_new and not (newest_known and (one.published or "9") <= newest_known)
    ]
    if not fresh:
        return False
    last = fresh[-1]
    if _overlaps_previous(entries, last):
        return False
    pinned = next(
        (n for n, one in enumerate(entries) if one.previous_position != n), len(entries)
    )
    odd = sum(
        one.previous_position is not None and not one.is_changed
        for one in entries[pinned:last]
    )
    return odd * 2 <= len(
        fresh
    )  # where more stand among the new ones and were not edited, the feed has no order


def _newest_first(entries: Sequence[ListedEntry]) -> Sequence[ListedEntry]:
    dated = [one.published for one in entries if one.published]
    if sum(one >= other for one, other in pairwise(dated)) * 2 >= len(dated) - 1:
        return entries
    most = max(
        (one.previous_position for one in entries if one.previous_position is not None),
        default=0,
    )
    return [
        ListedEntry(
            one.published,
            one.is_new,
            None if one.previous_position is None else most - one.previous_position,
            one.is_changed,
        )
        for one in reversed(entries)
    ]


def _overlaps_previous(entries: Sequence[ListedEntry], last_new: int) -> bool:
    """Whether what stood first at the last reading stands behind the last of what is new."""
    listed = {one.previous_position for one in entries}
    behind = [
        (one.previous_position, one.is_changed)
        for one in entries[last_new + 1 :]
        if one.previous_position is not None
    ]
    for n, (place, changed) in enumerate(behind):
        in_order, least = 1, place
        for other, _ in behind[n + 1 :]:
            if other > least:
                in_order, least = in_order + 1, other
        gone = sum(
            ahead not in listed for ahead in range(place)
        )  # moved up or left, if the feed reaches back
        if gone <= in_order // MIN_ORDERED_ENTRIES and (
            not changed or in_order >= MIN_ORDERED_ENTRIES
        ):
            return True
    return False
