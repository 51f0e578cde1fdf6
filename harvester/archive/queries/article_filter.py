"""Whether articles are among those of a query: for lists that are found otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from harvester.archive.queries.article_export import list_article_ids
from harvester.query.tree import And, Node, Value

KEYS_SQL = "select key from articles where id = ?"


def make_article_filter(
    connection: sqlite3.Connection, query: Node, now: str
) -> Callable[[str], bool]:
    """Tells of an article's key whether any of its versions matches.

    Asks the archive once for each key. Raises QueryError when it is called.
    """
    known: dict[str, bool] = {}

    def is_match(key: str) -> bool:
        if key not in known:
            narrowed = And((query, Value("key", key, 1)), (), 1)
            known[key] = bool(list_article_ids(connection, narrowed, now))
        return known[key]

    return is_match


def list_matching_keys(
    connection: sqlite3.Connection, query: Node, now: str
) -> frozenset[str]:
    """The keys of all articles that match. Raises QueryError."""
    ids = list_article_ids(connection, query, now)
    return frozenset(
        connection.execute(KEYS_SQL, [number]).fetchone()[0] for number in ids
    )
