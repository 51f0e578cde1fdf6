"""How well an outlet's pages are read over time: shares of fields found, and lengths.

Based on the view ``reading_health``. Does not decide whether a layout changed; see
``ingest.layout_changes``.
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
    """The newest pages of an outlet, oldest first.

    Only pages after its last layout change was reported.
    """
    last_reported = connection.execute(
        "select max(at) from events where kind = ? and outlet = ?",
        [LAYOUT_CHANGED_EVENT, outlet],
    ).fetchone()[0]
    # By the index in their order: by that of times all would be read and sorted.
    rows = connection.execute(
        """
        select * from reading_health
        where outlet = ? and +at > ?
        order by capture desc
        limit ?""",
        [outlet, last_reported or "", limit],
    ).fetchall()
    return rows[::-1]


def summarise_newest_pages(
    connection: sqlite3.Connection, outlet: str, limit: int
) -> dict[str, Any]:
    """The newest pages of an outlet since its last layout change, as a week is summarised."""
    return _summarise_pages(list_newest_pages(connection, outlet, limit))


def list_outlet_health(
    connection: sqlite3.Connection, outlet_keys: Sequence[str], weeks: int, now: str
) -> list[dict[str, Any]]:
    """The newest weeks of each outlet, as ``harvest health --json`` prints them.

    ``outlet_keys``: only these, active or not; empty for all active outlets.
    """
    rows = connection.execute("select key, active from outlets order by key")
    chosen = [
        row["key"]
        for row in rows
        if (row["key"] in outlet_keys if outlet_keys else row["active"])
    ]
    return [_get_outlet_health(connection, key, weeks, now) for key in chosen]


def _get_outlet_health(
    connection: sqlite3.Connection, key: str, weeks: int, now: str
) -> dict[str, Any]:
    # By the index of times: in the order of captures all of the outlet would be read.
    pages = connection.execute(
        """
        select *, date(at, 'weekday 0', '-6 days') as week
        from reading_health
        where outlet = ? and at >= date(?, 'weekday 0', '-6 days', ?)
        order by +capture""",
        [key, now, f"-{(weeks - 1) * 7} days"],
    ).fetchall()
    pages_by_week: dict[str, list[sqlite3.Row]] = {}
    for page in pages:
        pages_by_week.setdefault(page["week"], []).append(page)
    layout_changes = connection.execute(
        """
        select at, article, note from events
        where kind = ? and outlet = ?
        order by id desc
        limit 5""",
        [LAYOUT_CHANGED_EVENT, key],
    )
    return {
        "outlet": key,
        **_summarise_pages(pages),
        "weeks": [
            {"week": week, **_summarise_pages(pages_by_week[week])}
            for week in sorted(pages_by_week)
        ],
        "breaks": [dict(row) for row in layout_changes],
    }


def _summarise_pages(rows: Iterable[sqlite3.Row]) -> dict[str, Any]:
    """How many pages, the share with each field, their median length, their kinds.

    Shares and length are None where there is nothing to measure.
    """
    pages = list(rows)
    kinds: dict[str, int] = {}
    for page in pages:
        # After the colon: why the page could not be read.
        kind = page["kind"].partition(":")[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    lengths = [page["words"] for page in pages if page["words"]]
    shares = {
        name: round(sum(page[name] for page in pages) / len(pages), 3)
        if pages
        else None
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
    """The current versions of an outlet's newest articles that were read from a page.

    With ``url``, ``page`` (the capture last read), and the ``extractor`` and ``rules``
    that read it.
    """
    return connection.execute(
        """
        select v.*, a.url, coalesce(a.capture, v.capture) as page, r.extractor, r.rules
        from articles a
        join versions v on v.article = a.key and v.number = a.version
        join readings r on r.id = (
            select max(id) from readings
            where version = v.id and source <> 'feed-compared')
        where a.outlet = ? and r.source = 'page'
        order by a.first_seen desc, a.id desc
        limit ?""",
        [outlet, limit],
    ).fetchall()
