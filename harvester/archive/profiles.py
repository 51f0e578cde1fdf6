"""Profiles of outlets as they were learned, what persons said of single blocks, and the captures to learn from.

Not for: learning (``ingest.learn``), nor for what a profile is (``parse.profile``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """An article's newest capture that was read from the page, and what the feed carried of it."""

    article: str
    capture: int
    title: str
    content: str  # full text as HTML; "" where the feed has none
    doubt: float  # 0 to 1, of its reading


def newest(connection: sqlite3.Connection, outlet: str) -> sqlite3.Row | None:
    """The profile in force."""
    return connection.execute(  # type: ignore[no-any-return]
        "select * from profiles where outlet = ? order by number desc limit 1", [outlet]
    ).fetchone()


def names(connection: sqlite3.Connection) -> dict[str, str]:
    """Outlet → name of the profile in force."""
    rows = connection.execute("select outlet, name, max(number) from profiles group by outlet")
    return {row["outlet"]: row["name"] for row in rows}


def add(
    connection: sqlite3.Connection, outlet: str, body: str, pages: int, labelled: int, extractor: str, now: str
) -> bool:
    """Keep a profile, where it is another than the one in force. Whether it was. Its name is made of its content."""
    name = hashlib.sha256(body.encode()).hexdigest()[:12]
    held = newest(connection, outlet)
    if held is not None and held["name"] == name:
        connection.execute("update profiles set at = ? where id = ?", [now, held["id"]])
        return False
    connection.execute(
        """insert into profiles (outlet, number, name, at, extractor, pages, labelled, body) values (?, ?, ?, ?, ?, ?, ?, ?)""",
        [outlet, (held["number"] if held is not None else 0) + 1, name, now, extractor, pages, labelled, body],
    )
    return True


def count(connection: sqlite3.Connection, outlet: str, since: str = "") -> int:
    """How many articles of the outlet are held that were first seen after ``since``."""
    row = connection.execute("select count(*) from articles where outlet = ? and first_seen > ?", [outlet, since])
    return int(row.fetchone()[0])


def pages(connection: sqlite3.Connection, outlet: str, most: int) -> list[Page]:
    """The newest articles of an outlet that can be learned from, oldest first; those that a person taught always."""
    rows = connection.execute(
        """
        with taught as (select distinct capture from labels)
        select a.id, a.key, a.capture, v.title, a.capture in (select capture from taught) as said,
               (select e.extra from entries e where e.article = a.key and e.extra like '%"content"%' order by e.id desc limit 1) as extra,
               (select r.extract ->> '$.doubt' from readings r where r.id = a.reading) as doubt
        from articles a join versions v on v.article = a.key and v.number = a.version
        where a.outlet = ? and a.capture is not null and v.kind in ('article', 'live', 'gallery')
        order by said desc, a.id desc limit ?""",
        [outlet, most],
    ).fetchall()
    found = []
    for row in sorted(rows, key=lambda one: one["id"]):
        content = str(json.loads(row["extra"]).get("content", "")) if row["extra"] else ""
        found.append(Page(row["key"], row["capture"], row["title"], content, float(row["doubt"] or 0)))
    return found


def labels(connection: sqlite3.Connection, capture: int) -> tuple[tuple[int, str, bool], ...]:
    """What persons said of a capture's blocks: (place, mark of its words, whether it is article)."""
    rows = connection.execute("select place, mark, wanted from labels where capture = ? order by place", [capture])
    return tuple((row["place"], row["mark"], bool(row["wanted"])) for row in rows)


def say(connection: sqlite3.Connection, capture: int, said: Iterable[tuple[int, str, bool]], now: str) -> None:
    """Keep what a person said of a capture's blocks; what was said of the same before gives way."""
    connection.execute("delete from labels where capture = ?", [capture])
    connection.executemany(
        "insert into labels (capture, place, mark, wanted, at) values (?, ?, ?, ?, ?)",
        [(capture, place, mark, int(wanted), now) for place, mark, wanted in said],
    )
