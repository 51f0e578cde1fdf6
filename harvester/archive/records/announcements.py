"""Wordings of entries that feeds replaced by others, and those that replaced them.

An entry whose title and summary never changed has no row. Does not decide what a change
is; see ``identity.announcement``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from harvester.archive.records.record_sql import column_values, insert_row

LIMIT_EVENT_KIND = "wordings cut"
# When a feed f last listed its entry e; where it sends nothing new, its entries stay.
LISTED_UNTIL_SQL = """
    iif(e.last_seen >= f.listed, max(e.last_seen, f.read_at), e.last_seen)"""


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """A row of ``announcements`` to be added; the schema explains each column."""

    entry: str
    wording: str
    title: str
    summary: str
    first_seen: str
    last_seen: str
    before: int | None = None
    changed: str = ""


@dataclass(frozen=True, slots=True)
class KeptWordings:
    """The kept wordings of an entry, and the one that its feed had last."""

    ids: dict[str, int]  # digest → id
    current: int | None


def get_kept_wordings(connection: sqlite3.Connection, entry_key: str) -> KeptWordings:
    """What is kept of an entry."""
    rows = connection.execute(
        """
        select wording, id from announcements
        where entry = ?
        order by last_seen, id
        """,
        [entry_key],
    ).fetchall()
    return KeptWordings(
        {row["wording"]: row["id"] for row in rows}, rows[-1]["id"] if rows else None
    )


def add_announcement(connection: sqlite3.Connection, row: NewAnnouncement) -> int:
    """Add a wording; returns its id."""
    return insert_row(connection, "announcements", column_values(row))


def set_last_seen(connection: sqlite3.Connection, row_id: int, last_seen: str) -> None:
    """Record when a feed was last seen with a wording."""
    connection.execute(
        "update announcements set last_seen = max(last_seen, ?) where id = ?",
        [last_seen, row_id],
    )


def has_reached_limit(connection: sqlite3.Connection, feed_url: str) -> bool:
    """Whether it was told of a feed that not all its wordings are kept."""
    row = connection.execute(
        "select 1 from events where kind = ? and feed = ? limit 1",
        [LIMIT_EVENT_KIND, feed_url],
    ).fetchone()
    return row is not None


def list_words(connection: sqlite3.Connection, entry_key: str) -> list[tuple[str, str]]:
    """Title and summary of each kept wording of an entry."""
    rows = connection.execute(
        "select title, summary from announcements where entry = ?", [entry_key]
    )
    return [(row["title"], row["summary"]) for row in rows]


def delete_of_entries(connection: sqlite3.Connection, entry_keys: list[str]) -> int:
    """Delete the wordings of entries, with the events about them; how many wordings."""
    count = 0
    for key in entry_keys:
        connection.execute(
            """
            delete from events
            where announcement in (select id from announcements where entry = ?)
            """,
            [key],
        )
        connection.execute(
            "update announcements set before = null where entry = ?", [key]
        )
        count += connection.execute(
            "delete from announcements where entry = ?", [key]
        ).rowcount
    return count


def list_of_article(
    connection: sqlite3.Connection, article_key: str
) -> list[dict[str, Any]]:
    """What feeds said of an article and changed, oldest first, as commands print it.

    ``to``: when the feed last had that wording; ``unkept``: changed wordings of the
    entry that were not kept.
    """
    rows = connection.execute(
        f"""
        select e.feed, a.title, a.summary, a.changed, a.first_seen,
            iif(a.id = (
                select id from announcements where entry = e.key
                order by last_seen desc, id desc limit 1
            ) and e.unkept = 0, {LISTED_UNTIL_SQL}, a.last_seen) as last_seen,
            e.unkept
        from entries e
        join feeds f on f.url = e.feed
        join announcements a on a.entry = e.key
        where e.article = ?
        order by e.id, a.first_seen, a.id
        """,
        [article_key],
    )
    return [dict(row) for row in rows]
