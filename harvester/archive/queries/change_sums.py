"""Changes by size, and how many are of which outlet: of the newest that a filter chooses."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from harvester.archive.queries.changes import (
    MAX_COUNTED,
    ChangeFilter,
    list_cursors,
)

MAX_SORTED = 2_000  # by size


def list_largest(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> tuple[list[int], bool]:
    """The events of the newest ``MAX_SORTED`` changes, those that touch most words first.

    And whether there are more. What is no edit touches no words. Raises QueryError.
    """
    asked = replace(chosen, after=None)
    cursors = list_cursors(connection, asked, now, MAX_SORTED + 1)
    ids = [cursor.event_id for cursor in cursors[:MAX_SORTED]]
    rows = connection.execute(
        """
        select e.id
        from json_each(?) i
        cross join events e on e.id = i.value
        left join changes c on c.id = e.change
        order by coalesce(c.size, 0) desc, i.key""",
        [json.dumps(ids)],
    )
    return [row[0] for row in rows], len(cursors) > len(ids)


def count_by_outlet(
    connection: sqlite3.Connection, chosen: ChangeFilter, now: str
) -> list[tuple[str, int]]:
    """Outlets with the number of their changes, most first, of ``MAX_COUNTED`` newest."""
    cursors = list_cursors(connection, chosen, now, MAX_COUNTED)
    counted = connection.execute(
        """
        select e.outlet, count(*)
        from json_each(?) i
        cross join events e on e.id = i.value
        group by 1
        order by 2 desc, 1""",
        [json.dumps([cursor.event_id for cursor in cursors])],
    )
    return [(row[0], row[1]) for row in counted]
