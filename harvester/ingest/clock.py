"""Detects that the machine's clock was set, and moves due times by as much.

Two clocks are compared, both passed in: the time of day, and one that is never set.
Where the first jumped, all due times move by the same amount, and an event records it,
since times taken meanwhile may be wrong. The order of rows never depends on the clock.
"""

from __future__ import annotations

from harvester.archive.records import articles, due_visits
from harvester.ingest.downtime import record_pause
from harvester.ingest.keeper import Keeper
from harvester.schedule import times

CLOCK_SET_EVENT = "clock set"  # kind of an event


class ClockMonitor:
    """The clocks of one crawl. ``monotonic``: seconds by a clock that is never set."""

    def __init__(self, keeper: Keeper, now: str, monotonic: float) -> None:
        """Compare with the archive: if it has a later time, the clock was set back."""
        self._archive = keeper.archive
        self._previous = now, monotonic
        ahead = due_visits.get_seconds_ahead(keeper.connection, now)
        if ahead > times.MIN_CLOCK_JUMP_SECONDS:
            self._record_jump(now, -ahead, "since the last crawl")

    def check(self, now: str, monotonic: float) -> None:
        """Compare the clocks again."""
        previous, self._previous = self._previous, (now, monotonic)
        jump = times.clock_jump(previous, self._previous)
        if jump:
            self._record_jump(now, jump, "while a crawl ran")
        else:
            record_pause(self._archive, previous[0], now)

    def _record_jump(self, now: str, jump_seconds: float, when: str) -> None:
        self._archive.begin()
        connection = self._archive.connection
        due_visits.shift_due_times(connection, jump_seconds)
        direction = "forward" if jump_seconds > 0 else "back"
        note = (
            f"{when} the clock was set {direction} by "
            f"{_format_duration(abs(jump_seconds))}: "
            "times before or behind that are wrong by as much"
        )
        articles.add_event(
            connection, articles.NewEvent(CLOCK_SET_EVENT, "", now, note)
        )
        self._archive.commit()


def _format_duration(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
