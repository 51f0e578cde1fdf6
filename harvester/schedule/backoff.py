"""How long to wait after failures, and until the next poll or check. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.schedule.times import add_seconds

FIRST_BACKOFF_SECONDS = (
    60.0  # seconds after the first failure; then twice as long each time
)


MAX_BACKOFF_SECONDS = 86_400.0  # a day: feeds come back from what looks like death


def backoff_seconds(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1 minute, 2, 4 … at most a day."""
    return min(
        FIRST_BACKOFF_SECONDS * 2.0 ** min(max(failures - 1, 0), 20),
        MAX_BACKOFF_SECONDS,
    )


def next_poll(now: str, interval: float, failures: int) -> str:
    """When to poll a feed again: after ``every``, and later where it fails, but at least once a day."""
    pause = (
        interval
        if not failures
        else max(
            interval, min(backoff_seconds(failures), max(interval, MAX_BACKOFF_SECONDS))
        )
    )
    return add_seconds(now, pause)


def next_check(now: str, checks: int, revisit: Sequence[float]) -> str | None:
    """When to look at an article again. Each entry of ``revisit`` is the pause before one more look, counted from the last
    one; ``looks`` of them are used up. None: no more looks."""
    return add_seconds(now, revisit[checks]) if checks < len(revisit) else None
