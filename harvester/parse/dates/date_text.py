"""Times as feeds and pages write them: an instant if a zone is stated, else a day.

Reads ISO 8601, RFC 822 and what is written in their place: names of days and months in
the languages of Europe, ``3:04 PM``, zones by name, ``02/01/2006``. Other scripts and
calendars are rewritten by ``scripts`` first. A date in running text is found by
``clocks``.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from harvester.parse.dates import months
from harvester.parse.dates.calendars import BUDDHIST_YEARS_AHEAD
from harvester.parse.dates.scripts import replace_east_asian_units, to_latin
from harvester.parse.dates.zone_text import UTC_OFFSET, parse_zone

# Whether the day or the month comes first in ``3/4/2020``; "" if that is not known.
DayOrder = Literal["", "day", "month"]

MAX_TEXT_LENGTH = 200  # characters that are read
# Feeds write year 1, 1601, 9999 or 1970-01-01 for an unknown date.
MIN_YEAR, MAX_YEAR = 1900, 2100
_UNKNOWN_DATES = ("1970-01-01", "1969-12-31")
_BUDDHIST_YEARS = range(2480, 2601)

# The two formats of nearly all feeds and pages: RFC 822 in RSS, ISO 8601 in Atom and
# JSON.
_RFC_822 = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? ?)?([0-9]{1,2})[ -]([^\W\d_]{3,12})\.?[ -]([0-9]{4}) "
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ([+-][0-9]{4}|GMT|UTC|Z))?"
)
# Calendar, week and ordinal dates; Google's months have a zero too many.
_ISO_8601 = re.compile(
    r"(\d{4})(?:-?(\d{2})-?(\d{2})|-0(\d{2})-(\d{2})|-?W(\d{2})-?([1-7])|-?(\d{3})(?=T))"
    r"(?:(?:T|\s+|(?<=[0-9]{8})(?=[0-9]{6}(?![0-9])))"
    r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,]\d+|:\d{3}(?!\d))?)?|(?<=T\d\d)(?=[Z+-]|$))"
    r"\s*(Z|(?:UTC|GMT)(?!\s?[+-]\d)|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d:])",
    re.IGNORECASE,
)
# What follows an ISO date that is something else: 2013-01-27-01, T09:xx, Zone.
_NOT_ISO = re.compile(r"T(?!$)|-|:(?!\d)|(?<=[\dz])[a-z]{2}", re.IGNORECASE)
_NO_ZONE = re.compile(r"[+-](?:[a-z]{2}:\d|\d\d:[a-z])", re.IGNORECASE)
# Incomplete ISO 8601 dates: year, ordinal day, month, week.
_PARTIAL_DATE = re.compile(
    r"(\d{4})(?:-?(\d{3})|-(\d{2})|-?W(\d{2}))?|-(\d{2})-?(\d{2})"
)
# Without a century, and not a year and its month.
_COMPACT_DATE = re.compile(r"(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])$)(\d{2})(\d{2})(\d{2})")
_OTHER_HYPHENS = re.compile(r"(?<=[0-9])[‐‑–](?=[0-9])")
_COLONS_IN_DATE = re.compile(r"((?:19|20)\d\d):(\d\d):(\d\d)(?= \d\d:)")  # of cameras
_MIDNIGHT_BEFORE_TIME = re.compile(r"\s00:00:00(?:\.0+)?(?=\s\d\d:\d\d)")
_HOUR_ALONE = re.compile(r"(?<=\d{4} )(\d{1,2})(?= [+-]\d{4}$)")
_SPACED_DATE = re.compile(r"^([^\W\d_]{2,12}[.,]{0,2}) (\d\d) (\d\d) (\d{4})\b")
_DOTTED_TIME = re.compile(
    r"\b(?:klo|kl|ore|alle|um)\.? ([0-9]{1,2})\.([0-9]{2})\b"
    r"|\b([0-9]{1,2})\.([0-9]{2})(?= Uhr\b| ?[ap]\.?m\b)",
    re.IGNORECASE,
)
# After a year a number with points is a time of day: "02 Jan 2006 15.04.05 GMT".
_DOTTED_TIME_AFTER_YEAR = re.compile(
    r"(?<=[0-9]{4} )([0-9]{1,2})\.([0-9]{2})(?:\.([0-9]{2}))?(?![.0-9])"
)
_TIME_OF_DAY = re.compile(
    r"(?<![\d.])(\d{1,2})"
    r"(?:\s?[:hH]\s?(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?(?!:?\d))?|(?=\s?[ap]\.?m))"
    r"\s?([apπμ]\.?\s?[mμ]\b\.?)?",
    re.IGNORECASE,
)
_FOUR_PART_TIME = re.compile(r"\d:\d{1,2}:\d{1,2}:(?!00\b|\d{3}\b)\d")
_AM_PM = re.compile(r"\s?[ap]\.?m\b", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})([/.-]) ?(\d{1,2})[/.-] ?(\d{1,4})(?!\d)")
_EPOCH = re.compile(r"1[0-9]{9}(?:(?:[0-9]{3}){1,2}|\.[0-9]+)?")
_HOUR_MINUTE = re.compile(r"\d:\d")
_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+")


def normalise_date(
    text: str, captured_at: str, order: DayOrder = ""
) -> tuple[str, str] | None:
    """(published, published_local) of a written time.

    ``published`` is UTC ending in Z if a zone is stated, else the day alone. None if
    the text is not a time, or one more than a day after ``captured_at``, when the page
    was received; or if its day and its month may be swapped, and neither ``order`` nor
    ``captured_at`` tells which is which.
    """
    return _normalise_text(text[:MAX_TEXT_LENGTH], captured_at, order)


@lru_cache(maxsize=128)
def _normalise_text(
    text: str, captured_at: str, order: DayOrder
) -> tuple[str, str] | None:
    """What ``normalise_date`` says; a page states the same time in several places."""
    parsed = parse_date(text, order=order)
    if parsed is not None:
        return _normalise(*parsed, captured_at)
    if order:
        return None
    orders: tuple[DayOrder, DayOrder] = ("day", "month")
    possible = {_normalise_text(text, captured_at, order) for order in orders} - {None}
    return possible.pop() if len(possible) == 1 else None


def _normalise(
    moment: datetime, has_time: bool, captured_at: str
) -> tuple[str, str] | None:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        latest = datetime.fromisoformat(captured_at) + timedelta(days=1)
        if aware.astimezone(UTC) > latest:
            return None
        utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None
    if moment.tzinfo is None:
        day = moment.date().isoformat()
        return day, moment.isoformat() if has_time else day
    return utc, moment.isoformat().replace("+00:00", "Z")


def parse_date(
    text: str,
    *,
    allow_partial: bool = False,
    order: DayOrder = "",
    language: str = "",
) -> tuple[datetime, bool] | None:
    """The moment that a text states, and whether it states a time of day.

    The moment is naive if no zone is stated. With ``allow_partial``, a date that states
    only its month or year is the first day of it. None for ``3/4/2020`` unless
    ``order`` tells what comes first. ``language``: an ISO 639 code, for names that mean
    different months in different languages.
    """
    text = text[:MAX_TEXT_LENGTH]
    if not text.isascii():
        text = replace_east_asian_units(to_latin(_OTHER_HYPHENS.sub("-", text)))
    return _parse_line(" ".join(text.split())[:60], allow_partial, order, language)


@lru_cache(maxsize=256)
def _parse_line(
    text: str, allow_partial: bool, order: DayOrder, language: str
) -> tuple[datetime, bool] | None:
    """What ``parse_date`` says of a text on one line."""
    try:
        parsed = (
            _parse_rfc_822(text, language)
            or _parse_iso(text)
            or _parse_epoch(text)
            or (_parse_partial(text, language) if allow_partial else None)
            or _parse_free_form(text, order, language)
        )
    except (ValueError, OverflowError):
        return None
    if parsed is None:
        return None
    day = parsed[0].date()
    if not MIN_YEAR <= day.year <= MAX_YEAR or day.isoformat() in _UNKNOWN_DATES:
        return None
    return parsed


def _parse_rfc_822(text: str, language: str) -> tuple[datetime, bool] | None:
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, month_name, year, hour, minute, second, zone = match.groups()
    month = months.month_number(month_name, language)
    if not month:
        return None
    return _combine((int(year), month, int(day)), hour, minute, second, zone or "")


def _combine(
    day: tuple[int, int, int],
    hour: str | int,
    minute: str | None,
    second: str | None,
    zone_text: str,
) -> tuple[datetime, bool] | None:
    """A date and a time of day.

    Midnight may be 24:00, and the 60th second begins the next minute, as POSIX counts.
    Fractions of seconds are dropped: nobody writes them by hand, and an article has
    them in one place and not in another.
    """
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if hours > 24 or seconds > 60 or (hours == 24 and (minutes or seconds)):
        return None
    moment = datetime(*_gregorian(day), hours % 24, minutes, min(seconds, 59))
    moment += timedelta(days=hours // 24, seconds=seconds // 60)
    return moment.replace(tzinfo=parse_zone(zone_text, moment)), True


def _gregorian(day: tuple[int, int, int]) -> tuple[int, int, int]:
    """A date whose year may be of the Thai calendar as a Gregorian date."""
    year, month, day_of_month = day
    if year in _BUDDHIST_YEARS:
        year -= BUDDHIST_YEARS_AHEAD
    return year, month, day_of_month


def _parse_epoch(text: str) -> tuple[datetime, bool] | None:
    """Seconds, milliseconds or microseconds since 1970."""
    if _EPOCH.fullmatch(text) is None:
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC), True


def _parse_partial(text: str, language: str) -> tuple[datetime, bool] | None:
    compact = _COMPACT_DATE.fullmatch(text)
    if compact is not None:
        year, month, day = compact.groups()
        return datetime(expand_year(year), int(month), int(day)), False
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return _parse_month_alone(text, language)
    year, ordinal, month, week, short_year, short_month = match.groups()
    if short_year:
        return datetime(2000 + int(short_year), int(short_month), 1), False
    if week:
        return _week_date(year, week, "1"), False
    if ordinal:
        return _ordinal_date(year, ordinal), False
    return datetime(int(year), int(month or 1), 1), False


def _parse_month_alone(text: str, language: str) -> tuple[datetime, bool] | None:
    """``Nov. 2020``."""
    tokens = _TOKEN.findall(text)
    if len(tokens) != 2 or not (tokens[1].isdigit() and len(tokens[1]) == 4):
        return None
    month = months.month_number(tokens[0], language)
    return (datetime(int(tokens[1]), month, 1), False) if month else None


def _ordinal_date(year: str, ordinal: str) -> datetime:
    day = datetime(int(year), 1, 1) + timedelta(days=int(ordinal) - 1)
    if day.year != int(year):
        raise ValueError("no such day of the year")
    return day


def _week_date(year: str, week: str, weekday: str) -> datetime:
    day = date.fromisocalendar(int(year), int(week), int(weekday))
    return datetime(day.year, day.month, day.day)


def _parse_iso(text: str) -> tuple[datetime, bool] | None:
    text = _COLONS_IN_DATE.sub(r"\1-\2-\3", _MIDNIGHT_BEFORE_TIME.sub("", text))
    match = _ISO_8601.match(text)
    if match is None:
        return None
    year, month, day, long_month, its_day, week, weekday, ordinal = match.groups()[:8]
    hour, minute, second, zone = match.groups()[8:]
    if week or ordinal:
        found = (
            _week_date(year, week, weekday) if week else _ordinal_date(year, ordinal)
        )
        numbers = found.year, found.month, found.day
    else:
        numbers = int(year), int(month or long_month), int(day or its_day)
    rest = text[match.end() :]
    if (hour is None and _HOUR_MINUTE.search(rest)) or _AM_PM.match(rest):
        return None  # 03:04 PM
    if _NO_ZONE.match(rest) or (
        (hour is None or zone) and _NOT_ISO.match(text, match.end())
    ):
        raise ValueError("more than a date")
    if hour is None:
        return datetime(*_gregorian(numbers)), False
    return _combine(numbers, hour, minute, second, zone or rest)


def _parse_free_form(
    text: str, order: DayOrder, language: str
) -> tuple[datetime, bool] | None:
    """A date in words or with slashes, its parts in any order that is used."""
    if _FOUR_PART_TIME.search(text) or _NO_ZONE.search(text):
        return None
    text = _HOUR_ALONE.sub(r"\1:00", text)
    text = _SPACED_DATE.sub(r"\1 \2/\3/\4", text)
    if ":" not in text and "." in text:
        text = _DOTTED_TIME.sub(
            lambda match: f"{match[1] or match[3]}:{match[2] or match[4]}", text
        )
        text = _DOTTED_TIME_AFTER_YEAR.sub(
            lambda match: ":".join(filter(None, match.groups())), text
        )
    time = _TIME_OF_DAY.search(text)
    if time is None:
        zone_part, date_part = text, text
    else:
        zone_part = text[time.end() :]
        date_part = f"{text[: time.start()]} {UTC_OFFSET.sub(' ', zone_part)}"
    numbers = _parse_numeric_date(date_part, order) or _parse_named_month(
        date_part, language
    )
    if numbers is None:
        return None
    if time is None:
        day = datetime(*_gregorian(numbers))
        zone: tzinfo | None = parse_zone(zone_part, day)
        return day.replace(tzinfo=zone), zone is not None
    hour, minute, second, half = time.groups()
    if half:
        hour = int(hour) % 12 + (12 if half[0] in "pPμΜ" else 0)
    return _combine(numbers, hour, minute, second, zone_part)


def _parse_numeric_date(text: str, order: DayOrder) -> tuple[int, int, int] | None:
    match = _NUMERIC_DATE.search(text)
    if match is None:
        return None
    first, second, third = (int(match[n]) for n in (1, 3, 4))
    if len(match[1]) == 4:
        return (first, second, third) if len(match[4]) < 3 else None
    if len(match[1]) > 2 or len(match[4]) == 3:
        return None
    readings = []
    if len(match[4]) > 1:
        year = expand_year(match[4])
        readings += [(year, second, first), (year, first, second)]
    if len(match[4]) < 3 and len(match[1]) == 2 and match[2] != ".":
        readings.append((expand_year(match[1]), second, third))
    readings = [numbers for numbers in readings if _is_day(numbers)]
    # A stated weekday decides, then what is usual.
    weekday = _first_weekday(text[: match.start()])
    if weekday is not None:
        agreeing = [numbers for numbers in readings if _falls_on(numbers, weekday)]
        readings = agreeing or readings
    if len(set(readings)) > 1:
        year = expand_year(match[4])
        if order == "day" or match[2] == ".":
            readings = [(year, second, first)]
        elif order == "month":
            readings = [(year, first, second)]
        else:
            return None
    return readings[0] if readings else None


def _first_weekday(text: str) -> int | None:
    numbers = map(months.weekday_number, _TOKEN.findall(text))
    return next((number for number in numbers if number is not None), None)


def _is_day(numbers: tuple[int, int, int]) -> bool:
    try:
        return bool(date(*_gregorian(numbers)))
    except ValueError:
        return False


def _falls_on(numbers: tuple[int, int, int], weekday: int) -> bool:
    return date(*_gregorian(numbers)).weekday() == weekday


def _parse_named_month(text: str, language: str) -> tuple[int, int, int] | None:
    month, numbers = 0, []
    for token in _TOKEN.findall(text):
        if token.isdigit():
            numbers.append(token)
        else:  # the last one counts: "mar., 02 sept." is a Tuesday
            month = months.month_number(token, language) or month
    if not month or len(numbers) not in (2, 3):
        return None
    day, year = numbers[:2]
    if len(day) == 4:
        day, year = year, day
    if len(day) < 3 and len(year) in (2, 4):
        return expand_year(year), month, int(day)
    return None


def expand_year(digits: str) -> int:
    """A year of two digits as the four-digit year that is meant."""
    number = int(digits)
    return number if len(digits) > 2 else number + (2000 if number < 69 else 1900)
