"""Times of the next poll or check, and the back-off after failures. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.schedule.times import add_seconds

FIRST_BACKOFF_SECONDS = 60.0  # after the first failure; doubled after each more
MAX_BACKOFF_SECONDS = 86_400.0  # a day: feeds that look dead may come back


def backoff_seconds(failures: int) -> float:
    """The wait after consecutive failures: 1 minute, 2, 4 … at most a day."""
    return min(
        FIRST_BACKOFF_SECONDS * 2.0 ** min(max(failures - 1, 0), 20),
        MAX_BACKOFF_SECONDS,
    )


def next_poll(now: str, interval: float, failures: int) -> str:
    """When to poll a feed again: after ``interval``, or the back-off if longer."""
    if failures:
        interval = max(interval, backoff_seconds(failures))
    return add_seconds(now, interval)


def next_check(now: str, checks: int, revisit: Sequence[float]) -> str | None:
    """When to check an article again; None if all its checks were made.

    ``revisit`` has the interval before each check, in seconds from the one before;
    ``checks`` were made.
    """
    return add_seconds(now, revisit[checks]) if checks < len(revisit) else None
