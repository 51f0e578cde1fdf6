"""Events of feeds, of outlets and of the harvester itself: what is wrong, and no longer.

Not those of articles; see ``overview`` and ``records.looks``.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

HARVESTER_SILENT = "harvester silent"
# Kind → what it is called for people.
LABELS = {
    "feed failing": "Feed fails",
    "feed recovered": "Feed works again",
    "feed gone": "Feed is gone for good",
    "feed moved": "Feed moved",
    "feed silent": "Feed is silent",
    "feed active": "Feed is active again",
    "feed retired": "Sitemap brings no news",
    "feed found": "Another feed was found",
    "items missed": "Entries may have been missed",
    "gap filled": "Missed entries were found",
    "gap not filled": "Missed entries were not found",
    "entries cut": "Entries left out",
    "old entries": "Many old entries",
    "wordings cut": "Changes in a feed are no longer kept",
    "few articles": "Unusually few articles",
    "many articles": "Unusually many articles",
    "volume usual": "As many articles as usual again",
    "layout changed": "Layout changed",
    "all missing": "All articles missing",
    "clock set": "Clock set",
    HARVESTER_SILENT: "The harvester was silent",
    "alert given up": "Alert given up",
}
THIS_MACHINE = "this machine"  # in the place of an outlet


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """An event of a feed or outlet; of neither: of the machine."""

    id: int
    at: str
    kind: str
    outlet: str  # "": none
    feed: str | None
    note: str
    since: str | None  # when what it tells began; None: at that time
    outlet_name: str | None


def list_health_events(
    connection: sqlite3.Connection, limit: int, outlets: tuple[str, ...] = ()
) -> list[HealthEvent]:
    """The newest events, newest first; ``outlets``: of these, and of the machine."""
    ids: list[int] = []
    for kind in LABELS:  # each by the index: for all at once every event is read
        ids += [
            row[0]
            for row in connection.execute(
                """
                select id from events
                where kind = :kind and (:outlets = '[]'
                    or +outlet in (select value from json_each(:outlets))
                    or +outlet = '')
                order by id desc limit :limit
                """,
                {"kind": kind, "outlets": json.dumps(outlets), "limit": limit},
            )
        ]
    rows = connection.execute(
        """
        select e.id, e.at, e.kind, e.outlet, e.feed, e.note, e.since, o.name
        from events e left join outlets o on o.key = e.outlet
        where e.id in (select value from json_each(:ids))
        order by e.id desc limit :limit""",
        {"ids": json.dumps(ids), "limit": limit},
    )
    return [HealthEvent(*row) for row in rows]


def get_last_downtime(connection: sqlite3.Connection) -> HealthEvent | None:
    """The last time that the harvester was silent; None: never."""
    row = connection.execute(
        """
        select id, at, kind, outlet, feed, note, since, null from events
        where kind = ? order by id desc limit 1
        """,
        [HARVESTER_SILENT],
    ).fetchone()
    return HealthEvent(*row) if row else None
