"""Pages whose reading takes too long, too much memory, or kills its process: not tried again until the extractor is another.

Of most of them there is a cheap reading of the visible words (``parse.visible``). Not for: finding that out (``workers``).
"""

from __future__ import annotations

import sqlite3

from harvester.archive.records import feeds
from harvester.model import Outcome, Prepared, Visit
from harvester.parse.content.extractor import EXTRACTOR

METHOD = "visible"  # of the cheap reading
REASONS = (
    "too slow: ",
    "reading it takes too much memory",
    "the reading of this page killed its process",
)


def of(prepared: Prepared | None) -> bool:
    """Whether that is what became of a reading."""
    return (
        prepared is not None
        and prepared.outcome is Outcome.FAILED
        and prepared.error.startswith(REASONS)
    )


def note(
    connection: sqlite3.Connection, entry: sqlite3.Row | None, digest: str
) -> None:
    """Remember which page could not be read by which extractor."""
    if entry is not None:
        feeds.note_unread(connection, entry["key"], EXTRACTOR, digest)


def known(connection: sqlite3.Connection, visit: Visit, digest: str) -> bool:
    """Whether an entry's page is, byte by byte, one that this extractor could not read."""
    return visit.kind == "entry" and feeds.unread(connection, visit.key) == [
        EXTRACTOR,
        digest,
    ]


def again(connection: sqlite3.Connection, now: str) -> None:
    """What another extractor could not read is due again."""
    feeds.unread_again(connection, EXTRACTOR, now)
