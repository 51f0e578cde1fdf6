"""Whether a feed is silent that used to bring entries. Pure."""

from __future__ import annotations

from dataclasses import replace

from harvester.schedule.poll_rhythm import (
    DAY,
    HOUR,
    HOURS_OF_WEEK,
    WEEK,
    Rhythm,
    mean_rate,
)
from harvester.schedule.times import parse_time

# So many entries would usually have come: that none did is no chance, also where several
# come at once.
MIN_EXPECTED_ENTRIES = 12.0
MIN_SILENT_DAYS = 3  # holidays and weekends are no silence
# From then on a feed that ever brought something is silent; what was learned of it fades.
MAX_UNNOTICED_DAYS = 90
MIN_WATCHED_SHARE = (
    0.3  # of the time that was watched, at least, was before the silence
)


def describe_silence(rhythm: Rhythm, new_at: float | None, now: float) -> str:
    """For how long a feed brought nothing, and what is usual; "" if it is not silent.

    ``new_at``: when it last brought something; None: never.
    """
    if new_at is None:
        return ""
    now = rhythm.at or now  # as of the last poll
    days = int((now - new_at) // DAY)
    watched = max(
        rhythm.weeks - (now - new_at) / WEEK, MIN_WATCHED_SHARE * rhythm.weeks
    )
    rate = mean_rate(replace(rhythm, weeks=watched))  # before the silence
    expected = rate * (now - new_at) / HOUR
    if days >= MAX_UNNOTICED_DAYS:
        return f"nothing new for {days} days"
    if days < MIN_SILENT_DAYS or expected < MIN_EXPECTED_ENTRIES:
        return ""
    return (
        f"nothing new for {days} days, where {rate * HOURS_OF_WEEK:.0f} entries a week "
        "were usual"
    )


def describe_emptiness(since: str, now: str) -> str:
    """For how long a feed listed no entries; "" where that is not long."""
    try:
        seconds = (parse_time(now) - parse_time(since)).total_seconds()
    except (ValueError, TypeError):  # a damaged archive
        return ""
    days = int(seconds // DAY)
    return f"empty for {days} days" if days >= MIN_SILENT_DAYS else ""
