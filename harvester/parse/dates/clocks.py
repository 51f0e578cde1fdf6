"""A date with its time of day in a short text: ``Updated 4:19 p.m. ET, Dec. 16, 2016``.

The time may come after the date or before it, with a weekday or a word like "at"
between them, and its zone after either. What is found is read by ``date_text``; which
of several dates counts is decided by ``parse.metadata``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from harvester.parse.dates import date_text, months
from harvester.parse.dates.date_text import DayOrder
from harvester.parse.dates.scripts import to_latin

# Characters before a date in which its time of day may stand.
MAX_LOOKBEHIND = 45
MAX_TEXT_LENGTH = 400  # characters that are searched
MAX_DATES = 8

# Latin, or rewritten by ``scripts``.
_WORD = r"[^\W\d_]{3,15}"
YEAR_PATTERN = r"(?:19|20)\d\d"
_NUMERIC_YEAR = r"(?:(?:19|20)\d\d|25[4-9]\d)"  # of the Thai calendar, too
# No part of a version, a telephone number, a file's name or a path.
_NO_NAME_BEFORE = r"(?<![A-Za-z0-9_/.#+=-])"
_NO_NAME_AFTER = r"(?![A-Za-z0-9_/]|[.:]\w|-(?!\d{1,2}:\d\d)\w)"
_DATE = re.compile(
    rf"(?<![\d/]){YEAR_PATTERN}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|(?<![\d/])(?:\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?[\s-]+(?:de\s+|of\s+|d['’])?"
    rf"{_WORD}\.?,?[\s-]+(?:de\s+|del\s+)?{YEAR_PATTERN}"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\.?,?\s+{YEAR_PATTERN}"
    # The year first: 2024. március 12., 2024 m. kovo 12 d., 2024ko martxoaren 12a; and
    # the day before the month in Latvian, Uzbek and Kazakh.
    rf"|{YEAR_PATTERN}(?:\.\s?gada|-yil|\s+жылғы)\s+\d{{1,2}}[.-]?\s?{_WORD}"
    rf"|{YEAR_PATTERN}(?:\.|,|ko)?(?:\s?[^\W\d_]{{1,2}}\.)?\s+{_WORD}\.?\s+\d{{1,2}}"
    r"(?!\s?[:h]\d))(?![\d/])"
    rf"|{_NO_NAME_BEFORE}(?:{_NUMERIC_YEAR}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{1,2}}"
    r"(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?(?:{_NUMERIC_YEAR}|\d\d)){_NO_NAME_AFTER}",
    re.IGNORECASE,
)
# A year, a numeric date, a digit that is not ASCII, a Japanese era, a short Thai year.
_DATE_HINT = re.compile(
    r"(?:19|20|25|1[34])\d\d|\d[./-]\s?\d|(?![0-9])\d|[令平昭民〇]|[ก-๛]\.? ?[4-9]\d(?!\d)"
)
# What each of them holds: found far faster, and most texts hold none.
_DATE_CHARACTER = re.compile(r"[\d令平昭民〇]")
_DIGIT = re.compile("[0-9]")  # where all characters are ASCII
_TIME = (
    r"(?P<eastern>[上下]午|午[前後后]|오[전후])?\s?(?<!\d)(?P<hour>\d{1,2})"
    r"(?:\s?[:：h時时點点시]\s?(?P<minute>\d{2})(?!\d)"
    r"(?::(?P<second>\d{2})(?!\d))?\s?[分분]?"
    r"|\.(?P<dotted>\d{2})(?![\d.])"
    r"|(?=\s?[ap]\.?\s?m\b)|(?=\s?uhr\b))"
    r"\s?(?P<half>[ap]\.?\s?m\b\.?)?(?:\s?(?P<suffix>uhr|h)\b)?"
)
# ``date_text`` knows which of these are zones.
_ZONE = (
    r"(?P<zone>(?-i:GMT|UTC)\s?[+-]\d{1,2}(?::?\d\d)?\b"
    r"|(?-i:[A-Z]{2,4})\b|[+-]\d\d:?\d\d\b)"
)
_TIME_AFTER_DATE = re.compile(
    r"[^\w+]{0,6}(?:(?P<word>[^\W\d_]{1,12})[^\w+]{1,4}"
    rf"(?:(?P<next>[^\W\d_]{{1,7}})\.?\s)?)??{_TIME}(?:\s?\(?{_ZONE})?",
    re.IGNORECASE,
)
_TIME_BEFORE_DATE = re.compile(
    rf"(?P<lead>[^\W\d_]*)[^\w+]{{0,4}}(?<![\w.:]){_TIME}(?:\s?\(?{_ZONE}\)?)?"
    r"[^\w+]{0,4}(?:(?P<word>[^\W\d_]{1,12})[^\w+]{1,4})?$",
    re.IGNORECASE,
)
_ZONE_AFTER_DATE = re.compile(rf"\s?\(?{_ZONE}")
# Words that may stand between a date and its time of day.
_DATE_TIME_JOINERS = frozenset(
    "at um à às a las alle ore klo kl klockan kello h the u o om saat um.".split()
)
_EAST_ASIAN_WEEKDAYS = frozenset("月火水木金土日一二三四五六")
# Words before a time that a date follows; without one it is the length of a video.
_TIME_LEAD_IN = re.compile(
    r"publi|posted|updat|modif|gmt|utc|aktualisier|stand|ver[öo]ffentlicht|actuali"
    r"|mis$|jour$|le$|on$|at$|um$|à$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, with the time of day beside it.

    ``text``: in ISO 8601, or as it stands there if day and month may be swapped;
    ``start`` and ``end``: of the date without its time.
    """

    text: str
    start: int
    end: int


def may_hold_date(text: str) -> bool:
    """Whether a text may hold a date: cheap, and false for most texts."""
    character = _DIGIT if text.isascii() else _DATE_CHARACTER
    return character.search(text) is not None and _DATE_HINT.search(text) is not None


@lru_cache(maxsize=128)
def find_dates(
    text: str, order: DayOrder = "", language: str = "", limit: int = MAX_DATES
) -> tuple[FoundDate, ...]:
    """The dates in a short text that ``scripts.to_latin`` has rewritten."""
    found: list[FoundDate] = []
    text = text[:MAX_TEXT_LENGTH]
    position = 0
    while (match := _DATE.search(text, position)) is not None:
        position = match.end()
        day = date_text.parse_date(match[0], order=order, language=language)
        if day is None and date_text.parse_date(match[0], order="day") is None:
            # "10:30 Updated 2023-11-21": the year is of the next date.
            position = match.start() + 1
            continue
        time = _time_beside_date(text, match.start(), match.end())
        stated = f"{match[0]} {time}".strip() if day is None else _with_time(day, time)
        found.append(FoundDate(stated, match.start(), match.end()))
        if len(found) == limit:
            break
    return tuple(found)


def _with_time(day: tuple[datetime, bool], time: str) -> str:
    moment, has_time = day
    if has_time:
        return moment.isoformat()
    iso_day = moment.date().isoformat()
    parsed = date_text.parse_date(f"{iso_day} {time}") if time else None
    return iso_day if parsed is None else parsed[0].isoformat()


def find_date(text: str, order: DayOrder = "", language: str = "") -> str:
    """The first date in a short text, with the time of day beside it; "" if none."""
    if not may_hold_date(text):
        return ""
    found = find_dates(to_latin(text[:MAX_TEXT_LENGTH]), order, language, limit=1)
    return found[0].text if found else ""


def _time_beside_date(text: str, start: int, end: int) -> str:
    """The time of day beside a date, with its zone, as ``date_text`` reads it."""
    after = _TIME_AFTER_DATE.match(text, end)
    if (
        after is not None
        and all(map(_is_joiner, (after["word"], after["next"])))
        and _is_time_of_day(after)
    ):
        return _format_time(after, after["zone"] or "")
    text_before = text[max(0, start - MAX_LOOKBEHIND) : start]
    if not any(c.isdigit() for c in text_before):
        return ""
    before = _TIME_BEFORE_DATE.search(text_before)
    if before is None or not _is_joiner(before["word"]) or not _is_time_of_day(before):
        return ""
    if before["lead"] and not _TIME_LEAD_IN.search(before["lead"]):
        return ""
    zone_after = _ZONE_AFTER_DATE.match(text, end)
    lead = before["lead"].upper()
    zone = before["zone"] or (
        zone_after["zone"] if zone_after else lead if lead in ("GMT", "UTC") else ""
    )
    return _format_time(before, zone)


def _is_joiner(word: str | None) -> bool:
    return (
        not word
        or word.lower() in _DATE_TIME_JOINERS
        or months.weekday_number(word) is not None
        or word[0] in _EAST_ASIAN_WEEKDAYS
    )


def _is_time_of_day(match: re.Match[str]) -> bool:
    """Whether a match is a time of day and not a decimal number."""
    groups = match.groupdict()
    return not match["dotted"] or bool(
        match["half"] or match["suffix"] or groups["word"] or groups.get("next")
    )


def _format_time(match: re.Match[str], zone: str) -> str:
    half = match["half"] or ""
    if match["eastern"]:
        half = "am" if match["eastern"] in ("上午", "午前", "오전") else "pm"
    time = f"{match['hour']}:{match['minute'] or match['dotted'] or '00'}"
    if match["second"]:
        time += f":{match['second']}"
    return " ".join(filter(None, (time, half, zone)))
