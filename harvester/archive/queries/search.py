"""Searching all versions: hits, newest first or by rank, each with a snippet.

The order of ``rowid`` is the order in which versions were first held: walking it backwards answers at once, however
frequent the word. Ranking costs per hit, so only the newest few thousand hits are ranked.
Not for: what a query means (``query``), nor for showing an article (``read``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harvester.archive.queries import cjk
from harvester.archive.queries.language import to_fts_expression
from harvester.errors import QueryError

HIGHLIGHT_START, HIGHLIGHT_END = (
    "\x02",
    "\x03",
)  # around the words found: texts hold no control characters
MAX_RANKED_HITS = 2_000  # newest hits that are ranked
SNIPPET_WORDS = 30  # of a snippet

SearchScope = Literal["articles", "current", "all"]

_COLUMNS_SQL = """
v.id, v.article, v.number, v.title, v.authors, v.published, v.first_seen, v.language, v.kind, v.access, a.outlet, a.url,
v.number = a.version as latest, a.version as current"""
_FROM_SQL = """
from versions_fts join versions v on v.id = versions_fts.rowid join articles a on a.key = v.article
where versions_fts match :match"""
_MATCH_SQL = "v.id in (select rowid from versions_fts where versions_fts match :match and rowid = v.id)"


@dataclass(frozen=True, slots=True)
class Hit:
    """A wording in which the words stand. ``marked`` is the snippet with BEGIN and END around the words."""

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
        """The words around what was found."""
        return self.highlighted.replace(HIGHLIGHT_START, "").replace(HIGHLIGHT_END, "")

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest search --json`` prints it: kind and access only where there is something to say."""
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
    outlet: str = "",
    since: str = "",
    rank: bool = False,
    scope: SearchScope = "articles",
    collapse_duplicates: bool = False,
) -> list[Hit]:
    """Hits, newest first, or the best of the newest with ``rank``. Raises QueryError.

    ``unique``: of articles with the same report only the one seen first.

    ``which``: one hit an article (its current wording if that matches, else the newest that does), only current wordings,
    or a hit for every wording. ``since``: only wordings first seen then or later. A query with words of scripts without spaces is
    answered from the texts of the newest wordings, newest first whatever ``rank`` says (``unspaced``).
    """
    in_texts = cjk.has_unspaced_words(query)
    matches, words = (
        cjk.build_condition(connection, query)
        if in_texts
        else (_MATCH_SQL, {"match": to_fts_expression(query)})
    )
    given = {**words, "outlet": outlet, "since": since}
    chosen = " and a.outlet = :outlet" if outlet else ""
    chosen += " and v.first_seen >= :since" if since else ""
    chosen += " and v.number = a.version" if scope == "current" else ""
    try:
        found: list[int] = []
        rows = (
            _scan_rows(connection, chosen, given, matches)
            if in_texts
            else _match_rows(connection, chosen, given, rank)
        )
        for row in rows:
            if (
                scope == "articles"
                and not row["latest"]
                and _has_better_version(connection, chosen, given, matches, row)
            ):
                continue
            if collapse_duplicates and _has_earlier_copy(
                connection, chosen, given, matches, row["article"]
            ):
                continue
            found.append(row["id"])
            if len(found) == limit:
                break
        return (
            _load_scanned_hits(connection, query, found)
            if in_texts
            else _load_hits(connection, given["match"], found)
        )
    except sqlite3.OperationalError as error:
        if "fts5" not in str(error):
            raise
        raise QueryError(
            f"the query cannot be read: {' '.join(str(error).split())}"
        ) from error


def _match_rows(
    connection: sqlite3.Connection, filters: str, parameters: dict[str, Any], rank: bool
) -> Iterator[sqlite3.Row] | sqlite3.Cursor:
    newest = f"select v.id, v.article, v.number, v.number = a.version as latest %s {_FROM_SQL}{filters} order by versions_fts.rowid desc"
    if not rank:
        return connection.execute(newest % "", parameters)
    # A word in the title says more about an article than one in its text.
    ranked = newest % ", bm25(versions_fts, 8.0, 2.0, 1.0) as score"
    return connection.execute(
        f"select * from ({ranked} limit {MAX_RANKED_HITS}) order by score, id desc",
        parameters,
    )


def _scan_rows(
    connection: sqlite3.Connection,
    filters: str,
    parameters: dict[str, Any],
    match_condition: str,
) -> sqlite3.Cursor:
    """The wordings in whose texts the words stand, newest first."""
    return connection.execute(
        f"""select v.id, v.article, v.number, v.number = a.version as latest
        from versions v cross join articles a on a.key = v.article where {match_condition}{filters} order by v.id desc""",
        parameters,
    )


def _has_better_version(
    connection: sqlite3.Connection,
    filters: str,
    parameters: dict[str, Any],
    match_condition: str,
    row: sqlite3.Row,
) -> bool:
    """Whether a wording that is shown rather than this one matches too: the current one, or a later one."""
    return (
        connection.execute(
            f"""select 1 from versions v join articles a on a.key = v.article
            where v.article = :article and (v.number = a.version or v.number > :number){filters}
            and {match_condition} limit 1""",
            {**parameters, "article": row["article"], "number": row["number"]},
        ).fetchone()
        is not None
    )


def _has_earlier_copy(
    connection: sqlite3.Connection,
    filters: str,
    parameters: dict[str, Any],
    match_condition: str,
    article_key: str,
) -> bool:
    """Whether an article with the same report that was seen earlier matches too."""
    return (
        connection.execute(
            f"""select 1 from clusters m join clusters n on n.cluster = m.cluster and n.article <> m.article
            join articles s on s.key = m.article join articles a on a.key = n.article join versions v on v.article = a.key
            where m.article = :article and (a.first_seen, a.id) < (s.first_seen, s.id){filters}
            and {match_condition} limit 1""",
            {**parameters, "article": article_key},
        ).fetchone()
        is not None
    )


def _load_hits(
    connection: sqlite3.Connection, match: str, version_ids: Sequence[int]
) -> list[Hit]:
    """The wordings of these rows, in this order. With a prefix SQLite merges all its words at each question: then there is one only."""
    asked = f"select {_COLUMNS_SQL}, snippet(versions_fts, 2, '{HIGHLIGHT_START}', '{HIGHLIGHT_END}', '…', {SNIPPET_WORDS}) as snippet {_FROM_SQL} and versions_fts.rowid"
    if version_ids and '" *' in match:
        within = "between :least and :most and +versions_fts.rowid in (select value from json_each(:numbers))"
        given = {
            "match": match,
            "least": min(version_ids),
            "most": max(version_ids),
            "numbers": json.dumps(list(version_ids)),
        }
        rows = {
            row["id"]: row for row in connection.execute(f"{asked} {within}", given)
        }
        return [_to_hit(rows[number]) for number in version_ids]
    one = f"{asked} = :number"
    return [
        _to_hit(connection.execute(one, {"match": match, "number": number}).fetchone())
        for number in version_ids
    ]


def _load_scanned_hits(
    connection: sqlite3.Connection, query: str, version_ids: Sequence[int]
) -> list[Hit]:
    asked = f"select {_COLUMNS_SQL}, v.text as snippet from versions v join articles a on a.key = v.article where v.id = ?"
    rows = [
        dict(connection.execute(asked, [number]).fetchone()) for number in version_ids
    ]
    return [
        _to_hit(
            {
                **row,
                "snippet": cjk.highlight_snippet(
                    query, row["snippet"], HIGHLIGHT_START, HIGHLIGHT_END
                ),
            }
        )
        for row in rows
    ]


def _to_hit(row: sqlite3.Row | dict[str, Any]) -> Hit:
    return Hit(
        row["article"],
        row["number"],
        row["outlet"],
        row["url"],
        row["title"],
        tuple(json.loads(row["authors"])),
        row["published"],
        row["first_seen"],
        row["language"],
        " ".join(row["snippet"].split()),
        bool(row["latest"]),
        row["kind"],
        row["access"],
    )
