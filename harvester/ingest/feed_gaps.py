"""Whether a feed reaches back to its last reading: it shows a window of what was published, and what leaves it unseen is lost. Pure.

Two readings of a list that entries enter at one end overlap in what stood nearest to that end. An entry that is pinned, or was edited
and is listed anew, stands in both as well, and proves nothing; so it is asked whether what stands behind all new entries is what stood
first then. Not for: what is kept of an entry (``feeds``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SOME = 3  # entries in the order that they had: so many prove it, whatever else their feed says of them


@dataclass(frozen=True, slots=True)
class Place:
    """An entry as a feed lists it now, and where it stood at the last reading."""

    published: str | None
    fresh: bool = False  # never seen before
    before: int | None = None  # its place then, counted from 0; None: not listed then
    changed: bool = False  # the feed says something else of it than then


def broken(places: Sequence[Place], newest: str | None = None) -> bool:
    """Whether something may have come and gone unseen since the last reading. ``newest``: publication of what was known then; what
    is new and older than that was dated back, or listed late, and says nothing."""
    places = _newest_first(places)
    fresh = [
        n
        for n, one in enumerate(places)
        if one.fresh and not (newest and (one.published or "9") <= newest)
    ]
    if not fresh:
        return False
    last = fresh[-1]
    if _overlaps(places, last):
        return False
    pinned = next((n for n, one in enumerate(places) if one.before != n), len(places))
    odd = sum(one.before is not None and not one.changed for one in places[pinned:last])
    return odd * 2 <= len(
        fresh
    )  # where more stand among the new ones and were not edited, the feed has no order


def _newest_first(places: Sequence[Place]) -> Sequence[Place]:
    dated = [one.published for one in places if one.published]
    if sum(one >= other for one, other in pairwise(dated)) * 2 >= len(dated) - 1:
        return places
    most = max((one.before for one in places if one.before is not None), default=0)
    return [
        Place(
            one.published,
            one.fresh,
            None if one.before is None else most - one.before,
            one.changed,
        )
        for one in reversed(places)
    ]


def _overlaps(places: Sequence[Place], last: int) -> bool:
    """Whether what stood first at the last reading stands behind the last of what is new."""
    listed = {one.before for one in places}
    behind = [
        (one.before, one.changed)
        for one in places[last + 1 :]
        if one.before is not None
    ]
    for n, (place, changed) in enumerate(behind):
        in_order, least = 1, place
        for other, _ in behind[n + 1 :]:
            if other > least:
                in_order, least = in_order + 1, other
        gone = sum(
            ahead not in listed for ahead in range(place)
        )  # moved up or left, if the feed reaches back
        if gone <= in_order // SOME and (not changed or in_order >= SOME):
            return True
    return False
