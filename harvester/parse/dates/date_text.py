"""Times as feeds and pages write them: an instant if a zone is stated, else a day.

Reads ISO 8601, RFC 822 and what is written in their place: names of days and months in
the languages of Europe, ``3:04 PM``, zones by name, ``02/01/2006``. A date in running
text is found by ``clocks``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from harvester.parse.dates import months
from harvester.parse.dates.zones import get_utc_offset, load_zone

MIN_YEAR = 1900  # feeds write year 1, 1601 or 1970-01-01 for an unknown date
_UNKNOWN_DATES = ("1970-01-01", "1969-12-31")

# The two formats of nearly all feeds and pages: RFC 822 in RSS, ISO 8601 in Atom and
# JSON.
_RFC_822 = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? ?)?([0-9]{1,2})[ -]([^\W\d_]{3,12})\.?[ -]([0-9]{4}) "
    r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ([+-][0-9]{4}|GMT|UTC|Z))?"
)
_ISO_8601 = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:(?:T|\s+|(?<=[0-9]{8})(?=[0-9]{6}(?![0-9])))"
    r"(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d:])",
    re.IGNORECASE,
)
# Incomplete ISO 8601 dates: year, ordinal day, month.
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-?(\d{3})|-(\d{2}))?|-(\d{2})-?(\d{2})")
_DOTTED_TIME = re.compile(
    r"\b(?:klo|kl|ore|alle|um)\.? ([0-9]{1,2})\.([0-9]{2})\b"
    r"|\b([0-9]{1,2})\.([0-9]{2})(?= Uhr\b| ?[ap]\.?m\b)",
    re.IGNORECASE,
)
_TIME_OF_DAY = re.compile(
    r"(?<![\d.])(\d{1,2})"
    r"(?:\s?[:hH]\s?(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?|(?=\s?[ap]\.?m))"
    r"\s?([apπμ]\.?\s?[mμ]\b\.?)?",
    re.IGNORECASE,
)
_AM_PM = re.compile(r"\s?[ap]\.?m\b", re.IGNORECASE)
_UTC_OFFSET = re.compile(
    r"(?:gmt|utc|[a-z]{3,4})?\s?(?<!\d)([+-])(\d{1,2}):?(\d{2})\b(?!\d)"
    r"|(?:gmt|utc)([+-])(\d{1,2})\b"
    r"|(?:^|(?<=\s))([+-])(\d{2})$",
    re.IGNORECASE,
)
_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})[/.-] ?(\d{1,2})[/.-] ?(\d{1,4})(?!\d)")
_MONTH_FIRST_CONTEXT = re.compile(r"\d\s+-\s+$|^\D*\d\d/\d\d/\d\d\s")
_EPOCH = re.compile(r"1[0-9]{9}(?:(?:[0-9]{3}){1,2}|\.[0-9]+)?")
_HOUR_MINUTE = re.compile(r"\d:\d")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+")

_EAST_ASIAN_UNITS = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " ", "−": "-"}
)
_EAST_ASIAN_TIME = re.compile(
    r"(\d)\s?[時时點点시]\s?(?:(\d{1,2})\s?[分분])?(?:\s?(\d{1,2})\s?[秒초])?"
)
_EAST_ASIAN_AM_PM = re.compile(r"(上午|午前|오전)|(下午|午後|午后|오후|晚上)")

# Hours ahead of UTC by the zone's abbreviation.
_ZONE_HOURS = {
    name: hours
    for hours, names in (
        (-10, "hst"),
        (-9, "akst"),
        (-8, "pst akdt"),
        (-7, "mst pdt"),
        (-6, "cst mdt"),
        (-5, "est cdt cot pet"),
        (-4, "edt ast clt"),
        (-3.5, "nst"),
        (-3, "adt brt art uyt"),
        (-2.5, "ndt"),
        (0, "z ut utc gmt wet"),
        (1, "bst west cet mez met wat"),
        (2, "cest mesz mest eet sast cat"),
        (3, "eest msk idt eat trt fet"),
        (4, "mut"),
        (5, "pkt"),
        (5.5, "ist"),
        (5.75, "npt"),
        (7, "wib ict"),
        (8, "awst hkt sgt myt pht"),
        (9, "jst kst awdt"),
        (9.5, "acst"),
        (10, "aest"),
        (10.5, "acdt"),
        (11, "aedt"),
        (12, "nzst"),
        (13, "nzdt"),
    )
    for name in names.split()
}
# Abbreviations that mean the zone in summer and in winter.
_US_ZONES = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}


def normalise_date(text: str, captured_at: str) -> tuple[str, str] | None:
    """(published, published_local) of a written time.

    ``published`` is UTC ending in Z if a zone is stated, else the day alone. None if
    the text is not a time, or one more than a day after ``captured_at``, when the page
    was received.
    """
    parsed = parse_date(text)
    if parsed is None:
        return None
    moment, has_time = parsed
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
    text: str, *, allow_partial: bool = False
) -> tuple[datetime, bool] | None:
    """The moment that a text states, and whether it states a time of day.

    The moment is naive if no zone is stated. With ``allow_partial``, a date that states
    only its month or year is the first day of it.
    """
    text = text[:200]
    if not text.isascii():
        text = _normalise_asian_date(text)
    text = " ".join(text.split())[:60]
    try:
        parsed = (
            _parse_rfc_822(text)
            or _parse_iso(text)
            or _parse_epoch(text)
            or (_parse_partial(text) if allow_partial else None)
            or _parse_free_form(text)
        )
    except (ValueError, OverflowError):
        return None
    if parsed is None:
        return None
    day = parsed[0].date()
    if day.year < MIN_YEAR or day.isoformat() in _UNKNOWN_DATES:
        return None
    return parsed


def _normalise_asian_date(text: str) -> str:
    """A Chinese, Japanese, Korean or Vietnamese date with the separators of others."""
    half = _EAST_ASIAN_AM_PM.search(text)
    text = _EAST_ASIAN_TIME.sub(
        lambda match: f"{match[1]}:{match[2] or '00'}:{match[3] or '00'} ",
        text.translate(_EAST_ASIAN_UNITS),
    )
    if half:
        text = re.sub(
            r"(:\d\d)(?!:)",
            r"\1 am " if half[1] else r"\1 pm ",
            text.replace(half[0], " "),
            count=1,
        )
    return re.sub(
        r"(\d{1,2}),? tháng (\d{1,2}),?(?: năm)? (\d{4})",
        r"\1.\2.\3",
        text,
        flags=re.IGNORECASE,
    )


def _parse_rfc_822(text: str) -> tuple[datetime, bool] | None:
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, month_name, year, hour, minute, second, zone = match.groups()
    month = months.month_number(month_name)
    if not month:
        return None
    date = int(year), month, int(day)
    return _combine(date, hour, minute, second, _parse_zone(zone) if zone else None)


def _combine(
    date: tuple[int, int, int],
    hour: str | int,
    minute: str | None,
    second: str | None,
    zone: tzinfo | None,
) -> tuple[datetime, bool] | None:
    """A date and a time of day.

    Midnight may be 24:00, and a minute's last second 60. Fractions of seconds are
    dropped: nobody writes them by hand, and an article has them in one place and not in
    another.
    """
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if hours > 24 or seconds > 60 or (hours == 24 and (minutes or seconds)):
        return None
    moment = datetime(*date, hours % 24, minutes, min(seconds, 59), tzinfo=zone)
    return (moment + timedelta(days=1) if hours == 24 else moment), True


def _parse_epoch(text: str) -> tuple[datetime, bool] | None:
    """Seconds, milliseconds or microseconds since 1970."""
    if _EPOCH.fullmatch(text) is None:
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC), True


def _parse_partial(text: str) -> tuple[datetime, bool] | None:
    match = _PARTIAL_DATE.fullmatch(text)
    if match is None:
        return None
    year, ordinal, month, short_year, short_month = match.groups()
    if short_year:
        return datetime(2000 + int(short_year), int(short_month), 1), False
    if ordinal:
        day = datetime(int(year), 1, 1) + timedelta(days=int(ordinal) - 1)
        return (day, False) if day.year == int(year) else None
    return datetime(int(year), int(month or 1), 1), False


def _parse_iso(text: str) -> tuple[datetime, bool] | None:
    match = _ISO_8601.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    date = int(year), int(month), int(day)
    rest = text[match.end() :]
    if hour is None:
        return None if _HOUR_MINUTE.search(rest) else (datetime(*date), False)
    if rest and _AM_PM.match(rest):
        return None  # 03:04 PM
    return _combine(date, hour, minute, second, _parse_zone(zone or rest))


def _parse_free_form(text: str) -> tuple[datetime, bool] | None:
    """A date in words or with slashes, its parts in any order that is used."""
    if ":" not in text and "." in text:
        text = _DOTTED_TIME.sub(
            lambda match: f"{match[1] or match[3]}:{match[2] or match[4]}", text
        )
    time = _TIME_OF_DAY.search(text)
    if time is None:
        zone_part, date_part = text, text
    else:
        zone_part = text[time.end() :]
        date_part = f"{text[: time.start()]} {_UTC_OFFSET.sub(' ', zone_part)}"
    date = _parse_numeric_date(date_part) or _parse_named_month(date_part)
    if date is None:
        return None
    zone = _parse_zone(zone_part, date)
    if time is None:
        return datetime(*date, tzinfo=zone), zone is not None
    hour, minute, second, half = time.groups()
    if half:
        hour = int(hour) % 12 + (12 if half[0] in "pPμΜ" else 0)
    return _combine(date, hour, minute, second, zone)


def _parse_numeric_date(text: str) -> tuple[int, int, int] | None:
    match = _NUMERIC_DATE.search(text)
    if match is None:
        return None
    first, second, third = (int(number) for number in match.groups())
    if len(match[1]) == 4:
        return first, second, third
    if len(match[1]) > 2 or len(match[3]) == 3:
        return None
    year = expand_year(match[3])
    # A stated weekday decides; without one the month comes first as Drupal and
    # Americans write it before a time, else the day.
    weekday = _first_weekday(text[: match.start()])
    agreeing = [
        order
        for order in ((second, first), (first, second))
        if _falls_on((year, *order), weekday)
    ]
    if len(agreeing) == 1:
        return year, *agreeing[0]
    if second > 12 or (
        first <= 12 and "." not in match[0] and _MONTH_FIRST_CONTEXT.search(text)
    ):
        first, second = second, first
    return year, second, first


def _first_weekday(text: str) -> int | None:
    numbers = map(months.weekday_number, _TOKEN.findall(text))
    return next((number for number in numbers if number is not None), None)


def _falls_on(date: tuple[int, int, int], weekday: int | None) -> bool:
    try:
        return datetime(*date).weekday() == weekday
    except ValueError:
        return False


def _parse_named_month(text: str) -> tuple[int, int, int] | None:
    month, numbers = 0, []
    for token in _TOKEN.findall(text):
        if token.isdigit():
            numbers.append(token)
        else:  # the last one counts: "mar., 02 sept." is a Tuesday
            month = months.month_number(token) or month
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


def _parse_zone(text: str, date: tuple[int, int, int] | None = None) -> tzinfo | None:
    """The zone that a text names, by offset or by abbreviation; None if none."""
    if not text:
        return None
    if text in ("Z", "GMT", "UTC"):
        return UTC
    match = _UTC_OFFSET.search(text)
    if match is not None:
        sign = match[1] or match[4] or match[6]
        hours, minutes = int(match[2] or match[5] or match[7]), int(match[3] or 0)
        if hours > 15 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if sign == "-" else offset)
    for word in _LATIN_WORD.findall(text):
        if not word.isupper() and word != "z":
            continue
        named_offset = _named_offset(word.lower(), date)
        if named_offset is not None:
            return timezone(named_offset) if named_offset else UTC
    return None


def _named_offset(
    abbreviation: str, date: tuple[int, int, int] | None
) -> timedelta | None:
    """The UTC offset of a zone by its abbreviation, on that date; None if unknown."""
    if abbreviation in _US_ZONES and date:
        zone = load_zone(_US_ZONES[abbreviation])
        return get_utc_offset(zone, datetime(*date, 12))
    hours = _ZONE_HOURS.get(abbreviation)
    return timedelta(hours=hours) if hours is not None else None
