"""Where a time stands on an axis, and which times are written below it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MIN_SPAN = timedelta(minutes=10)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# Distances of marks that people count in, and how each is written.
_STEPS: tuple[tuple[timedelta, str], ...] = (
    (timedelta(minutes=1), "%H:%M"),
    (timedelta(minutes=5), "%H:%M"),
    (timedelta(minutes=15), "%H:%M"),
    (_HOUR, "%H:%M"),
    (3 * _HOUR, "%H:%M"),
    (6 * _HOUR, "%H:%M"),
    (_DAY, "%-d %b"),
    (2 * _DAY, "%-d %b"),
    (7 * _DAY, "%-d %b"),
    (14 * _DAY, "%-d %b"),
    (30 * _DAY, "%b %Y"),
    (91 * _DAY, "%b %Y"),
    (365 * _DAY, "%Y"),
    (1_826 * _DAY, "%Y"),
)
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday: weeks begin there


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Times from ``start`` to ``end`` as x from ``left`` to ``right``."""

    start: datetime
    end: datetime
    left: float
    right: float

    @classmethod
    def make(
        cls, start: datetime, end: datetime, left: float, right: float
    ) -> TimeScale:
        """A scale of at least ten minutes: shorter spans are widened."""
        missing = MIN_SPAN - (end - start)
        if missing > timedelta(0):
            start, end = start - missing / 2, end + missing / 2
        return cls(start, end, left, right)

    def x(self, time: datetime) -> float:
        """Where a time stands; times outside stand at the ends."""
        share = (time - self.start) / (self.end - self.start)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def list_marks(self, most: int) -> list[tuple[datetime, str]]:
        """At most so many round times within, each as it is written."""
        span = self.end - self.start
        step, form = next(
            (pair for pair in _STEPS if span / pair[0] <= most), _STEPS[-1]
        )
        return [
            (mark, _write(mark, form, step))
            for mark in _list_round(self.start, self.end, step)
        ][:most]


def _list_round(start: datetime, end: datetime, step: timedelta) -> list[datetime]:
    if step >= 30 * _DAY:
        return _list_firsts(start, end, max(1, round(step / (30.4 * _DAY))))
    count = -((_EPOCH - start) // step)  # rounded up
    marks, mark = [], _EPOCH + count * step
    while mark <= end:
        if mark >= start:
            marks.append(mark)
        mark += step
    return marks


def _list_firsts(start: datetime, end: datetime, months: int) -> list[datetime]:
    """First days of every so many months."""
    marks: list[datetime] = []
    count = start.year * 12 + start.month - 1
    count -= count % months
    while True:
        mark = datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)
        if mark > end:
            return marks
        if mark >= start:
            marks.append(mark)
        count += months


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "%-d %b": lambda mark: f"{mark.day} {mark:%b}",
}


def _write(mark: datetime, form: str, step: timedelta) -> str:
    if step < _DAY and mark.hour == mark.minute == 0:
        form = "%-d %b"  # midnight is better said by its day
    writer = _WRITERS.get(form)
    return writer(mark) if writer else mark.strftime(form)
