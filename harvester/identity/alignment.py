"""Two sequences aligned: what stays in its place, and what stands between. Pure, and never quadratic in a long sequence.

Small places are aligned by difflib; larger ones are first cut at what stands once on both sides (patience, Bram Cohen), as far as
that stands in one order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

MAX_DIFFLIB_AREA = 20_000  # length times length of a place that difflib aligns
MAX_DEPTH = 40  # cuts inside of cuts

Span = tuple[int, int, int, int]  # old[a:b] against new[c:d]


def differing_spans(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Span]:
    """The places that differ, in order; all between them is equal."""
    found: list[Span] = []
    a = c = 0
    for i, j in [*matching_pairs(old, new), (len(old), len(new))]:
        if i > a or j > c:
            found.append((a, i, c, j))
        a, c = i + 1, j + 1
    return found


def matching_pairs(
    old: Sequence[Hashable], new: Sequence[Hashable]
) -> Iterator[tuple[int, int]]:
    """Pairs of places (in old, in new) that are equal, both rising."""
    waiting: list[tuple[int, int, int, int, int]] = [(0, len(old), 0, len(new), 0)]
    while waiting:
        a, b, c, d, deep = waiting.pop()
        while a < b and c < d and old[a] == new[c]:
            yield a, c
            a, c = a + 1, c + 1
        if a == b or c == d:
            continue
        if (b - a) * (d - c) <= MAX_DIFFLIB_AREA:
            for one in SequenceMatcher(
                None, old[a:b], new[c:d], autojunk=False
            ).get_matching_blocks():
                for step in range(one.size):
                    yield a + one.a + step, c + one.b + step
            continue
        end = 0
        while end < min(b - a, d - c) and old[b - 1 - end] == new[d - 1 - end]:
            end += 1
        places = [(b - end, b, d - end, d, deep)] if end else []
        b, d = b - end, d - end
        anchors = _anchors(old, new, (a, b, c, d)) if deep < MAX_DEPTH else []
        for i, j in reversed(anchors):
            places.append((i, b, j, d, deep + 1))
            b, d = i, j
        if anchors:
            places.append((a, b, c, d, deep + 1))
        waiting += places


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], span: Span
) -> list[tuple[int, int]]:
    """What stands once on both sides: the longest run of pairs in one order."""
    a, b, c, d = span
    counts, others = Counter(old[a:b]), Counter(new[c:d])
    where = {new[j]: j for j in range(c, d)}
    pairs = [
        (i, where[old[i]])
        for i in range(a, b)
        if counts[old[i]] == 1 and others[old[i]] == 1
    ]
    ends: list[int] = []  # smallest end of a rising run of each length
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        if length == len(ends):
            ends.append(j)
            last.append(number)
        else:
            ends[length], last[length] = j, number
        before.append(last[length - 1] if length else -1)
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
