"""What changes are, beside what differs: their class, size and silence; and those that nobody judged yet.

Not for: deciding it (``identity.change``), nor for writing what differs (``articles.add_change``).
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def update_classification(
    connection: sqlite3.Connection,
    change_id: int,
    change_class: str,
    size: int,
    acknowledgement: str,
) -> None:
    """What a change was judged to be."""
    connection.execute(
        "update changes set class = ?, size = ?, admitted = ?, silent = ? where id = ?",
        [change_class, size, acknowledgement, int(not acknowledgement), change_id],
    )


def list_unclassified_changes(
    connection: sqlite3.Connection, limit: int
) -> list[sqlite3.Row]:
    """Changes that an older program wrote, with the two wordings and the times that they state."""
    return connection.execute(
        """select c.id, c.kind, c.fields, b.title as old_title, b.text as old_text, b.published as old_published,
            b.modified as old_modified, v.title, v.text, v.published, v.modified
        from changes c join versions b on b.id = c.before join versions v on v.id = c.after
        where c.class = '' order by c.id desc limit ?""",
        [limit],
    ).fetchall()


def get_last_field_change(
    connection: sqlite3.Connection, version_id: int
) -> dict[str, Any] | None:
    """The last change of other fields while a wording (its row) stood there; None where there was none."""
    row = connection.execute(
        "select at, kind, fields, class, size, admitted, silent, back from changes where after = ? and kind = 'fields' order by id desc limit 1",
        [version_id],
    ).fetchone()
    return change_to_dict(row) if row else None


def change_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A change as commands print it; ``class`` is empty and ``silent`` None where it was not judged yet."""
    silent = row["silent"]
    return {
        "at": row["at"],
        "kind": row["kind"],
        "class": row["class"],
        "silent": None if silent is None else bool(silent),
        "admitted": row["admitted"],
        "size": row["size"],
        "back": bool(row["back"]),
        "fields": json.loads(row["fields"]),
    }


def count_edits_by_outlet(
    connection: sqlite3.Connection, outlet: str = "", since: str = ""
) -> list[dict[str, Any]]:
    """How outlets edit, a row an outlet: edits by class, and how many of them were silent; without those that only went back."""
    rows = connection.execute(
        """select a.outlet, c.class, count(*) as edits, coalesce(sum(c.silent), 0) as silent
        from changes c join articles a on a.key = c.article
        where c.kind <> 'fields' and c.back = 0 and (?1 = '' or a.outlet = ?1) and c.at >= ?2
        group by a.outlet, c.class order by a.outlet""",
        [outlet, since],
    )
    articles = dict(
        connection.execute(
            "select outlet, count(*) from articles group by outlet"
        ).fetchall()
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault(
            row["outlet"],
            {
                "outlet": row["outlet"],
                "articles": articles.get(row["outlet"], 0),
                "edits": 0,
                "silent": 0,
                "classes": {},
            },
        )
        one["edits"] += row["edits"]
        one["silent"] += row["silent"]
        one["classes"][row["class"] or "not judged yet"] = {
            "edits": row["edits"],
            "silent": row["silent"],
        }
    for one in found.values():
        one["silent_share"] = round(one["silent"] / one["edits"], 3)
    return list(found.values())
