"""One article with everything that its page shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive import stored_json
from harvester.archive.integrity import proof
from harvester.archive.queries import article_pages
from harvester.archive.records import announcements, copies, looks, origins

MAX_VERSIONS = 200
MAX_CAPTURES = 100
MAX_DUPLICATES = 50
MAX_ANNOUNCED = 200
MAX_CHECKS = 100  # the newest; those that saw something else are shown
MAX_CHECK_TIMES = 500


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Fields other than title and text that changed: name → [before, after]."""

    at: str
    fields: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class ArticleUrl:
    """A URL at which an article was seen."""

    url: str
    kind: str


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Another article with the same text, wholly or in large part."""

    key: str
    outlet_name: str
    first_seen: str
    title: str
    language: str
    share: float | None  # of this article's words, found there; None: not compared
    agency: str


@dataclass(frozen=True, slots=True)
class ArticleCapture:
    """A response that an article was read from, or that came from its URLs."""

    id: int
    at: str
    status: int
    bytes: int
    truncated: int
    file: str | None
    offset: int | None
    url: str
    body_of: int | None  # the capture whose record holds its body
    thinned: str | None  # when its record was removed to save space
    ip: str
    reserved: str  # by the outlet, in words
    stored: int  # 1: its body is in the archive itself
    received_by: str = ""  # in words, if it was imported


@dataclass(frozen=True, slots=True)
class JoinedArticle:
    """An article that was merged into this one."""

    joined: str  # its key
    at: str
    why: str
    undone: str | None  # when they were split again


@dataclass(frozen=True, slots=True)
class Seal:
    """A version's position in the chain of days; ``day`` is None until its day is over."""

    digest: str
    at: str
    number: int | None
    day: str | None
    day_digest: str | None


@dataclass(frozen=True, slots=True)
class FullArticle:
    """One article with everything that its page shows."""

    row: dict[str, Any]  # of the table ``articles``
    outlet_name: str
    shown: dict[str, Any]  # one version, as ``harvest show --json`` prints it
    # Versions, oldest first, as ``harvest history --json`` prints them, each with its
    # text (None where that was not asked for) and how it was judged.
    history: list[dict[str, Any]]
    states: list[dict[str, Any]]
    field_changes: list[FieldChange]
    urls: list[ArticleUrl]
    duplicates: list[NearDuplicate]
    captures: list[ArticleCapture]
    # Checks that saw something else, and those that found the article again after
    # such a check; newest first.
    checks: list[dict[str, Any]]
    joins: list[JoinedArticle]  # newest first
    seal: Seal | None  # of the version shown; None: not sealed yet
    announced: list[dict[str, Any]]  # titles and summaries that feeds changed
    watched_until: str  # "" if nobody watches it
    cluster: str  # key of the first article of its cluster, "" if it has no copies
    check_times: list[str]  # of the newest checks, whatever they saw


def get_full_article(
    connection: sqlite3.Connection,
    key_prefix: str,
    number: int | None,
    text_count: int,
    other_numbers: Sequence[int] = (),
) -> FullArticle:
    """The article whose key starts with the prefix, shown in one of its versions.

    Its history has the texts of the newest ``text_count`` versions, and of those with
    ``other_numbers`` and their predecessors. Raises NotInArchive.
    """
    article = article_pages.get_article_by_key(connection, key_prefix)
    key = article["key"]
    for other_number in other_numbers:
        article_pages.get_version(connection, article, other_number)
    numbers_with_text = [
        article["version"],
        *other_numbers,
        *(other_number - 1 for other_number in other_numbers),
    ]
    return FullArticle(
        row=dict(article),
        outlet_name=_get_text(
            connection, "select name from outlets where key = ?", article["outlet"]
        ),
        shown=article_pages.get_article_details(connection, article, number),
        history=_list_history(connection, article, text_count, numbers_with_text),
        states=article_pages.list_state_changes(connection, article),
        field_changes=_list_field_changes(connection, key),
        urls=_list_urls(connection, key),
        duplicates=_list_near_duplicates(connection, key),
        captures=_list_captures(connection, key),
        checks=_list_notable_checks(connection, key),
        joins=_list_joins(connection, key),
        seal=_get_seal(connection, key, number or article["version"]),
        announced=announcements.list_of_article(connection, key)[:MAX_ANNOUNCED],
        watched_until=_get_text(
            connection, "select until from watches where article = ?", key
        ),
        cluster=_get_text(
            connection, "select cluster from clusters where article = ?", key
        ),
        check_times=_list_check_times(connection, key),
    )


def _get_text(connection: sqlite3.Connection, sql: str, key: str) -> str:
    row = connection.execute(sql, [key]).fetchone()
    return str(row[0]) if row else ""


def _list_history(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    text_count: int,
    other_numbers: Sequence[int],
) -> list[dict[str, Any]]:
    text_rows = connection.execute(
        """
        select number, text from versions
        where article = :key
        and (number > :above or number in (select value from json_each(:others)))""",
        {
            "key": article["key"],
            "above": article["versions"] - text_count,
            "others": json.dumps(list(other_numbers)),
        },
    )
    texts = {row["number"]: row["text"] for row in text_rows}
    change_rows = connection.execute(
        """
        select v.number, c.class as judged, c.silent, c.admitted
        from changes c
        join versions v on v.id = c.after
        where c.article = :key and c.kind <> 'fields'
        order by c.id""",
        {"key": article["key"]},
    )
    judged = {row["number"]: dict(row) for row in change_rows}
    unjudged = {"judged": "", "silent": None, "admitted": ""}
    history = article_pages.list_version_history(connection, article)
    return [
        {
            **version,
            "text": texts.get(version["version"]),
            **judged.get(version["version"], unjudged),
        }
        for version in history[-MAX_VERSIONS:]
    ]


def _list_field_changes(connection: sqlite3.Connection, key: str) -> list[FieldChange]:
    rows = connection.execute(
        """
        select at, fields from changes
        where article = ? and kind = 'fields'
        order by id desc
        limit 50""",
        [key],
    )
    return [
        FieldChange(row["at"], stored_json.parse_pairs(row["fields"])) for row in rows
    ]


def _list_urls(connection: sqlite3.Connection, key: str) -> list[ArticleUrl]:
    rows = connection.execute(
        "select url, kind from urls where article = ? order by rowid limit 100", [key]
    )
    return [ArticleUrl(*row) for row in rows]


def _list_near_duplicates(
    connection: sqlite3.Connection, key: str
) -> list[NearDuplicate]:
    """Other articles with the same text, first seen first.

    Near-duplicates, those with exactly a text of this article, and those that either
    names as the original.
    """
    similar = {
        row["article"]: row for row in copies.list_similar_articles(connection, key)
    }
    rows = connection.execute(
        """
        with texts(digest) as (
            select text_sha256 from versions
            where article = :key and text_sha256 <> ''),
        same(key) as (
            select article from versions
            where text_sha256 in (select digest from texts) and text_sha256 <> ''
            union
            select copy_of from articles where key = :key and copy_of is not null
            union
            select key from articles where copy_of = :key
            union
            select value from json_each(:similar))
        select a.key, o.name as outlet_name, a.first_seen,
            substr(v.title, 1, 300) as title, v.language
        from articles a
        join versions v on v.article = a.key and v.number = a.version
        join outlets o on o.key = a.outlet
        where a.key in (select key from same) and a.key <> :key
        order by a.first_seen, a.id
        limit :limit""",
        {"key": key, "limit": MAX_DUPLICATES, "similar": json.dumps(list(similar))},
    )
    duplicates = []
    for row in rows:
        pair = similar.get(row["key"], {"share": None, "agency": ""})
        duplicates.append(
            NearDuplicate(
                row["key"],
                row["outlet_name"],
                row["first_seen"],
                row["title"],
                row["language"],
                pair["share"],
                pair["agency"],
            )
        )
    return duplicates


def _list_captures(connection: sqlite3.Connection, key: str) -> list[ArticleCapture]:
    """The newest first."""
    rows = connection.execute(
        """
        with own(id) as (
            select capture from readings where article = :key
            union select capture from versions where article = :key
            union select capture from articles where key = :key
            union
            select c.id from urls u cross join captures c on c.url = u.url
            where u.article = :key and u.kind <> 'shared'
            union
            select c.id from articles a cross join captures c on c.url = a.reached
            where a.key = :key)
        select c.id, c.at, c.status, c.bytes, c.truncated, c.file, c.offset, c.url,
            c.body_of, c.thinned, c.ip, c.reserved, c.body is not null
        from own
        cross join captures c on c.id = own.id
        where c.kind <> 'feed'
        order by c.at desc, c.id desc
        limit :limit""",
        {"key": key, "limit": MAX_CAPTURES},
    ).fetchall()
    captures = [ArticleCapture(*row) for row in rows]
    received_by = origins.describe_origins(connection, [each.id for each in captures])
    return [
        replace(each, received_by=received_by.get(each.id, "")) for each in captures
    ]


def _list_notable_checks(
    connection: sqlite3.Connection, key: str
) -> list[dict[str, Any]]:
    checks = looks.list_checks(connection, key, MAX_CHECKS)
    notable = [
        check
        for index, check in enumerate(checks)
        if check["saw"] or (index and checks[index - 1]["saw"])
    ]
    return notable[::-1]


def _list_check_times(connection: sqlite3.Connection, key: str) -> list[str]:
    rows = connection.execute(
        "select at from looks where article = ? order by id desc limit ?",
        [key, MAX_CHECK_TIMES],
    )
    return [row["at"] for row in rows]


def _list_joins(connection: sqlite3.Connection, key: str) -> list[JoinedArticle]:
    rows = connection.execute(
        """
        select joined, at, why, undone from joins
        where article = ?
        order by id desc
        limit 50""",
        [key],
    )
    return [JoinedArticle(*row) for row in rows]


def _get_seal(connection: sqlite3.Connection, key: str, number: int) -> Seal | None:
    row = connection.execute(
        """
        select s.digest, s.at, d.number, d.day, d.digest as day_digest
        from versions v
        join seals s on s.kind = 'version' and s.row = v.id
        left join days d on d.number = s.number
        where v.article = ? and v.number = ?""",
        [key, number],
    ).fetchone()
    if row is None:
        return None
    return Seal(
        proof.to_hex(row["digest"]),
        row["at"],
        row["number"],
        row["day"],
        row["day_digest"],
    )
