"""The machine's clock may be set while a crawl runs, or between two: what is due stays due by the time that passed.

Two clocks are compared: the one that tells the time, and one that only runs (both passed in). Where the first jumped, all due times move
by as much, and the ledger says so, since times taken meanwhile may be wrong. Order never depends on it: rows are counted.
Not for: asking what time it is.
"""

from __future__ import annotations

from harvester.archive.records import articles, due_visits
from harvester.ingest.keeper import Keeper
from harvester.schedule import times

SET = "clock set"  # the event


class Clock:
    """Of one crawl. ``running``: seconds by a clock that is never set, asleep or awake."""

    def __init__(self, keeper: Keeper, now: str, running: float) -> None:
        """Where the archive knows a later time than ``now``, the clock was set back since."""
        self._keeper = keeper
        self._before = now, running
        ahead = due_visits.ahead(keeper.connection, now)
        if ahead > times.STEP:
            self._set(now, -ahead, "since the last crawl")

    def look(self, now: str, running: float) -> None:
        """Compare the clocks again."""
        step = times.step(self._before, (now, running))
        self._before = now, running
        if step:
            self._set(now, step, "while a crawl ran")

    def _set(self, now: str, step: float, when: str) -> None:
        self._keeper.archive.begin()
        due_visits.move_due(self._keeper.connection, step)
        way = "forward" if step > 0 else "back"
        note = f"{when} the clock was set {way} by {_length(abs(step))}: times before or behind that are wrong by as much"
        articles.add_event(self._keeper.connection, SET, "", now, note)
        self._keeper.archive.commit()


def _length(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
