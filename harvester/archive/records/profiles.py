"""Profiles of outlets, labels that people gave to blocks, and pages to learn from.

Does not learn a profile (``ingest.profiles.learn``) or define it
(``parse.content.profile``).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harvester.archive import stored_json


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """A capture of an article's page to learn from, with the content from its feed."""

    article: str
    capture: int
    title: str
    content: str  # full text as HTML; "" if the feed has none
    uncertainty: float  # 0 to 1, of its reading
    url: str = ""
    # versions.id of the current version; 0 if that was not read from this page.
    version_id: int = 0
    text: str = ""  # of the current version


def get_current_profile(
    connection: sqlite3.Connection, outlet: str
) -> sqlite3.Row | None:
    """The newest profile of an outlet; None if there is none."""
    return connection.execute(  # type: ignore[no-any-return]
        "select * from profiles where outlet = ? order by number desc limit 1", [outlet]
    ).fetchone()


def add_profile(
    connection: sqlite3.Connection,
    outlet: str,
    body: str,
    pages: int,
    labelled: int,
    extractor: str,
    now: str,
) -> bool:
    """Add a profile if it differs from the current one. Returns whether it does.

    Its name is a digest of its content.
    """
    name = hashlib.sha256(body.encode()).hexdigest()[:12]
    current = get_current_profile(connection, outlet)
    if current is not None and current["name"] == name:
        connection.execute(
            "update profiles set at = ? where id = ?", [now, current["id"]]
        )
        return False
    connection.execute(
        """
        insert into profiles
            (outlet, number, name, at, extractor, pages, labelled, body)
        values (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            outlet,
            (current["number"] if current is not None else 0) + 1,
            name,
            now,
            extractor,
            pages,
            labelled,
            body,
        ],
    )
    return True


def count_articles(connection: sqlite3.Connection, outlet: str, since: str = "") -> int:
    """The number of articles of an outlet first seen after ``since``."""
    row = connection.execute(
        "select count(*) from articles where outlet = ? and first_seen > ?",
        [outlet, since],
    )
    return int(row.fetchone()[0])


def list_training_pages(
    connection: sqlite3.Connection,
    outlet: str,
    limit: int,
    labelled: bool | None = None,
) -> list[TrainingPage]:
    """The newest articles of an outlet to learn from, oldest first.

    Articles that a person labelled come first when ``limit`` applies, with the capture
    that was labelled. ``labelled``: only those, or only the others.
    """
    rows = connection.execute(
        """
        with taught as (
            select article, max(capture) as capture from labels group by article)
        select a.id, a.key, a.first_seen, coalesce(t.capture, a.capture) as capture, v.title, a.url,
            (select e.extra from entries e
                where e.article = a.key and e.extra like '%"content"%'
                order by e.id desc limit 1) as extra,
            iif(json_valid(r.extract), r.extract ->> '$.doubt', null) as doubt, v.text,
            case when r.source = 'page' and t.capture is null
                then v.id else 0 end as version
        from articles a
        join versions v on v.article = a.key and v.number = a.version
        left join readings r on r.id = a.reading
        left join taught t on t.article = a.key
        where a.outlet = :outlet and a.capture is not null
        and (v.kind in ('article', 'live', 'gallery') or t.capture is not null)
        and (:labelled is null or (t.capture is not null) = :labelled)
        order by t.capture is not null desc, a.first_seen desc, a.id desc
        limit :limit""",
        {"outlet": outlet, "limit": limit, "labelled": labelled},
    ).fetchall()
    return [_to_training_page(row) for row in sorted(rows, key=_age)]


def get_training_page(
    connection: sqlite3.Connection, article_key: str
) -> TrainingPage | None:
    """The newest capture of an article; None if none was read."""
    row = connection.execute(
        """
        select a.key, a.capture, v.title, a.url, null as extra, null as doubt,
            '' as text, 0 as version
        from articles a
        join versions v on v.article = a.key and v.number = a.version
        where a.key = ? and a.capture is not null""",
        [article_key],
    ).fetchone()
    return _to_training_page(row) if row is not None else None


def _age(row: sqlite3.Row) -> tuple[str, int]:
    return row["first_seen"], row["id"]


def _to_training_page(row: sqlite3.Row) -> TrainingPage:
    content = str(stored_json.parse_object(row["extra"]).get("content", ""))
    return TrainingPage(
        row["key"],
        row["capture"],
        row["title"],
        content,
        float(row["doubt"] or 0),
        row["url"],
        row["version"],
        row["text"],
    )


def list_labels(
    connection: sqlite3.Connection, capture_id: int
) -> tuple[tuple[int, str, bool], ...]:
    """The labels of a capture's blocks: (position, hash of its text, is article)."""
    rows = connection.execute(
        "select place, mark, wanted from labels where capture = ? order by place",
        [capture_id],
    )
    return tuple((row["place"], row["mark"], bool(row["wanted"])) for row in rows)


def update_labels(
    connection: sqlite3.Connection,
    article_key: str,
    capture_id: int,
    block_labels: Iterable[tuple[int, str, bool]],
    now: str,
) -> None:
    """Replace the labels of an article by those of a capture's blocks.

    Labels: see ``list_labels``.
    """
    connection.execute("delete from labels where article = ?", [article_key])
    connection.executemany(
        """
        insert into labels (article, capture, place, mark, wanted, at)
        values (?, ?, ?, ?, ?, ?)""",
        [
            (article_key, capture_id, position, block_hash, int(is_article), now)
            for position, block_hash, is_article in block_labels
        ],
    )


# ---- for people


def list_profiles(
    connection: sqlite3.Connection, outlet: str = "", recent_articles: int = 50
) -> list[dict[str, Any]]:
    """Every outlet, or one, with its current profile (columns are None without one).

    Also the methods by which its ``recent_articles`` newest articles were read.
    """
    rows = connection.execute(
        """
        select o.key as outlet, p.number, p.name, p.at, p.extractor, p.pages,
            p.labelled, p.body,
            (select count(*) from articles a where a.outlet = o.key) as articles,
            (select count(distinct l.article)
                from labels l
                join articles a on a.key = l.article
                where a.outlet = o.key) as taught
        from outlets o
        left join profiles p on p.outlet = o.key and p.number = (
            select max(number) from profiles where outlet = o.key)
        where :outlet = '' or o.key = :outlet
        order by o.key""",
        {"outlet": outlet},
    ).fetchall()
    return [
        _profile_to_dict(row)
        | {"methods": _count_methods(connection, row["outlet"], recent_articles)}
        for row in rows
    ]


def list_profile_history(
    connection: sqlite3.Connection, outlet: str
) -> list[dict[str, Any]]:
    """All profiles of an outlet, newest first."""
    rows = connection.execute(
        """
        select outlet, number, name, at, extractor, pages, labelled, body from profiles
        where outlet = ?
        order by number desc""",
        [outlet],
    )
    return [_profile_to_dict(row) for row in rows]


def _profile_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A row, with a summary in place of the body."""
    columns = dict(row)
    body = stored_json.parse_object(columns.pop("body"))
    counts = {
        name: len(body[name]) if isinstance(body.get(name), list | dict) else 0
        for name in ("places", "repeated", "wanted")
    }
    return {**columns, "sure": bool(body.get("sure")), **counts}


def _count_methods(
    connection: sqlite3.Connection, outlet: str, recent_articles: int
) -> dict[str, int]:
    rows = connection.execute(
        """
        select iif(json_valid(r.extract), r.extract ->> '$.method', null) as method,
            count(*) as count
        from (
            select reading from articles
            where outlet = ? and reading is not null
            order by first_seen desc, id desc limit ?) a
        join readings r on r.id = a.reading
        where r.source = 'page'
        group by 1
        order by 2 desc, 1""",
        [outlet, recent_articles],
    )
    return {str(row["method"] or "none"): row["count"] for row in rows}
