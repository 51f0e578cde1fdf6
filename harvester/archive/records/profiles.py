"""Profiles of outlets as they were learned, what persons said of single blocks, and the captures to learn from.

Not for: learning (``ingest.learn``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """An article's newest capture that was read from the page, and what the feed carried of it."""

    article: str
    capture: int
    title: str
    content: str  # full text as HTML; "" where the feed has none
    uncertainty: float  # 0 to 1, of its reading
    url: str = ""
    version_id: int = (
        0  # versions.id of the current wording, where it is shown as the page reads
    )
    text: str = ""  # as it is shown


def get_current_profile(
    connection: sqlite3.Connection, outlet: str
) -> sqlite3.Row | None:
    """The profile in force."""
    return connection.execute(  # type: ignore[no-any-return]
        "select * from profiles where outlet = ? order by number desc limit 1", [outlet]
    ).fetchone()


def get_profile_names(connection: sqlite3.Connection) -> dict[str, str]:
    """Outlet → name of the profile in force."""
    rows = connection.execute(
        "select outlet, name, max(number) from profiles group by outlet"
    )
    return {row["outlet"]: row["name"] for row in rows}


def add_profile(
    connection: sqlite3.Connection,
    outlet: str,
    body: str,
    pages: int,
    labelled: int,
    extractor: str,
    now: str,
) -> bool:
    """Keep a profile, where it is another than the one in force. Whether it was. Its name is made of its content."""
    name = hashlib.sha256(body.encode()).hexdigest()[:12]
    held = get_current_profile(connection, outlet)
    if held is not None and held["name"] == name:
        connection.execute("update profiles set at = ? where id = ?", [now, held["id"]])
        return False
    connection.execute(
        """insert into profiles (outlet, number, name, at, extractor, pages, labelled, body) values (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            outlet,
            (held["number"] if held is not None else 0) + 1,
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
    """How many articles of the outlet are held that were first seen after ``since``."""
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
    """The newest articles of an outlet that can be learned from, oldest first; those that a person taught always, as they were
    then. ``taught``: only those, or none of them."""
    rows = connection.execute(
        """
        with taught as (select article, max(capture) as capture from labels group by article)
        select a.id, a.key, coalesce(t.capture, a.capture) as capture, v.title, a.url,
               (select e.extra from entries e where e.article = a.key and e.extra like '%"content"%' order by e.id desc limit 1) as extra,
               r.extract ->> '$.doubt' as doubt, v.text,
               case when r.source = 'page' and t.capture is null then v.id else 0 end as version
        from articles a join versions v on v.article = a.key and v.number = a.version
        left join readings r on r.id = a.reading left join taught t on t.article = a.key
        where a.outlet = ?1 and a.capture is not null and (v.kind in ('article', 'live', 'gallery') or t.capture is not null)
        and (?3 is null or (t.capture is not null) = ?3)
        order by t.capture is not null desc, a.id desc limit ?2""",
        [outlet, limit, labelled],
    ).fetchall()
    return [_to_training_page(row) for row in sorted(rows, key=lambda one: one["id"])]


def get_training_page(
    connection: sqlite3.Connection, article_key: str
) -> TrainingPage | None:
    """The newest capture of an article; None where none was read."""
    row = connection.execute(
        """select a.key, a.capture, v.title, a.url, null as extra, null as doubt, '' as text, 0 as version
        from articles a join versions v on v.article = a.key and v.number = a.version where a.key = ? and a.capture is not null""",
        [article_key],
    ).fetchone()
    return _to_training_page(row) if row is not None else None


def _to_training_page(row: sqlite3.Row) -> TrainingPage:
    content = str(json.loads(row["extra"]).get("content", "")) if row["extra"] else ""
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
    """What persons said of a capture's blocks: (place, mark of its words, whether it is article)."""
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
    """Keep what a person said of a capture's blocks; what was said of the same article before gives way."""
    connection.execute("delete from labels where article = ?", [article_key])
    connection.executemany(
        "insert into labels (article, capture, place, mark, wanted, at) values (?, ?, ?, ?, ?, ?)",
        [
            (article_key, capture_id, place, mark, int(wanted), now)
            for place, mark, wanted in block_labels
        ],
    )


# ---- to look at


def list_profiles(
    connection: sqlite3.Connection, outlet: str = "", recent_articles: int = 50
) -> list[dict[str, Any]]:
    """Every outlet with its profile in force (null where there is none yet), and by what its ``last`` articles were read."""
    rows = connection.execute(
        """select o.key as outlet, p.number, p.name, p.at, p.extractor, p.pages, p.labelled, p.body,
        (select count(*) from articles a where a.outlet = o.key) as articles,
        (select count(distinct l.article) from labels l join articles a on a.key = l.article where a.outlet = o.key) as taught
        from outlets o left join profiles p on p.outlet = o.key and p.number = (select max(number) from profiles where outlet = o.key)
        where ?1 = '' or o.key = ?1 order by o.key""",
        [outlet],
    ).fetchall()
    return [
        _profile_to_dict(row)
        | {"methods": _count_methods(connection, row["outlet"], recent_articles)}
        for row in rows
    ]


def list_profile_history(
    connection: sqlite3.Connection, outlet: str
) -> list[dict[str, Any]]:
    """All profiles of an outlet, the newest first."""
    rows = connection.execute(
        "select outlet, number, name, at, extractor, pages, labelled, body from profiles where outlet = ? order by number desc",
        [outlet],
    )
    return [_profile_to_dict(row) for row in rows]


def _profile_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A row without the body, and what is in it."""
    body = json.loads(row["body"]) if row["body"] else None
    found = {name: row[name] for name in row.keys() if name != "body"}  # noqa: SIM118 (a row iterates over its values)
    counts = {
        name: len(body[name]) if body else 0
        for name in ("places", "repeated", "wanted")
    }
    return {**found, "sure": bool(body and body["sure"]), **counts}


def _count_methods(
    connection: sqlite3.Connection, outlet: str, recent_articles: int
) -> dict[str, int]:
    rows = connection.execute(
        """select r.extract ->> '$.method' as method, count(*) as count
        from (select reading from articles where outlet = ? and reading is not null order by id desc limit ?) a
        join readings r on r.id = a.reading where r.source = 'page' group by 1 order by 2 desc, 1""",
        [outlet, recent_articles],
    )
    return {str(row["method"] or "none"): row["count"] for row in rows}
