"""Crawls: one row each, with its counts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping


def add_crawl(connection: sqlite3.Connection, now: str, program: str) -> int:
    """Add a crawl; returns its id."""
    cursor = connection.execute(
        "insert into crawls (started, program) values (?, ?)", [now, program]
    )
    return int(cursor.lastrowid or 0)


def update_crawl(
    connection: sqlite3.Connection,
    crawl_id: int,
    visits: int,
    captures: int,
    counts: Mapping[str, int],
    ended: str | None,
) -> None:
    """Record what a crawl has done so far; ``ended``: it is over."""
    connection.execute(
        """
        update crawls set visits = ?, captures = ?, counts = ?,
            ended = coalesce(?, ended)
        where id = ?
        """,
        [visits, captures, json.dumps(counts), ended, crawl_id],
    )
