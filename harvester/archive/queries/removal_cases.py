"""Removals as cases: not found, then removed, then maybe returned, with the evidence.

The events of one article that belong together are one case: it begins when the article
is not found (or, in older archives, is removed at once) and ends when it returns. An
article that is found at the next check leaves a case of one step. A case is listed by
its last step. Does not decide what is a removal (``ingest.article_state``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harvester.archive.queries.changes import ChangeCursor, ChangeFilter, list_cursors
from harvester.query.tree import And, Value

KINDS = ("suspect", "removed", "returned")  # of events
MAX_LOOKED_EVENTS = 1_000  # for one page: where few of them end a case
MAX_COUNTED_EVENTS = 1_000
MAX_EVIDENCE = 5  # checks that are listed of a case
_BATCH = 100
_OPENING_CHARACTERS = 400
_MAX_STEPS = 8

_LAST_STEPS_SQL = """
    select i.key as place, e.id, e.kind, a.state, (
        select n.kind from events n
        where n.article = e.article and +n.kind in ('suspect', 'removed', 'returned')
        and (n.at, n.id) > (e.at, e.id)
        order by n.at, n.id limit 1) as following
    from json_each(:ids) i
    cross join events e on e.id = i.value
    cross join articles a on a.key = e.article"""


@dataclass(frozen=True, slots=True)
class Step:
    """An event of a case."""

    at: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A check that did not find the article: what it saw instead."""

    at: str
    saw: str
    status: int


@dataclass(frozen=True, slots=True)
class RemovalCase:
    """What was seen of one removal, or of one suspicion."""

    id: int  # of its last event
    at: str  # of its last step
    kind: str  # of its last step
    article: str
    outlet: str
    outlet_name: str
    url: str
    title: str
    language: str
    opening: str  # of the text that was last read
    published: str | None
    state: str  # of the article, now
    steps: tuple[Step, ...]
    last_online: str
    found_again: str | None  # a suspicion that the next check did not confirm
    evidence: tuple[Evidence, ...]
    evidence_count: int

    @property
    def cursor(self) -> ChangeCursor:
        """Where the list goes on behind it."""
        return ChangeCursor(self.at, self.id)


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases; ``older``: where the next one begins, None if there is none."""

    cases: list[RemovalCase]
    older: ChangeCursor | None


def list_cases(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str, limit: int
) -> CasePage:
    """Cases by their last step, newest first. Raises QueryError.

    ``chosen.kinds``: of the last step; "suspect" are open suspicions alone, () is all.
    Looks at ``MAX_LOOKED_EVENTS``, so that a page may be shorter than ``limit`` although
    there is an older one.
    """
    found: list[ChangeCursor] = []
    after, looked = chosen.after, 0
    asked = _narrow(chosen)
    while len(found) <= limit and looked < MAX_LOOKED_EVENTS:
        cursors = list_cursors(connection, replace(asked, after=after), now, _BATCH)
        if not cursors:
            after = None
            break
        looked += len(cursors)
        found += _choose_last_steps(connection, cursors, bool(chosen.kinds))
        after = cursors[-1]
    if len(found) > limit:
        found = found[:limit]
        after = found[-1]
    return CasePage([_load_case(connection, one.event_id) for one in found], after)


def count_cases(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> tuple[int, bool]:
    """How many there are, whatever the cursor, and whether that is all of them."""
    asked = replace(_narrow(chosen), after=None)
    cursors = list_cursors(connection, asked, now, MAX_COUNTED_EVENTS + 1)
    shown = cursors[:MAX_COUNTED_EVENTS]
    count = len(_choose_last_steps(connection, shown, bool(chosen.kinds)))
    return count, len(cursors) == len(shown)


def _narrow(chosen: ChangeFilter) -> ChangeFilter:
    """The filter of the events; open suspicions alone are found by the article's state."""
    if chosen.kinds != ("suspect",):
        return replace(chosen, kinds=chosen.kinds or KINDS)
    is_open = Value("is", "suspect", 1)
    query = And((chosen.query, is_open), (), 1) if chosen.query else is_open
    return replace(chosen, query=query)


def _choose_last_steps(
    connection: sqlite3.Connection, cursors: Sequence[ChangeCursor], only_open: bool
) -> list[ChangeCursor]:
    """Those of the events that end their case; ``only_open``: no withdrawn suspicions."""
    rows = connection.execute(
        f"""
        with steps as materialized ({_LAST_STEPS_SQL})
        select place from steps
        where (kind = 'returned' or following is null or following = 'suspect')
        and not (:only_open and kind = 'suspect'
            and (state <> 'suspect' or following is not null))
        order by place""",
        {
            "ids": json.dumps([cursor.event_id for cursor in cursors]),
            "only_open": only_open,
        },
    )
    return [cursors[row["place"]] for row in rows]


def _load_case(connection: sqlite3.Connection, event_id: int) -> RemovalCase:
    row = connection.execute(
        """
        select e.id, e.at, e.kind, e.article, e.outlet, o.name as outlet_name, a.url,
            substr(v.title, 1, 300) as title, v.language,
            substr(v.text, 1, :characters) as opening, v.published, a.state, a.first_seen
        from events e
        join outlets o on o.key = e.outlet
        join articles a on a.key = e.article
        join versions v on v.article = a.key and v.number = a.version
        where e.id = :id""",
        {"id": event_id, "characters": _OPENING_CHARACTERS},
    ).fetchone()
    values = dict(row)
    first_seen = values.pop("first_seen")
    steps = _list_steps(connection, row)
    last_online = _get_online_check(connection, row["article"], before=steps[0].at)
    found_again = None
    if row["kind"] == "suspect":
        found_again = _get_online_check(connection, row["article"], after=row["at"])
    evidence, count = _list_evidence(
        connection, row["article"], last_online or "", row["at"]
    )
    return RemovalCase(
        **values,
        steps=tuple(steps),
        last_online=last_online or first_seen,
        found_again=found_again,
        evidence=evidence,
        evidence_count=count,
    )


def _list_steps(connection: sqlite3.Connection, last: sqlite3.Row) -> list[Step]:
    """The steps of the case that ends with an event, in their order."""
    rows = connection.execute(
        """
        select at, kind, note from events
        where article = :article and +kind in ('suspect', 'removed', 'returned')
        and (at, id) <= (:at, :id)
        order by at desc, id desc
        limit :limit""",
        {
            "article": last["article"],
            "at": last["at"],
            "id": last["id"],
            "limit": _MAX_STEPS,
        },
    ).fetchall()
    steps: list[Step] = []
    for row in rows:
        if steps and (row["kind"] == "returned" or steps[0].kind == "suspect"):
            break
        steps.insert(0, Step(row["at"], row["kind"], row["note"]))
    return steps


def _get_online_check(
    connection: sqlite3.Connection, article: str, before: str = "9", after: str = ""
) -> str | None:
    """When a check last found it before a time, or first found it after one."""
    choose = "min" if after else "max"
    row = connection.execute(
        f"""
        select {choose}(at) from looks
        where article = ? and outcome in ('changed', 'unchanged') and at < ? and at > ?""",
        [article, before, after],
    ).fetchone()
    return str(row[0]) if row[0] else None


def _list_evidence(
    connection: sqlite3.Connection, article: str, since: str, until: str
) -> tuple[tuple[Evidence, ...], int]:
    """The first checks that missed it between two times, and how many there are."""
    rows = connection.execute(
        """
        select at, saw, status, count(*) over () as count from looks
        where article = ? and missed and at > ? and at <= ?
        order by at, id
        limit ?""",
        [article, since, until, MAX_EVIDENCE],
    ).fetchall()
    evidence = tuple(Evidence(row["at"], row["saw"], row["status"]) for row in rows)
    return evidence, rows[0]["count"] if rows else 0
