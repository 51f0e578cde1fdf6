"""Whether the harvester itself was silent: something was due, and nothing crawled. Pure.

A crawl by cron once a day is no downtime: what counts is much longer than the usual time
between two crawls.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from harvester.schedule.times import parse_time

MIN_DOWNTIME_SECONDS = 3_600.0
USUAL_GAPS = 3.0  # times as long as usual
COMPARED_CRAWLS = 20  # before, that tell what is usual


def find_downtime(
    crawls: Sequence[tuple[str, str | None]],
    active: str | None,
    due: str | None,
    now: str,
) -> str | None:
    """Since when nothing was crawled although something was due; None: no downtime.

    ``crawls``: when the last ones started and ended, oldest first; None: it did not end.
    ``active``: when something was done last. ``due``: since when something is due.
    """
    if active is None or due is None:
        return None
    since = max(active, due)
    usual = _usual_gap(crawls)
    longest = max(MIN_DOWNTIME_SECONDS, USUAL_GAPS * usual)
    return since if _seconds_between(since, now) >= longest else None


def is_pause(since: str, now: str) -> bool:
    """Whether so much time passed that a crawl that runs was stopped meanwhile."""
    return _seconds_between(since, now) >= MIN_DOWNTIME_SECONDS


def describe_duration(since: str, until: str) -> str:
    """A duration for people: "5 hours"."""
    seconds = _seconds_between(since, until)
    for unit, size in (("days", 86_400.0), ("hours", 3_600.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"


def _usual_gap(crawls: Sequence[tuple[str, str | None]]) -> float:
    """Seconds from the end of a crawl to the next, in the middle."""
    gaps = [
        max(_seconds_between(ended or started, following), 0.0)
        for (started, ended), (following, _) in pairwise(crawls)
    ]
    return median(gaps[-COMPARED_CRAWLS:]) if gaps else 0.0


def _seconds_between(since: str, until: str) -> float:
    return (parse_time(until) - parse_time(since)).total_seconds()
