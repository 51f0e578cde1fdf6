"""Days, weeks, months or years that follow one another, few enough for one drawing. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from harvester.errors import QueryError

Unit = Literal["day", "week", "month", "year"]

DEFAULT_WEEKS = 26
MAX_DAYS, MAX_WEEKS, MAX_MONTHS, MAX_YEARS = 60, 60, 60, 100  # points of a line


@dataclass(frozen=True, slots=True)
class Periods:
    """Days, weeks (from Monday), months or years that follow one another."""

    unit: Unit
    starts: tuple[str, ...]  # first days, ascending
    end: str  # the day behind the last

    def find(self, time: str) -> int | None:
        """The period that a time is in."""
        if not self.starts[0] <= time < self.end:
            return None
        return bisect_right(self.starts, time[:10]) - 1

    def list_last_days(self) -> list[str]:
        """The last day of each period."""
        behind = (*self.starts[1:], self.end)
        return [str(date.fromisoformat(day) - timedelta(days=1)) for day in behind]


def make_periods(since: str, until: str, last_day: str, first_day: str = "") -> Periods:
    """Periods from a day to before another, few enough for one drawing.

    "" for both ends: the last weeks, from ``first_day`` where that is later. Days are
    counted up to two months, then weeks, months, years. Raises QueryError.
    """
    try:
        end = date.fromisoformat(until) if until else _next_day(last_day)
        start = date.fromisoformat(since) if since else _default_start(end, first_day)
    except (ValueError, OverflowError) as error:
        raise QueryError("from, to: not a day of the calendar") from error
    days = (end - start).days
    if days <= 0:
        raise QueryError("from: it is not before to:")
    if days <= MAX_DAYS:
        return _list_periods("day", start, end)
    if days <= 7 * MAX_WEEKS:
        return _list_periods("week", start - timedelta(days=start.weekday()), end)
    if days <= 30 * MAX_MONTHS:
        return _list_periods("month", start.replace(day=1), end)
    earliest = end.year - MAX_YEARS + 1
    return _list_periods("year", date(max(start.year, earliest, 1), 1, 1), end)


def _default_start(end: date, first_day: str) -> date:
    start = end - timedelta(weeks=DEFAULT_WEEKS)
    return max(start, date.fromisoformat(first_day)) if first_day else start


def _next_day(day: str) -> date:
    return date.fromisoformat(day) + timedelta(days=1)


def _list_periods(unit: Unit, start: date, end: date) -> Periods:
    starts = []
    while start < end:
        starts.append(str(start))
        match unit:
            case "day":
                start += timedelta(days=1)
            case "week":
                start += timedelta(days=7)
            case "month":
                start = (start + timedelta(days=31)).replace(day=1)
            case "year":
                start = start.replace(year=start.year + 1)
    return Periods(unit, tuple(starts), str(end))
