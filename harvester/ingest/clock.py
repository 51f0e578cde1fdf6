"""The machine's clock may be set while a crawl runs, or between two: what is due stays due by the time that passed.

Two clocks are compared: the one that tells the time, and one that only runs (both passed in). Where the first jumped, all due times move
by as much, and the ledger says so, since times taken meanwhile may be wrong. Order never depends on it: rows are counted.
Not for: asking what time it is.
"""

from __future__ import annotations

from harvester.archive.records import articles, due_visits
from harvester.ingest.keeper import Keeper
from harvester.schedule import times

CLOCK_SET_EVENT = "clock set"  # the event


class ClockMonitor:
    """Of one crawl. ``running``: seconds by a clock that is never set, asleep or awake."""

    def __init__(self, keeper: Keeper, now: str, monotonic: float) -> None:
        """Where the archive knows a later time than ``now``, the clock was set back since."""
        self._keeper = keeper
        self._previous = now, monotonic
        ahead = due_visits.get_seconds_ahead(keeper.connection, now)
        if ahead > times.MIN_CLOCK_JUMP_SECONDS:
            self._record_jump(now, -ahead, "since the last crawl")

    def check(self, now: str, monotonic: float) -> None:
        """Compare the clocks again."""
        step = times.clock_jump(self._previous, (now, monotonic))
        self._previous = now, monotonic
        if step:
            self._record_jump(now, step, "while a crawl ran")

    def _record_jump(self, now: str, jump_seconds: float, when: str) -> None:
        self._keeper.archive.begin()
        due_visits.shift_due_times(self._keeper.connection, jump_seconds)
        way = "forward" if jump_seconds > 0 else "back"
        note = f"{when} the clock was set {way} by {_format_duration(abs(jump_seconds))}: times before or behind that are wrong by as much"
        articles.add_event(self._keeper.connection, CLOCK_SET_EVENT, "", now, note)
        self._keeper.archive.commit()


def _format_duration(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
