"""Times as text (UTC, ISO 8601, whole seconds, ending in Z); durations in seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MIN_CLOCK_JUMP_SECONDS = 60.0  # smaller jumps of the clock are ignored
MAX_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # the last with four digits


def format_time(moment: datetime) -> str:
    """A time as the archive writes it: UTC, whole seconds, ending in Z."""
    return (
        f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
    )


def format_seconds(seconds: float) -> str:
    """The same of seconds since 1970."""
    return format_time(datetime.fromtimestamp(seconds, UTC))


def parse_time(text: str) -> datetime:
    """The moment that ``format_time`` has written."""
    return datetime.fromisoformat(text)


def add_seconds(start: str, seconds: float) -> str:
    """A time so many seconds later; never after the year 9999."""
    try:
        return format_time(
            min(parse_time(start) + timedelta(seconds=seconds), MAX_TIME)
        )
    except OverflowError:
        return format_time(MAX_TIME)


def clock_jump(previous: tuple[str, float], current: tuple[str, float]) -> float:
    """Seconds by which the clock was set between two readings; 0 if it was not.

    A reading is the time, and the seconds of a monotonic clock.
    """
    elapsed = (parse_time(current[0]) - parse_time(previous[0])).total_seconds()
    jump = elapsed - (current[1] - previous[1])
    return jump if abs(jump) > MIN_CLOCK_JUMP_SECONDS else 0.0
