"""What was added to the archive since a moment, as alerts look at it.

New articles are rows of ``articles``; all else are rows of ``events``. Only a text that
an outlet published or changed now: not what is merged in, nor what a feed lists of its
past (``ingest.old_entries``), nor a return of a text that flips to and fro, which has no
event. Does not decide what rings (``ingest.alert_rings``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harvester.archive import stored_json

# Kind of an event → on what an alert rings.
KINDS_BY_EVENT = {
    "edited": "edit",
    "headline": "edit",
    "back": "edit",
    "removed": "removed",
    "returned": "returned",
    "feed failing": "silence",
    "feed gone": "silence",
    "feed silent": "silence",
    "harvester silent": "silence",
    "all missing": "silence",
    "items missed": "missed",
    "entries cut": "missed",
    "few articles": "volume",
    "many articles": "volume",
}
# Of an article a: every entry that announces it was listed more than a day after it was
# published, together with many such, which an event at that time tells; or it was found
# when a gap was filled, or by a backfill.
_OF_FLOOD_SQL = """(
    exists (select 1 from entries n where n.article = a.key)
    and not exists (
        select 1 from entries n
        where n.article = a.key and not (
            n.backfill is not null and coalesce(n.published, '')
                < strftime('%Y-%m-%dT%H:%M:%SZ', n.first_seen, '-1 day')
            or n.published is not null
            and n.published < strftime('%Y-%m-%dT%H:%M:%SZ', n.first_seen, '-1 day')
            and (
                exists (
                    select 1 from events f
                    where f.kind = 'old entries' and f.feed = n.feed
                    and f.at = n.first_seen)
                or exists (
                    select 1 from gaps g
                    where g.feed = n.feed and n.published >= g.since
                    and n.published <= g.until and n.first_seen > g.found))))
)"""


@dataclass(frozen=True, slots=True)
class Position:
    """The last rows that were looked at; all later ones are new."""

    article_id: int
    event_id: int


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that an alert may ring on. ``kind``: as alerts name it."""

    kind: str
    at: str
    outlet: str
    article: str | None = None
    before: int | None = None  # versions.id, of an edit
    version: int | None = None  # versions.id
    feed: str | None = None
    note: str = ""
    change_class: str = ""
    silent: bool = False
    new_headline: bool = False  # of an edit: the headline changed
    digests: tuple[str, str] = ("", "")  # versions.sha256, before and after


def get_position(connection: sqlite3.Connection) -> Position:
    """The last rows."""
    row = connection.execute(
        """
        select coalesce((select max(id) from articles), 0),
            coalesce((select max(id) from events), 0)"""
    ).fetchone()
    return Position(row[0], row[1])


def list_happenings(
    connection: sqlite3.Connection, position: Position, earliest: str
) -> list[Happening]:
    """What is behind a position, and did not happen before a time."""
    return [
        *_list_new_articles(connection, position.article_id, earliest),
        *_list_events(connection, position.event_id, earliest),
    ]


def _list_new_articles(
    connection: sqlite3.Connection, article_id: int, earliest: str
) -> list[Happening]:
    rows = connection.execute(
        f"""
        select a.key, a.outlet, a.first_seen, v.id, v.sha256
        from articles a
        join versions v on v.article = a.key and v.number = 1
        where a.id > ? and a.first_seen >= ? and not {_OF_FLOOD_SQL}
        order by a.id""",
        [article_id, earliest],
    )
    return [
        Happening("new", at, outlet, key, version=version, digests=("", digest))
        for key, outlet, at, version, digest in rows
    ]


def _list_events(
    connection: sqlite3.Connection, event_id: int, earliest: str
) -> list[Happening]:
    rows = connection.execute(
        f"""
        select e.kind, e.at, e.outlet, e.article, e.feed, e.note,
            c.before, coalesce(c.after, v.id) as version,
            coalesce(c.class, '') as class, c.silent, c.fields,
            coalesce(b.sha256, '') as old_digest,
            coalesce(w.sha256, v.sha256, '') as digest
        from events e
        left join changes c on c.id = e.change
        left join articles a on a.key = e.article
        left join versions v on v.article = a.key and v.number = a.version
        left join versions b on b.id = c.before
        left join versions w on w.id = c.after
        where e.id > ? and e.at >= ?
        and e.kind in ({", ".join("?" * len(KINDS_BY_EVENT))})
        order by e.id""",
        [event_id, earliest, *KINDS_BY_EVENT],
    )
    happenings = []
    for row in rows:
        kind = KINDS_BY_EVENT[row["kind"]]
        happening = Happening(
            kind,
            row["at"],
            row["outlet"],
            row["article"],
            row["before"],
            row["version"],
            row["feed"],
            row["note"],
            row["class"],
            bool(row["silent"]),
            digests=(row["old_digest"], row["digest"]),
        )
        if kind == "edit":
            if happening.before is None:
                continue
            fields = stored_json.parse_pairs(row["fields"])
            happening = replace(happening, new_headline="title" in fields)
        happenings.append(happening)
    return happenings


def list_contained(
    connection: sqlite3.Connection,
    version_ids: Sequence[int],
    filters: str,
    parameters: Mapping[str, Any],
) -> set[int]:
    """Which of some versions satisfy conditions on versions v and articles a."""
    rows = connection.execute(
        f"""
        select v.id
        from versions v
        cross join articles a on a.key = v.article
        where v.id in (select value from json_each(:ids)) {filters}""",
        {**parameters, "ids": json.dumps(list(version_ids))},
    )
    return {row[0] for row in rows}
