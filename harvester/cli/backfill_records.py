"""Backfills as records: what they did, and where they stand, in words."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from harvester.cli.context import Context, utc_timestamp
from harvester.cli.output import display_time, pluralize

if TYPE_CHECKING:
    from harvester.archive.records.backfills import BackfillRow

CSV_COLUMNS = (
    "id",
    "outlet",
    "since",
    "until",
    "state",
    "listed",
    "new",
    "known",
    "outside",
    "waiting",
    "requests",
    "due",
    "started",
    "ended",
)


def list_records(context: Context, outlet: str | None = None) -> list[dict[str, Any]]:
    """All backfills, the latest first; of an outlet only its latest."""
    from harvester.archive.records import backfills

    with context.connect_read_only() as connection:
        rows = backfills.list_backfills(connection, [outlet] if outlet else ())
        return [_record(connection, row) for row in (rows[:1] if outlet else rows)]


def list_running(
    connection: sqlite3.Connection, outlets: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The backfills of these outlets, or of all, that are under way."""
    from harvester.archive.records import backfills

    return [
        _record(connection, row)
        for row in backfills.list_backfills(connection, outlets)
        if row.state == "running"
    ]


def _record(connection: sqlite3.Connection, row: BackfillRow) -> dict[str, Any]:
    from harvester.archive.records import backfills

    standing = backfills.get_standing(connection, row)
    return {
        "id": row.id,
        "outlet": row.outlet,
        "since": row.since,
        "until": row.until,
        "state": row.state,
        "listed": row.listed,
        "new": row.new,
        "known": row.known,
        "outside": row.outside,
        "expected": row.expected,
        "requests": row.requests,
        "open_requests": standing.open_requests,
        "waiting": standing.waiting,
        "due": standing.due if row.state == "running" else None,
        "started": row.started,
        "ended": row.ended,
        "reason": row.reason,
        "outcomes": dict(backfills.count_outcomes(connection, row.id)),
        "sources": _sources(connection, row.id),
    }


def _sources(connection: sqlite3.Connection, backfill_id: int) -> list[dict[str, Any]]:
    """What each source listed, and why it did not go on."""
    from harvester.archive.records import backfills

    sources: dict[str, dict[str, Any]] = {}
    for request in backfills.list_requests(connection, backfill_id):
        begin = {
            "source": request.source,
            "requests": 0,
            "listed": 0,
            "new": 0,
            "reason": "",
        }
        record = sources.setdefault(request.source, begin)
        record["requests"] += request.state in ("read", "failed")
        record["listed"] += request.listed
        record["new"] += request.new
        record["reason"] = request.reason or record["reason"]
    return list(sources.values())


def describe_standing(record: dict[str, Any]) -> str:
    """What is done next, in words."""
    if record["state"] == "finished":
        return f"finished on {display_time(record['ended'])} UTC"
    left = pluralize(record["waiting"], "page") + " to fetch"
    if record["open_requests"]:
        left = f"still listing; {left} so far"
    if record["state"] == "stopped":
        return f"{left}; `harvest backfill {record['outlet']}` goes on"
    if record["due"] and record["due"] > utc_timestamp():
        return f"{left}; next at {display_time(record['due'])} UTC"
    return left
