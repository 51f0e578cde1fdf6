"""Looks whether the layout of an outlet changed, each time that some new pages of it came; told once.

Not for: what such a change is (``breaks``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter

from harvester.archive.queries import reading_health
from harvester.archive.records import articles
from harvester.ingest import layout_changes

PAGES_PER_CHECK = 5  # new pages of an outlet after which it is looked


class LayoutMonitor:
    """The new pages of each outlet since it was last looked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._new_pages: Counter[str] = Counter()

    def add_page(self, outlet: str, now: str) -> None:
        """One more."""
        self._new_pages[outlet] += 1
        if self._new_pages[outlet] >= PAGES_PER_CHECK:
            self._check(outlet, now)

    def finish(self, now: str) -> None:
        """There will be no more in this crawl."""
        for outlet in list(self._new_pages):
            self._check(outlet, now)

    def _check(self, outlet: str, now: str) -> None:
        """Whether the outlet's pages read worse of a sudden; told once."""
        del self._new_pages[outlet]
        rows = reading_health.list_newest_pages(
            self._connection,
            outlet,
            layout_changes.RECENT_PAGES + layout_changes.EARLIER_PAGES,
        )
        seen = [
            layout_changes.PageSample(
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
        if (broken := layout_changes.find_layout_break(seen)) is not None:
            note = f"since {broken.since}: {broken.note}"
            articles.add_event(
                self._connection,
                reading_health.LAYOUT_CHANGED_EVENT,
                outlet,
                now,
                note,
                article_key=broken.article,
            )
