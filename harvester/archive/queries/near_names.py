"""Articles whose keys begin like one that is not in the archive."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

MIN_KEY_CHARS = 3


@dataclass(frozen=True, slots=True)
class NearArticle:
    """An article that may have been meant."""

    key: str
    outlet_name: str
    title: str
    language: str


def list_near_articles(
    connection: sqlite3.Connection, key: str, limit: int
) -> list[NearArticle]:
    """Those whose keys share the most characters with this one from the first on."""
    for length in range(len(key) - 1, MIN_KEY_CHARS - 1, -1):
        beginning = key[:length]
        rows = connection.execute(
            """
            select a.key, o.name, substr(v.title, 1, 300), v.language
            from articles a
            join outlets o on o.key = a.outlet
            join versions v on v.article = a.key and v.number = a.version
            where a.key >= :first and a.key < :end
            order by a.key limit :limit""",
            {"first": beginning, "end": f"{beginning}g", "limit": limit},
        ).fetchall()
        if rows:
            return [NearArticle(*row) for row in rows]
    return []
