"""How long to wait after failures, and until the next poll or check. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harvester.schedule.times import later

FIRST_PAUSE = 60.0  # seconds after the first failure; then twice as long each time


LONGEST_PAUSE = 86_400.0  # a day: feeds come back from what looks like death


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
