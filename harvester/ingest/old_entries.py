"""A feed that suddenly lists many entries from its past. Pure.

Some feeds do, after a move or by mistake. They are announced and stored like others, but
they are told as one event, are no news for the feed's rhythm, and their pages are fetched
little by little, so that what is published meanwhile does not wait behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harvester.archive.records.articles import NewEvent
from harvester.ingest.feed_gaps import ListedEntry
from harvester.ingest.visit import FetchedFeed
from harvester.schedule.poll_rhythm import OLD_SECONDS
from harvester.schedule.times import add_seconds

MIN_OLD_ENTRIES = 30  # new to the archive in one poll; fewer are late entries
MIN_SPACING_SECONDS = 30.0  # between two of their pages
SPACING_DELAYS = 4.0  # the same in delays of the site: it is left free between them


@dataclass(frozen=True, slots=True)
class OldEntries:
    """Old entries that a feed lists for the first time: key → when they are due."""

    due: Mapping[str, str]
    event: NewEvent


def find_old_entries(
    page: FetchedFeed, listed: Mapping[str, ListedEntry], delay: float
) -> OldEntries | None:
    """The old entries among what a feed lists; None where they are few.

    ``listed``: by key. ``delay``: seconds between two requests to the site.
    """
    if not page.feed.sha256 or page.feed.read_at is None:
        return None  # what a feed lists at first is its past
    before = add_seconds(page.feed.read_at, -OLD_SECONDS)
    old = {
        key: entry.published
        for key, entry in listed.items()
        if entry.is_new and entry.published and entry.published < before
    }
    due = spread_visits(old, page.now, delay)
    if not due:
        return None
    note = (
        f"{len(old)} entries from before {before[:10]} are listed for the first time; "
        f"their pages are fetched until {max(due.values())}"
    )
    event = NewEvent(
        "old entries", page.visit.outlet, page.now, note, feed=page.feed.url
    )
    return OldEntries(due, event)


def spread_visits(
    published: Mapping[str, str | None], now: str, delay: float
) -> Mapping[str, str]:
    """When the pages of many entries are fetched, the newest first: key → time.

    Empty where they are few: they are fetched at once. ``published``: by key.
    """
    if len(published) < MIN_OLD_ENTRIES:
        return {}
    spacing = max(MIN_SPACING_SECONDS, SPACING_DELAYS * delay)
    newest_first = sorted(
        published, key=lambda key: (published[key] or "", key), reverse=True
    )
    return {
        key: add_seconds(now, spacing * (number + 1))
        for number, key in enumerate(newest_first)
    }
