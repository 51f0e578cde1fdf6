"""Times as pages and feeds state them: an instant where a zone is stated, else a day. Pure.

ISO 8601 and RFC 822, and what stands in their place: names of days and months in the languages of Europe, ``3:04 PM``,
zones by name, ``02/01/2006``. Not for: finding a date in running text.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo

EARLIEST = 1900  # feeds of year 1, 1601 and 1970-01-01 mean that they do not know
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:T|\s+)(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?(?![\d:])",
    re.IGNORECASE,
)
# Months by the beginnings of their names: no two months share one in any of these languages.
_MONTHS = (
    "jan gen ene янв ιαν sty led", "feb fev fév fév. févr febr фев φεβ úno lut hel", "mar maa mrt mär maer мар μαρ bře", "apr avr abr апр απρ kwi dub huh",
    "may mai maj mag mei май мая μαΐ μαι kvě", "jun juin juin giu июн ιουν kes", "jul juil lug июл ιουλ lip hei", "aug aoû aou ago авг αυγ sie srp elo",
    "sep set сен σεπ wrz zář syy", "oct okt ott out окт οκτ paź říj lok", "nov нов ноя νοε lis", "dec dez dic déc des дек δεκ gru pro jou",
)  # fmt: skip
_MONTH_OF = {
    "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)): number
    for number, names in enumerate(_MONTHS, 1)
    for name in names.split()
}
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "ist": 5.5, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2,
    "eest": 3, "msk": 3, "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8,
    "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10, "jst": 9, "kst": 9, "awst": 8, "acst": 9.5, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "sast": 2, "brt": -3, "art": -3, "hkt": 8, "sgt": 8,
}  # fmt: skip
_CLOCK = re.compile(
    r"(?<![\d.])(\d{1,2})(?:\s?[:hH]\s?(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?|(?=\s?[ap]\.?m))\s?([ap]\.?m\b\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:gmt|utc|[a-z]{3,4})?\s?([+-])(\d{1,2}):?(\d{2})\b(?!\d)|(?:gmt|utc)([+-])(\d{1,2})\b", re.IGNORECASE
)
_EASTERN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})
_SLASHED = re.compile(r"(?<!\d)(\d{1,4})[/.-] ?(\d{1,2})[/.-] ?(\d{1,4})(?!\d)")


def read(text: str, at: str) -> tuple[str, str] | None:
    """(published, as stated) of a time: UTC ending in Z where a zone is stated, else the day alone. None where it is no
    time, a nonsense one, or more than a day after ``at``, when the page was received."""
    stated = parse(text)
    if stated is None:
        return None
    moment, has_time = stated
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        if aware.astimezone(UTC) > datetime.fromisoformat(at) + timedelta(days=1):
            return None
        utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None
    if moment.tzinfo is None:
        return moment.date().isoformat(), moment.isoformat() if has_time else moment.date().isoformat()
    return utc, moment.isoformat().replace("+00:00", "Z")


def parse(text: str) -> tuple[datetime, bool] | None:
    """The moment that a text states, naive where it states no zone, and whether it states a time of day."""
    text = " ".join(text[:200].translate(_EASTERN).split())[:60]
    try:
        stated = _counted(text) or _iso(text) or _words(text)
    except (ValueError, OverflowError):
        return None
    if stated is None or stated[0].year < EARLIEST or stated[0].date().isoformat() in ("1970-01-01", "1969-12-31"):
        return None
    return stated


def _counted(text: str) -> tuple[datetime, bool] | None:
    """Seconds or milliseconds since 1970."""
    if re.fullmatch(r"1[0-9]{9}(?:[0-9]{3})?", text) is None:
        return None
    return datetime.fromtimestamp(int(text[:10]), UTC), True


def _iso(text: str) -> tuple[datetime, bool] | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        rest = text[match.end() :]
        return None if re.search(r"\d:\d", rest) else (datetime(int(year), int(month), int(day)), False)
    # The milliseconds are left out: nobody states them by hand, and the same article has them in one place and not in another.
    late = 1 if hour == "24" else 0
    moment = datetime(
        int(year),
        int(month),
        int(day),
        int(hour) % 24,
        int(minute),
        min(int(second or 0), 59),
        tzinfo=_zone(zone or text[match.end() :]),
    )
    return moment + timedelta(days=late), True


def _words(text: str) -> tuple[datetime, bool] | None:
    """A date in words or with slashes: the parts are told by what they look like, in any order that is used."""
    clock = _CLOCK.search(text)
    rest = f"{text[: clock.start()]} {text[clock.end() :]}" if clock else text
    rest = _OFFSET.sub(" ", rest) if clock else rest
    day = _slashed(rest) or _named(rest)
    if day is None:
        return None
    zone = _zone(text[clock.end() :] if clock else text)
    if clock is None:
        return (datetime(*day, tzinfo=zone), zone is not None)
    hour, minute, second, half = clock.groups()
    hours = int(hour) % 12 + (12 if half[0] in "pP" else 0) if half else int(hour)
    moment = datetime(*day, hours % 24, int(minute or 0), min(int(second or 0), 59), tzinfo=zone)
    return moment + timedelta(days=1 if hours == 24 else 0), True


def _slashed(text: str) -> tuple[int, int, int] | None:
    match = _SLASHED.search(text)
    if match is None:
        return None
    first, second, third = (int(one) for one in match.groups())
    if len(match[1]) == 4:
        return first, second, third
    if second > 12 or (first <= 12 and "." not in match[0] and re.search(r"\d\s+-\s+$|^\D*\d\d/\d\d/\d\d\s", text)):
        first, second = second, first  # month first, as Drupal and Americans write it
    return year(match[3]), second, first


def _named(text: str) -> tuple[int, int, int] | None:
    month, numbers = 0, []
    for token in re.findall(r"[^\W\d_]+|[0-9]+", text):
        if token.isdigit():
            numbers.append(token)
        else:
            month = _month(token) or month  # the last one: "mar., 02 sept." is a Tuesday
    if not month or len(numbers) not in (2, 3):
        return None
    first, second = numbers[:2]
    return (int(first), month, int(second)) if len(first) == 4 else (year(second), month, int(first))


def _month(word: str) -> int:
    plain = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    if len(plain) < 3:
        return 0
    return _MONTH_OF.get(plain[:4], 0) or _MONTH_OF.get(plain[:3], 0)


def year(digits: str) -> int:
    """A year of two digits as the one that is meant."""
    number = int(digits)
    return number if len(digits) > 2 else number + (2000 if number < 69 else 1900)


def _zone(text: str) -> tzinfo | None:
    match = _OFFSET.search(text)
    if match is not None:
        sign, hours, minutes = match[1] or match[4], int(match[2] or match[5]), int(match[3] or 0)
        if hours > 15 or minutes > 59:
            return None
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    for word in re.findall(r"[A-Za-z]+", text):
        hours_east = _ZONES.get(word.lower()) if word.isupper() or word == "z" else None
        if hours_east is not None:
            return timezone(timedelta(hours=hours_east)) if hours_east else UTC
    return None
