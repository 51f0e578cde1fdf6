"""What is in an edition, in a few numbers an article and a change; texts stay on disk."""

from __future__ import annotations

import re
import sqlite3
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from harvester.archive.queries.edition import EDITION_KINDS, survey_articles

SHARDS = 256  # of articles, by the first two digits of the key
_KEY_PATTERN = re.compile("[0-9a-f]{16}")
_DAY_SECONDS = 86_400


@dataclass(slots=True)
class Survey:
    """Columns of numbers: an article or a change has the same index in all of its own."""

    outlets: list[str] = field(default_factory=list)  # keys, by their number
    article_ids: array[int] = field(default_factory=lambda: array("q"))
    article_keys: array[int] = field(default_factory=lambda: array("Q"))
    article_times: array[int] = field(default_factory=lambda: array("q"))
    article_outlets: array[int] = field(default_factory=lambda: array("l"))
    article_versions: array[int] = field(default_factory=lambda: array("l"))
    article_current: array[int] = field(default_factory=lambda: array("l"))
    page_signatures: array[int] = field(default_factory=lambda: array("q"))
    card_signatures: array[int] = field(default_factory=lambda: array("q"))
    event_ids: array[int] = field(default_factory=lambda: array("q"))
    event_times: array[int] = field(default_factory=lambda: array("q"))
    event_kinds: array[int] = field(default_factory=lambda: array("b"))
    event_outlets: array[int] = field(default_factory=lambda: array("l"))
    event_signatures: array[int] = field(default_factory=lambda: array("q"))
    left_out: Counter[str] = field(default_factory=Counter)  # articles by outlet
    nameless: int = 0  # articles whose key is not one that this program gives

    def list_shards(self) -> list[list[int]]:
        """Indexes of articles, by the first two digits of their keys."""
        shards: list[list[int]] = [[] for _ in range(SHARDS)]
        for index, key in enumerate(self.article_keys):
            shards[key >> 56].append(index)
        return shards

    def list_newest_articles(self) -> list[int]:
        """Indexes of articles, the last published first."""
        return _sort(self.article_times)

    def list_newest_events(self) -> list[int]:
        """Indexes of changes, newest first."""
        return _sort(self.event_times)

    def key_of(self, index: int) -> str:
        """The key of an article."""
        return f"{self.article_keys[index]:016x}"


def _sort(times: Sequence[int]) -> list[int]:
    """Indexes by time, the last first; of one time the last one found."""
    return sorted(range(len(times) - 1, -1, -1), key=times.__getitem__, reverse=True)


def survey(
    connection: sqlite3.Connection,
    article_ids: Sequence[int],
    closed_outlets: Collection[str],
    report_progress: Callable[[int, int], None],
) -> Survey:
    """Read what is in the edition; ``closed_outlets`` are not."""
    result = Survey()
    numbers: dict[str, int] = {}
    rows = survey_articles(connection, article_ids)
    for done, article in enumerate(rows, 1):
        report_progress(done, len(article_ids))
        if article.outlet in closed_outlets:
            result.left_out[article.outlet] += 1
            continue
        if not _KEY_PATTERN.fullmatch(article.key):
            result.nameless += 1
            continue
        number = numbers.setdefault(article.outlet, len(numbers))
        result.article_ids.append(article.id)
        result.article_keys.append(int(article.key, 16))
        result.article_times.append(to_seconds(article.shown_at))
        result.article_outlets.append(number)
        result.article_versions.append(article.versions)
        result.article_current.append(article.version)
        result.page_signatures.append(article.page_signature)
        result.card_signatures.append(article.card_signature)
        for event in article.events:
            result.event_ids.append(event.id)
            result.event_times.append(to_seconds(event.at))
            result.event_kinds.append(EDITION_KINDS.index(event.kind))
            result.event_outlets.append(number)
            result.event_signatures.append(event.signature)
    result.outlets = list(numbers)
    return result


def to_seconds(at: str) -> int:
    """A time in seconds since 1970; 0 for what is no time."""
    try:
        time = datetime.fromisoformat(at)
        return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0


def to_day(seconds: int) -> str:
    """The day of a time: 2026-11-24."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def group_by_day(
    indexes: Sequence[int], times: Sequence[int]
) -> Iterator[tuple[str, list[int]]]:
    """Sorted indexes, by day."""
    for day, group in groupby(indexes, key=lambda index: times[index] // _DAY_SECONDS):
        yield to_day(day * _DAY_SECONDS), list(group)
