"""Times as text: UTC, ISO 8601, whole seconds, ending in Z. Durations are seconds. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MIN_CLOCK_JUMP_SECONDS = 60.0  # seconds by which the clock must jump to be called set


MAX_TIME = datetime(
    9999, 12, 31, 23, 59, 59, tzinfo=UTC
)  # no later time can be written


def format_time(moment: datetime) -> str:
    """A time as the archive writes it: UTC, whole seconds, ending in Z."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if moment.year > 999
        else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")
    )


def parse_time(text: str) -> datetime:
    """The other way round."""
    return datetime.fromisoformat(text)


def add_seconds(start: str, seconds: float) -> str:
    """``at`` and so many seconds; never later than the year 9999."""
    try:
        return format_time(
            min(parse_time(start) + timedelta(seconds=seconds), MAX_TIME)
        )
    except OverflowError:
        return format_time(MAX_TIME)


def clock_jump(previous: tuple[str, float], current: tuple[str, float]) -> float:
    """Seconds by which the clock was set between two looks at it; 0 where it was not. A look is the time, and what a clock said
    that is never set."""
    passed = (parse_time(current[0]) - parse_time(previous[0])).total_seconds()
    jumped = passed - (current[1] - previous[1])
    return jumped if abs(jumped) > MIN_CLOCK_JUMP_SECONDS else 0.0
