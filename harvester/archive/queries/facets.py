"""How the results of a query are spread over outlets, months, authors, sections, languages.

Counted over the newest matching versions, at most ``MAX_COUNTED_VERSIONS`` of them; an
article counts once for each value that one of these versions has.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harvester.archive import stored_json
from harvester.archive.queries import inflections, matches
from harvester.archive.queries.conditions import SHOWN_SQL, build_conditions
from harvester.archive.queries.search import SearchScope, require_known_outlets
from harvester.errors import QueryError
from harvester.query.tree import Node

# SQL on versions v and articles a; lists are JSON.
_FACETS_SQL = {
    "outlet": "a.outlet",
    "month": f"substr({SHOWN_SQL}, 1, 7)",
    "author": "v.authors",
    "section": "v.sections",
    "lang": "v.language",
}
_LISTS = ("author", "section")
FACETS = tuple(_FACETS_SQL)
MAX_COUNTED_VERSIONS = 12_000  # some .2 s
MAX_VALUES = 20  # of one facet


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, and how many articles have it."""

    facet: str
    value: str
    articles: int

    def to_dict(self) -> dict[str, object]:
        """As ``harvest search --facet … --json`` prints it."""
        return {"facet": self.facet, "value": self.value, "articles": self.articles}


@dataclass(frozen=True, slots=True)
class Facets:
    """The values of each facet: most articles first, months by time."""

    values: tuple[FacetValue, ...]
    versions: int  # that were counted
    articles: int  # of which these are
    is_complete: bool  # whether these are all
    further: dict[str, int]  # facet → values that are not among ``values``


def count_facets(
    connection: sqlite3.Connection,
    query: Node,
    now: str,
    facets: Sequence[str],
    scope: SearchScope = "articles",
    exact: bool = False,
) -> Facets:
    """Count them until all are counted, too many are, or the connection interrupts.

    Raises QueryError.
    """
    require_known_outlets(connection, query)
    tree = inflections.choose_forms(connection, query, exact)
    conditions = build_conditions(tree, now, only_current=scope == "current")
    source, filters, order = matches.build_newest_source(connection, conditions)
    columns = ", ".join(_FACETS_SQL[facet] for facet in facets)
    articles: dict[tuple[str, str], set[str]] = defaultdict(set)
    keys: set[str] = set()
    counted, is_complete = 0, True
    try:
        rows = connection.execute(
            f"""
            select v.article, {columns} {source} {filters}
            order by {order} desc
            limit {MAX_COUNTED_VERSIONS + 1}""",
            conditions.parameters,
        )
        for row in rows:
            if counted == MAX_COUNTED_VERSIONS:
                is_complete = False
                break
            counted += 1
            keys.add(row[0])
            for facet, stored in zip(facets, tuple(row)[1:], strict=True):
                for value in _list_values(facet, stored):
                    articles[facet, value].add(row[0])
    except sqlite3.OperationalError as error:
        if "fts5" in str(error):
            message = " ".join(str(error).split())
            raise QueryError(f"the query cannot be read: {message}") from error
        if "interrupted" not in str(error):
            raise
        is_complete = False
    return _sort(facets, articles, counted, len(keys), is_complete)


def _list_values(facet: str, stored: object) -> Iterable[str]:
    if facet in _LISTS:
        return stored_json.parse_texts(stored) or ("",)
    return (str(stored or ""),)


def _sort(
    facets: Sequence[str],
    articles: dict[tuple[str, str], set[str]],
    version_count: int,
    article_count: int,
    is_complete: bool,
) -> Facets:
    by_facet: dict[str, Counter[str]] = {facet: Counter() for facet in facets}
    for (facet, value), keys in articles.items():
        by_facet[facet][value] = len(keys)
    return Facets(
        tuple(
            FacetValue(facet, value, count)
            for facet, counts in by_facet.items()
            for value, count in _choose(facet, counts)
        ),
        version_count,
        article_count,
        is_complete,
        {
            facet: len(counts) - MAX_VALUES
            for facet, counts in by_facet.items()
            if len(counts) > MAX_VALUES
        },
    )


def _choose(facet: str, counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """The most frequent values, or the last months."""
    if facet == "month":
        return iter(sorted(counts.items(), reverse=True)[:MAX_VALUES])
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return iter(ordered[:MAX_VALUES])
