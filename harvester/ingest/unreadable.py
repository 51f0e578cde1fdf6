"""Pages whose reading takes too long, too much memory, or kills its process: not tried again until the extractor is another.

Of most of them there is a cheap reading of the visible words (``parse.visible``). Not for: finding that out (``workers``).
"""

from __future__ import annotations

import sqlite3

from harvester.archive.records import feeds
from harvester.model import Outcome, Prepared, Visit
from harvester.parse.content.extractor import EXTRACTOR

VISIBLE_METHOD = "visible"  # of the cheap reading
UNREAD_REASONS = (
    "too slow: ",
    "reading it takes too much memory",
    "the reading of this page killed its process",
)


def is_unread(prepared: Prepared | None) -> bool:
    """Whether that is what became of a reading."""
    return (
        prepared is not None
        and prepared.outcome is Outcome.FAILED
        and prepared.error.startswith(UNREAD_REASONS)
    )


def record_unread(
    connection: sqlite3.Connection, entry: sqlite3.Row | None, digest: str
) -> None:
    """Remember which page could not be read by which extractor."""
    if entry is not None:
        feeds.mark_page_unread(connection, entry["key"], EXTRACTOR, digest)


def is_known_unread(connection: sqlite3.Connection, visit: Visit, digest: str) -> bool:
    """Whether an entry's page is, byte by byte, one that this extractor could not read."""
    return visit.kind == "entry" and feeds.get_unread_page(connection, visit.key) == [
        EXTRACTOR,
        digest,
    ]


def retry_unread(connection: sqlite3.Connection, now: str) -> None:
    """What another extractor could not read is due again."""
    feeds.retry_unread_pages(connection, EXTRACTOR, now)
