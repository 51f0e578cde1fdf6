"""Times as pages and feeds state them: an instant where a zone is stated, else a day. Pure.

ISO 8601 and RFC 822, and what stands in their place: names of days and months in the languages of Europe, ``3:04 PM``,
zones by name, ``02/01/2006``. Not for: finding a date in running text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from harvester.parse.dates import months
from harvester.parse.dates.zones import get_utc_offset, load_zone

MIN_YEAR = 1900  # feeds of year 1, 1601 and 1970-01-01 mean that they do not know
# The two shapes that nearly all feeds and pages use: RFC 822 as RSS has it, ISO 8601 as Atom and JSON have it.
_RFC_822 = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,? ?)?([0-9]{1,2})[ -]([^\W\d_]{3,12})\.?[ -]([0-9]{4}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ([+-][0-9]{4}|GMT|UTC|Z))?"
)
_ISO_8601 = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:T|\s+|(?<=[0-9]{8})(?=[0-9]{6}(?![0-9])))(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d:])",
    re.IGNORECASE,
)
_PARTIAL_DATE = re.compile(
    r"(\d{4})(?:-?(\d{3})|-(\d{2}))?|-(\d{2})-?(\d{2})"
)  # of ISO 8601 dates: year, ordinal day, month
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "ist": 5.5, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2,
    "eest": 3, "msk": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7,  "akst": -9, "akdt": -8, "hst": -10, "jst": 9, "kst": 9, "awst": 8, "acst": 9.5, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "sast": 2, "brt": -3, "art": -3, "hkt": 8, "sgt": 8,
    "ast": -4, "adt": -3, "nst": -3.5, "ndt": -2.5, "idt": 3, "cat": 2, "eat": 3, "wat": 1, "pkt": 5, "wib": 7, "ict": 7, "myt": 8, "pht": 8,
    "clt": -4, "cot": -5, "pet": -5, "uyt": -3, "trt": 3, "acdt": 10.5, "awdt": 9, "fet": 3, "mut": 4, "npt": 5.75, "met": 1, "mest": 2,
}  # fmt: skip
_US_ZONES = {  # both in summer and in winter
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}
_DOTTED_TIME = re.compile(
    r"\b(?:klo|kl|ore|alle|um)\.? ([0-9]{1,2})\.([0-9]{2})\b|\b([0-9]{1,2})\.([0-9]{2})(?= Uhr\b| ?[ap]\.?m\b)",
    re.IGNORECASE,
)
_TIME_OF_DAY = re.compile(
    r"(?<![\d.])(\d{1,2})(?:\s?[:hH]\s?(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?|(?=\s?[ap]\.?m))\s?([apπμ]\.?\s?[mμ]\b\.?)?",
    re.IGNORECASE,
)
_AM_PM = re.compile(r"\s?[ap]\.?m\b", re.IGNORECASE)
_UTC_OFFSET = re.compile(
    r"(?:gmt|utc|[a-z]{3,4})?\s?(?<!\d)([+-])(\d{1,2}):?(\d{2})\b(?!\d)|(?:gmt|utc)([+-])(\d{1,2})\b|(?:^|(?<=\s))([+-])(\d{2})$",
    re.IGNORECASE,
)
_EAST_ASIAN_UNITS = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " ", "−": "-"}
)
_EAST_ASIAN_TIME = re.compile(
    r"(\d)\s?[時时點点시]\s?(?:(\d{1,2})\s?[分분])?(?:\s?(\d{1,2})\s?[秒초])?"
)
_EAST_ASIAN_AM_PM = re.compile(r"(上午|午前|오전)|(下午|午後|午后|오후|晚上)")
_NUMERIC_DATE = re.compile(r"(?<!\d)(\d{1,4})[/.-] ?(\d{1,2})[/.-] ?(\d{1,4})(?!\d)")
_EPOCH = re.compile(r"1[0-9]{9}(?:(?:[0-9]{3}){1,2}|\.[0-9]+)?")
_HOUR_MINUTE = re.compile(r"\d:\d")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+")


def normalise_date(text: str, captured_at: str) -> tuple[str, str] | None:
    """(published, as stated) of a time: UTC ending in Z where a zone is stated, else the day alone. None where it is no
    time, a nonsense one, or more than a day after ``at``, when the page was received."""
    stated = parse_date(text)
    if stated is None:
        return None
    moment, has_time = stated
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        if aware.astimezone(UTC) > datetime.fromisoformat(captured_at) + timedelta(
            days=1
        ):
            return None
        utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None
    if moment.tzinfo is None:
        return (
            moment.date().isoformat(),
            moment.isoformat() if has_time else moment.date().isoformat(),
        )
    return utc, moment.isoformat().replace("+00:00", "Z")


def parse_date(
    text: str, *, allow_partial: bool = False
) -> tuple[datetime, bool] | None:
    """The moment that a text states, naive where it states no zone, and whether it states a time of day. ``part``: of a
    date that states only its month or year, the first day."""
    text = text[:200]
    if not text.isascii():
        text = _normalise_asian_date(text)
    text = " ".join(text.split())[:60]
    try:
        stated = (
            _parse_rfc_822(text)
            or _parse_iso(text)
            or _parse_epoch(text)
            or (_parse_partial(text) if allow_partial else None)
            or _parse_free_form(text)
        )
    except (ValueError, OverflowError):
        return None
    if stated is None or stated[0].year < MIN_YEAR or (
        stated[0].year in (1969, 1970) and stated[0].date().isoformat() in ("1970-01-01", "1969-12-31")
    ):  # fmt: skip
        return None
    return stated


def _normalise_asian_date(text: str) -> str:
    """Chinese, Japanese, Korean and Vietnamese dates with the signs of others."""
    half = _EAST_ASIAN_AM_PM.search(text)
    text = _EAST_ASIAN_TIME.sub(
        lambda found: f"{found[1]}:{found[2] or '00'}:{found[3] or '00'} ",
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
    day, name, year, hour, minute, second, zone = match.groups()
    month = months.month_number(name)
    if not month:
        return None
    return _combine(
        (int(year), month, int(day)),
        hour,
        minute,
        second,
        _parse_zone(zone) if zone else None,
    )


def _combine(
    day: tuple[int, int, int],
    hour: str | int,
    minute: str | None,
    second: str | None,
    zone: tzinfo | None,
) -> tuple[datetime, bool] | None:
    """A day and a time of day. Midnight may be 24:00, and a minute's last second 60. Fractions of seconds are left out:
    nobody states them by hand, and the same article has them in one place and not in another."""
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    if hours > 24 or seconds > 60 or (hours == 24 and (minutes or seconds)):
        return None
    moment = datetime(*day, hours % 24, minutes, min(seconds, 59), tzinfo=zone)
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
    of, ordinal, month, short, short_month = match.groups()
    if short:
        return datetime(2000 + int(short), int(short_month), 1), False
    if ordinal:
        found = datetime(int(of), 1, 1) + timedelta(days=int(ordinal) - 1)
        return (found, False) if found.year == int(of) else None
    return datetime(int(of), int(month or 1), 1), False


def _parse_iso(text: str) -> tuple[datetime, bool] | None:
    match = _ISO_8601.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    rest = text[match.end() :]
    if hour is None:
        return (
            None
            if _HOUR_MINUTE.search(rest)
            else (datetime(int(year), int(month), int(day)), False)
        )
    if rest and _AM_PM.match(rest):
        return None  # 03:04 PM
    return _combine(
        (int(year), int(month), int(day)),
        hour,
        minute,
        second,
        _parse_zone(zone or rest),
    )


def _parse_free_form(text: str) -> tuple[datetime, bool] | None:
    """A date in words or with slashes: the parts are told by what they look like, in any order that is used."""
    if ":" not in text and "." in text:
        text = _DOTTED_TIME.sub(
            lambda found: f"{found[1] or found[3]}:{found[2] or found[4]}", text
        )
    clock = _TIME_OF_DAY.search(text)
    before, after = (
        (text[: clock.start()], text[clock.end() :]) if clock else (text, "")
    )
    rest = f"{before} {_UTC_OFFSET.sub(' ', after)}" if clock else text
    day = _parse_numeric_date(rest) or _parse_named_month(rest)
    if day is None:
        return None
    zone = _parse_zone(after if clock else text, day)
    if clock is None:
        return datetime(*day, tzinfo=zone), zone is not None
    hour, minute, second, half = clock.groups()
    return _combine(
        day,
        int(hour) % 12 + (12 if half[0] in "pPμΜ" else 0) if half else hour,
        minute,
        second,
        zone,
    )


def _parse_numeric_date(text: str) -> tuple[int, int, int] | None:
    match = _NUMERIC_DATE.search(text)
    if match is None:
        return None
    first, second, third = (int(one) for one in match.groups())
    if len(match[1]) == 4:
        return first, second, third
    if len(match[1]) > 2 or len(match[3]) == 3:
        return None
    of = expand_year(match[3])
    # The day of the week tells, where it is stated; else month first, as Drupal and Americans write it before a time.
    stated = next(
        (
            day
            for one in _TOKEN.findall(text[: match.start()])
            if (day := months.weekday_number(one)) is not None
        ),
        None,
    )
    agree = [
        order
        for order in ((second, first), (first, second))
        if _falls_on((of, *order), stated)
    ]
    if len(agree) == 1:
        return of, *agree[0]
    if second > 12 or (
        first <= 12
        and "." not in match[0]
        and re.search(r"\d\s+-\s+$|^\D*\d\d/\d\d/\d\d\s", text)
    ):
        first, second = second, first
    return of, second, first


def _falls_on(day: tuple[int, int, int], weekday: int | None) -> bool:
    try:
        return datetime(*day).weekday() == weekday
    except ValueError:
        return False


def _parse_named_month(text: str) -> tuple[int, int, int] | None:
    month, numbers = 0, []
    for token in _TOKEN.findall(text):
        if token.isdigit():
            numbers.append(token)
        else:
            month = (
                months.month_number(token) or month
            )  # the last one: "mar., 02 sept." is a Tuesday
    if not month or len(numbers) not in (2, 3):
        return None
    first, second = numbers[:2]
    if len(first) == 4:
        first, second = second, first
    return (
        (expand_year(second), month, int(first))
        if len(first) < 3 and len(second) in (2, 4)
        else None
    )


def expand_year(digits: str) -> int:
    """A year of two digits as the one that is meant."""
    number = int(digits)
    return number if len(digits) > 2 else number + (2000 if number < 69 else 1900)


def _parse_zone(text: str, day: tuple[int, int, int] | None = None) -> tzinfo | None:
    if not text:
        return None
    if text in ("Z", "GMT", "UTC"):
        return UTC
    match = _UTC_OFFSET.search(text)
    if match is not None:
        sign, hours, minutes = (
            match[1] or match[4] or match[6],
            int(match[2] or match[5] or match[7]),
            int(match[3] or 0),
        )
        if hours > 15 or minutes > 59:
            return None
        return timezone(
            (-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes)
        )
    for word in _LATIN_WORD.findall(text):
        if not word.isupper() and word != "z":
            continue
        hours_east = _ZONE_HOURS.get(word.lower())
        ahead = timedelta(hours=hours_east) if hours_east is not None else None
        if word.lower() in _US_ZONES and day:
            ahead = get_utc_offset(
                load_zone(_US_ZONES[word.lower()]), datetime(*day, 12)
            )
        if ahead is not None:
            return timezone(ahead) if ahead else UTC
    return None
