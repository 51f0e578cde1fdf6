"""How often words occur over time: by day, week, month or year; in all or by outlet.

Words that few versions have are looked up: articles are counted, by the time at which
they were published, as ``statistics`` counts them. Of frequent words that cannot be done
within a page's time:

- Versions are counted in the index alone, by ranges of ids (``version_ranges``).
- Where that cannot be (by outlet, with other conditions, a prefix, merged archives), one
  of so many versions is looked up, and what is found is multiplied.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.archive.queries import inflections, matches
from harvester.archive.queries.conditions import (
    SHOWN_SQL,
    Conditions,
    build_conditions,
)
from harvester.archive.queries.periods import Periods
from harvester.archive.queries.search import require_known_outlets
from harvester.archive.queries.version_ranges import (
    VersionRanges,
    count_matches_by_period,
    list_ranges,
)
from harvester.errors import QueryError
from harvester.query.tree import Node

MAX_LOOKED_UP = 3_000  # versions, of all queries together: some 50 ms
_OWN_SHOWN_SQL = f"""iif(v.number = a.version, {SHOWN_SQL}, (
    select {SHOWN_SQL.replace("v.", "w.")} from versions w
    where w.article = a.key and w.number = a.version))"""
# Of frequent words one of so many versions. Two passes over the list of a word are
# faster than one that keeps it.
_COUNT_SQL = """
    select count(*) from versions_fts
    where versions_fts match :match and rowid >= :floor"""
_HITS_FROM_SQL = """
    from (
        select rowid as id from versions_fts
        where versions_fts match :match and rowid >= :floor and rowid % :step = 0) f
    cross join versions v on v.id = f.id
    cross join articles a on a.key = v.article
    where (:step = 1 or v.number = a.version)"""


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
    budget = MAX_LOOKED_UP // max(len(asked), 1)
    try:
        if not by_outlet and all(map(_is_plain, asked)):
            is_frequent = any(
                matches.count_indexed(connection, one.expression, budget + 1) > budget
                for one in asked
            )
            ranges = list_ranges(connection, periods) if is_frequent else None
            if ranges is not None:
                return _count_ranges(connection, asked, ranges)
        looked_up = [_look_up(connection, one, periods, budget) for one in asked]
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        message = " ".join(str(error).split())
        raise QueryError(f"the query cannot be read: {message}") from error
    if by_outlet:
        series = [
            one
            for found, _ in looked_up
            for one in _split_by_outlet(connection, found, periods)
        ]
    else:
        series = [
            _sum_outlets(connection, one, found, periods)
            for one, (found, _) in zip(asked, looked_up, strict=True)
        ]
    return Trend(
        tuple(series),
        "articles",
        tuple(step for _, step in looked_up),
        all(step > 1 or sum(found.values()) < budget for found, step in looked_up),
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
        and not matches.has_prefix(conditions)  # each range would merge its words anew
    )


def _get_floor(connection: sqlite3.Connection, periods: Periods) -> int:
    """No version that was first seen in the periods or later has a lesser id."""
    row = connection.execute(
        "select min(first) from version_days where day >= ?", [periods.starts[0]]
    ).fetchone()
    return int(row[0]) if row[0] is not None else matches.MAX_ID


# ---- ranges of ids


def _count_ranges(
    connection: sqlite3.Connection,
    asked: Sequence[Conditions],
    ranges: VersionRanges,
) -> Trend:
    """Versions that match, by when they were first seen."""
    totals = _count_versions(connection, ranges.periods)
    series = tuple(
        Series("", count_matches_by_period(connection, one.expression, ranges), totals)
        for one in asked
    )
    return Trend(series, "versions", (1,) * len(series))


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
    budget: int,
) -> tuple[Found, int]:
    """The articles that match, by outlet and period; and one of how many versions.

    If only some of the versions are looked up, current ones alone stand for an article.
    """
    parameters = {
        **conditions.parameters,
        "floor": _get_floor(connection, periods),
        "budget": budget,
    }
    step = 1
    if conditions.expression:
        source, filters = _HITS_FROM_SQL, conditions.other_filters
        if conditions.edited_versions:
            source += f" and v.id in ({conditions.edited_versions})"
        row = connection.execute(_COUNT_SQL, parameters).fetchone()
        step = -(-row[0] // budget) or 1
    else:
        source, filters, _ = matches.build_source(conditions)
    rows = connection.execute(
        f"""
        select distinct a.id, a.outlet, {_OWN_SHOWN_SQL} as shown {source} {filters}
        limit :budget""",
        {**parameters, "step": step},
    )
    found: Found = Counter()
    for row in rows:
        place = periods.find(str(row["shown"] or ""))
        if place is not None:
            found[row["outlet"], place] += step
    return found, step


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
