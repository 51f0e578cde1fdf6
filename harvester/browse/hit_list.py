"""The hits of a filter, a page at a time: what the search and the list of articles share."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive.queries import (
    announced_words,
    facets,
    inflections,
    no_matches,
    overview,
    ranking,
    search,
)
from harvester.archive.queries.conditions import Cursor
from harvester.archive.queries.overview import OutletInfo, VersionState
from harvester.archive.queries.ranking import RankedCursor
from harvester.archive.queries.search import Hit
from harvester.archive.records import counts
from harvester.browse import phrasing, served_archive
from harvester.browse.list_filter import ListFilter
from harvester.browse.query_parts import list_parts
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.text import to_text
from harvester.query.tree import Node, Numbers, Words, list_conjuncts, map_words
from harvester.schedule.times import parse_time

# What a page can do without, in milliseconds: it is left out where it takes longer.
# Facets have what the hits left of the time of both, within bounds.
MAX_HITS_AND_FACETS_TIME = 90
MIN_FACETS_TIME, MAX_FACETS_TIME = 25, 60
MAX_ADVICE_TIME = 200
MAX_ADVICE = 6  # other addresses
# What every article satisfies: the query of a list that nothing filters.
EVERYTHING = Numbers("versions", 0, None, 1)


@dataclass(frozen=True, slots=True)
class Advice:
    """Another address to try where nothing matches, and why."""

    words: str
    query: str  # as it is written, "" for a condition of the bar
    chosen: ListFilter


@dataclass(frozen=True, slots=True)
class HitList:
    """A page of hits, and what is known of all of them."""

    hits: tuple[Hit, ...] = ()
    states: Mapping[tuple[str, int], VersionState] | None = None
    next: str = ""  # the cursor of the next page
    notes: tuple[str, ...] = ()
    count: int | None = None  # of all pages; None: not known
    facets: facets.Facets | None = None
    advice: tuple[Advice, ...] = ()


def find_hits(
    connection: sqlite3.Connection,
    chosen: ListFilter,
    now: str,
    page_size: int,
    is_ranked: bool = False,
    with_announced: bool = True,
) -> HitList:
    """The hits of a page; behind the last those that only feeds announced.

    Raises QueryError.
    """
    tree = chosen.make_tree(now) or EVERYTHING
    scope = _get_scope(chosen)
    hits = search.search(
        connection,
        tree,
        now,
        limit=page_size + 1,
        rank=is_ranked,
        scope=scope,
        after=read_cursor(chosen.after),
    )
    has_next = len(hits) > page_size
    hits = hits[:page_size]
    cursor = hits[-1].cursor if has_next else ""
    if with_announced and not has_next:
        hits += announced_words.search_announced(
            connection, tree, now, limit=page_size, scope=scope
        )
    states = overview.get_version_states(
        connection, [(hit.article, hit.version) for hit in hits if hit.version]
    )
    notes = (search.describe_scan(tree, now), inflections.describe_pending(connection))
    return HitList(tuple(hits), states, cursor, tuple(filter(None, notes)))


def _get_scope(chosen: ListFilter) -> search.SearchScope:
    return "all" if chosen.every else "articles"


def describe_total(page: HitList, chosen: ListFilter) -> str:
    """As in 1,284 articles, more than 3,000 articles; "" where it is not known."""
    noun = "version" if chosen.every else "article"
    announced = sum(bool(hit.announced) for hit in page.hits)
    if page.count is not None:
        alone = f", {announced:,} in feeds alone" if announced else ""
        return f"{phrasing.pluralize(page.count, noun)}{alone}"
    if page.facets is None:
        return ""
    least = page.facets.versions if chosen.every else page.facets.articles
    rounded = least // 1_000 * 1_000 or least // 100 * 100
    return f"more than {phrasing.pluralize(rounded, noun)}" if rounded else ""


def _with_facets(
    page: HitList,
    chosen: ListFilter,
    found: facets.Facets | None,
    connection: sqlite3.Connection,
) -> HitList:
    """The page, with how many hits there are, as far as that is known."""
    count = None
    if not page.next and not chosen.after:
        count = sum(not hit.announced for hit in page.hits)
    elif chosen.is_empty:
        count = counts.sum_counts(
            connection, "versions" if chosen.every else "articles"
        )
    elif found is not None and found.is_complete:
        count = found.versions if chosen.every else found.articles
    return replace(page, count=count, facets=found)


def count_facets(
    connection: sqlite3.Connection,
    chosen: ListFilter,
    now: str,
    milliseconds: int = MAX_FACETS_TIME,
) -> facets.Facets | None:
    """The facets, of the newest hits alone where they are many; None: it takes too long."""
    tree, scope = chosen.make_tree(now) or EVERYTHING, _get_scope(chosen)

    def spread(connection: sqlite3.Connection) -> facets.Facets:
        return facets.count_facets(connection, tree, now, facets.FACETS, scope)

    return served_archive.try_in_time(connection, milliseconds, spread)


def get_time_for_facets(seconds: float) -> int:
    """Milliseconds, where the hits took so many seconds."""
    rest = MAX_HITS_AND_FACETS_TIME - round(seconds * 1_000)
    return min(max(rest, MIN_FACETS_TIME), MAX_FACETS_TIME)


def list_advice(
    connection: sqlite3.Connection, chosen: ListFilter, now: str
) -> tuple[Advice, ...]:
    """What to try where nothing matches; nothing if that takes too long to tell."""
    tree = chosen.make_tree(now)
    if tree is None:
        return ()

    def explain(connection: sqlite3.Connection) -> no_matches.Explanation:
        return no_matches.explain(connection, tree, now)

    found = served_archive.try_in_time(connection, MAX_ADVICE_TIME, explain)
    if found is None:
        return ()
    proposals = [
        Advice("Did you mean", text, _with_word(chosen, now, word, text))
        for word, others in found.proposals.items()
        for text in others
    ]
    without = [
        Advice("There are matches without", to_text(part), other)
        for part in found.blocking
        for other in _list_without(chosen, now, part)
    ]
    return (*proposals, *without)[:MAX_ADVICE]


def _with_word(chosen: ListFilter, now: str, word: str, other: str) -> ListFilter:
    """The filter with another word in the query."""

    def change(words: Words) -> Words:
        return replace(words, text=other) if words.text == word else words

    tree = map_words(parse_query(chosen.q, parse_time(now)), change)
    return replace(chosen, q=to_text(tree), after="")


def _list_without(chosen: ListFilter, now: str, part: Node) -> list[ListFilter]:
    """The filter without that one of its conditions that is this part of its query."""
    candidates = [
        *(replace(chosen, q=rest) for _, rest in list_parts(chosen.q, now) if rest),
        replace(chosen, since="", until=""),
        replace(chosen, outlets=()),
        replace(chosen, states=()),
        replace(chosen, classes=()),
        replace(chosen, silent=False),
    ]
    for other in candidates:
        if other == chosen:
            continue
        tree = other.make_tree(now)
        rest = sum(list_conjuncts(tree), ()) if tree is not None else ()
        if to_text(part) not in map(to_text, rest):
            return [replace(other, after="")]
    return []


def read_cursor(text: str) -> Cursor | RankedCursor | None:
    """Where a page begins; what is no cursor is the first page."""
    try:
        return ranking.parse_cursor(text) if text else None
    except ValueError:
        return None


async def load_page(
    datasette: Any,
    database: Any,
    chosen: ListFilter,
    now: str,
    page_size: int,
    is_ranked: bool = False,
    with_announced: bool = True,
) -> tuple[HitList, list[OutletInfo], str]:
    """A page of hits, the outlets, and what is wrong with the filter: "" for nothing."""

    def find(connection: sqlite3.Connection) -> HitList:
        return find_hits(connection, chosen, now, page_size, is_ranked, with_announced)

    def spread(connection: sqlite3.Connection, page: HitList) -> HitList:
        if not page.hits and not chosen.after:
            return replace(page, count=0, advice=list_advice(connection, chosen, now))
        found = count_facets(connection, chosen, now, get_time_for_facets(taken))
        return _with_facets(page, chosen, found, connection)

    fault, page = "", HitList()
    started = time.monotonic()
    try:
        page = await served_archive.run_query(datasette, database, find)
        taken = time.monotonic() - started
        page = await served_archive.run_query(
            datasette, database, lambda connection: spread(connection, page)
        )
    except (QueryError, served_archive.QueryTimeoutError) as error:
        fault = f"{error}" if isinstance(error, QueryError) else f"{error} {error.hint}"
    return page, await load_outlets(datasette, database), fault


async def load_outlets(datasette: Any, database: Any) -> list[OutletInfo]:
    """All outlets by name, active ones first."""
    return await served_archive.run_query(
        datasette, database, overview.list_outlet_infos
    )
