"""Times as people type them, as ranges in UTC. The current time is passed in.

A range is ``(start, end)``: from ``start`` on, before ``end``; "" where it is open. A
range that begins or ends at midnight is written as a day, so that it is compared rightly
with times and with days alike (``2025-09-06`` < ``2025-09-06T08:00:00Z`` < ``2025-09-07``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

Range = tuple[str, str]

_PERIOD_PATTERN = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_TIME_PATTERN = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}.*", re.IGNORECASE)
_BOUND_PATTERN = re.compile(r"(<=|>=|<|>)(.*)")
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
EXAMPLES = "2025-09, 2025-09-06, 2025-09-01..2025-09-06, yesterday, 'last week', 24h"


def parse_range(text: str, now: datetime) -> Range:
    """A period, a bound (``>2025-09``) or two ends (``a..b``). Raises ValueError."""
    text = " ".join(text.replace("_", " ").split()).lower()
    if ".." in text:
        first, _, last = text.partition("..")
        start = parse_period(first.strip(), now)[0] if first.strip() else ""
        end = parse_period(last.strip(" ."), now)[1] if last.strip(" .") else ""
        if not start and not end:
            raise ValueError("a range needs a beginning or an end")
        if start and end and start >= end:
            raise ValueError("the range ends before it begins")
        return start, end
    bound = _BOUND_PATTERN.fullmatch(text)
    if bound:
        start, end = parse_period(bound[2].strip(), now)
        return {"<": ("", start), "<=": ("", end), ">": (end, ""), ">=": (start, "")}[
            bound[1]
        ]
    return parse_period(text, now)


def parse_period(text: str, now: datetime) -> Range:
    """A year, month, week, day, hour or minute; or how far back from now.

    Raises ValueError.
    """
    now = now.astimezone(UTC)
    today = now.date()
    named = _named_days(text, today)
    if named:
        return _days(*named)
    period = _PERIOD_PATTERN.fullmatch(text)
    if period:
        return _days(
            *_calendar_days(*(int(part) if part else 0 for part in period.groups()))
        )
    if _TIME_PATTERN.fullmatch(text):
        return _clock_time(text)
    return _seconds_back(text, now), ""


def _named_days(text: str, today: date) -> tuple[date, date] | None:
    """First day, and the day after the last, of what has a name."""
    one_day = timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    year = today.replace(month=1, day=1)
    text = text.replace("-", " ")
    if text in WEEKDAYS:
        days_ago = (today.weekday() - WEEKDAYS.index(text)) % 7
        day = today - timedelta(days=days_ago)
        return day, day + one_day
    return {
        "today": (today, today + one_day),
        "yesterday": (today - one_day, today),
        "this week": (monday, monday + 7 * one_day),
        "last week": (monday - 7 * one_day, monday),
        "this month": (first, _next_month(first)),
        "last month": ((first - one_day).replace(day=1), first),
        "this year": (year, year.replace(year=year.year + 1)),
        "last year": (year.replace(year=year.year - 1), year),
    }.get(text)


def _calendar_days(year: int, month: int, day: int) -> tuple[date, date]:
    if not 1 <= year < 9999:
        raise ValueError(f"there is no year {year}")
    if day:
        first = date(year, month, day)
        return first, first + timedelta(days=1)
    if month:
        first = date(year, month, 1)
        return first, _next_month(first)
    return date(year, 1, 1), date(year + 1, 1, 1)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _days(first: date, end: date) -> Range:
    return first.isoformat(), end.isoformat()


def _clock_time(text: str) -> Range:
    """An hour, a minute or a second, in UTC unless the text names another offset."""
    day, _, clock = text.upper().replace(" ", "T", 1).partition("T")
    year, month, number = day.split("-")
    moment = datetime.fromisoformat(
        f"{year}-{int(month):02}-{int(number):02}T{clock.strip().replace(' ', '')}"
    )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    colons = re.split(r"[+Z-]", clock, maxsplit=1)[0].count(":")
    step = (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))[
        min(colons, 2)
    ]
    try:
        start = moment.astimezone(UTC)
        return _format(start), _format(start + step)
    except OverflowError as error:
        raise ValueError("it is out of range in UTC") from error


def _seconds_back(text: str, now: datetime) -> str:
    """The time so long ago. Raises ValueError."""
    from harvester.settings import parse_duration

    text = text.removeprefix("last ").removesuffix(" ago")
    text = re.sub(r"(\d)-([a-z])", r"\1 \2", text)
    if not re.match(r"\d", text):
        raise ValueError(f"{text!r} is not a time")
    return _format(now - timedelta(seconds=parse_duration(text)))


def _format(moment: datetime) -> str:
    """As the archive writes times; a day alone at midnight."""
    if moment.time() == datetime.min.time():
        return moment.date().isoformat()
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
