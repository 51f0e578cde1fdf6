"""How often words occur over time: by day, week, month or year; in all or by outlet.

Words that few versions have are looked up: articles are counted, by the time at which
they were published, as ``statistics`` counts them. Of frequent words that cannot be done
within a page's time:

- Versions have ids in the order in which they are first seen, and the index lists a
  word's versions by id. So versions of a period are counted there as a range of ids,
  without a look at any (``version_days`` has the ranges). Where archives were merged the
  ranges overlap, and it is not done.
- Otherwise (by outlet, with other conditions) one of so many versions is looked up, and
  what is found is multiplied.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from harvester.archive.queries import inflections, matches
from harvester.archive.queries.conditions import (
    SHOWN_SQL,
    Conditions,
    build_conditions,
)
from harvester.archive.queries.periods import Periods
from harvester.archive.queries.search import require_known_outlets
from harvester.errors import QueryError
from harvester.query.tree import Node

MAX_LOOKED_UP = 4_000  # versions, of all queries together: some 80 ms
_OWN_SHOWN_SQL = f"""iif(v.number = a.version, {SHOWN_SQL}, (
    select {SHOWN_SQL.replace("v.", "w.")} from versions w
    where w.article = a.key and w.number = a.version))"""
_HITS_FROM_SQL = """
    from (
        select rowid as id from versions_fts
        where versions_fts match :match and rowid >= :floor
        {sample}) f
    cross join versions v on v.id = f.id
    cross join articles a on a.key = v.article
    where 1"""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a query, or an outlet."""

    name: str  # of the outlet; "" for a query
    values: tuple[int, ...]
    totals: tuple[int, ...]  # all articles (or versions) of each period


@dataclass(frozen=True, slots=True)
class Trend:
    """What was counted, and how."""

    series: tuple[Series, ...]
    counted: Literal["articles", "versions"]
    # Of each query: one of so many versions was looked up; 1: all.
    steps: tuple[int, ...]
    is_complete: bool = True  # whether all that was to be looked up was


def count_trend(
    connection: sqlite3.Connection,
    queries: Sequence[Node],
    now: str,
    periods: Periods,
    by_outlet: bool = False,
) -> Trend:
    """A series for each query; of the first query alone one for each outlet.

    Raises QueryError.
    """
    if by_outlet:
        queries = queries[:1]
    asked = [_build_conditions(connection, query, now) for query in queries]
    floor = _get_floor(connection, periods)
    budget = MAX_LOOKED_UP // max(len(asked), 1)
    try:
        are_frequent = [
            _count_hits(connection, one, floor, budget + 1) > budget for one in asked
        ]
        if any(are_frequent) and not by_outlet and all(map(_is_plain, asked)):
            ranges = _list_ranges(connection, periods)
            if ranges is not None:
                return _count_ranges(connection, asked, periods, ranges)
        steps = [
            -(-_count_hits(connection, one, floor) // budget) if is_frequent else 1
            for one, is_frequent in zip(asked, are_frequent, strict=True)
        ]
        found = [
            _look_up(connection, one, periods, floor, step)
            for one, step in zip(asked, steps, strict=True)
        ]
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        message = " ".join(str(error).split())
        raise QueryError(f"the query cannot be read: {message}") from error
    if by_outlet:
        series = _split_by_outlet(connection, found[0], periods) if found else []
    else:
        series = [
            _sum_outlets(connection, one, counted, periods)
            for one, counted in zip(asked, found, strict=True)
        ]
    is_complete = all(sum(one.values()) < MAX_LOOKED_UP for one in found)
    return Trend(
        tuple(series),
        "articles",
        tuple(steps),
        is_complete or max(steps) > 1,
    )


def _build_conditions(
    connection: sqlite3.Connection, query: Node, now: str
) -> Conditions:
    require_known_outlets(connection, query)
    tree = inflections.choose_forms(connection, query, exact=False)
    conditions = build_conditions(tree, now)
    if not (
        conditions.expression or conditions.edited_versions or conditions.scans_texts
    ):
        raise QueryError("a trend counts words: add a word or a phrase")
    return conditions


def _is_plain(conditions: Conditions) -> bool:
    """Whether the index alone tells what matches."""
    return bool(
        conditions.expression
        and not conditions.edited_versions
        and not conditions.other_filters
    )


def _get_floor(connection: sqlite3.Connection, periods: Periods) -> int:
    """No version that was first seen in the periods or later has a lesser id."""
    row = connection.execute(
        "select min(first) from version_days where day >= ?", [periods.starts[0]]
    ).fetchone()
    return int(row[0]) if row[0] is not None else matches.MAX_ID


def _count_hits(
    connection: sqlite3.Connection,
    conditions: Conditions,
    floor: int,
    limit: int = matches.MAX_ID,
) -> int:
    """Versions that the index lists; 0 where something else finds what matches."""
    if not conditions.expression:
        return 0
    row = connection.execute(
        """
        select count(*) from (
            select rowid from versions_fts
            where versions_fts match ? and rowid >= ?
            limit ?)""",
        [conditions.expression, floor, limit],
    ).fetchone()
    return int(row[0])


# ---- ranges of ids


def _list_ranges(
    connection: sqlite3.Connection, periods: Periods
) -> list[tuple[int, int] | None] | None:
    """The ids of the versions of each period; None where others are among them."""
    spans: dict[int, tuple[int, int]] = {}
    for row in connection.execute("select day, first, last from version_days"):
        place = periods.find(row["day"])
        if place is None:  # before the first period, or behind the last
            place = -1 if row["day"] < periods.starts[0] else len(periods.starts)
        first, last = spans.get(place, (row["first"], row["last"]))
        spans[place] = min(first, row["first"]), max(last, row["last"])
    ordered = [spans[place] for place in sorted(spans)]
    if any(before[1] >= behind[0] for before, behind in pairwise(ordered)):
        return None
    return [spans.get(place) for place in range(len(periods.starts))]


def _count_ranges(
    connection: sqlite3.Connection,
    asked: Sequence[Conditions],
    periods: Periods,
    ranges: Sequence[tuple[int, int] | None],
) -> Trend:
    """Versions that match, by when they were first seen."""
    totals = _count_versions(connection, periods)
    series = []
    for conditions in asked:
        rows = connection.execute(
            """
            select (
                select count(*) from versions_fts
                where versions_fts match :match
                    and rowid between p.value ->> 0 and p.value ->> 1)
            from json_each(:ranges) p
            order by p.key""",
            {
                "match": conditions.expression,
                "ranges": json.dumps([span or (1, 0) for span in ranges]),
            },
        )
        series.append(Series("", tuple(row[0] for row in rows), totals))
    return Trend(tuple(series), "versions", (1,) * len(series))


def _count_versions(
    connection: sqlite3.Connection, periods: Periods
) -> tuple[int, ...]:
    rows = connection.execute(
        "select day, versions from version_days where day >= ? and day < ?",
        [periods.starts[0], periods.end],
    )
    return _add_up(periods, [(row[0], row[1]) for row in rows])


def _add_up(periods: Periods, numbers: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """The sums of each period."""
    sums = [0] * len(periods.starts)
    for day, number in numbers:
        place = periods.find(day)
        if place is not None:
            sums[place] += number
    return tuple(sums)


# ---- articles that are looked up

Found = Counter[tuple[str, int]]  # outlet, period → articles


def _look_up(
    connection: sqlite3.Connection,
    conditions: Conditions,
    periods: Periods,
    floor: int,
    step: int,
) -> Found:
    """The articles that match, by outlet and period.

    ``step``: of one in so many versions; of these, current ones alone stand for an
    article.
    """
    parameters = {**conditions.parameters, "floor": floor}
    if conditions.expression:
        sample = f"and rowid % {step} = 0" if step > 1 else ""
        source = _HITS_FROM_SQL.format(sample=sample)
        if conditions.edited_versions:
            source += f" and v.id in ({conditions.edited_versions})"
        filters = conditions.other_filters
        if step > 1:
            filters += " and v.number = a.version"
    else:
        source, filters, _ = matches.build_source(conditions)
    rows = connection.execute(
        f"""
        select distinct a.id, a.outlet, {_OWN_SHOWN_SQL} as shown {source} {filters}
        limit {MAX_LOOKED_UP}""",
        parameters,
    )
    found: Found = Counter()
    for row in rows:
        place = periods.find(str(row["shown"] or ""))
        if place is not None:
            found[row["outlet"], place] += step
    return found


def _sum_outlets(
    connection: sqlite3.Connection,
    conditions: Conditions,
    found: Found,
    periods: Periods,
) -> Series:
    values = [0] * len(periods.starts)
    for (_, place), count in found.items():
        values[place] += count
    totals = _count_articles(connection, periods, conditions.outlets)
    return Series("", tuple(values), totals)


def _split_by_outlet(
    connection: sqlite3.Connection, found: Found, periods: Periods
) -> list[Series]:
    """A series for each outlet with articles; those with the most first."""
    sums: Counter[str] = Counter()
    for (outlet, _), count in found.items():
        sums[outlet] += count
    ordered = sorted(sums, key=lambda outlet: (-sums[outlet], outlet))
    return [
        Series(
            outlet,
            tuple(found[outlet, place] for place in range(len(periods.starts))),
            _count_articles(connection, periods, (outlet,)),
        )
        for outlet in ordered
    ]


def _count_articles(
    connection: sqlite3.Connection, periods: Periods, outlets: Sequence[str]
) -> tuple[int, ...]:
    """All articles of each period, by when they were first seen; ``outlets``: of these."""
    rows = connection.execute(
        f"""
        select d.day, sum(d.articles)
        from outlets o
        cross join daily_counts d on d.outlet = o.key
        where d.day >= :since and d.day < :until
            {"and o.key in (select value from json_each(:outlets))" if outlets else ""}
        group by d.day""",
        {
            "since": periods.starts[0],
            "until": periods.end,
            "outlets": json.dumps(list(outlets)),
        },
    )
    return _add_up(periods, [(row[0], row[1]) for row in rows])
