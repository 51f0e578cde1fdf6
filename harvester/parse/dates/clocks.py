"""A date with its time of day in a short text: ``Updated 4:19 p.m. ET, Dec. 16, 2016``.

The time may come after the date or before it, with a weekday or a word like "at"
between them, and its zone after either. What is found is read by ``date_text``; which
of several dates counts is decided by ``parse.metadata``.
"""

from __future__ import annotations

import re

from harvester.parse.dates import date_text, months

# Characters before a date in which its time of day may stand.
MAX_LOOKBEHIND = 45

_WORD = r"[^\W\d_]{3,12}"
YEAR_PATTERN = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\d/])(?:{YEAR_PATTERN}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|(?:{YEAR_PATTERN}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{1,2}}"
    r"(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?(?:{YEAR_PATTERN}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?[\s-]+(?:de\s+|of\s+)?{_WORD}\.?,?[\s-]+"
    rf"(?:de\s+|del\s+)?{YEAR_PATTERN}"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\.?,?\s+{YEAR_PATTERN})(?![\d/]))",
    re.IGNORECASE,
)
DATE_HINT = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d")
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
_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})(?!\d)")


def find_date(text: str, prefer_month_first: bool = False) -> str:
    """The first date in a short text, with the time of day beside it; "" if none."""
    if not text or DATE_HINT.search(text) is None:  # cheap: most texts hold none
        return ""
    for match in _DATE.finditer(text[:400]):
        day = _us_date_to_iso(match[0]) if prefer_month_first else match[0]
        if date_text.parse_date(day) is None:
            continue
        if re.search(r"\dT\d", day, re.IGNORECASE):
            return day
        time = _time_beside_date(text, match.start(), match.end())
        stated = f"{day} {time}"
        return stated if time and date_text.parse_date(stated) is not None else day
    return ""


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


def _us_date_to_iso(text: str) -> str:
    """``3/4/2020`` as Americans mean it, as an ISO date; other texts unchanged."""
    return _SLASHED_DATE.sub(
        lambda m: (
            f"{date_text.expand_year(m[3])}-{int(m[1]):02}-{int(m[2]):02}"
            if int(m[1]) <= 12
            else m[0]
        ),
        text,
        count=1,
    )
