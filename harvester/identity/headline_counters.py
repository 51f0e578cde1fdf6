"""Leave out of a headline what its page counts or times: comments, minutes, clocks. Pure.

"[3] The budget", "The budget (12 comments)", "The budget | 5 min read", "Live 14:32 - The
budget": the number changes from visit to visit, the headline does not. Only what is set
apart by brackets or separators is left out, or what follows "live"; numbers among the
words ("12 dead") are the headline's own. For comparing; what is stored stays as the
outlet wrote it.
"""

from __future__ import annotations

import re
from functools import cache

from harvester.identity.boilerplate import is_relative_time
from harvester.identity.counter_patterns import (
    COUNTED,
    MINUTES,
    NUMBER,
    READING,
    READING_LABEL,
)

MAX_HEADLINE_LENGTH = 1_000  # characters; longer ones are compared as they are
MAX_PART_LENGTH = 80  # characters of a counter
MAX_ROUNDS = 4  # a part may become one when another was left out

_HOUR = r"(?:[01]?\d|2[0-4])"
_ZONE = (
    r"(?: ?\(?(?:gmt|utc|bst|ist|cet|cest|mez|mesz|msk|[ecmp][sd]?t|z)"
    r"(?:[+-]\d{1,2})?\)?)?"
)
_HALF_OF_DAY = r"(?: ?[ap]\.?m\b\.?)"
_SUFFIX = rf"(?:{_HALF_OF_DAY}| ?uhr| ?hrs?| ?h)?{_ZONE}"
_CLOCK = (
    rf"(?:{_HOUR} ?[:h] ?[0-5]\d(?::[0-5]\d)?{_SUFFIX}"
    rf"|{_HOUR}(?:\.[0-5]\d)?(?:{_HALF_OF_DAY}| ?uhr){_ZONE}"
    rf"|{_HOUR}[時时点點](?:[0-5]?\d分)?|{_HOUR}시(?: ?[0-5]?\d분)?)"
)
_CLOCK_AFTER_LABEL = rf"(?:{_CLOCK}|{_HOUR}(?:\.[0-5]\d|h){_ZONE})"
_DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}(?:[./-](?:\d{4}|\d\d)?)?|\d{4}-\d\d-\d\d"
    r"|\d{1,2}\.? [^\W\d_]{3,12}\.?(?: \d{4})?|[^\W\d_]{3,12}\.? \d{1,2}(?:,? \d{4})?"
    r"|\d{4}年\d{1,2}月\d{1,2}日)"
)
_LIVE = (
    r"(?:live(?:[ -]?(?:blog|ticker|updates?))?|(?:news)?ticker|(?:en )?direct"
    r"|en vivo|(?:en )?directo|(?:in )?diretta|ao vivo|na żywo|онлайн|прямой эфир|canlı"
    r"|breaking(?: news)?|as it happened|eilmeldung|última hora|ultim'ora"
    r"|minute par minute|速報|直播|속보)"
)
_UPDATED = (
    r"(?:(?:last |latest )?updated?|as of|published|posted|stand|(?:zuletzt )?aktualisiert"
    r"|(?:mise?|mises) à jour|màj|maj|actualisée?|publiée?|actualizad[oa]|actualización"
    r"|publicado|aggiornat[oa]|aggiornamento|pubblicato|atualizado|bijgewerkt|uppdatera[dt]"
    r"|oppdatert|opdateret|päivitetty|aktualizacja|aktualizováno|обновлено|оновлено"
    r"|güncelleme|güncellendi|更新|업데이트)"
)
_AT = r"(?:[:,]|at|on|à|le|um|am|vom|a las|alle|ore|às|om|op|kl\.?|klo|o|в|saat|-)"
_TIME = rf"(?:{_DATE}[ ,]*(?:{_AT} ?)?)?{_CLOCK_AFTER_LABEL}"

_COUNTER = (
    rf"{NUMBER} ?{COUNTED}|{COUNTED} ?:? ?\(?{NUMBER}\)?"
    rf"|(?:{READING_LABEL} ?:? ?)?{NUMBER}[ -]?{MINUTES}(?:[ -]{READING})?"
    rf"|{READING_LABEL} ?:? ?{NUMBER}"
    rf"|(?:{_LIVE}|{_UPDATED})(?: ?{_AT}){{0,2}} ?(?:{_TIME})"
    rf"|{_UPDATED}(?: ?{_AT}){{0,2}} ?(?:{_DATE})"
    rf"|(?:{_DATE}[ ,]*(?:{_AT} ?)?)?{_CLOCK}"
)
_BADGE = re.compile(r"[(\[]\d{1,4}\+?[)\]] *(?=\w|\W{0,3}\w)")
_LAST_BADGE = re.compile(r" *\[\d{1,5}\+?\]$")
_ICONS = "💬🗨👁👍❤♥🔥⏱⏲⌛⏳🕐-🕧"
_ICON_COUNTER = re.compile(
    rf" *(?:[{_ICONS}] ?{NUMBER}(?: ?{MINUTES})?(?!\w)"
    rf"|(?<!\w){NUMBER}(?: ?{MINUTES})? ?[{_ICONS}])",
    re.IGNORECASE,
)
_BRACKETS = re.compile(rf" *[(\[]([^()\[\]]{{1,{MAX_PART_LENGTH}}})[)\]]")
_SEPARATOR = re.compile(r"( +[-/»]{1,3} +| *(?:[|·•]|\+{2,3}|/{2,3}) *)")
_LIVE_CLOCK = re.compile(
    rf"(?:{_LIVE}|updated?) ?[:,|-]? ?(?:{_CLOCK}|{_HOUR}\.[0-5]\d)(?!\w)[ :,|-]*(?=\w|\W\w)",
    re.IGNORECASE,
)
_FIRST_CLOCK = re.compile(rf"{_CLOCK} ?: +(?=\S)", re.IGNORECASE)
_LAST_READING_TIME = re.compile(
    rf"[ ,]+(?:{NUMBER}[ -]?{MINUTES}[ -]{READING}"
    rf"|{READING_LABEL}:? ?{NUMBER}[ -]?{MINUTES})$",
    re.IGNORECASE,
)
_LAST_COUNTER = re.compile(
    rf"(?:(?<=[.!?\"»)])|,) +{NUMBER} ?{COUNTED}$", re.IGNORECASE
)


def strip_counters(headline: str) -> str:
    """A headline without counters, reading times and clocks.

    In the typography of ``wording.normalise_typography``. If nothing else is left, it
    stays as it is.
    """
    if len(headline) > MAX_HEADLINE_LENGTH:
        return headline
    stripped = headline
    for _ in range(MAX_ROUNDS):
        before, stripped = stripped, _strip_once(stripped)
        if before == stripped:
            break
    return stripped or headline


def _strip_once(headline: str) -> str:
    before = headline
    headline = _BRACKETS.sub(_keep_unless_counter, headline).strip()
    headline = _without_counter_parts(headline)
    if badge := _BADGE.match(headline):
        headline = headline[badge.end() :]
    headline = _LAST_BADGE.sub("", headline)
    headline = _ICON_COUNTER.sub("", headline).strip()
    if clock := _LIVE_CLOCK.match(headline) or _FIRST_CLOCK.match(headline):
        headline = headline[clock.end() :]
    headline = _LAST_READING_TIME.sub("", headline)
    headline = _LAST_COUNTER.sub("", headline)
    return headline if headline == before else headline.strip(" -|·•,:")


def _keep_unless_counter(match: re.Match[str]) -> str:
    return "" if _is_counter(match[1]) else match[0]


def _without_counter_parts(headline: str) -> str:
    """The parts between separators that are not counters, with their separators."""
    parts = _SEPARATOR.split(headline)
    if len(parts) == 1:
        return headline
    kept = parts[0] if not _is_counter(parts[0]) else ""
    for separator, part in zip(parts[1::2], parts[2::2], strict=True):
        if not _is_counter(part):
            kept = f"{kept}{separator}{part}" if kept else part
    return kept.strip()


@cache
def _compile_counter() -> re.Pattern[str]:
    """The pattern, when it is needed first: commands that read seldom need it."""
    return re.compile(_COUNTER, re.IGNORECASE)


def _is_counter(part: str) -> bool:
    part = part.strip(" .,:;*#§-")
    return len(part) <= MAX_PART_LENGTH and (
        _compile_counter().fullmatch(part) is not None or is_relative_time(part.lower())
    )
