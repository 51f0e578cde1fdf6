"""Times of the next poll or check, and the back-off after failures. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Literal

from harvester.schedule import poll_rhythm
from harvester.schedule.poll_rhythm import Rhythm
from harvester.schedule.times import add_seconds

AUTO_SECONDS = 900.0  # between two polls, where nothing is known of a feed
MAX_AUTO_SECONDS = 86_400.0  # servers that ask for more are asked once a day

FIRST_BACKOFF_SECONDS = 60.0  # after the first failure; doubled after each more
MAX_BACKOFF_SECONDS = 86_400.0  # a day: feeds that look dead may come back
# How soon a failure may have passed: a server that is down, in minutes; a page in the
# place of the feed, or a refusal, when somebody mends it; what robots.txt or the address
# itself forbids, hardly.
FailureKind = Literal["temporary", "soft", "hard"]
FIRST_RETRY_SECONDS: dict[FailureKind, float] = {
    "temporary": FIRST_BACKOFF_SECONDS,
    "soft": 900.0,
    "hard": 3_600.0,
}
DEAD_FAILURES = 40  # in a row, more than a month: from then on it is up to a week
GONE_SECONDS = 7 * 86_400.0  # what is gone for good hardly does
# Some servers answer 304 whatever has changed: what was not received whole for so long
# is asked for without validators.
WHOLE_FEED_SECONDS = 86_400.0
WHOLE_PAGE_SECONDS = 7 * 86_400.0


def whole_since(now: str) -> dict[str, str]:
    """Of feeds and articles: the time since which a whole body must have been received."""
    return {
        "feed": add_seconds(now, -WHOLE_FEED_SECONDS),
        "article": add_seconds(now, -WHOLE_PAGE_SECONDS),
    }


def backoff_seconds(failures: int) -> float:
    """The wait after consecutive failures: 1 minute, 2, 4 … at most a day."""
    return min(
        FIRST_BACKOFF_SECONDS * 2.0 ** min(max(failures - 1, 0), 20),
        MAX_BACKOFF_SECONDS,
    )


def poll_interval(
    every: float | Literal["auto"], wished: float, rhythm: Rhythm | None = None
) -> float:
    """Seconds between two polls: as the settings say, else as learned.

    ``wished``: by server and feed, 0 where they say nothing. What was learned is never
    below it, but that more than a day counts as a day. Below 5 minutes only where the
    wish is; below 15 minutes only where the feed brings as much. ``rhythm``: None where
    nothing was learned.
    """
    if every != "auto":
        return every
    learned = AUTO_SECONDS
    if rhythm is not None and rhythm.at:
        shortest = poll_rhythm.MIN_SECONDS
        if wished:
            shortest = min(shortest, max(wished, poll_rhythm.MIN_WISHED_SECONDS))
        learned = poll_rhythm.learned_interval(rhythm, shortest)
    return min(max(learned, wished), MAX_AUTO_SECONDS)


def next_poll(now: str, interval: float, failures: int) -> str:
    """When to poll a feed again: after ``interval``, or the back-off if longer."""
    if failures:
        interval = max(interval, backoff_seconds(failures))
    return add_seconds(now, interval)


def next_retry(
    now: str, interval: float, failures: int, kind: FailureKind, url: str
) -> str:
    """When to poll a feed again that failed so many times in a row.

    Never sooner than its interval; doubled after each failure, up to a day, of a feed
    that looks dead up to a week. A little later by its URL, so that the feeds of a server
    that was down do not all come back at once.
    """
    longest = MAX_BACKOFF_SECONDS if failures < DEAD_FAILURES else GONE_SECONDS
    doubled = FIRST_RETRY_SECONDS[kind] * 2.0 ** min(max(failures - 1, 0), 40)
    seconds = max(interval, min(doubled, longest))
    jittered = poll_rhythm.jittered(seconds, url, failures)
    return add_seconds(now, max(interval, min(jittered, GONE_SECONDS)))


def next_poll_of_gone(now: str, url: str) -> str:
    """When to poll a feed that is gone for good: in a week, give or take a day.

    Which day is fixed by its URL, so that the dead feeds of a long list are spread.
    """
    share = zlib.crc32(url.encode("utf-8", "surrogatepass")) / 2**32
    return add_seconds(now, GONE_SECONDS + (2 * share - 1) * MAX_BACKOFF_SECONDS)


def next_check(now: str, checks: int, revisit: Sequence[float]) -> str | None:
    """When to check an article again; None if all its checks were made.

    ``revisit`` has the interval before each check, in seconds from the one before;
    ``checks`` were made.
    """
    return add_seconds(now, revisit[checks]) if checks < len(revisit) else None
