"""What the pages ask of the archive, beside what ``archive.read``, ``report`` and ``search`` answer already.

Each question is plain SQL on a read-only connection, and bounded: pages show the newest few, never all. Knows nothing of
Datasette. Not for: words and markup.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.queries import article_pages
from harvester.archive.records import copies, looks

Row = dict[str, Any]

MAX_VERSIONS = 200  # of one article that are listed
MAX_CAPTURES = 100
MAX_COPIES = 50
MAX_CHECKS = 100  # the newest, of which those are shown that saw something else
OPENING_CHARS = 500  # characters


def _select_rows(
    connection: sqlite3.Connection, sql: str, parameters: dict[str, Any]
) -> list[Row]:
    return [dict(row) for row in connection.execute(sql, parameters)]


def latest_articles(
    connection: sqlite3.Connection, limit: int, outlet: str = ""
) -> list[Row]:
    """The articles held last, newest first."""
    ids = connection.execute(
        "select id from articles where outlet = :outlet order by id desc limit :limit"
        if outlet
        else "select id from articles order by id desc limit :limit",
        {"outlet": outlet, "limit": limit},
    )
    return _select_rows(
        connection,
        """select a.key, a.outlet, o.name as outlet_name, a.url, a.state, a.versions, a.first_seen, a.copy_of,
            substr(v.title, 1, 300) as title, v.authors, v.published, v.language, substr(v.text, 1, :opening) as opening,
            v.words
        from articles a join versions v on v.article = a.key and v.number = a.version join outlets o on o.key = a.outlet
        where a.id in (select value from json_each(:ids)) order by a.id desc""",
        {"ids": json.dumps([row["id"] for row in ids]), "opening": OPENING_CHARS},
    )


def latest_events(
    connection: sqlite3.Connection,
    kinds: Sequence[str],
    limit: int,
    outlet: str = "",
    before: int | None = None,
) -> list[Row]:
    """Edits, removals and returns, newest first, each with the first words that went and came."""
    newest: list[
        int
    ] = []  # of each kind, by its index: of all at once every event would be looked at
    for kind in kinds:
        rows = connection.execute(
            """select id from events where kind = :kind and article is not null and (:outlet = '' or outlet = :outlet)
            and (:before is null or id < :before) order by id desc limit :limit""",
            {"kind": kind, "outlet": outlet, "before": before, "limit": limit},
        )
        newest += [row[0] for row in rows]
    return _select_rows(
        connection,
        """select e.id, e.at, e.kind, e.outlet, o.name as outlet_name, e.article, e.note,
            substr(coalesce(n.title, v.title), 1, 300) as title, coalesce(n.language, v.language) as language, a.state,
            b.number as old, n.number as new, coalesce(c.back, 0) as back, coalesce(c.class, '') as class, c.silent,
            substr(json_extract(c.fields, '$.title[0]'), 1, 300) as title_before,
            substr(json_extract(c.fields, '$.title[1]'), 1, 300) as title_after,
            substr(json_extract(c.sentences, '$.changed[0][0]'), 1, 2000) as changed_before,
            substr(json_extract(c.sentences, '$.changed[0][1]'), 1, 2000) as changed_after,
            substr(json_extract(c.sentences, '$.removed[0]'), 1, 500) as removed,
            substr(json_extract(c.sentences, '$.added[0]'), 1, 500) as added,
            json_array_length(c.sentences, '$.changed') as many_changed,
            json_array_length(c.sentences, '$.removed') as many_removed,
            json_array_length(c.sentences, '$.added') as many_added
        from events e join outlets o on o.key = e.outlet join articles a on a.key = e.article
        join versions v on v.article = a.key and v.number = a.version
        left join changes c on c.id = e.change left join versions b on b.id = c.before left join versions n on n.id = c.after
        where e.id in (select value from json_each(:ids)) order by e.id desc""",
        {"ids": json.dumps(sorted(newest)[-limit:])},
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """How much is held. Counted from indexes alone, so that it costs little however much that is."""

    articles: int
    versions: int
    edits: int
    removals: int
    outlets: int


def count_totals(connection: sqlite3.Connection) -> Totals:
    """The headline numbers."""
    row = connection.execute(
        """select (select count(*) from articles), (select count(*) from versions),
            (select count(*) from events where kind in ('edited', 'headline')),
            (select count(*) from events where kind = 'removed'), (select count(*) from outlets)"""
    ).fetchone()
    return Totals(*row)


def list_outlets(connection: sqlite3.Connection) -> list[Row]:
    """All outlets by name."""
    return _select_rows(
        connection,
        "select key, name, home, language, active from outlets order by active desc, name",
        {},
    )


def count_outcomes(connection: sqlite3.Connection, outlet: str) -> list[Row]:
    """What became of the entries that an outlet announced: counts by outcome and reason, most first."""
    return _select_rows(
        connection,
        """select e.outcome, case when e.outcome in ('new', 'changed', 'unchanged', 'duplicate') then '' else e.reason end
            as why, count(*) as number
        from feeds f join entries e on e.feed = f.url where f.outlet = :outlet group by 1, 2 order by 3 desc limit 30""",
        {"outlet": outlet},
    )


def get_version_states(
    connection: sqlite3.Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Row]:
    """For wordings (article, number): how many there are of the article, which is current, when this one last stood there."""
    rows = _select_rows(
        connection,
        """select v.article, v.number, v.last_seen, a.versions, a.version as current, a.state, o.name as outlet_name
        from json_each(:found) f join versions v on v.article = f.value ->> 0 and v.number = f.value ->> 1
        join articles a on a.key = v.article join outlets o on o.key = a.outlet""",
        {"found": json.dumps(versions)},
    )
    return {(row["article"], row["number"]): row for row in rows}


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """One article with everything its page shows."""

    row: Row
    outlet: Row
    shown: Row  # one wording, as ``harvest show`` has it
    history: list[Row]  # oldest first; each with its text
    states: list[Row]
    field_changes: list[Row]  # changes of other fields
    urls: list[Row]
    copies: list[Row]
    captures: list[Row]
    checks: list[
        Row
    ]  # newest first: those that saw something else, and those at which it stood there again
    joins: list[Row]  # articles that became part of it, newest first
    proof: (
        Row | None
    )  # of the wording shown: its digest and the day of the chain; None where it is not sealed yet
    watched_until: (
        str  # until when a person wants it looked at often; "" where nobody does
    )
    in_cluster: bool


def get_article(
    connection: sqlite3.Connection,
    key_prefix: str,
    number: int | None,
    text_count: int,
    other_numbers: Sequence[int] = (),
) -> ArticleDetails:
    """The article whose key begins like that; texts of its ``newest`` wordings and of ``others``. Raises NotHeld."""
    row = article_pages.get_article_by_key(connection, key_prefix)
    key = row["key"]
    for one in other_numbers:
        article_pages.get_version(connection, row, one)
    outlet = connection.execute(
        "select key, name, home from outlets where key = ?", [row["outlet"]]
    ).fetchone()
    return ArticleDetails(
        dict(row),
        dict(outlet),
        article_pages.get_article_details(connection, row, number),
        _list_versions(
            connection,
            row,
            text_count,
            [row["version"], *other_numbers, *(one - 1 for one in other_numbers)],
        ),
        article_pages.list_state_changes(connection, row),
        _select_rows(
            connection,
            "select at, fields from changes where article = :key and kind = 'fields' order by id desc limit 50",
            {"key": key},
        ),
        _select_rows(
            connection,
            "select url, kind, first_seen, last_seen from urls where article = :key order by rowid limit 100",
            {"key": key},
        ),
        list_copies(connection, key),
        list_captures(connection, key),
        _list_notable_checks(connection, key),
        _select_rows(
            connection,
            "select id, joined, at, why, undone from joins where article = :key order by id desc limit 50",
            {"key": key},
        ),
        get_seal(connection, key, number or row["version"]),
        _first_value(connection, "select until from watches where article = ?", key),
        bool(
            _first_value(
                connection, "select cluster from clusters where article = ?", key
            )
        ),
    )


def _first_value(connection: sqlite3.Connection, sql: str, key: str) -> str:
    row = connection.execute(sql, [key]).fetchone()
    return str(row[0]) if row else ""


def _list_notable_checks(connection: sqlite3.Connection, key: str) -> list[Row]:
    found = looks.list_checks(connection, key, MAX_CHECKS)
    seen = [
        one
        for place, one in enumerate(found)
        if one["saw"] or (place and found[place - 1]["saw"])
    ]
    return seen[::-1]


def get_seal(connection: sqlite3.Connection, key: str, number: int) -> Row | None:
    """Where a wording stands in the chain of days; ``day`` is None while its day is not over."""
    rows = _select_rows(
        connection,
        """select s.digest, s.at, d.number, d.day, d.digest as day_digest, d.closed
        from versions v join seals s on s.kind = 'version' and s.row = v.id left join days d on d.number = s.number
        where v.article = :key and v.number = :number""",
        {"key": key, "number": number},
    )
    return {**rows[0], "digest": proof.to_hex(rows[0]["digest"])} if rows else None


def _list_versions(
    connection: sqlite3.Connection,
    row: sqlite3.Row,
    text_count: int,
    other_numbers: Sequence[int],
) -> list[Row]:
    texts = {
        one["number"]: one["text"]
        for one in connection.execute(
            """select number, text from versions where article = :key
            and (number > :above or number in (select value from json_each(:others)))""",
            {
                "key": row["key"],
                "above": row["versions"] - text_count,
                "others": json.dumps(list(other_numbers)),
            },
        )
    }
    judged = {
        one["number"]: dict(one)
        for one in connection.execute(
            """select v.number, c.class as judged, c.silent, c.admitted from changes c join versions v on v.id = c.after
            where c.article = :key and c.kind <> 'fields' order by c.id""",
            {"key": row["key"]},
        )
    }
    unjudged = {"judged": "", "silent": None, "admitted": ""}
    return [
        {
            **one,
            "text": texts.get(one["version"]),
            **judged.get(one["version"], unjudged),
        }
        for one in article_pages.list_version_history(connection, row)[-MAX_VERSIONS:]
    ]


def list_copies(connection: sqlite3.Connection, key: str) -> list[Row]:
    """Other articles with the same report, first seen first: with ``share``, the part of this article's words that stand there, and
    the ``agency``; or which this one only names as its original."""
    shares = {
        row["article"]: row for row in copies.list_similar_articles(connection, key)
    }
    rows = _select_rows(
        connection,
        """with texts(name) as (select text_sha256 from versions where article = :key and text_sha256 <> ''),
        same(key) as (
            select article from versions where text_sha256 in (select name from texts) and text_sha256 <> ''
            union select copy_of from articles where key = :key and copy_of is not null
            union select key from articles where copy_of = :key
            union select value from json_each(:similar))
        select a.key, a.outlet, o.name as outlet_name, a.first_seen, a.state, substr(v.title, 1, 300) as title, v.language
        from articles a join versions v on v.article = a.key and v.number = a.version join outlets o on o.key = a.outlet
        where a.key in (select key from same) and a.key <> :key order by a.first_seen, a.id limit :limit""",
        {"key": key, "limit": MAX_COPIES, "similar": json.dumps(list(shares))},
    )
    nothing = {"share": None, "first": False, "agency": ""}
    return [
        row | {name: shares.get(row["key"], nothing)[name] for name in nothing}
        for row in rows
    ]


def list_captures(connection: sqlite3.Connection, key: str) -> list[Row]:
    """The responses that an article was read from, or that came from its addresses; newest first."""
    return _select_rows(
        connection,
        """select c.id, c.at, c.status, c.type, c.bytes, c.truncated, c.file, c.offset, c.url, c.robots
        from captures c where c.kind <> 'feed' and (c.id in (
            select capture from readings where article = :key union select capture from versions where article = :key
            union select capture from articles where key = :key)
        or c.url in (select url from urls where article = :key and kind <> 'shared'
            union select reached from articles where key = :key))
        order by c.id desc limit :limit""",
        {"key": key, "limit": MAX_CAPTURES},
    )
