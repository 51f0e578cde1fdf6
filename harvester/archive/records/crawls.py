"""Crawls: one row each, with its counts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LastCrawl:
    """By which program the newest crawl was made, and whether it came to its end."""

    program: str
    ended: bool


def get_last_crawl(connection: sqlite3.Connection) -> LastCrawl | None:
    """The newest crawl; None if there was none."""
    row = connection.execute(
        "select program, ended from crawls order by id desc limit 1"
    ).fetchone()
    return LastCrawl(row["program"], row["ended"] is not None) if row else None


def list_times(
    connection: sqlite3.Connection, limit: int
) -> list[tuple[str, str | None]]:
    """When the last crawls started and ended, oldest first; None: it did not end."""
    rows = connection.execute(
        "select started, ended from crawls order by id desc limit ?", [limit]
    )
    return [(row["started"], row["ended"]) for row in rows][::-1]


def get_last_activity(connection: sqlite3.Connection) -> str | None:
    """When a crawl did anything last; None: never."""
    (active,) = connection.execute(
        """
        select max(at) from (
            select max(polled) as at from feeds
            union all select (select at from captures order by id desc limit 1)
            union all select (select ended from crawls order by id desc limit 1))
        """
    ).fetchone()
    return None if active is None else str(active)


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
