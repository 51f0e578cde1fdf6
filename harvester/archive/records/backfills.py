"""Backfills: what outlets published earlier, and the requests that list it.

A backfill has one request after the other, each written with what the one before it
brought. Does not decide which (``ingest.backfill_requests``), nor what is stored
(``ingest.backfill_listing``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.archive.records.record_sql import (
    UNSET,
    RowUpdate,
    Unset,
    column_list,
    column_values,
    insert_row,
    update_row,
)

BackfillState = Literal["running", "stopped", "finished"]
RequestState = Literal["waiting", "read", "failed", "dropped"]
KEY_PREFIX = "backfill:"  # of a visit's key, before the id of its request


@dataclass(frozen=True, slots=True)
class BackfillRow:
    """A row of ``backfills``; the schema explains each column."""

    id: int
    outlet: str
    since: str
    until: str
    state: BackfillState
    listed: int
    new: int
    known: int
    outside: int
    requests: int
    expected: int | None
    reason: str
    started: str
    ended: str | None


@dataclass(frozen=True, slots=True)
class BackfillUpdate(RowUpdate):
    """Columns of a backfill to be set."""

    state: BackfillState | Unset = UNSET
    listed: int | Unset = UNSET
    new: int | Unset = UNSET
    known: int | Unset = UNSET
    outside: int | Unset = UNSET
    requests: int | Unset = UNSET
    expected: int | Unset = UNSET
    reason: str | Unset = UNSET
    ended: str | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A row of ``backfill_requests``; the schema explains each column."""

    id: int
    backfill: int
    step: int
    source: str
    feed: str
    url: str
    site: str
    changed: str
    progress: str
    state: RequestState
    listed: int
    new: int
    tries: int
    reason: str
    due: str | None


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A row of ``backfill_requests`` to be added."""

    backfill: int
    step: int
    source: str
    feed: str
    url: str
    site: str
    due: str
    changed: str = ""
    progress: str = "{}"


@dataclass(frozen=True, slots=True)
class RequestUpdate(RowUpdate):
    """Columns of a request to be set."""

    state: RequestState | Unset = UNSET
    listed: int | Unset = UNSET
    new: int | Unset = UNSET
    tries: int | Unset = UNSET
    reason: str | Unset = UNSET
    due: str | Unset | None = UNSET


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a backfill stands."""

    backfill: BackfillRow
    waiting: int  # entries whose pages are still to be fetched
    due: str | None  # the earliest time of one of them, or of a request
    open_requests: int  # that are still to be sent to list entries
    source: str  # of the next of these; "": all is listed


# ---- backfills


def add_backfill(
    connection: sqlite3.Connection, outlet: str, since: str, until: str
) -> int:
    """Add a backfill that begins at ``until``; returns its id."""
    values = {"outlet": outlet, "since": since, "until": until, "started": until}
    return insert_row(connection, "backfills", values)


def update_backfill(
    connection: sqlite3.Connection, backfill_id: int, update: BackfillUpdate
) -> None:
    """Set columns of a backfill."""
    update_row(connection, "backfills", column_values(update), "id", backfill_id)


def get_backfill(connection: sqlite3.Connection, backfill_id: int) -> BackfillRow:
    """The backfill with an id; it must exist."""
    row = connection.execute(
        f"select {column_list(BackfillRow)} from backfills where id = ?", [backfill_id]
    ).fetchone()
    return BackfillRow(*row)


def list_backfills(
    connection: sqlite3.Connection, outlets: Iterable[str] = ()
) -> list[BackfillRow]:
    """The backfills of these outlets, or of all, the latest first."""
    keys = list(outlets)
    rows = connection.execute(
        f"""
        select {column_list(BackfillRow)} from backfills
        where :all or outlet in (select value from json_each(:keys))
        order by id desc
        """,
        {"all": not keys, "keys": json.dumps(keys)},
    )
    return [BackfillRow(*row) for row in rows]


def get_standing(connection: sqlite3.Connection, backfill: BackfillRow) -> Standing:
    """Where a backfill stands."""
    waiting, entries_due = connection.execute(
        """
        select count(*), min(due) from entries
        where backfill = ? and backfill is not null and due is not null
        """,
        [backfill.id],
    ).fetchone()
    count, due = connection.execute(
        """
        select count(*), min(due) from backfill_requests
        where backfill = ? and state = 'waiting'
        """,
        [backfill.id],
    ).fetchone()
    following = get_next_request(connection, backfill.id)
    return Standing(
        backfill,
        waiting,
        min(filter(None, (entries_due, due)), default=None),
        count,
        following.source if following is not None else "",
    )


def count_outcomes(
    connection: sqlite3.Connection, backfill_id: int
) -> list[tuple[str, int]]:
    """(outcome, number of entries) of what a backfill found; reads all of them."""
    rows = connection.execute(
        """
        select outcome, count(*) from entries
        where backfill = ? and backfill is not null group by outcome order by 2 desc, 1
        """,
        [backfill_id],
    )
    return [(str(outcome), int(count)) for outcome, count in rows]


def count_by_year(
    connection: sqlite3.Connection, outlet: str, since: str
) -> dict[str, int]:
    """Year → articles of an outlet that the archive has, by their publication."""
    rows = connection.execute(
        """
        select substr(v.published, 1, 4) as year, count(*)
        from articles a join versions v on v.article = a.key and v.number = a.version
        where a.outlet = ? and v.published >= ? group by 1 order by 1
        """,
        [outlet, since[:10]],
    )
    return {str(year): int(count) for year, count in rows}


# ---- requests


def add_requests(connection: sqlite3.Connection, requests: Iterable[NewRequest]) -> int:
    """Add requests, but for those whose URL is known; returns how many are new."""
    count = 0
    for request in requests:
        values = column_values(request)
        marks = ", ".join("?" * len(values))
        count += connection.execute(
            f"""
            insert or ignore into backfill_requests ({", ".join(values)})
            values ({marks})
            """,
            list(values.values()),
        ).rowcount
    return count


def update_request(
    connection: sqlite3.Connection, request_id: int, update: RequestUpdate
) -> None:
    """Set columns of a request."""
    update_row(connection, "backfill_requests", column_values(update), "id", request_id)


def get_request_of_visit(connection: sqlite3.Connection, key: str) -> RequestRow:
    """The request that a visit is, by the visit's key; it must exist."""
    row = connection.execute(
        f"select {column_list(RequestRow)} from backfill_requests where id = ?",
        [int(key.removeprefix(KEY_PREFIX))],
    ).fetchone()
    return RequestRow(*row)


def get_next_request(
    connection: sqlite3.Connection, backfill_id: int
) -> RequestRow | None:
    """The request of a backfill that is sent next, due or not; None: all were."""
    row = connection.execute(
        f"""
        select {column_list(RequestRow)} from backfill_requests
        where backfill = ? and state = 'waiting'
        order by step, changed desc, id limit 1
        """,
        [backfill_id],
    ).fetchone()
    return RequestRow(*row) if row is not None else None


def list_requests(connection: sqlite3.Connection, backfill_id: int) -> list[RequestRow]:
    """All requests of a backfill, in the order in which they were planned."""
    rows = connection.execute(
        f"""
        select {column_list(RequestRow)} from backfill_requests
        where backfill = ? order by id
        """,
        [backfill_id],
    )
    return [RequestRow(*row) for row in rows]


def has_open_visits(connection: sqlite3.Connection, backfill_id: int) -> bool:
    """Whether a request of a backfill is still to be sent, or a page to be fetched."""
    row = connection.execute(
        """
        select exists (
                select 1 from backfill_requests where backfill = :id and state = 'waiting')
            or exists (
                select 1 from entries
                where backfill = :id and backfill is not null and due is not null)
        """,
        {"id": backfill_id},
    ).fetchone()
    return bool(row[0])


def drop_requests(
    connection: sqlite3.Connection,
    backfill_id: int,
    reason: str,
    feed: str = "",
    sources: Sequence[str] = (),
) -> None:
    """Drop the requests that wait; ``feed``: those of a feed and these sources alone."""
    connection.execute(
        """
        update backfill_requests set state = 'dropped', due = null, reason = :reason
        where backfill = :backfill and state = 'waiting'
            and (:feed = '' or feed = :feed
                and source in (select value from json_each(:sources)))
        """,
        {
            "reason": reason,
            "backfill": backfill_id,
            "feed": feed,
            "sources": json.dumps(list(sources)),
        },
    )


# ---- entries


def mark_entries(
    connection: sqlite3.Connection, backfill_id: int, keys: Iterable[str]
) -> None:
    """Record that a backfill found these entries."""
    connection.executemany(
        "update entries set backfill = ? where key = ?",
        [(backfill_id, key) for key in keys],
    )


def list_known_addresses(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> set[str]:
    """Those of these addresses that an entry or an article of the archive has."""
    rows = connection.execute(
        """
        select j.value from json_each(?) j
        where exists (select 1 from entries e where e.address = j.value)
            or exists (select 1 from urls u where u.address = j.value)
        """,
        [json.dumps(sorted(set(addresses)))],
    )
    return {str(row[0]) for row in rows}
