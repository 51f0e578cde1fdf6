"""What was purged, and how it is known again: by digests of its addresses, of its guid in a feed, and of its text.

Not for: purging (``purge``, ``takeout``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from typing import Any

MIN_KEY_CHARACTERS = 6  # characters of a key
REAPPEARED_REASON = "came again at another address"


def blocklist_digest(*parts: str) -> str:
    """A digest of the table ``barred``."""
    return hashlib.sha256(" ".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def format_reason(purged_at: str) -> str:
    """Why an entry is not followed."""
    return f"was purged on {purged_at[:10]}"


def get_block_reason(connection: sqlite3.Connection, digests: Iterable[str]) -> str:
    """Why something with one of these digests is not taken in; "" where it may be."""
    row = connection.execute(
        """select t.at from barred b join tombstones t on t.id = b.tombstone
        where b.digest in (select value from json_each(?)) limit 1""",
        [json.dumps(list(digests))],
    ).fetchone()
    return format_reason(row["at"]) if row else ""


def get_block_reason_by_key(connection: sqlite3.Connection, article_key: str) -> str:
    """Why the article of that key, or with a key that begins so, is not held; "" where it was not purged."""
    if len(article_key) < MIN_KEY_CHARACTERS or not article_key.isascii():
        return ""
    row = connection.execute(
        "select at from tombstones where kind = 'purge' and substr(article, 1, length(?1)) = ?1 limit 1",
        [article_key.lower()],
    ).fetchone()
    return format_reason(row["at"]) if row else ""


def list_blocked_digests(
    connection: sqlite3.Connection, digests: Iterable[str]
) -> list[str]:
    """Those of the digests that are barred."""
    rows = connection.execute(
        "select digest from barred where digest in (select value from json_each(?))",
        [json.dumps(list(digests))],
    )
    return [row["digest"] for row in rows]


def add_blocklist_digests(
    connection: sqlite3.Connection, outlet: str, digests: Iterable[str]
) -> None:
    """An article of the outlet that was purged is known by these as well."""
    connection.executemany(
        """insert or ignore into barred (digest, tombstone)
        select ?1, max(id) from tombstones where outlet = ?2 and kind = 'purge' having max(id) is not null""",
        [(one, outlet) for one in digests],
    )


def has_purged_articles(connection: sqlite3.Connection, outlet: str) -> bool:
    """Whether any article of an outlet was purged."""
    row = connection.execute(
        "select 1 from tombstones where outlet = ? and kind = 'purge' limit 1", [outlet]
    ).fetchone()
    return row is not None


def list_tombstones(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """All that were purged, the newest first."""
    rows = connection.execute(
        "select * from tombstones where kind = 'purge' order by id desc"
    )
    return [
        {
            "article": row["article"],
            "outlet": row["outlet"],
            "at": row["at"],
            "why": row["why"],
            "removed": json.loads(row["removed"]),
        }
        for row in rows
    ]
