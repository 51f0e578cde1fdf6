"""What alerts rang on, and its deliveries: an outbox.

Rows of ``alert_events`` and ``deliveries`` are written in the transaction of what they
are about, so a killed program loses none; their keys are made of content, so none is
written twice. They hold no words of articles: messages are made when they are sent
(``queries.alert_messages``). Does not decide what rings (``ingest.alert_rings``), nor
send (``alerts``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.records.record_sql import column_values

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given up"
MUTED, DROPPED = "muted", "dropped"
STATES = (WAITING, DELIVERED, GIVEN_UP, MUTED, DROPPED)
GIVEN_UP_EVENT = "alert given up"  # kind of an event

_WAITING_SQL = """
    select d.id, d.event, d.target, d.address, d.due, d.attempts, d.digest, e.alert,
        e.key
    from deliveries d
    join alert_events e on e.id = d.event"""


@dataclass(frozen=True, slots=True)
class NewAlertEvent:
    """A row of ``alert_events`` to be added."""

    key: str
    alert: str
    kind: str
    at: str
    outlet: str
    article: str | None = None
    before: int | None = None  # versions.id
    version: int | None = None  # versions.id
    feed: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A row of ``deliveries`` to be added."""

    id: str
    target: str
    address: str
    state: str
    due: str | None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that waits."""

    id: str
    event: int  # alert_events.id
    target: str
    address: str
    due: str
    attempts: int
    digest: str
    alert: str
    key: str


def add_alert_events(
    connection: sqlite3.Connection,
    rings: Sequence[tuple[NewAlertEvent, Sequence[NewDelivery]]],
) -> int:
    """Add events with their deliveries; those that are there already stay as they are.

    Returns how many are new.
    """
    if not rings:
        return 0
    names = ", ".join(column_values(rings[0][0]))
    marks = ", ".join(f":{name}" for name in column_values(rings[0][0]))
    added = connection.executemany(
        f"""
        insert into alert_events ({names}) values ({marks})
        on conflict (key) do nothing""",
        [column_values(event) for event, _ in rings],
    ).rowcount
    connection.executemany(
        """
        insert or ignore into deliveries (id, event, target, address, state, due, at)
        values (?, (select id from alert_events where key = ?), ?, ?, ?, ?, ?)""",
        [
            (
                each.id,
                event.key,
                each.target,
                each.address,
                each.state,
                each.due,
                each.at,
            )
            for event, deliveries in rings
            for each in deliveries
        ],
    )
    return added


def list_due(connection: sqlite3.Connection, now: str, limit: int) -> list[Delivery]:
    """Deliveries that are due, those that rang first before others."""
    rows = connection.execute(
        f"""
        {_WAITING_SQL}
        where d.due <= ?
        order by d.event, d.id
        limit ?""",
        [now, limit],
    )
    return [Delivery(*row[:9]) for row in rows]


def list_of_digest(connection: sqlite3.Connection, digest: str) -> list[Delivery]:
    """The deliveries of a digest that is being sent."""
    rows = connection.execute(
        f"{_WAITING_SQL} where d.digest = ? and d.due is not null order by d.event, d.id",
        [digest],
    )
    return [Delivery(*row[:9]) for row in rows]


def get_next_due(connection: sqlite3.Connection) -> str | None:
    """When the next delivery is due; None: none waits."""
    row = connection.execute(
        "select min(due) from deliveries where due is not null"
    ).fetchone()
    return row[0] if row else None


def set_digest(
    connection: sqlite3.Connection, delivery_ids: Sequence[str], digest: str
) -> None:
    """Make deliveries part of one digest: it is sent with these, however often."""
    connection.execute(
        """
        update deliveries set digest = ?
        where id in (select value from json_each(?)) and digest = ''""",
        [digest, json.dumps(list(delivery_ids))],
    )


def close_deliveries(
    connection: sqlite3.Connection,
    delivery_ids: Sequence[str],
    state: str,
    now: str,
    error: str = "",
) -> None:
    """Deliveries have come to an end: delivered, given up, muted or dropped."""
    connection.execute(
        """
        update deliveries set state = :state, due = null, at = :now,
            error = iif(:error = '', error, :error)
        where id in (select value from json_each(:ids)) and due is not null""",
        {
            "state": state,
            "now": now,
            "error": error,
            "ids": json.dumps(list(delivery_ids)),
        },
    )


def postpone_deliveries(
    connection: sqlite3.Connection,
    delivery_ids: Sequence[str],
    due: str,
    error: str,
    failed: bool = True,
) -> None:
    """Deliveries are tried again. ``failed``: an attempt at these was made."""
    connection.execute(
        """
        update deliveries set due = :due, error = :error, attempts = attempts + :failed
        where id in (select value from json_each(:ids)) and due is not null""",
        {
            "due": due,
            "error": error,
            "failed": int(failed),
            "ids": json.dumps(list(delivery_ids)),
        },
    )


def retry_now(connection: sqlite3.Connection, alert: str, now: str) -> int:
    """Have what was given up, or waits after failures, sent again; returns how many."""
    return connection.execute(
        """
        update deliveries set state = 'waiting', due = :now, at = null, attempts = 0
        where (state = 'given up' or state = 'waiting' and attempts > 0)
        and (:alert = '' or event in (select id from alert_events where alert = :alert))""",
        {"alert": alert, "now": now},
    ).rowcount


def list_log(
    connection: sqlite3.Connection,
    limit: int,
    alert: str = "",
    states: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """What rang last, newest first, with the state of each delivery."""
    rows = connection.execute(
        """
        select d.id, e.alert, e.kind as "on", e.at, e.outlet, e.article,
            a.url, v.title, e.note, d.target, d.state, d.attempts, d.due,
            d.at as ended, d.error
        from alert_events e
        join deliveries d on d.event = e.id
        left join articles a on a.key = e.article
        left join versions v on v.id = e.version
        where (:alert = '' or e.alert = :alert)
        and (:states = '[]' or d.state in (select value from json_each(:states)))
        order by e.id desc, d.id
        limit :limit""",
        {"alert": alert, "states": json.dumps(list(states)), "limit": limit},
    )
    return [dict(row) for row in rows]


def count_states(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Deliveries of each alert by state, and those that wait after a failure."""
    counted: dict[str, dict[str, int]] = {}
    for alert, state, number, failing in connection.execute(
        """
        select e.alert, d.state, count(*),
            sum(d.state = 'waiting' and d.attempts > 0)
        from deliveries d
        join alert_events e on e.id = d.event
        group by 1, 2"""
    ):
        states = counted.setdefault(alert, {})
        states[state] = number
        if failing:
            states["failing"] = states.get("failing", 0) + int(failing)
    return counted


def get_last_rings(connection: sqlite3.Connection) -> dict[str, str]:
    """When each alert rang last."""
    rows = connection.execute("select alert, max(at) from alert_events group by alert")
    return {row[0]: row[1] for row in rows}


def list_problems(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Targets at which deliveries fail or were given up, with the last error."""
    rows = connection.execute(
        """
        select e.alert, d.target, d.state, count(*) as deliveries,
            max(d.attempts) as attempts, max(coalesce(d.at, d.due)) as at, d.error
        from deliveries d
        join alert_events e on e.id = d.event
        where d.state = 'given up' or d.state = 'waiting' and d.attempts > 0
        group by 1, 2, 3
        order by 1, 2, 3"""
    )
    return [dict(row) for row in rows]


def list_of_article(
    connection: sqlite3.Connection, article_key: str
) -> list[dict[str, Any]]:
    """What was delivered of an article, and where: its words are there now."""
    rows = connection.execute(
        """
        select e.alert, e.kind as "on", d.target, d.at, d.id
        from alert_events e
        join deliveries d on d.event = e.id
        where e.article = ? and d.state = 'delivered'
        order by d.at, d.id""",
        [article_key],
    )
    return [dict(row) for row in rows]
