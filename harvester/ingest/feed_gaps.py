"""Whether a feed reaches back to its last poll, or may have dropped entries. Pure.

A feed shows a window of what was published. Two polls of a list that entries enter at
one end overlap in what was nearest to that end. A pinned entry, or one that was edited
and is listed again, is in both as well, and proves nothing; so the question is whether
what follows all new entries is what came first at the last poll.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# So many entries in their former order prove an overlap, even if they were edited.
MIN_ORDERED_ENTRIES = 3


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as a feed lists it now, and its position at the last poll."""

    published: str | None
    is_new: bool = False  # never seen before
    previous_position: int | None = None  # from 0; None: it was not listed
    is_changed: bool = False  # the feed states something else than at the last poll


def has_gap(entries: Sequence[ListedEntry], newest_known: str | None = None) -> bool:
    """Whether entries may have come and gone since the last poll.

    ``newest_known``: newest publication date known then. A new entry that is older was
    backdated or listed late, and says nothing.
    """
    entries = _newest_first(entries)
    new_positions = [
        position
        for position, entry in enumerate(entries)
        if entry.is_new
        and not (newest_known and (entry.published or "9") <= newest_known)
    ]
    if not new_positions:
        return False
    last_new = new_positions[-1]
    if _overlaps_previous(entries, last_new):
        return False
    first_unpinned = next(
        (
            position
            for position, entry in enumerate(entries)
            if entry.previous_position != position
        ),
        len(entries),
    )
    known_between = sum(
        entry.previous_position is not None and not entry.is_changed
        for entry in entries[first_unpinned:last_new]
    )
    # With many known, unedited entries between the new ones the feed has no order.
    return known_between * 2 <= len(new_positions)


def _newest_first(entries: Sequence[ListedEntry]) -> Sequence[ListedEntry]:
    dates = [entry.published for entry in entries if entry.published]
    descending = sum(date >= following for date, following in pairwise(dates))
    if descending * 2 >= len(dates) - 1:
        return entries
    last_position = max(
        (
            entry.previous_position
            for entry in entries
            if entry.previous_position is not None
        ),
        default=0,
    )
    return [
        ListedEntry(
            entry.published,
            entry.is_new,
            None
            if entry.previous_position is None
            else last_position - entry.previous_position,
            entry.is_changed,
        )
        for entry in reversed(entries)
    ]


def _overlaps_previous(entries: Sequence[ListedEntry], last_new: int) -> bool:
    """Whether what came first at the last poll follows the last of the new entries."""
    listed = {entry.previous_position for entry in entries}
    following = [
        (entry.previous_position, entry.is_changed)
        for entry in entries[last_new + 1 :]
        if entry.previous_position is not None
    ]
    for index, (position, is_changed) in enumerate(following):
        in_order, highest = 1, position
        for other, _ in following[index + 1 :]:
            if other > highest:
                in_order, highest = in_order + 1, other
        # If the feed reaches back, the entries before it have moved up or left.
        gone = sum(earlier not in listed for earlier in range(position))
        if gone <= in_order // MIN_ORDERED_ENTRIES and (
            not is_changed or in_order >= MIN_ORDERED_ENTRIES
        ):
            return True
    return False
