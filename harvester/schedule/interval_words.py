"""The interval between two polls of a feed, and why it is that, in words. Pure."""

from __future__ import annotations

from typing import Literal

from harvester.schedule import poll_rhythm
from harvester.schedule.intervals import poll_interval
from harvester.schedule.poll_rhythm import HOUR, Rhythm

_DAY_PARTS = ("nights", "mornings", "afternoons", "evenings")  # of six hours each, UTC


def explain_interval(
    every: float | Literal["auto"], wished: float, wished_words: str, rhythm: Rhythm
) -> tuple[float, str]:
    """Seconds from the last poll to the next, and a sentence on it.

    ``wished`` and ``wished_words``: what server and feed ask for, see
    ``schedule.intervals``. Does not count back-off and rate limits.
    """
    if every != "auto":
        return every, f"every {format_interval(every)}, as the settings say"
    seconds = poll_interval(every, wished, rhythm)
    words = f"every {format_interval(seconds)}"
    if wished > poll_rhythm.MIN_SECONDS and seconds == min(
        wished, poll_rhythm.MAX_SECONDS
    ):
        return seconds, f"{words}, as its server states: {wished_words}"
    if not rhythm.at:
        return seconds, f"{words}, until it is known what the feed brings"
    if rhythm.bound and seconds <= rhythm.bound:
        return seconds, f"{words}, since entries may have been missed lately"
    hour = poll_rhythm.hour_of_week(rhythm.at)
    days = "weekday" if hour < 120 else "weekend"
    part = f"on {days} {_DAY_PARTS[hour % 24 // 6]} (UTC)"
    rate = poll_rhythm.current_rate(rhythm)
    usual = poll_rhythm.expected_rate(rhythm, hour)
    if rate > 2 * usual and rate > 2:
        return seconds, f"{words}: {_format_rate(rate)}, more than usual {part}"
    if rhythm.weeks * poll_rhythm.WEEK < poll_rhythm.DAY:
        return seconds, f"{words}, in its first day"
    return seconds, f"{words} {part}: {_format_rate(usual)}"


def _format_rate(rate: float) -> str:
    """Entries an hour, a day or a week: "9 new entries an hour"."""
    for count, unit in ((rate, "an hour"), (24 * rate, "a day")):
        if count >= 0.95:
            return (
                f"{count:.0f} new {'entry' if round(count) == 1 else 'entries'} {unit}"
            )
    count = round(168 * rate)
    if count == 0:
        return "hardly any new entries"
    return f"{count} new {'entry' if count == 1 else 'entries'} a week"


def format_interval(seconds: float) -> str:
    """An interval for people: "7 minutes", "hour", "2 hours", "day"."""
    if seconds < 90:
        return f"{seconds:.0f} seconds" if round(seconds) != 60 else "minute"
    if seconds < 1.5 * HOUR:
        minutes = round(seconds / 60)
        return "hour" if minutes == 60 else f"{minutes} minutes"
    hours = round(seconds / HOUR)
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return "day" if hours == 24 else f"{hours} hours"
