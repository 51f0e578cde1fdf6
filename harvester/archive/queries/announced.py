"""What feeds changed of their entries, for lists of changes. Read-only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AnnouncedChange:
    """Another title or summary of an entry, in its feed."""

    id: int  # of the event
    at: str
    outlet: str
    outlet_name: str
    feed: str
    note: str
    article: str | None  # None: its page never became an article
    url: str  # of the article, or as announced
    language: str  # of the article, or of its outlet
    state: str  # of the article, now; "" where there is none
    changed: str  # title, summary or "title summary"
    title_before: str
    title: str
    summary_before: str
    summary: str

    @property
    def fields(self) -> dict[str, list[str]]:
        """What changed: name → [before, after]."""
        pairs = {
            "title": [self.title_before, self.title],
            "summary": [self.summary_before, self.summary],
        }
        return {name: pairs[name] for name in self.changed.split() if name in pairs}

    def to_dict(self) -> dict[str, Any]:
        """As ``harvest changes --json`` prints it."""
        return {
            "article": self.article,
            "outlet": self.outlet,
            "kind": "announced",
            "class": None,
            "size": None,
            "silent": None,
            "at": self.at,
            "title": self.title or self.title_before,
            "url": self.url,
            "before": None,
            "after": None,
            "back": False,
            "note": self.note,
            "fields": self.fields,
        }


def list_changes(
    connection: sqlite3.Connection, event_ids: Sequence[int]
) -> list[AnnouncedChange]:
    """The announced changes among these events, newest first."""
    rows = connection.execute(
        """
        select e.id, e.at, e.outlet, o.name, i.feed, e.note,
            a.key, coalesce(a.url, i.url), coalesce(v.language, o.language),
            coalesce(a.state, ''), n.changed,
            coalesce(b.title, ''), n.title, coalesce(b.summary, ''), n.summary
        from json_each(:ids) k
        cross join events e on e.id = k.value
        cross join announcements n on n.id = e.announcement
        left join announcements b on b.id = n.before
        join entries i on i.key = n.entry
        join outlets o on o.key = e.outlet
        left join articles a on a.key = i.article
        left join versions v on v.article = a.key and v.number = a.version
        order by e.id desc""",
        {"ids": json.dumps(list(event_ids))},
    )
    return [AnnouncedChange(*row) for row in rows]
