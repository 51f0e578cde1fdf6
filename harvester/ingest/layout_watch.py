"""Looks whether the layout of an outlet changed, each time that some new pages of it came; told once.

Not for: what such a change is (``breaks``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter

from harvester.archive.queries import reading_health
from harvester.archive.records import articles
from harvester.ingest import layout_changes

FRESH = 5  # new pages of an outlet after which it is looked


class Layouts:
    """The new pages of each outlet since it was last looked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._fresh: Counter[str] = Counter()

    def page(self, outlet: str, now: str) -> None:
        """One more."""
        self._fresh[outlet] += 1
        if self._fresh[outlet] >= FRESH:
            self._look(outlet, now)

    def end(self, now: str) -> None:
        """There will be no more in this crawl."""
        for outlet in list(self._fresh):
            self._look(outlet, now)

    def _look(self, outlet: str, now: str) -> None:
        """Whether the outlet's pages read worse of a sudden; told once."""
        del self._fresh[outlet]
        rows = reading_health.newest(
            self._connection, outlet, layout_changes.RECENT + layout_changes.BEFORE
        )
        seen = [
            layout_changes.Seen(
                row["article"],
                row["at"],
                bool(row["title"]),
                bool(row["author"]),
                bool(row["published"]),
                bool(row["text"]),
                row["words"],
            )
            for row in rows
        ]
        if (broken := layout_changes.found(seen)) is not None:
            note = f"since {broken.since}: {broken.note}"
            articles.add_event(
                self._connection,
                reading_health.BROKEN,
                outlet,
                now,
                note,
                article=broken.article,
            )
