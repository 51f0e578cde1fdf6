"""Backfills: begun, stopped, gone on with, and closed when nothing is left to do.

What a request brought is stored in ``backfill_listing``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from harvester.archive.records import backfills
from harvester.archive.records.backfills import (
    BackfillRow,
    BackfillUpdate,
    NewRequest,
    RequestUpdate,
)
from harvester.errors import HarvesterError
from harvester.identity import urls
from harvester.ingest import backfill_plans
from harvester.ingest.backfill_requests import PlannedRequest
from harvester.settings import Outlet

STOPPED_REASON = "stopped"
REPLACED_REASON = "another backfill of the outlet was begun"


def begin_backfill(
    connection: sqlite3.Connection, outlet: Outlet, since: str, now: str
) -> int:
    """Begin a backfill of an outlet whose feeds are stored; returns its id.

    One of the outlet that is running is stopped. Raises HarvesterError where the outlet
    has no feed that can be asked.
    """
    planned = backfill_plans.plan_begin(outlet, since, now)
    if not planned:
        raise HarvesterError(
            f"outlet {outlet.key!r} has no feed",
            f"`harvest add {outlet.home}` finds it",
        )
    stop_backfills(connection, outlet.key, REPLACED_REASON)
    backfill_id = backfills.add_backfill(connection, outlet.key, since, now)
    for feed_url, request in planned:
        add_requests(connection, backfill_id, feed_url, [request], now)
    return backfill_id


def stop_backfills(connection: sqlite3.Connection, outlet: str, reason: str) -> int:
    """Stop an outlet's running backfills; returns how many."""
    running = [
        row for row in backfills.list_backfills(connection, [outlet]) if is_running(row)
    ]
    for row in running:
        update = BackfillUpdate(state="stopped", reason=reason)
        backfills.update_backfill(connection, row.id, update)
    return len(running)


def continue_backfill(
    connection: sqlite3.Connection, backfill_id: int, now: str
) -> None:
    """Go on with a backfill that was stopped; what failed for a while is due now."""
    update = BackfillUpdate(state="running", reason="")
    backfills.update_backfill(connection, backfill_id, update)
    following = backfills.get_next_request(connection, backfill_id)
    if following is not None:
        backfills.update_request(connection, following.id, RequestUpdate(due=now))


def is_running(backfill: BackfillRow) -> bool:
    """Whether a backfill is under way."""
    return backfill.state == "running"


def close_finished(connection: sqlite3.Connection, now: str, outlet: str = "") -> None:
    """Close the backfills, of all outlets or one, of which nothing is left to do."""
    for row in backfills.list_backfills(connection, [outlet] if outlet else ()):
        if is_running(row) and not backfills.has_open_visits(connection, row.id):
            update = BackfillUpdate(state="finished", ended=now)
            backfills.update_backfill(connection, row.id, update)


def add_requests(
    connection: sqlite3.Connection,
    backfill_id: int,
    feed_url: str,
    planned: Sequence[PlannedRequest],
    now: str,
) -> int:
    """Add planned requests, due now, but for those known; returns how many are new."""
    return backfills.add_requests(
        connection,
        [
            NewRequest(
                backfill_id,
                request.step,
                request.source,
                feed_url,
                request.url,
                urls.site(request.url),
                now,
                request.changed,
                request.progress.to_json(),
            )
            for request in planned
        ],
    )
