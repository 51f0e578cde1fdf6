"""A date and its time of day, as a short text shows them: ``Updated 4:19 p.m. ET, Dec. 16, 2016``. Pure.

The clock may stand behind the date or before it, with a day of the week or a word like "at" between them, and its zone
behind either. Not for: how a date is written (``dates``), which date counts (``times``).
"""

from __future__ import annotations

import re

from harvester.parse.dates import date_text, months

_WORD = r"[^\W\d_]{3,12}"
YEAR_PATTERN = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?<![\d/])(?:{YEAR_PATTERN}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|(?:{YEAR_PATTERN}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{1,2}}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?(?:{YEAR_PATTERN}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?[\s-]+(?:de\s+|of\s+)?{_WORD}\.?,?[\s-]+(?:de\s+|del\s+)?{YEAR_PATTERN}"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\.?,?\s+{YEAR_PATTERN})(?![\d/]))",
    re.IGNORECASE,
)
DATE_HINT = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d")
_TIME = (
    r"(?P<eastern>[上下]午|午[前後后]|오[전후])?\s?(?<!\d)(?P<hour>\d{1,2})"
    r"(?:\s?[:：h時时點点시]\s?(?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2})(?!\d))?\s?[分분]?"
    r"|\.(?P<dotted>\d{2})(?![\d.])"
    r"|(?=\s?[ap]\.?\s?m\b)|(?=\s?uhr\b))"
    r"\s?(?P<half>[ap]\.?\s?m\b\.?)?(?:\s?(?P<suffix>uhr|h)\b)?"
)
_ZONE = r"(?P<zone>(?-i:GMT|UTC)\s?[+-]\d{1,2}(?::?\d\d)?\b|(?-i:[A-Z]{2,4})\b|[+-]\d\d:?\d\d\b)"  # ``dates`` knows which are zones
# What may stand between a date and its clock.
_DATE_TIME_JOINERS = frozenset(
    "at um à às a las alle ore klo kl klockan kello h the u o om saat um.".split()
)
_EAST_ASIAN_WEEKDAYS = frozenset("月火水木金土日一二三四五六")
_TIME_AFTER_DATE = re.compile(
    rf"[^\w+]{{0,6}}(?:(?P<word>[^\W\d_]{{1,12}})[^\w+]{{1,4}}(?:(?P<next>[^\W\d_]{{1,7}})\.?\s)?)??{_TIME}(?:\s?\(?{_ZONE})?",
    re.IGNORECASE,
)
_TIME_BEFORE_DATE = re.compile(
    rf"(?P<lead>[^\W\d_]*)[^\w+]{{0,4}}(?<![\w.:]){_TIME}(?:\s?\(?{_ZONE}\)?)?[^\w+]{{0,4}}(?:(?P<word>[^\W\d_]{{1,12}})[^\w+]{{1,4}})?$",
    re.IGNORECASE,
)
_ZONE_AFTER_DATE = re.compile(rf"\s?\(?{_ZONE}")
# What may stand before a clock that a date follows; else it is how long a video takes.
_TIME_LEAD_IN = re.compile(r"publi|posted|updat|modif|gmt|utc|aktualisier|stand|ver[öo]ffentlicht|actuali|mis$|jour$|le$|on$|at$|um$|à$", re.IGNORECASE)  # fmt: skip
MAX_LOOKBEHIND = 45  # characters before a date in which its clock stands


def find_date(text: str, prefer_month_first: bool = False) -> str:
    """The first date that stands in a short text, with its time of day where one stands beside it; "" where none does."""
    if not text or DATE_HINT.search(text) is None:  # cheap: most texts hold none
        return ""
    for match in _DATE.finditer(text[:400]):
        day = us_date_to_iso(match[0]) if prefer_month_first else match[0]
        if date_text.parse_date(day) is None:
            continue
        clock = (
            ""
            if re.search(r"\dT\d", day, re.IGNORECASE)
            else _time_beside_date(text, match.start(), match.end())
        )
        stated = f"{day} {clock}"
        return stated if clock and date_text.parse_date(stated) is not None else day
    return ""


def _time_beside_date(text: str, start: int, end: int) -> str:
    """The time of day that stands beside a date, with its zone, in plain words."""
    after = _TIME_AFTER_DATE.match(text, end)
    if (
        after is not None
        and all(map(_is_joiner, (after["word"], after["next"])))
        and _is_time_of_day(after)
    ):
        return _format_time(after, after["zone"] or "")
    if not any(c.isdigit() for c in text[max(0, start - MAX_LOOKBEHIND) : start]):
        return ""
    before = _TIME_BEFORE_DATE.search(text[max(0, start - MAX_LOOKBEHIND) : start])
    if before is None or not _is_joiner(before["word"]) or not _is_time_of_day(before):
        return ""
    if before["lead"] and not _TIME_LEAD_IN.search(before["lead"]):
        return ""
    behind = _ZONE_AFTER_DATE.match(text, end)
    led = before["lead"].upper()
    zone = before["zone"] or (
        behind["zone"] if behind else led if led in ("GMT", "UTC") else ""
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
    """Whether it is one, and no number with a fraction."""
    named = match.groupdict()
    return not match["dotted"] or bool(
        match["half"] or match["suffix"] or named["word"] or named.get("next")
    )


def _format_time(match: re.Match[str], zone: str) -> str:
    half = match["half"] or ""
    if match["eastern"]:
        half = "am" if match["eastern"] in ("上午", "午前", "오전") else "pm"
    clock = f"{match['hour']}:{match['minute'] or match['dotted'] or '00'}"
    return " ".join(
        filter(
            None,
            (clock + (f":{match['second']}" if match["second"] else ""), half, zone),
        )
    )


_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})(?!\d)")


def us_date_to_iso(text: str) -> str:
    """``3/4/2020`` as Americans mean it, as an ISO date; other texts as they are."""
    return _SLASHED_DATE.sub(
        lambda m: (
            f"{date_text.expand_year(m[3])}-{int(m[1]):02}-{int(m[2]):02}"
            if int(m[1]) <= 12
            else m[0]
        ),
        text,
        count=1,
    )
