"""Records that the harvester itself was silent: from when to when, and why if known.

The daemon was off, the machine slept, was off or without power, or the disk was full.
Found when the next crawl begins, or goes on. Does not judge (``schedule.downtime``).
"""

from __future__ import annotations

import sqlite3

from harvester.archive.connection import Archive
from harvester.archive.queries.health_events import HARVESTER_SILENT
from harvester.archive.records import articles, crawls, due_visits
from harvester.archive.records.articles import NewEvent
from harvester.archive.writer_lock import LockHolder, get_lock_holder
from harvester.schedule import downtime

SLEPT = "the machine slept, or the program was stopped"


def record_downtime(archive: Archive, now: str, booted: str = "") -> None:
    """Record an event if nothing was crawled before this crawl, although it was due.

    Called before the crawl is added, in a transaction. ``booted``: when the machine was
    started; "": not known.
    """
    connection = archive.connection
    times = crawls.list_times(connection, downtime.COMPARED_CRAWLS + 1)
    due = due_visits.get_next_due(connection)
    if not times or due is None or due > now:
        return
    active = crawls.get_last_activity(connection)
    try:
        since = downtime.find_downtime(times, active, due, now)
    except (ValueError, TypeError):  # a damaged archive; `harvest doctor` tells
        return
    if since is None:
        return
    holder = get_lock_holder(archive.path)
    why = _explain(since, times[-1][1], booted, holder)
    _record(connection, since, now, why)


def record_pause(archive: Archive, previous: str, now: str) -> None:
    """Record an event if a crawl was stopped since ``previous``, and something was due."""
    if not downtime.is_pause(previous, now):
        return
    due = due_visits.get_next_due(archive.connection)
    if due is not None and downtime.is_pause(since := max(previous, due), now):
        archive.begin()
        _record(archive.connection, since, now, SLEPT)
        archive.commit()


def _explain(
    since: str, last_ended: str | None, booted: str, holder: LockHolder | None
) -> str:
    """Why nothing was crawled since then, as far as it is known."""
    if holder is not None and holder.problem and holder.since <= since:
        return holder.problem.replace("\n", "; ")
    if booted > since:
        return f"the machine was off until {booted}"
    if holder is not None and holder.since and holder.since <= since:
        return f"`{holder.command}` was running: {SLEPT}"
    if last_ended is None:
        return "the crawl before it was killed, or the power failed"
    return "`harvest run` or `harvest once` did not run"


def _record(connection: sqlite3.Connection, since: str, now: str, why: str) -> None:
    lasted = downtime.describe_duration(since, now)
    note = f"nothing was crawled for {lasted}, although it was due: {why}"
    event = NewEvent(HARVESTER_SILENT, "", now, note, since=since)
    articles.add_event(connection, event)
