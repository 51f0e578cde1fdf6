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
from harvester.schedule.times import later

GUESSED = (
    "",
    "text",
    "url",
)  # sources that state nothing: read from what stands on the page
DAY = 10  # characters of a date without a time
AHEAD = 86_400.0  # seconds that a publication may lie after its capture: clocks and zones differ
TOO_LATE = "more than a day after it was received"


def dated(held: sqlite3.Row) -> tuple[str | None, str | None, str]:
    """The publication date of a version's row, as it was stated, and where it is from."""
    return (
        held["published"],
        held["published_local"],
        str(json.loads(held["sources"]).get("published", "")),
    )


def known(published: str | None, authors: object, at: str) -> tuple[str, ...]:
    """The fields that a feed's entry states, so that nobody has to guess them; a date that is refused does not count."""
    stated = {
        "published": published and not too_late(published, at),
        "authors": authors,
    }
    return tuple(name for name, value in stated.items() if value)


def too_late(published: str, at: str) -> bool:
    """Whether a time is refused as that of a publication seen at ``at``."""
    return published > later(at, AHEAD)


def refine(
    first: str, first_local: str | None, stated: str, stated_local: str | None
) -> bool:
    """Whether a day becomes a time on that day, as the outlet or the world counts days."""
    if len(first) > DAY or len(stated) <= DAY:
        return False
    return (first_local or first)[:DAY] in (
        (stated_local or stated)[:DAY],
        stated[:DAY],
    )


def keep_first(
    extract: Extract, first: str | None, local: str | None, source: str
) -> Extract:
    """An extract with the publication date first seen, also as it was stated then, and where it was from."""
    stated = extract.published
    if not first or stated == first:
        return extract
    if stated and refine(first, local, stated, extract.published_local):
        return extract
    if (
        stated
        and source in GUESSED
        and extract.sources.get("published", "") not in GUESSED
    ):
        return extract
    statements = extract.statements
    if stated:
        said = Statement(
            "published",
            stated,
            extract.sources.get("published", ""),
            f"first seen with {first}",
        )
        statements = (*statements, said)
    sources = {**extract.sources, "published": source} if source else extract.sources
    return replace(
        extract,
        published=first,
        published_local=local,
        sources=sources,
        statements=statements,
    )
