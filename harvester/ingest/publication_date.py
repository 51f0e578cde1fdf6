"""Which publication date an article keeps. Pure.

The first that was seen stays, whatever the outlet states later: outlets rewrite it to look fresh. It is made more precise where
a day was stated and later a time on that day, and given where none was or where it was guessed and is now stated. What is stated instead is kept beside it. A date more
than a day after the answer that states it was received is no publication date. Not for: reading dates (``parse.dates``).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

from harvester.model import Extract, Statement
from harvester.schedule.times import add_seconds

GUESSED_SOURCES = (
    "",
    "text",
    "url",
)  # sources that state nothing: read from what stands on the page
DATE_LENGTH = 10  # characters of a date without a time
MAX_AHEAD_SECONDS = 86_400.0  # seconds that a publication may lie after its capture: clocks and zones differ
TOO_LATE_REASON = "more than a day after it was received"


def publication_date(version: sqlite3.Row) -> tuple[str | None, str | None, str]:
    """The publication date of a version's row, as it was stated, and where it is from."""
    return (
        version["published"],
        version["published_local"],
        str(json.loads(version["sources"]).get("published", "")),
    )


def known_fields(
    published: str | None, authors: object, received_at: str
) -> tuple[str, ...]:
    """The fields that a feed's entry states, so that nobody has to guess them; a date that is refused does not count."""
    stated = {
        "published": published and not is_too_late(published, received_at),
        "authors": authors,
    }
    return tuple(name for name, value in stated.items() if value)


def is_too_late(published: str, received_at: str) -> bool:
    """Whether a time is refused as that of a publication seen at ``at``."""
    return published > add_seconds(received_at, MAX_AHEAD_SECONDS)


def is_more_precise(
    first: str, first_local: str | None, stated: str, stated_local: str | None
) -> bool:
    """Whether a day becomes a time on that day, as the outlet or the world counts days."""
    if len(first) > DATE_LENGTH or len(stated) <= DATE_LENGTH:
        return False
    return (first_local or first)[:DATE_LENGTH] in (
        (stated_local or stated)[:DATE_LENGTH],
        stated[:DATE_LENGTH],
    )


def keep_first_date(
    extract: Extract,
    first_published: str | None,
    first_local: str | None,
    first_source: str,
) -> Extract:
    """An extract with the publication date first seen, also as it was stated then, and where it was from."""
    stated = extract.published
    if not first_published or stated == first_published:
        return extract
    if stated and is_more_precise(
        first_published, first_local, stated, extract.published_local
    ):
        return extract
    if (
        stated
        and first_source in GUESSED_SOURCES
        and extract.sources.get("published", "") not in GUESSED_SOURCES
    ):
        return extract
    statements = extract.statements
    if stated:
        said = Statement(
            "published",
            stated,
            extract.sources.get("published", ""),
            f"first seen with {first_published}",
        )
        statements = (*statements, said)
    sources = (
        {**extract.sources, "published": first_source}
        if first_source
        else extract.sources
    )
    return replace(
        extract,
        published=first_published,
        published_local=first_local,
        sources=sources,
        statements=statements,
    )
