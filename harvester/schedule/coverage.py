"""What share of each day a feed was watched. Pure.

Watched is the time whose entries the archive knows, as far as anybody can tell: that
between two polls that were read and overlap (what followed all new entries was what came
first before; see ``ingest.feed_gaps``), whatever failed between them; and that of a gap
between two polls which do not overlap, once another source filled it. Not watched is the
rest of a gap, and the time since the last poll that was read, if the next is late or
fails. Time before the first poll, and since the last one while the next is not due yet,
counts neither way.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from harvester.schedule.times import format_time, parse_time

LATE_SECONDS = 900.0  # after a poll was due: a crawl takes its time
DAY_SECONDS = 86_400.0
Span = tuple[float, float]  # seconds since 1970


@dataclass(frozen=True, slots=True)
class WatchedFeed:
    """What the archive knows of the polls of a feed."""

    watched_since: str  # first poll that was read
    read_at: str  # the last one
    due: str | None = None  # the next poll; None: there is none
    failures: int = 0  # in a row
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class GapTime:
    """A time in which entries may have come and gone."""

    since: str
    until: str
    state: str  # open, filled, partly, unfilled
    back_to: str | None = None  # where it is filled in part: from then on


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """How much of a day (UTC) was watched, in seconds."""

    day: str
    seconds: float  # of the day that count
    watched: float
    filled: float  # of these, in gaps that were filled
    gaps: int  # that touch the day

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where no time counts."""
        return self.watched / self.seconds if self.seconds else None


def cover_days(
    feed: WatchedFeed, gaps: Iterable[GapTime], first: str, last: str, now: str
) -> list[DayCoverage]:
    """The days from ``first`` to ``last`` (both included) of a feed."""
    begin, end = _seconds(feed.watched_since), counted_until(feed, now)
    read_until = _seconds(feed.read_at)
    gaps = list(gaps)
    times = [(_seconds(gap.since), _seconds(gap.until)) for gap in gaps]
    in_gaps = _Spans(times)
    lost = _Spans(_lost(gap, time) for gap, time in zip(gaps, times, strict=True))
    since = sorted(time[0] for time in times)
    until = sorted(time[1] for time in times)
    days = []
    for day, start in _list_days(first, last):
        counted = max(start, begin), min(start + DAY_SECONDS, end)
        seconds = max(0.0, counted[1] - counted[0])
        unread = min(seconds, max(0.0, counted[1] - max(counted[0], read_until)))
        unwatched = lost.seconds_in(counted)
        days.append(
            DayCoverage(
                day,
                seconds,
                max(0.0, seconds - unwatched - unread),
                in_gaps.seconds_in(counted) - unwatched,
                bisect_left(since, counted[1]) - bisect_right(until, counted[0])
                if seconds
                else 0,
            )
        )
    return days


def counted_until(feed: WatchedFeed, now: str) -> float:
    """Until when the time of a feed counts, in seconds since 1970.

    Until now, if its next poll is late or the last one failed.
    """
    read_at, at = _seconds(feed.read_at), _seconds(now)
    if not feed.is_active or at <= read_at:
        return read_at
    is_late = feed.due is None or at > _seconds(feed.due) + LATE_SECONDS
    return at if is_late or feed.failures else read_at


def total_share(days: Sequence[DayCoverage]) -> float | None:
    """The share of all days together; None where no time counts."""
    seconds = sum(day.seconds for day in days)
    return sum(day.watched for day in days) / seconds if seconds else None


def join_days(days: Sequence[DayCoverage], size: int) -> list[DayCoverage]:
    """Every so many days as one, called by its first.

    The last ones are whole; days that are left over at the start are dropped.
    """
    joined = []
    for start in range(len(days) % size, len(days), size):
        part = days[start : start + size]
        joined.append(
            DayCoverage(
                part[0].day,
                sum(day.seconds for day in part),
                sum(day.watched for day in part),
                sum(day.filled for day in part),
                sum(day.gaps for day in part),
            )
        )
    return joined


def _lost(gap: GapTime, time: Span) -> Span:
    """The part of a gap, from ``time`` on, that is not filled."""
    since, until = time
    if gap.state == "filled":
        return since, since
    if gap.state == "partly" and gap.back_to:
        until = min(until, max(since, _seconds(gap.back_to)))
    return since, until


class _Spans:
    """Times that do not overlap, made of spans that may."""

    def __init__(self, spans: Iterable[Span]) -> None:
        joined: list[Span] = []
        for since, until in sorted(span for span in spans if span[0] < span[1]):
            if joined and since <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], until)
            else:
                joined.append((since, until))
        self._spans = joined
        self._ends = [until for _, until in joined]

    def seconds_in(self, window: Span) -> float:
        """How much of a window they cover, in seconds."""
        covered = 0.0
        for since, until in self._spans[bisect_right(self._ends, window[0]) :]:
            if since >= window[1]:
                break
            covered += max(0.0, min(until, window[1]) - max(since, window[0]))
        return covered


@lru_cache(maxsize=4)  # the same for each feed
def _list_days(first: str, last: str) -> tuple[tuple[str, float], ...]:
    """Each day with its beginning."""
    day, end = parse_time(f"{first}T00:00:00Z"), parse_time(f"{last}T00:00:00Z")
    days = []
    while day <= end:
        days.append((format_time(day)[:10], day.timestamp()))
        day += timedelta(days=1)
    return tuple(days)


def _seconds(time: str) -> float:
    return parse_time(time).timestamp()
