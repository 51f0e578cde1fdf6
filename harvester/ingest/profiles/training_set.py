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
from harvester.model import TrainingPage
from harvester.parse.content.extractor import EXTRACTOR
from harvester.schedule.times import add_seconds

if TYPE_CHECKING:
    import sqlite3

    from harvester.model import Rules

LEARNING_STEPS = (3, 10, 30, 100)  # articles
LEARNING_INTERVAL = 300  # articles, from then on
MIN_ARTICLES_NOT_TO_WAIT = (
    30  # articles, from which on learning does not wait for those that are on their way
)
MAX_PROFILE_AGE_SECONDS = 30 * 86_400.0  # seconds
MIN_NEW_ARTICLES = 10  # articles since, that make learning again worth it
MAX_TRAINING_PAGES = 40  # captures learned from at once
MAX_CACHE_BYTES = 16_000_000  # of studies that wait in memory, of all outlets


def is_due(
    article_count: int, learned_at: str | None, articles_since_learned: int, now: str
) -> bool:
    """Whether to learn now that ``articles`` are held. ``since``: how many came since the profile was last learned."""
    before = (
        article_count - articles_since_learned if learned_at is not None else 0
    )  # a step may pass while the one before is still being learned
    if any(before < step <= article_count for step in LEARNING_STEPS) or (
        article_count > LEARNING_STEPS[-1]
        and article_count // LEARNING_INTERVAL > before // LEARNING_INTERVAL
    ):
        return True
    aged = (
        learned_at is not None
        and add_seconds(learned_at, MAX_PROFILE_AGE_SECONDS) <= now
    )
    return aged and articles_since_learned >= MIN_NEW_ARTICLES


def needs_training_page(article_count: int) -> bool:
    """Whether the next article will be learned from at the next step, but for ageing."""
    step = next(
        (step for step in LEARNING_STEPS if article_count < step),
        (article_count // LEARNING_INTERVAL + 1) * LEARNING_INTERVAL,
    )
    return article_count >= step - MAX_TRAINING_PAGES


class TrainingPageCache:
    """What was made of pages when they were read, until their outlets' profiles are learned: in memory, the newest of them.
    Whatever is not here (any more) is read again."""

    def __init__(self, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._max_bytes, self._size = max_bytes, 0
        self._pages: dict[int, bytes] = {}  # captures.id →

    def add(self, capture_id: int, packed_page: bytes) -> None:
        """Keep one, and let go of the oldest for it."""
        self._size += len(packed_page) - len(self._pages.pop(capture_id, b""))
        self._pages[capture_id] = packed_page
        while self._size > self._max_bytes:
            self._size -= len(self._pages.pop(next(iter(self._pages))))

    def get(self, capture_id: int) -> bytes:
        """That of a capture; empty where there is none."""
        return self._pages.get(capture_id, b"")


def learning_progress(
    connection: sqlite3.Connection, outlet: str
) -> tuple[int, int, str | None]:
    """How many articles are held, how many of them came since the profile was last learned, and when that was."""
    held = profiles.count_articles(connection, outlet)
    row = profiles.get_current_profile(connection, outlet)
    if row is None:
        return held, held, None
    since = profiles.count_articles(connection, outlet, row["at"])
    if (
        held <= LEARNING_STEPS[-1] and row["pages"] < MAX_TRAINING_PAGES
    ):  # some came while it was being learned
        since = max(since, held - row["pages"])
    return held, since, str(row["at"])


def current_profile(
    connection: sqlite3.Connection, outlet: str, rules: Rules
) -> tuple[str, str]:
    """The outlet's profile: its name, and itself as text; both "" where there is none, or where the rules say what is text."""
    row = (
        profiles.get_current_profile(connection, outlet)
        if uses_profile(rules)
        else None
    )
    return (row["name"], row["body"]) if row is not None else ("", "")


def load_training_pages(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    outlet: str,
    limit: int = MAX_TRAINING_PAGES,
    cache: TrainingPageCache | None = None,
) -> tuple[TrainingPage, ...]:
    """The captures to learn from, oldest first; one whose body is no longer kept is left out."""
    found = []
    for page in profiles.list_training_pages(connection, outlet, limit):
        study = cache.get(page.capture) if cache else b""
        try:
            answer = (
                (b"", (), page.url)
                if study
                else captures.get_response(connection, captures_folder, page.capture)
            )
        except ArchiveError:
            continue
        body, headers, reached = answer
        said = profiles.list_labels(connection, page.capture)
        at = captures.get_received_time(connection, page.capture)
        found.append(
            TrainingPage(
                body,
                reached,
                headers,
                at,
                page.title,
                page.content,
                said,
                page.version_id,
                page.text,
                study,
            )
        )
    return tuple(found)


def store_profile(
    connection: sqlite3.Connection, outlet: str, profile_json: str, now: str
) -> bool:
    """Keep what was learned. Whether it is another profile than the one before."""
    learned = json.loads(profile_json)
    if not learned["pages"]:
        return False
    return profiles.add_profile(
        connection,
        outlet,
        profile_json,
        learned["pages"],
        learned["labelled"],
        EXTRACTOR,
        now,
    )


def uses_profile(rules: Rules) -> bool:
    """Whether an outlet is read by blocks at all, so that a profile is of use."""
    return rules.extractor == "auto" and not rules.text
