"""When an outlet's profile is learned, from which captures, and what follows from a new one.

Learned unasked at 3, 10, 30 and 100 articles, then with each three hundred; again after a month in which enough came. A new
profile makes no edit: what it reads differently is shown as it reads today. Not for: what learning means (``learn``, ``parse.profile``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.archive.records import captures, profiles
from harvester.errors import ArchiveError
from harvester.model import Lesson
from harvester.parse.content.extractor import EXTRACTOR
from harvester.schedule.times import later

if TYPE_CHECKING:
    import sqlite3

    from harvester.model import Rules

STEPS = (3, 10, 30, 100)  # articles
EVERY = 300  # articles, from then on
ENOUGH = (
    30  # articles, from which on learning does not wait for those that are on their way
)
AGED = 30 * 86_400.0  # seconds
AGED_LEAST = 10  # articles since, that make learning again worth it
LESSONS = 40  # captures learned from at once
STUDIES_BYTES = 16_000_000  # of studies that wait in memory, of all outlets


def due(articles: int, learned_at: str | None, since: int, now: str) -> bool:
    """Whether to learn now that ``articles`` are held. ``since``: how many came since the profile was last learned."""
    before = (
        articles - since if learned_at is not None else 0
    )  # a step may pass while the one before is still being learned
    if any(before < step <= articles for step in STEPS) or (
        articles > STEPS[-1] and articles // EVERY > before // EVERY
    ):
        return True
    aged = learned_at is not None and later(learned_at, AGED) <= now
    return aged and since >= AGED_LEAST


def soon(articles: int) -> bool:
    """Whether the next article will be learned from at the next step, but for ageing."""
    step = next(
        (step for step in STEPS if articles < step), (articles // EVERY + 1) * EVERY
    )
    return articles >= step - LESSONS


class Studies:
    """What was made of pages when they were read, until their outlets' profiles are learned: in memory, the newest of them.
    Whatever is not here (any more) is read again."""

    def __init__(self, most: int = STUDIES_BYTES) -> None:
        self._most, self._size = most, 0
        self._held: dict[int, bytes] = {}  # captures.id →

    def add(self, capture: int, study: bytes) -> None:
        """Keep one, and let go of the oldest for it."""
        self._size += len(study) - len(self._held.pop(capture, b""))
        self._held[capture] = study
        while self._size > self._most:
            self._size -= len(self._held.pop(next(iter(self._held))))

    def get(self, capture: int) -> bytes:
        """That of a capture; empty where there is none."""
        return self._held.get(capture, b"")


def standing(
    connection: sqlite3.Connection, outlet: str
) -> tuple[int, int, str | None]:
    """How many articles are held, how many of them came since the profile was last learned, and when that was."""
    held = profiles.count(connection, outlet)
    row = profiles.newest(connection, outlet)
    if row is None:
        return held, held, None
    since = profiles.count(connection, outlet, row["at"])
    if (
        held <= STEPS[-1] and row["pages"] < LESSONS
    ):  # some came while it was being learned
        since = max(since, held - row["pages"])
    return held, since, str(row["at"])


def in_force(
    connection: sqlite3.Connection, outlet: str, rules: Rules
) -> tuple[str, str]:
    """The outlet's profile: its name, and itself as text; both "" where there is none, or where the rules say what is text."""
    row = profiles.newest(connection, outlet) if used(rules) else None
    return (row["name"], row["body"]) if row is not None else ("", "")


def lessons(
    connection: sqlite3.Connection,
    folder: Path | None,
    outlet: str,
    most: int = LESSONS,
    studies: Studies | None = None,
) -> tuple[Lesson, ...]:
    """The captures to learn from, oldest first; one whose body is no longer kept is left out."""
    found = []
    for page in profiles.pages(connection, outlet, most):
        study = studies.get(page.capture) if studies else b""
        try:
            answer = (
                (b"", (), page.url)
                if study
                else captures.response(connection, folder, page.capture)
            )
        except ArchiveError:
            continue
        body, headers, reached = answer
        said = profiles.labels(connection, page.capture)
        at = captures.received(connection, page.capture)
        found.append(
            Lesson(
                body,
                reached,
                headers,
                at,
                page.title,
                page.content,
                said,
                page.version,
                page.text,
                study,
            )
        )
    return tuple(found)


def keep(connection: sqlite3.Connection, outlet: str, body: str, now: str) -> bool:
    """Keep what was learned. Whether it is another profile than the one before."""
    learned = json.loads(body)
    if not learned["pages"]:
        return False
    return profiles.add(
        connection, outlet, body, learned["pages"], learned["labelled"], EXTRACTOR, now
    )


def used(rules: Rules) -> bool:
    """Whether an outlet is read by blocks at all, so that a profile is of use."""
    return rules.extractor == "auto" and not rules.text
