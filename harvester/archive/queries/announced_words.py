"""Search the words that feeds announced, where no version has them. Read-only.

Two full-text indexes: of titles and summaries that feeds changed, earlier and current
ones; and of entries whose page never became an article.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harvester.archive.queries import full_text, inflections, matches, unspaced
from harvester.archive.queries.conditions import build_conditions
from harvester.archive.queries.search import (
    HIGHLIGHT_END,
    HIGHLIGHT_START,
    SNIPPET_WORDS,
    Hit,
    SearchScope,
)
from harvester.archive.records.announcements import LISTED_UNTIL_SQL
from harvester.query.tree import Node, Or, Times, Value, Words, list_conjuncts, walk

MAX_CANDIDATES = 300  # of each index, those kept last
COLUMNS = ("title", "summary")

_ROWS_SQL = f"""
    select v.id, {{is_current}} as is_current, v.title, v.summary, v.first_seen,
        v.last_seen, e.key as entry, e.article, coalesce(a.url, e.url) as url,
        e.published, e.outcome, e.reason, f.outlet, o.language,
        {LISTED_UNTIL_SQL} as listed_until
    from {{source}}
    join entries e on {{entry}}
    join feeds f on f.url = e.feed
    join outlets o on o.key = f.outlet
    left join articles a on a.key = e.article
    where {{conditions}}
    order by {{order}} desc
    limit :limit"""
_SHOWN_SQL = "min(coalesce(e.published, v.first_seen), v.first_seen)"


@dataclass(frozen=True, slots=True)
class _Index:
    """A full-text index, and the table or view ``v`` that it is of."""

    name: str
    table: str
    entry: str  # SQL: which entry e a row is of
    is_current: str  # SQL: whether it is what the feed said last


_INDEXES = (
    _Index(
        "announcements_fts",
        "announcements",
        "e.key = v.entry",
        """e.unkept = 0 and v.id = (
            select id from announcements
            where entry = v.entry
            order by last_seen desc, id desc
            limit 1)""",
    ),
    _Index("entries_fts", "entries_without_article", "e.id = v.id", "1"),
)


@dataclass(slots=True)
class _Conditions:
    """What a row must satisfy."""

    expression: str = ""  # of FTS5
    pieces: list[str] = field(default_factory=list)  # words of scripts without spaces
    filters: list[str] = field(default_factory=list)  # SQL on v, e and f
    parameters: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: str) -> str:
        """A parameter with this value."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"


def search_announced(
    connection: sqlite3.Connection,
    query: Node,
    now: str,
    *,
    limit: int = 20,
    scope: SearchScope = "articles",
    exact: bool = False,
) -> list[Hit]:
    """Hits in what feeds announced, newest first; of an article or URL the newest alone.

    Only of articles that have no version with the words; with the scope ``all`` of any,
    in each wording; with ``current`` only what the feed said last. A query that asks for
    more than words, outlets and times finds none.
    """
    query = inflections.choose_forms(connection, query, exact)
    conditions = _build_conditions(query)
    if conditions is None or limit < 1:
        return []
    of_versions = build_conditions(query, now, only_current=scope == "current")
    hits: list[Hit] = []
    seen: set[str] = set()
    for index, row in _list_rows(connection, conditions):
        if scope == "current" and not row["is_current"]:
            continue
        name = row["article"] or row["url"] or row["entry"]
        if scope == "all":  # what changed of entries without article is in both indexes
            name = "\n".join((row["entry"], row["title"], row["summary"]))
        if name in seen:
            continue
        seen.add(name)
        if (
            scope != "all"
            and row["article"]
            and matches.has_matching_version(connection, of_versions, row["article"])
        ):
            continue
        hits.append(_to_hit(row, _get_snippet(connection, conditions, index, row)))
        if len(hits) == limit:
            break
    return hits


def _build_conditions(query: Node) -> _Conditions | None:
    """The conditions of a query; None: feeds say nothing of what it asks for."""
    if any(
        isinstance(node, Words) and node.column not in ("", "title")
        for node in walk(query)
    ):
        return None
    wanted, unwanted = list_conjuncts(query)
    indexed = [node for node in wanted if full_text.is_indexed(node)]
    conditions = _Conditions(full_text.join_all(indexed, unwanted if indexed else ()))
    if not all(map(full_text.is_indexed, unwanted)) or (unwanted and not indexed):
        return None
    for node in wanted:
        if node not in indexed and not _add_filter(conditions, node):
            return None
    return conditions if conditions.expression or conditions.pieces else None


def _add_filter(conditions: _Conditions, node: Node) -> bool:
    """Add what a part asks for; whether that can be told of an entry."""
    match node:
        case Words(text=text, column=column):  # of a script without spaces
            pieces = unspaced.split_pieces(text)
            conditions.pieces += pieces
            names = (column,) if column else COLUMNS
            for piece in pieces:
                word = conditions.bind(piece)
                found = [f"instr(lower(v.{name}), {word})" for name in names]
                conditions.filters.append(f"({' or '.join(found)})")
            return True
        case Times(field="published" | "seen", start=start, end=end):
            time = _SHOWN_SQL if node.field == "published" else "v.first_seen"
            if start:
                conditions.filters.append(f"{time} >= {conditions.bind(start)}")
            if end:
                conditions.filters.append(f"{time} < {conditions.bind(end)}")
            return True
        case Value(field="outlet") | Or():
            parts = node.parts if isinstance(node, Or) else (node,)
            keys = [
                part.value
                for part in parts
                if isinstance(part, Value) and part.field == "outlet"
            ]
            name = conditions.bind(json.dumps(keys))
            conditions.filters.append(
                f"f.outlet in (select value from json_each({name}))"
            )
            return len(keys) == len(parts)
    return False


def _list_rows(
    connection: sqlite3.Connection, conditions: _Conditions
) -> Iterator[tuple[_Index, sqlite3.Row]]:
    """The rows that match, newest first."""
    rows = [
        (index, row)
        for index in _INDEXES
        for row in _list_of_index(connection, conditions, index)
    ]
    return iter(sorted(rows, key=lambda found: found[1]["first_seen"], reverse=True))


def _list_of_index(
    connection: sqlite3.Connection, conditions: _Conditions, index: _Index
) -> list[sqlite3.Row]:
    filters = list(conditions.filters)
    parameters = {**conditions.parameters, "limit": MAX_CANDIDATES}
    if conditions.expression:
        source = f"{index.name} cross join {index.table} v on v.id = {index.name}.rowid"
        order = f"{index.name}.rowid"
        filters.append(f"{index.name} match :match")
        parameters["match"] = conditions.expression
    else:
        source, order = f"{index.table} v", "v.id"
        filters.append("v.id > :floor")
        parameters["floor"] = _get_scan_floor(
            connection, index, unspaced.compute_scan_limit(len(conditions.pieces))
        )
    sql = _ROWS_SQL.format(
        is_current=index.is_current,
        source=source,
        entry=index.entry,
        conditions=" and ".join(filters),
        order=order,
    )
    return connection.execute(sql, parameters).fetchall()


def _get_scan_floor(connection: sqlite3.Connection, index: _Index, limit: int) -> int:
    """The id above which texts are scanned."""
    row = connection.execute(
        f"select id from {index.table} order by id desc limit 1 offset ?", [limit]
    ).fetchone()
    return int(row["id"]) if row else 0


def _get_snippet(
    connection: sqlite3.Connection,
    conditions: _Conditions,
    index: _Index,
    row: Mapping[str, Any] | sqlite3.Row,
) -> str:
    """The words that match in their context, with marks around them."""
    if not conditions.expression:
        text = " · ".join(filter(None, (row["title"], row["summary"])))
        return unspaced.highlight_snippet(
            conditions.pieces, text, HIGHLIGHT_START, HIGHLIGHT_END
        )
    snippet = connection.execute(
        f"""
        select snippet({index.name}, -1, ?, ?, '…', ?) as snippet from {index.name}
        where {index.name} match ? and rowid = ?""",
        [
            *(HIGHLIGHT_START, HIGHLIGHT_END, SNIPPET_WORDS),
            *(conditions.expression, row["id"]),
        ],
    ).fetchone()
    return " ".join(str(snippet[0]).split())


def _to_hit(row: sqlite3.Row, snippet: str) -> Hit:
    outcome = ", ".join(filter(None, (row["outcome"], row["reason"])))
    return Hit(
        row["article"] or "",
        0,
        row["outlet"],
        row["url"],
        row["title"],
        (),
        row["published"],
        row["first_seen"],
        row["language"],
        snippet,
        False,
        announced="current" if row["is_current"] else "earlier",
        last_seen=row["listed_until" if row["is_current"] else "last_seen"],
        outcome="" if row["article"] else outcome,
    )
