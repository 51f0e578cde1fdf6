"""Due visits of backfills: the next request of each, or pages that it found.

They are made when a site has nothing else to do, so few are handed out at a time. While
entries are still being listed, no page is fetched: the newest are fetched first. Does
not compute due times (``ingest.backfills``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harvester.archive.records.backfills import KEY_PREFIX
from harvester.model import Visit

MAX_VISITS_PER_OUTLET = 50  # in progress

# Columns: those of ``Visit``.
_REQUESTS_SQL = f"""
select 'backfill', '{KEY_PREFIX}' || r.id, r.url, :outlet, r.site, '', '', '', ''
from backfill_requests r where r.id = :request"""
_ENTRIES_SQL = """
select 'entry', e.key, e.url, :outlet, e.site, '', '', '', ''
from entries e
where e.backfill = :backfill and e.backfill is not null and e.due is not null
    and e.due <= :now and e.address <> '' and e.address not like 'urn:%'
    and e.key not in (select key from temp.given)
order by coalesce(e.published, e.updated, '') desc limit :limit"""
# The backfills that are under way; their next requests, if there are any.
_RUNNING_SQL = """
select b.id, b.outlet, (
    select r.id from backfill_requests r
    where r.backfill = b.id and r.state = 'waiting'
    order by r.step, r.changed desc, r.id limit 1) as request
from backfills b join outlets o on o.key = b.outlet
where b.state = 'running' and o.active
    and (:all or b.outlet in (select value from json_each(:outlets)))
order by b.id"""


def list_background_visits(
    connection: sqlite3.Connection,
    now: str,
    outlets: Sequence[str] | None,
    limit: int,
    visits_in_progress: Mapping[str, int],
) -> list[Visit]:
    """At most ``limit`` due visits of the backfills of these outlets; None: of all.

    Marks them as handed out. ``visits_in_progress``: outlet → such visits that were
    handed out and are not settled.
    """
    visits: list[Visit] = []
    for backfill, outlet, request in _list_running(connection, outlets):
        count = MAX_VISITS_PER_OUTLET - visits_in_progress.get(outlet, 0)
        count = min(count, limit - len(visits))
        if count <= 0:
            continue
        parameters = {
            "outlet": outlet,
            "backfill": backfill,
            "request": request,
            "now": now,
            "limit": count,
        }
        due = _get_request_due(connection, request)
        sql = _ENTRIES_SQL
        if due is not None and due <= now:
            sql = (
                f"{_REQUESTS_SQL} and '{KEY_PREFIX}' || r.id not in "
                "(select key from temp.given)"
            )
        visits += [
            replace(Visit(*row), is_background=True)
            for row in connection.execute(sql, parameters)
        ]
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(visit.key,) for visit in visits],
    )
    return visits


def get_next_background_due(
    connection: sqlite3.Connection, now: str, outlets: Sequence[str] | None = None
) -> str | None:
    """When something of the backfills of these outlets is due; None: there is nothing.

    ``now``, where something is due already.
    """
    times = []
    for backfill, _, request in _list_running(connection, outlets):
        due = _get_request_due(connection, request)
        if due is not None:
            times.append(due)
        where = "backfill = ? and backfill is not null and due is not null"
        is_due = connection.execute(
            f"select 1 from entries where {where} and due <= ? limit 1", [backfill, now]
        ).fetchone()
        if is_due or (due is not None and due <= now):
            return now
        row = connection.execute(
            f"select min(due) from entries where {where}", [backfill]
        ).fetchone()
        if row[0] is not None:
            times.append(str(row[0]))
    return min(times, default=None)


def _list_running(
    connection: sqlite3.Connection, outlets: Sequence[str] | None
) -> list[tuple[int, str, int | None]]:
    if outlets is not None and not outlets:
        return []
    rows = connection.execute(
        _RUNNING_SQL,
        {"all": outlets is None, "outlets": json.dumps(list(outlets or ()))},
    )
    return [(row[0], row[1], row[2]) for row in rows.fetchall()]


def _get_request_due(
    connection: sqlite3.Connection, request_id: int | None
) -> str | None:
    if request_id is None:
        return None
    row = connection.execute(
        "select due from backfill_requests where id = ?", [request_id]
    ).fetchone()
    return str(row[0]) if row is not None and row[0] is not None else None
