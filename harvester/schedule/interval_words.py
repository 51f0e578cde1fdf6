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
        return seconds, f"{words}: {_entries(rate)} an hour, more than usual {part}"
    if rhythm.weeks * poll_rhythm.WEEK < poll_rhythm.DAY:
        return seconds, f"{words}, in its first day"
    if usual >= 0.95:
        return seconds, f"{words} {part}: {_entries(usual)} an hour"
    per_week = poll_rhythm.mean_rate(rhythm) * poll_rhythm.HOURS_OF_WEEK
    if per_week >= 7:
        return seconds, f"{words} {part}: {_entries(per_week / 7)} a day in all"
    if per_week >= 0.5:
        return seconds, f"{words}: {_entries(per_week)} a week"
    return seconds, f"{words}: hardly any new entries"


def _entries(count: float) -> str:
    """ "9 new entries"."""
    return f"{count:.0f} new {'entry' if round(count) == 1 else 'entries'}"


def format_interval(seconds: float) -> str:
    """An interval for people: "7 minutes", "hour", "2 hours", "day"."""
    if seconds < 300 and seconds % 60 > 0:
        return f"{seconds:.0f} seconds"
    minutes, hours = round(seconds / 60), round(seconds / HOUR)
    if seconds < 1.5 * HOUR:
        return {1: "minute", 60: "hour"}.get(minutes, f"{minutes} minutes")
    if hours >= 48:
        return f"{round(hours / 24)} days"
    return "day" if hours == 24 else f"{hours} hours"
