"""Which entry of the last poll an entry is, where its id and URL change at every poll.

Some feeds write into each id or link when, or for whom, they were made: a time, a
session, a token. Such an entry is known by the rest of its URL, its title and its date.
Two entries that are listed at the same time are never one.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from harvester.archive.records import feeds
from harvester.archive.records.feeds import EntryRow, FeedRow
from harvester.identity import url_sessions, urls, wording
from harvester.model import Entry

# URL, title, date; without a date, the summary too.
_Name = tuple[str, str, str, str]


class LastPoll:
    """The entries that a feed listed at its last poll, and does not list by key now."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        feed: FeedRow,
        keys: Sequence[str],
        entries: Sequence[Entry],
    ) -> None:
        """``keys``: of the entries that are listed now."""
        self._connection = connection
        self._feed = feed
        self._keys = frozenset(keys)
        self._url_counts = Counter(urls.normalise_url(entry.url) for entry in entries)
        self._gone: dict[_Name, list[EntryRow]] | None = None

    def is_shared(self, url: str) -> bool:
        """Whether several entries that are listed now have this URL, normalised."""
        return self._url_counts[urls.normalise_url(url)] > 1

    def find(self, entry: Entry, url: str) -> EntryRow | None:
        """The entry as it was listed at the last poll, or None; each is found once."""
        if not url or not self._feed.listed:
            return None
        is_suspicious = url_sessions.has_visit(url) or self.is_shared(url)
        if not is_suspicious and not ("?" in url and self._are_most_unknown()):
            return None
        if self._gone is None:
            self._gone = self._load()
        rows = self._gone.get(_name(url, entry.title, entry.published, entry.summary))
        return rows.pop(0) if rows else None

    def _are_most_unknown(self) -> bool:
        known_count = feeds.count_known_entries(self._connection, self._keys)
        return known_count * 2 < len(self._keys)

    def _load(self) -> dict[_Name, list[EntryRow]]:
        gone: dict[_Name, list[EntryRow]] = {}
        for row in feeds.list_entries_since(
            self._connection, self._feed.url, self._feed.listed or ""
        ):
            if row.key not in self._keys:
                name = _name(row.url, row.title, row.published, row.summary)
                gone.setdefault(name, []).append(row)
        return gone


def _name(url: str, title: str, published: str | None, summary: str) -> _Name:
    page_url, headline = url_sessions.without_visit(url), wording.headline_key(title)
    if published and "T" in published:  # a time: no two entries share it and the title
        return page_url.partition("?")[0], headline, published, ""
    return page_url, headline, published or "", wording.normalise_text(summary)
