"""Full-text search of all versions: hits with snippets, newest first or by rank.

``rowid`` is the order in which versions were first held. Walking it backwards responds
at once, however frequent the word. Ranking has a cost for every hit, so only the newest
few thousand are ranked. What a query means is up to ``language``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harvester.archive import stored_json
from harvester.archive.queries import cjk
from harvester.archive.queries.language import to_fts_expression
from harvester.errors import QueryError

# Marks around matching words in a snippet; texts contain no control characters.
HIGHLIGHT_START, HIGHLIGHT_END = "\x02", "\x03"
MAX_RANKED_HITS = 2_000  # the newest
SNIPPET_WORDS = 30

SearchScope = Literal["articles", "current", "all"]

_COLUMNS_SQL = """
    v.id, v.article, v.number, v.title, v.authors, v.published, v.first_seen,
    v.language, v.kind, v.access, a.outlet, a.url, v.number = a.version as latest"""
_FROM_SQL = """
    from versions_fts
    join versions v on v.id = versions_fts.rowid
    join articles a on a.key = v.article
    where versions_fts match :match"""
_MATCH_SQL = """v.id in (
    select rowid from versions_fts
    where versions_fts match :match and rowid = v.id)"""


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


@dataclass(frozen=True, slots=True)
class _Conditions:
    """What a version must satisfy to be a hit, as SQL with its parameters."""

    match: str  # on versions v
    filters: str  # on versions v and articles a, each with a leading "and"
    parameters: dict[str, Any]


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
        else (_MATCH_SQL, {"match": to_fts_expression(query)})
    )
    filters = ""
    if outlets:
        filters += " and a.outlet in (select value from json_each(:outlets))"
    filters += " and v.first_seen >= :since" if since else ""
    filters += " and v.number = a.version" if scope == "current" else ""
    conditions = _Conditions(
        match,
        filters,
        {**words, "outlets": json.dumps(list(outlets)), "since": since},
    )
    try:
        rows: Iterable[sqlite3.Row] = (
            _scan_rows(connection, conditions)
            if scans_texts
            else _match_rows(connection, conditions, rank)
        )
        version_ids: list[int] = []
        for row in rows:
            if scope == "articles" and _has_better_version(connection, conditions, row):
                continue
            if collapse_duplicates and _has_earlier_copy(connection, conditions, row):
                continue
            version_ids.append(row["id"])
            if len(version_ids) == limit:
                break
        if scans_texts:
            return _load_scanned_hits(connection, query, version_ids)
        return _load_hits(connection, words["match"], version_ids)
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(
            f"the query cannot be read: {' '.join(str(error).split())}"
        ) from error


def _match_rows(
    connection: sqlite3.Connection, conditions: _Conditions, rank: bool
) -> sqlite3.Cursor:
    """The versions that the full-text index finds, newest first or best first."""
    columns = "v.id, v.article, v.number, v.number = a.version as latest"
    if not rank:
        return connection.execute(
            f"""
            select {columns}
            {_FROM_SQL} {conditions.filters}
            order by versions_fts.rowid desc""",
            conditions.parameters,
        )
    # A word in the title says more about an article than one in its text.
    return connection.execute(
        f"""
        select * from (
            select {columns}, bm25(versions_fts, 8.0, 2.0, 1.0) as score
            {_FROM_SQL} {conditions.filters}
            order by versions_fts.rowid desc
            limit {MAX_RANKED_HITS})
        order by score, id desc""",
        conditions.parameters,
    )


def _scan_rows(
    connection: sqlite3.Connection, conditions: _Conditions
) -> sqlite3.Cursor:
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


def _has_better_version(
    connection: sqlite3.Connection, conditions: _Conditions, row: sqlite3.Row
) -> bool:
    """Whether the current or a later version matches too, and is the hit instead."""
    if row["latest"]:
        return False
    better = connection.execute(
        f"""
        select 1
        from versions v
        join articles a on a.key = v.article
        where v.article = :article
        and (v.number = a.version or v.number > :number) {conditions.filters}
        and {conditions.match}
        limit 1""",
        {
            **conditions.parameters,
            "article": row["article"],
            "number": row["number"],
        },
    )
    return better.fetchone() is not None


def _has_earlier_copy(
    connection: sqlite3.Connection, conditions: _Conditions, row: sqlite3.Row
) -> bool:
    """Whether an article of the same cluster that was seen earlier matches too."""
    earlier = connection.execute(
        f"""
        select 1
        from clusters m
        join clusters n on n.cluster = m.cluster and n.article <> m.article
        join articles s on s.key = m.article
        join articles a on a.key = n.article
        join versions v on v.article = a.key
        where m.article = :article
        and (a.first_seen, a.id) < (s.first_seen, s.id) {conditions.filters}
        and {conditions.match}
        limit 1""",
        {**conditions.parameters, "article": row["article"]},
    )
    return earlier.fetchone() is not None


def _load_hits(
    connection: sqlite3.Connection, match: str, version_ids: Sequence[int]
) -> list[Hit]:
    """The hits of these versions, in this order."""
    sql = f"""
        select {_COLUMNS_SQL},
            snippet(
                versions_fts, 2, '{HIGHLIGHT_START}', '{HIGHLIGHT_END}', '…',
                {SNIPPET_WORDS}) as snippet
        {_FROM_SQL} and versions_fts.rowid"""
    if version_ids and '" *' in match:
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
