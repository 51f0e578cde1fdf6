"""Full-text search of all versions: hits with snippets, newest first or by rank.

Which versions match, and in which order, is up to ``matches``; what a query means to
``harvester.query`` and ``conditions``. What only feeds announced is searched by
``announced_words``.
"""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from harvester.archive import stored_json
from harvester.archive.queries import inflections, matches, ranking, unspaced
from harvester.archive.queries.conditions import (
    SHOWN_SQL,
    Conditions,
    Cursor,
    build_conditions,
)
from harvester.archive.queries.ranking import RankedCursor
from harvester.archive.queries.small_index import SmallIndex
from harvester.errors import QueryError
from harvester.query.tree import Node, Value, walk

# Marks around matching words in a snippet; texts contain no control characters.
HIGHLIGHT_START, HIGHLIGHT_END = "\x02", "\x03"
SNIPPET_WORDS = 30
MAX_COUNTED = 10_000  # hits
MAX_INDEXED_HITS = 60  # of a prefix, whose snippets an index of their own gives

SearchScope = Literal["articles", "current", "all"]

_COLUMNS_SQL = (
    """
    v.id, v.article, v.number, v.title, v.authors, v.published, v.first_seen,
    v.language, v.kind, v.access, a.outlet, a.url, v.number = a.version as latest,"""
    f" {SHOWN_SQL} as shown"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches, or what a feed announced.

    ``highlighted`` is its snippet, with HIGHLIGHT_START and HIGHLIGHT_END around the
    matching words.
    """

    article: str  # "": announced, and its page never became an article
    version: int  # 0: announced
    outlet: str
    url: str
    title: str
    authors: tuple[str, ...]
    published: str | None
    first_seen: str
    language: str
    highlighted: str
    latest: bool
    kind: str = "article"
    access: str = "unknown"
    cursor: str = ""
    announced: Literal["", "earlier", "current"] = ""  # the wording, in its feed
    last_seen: str = ""  # announced: when the feed last had that wording
    outcome: str = ""  # announced, and no article: the entry's, with its reason

    @property
    def snippet(self) -> str:
        """The matching words in their context, without marks."""
        return self.highlighted.replace(HIGHLIGHT_START, "").replace(HIGHLIGHT_END, "")

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest search --json`` prints it; kind and access only if notable.

        What a feed announced has no version; without an article, its ``outcome``.
        """
        return {
            "article": self.article or None,
            "version": self.version or None,
            "outlet": self.outlet,
            "url": self.url,
            "title": self.title,
            "authors": list(self.authors),
            "published": self.published,
            "first_seen": self.first_seen,
            "language": self.language,
            "snippet": self.snippet,
            "latest": self.latest,
            **({"kind": self.kind} if self.kind != "article" else {}),
            **({"access": self.access} if self.access != "unknown" else {}),
            **(
                {"announced": self.announced, "last_seen": self.last_seen}
                if self.announced
                else {}
            ),
            **({"outcome": self.outcome} if self.outcome else {}),
        }


def search(
    connection: sqlite3.Connection,
    query: Node,
    now: str,
    *,
    limit: int = 20,
    rank: bool = False,
    scope: SearchScope = "articles",
    collapse_duplicates: bool = False,
    after: Cursor | RankedCursor | None = None,
    exact: bool = False,
) -> list[Hit]:
    """Hits, last published first, or with ``rank`` the best of the newest.

    ``scope``: ``articles`` for one hit per article (its current version if that matches,
    else the newest that does), ``current`` for current versions only, ``all`` for every
    version. ``collapse_duplicates``: of near-duplicates only the article seen first.
    ``after``: the cursor of the last hit of the page before, of the same order.
    ``exact``: words as they are typed only, not their other forms.

    A query whose only words are of scripts written without spaces scans the texts of
    the newest versions, whatever ``rank`` says (see ``unspaced``); a query without
    words lists what satisfies its fields. Raises QueryError.
    """
    require_known_outlets(connection, query)
    tree = inflections.choose_forms(connection, query, exact)
    is_current = scope == "current"
    time_cursor = after if isinstance(after, Cursor) else None
    conditions = build_conditions(tree, now, is_current, time_cursor)
    is_ranked = rank and bool(conditions.expression)
    if after is not None and isinstance(after, RankedCursor) != is_ranked:
        raise QueryError("the cursor is of results in another order")
    page = _Page(connection, conditions, scope, collapse_duplicates, limit)
    try:
        if is_ranked:
            typed_tree = inflections.with_words_as_typed(tree)
            typed = build_conditions(typed_tree, now, is_current)
            ranked_cursor = after if isinstance(after, RankedCursor) else None
            return _search_best(page, typed, ranked_cursor)
        newest = matches.list_among_newest(connection, conditions, limit, False)
        version_ids = page.choose(newest)
        if len(version_ids) < limit:
            version_ids = page.choose(matches.list_in_order(connection, conditions))
        return load_hits(connection, conditions, version_ids)
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(
            f"the query cannot be read: {' '.join(str(error).split())}"
        ) from error


@dataclass(frozen=True, slots=True)
class _Page:
    """What makes a version a hit of the page, and how many it has."""

    connection: sqlite3.Connection
    conditions: Conditions
    scope: SearchScope
    collapse_duplicates: bool
    limit: int

    def choose(
        self, rows: Iterable[sqlite3.Row], bound: int = matches.MAX_ID
    ) -> list[int]:
        """The ids of those that are hits."""
        hits = (row["id"] for row in rows if self._is_hit(row, bound))
        return list(islice(hits, self.limit))

    def _is_hit(self, row: sqlite3.Row, bound: int) -> bool:
        """Whether a version that matches is a hit, and no other in its place."""
        if self.scope == "articles" and matches.has_better_version(
            self.connection, self.conditions, row, bound
        ):
            return False
        return not (
            self.collapse_duplicates
            and matches.has_earlier_copy(self.connection, self.conditions, row)
        )


def _search_best(
    page: _Page, exact: Conditions, after: RankedCursor | None
) -> list[Hit]:
    """The hits of a page that is sorted by relevance."""
    connection, conditions = page.connection, page.conditions
    bound = after.bound if after else ranking.get_newest_id(connection)
    among_newest = after is None or after.among_newest
    version_ids: list[int] = []
    if among_newest:
        rows = matches.list_among_newest(
            connection, conditions, page.limit, True, bound
        )
        if after:
            rows = ranking.skip_behind(rows, after.version_id)
        version_ids = page.choose(rows, bound)
        among_newest = bool(after) or len(version_ids) == page.limit
    if not among_newest:
        rows = ranking.list_by_relevance(connection, exact, conditions, bound)
        if after:
            rows = ranking.skip_behind(rows, after.version_id)
        version_ids = page.choose(rows, bound)
    hits = load_hits(connection, conditions, version_ids)
    return [
        replace(hit, cursor=str(RankedCursor(bound, version_id, among_newest)))
        for hit, version_id in zip(hits, version_ids, strict=True)
    ]


def count_hits(
    connection: sqlite3.Connection,
    query: Node,
    now: str,
    scope: SearchScope = "articles",
    exact: bool = False,
) -> int | None:
    """Articles that match, or with another scope versions; None: more than MAX_COUNTED."""
    tree = inflections.choose_forms(connection, query, exact)
    conditions = build_conditions(tree, now, only_current=scope == "current")
    what = "distinct v.article" if scope == "articles" else "v.id"
    count = matches.count_matches(connection, conditions, what, MAX_COUNTED + 1)
    return count if count <= MAX_COUNTED else None


def describe_scan(query: Node, now: str) -> str:
    """What a search covers that scans texts, for people; "" if it covers all."""
    conditions = build_conditions(query, now)
    if not conditions.scans_texts:
        return ""
    return unspaced.describe_scan(len(conditions.pieces))


def require_known_outlets(connection: sqlite3.Connection, query: Node) -> None:
    """Raises QueryError, with the nearest name, for an outlet that was never archived."""
    named = [
        node
        for node in walk(query)
        if isinstance(node, Value) and node.field == "outlet"
    ]
    if not named:
        return
    known = [row["key"] for row in connection.execute("select key from outlets")]
    for node in named:
        if node.value not in known:
            nearest = difflib.get_close_matches(node.value, known, 1)
            meant = (
                f"did you mean {nearest[0]}?"
                if nearest
                else f"the archive has {', '.join(sorted(known)) or 'no outlets yet'}"
            )
            raise QueryError(
                f"unknown outlet {node.value[:40]!r}: character {node.position}; {meant}"
            )


def load_hits(
    connection: sqlite3.Connection,
    conditions: Conditions,
    version_ids: Sequence[int],
) -> list[Hit]:
    """The hits of these versions, in this order."""
    snippets = _list_snippets(connection, conditions, version_ids)
    hits = []
    for version_id in version_ids:
        row = connection.execute(
            f"""
            select {_COLUMNS_SQL}, v.text
            from versions v
            join articles a on a.key = v.article
            where v.id = ?""",
            [version_id],
        ).fetchone()
        snippet = snippets.get(version_id)
        if snippet is None:
            snippet = unspaced.highlight_snippet(
                conditions.pieces, row["text"], HIGHLIGHT_START, HIGHLIGHT_END
            )
        hits.append(_to_hit(row, snippet))
    return hits


def _list_snippets(
    connection: sqlite3.Connection,
    conditions: Conditions,
    version_ids: Sequence[int],
) -> dict[int, str]:
    """By version, its snippet with marks; of those that have words to mark."""
    if not conditions.highlight or not version_ids:
        return {}
    prefixes = '" *' in conditions.highlight
    if prefixes and len(version_ids) <= MAX_INDEXED_HITS:
        with closing(SmallIndex(connection, version_ids)) as index:
            return index.list_snippets(
                conditions.highlight, HIGHLIGHT_START, HIGHLIGHT_END, SNIPPET_WORDS
            )
    sql = f"""
        select rowid, snippet(
            versions_fts, 2, '{HIGHLIGHT_START}', '{HIGHLIGHT_END}', '…', {SNIPPET_WORDS})
            as snippet
        from versions_fts
        where versions_fts match :match and rowid"""
    if prefixes:
        # For a prefix SQLite merges the lists of all its words anew in every query, so
        # there is one query only.
        rows = connection.execute(
            f"""
            {sql} between :least and :most
            and +rowid in (select value from json_each(:ids))""",
            {
                "match": conditions.highlight,
                "least": min(version_ids),
                "most": max(version_ids),
                "ids": json.dumps(list(version_ids)),
            },
        )
        return {row[0]: row[1] for row in rows}
    snippets = {}
    for version_id in version_ids:
        parameters = {"match": conditions.highlight, "id": version_id}
        row = connection.execute(f"{sql} = :id", parameters).fetchone()
        if row:
            snippets[version_id] = row[1]
    return snippets


def _to_hit(row: sqlite3.Row, snippet: str) -> Hit:
    return Hit(
        row["article"],
        row["number"],
        row["outlet"],
        row["url"],
        row["title"],
        tuple(stored_json.parse_texts(row["authors"])),
        row["published"],
        row["first_seen"],
        row["language"],
        " ".join(snippet.split()),
        bool(row["latest"]),
        row["kind"],
        row["access"],
        str(Cursor(row["shown"], row["id"])),
    )
