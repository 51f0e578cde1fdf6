"""When something is due: pure arithmetic on times. Times are ISO text in UTC ending in Z, durations are seconds.

The archive remembers what is due; a tick only asks. Not for: asking what time it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

FIRST_PAUSE = 60.0  # seconds after the first failure; then twice as long each time
LONGEST_PAUSE = 86_400.0  # a day: feeds come back from what looks like death
STEP = 60.0  # seconds by which the clock must jump to be called set
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # no later time can be written


def written(at: datetime) -> str:
    """A time as the archive writes it: UTC, whole seconds, ending in Z."""
    return (
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if at.year > 999
        else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")
    )


def read(at: str) -> datetime:
    """The other way round."""
    return datetime.fromisoformat(at)


def later(at: str, seconds: float) -> str:
    """``at`` and so many seconds; never later than the year 9999."""
    try:
        return written(min(read(at) + timedelta(seconds=seconds), LAST))
    except OverflowError:
        return written(LAST)


def back_off(attempts: int) -> float:
    """Seconds to wait after so many failures in a row: 1 minute, 2, 4 … at most a day."""
    return min(FIRST_PAUSE * 2.0 ** min(max(attempts - 1, 0), 20), LONGEST_PAUSE)


def next_poll(now: str, every: float, failures: int) -> str:
    """When to poll a feed again: after ``every``, and later where it fails, but at least once a day."""
    pause = (
        every
        if not failures
        else max(every, min(back_off(failures), max(every, LONGEST_PAUSE)))
    )
    return later(now, pause)


def next_look(now: str, looks: int, revisit: Sequence[float]) -> str | None:
    """When to look at an article again. Each entry of ``revisit`` is the pause before one more look, counted from the last
    one; ``looks`` of them are used up. None: no more looks."""
    return later(now, revisit[looks]) if looks < len(revisit) else None


def step(before: tuple[str, float], now: tuple[str, float]) -> float:
    """Seconds by which the clock was set between two looks at it; 0 where it was not. A look is the time, and what a clock said
    that is never set."""
    passed = (read(now[0]) - read(before[0])).total_seconds()
    jumped = passed - (now[1] - before[1])
    return jumped if abs(jumped) > STEP else 0.0
