"""Full-text search of all versions: hits with snippets, newest first or by rank.

Which versions match, and in which order, is up to ``matches``; what a query means to
``language``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from harvester.archive import stored_json
from harvester.archive.queries import cjk, matches
from harvester.archive.queries.language import to_fts_expression
from harvester.archive.queries.small_index import SmallIndex
from harvester.errors import QueryError

# Marks around matching words in a snippet; texts contain no control characters.
HIGHLIGHT_START, HIGHLIGHT_END = "\x02", "\x03"
SNIPPET_WORDS = 30
MAX_INDEXED_HITS = 60  # of a prefix, whose snippets an index of their own gives

SearchScope = Literal["articles", "current", "all"]

_COLUMNS_SQL = """
    v.id, v.article, v.number, v.title, v.authors, v.published, v.first_seen,
    v.language, v.kind, v.access, a.outlet, a.url, v.number = a.version as latest"""
_FROM_SQL = """
    from versions_fts
    join versions v on v.id = versions_fts.rowid
    join articles a on a.key = v.article
    where versions_fts match :match"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches.

    ``highlighted`` is its snippet, with HIGHLIGHT_START and HIGHLIGHT_END around the
    matching words.
    """

    article: str
    version: int
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

    @property
    def snippet(self) -> str:
        """The matching words in their context, without marks."""
        return self.highlighted.replace(HIGHLIGHT_START, "").replace(HIGHLIGHT_END, "")

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest search --json`` prints it; kind and access only if notable."""
        return {
            "article": self.article,
            "version": self.version,
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
        }


def search(
    connection: sqlite3.Connection,
    query: str,
    *,
    limit: int = 20,
    outlets: Sequence[str] = (),
    since: str = "",
    rank: bool = False,
    scope: SearchScope = "articles",
    collapse_duplicates: bool = False,
) -> list[Hit]:
    """Hits, newest first, or with ``rank`` the best of the newest.

    ``outlets``: only these, or all. ``scope``: ``articles`` for one hit per article
    (its current version if that matches, else the newest that does), ``current`` for
    current versions only, ``all`` for every version. ``since``: only versions first
    seen at that time or later. ``collapse_duplicates``: of near-duplicates only the
    article seen first.

    A query with words of scripts written without spaces scans the texts of the newest
    versions, newest first whatever ``rank`` says (see ``cjk``). Raises QueryError.
    """
    scans_texts = cjk.has_unspaced_words(query)
    match, words = (
        cjk.build_condition(connection, query)
        if scans_texts
        else (matches.MATCH_SQL, {"match": to_fts_expression(query)})
    )
    conditions = matches.build_conditions(
        match, words, outlets, since, only_current=scope == "current"
    )

    def choose(rows: Iterable[sqlite3.Row]) -> list[int]:
        """The ids of those that are hits."""
        hits = (
            row["id"]
            for row in rows
            if _is_hit(connection, conditions, row, scope, collapse_duplicates)
        )
        return list(islice(hits, limit))

    try:
        if scans_texts:
            version_ids = choose(_scan_rows(connection, conditions))
            return _load_scanned_hits(connection, query, version_ids)
        newest = matches.list_among_newest(connection, conditions, limit, rank)
        version_ids = choose(newest)
        if len(version_ids) < limit:
            list_rows = matches.list_best if rank else matches.list_newest
            version_ids = choose(list_rows(connection, conditions))
        return _load_hits(connection, conditions, version_ids)
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(
            f"the query cannot be read: {' '.join(str(error).split())}"
        ) from error


def _is_hit(
    connection: sqlite3.Connection,
    conditions: matches.Conditions,
    row: sqlite3.Row,
    scope: SearchScope,
    collapse_duplicates: bool,
) -> bool:
    """Whether a version that matches is a hit, and no other in its place."""
    if scope == "articles" and matches.has_better_version(connection, conditions, row):
        return False
    return not (
        collapse_duplicates and matches.has_earlier_copy(connection, conditions, row)
    )


def _scan_rows(
    connection: sqlite3.Connection, conditions: matches.Conditions
) -> Iterable[sqlite3.Row]:
    """The versions whose texts contain the words, newest first."""
    return connection.execute(
        f"""
        select v.id, v.article, v.number, v.number = a.version as latest
        from versions v
        cross join articles a on a.key = v.article
        where {conditions.match} {conditions.filters}
        order by v.id desc""",
        conditions.parameters,
    )


def _load_hits(
    connection: sqlite3.Connection,
    conditions: matches.Conditions,
    version_ids: Sequence[int],
) -> list[Hit]:
    """The hits of these versions, in this order."""
    match = conditions.expression
    if conditions.has_prefix and len(version_ids) <= MAX_INDEXED_HITS:
        return _load_indexed_hits(connection, match, version_ids)
    sql = f"""
        select {_COLUMNS_SQL},
            snippet(
                versions_fts, 2, '{HIGHLIGHT_START}', '{HIGHLIGHT_END}', '…',
                {SNIPPET_WORDS}) as snippet
        {_FROM_SQL} and versions_fts.rowid"""
    if version_ids and conditions.has_prefix:
        # For a prefix SQLite merges the lists of all its words anew in every query, so
        # there is one query only.
        rows = connection.execute(
            f"""
            {sql} between :least and :most
            and +versions_fts.rowid in (select value from json_each(:ids))""",
            {
                "match": match,
                "least": min(version_ids),
                "most": max(version_ids),
                "ids": json.dumps(list(version_ids)),
            },
        )
        hits = {row["id"]: _to_hit(row, row["snippet"]) for row in rows}
        return [hits[version_id] for version_id in version_ids]
    ordered = []
    for version_id in version_ids:
        parameters = {"match": match, "id": version_id}
        row = connection.execute(f"{sql} = :id", parameters).fetchone()
        ordered.append(_to_hit(row, row["snippet"]))
    return ordered


def _load_indexed_hits(
    connection: sqlite3.Connection, match: str, version_ids: Sequence[int]
) -> list[Hit]:
    """The hits, with snippets from an index of their texts alone."""
    with closing(SmallIndex(connection, version_ids)) as index:
        snippets = index.list_snippets(
            match, HIGHLIGHT_START, HIGHLIGHT_END, SNIPPET_WORDS
        )
    hits = []
    for version_id in version_ids:
        row = connection.execute(
            f"""
            select {_COLUMNS_SQL}
            from versions v
            join articles a on a.key = v.article
            where v.id = ?""",
            [version_id],
        ).fetchone()
        hits.append(_to_hit(row, snippets.get(version_id, "")))
    return hits


def _load_scanned_hits(
    connection: sqlite3.Connection, query: str, version_ids: Sequence[int]
) -> list[Hit]:
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
        snippet = cjk.highlight_snippet(
            query, row["text"], HIGHLIGHT_START, HIGHLIGHT_END
        )
        hits.append(_to_hit(row, snippet))
    return hits


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
    )
