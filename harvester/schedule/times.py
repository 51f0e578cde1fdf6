"""Times as text: UTC, ISO 8601, whole seconds, ending in Z. Durations are seconds. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

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


def step(before: tuple[str, float], now: tuple[str, float]) -> float:
    """Seconds by which the clock was set between two looks at it; 0 where it was not. A look is the time, and what a clock said
    that is never set."""
    passed = (read(now[0]) - read(before[0])).total_seconds()
    jumped = passed - (now[1] - before[1])
    return jumped if abs(jumped) > STEP else 0.0
