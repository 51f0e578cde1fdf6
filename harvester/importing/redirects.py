"""Joins redirects to the responses they led to, and puts all in order of time."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from harvester.archive.importing import workspace
from harvester.archive.importing.workspace import RecordRow

# Between a redirect and the response to the request that followed it. Crawlers of others
# fetch what a redirect leads to minutes later.
MAX_SECONDS = 120.0


def join_redirects(connection: sqlite3.Connection, max_redirects: int) -> None:
    """Join each redirect to one response at most, and number the turns."""
    workspace.create_indexes(connection)
    with workspace.transaction(connection):
        followed: dict[int, int] = {}  # redirect → what it led to
        for redirect in workspace.list_redirects(connection):
            response = _find_response(connection, redirect)
            if response is None or _leads_to(
                followed, response.id, redirect.id, max_redirects
            ):
                continue
            followed[redirect.id] = response.id
            workspace.join_record(connection, redirect.id, response.id)
        workspace.number_turns(connection)


def _find_response(
    connection: sqlite3.Connection, redirect: RecordRow
) -> RecordRow | None:
    """What a redirect led to: soon after it, or else just before."""
    candidates = [
        record
        for record in workspace.list_near(
            connection,
            redirect.target,
            add_to_moment(redirect.moment, -MAX_SECONDS),
            add_to_moment(redirect.moment, MAX_SECONDS),
        )
        if record.id != redirect.id
    ]
    later = [record for record in candidates if record.moment >= redirect.moment]
    return later[0] if later else (candidates[-1] if candidates else None)


def _leads_to(
    followed: dict[int, int], first: int, wanted: int, max_redirects: int
) -> bool:
    """Whether a chain of redirects leads to a record, or is too long."""
    current = first
    for _ in range(max_redirects):
        if current == wanted:
            return True
        if current not in followed:
            return False
        current = followed[current]
    return True


def add_to_moment(moment: str, seconds: float) -> str:
    """A moment so many seconds later."""
    at = datetime.fromisoformat(moment).replace(tzinfo=None)
    return f"{(at + timedelta(seconds=seconds)).isoformat(timespec='microseconds')}Z"
