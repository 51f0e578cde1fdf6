"""How well an outlet's pages are read, over time: shares of what was found on them, and lengths (view ``reading_health``).

Not for: whether that is a break (``ingest.breaks``), nor whether the file is sound (``upkeep``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

MEASURED_FIELDS = ("title", "author", "published", "text")
LAYOUT_CHANGED_EVENT = "layout changed"  # kind of the event


def list_newest_pages(
    connection: sqlite3.Connection, outlet: str, limit: int
) -> list[sqlite3.Row]:
    """The newest pages of an outlet since it was last told that its layout changed, oldest first."""
    told = connection.execute(
        "select max(at) from events where kind = ? and outlet = ?",
        [LAYOUT_CHANGED_EVENT, outlet],
    ).fetchone()[0]
    rows = connection.execute(
        "select * from reading_health where outlet = ? and at > ? order by capture desc limit ?",
        [outlet, told or "", limit],
    ).fetchall()
    return rows[::-1]


def list_outlet_health(
    connection: sqlite3.Connection, outlet_keys: Sequence[str], weeks: int, now: str
) -> list[dict[str, Any]]:
    """Every outlet with its newest weeks, as ``harvest health --json`` prints it."""
    chosen = [row["key"] for row in connection.execute("select key from outlets where active or key in "
              f"({', '.join('?' * len(outlet_keys))}) order by key", list(outlet_keys)) if not outlet_keys or row["key"] in outlet_keys]  # fmt: skip
    return [_get_outlet_health(connection, key, weeks, now) for key in chosen]


def _get_outlet_health(
    connection: sqlite3.Connection, key: str, weeks: int, now: str
) -> dict[str, Any]:
    rows = connection.execute(
        """select *, date(at, 'weekday 0', '-6 days') as week from reading_health
        where outlet = ? and at >= date(?, 'weekday 0', '-6 days', ?) order by capture""",
        [key, now, f"-{(weeks - 1) * 7} days"],
    ).fetchall()
    by_week: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        by_week.setdefault(row["week"], []).append(row)
    events = connection.execute(
        "select at, article, note from events where kind = ? and outlet = ? order by id desc limit 5",
        [LAYOUT_CHANGED_EVENT, key],
    )
    return {
        "outlet": key,
        **_summarise_pages(rows),
        "weeks": [
            {"week": week, **_summarise_pages(by_week[week])}
            for week in sorted(by_week)
        ],
        "breaks": [dict(row) for row in events],
    }


def _summarise_pages(rows: Iterable[sqlite3.Row]) -> dict[str, Any]:
    """Of pages read: how many, the share with each field (None where there are no pages), their median length, their kinds."""
    pages = list(rows)
    kinds: dict[str, int] = {}
    for row in pages:
        kind = row["kind"].partition(":")[0]  # behind it, why a page could not be read
        kinds[kind] = kinds.get(kind, 0) + 1
    lengths = [row["words"] for row in pages if row["words"]]
    shares = {
        name: round(sum(row[name] for row in pages) / len(pages), 3) if pages else None
        for name in MEASURED_FIELDS
    }
    return {
        "pages": len(pages),
        **shares,
        "words": round(median(lengths)) if lengths else None,
        "kinds": dict(sorted(kinds.items())),
    }


def list_current_versions(
    connection: sqlite3.Connection, outlet: str, limit: int
) -> list[sqlite3.Row]:
    """The versions that stand there now, of the newest articles of an outlet, which were read from a page that is kept:
    with ``url``, ``page`` (the capture last read) and the ``extractor`` and ``rules`` that read them."""
    return connection.execute(
        """select v.*, a.url, coalesce(a.capture, v.capture) as page, r.extractor, r.rules from articles a
        join versions v on v.article = a.key and v.number = a.version
        join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
        where a.outlet = ? and r.source = 'page' order by a.id desc limit ?""",
        [outlet, limit],
    ).fetchall()
