"""A date and its time of day, as a short text shows them: ``Updated 4:19 p.m. ET, Dec. 16, 2016``. Pure.

The clock may stand behind the date or before it, with a day of the week or a word like "at" between them, and its zone
behind either. Not for: how a date is written (``dates``), which date counts (``times``).
"""

from __future__ import annotations

import re

from harvester.parse.dates import date_text, months

_WORD = r"[^\W\d_]{3,12}"
YEAR = r"(?:19|20)\d\d"
_DAY = re.compile(
    rf"(?<![\d/])(?:{YEAR}\s?[年년]\s?\d{{1,2}}\s?[月월]\s?\d{{1,2}}\s?[日일]"
    rf"|(?:{YEAR}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{1,2}}(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
    rf"|\d{{1,2}}[./-]\s?\d{{1,2}}[./-]\s?(?:{YEAR}|\d\d)"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|º|ª|\.)?[\s-]+(?:de\s+|of\s+)?{_WORD}\.?,?[\s-]+(?:de\s+|del\s+)?{YEAR}"
    rf"|{_WORD}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\.?,?\s+{YEAR})(?![\d/]))",
    re.IGNORECASE,
)
YEARLIKE = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d")
_TIME = (
    r"(?P<eastern>[上下]午|午[前後后]|오[전후])?\s?(?<!\d)(?P<hour>\d{1,2})"
    r"(?:\s?[:：h時时點点시]\s?(?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2})(?!\d))?\s?[分분]?"
    r"|\.(?P<dotted>\d{2})(?![\d.])"
    r"|(?=\s?[ap]\.?\s?m\b)|(?=\s?uhr\b))"
    r"\s?(?P<half>[ap]\.?\s?m\b\.?)?(?:\s?(?P<suffix>uhr|h)\b)?"
)
_ZONE = r"(?P<zone>(?-i:GMT|UTC)\s?[+-]\d{1,2}(?::?\d\d)?\b|(?-i:[A-Z]{2,4})\b|[+-]\d\d:?\d\d\b)"  # ``dates`` knows which are zones
# What may stand between a date and its clock.
_AT = frozenset(
    "at um à às a las alle ore klo kl klockan kello h the u o om saat um.".split()
)
_WEEKDAYS = frozenset("月火水木金土日一二三四五六")
_AFTER = re.compile(
    rf"[^\w+]{{0,6}}(?:(?P<word>[^\W\d_]{{1,12}})[^\w+]{{1,4}}(?:(?P<next>[^\W\d_]{{1,7}})\.?\s)?)??{_TIME}(?:\s?\(?{_ZONE})?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?P<lead>[^\W\d_]*)[^\w+]{{0,4}}(?<![\w.:]){_TIME}(?:\s?\(?{_ZONE}\)?)?[^\w+]{{0,4}}(?:(?P<word>[^\W\d_]{{1,12}})[^\w+]{{1,4}})?$",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"\s?\(?{_ZONE}")
# What may stand before a clock that a date follows; else it is how long a video takes.
_LED = re.compile(r"publi|posted|updat|modif|gmt|utc|aktualisier|stand|ver[öo]ffentlicht|actuali|mis$|jour$|le$|on$|at$|um$|à$", re.IGNORECASE)  # fmt: skip
BEFORE_MOST = 45  # characters before a date in which its clock stands


def day_in(text: str, american: bool = False) -> str:
    """The first date that stands in a short text, with its time of day where one stands beside it; "" where none does."""
    if not text or YEARLIKE.search(text) is None:  # cheap: most texts hold none
        return ""
    for match in _DAY.finditer(text[:400]):
        day = month_first(match[0]) if american else match[0]
        if date_text.parse(day) is None:
            continue
        clock = (
            ""
            if re.search(r"\dT\d", day, re.IGNORECASE)
            else _clock(text, match.start(), match.end())
        )
        stated = f"{day} {clock}"
        return stated if clock and date_text.parse(stated) is not None else day
    return ""


def _clock(text: str, start: int, end: int) -> str:
    """The time of day that stands beside a date, with its zone, in plain words."""
    after = _AFTER.match(text, end)
    if (
        after is not None
        and all(map(_joins, (after["word"], after["next"])))
        and _is_clock(after)
    ):
        return _plain(after, after["zone"] or "")
    if not any(c.isdigit() for c in text[max(0, start - BEFORE_MOST) : start]):
        return ""
    before = _BEFORE.search(text[max(0, start - BEFORE_MOST) : start])
    if before is None or not _joins(before["word"]) or not _is_clock(before):
        return ""
    if before["lead"] and not _LED.search(before["lead"]):
        return ""
    behind = _BEHIND.match(text, end)
    led = before["lead"].upper()
    zone = before["zone"] or (
        behind["zone"] if behind else led if led in ("GMT", "UTC") else ""
    )
    return _plain(before, zone)


def _joins(word: str | None) -> bool:
    return (
        not word
        or word.lower() in _AT
        or months.weekday(word) is not None
        or word[0] in _WEEKDAYS
    )


def _is_clock(found: re.Match[str]) -> bool:
    """Whether it is one, and no number with a fraction."""
    named = found.groupdict()
    return not found["dotted"] or bool(
        found["half"] or found["suffix"] or named["word"] or named.get("next")
    )


def _plain(found: re.Match[str], zone: str) -> str:
    half = found["half"] or ""
    if found["eastern"]:
        half = "am" if found["eastern"] in ("上午", "午前", "오전") else "pm"
    clock = f"{found['hour']}:{found['minute'] or found['dotted'] or '00'}"
    return " ".join(
        filter(
            None,
            (clock + (f":{found['second']}" if found["second"] else ""), half, zone),
        )
    )


_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4})(?!\d)")


def month_first(text: str) -> str:
    """``3/4/2020`` as Americans mean it, as an ISO date; other texts as they are."""
    return _SLASHED.sub(
        lambda m: (
            f"{date_text.year(m[3])}-{int(m[1]):02}-{int(m[2]):02}"
            if int(m[1]) <= 12
            else m[0]
        ),
        text,
        count=1,
    )
