"""Recognise purged articles by digests of their URLs, feed guids and texts.

Does not purge; see ``purge`` and ``execute``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from harvester.archive import stored_json

MIN_KEY_CHARACTERS = 6  # of an abbreviated article key
REAPPEARED_REASON = "reappeared at another address"


def blocklist_digest(*parts: str) -> str:
    """Return a digest as stored in the table ``barred``."""
    return hashlib.sha256(" ".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def format_reason(purged_at: str) -> str:
    """Return the reason for which an entry is refused."""
    return f"was purged on {purged_at[:10]}"


def get_block_reason(connection: sqlite3.Connection, digests: Iterable[str]) -> str:
    """Return why something with one of these digests is refused; "" if it is not."""
    row = connection.execute(
        """
        select t.at from barred b join tombstones t on t.id = b.tombstone
        where b.digest in (select value from json_each(?)) limit 1
        """,
        [json.dumps(list(digests))],
    ).fetchone()
    return format_reason(row["at"]) if row else ""


def get_block_reason_by_key(connection: sqlite3.Connection, article_key: str) -> str:
    """Return why an article is not in the archive; "" if it was not purged.

    The key may be abbreviated.
    """
    if len(article_key) < MIN_KEY_CHARACTERS or not article_key.isascii():
        return ""
    row = connection.execute(
        """
        select at from tombstones
        where kind = 'purge' and substr(article, 1, length(:prefix)) = :prefix limit 1
        """,
        {"prefix": article_key.lower()},
    ).fetchone()
    return format_reason(row["at"]) if row else ""


def list_blocked_digests(
    connection: sqlite3.Connection, digests: Iterable[str]
) -> list[str]:
    """Return those of the digests that are on the blocklist."""
    rows = connection.execute(
        "select digest from barred where digest in (select value from json_each(?))",
        [json.dumps(list(digests))],
    )
    return [row["digest"] for row in rows]


def add_blocklist_digests(
    connection: sqlite3.Connection, outlet: str, digests: Iterable[str]
) -> None:
    """Add digests to the outlet's latest purge, if there was one."""
    connection.executemany(
        """
        insert or ignore into barred (digest, tombstone)
        select ?, max(id) from tombstones
        where outlet = ? and kind = 'purge' having max(id) is not null
        """,
        [(digest, outlet) for digest in digests],
    )


def copy_blocklist(connection: sqlite3.Connection, source: sqlite3.Connection) -> None:
    """Take over what another archive has purged, so that it is recognised here too.

    For an archive that is made to be merged into that one: what must not come back is
    taken out before it is written. Does nothing where it is there already.
    """
    numbers: dict[int, int] = {}
    columns = "article, kind, outlet, at, why, removed"
    known = {
        tuple(row): number
        for number, *row in connection.execute(f"select id, {columns} from tombstones")
    }
    for number, *row in source.execute(
        f"select id, {columns} from tombstones where kind = 'purge' order by id"
    ).fetchall():
        new = known.get(tuple(row))
        if new is None:
            cursor = connection.execute(
                f"insert into tombstones ({columns}) values (?, ?, ?, ?, ?, ?)", row
            )
            new = int(cursor.lastrowid or 0)
        numbers[number] = new
    connection.executemany(
        "insert or ignore into barred (digest, tombstone) values (?, ?)",
        [
            (digest, numbers[tombstone])
            for digest, tombstone in source.execute(
                "select digest, tombstone from barred"
            )
            if tombstone in numbers
        ],
    )


def has_purged_articles(connection: sqlite3.Connection, outlet: str) -> bool:
    """Whether any article of an outlet was purged."""
    row = connection.execute(
        "select 1 from tombstones where outlet = ? and kind = 'purge' limit 1", [outlet]
    ).fetchone()
    return row is not None


def list_tombstones(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """List all purges, the latest first."""
    rows = connection.execute(
        """
        select article, outlet, at, why, removed from tombstones
        where kind = 'purge' order by id desc
        """
    )
    return [
        {**dict(row), "removed": stored_json.parse_object(row["removed"])}
        for row in rows
    ]
