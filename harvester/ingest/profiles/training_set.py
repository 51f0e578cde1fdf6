"""When an outlet's profile is learned, and from which captures.

Learned at 3, 10, 30 and 100 articles, then with every 300 more; again after a month in
which enough were stored. A new profile makes no edit: what it reads differently is
shown as it reads today. Does not learn (``learn``, ``parse.content.profile``).
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from harvester.archive.records import captures, profiles
from harvester.errors import ArchiveError
from harvester.model import Rules, TrainingPage
from harvester.parse.content.extractor import EXTRACTOR
from harvester.schedule.times import add_seconds

LEARNING_STEPS = (3, 10, 30, 100)  # articles
LEARNING_INTERVAL = 300  # articles, after the last step
MIN_ARTICLES_NOT_TO_WAIT = 30  # from then on learning does not wait for due entries
MAX_PROFILE_AGE_SECONDS = 30 * 86_400.0
MIN_NEW_ARTICLES = 10  # needed to learn an aged profile again
MAX_TRAINING_PAGES = 40  # captures learned from at once
MAX_CACHE_BYTES = 16_000_000  # of packed pages in memory, of all outlets


def is_due(
    article_count: int, learned_at: str | None, articles_since_learned: int, now: str
) -> bool:
    """Whether to learn an outlet's profile now."""
    count_when_learned = 0
    if learned_at is not None:  # a step may pass while the one before is being learned
        count_when_learned = article_count - articles_since_learned
    if any(count_when_learned < step <= article_count for step in LEARNING_STEPS):
        return True
    if article_count > LEARNING_STEPS[-1] and (
        article_count // LEARNING_INTERVAL > count_when_learned // LEARNING_INTERVAL
    ):
        return True
    has_aged = (
        learned_at is not None
        and add_seconds(learned_at, MAX_PROFILE_AGE_SECONDS) <= now
    )
    return has_aged and articles_since_learned >= MIN_NEW_ARTICLES


def needs_training_page(article_count: int) -> bool:
    """Whether the next article will be learned from at the next step."""
    next_step = next(
        (step for step in LEARNING_STEPS if article_count < step),
        (article_count // LEARNING_INTERVAL + 1) * LEARNING_INTERVAL,
    )
    return article_count >= next_step - MAX_TRAINING_PAGES


class TrainingPageCache:
    """Pages as analysed when they were read, until their outlet's profile is learned.

    In memory, the newest of them; what is not here is analysed again.
    """

    def __init__(self, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._max_bytes, self._size = max_bytes, 0
        self._pages: dict[int, bytes] = {}  # captures.id → packed page

    def add(self, capture_id: int, packed_page: bytes) -> None:
        """Add a page, and drop the oldest ones to make room."""
        self._size += len(packed_page) - len(self._pages.pop(capture_id, b""))
        self._pages[capture_id] = packed_page
        while self._size > self._max_bytes:
            self._size -= len(self._pages.pop(next(iter(self._pages))))

    def get(self, capture_id: int) -> bytes:
        """The page of a capture; empty if it is not here."""
        return self._pages.get(capture_id, b"")


def learning_progress(
    connection: sqlite3.Connection, outlet: str
) -> tuple[int, int, str | None]:
    """Articles in all, articles since the profile was last learned, and that time."""
    total = profiles.count_articles(connection, outlet)
    profile = profiles.get_current_profile(connection, outlet)
    if profile is None:
        return total, total, None
    since = profiles.count_articles(connection, outlet, profile["at"])
    if total <= LEARNING_STEPS[-1] and profile["pages"] < MAX_TRAINING_PAGES:
        # Some were stored while it was being learned.
        since = max(since, total - profile["pages"])
    return total, since, str(profile["at"])


def current_profile(
    connection: sqlite3.Connection, outlet: str, rules: Rules
) -> tuple[str, str]:
    """Name and JSON of an outlet's profile.

    Both "" if it has none, or if its rules say what the text is.
    """
    if not uses_profile(rules):
        return "", ""
    profile = profiles.get_current_profile(connection, outlet)
    return (profile["name"], profile["body"]) if profile is not None else ("", "")


def load_training_pages(
    connection: sqlite3.Connection,
    captures_folder: Path | None,
    outlet: str,
    limit: int = MAX_TRAINING_PAGES,
    cache: TrainingPageCache | None = None,
) -> tuple[TrainingPage, ...]:
    """The captures to learn from, oldest first; not those whose body is not stored."""
    training_pages = []
    for page in profiles.list_training_pages(connection, outlet, limit):
        packed_page = cache.get(page.capture) if cache else b""
        body: bytes
        headers: tuple[tuple[str, str], ...]
        body, headers, url = b"", (), page.url
        if not packed_page:
            try:
                body, headers, url = captures.get_response(
                    connection, captures_folder, page.capture
                )
            except ArchiveError:
                continue
        training_pages.append(
            TrainingPage(
                body,
                url,
                headers,
                captures.get_received_time(connection, page.capture),
                page.title,
                page.content,
                profiles.list_labels(connection, page.capture),
                page.version_id,
                page.text,
                packed_page,
            )
        )
    return tuple(training_pages)


def store_profile(
    connection: sqlite3.Connection, outlet: str, profile_json: str, now: str
) -> bool:
    """Store a learned profile; whether it differs from the one in force."""
    profile = json.loads(profile_json)
    if not profile["pages"]:
        return False
    return profiles.add_profile(
        connection,
        outlet,
        profile_json,
        profile["pages"],
        profile["labelled"],
        EXTRACTOR,
        now,
    )


def uses_profile(rules: Rules) -> bool:
    """Whether an outlet is read block by block, so that a profile is of use."""
    return rules.extractor == "auto" and not rules.text
