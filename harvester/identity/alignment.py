"""Two sequences aligned: what both have in one order, and what lies between. Pure.

Never quadratic in a long sequence: small spans are aligned by difflib; larger ones are
first cut at the elements that occur once on both sides, as far as these are in one
order (patience diff, Bram Cohen).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

MAX_DIFFLIB_AREA = 20_000  # length times length of a span that difflib aligns
MAX_DEPTH = 40  # of cuts inside of cuts

Span = tuple[int, int, int, int]  # old[a:b] against new[c:d]


def differing_spans(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Span]:
    """The spans that differ, in order; all between them is equal."""
    spans: list[Span] = []
    a = c = 0
    for i, j in [*matching_pairs(old, new), (len(old), len(new))]:
        if i > a or j > c:
            spans.append((a, i, c, j))
        a, c = i + 1, j + 1
    return spans


def matching_pairs(
    old: Sequence[Hashable], new: Sequence[Hashable]
) -> Iterator[tuple[int, int]]:
    """Pairs of equal positions (in old, in new), both ascending."""
    pending: list[tuple[int, int, int, int, int]] = [(0, len(old), 0, len(new), 0)]
    while pending:
        a, b, c, d, depth = pending.pop()
        while a < b and c < d and old[a] == new[c]:
            yield a, c
            a, c = a + 1, c + 1
        if a == b or c == d:
            continue
        if (b - a) * (d - c) <= MAX_DIFFLIB_AREA:
            yield from _difflib_pairs(old, new, (a, b, c, d))
            continue
        equal_end = 0
        while (
            equal_end < min(b - a, d - c)
            and old[b - 1 - equal_end] == new[d - 1 - equal_end]
        ):
            equal_end += 1
        if equal_end:
            pending.append((b - equal_end, b, d - equal_end, d, depth))
        b, d = b - equal_end, d - equal_end
        anchors = _anchors(old, new, (a, b, c, d)) if depth < MAX_DEPTH else []
        for i, j in reversed(anchors):
            pending.append((i, b, j, d, depth + 1))
            b, d = i, j
        if anchors:
            pending.append((a, b, c, d, depth + 1))


def _difflib_pairs(
    old: Sequence[Hashable], new: Sequence[Hashable], span: Span
) -> Iterator[tuple[int, int]]:
    a, b, c, d = span
    matcher = SequenceMatcher(None, old[a:b], new[c:d], autojunk=False)
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            yield a + block.a + offset, c + block.b + offset


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], span: Span
) -> list[tuple[int, int]]:
    """The longest ascending run of pairs that occur once on both sides."""
    a, b, c, d = span
    old_counts, new_counts = Counter(old[a:b]), Counter(new[c:d])
    new_positions = {new[j]: j for j in range(c, d)}
    pairs = [
        (i, new_positions[old[i]])
        for i in range(a, b)
        if old_counts[old[i]] == 1 and new_counts[old[i]] == 1
    ]
    # The longest increasing subsequence, by patience sorting.
    smallest_ends: list[int] = []  # smallest end of an ascending run of each length
    last_pairs: list[int] = []  # the pair at that end
    previous_pairs: list[int] = []  # for each pair, the one before it in its run
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(smallest_ends, j)
        if length == len(smallest_ends):
            smallest_ends.append(j)
            last_pairs.append(index)
        else:
            smallest_ends[length], last_pairs[length] = j, index
        previous_pairs.append(last_pairs[length - 1] if length else -1)
    anchors = []
    index = last_pairs[-1] if last_pairs else -1
    while index >= 0:
        anchors.append(pairs[index])
        index = previous_pairs[index]
    return anchors[::-1]
