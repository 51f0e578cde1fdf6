"""Pages that cannot be read: not tried again until the extractor or the page changes.

Reading them takes too long or too much memory, or kills its process. Of most there is a
cheap reading of the visible text (``parse.content.visible``). Does not find out which
they are (``workers``).
"""

from __future__ import annotations

import sqlite3

from harvester.archive.records import feeds
from harvester.archive.records.feeds import EntryRow
from harvester.model import Outcome, Prepared, Visit
from harvester.parse.content.extractor import EXTRACTOR

VISIBLE_METHOD = "visible"  # of the cheap reading
UNREAD_REASONS = (  # how they begin; as ``workers`` gives them
    "too slow: ",
    "reading it takes too much memory",
    "the reading of this page killed its process",
)


def is_unread(prepared: Prepared | None) -> bool:
    """Whether a page could not be read for one of those reasons."""
    return (
        prepared is not None
        and prepared.outcome is Outcome.FAILED
        and prepared.error.startswith(UNREAD_REASONS)
    )


def record_unread(
    connection: sqlite3.Connection, entry: EntryRow | None, digest: str
) -> None:
    """Record that this extractor could not read this page of an entry."""
    if entry is not None:
        feeds.mark_page_unread(connection, entry.key, EXTRACTOR, digest)


def is_known_unread(connection: sqlite3.Connection, visit: Visit, digest: str) -> bool:
    """Whether an entry's page is, byte by byte, one this extractor could not read."""
    unread = [EXTRACTOR, digest]
    return visit.kind == "entry" and (
        feeds.get_unread_page(connection, visit.key) == unread
    )


def retry_unread(connection: sqlite3.Connection, now: str) -> None:
    """Make pages due again that another extractor could not read."""
    feeds.retry_unread_pages(connection, EXTRACTOR, now)
