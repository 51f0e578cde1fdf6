"""The classification of changes, and which returns of earlier versions are told.

Does not classify (``identity.change``), nor add changes (``articles.add_change``).

A page that alternates between two versions (tests of headlines, servers that disagree)
is told once: a return has an event, unless the same two versions followed each other in
a return already, at most ``QUIET_DAYS`` before. All are changes, with their sightings.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harvester.archive import stored_json
from harvester.archive.records import counts

QUIET_DAYS = 30
RETURNED_NOTE = "an earlier version came back"

# Of a change c: whether its versions alternate as they did before.
_EARLIER_RETURN_SQL = f"""
    select 1 from changes p
    where p.article = c.article and p.back = 1 and p.kind <> 'fields' and p.at < c.at
        and p.at >= strftime('%Y-%m-%dT%H:%M:%SZ', c.at, '-{QUIET_DAYS} days')
        and (p.before, p.after) in ((c.before, c.after), (c.after, c.before))
"""


@dataclass(frozen=True, slots=True)
class UnclassifiedChange:
    """A change that an older program wrote, with its two versions."""

    id: int
    kind: str
    fields: str  # JSON: field → [before, after]
    old_title: str
    old_text: str
    old_published: str | None
    old_modified: str | None
    title: str
    text: str
    published: str | None
    modified: str | None


def update_classification(
    connection: sqlite3.Connection,
    change_id: int,
    change_class: str,
    size: int,
    acknowledgement: str,
) -> None:
    """Set how a change is classified; ``acknowledgement`` "": it is unacknowledged."""
    connection.execute(
        "update changes set class = ?, size = ?, admitted = ?, silent = ? where id = ?",
        [change_class, size, acknowledgement, int(not acknowledgement), change_id],
    )


def has_recent_return(
    connection: sqlite3.Connection, article_key: str, versions: tuple[int, int], at: str
) -> bool:
    """Whether the same two versions followed each other in a return before a time.

    ``versions``: their row ids, in any order.
    """
    row = connection.execute(
        f"""
        with c as (
            select :article as article, :at as at, :before as before, :after as after
        )
        select exists ({_EARLIER_RETURN_SQL}) from c
        """,
        {
            "article": article_key,
            "at": at,
            "before": versions[0],
            "after": versions[1],
        },
    ).fetchone()
    return bool(row[0])


def settle_return_events(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> None:
    """Give the returns of these articles their events, and no other ones.

    Needed after their changes were put together from several sources.
    """
    keys = json.dumps(sorted(set(article_keys)))
    returns = """
        from changes c join articles a on a.key = c.article
        where c.article in (select value from json_each(:keys))
            and c.back = 1 and c.kind <> 'fields'
    """
    connection.execute(
        f"""
        delete from events where change in (
            select c.id {returns} and exists ({_EARLIER_RETURN_SQL}))
        """,
        {"keys": keys},
    )
    connection.execute(
        f"""
        insert into events (kind, outlet, at, note, article, change)
        select 'back', a.outlet, c.at, :note, c.article, c.id {returns}
            and not exists ({_EARLIER_RETURN_SQL})
            and not exists (select 1 from events e where e.article = c.article
                and e.change = c.id)
        order by c.at, c.id
        """,
        {"keys": keys, "note": RETURNED_NOTE},
    )


def list_unclassified_changes(
    connection: sqlite3.Connection, limit: int
) -> list[UnclassifiedChange]:
    """Changes that an older program wrote, newest first."""
    rows = connection.execute(
        """
        select c.id, c.kind, c.fields, b.title, b.text, b.published, b.modified,
            v.title, v.text, v.published, v.modified
        from changes c join versions b on b.id = c.before
        join versions v on v.id = c.after
        where c.class = '' order by c.id desc limit ?
        """,
        [limit],
    )
    return [UnclassifiedChange(*row) for row in rows]


def get_last_field_change(
    connection: sqlite3.Connection, version_id: int
) -> dict[str, Any] | None:
    """The last change of fields within a version, or None."""
    row = connection.execute(
        """
        select at, kind, fields, class, size, admitted, silent, back from changes
        where after = ? and kind = 'fields' order by id desc limit 1
        """,
        [version_id],
    ).fetchone()
    return change_to_dict(row) if row else None


def change_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A change as commands print it; ``silent`` None: it is not classified yet."""
    silent = row["silent"]
    return {
        "at": row["at"],
        "kind": row["kind"],
        "class": row["class"],
        "silent": None if silent is None else bool(silent),
        "admitted": row["admitted"],
        "size": row["size"],
        "back": bool(row["back"]),
        "fields": stored_json.parse_pairs(row["fields"]),
    }


def count_edits_by_outlet(
    connection: sqlite3.Connection, outlet: str = "", since: str = ""
) -> list[dict[str, Any]]:
    """Edits of each outlet by class, with unacknowledged ones; reverts do not count.

    Those of all time are counted already; with ``since``, the edits since then are read.
    """
    rows = (
        _list_edits_since(connection, outlet, since)
        if since
        else _list_kept_edits(connection, outlet)
    )
    articles = counts.count_by(connection, "articles")
    outlets: dict[str, dict[str, Any]] = {}
    for key, change_class, edits, silent in rows:
        record = outlets.setdefault(
            key,
            {
                "outlet": key,
                "articles": sum(articles.get(key, {}).values()),
                "edits": 0,
                "silent": 0,
                "classes": {},
            },
        )
        record["edits"] += edits
        record["silent"] += silent
        record["classes"][change_class or "not judged yet"] = {
            "edits": edits,
            "silent": silent,
        }
    for record in outlets.values():
        record["silent_share"] = round(record["silent"] / record["edits"], 3)
    return list(outlets.values())


# Outlet, class, edits, silent ones.
_EditRow = tuple[str, str, int, int]


def _list_kept_edits(connection: sqlite3.Connection, outlet: str) -> list[_EditRow]:
    only = outlet or None
    silent = counts.count_by(connection, "silent", only)
    return [
        (key, change_class, number, silent.get(key, {}).get(change_class, 0))
        for key, classes in counts.count_by(connection, "classes", only).items()
        for change_class, number in classes.items()
    ]


def _list_edits_since(
    connection: sqlite3.Connection, outlet: str, since: str
) -> list[_EditRow]:
    rows = connection.execute(
        """
        select a.outlet, c.class, count(*) as edits,
            coalesce(sum(c.silent), 0) as silent
        from changes c join articles a on a.key = c.article
        where c.kind <> 'fields' and c.back = 0 and (:outlet = '' or a.outlet = :outlet)
            and c.at >= :since
        group by a.outlet, c.class order by a.outlet
        """,
        {"outlet": outlet, "since": since},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
