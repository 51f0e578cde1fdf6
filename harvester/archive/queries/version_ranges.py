"""Versions of periods as ranges of ids, by which the full-text index counts a word.

Versions have ids in the order in which they are stored, which is nearly that in which
they are first seen: around midnight a few are in the other order, and are looked up.
Where archives were merged, many are, and ranges are of no use.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from harvester.archive.queries.periods import Periods

MAX_MIXED_IDS = 1_000  # that versions of several periods may share

Span = tuple[int, int]  # first and last id


@dataclass(frozen=True, slots=True)
class VersionRanges:
    """Ids of which a period is known, and ids that versions of several periods have."""

    periods: Periods
    known: tuple[tuple[int, int, int], ...]  # place of the period, first and last id
    mixed: tuple[Span, ...]


def list_ranges(
    connection: sqlite3.Connection, periods: Periods
) -> VersionRanges | None:
    """The ranges of the periods; None where too many ids are of several."""
    spans: dict[int, Span] = {}
    behind = len(periods.starts)
    for row in connection.execute("select day, first, last from version_days"):
        place = periods.find(row["day"])
        if place is None:
            place = -1 if row["day"] < periods.starts[0] else behind
        first, last = spans.get(place, (row["first"], row["last"]))
        spans[place] = min(first, row["first"]), max(last, row["last"])
    known, mixed = [], []
    for start, end in pairwise(_list_ends(spans.values())):
        places = [
            place
            for place, (first, last) in spans.items()
            if first <= start and end - 1 <= last
        ]
        if len(places) > 1:
            mixed.append((start, end - 1))
        elif places and 0 <= places[0] < behind:
            known.append((places[0], start, end - 1))
    if sum(last - first + 1 for first, last in mixed) > MAX_MIXED_IDS:
        return None
    return VersionRanges(periods, tuple(known), tuple(mixed))


def _list_ends(spans: Iterable[Span]) -> list[int]:
    """Where a span begins, or the ids behind it do."""
    return sorted({end for first, last in spans for end in (first, last + 1)})


def count_matches_by_period(
    connection: sqlite3.Connection, expression: str, ranges: VersionRanges
) -> tuple[int, ...]:
    """Versions that match an expression of FTS5, by when they were first seen."""
    counts = [0] * len(ranges.periods.starts)
    for place, first, last in ranges.known:  # in one statement it would take longer
        row = connection.execute(
            """
            select count(*) from versions_fts
            where versions_fts match ? and rowid between ? and ?""",
            [expression, first, last],
        ).fetchone()
        counts[place] += row[0]
    for first, last in ranges.mixed:
        rows = connection.execute(
            """
            select v.first_seen
            from versions_fts
            cross join versions v on v.id = versions_fts.rowid
            where versions_fts match ? and versions_fts.rowid between ? and ?""",
            [expression, first, last],
        )
        for row in rows:
            found = ranges.periods.find(row[0])
            if found is not None:
                counts[found] += 1
    return tuple(counts)
