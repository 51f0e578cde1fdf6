"""When a page was published, if only what it shows, its scripts or its URL say so.

A date counts by its position: marked as the date of publication, beside the headline,
at the end of the text. Dates of comments, of related articles or in the masthead never
count. How a date is written is read by ``parse.dates``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from harvester.parse.dates import date_text
from harvester.parse.dates.clocks import DATE_HINT, YEAR_PATTERN, find_date
from harvester.parse.metadata.candidates import (
    CandidateElements,
    is_unrelated,
    short_text,
)

# Ranks of dates, the likeliest to be that of publication first.
NEAR_RANK = 1  # smaller ranks are marked as the date of publication itself
MODIFIED_PENALTY = 10  # added to dates of modification
MIN_TEASER_DATES = 3  # different days in elements of one kind: of other articles
MIN_SENTENCE_LENGTH = 45  # characters beside a date from which on they are a sentence
MAX_DATE_LINE_LENGTH = 120  # characters
MAX_PATH_LENGTH = 1_000  # characters of a URL's path
MIN_URL_YEAR = 1995
# From the beginning of a day in one zone to its end in another.
MAX_DAY_SHIFT_SECONDS = 38 * 3600
MAX_SCRIPT_LENGTH = 500_000  # characters
MAX_SCRIPT_TIMES = 200
MAX_TEXT_ELEMENTS = 20_000
MAX_TEXT_TRIES = 300  # pieces of text with a date in them

_MODIFIED_HINT = re.compile(
    r"updat|modif|mise? à jour|maj\b|aktualisier|geändert|last edit|revis|actualiz"
    r"|aggiornat|bijgewerkt|oppdatert|uppdaterad|更新|edited",
    re.IGNORECASE,
)
_PUBLISHED_HINT = re.compile(
    r"publi|pubdate|posted|veröffentlicht|erstellt|created|issued|pubblicat|geplaatst"
    r"|issue",
    re.IGNORECASE,
)
_CURRENT_DATE_HINT = re.compile(r"current|today|heute|clock\b", re.IGNORECASE)
_FIRST_PUBLISHED_HINT = re.compile(
    r"(?:originally|first) (?:published|posted)|erstmals|erstveröffentlich"
    r"|publié initialement",
    re.IGNORECASE,
)
_MACHINE_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")
_MACHINE_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|1\d{9}(?:\d{3})?$"
    r"|[A-Z]\w\w,? [A-Z]\w\w \d\d \d{4} \d\d:)"
)
_TIME_ATTRIBUTE_HINTS = ("time", "date", "publish", "stamp", "utc", "epoch")
_OTHER_ATTRIBUTES = ("datetime", "content", "class", "id", "href", "title")
_PATH_DATE = re.compile(
    rf"(?<!\d)({YEAR_PATTERN})"
    r"(?:/(\d{1,2})/(\d{1,2})|-(\d{1,2})-(\d{1,2})|(\d\d)(\d\d))(?!\d)"
)
_PATH_DATE_YEAR_LAST = re.compile(
    rf"(?<!\d)(0[1-9]|[12]\d|3[01])-(0[1-9]|1[0-2])-({YEAR_PATTERN})(?!\d)"
)
# Keys of data in scripts. Each begins with plain letters, which are found fast;
# "published" before "created", which in escaped data is mostly an account's.
_TIME_VALUE = (
    r"""\\?["']?\s*[:=]\s*\\?["']?"""
    r"""(\d{4}-\d\d-\d\d[^"'\\<,;}]{0,25}|1\d{9}(?:\d{3})?(?!\d))"""
)
_PUBLISHED_KEYS = tuple(
    re.compile(key + _TIME_VALUE)
    for key in (
        r"ubli(?:sh|c)[a-z]{0,5}_?(?:[A-Za-z]{2,8})?",
        r"ub_?[dD]ate",
        r"UBLISH(?:ED)?_\w{2,6}",
    )
)
_CREATED_KEYS = tuple(
    re.compile(key + _TIME_VALUE.removeprefix(r"\\?"))
    for key in (r"reated_?[aA]t", r"ate_?[cC]reated", r"rticle_?[dD]ate")
)
_TEXT_TAGS = (
    "p",
    "div",
    "span",
    "li",
    "td",
    "a",
    "h3",
    "h4",
    "h5",
    "b",
    "strong",
    "em",
    "br",
)


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A time found on the page.

    ``rank``: the lower, the likelier it is that of publication; ``index``: of its
    element among the candidates.
    """

    rank: int
    text: str
    source: str
    modified: bool
    index: int


# ---- what the page shows


def find_date_candidates(
    candidates: CandidateElements, captured_at: str, prefer_month_first: bool
) -> list[DateCandidate]:
    """The times that the page shows of the article, the likeliest first."""
    found: list[tuple[DateCandidate, tuple[str, str]]] = []
    days_by_signature: dict[tuple[str, str], set[str]] = {}
    for date in (
        *_hinted_dates(candidates, prefer_month_first),
        *_dates_near_headline(candidates, prefer_month_first),
    ):
        stated = date_text.normalise_date(date.text, captured_at)
        if stated is not None:
            signature = _element_signature(candidates.elements[date.index])
            days_by_signature.setdefault(signature, set()).add(stated[0][:10])
            found.append((date, signature))
    believed = [
        date
        for date, signature in found
        if date.rank < NEAR_RANK or len(days_by_signature[signature]) < MIN_TEASER_DATES
    ]
    return sorted(believed, key=lambda date: date.rank)


def _element_signature(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _hinted_dates(
    candidates: CandidateElements, prefer_month_first: bool
) -> Iterator[DateCandidate]:
    """The dates of elements whose markup says that they hold a time."""
    headline_index = candidates.headline_index
    for index in candidates.time_indexes:
        element = candidates.elements[index]
        hints = " ".join(element.get(name, "") for name in ("itemprop", "class", "id"))
        shown = short_text(element, 150)
        text = _machine_readable_time(element, find_date(shown, prefer_month_first))
        if not text or is_unrelated(element, candidates.headline_ancestors):
            continue
        is_in_masthead = headline_index >= 0 and index < headline_index - 40
        if is_in_masthead or _CURRENT_DATE_HINT.search(hints):
            continue
        label = f"{hints} {_text_before(element)} {shown[: shown.find(text[:4])]}"
        is_modified = _MODIFIED_HINT.search(label) is not None
        if "datePublished" in hints or _FIRST_PUBLISHED_HINT.search(shown):
            rank, is_modified = 0, False
        elif "dateModified" in hints:
            rank, is_modified = 9, True
        else:
            is_near = (
                -15 < index - headline_index < 60
                if headline_index >= 0
                else index < 400
            )
            is_marked = element.tag == "time" or _PUBLISHED_HINT.search(hints)
            rank = (1 if is_near else 4) + (0 if is_marked else 1)
        if is_modified:
            rank += MODIFIED_PENALTY
        yield DateCandidate(rank, text, _source(element), is_modified, index)


def _source(element: HtmlElement) -> str:
    if element.get("itemprop"):
        return "microdata"
    return "time" if element.tag == "time" else "text"


def _text_before(element: HtmlElement) -> str:
    """What stands right before an element on the same line; "" if it has a date."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        text = parent.text if parent is not None else ""
    elif previous.tail and previous.tail.strip():
        text = previous.tail
    else:
        text = short_text(previous, 40)
    text = (text or "")[-40:]
    return "" if any(c.isdigit() for c in text) else text


def _machine_readable_time(element: HtmlElement, visible_date: str) -> str:
    """The time in an element's attributes, if there is one, else the one that it shows.

    ``datetime`` and ``content`` come first; other attributes count if they hold a time
    of the day shown, or if no day is shown.
    """
    stated = (element.get("datetime") or element.get("content") or "").strip()
    if _MACHINE_DATE.match(stated) is None:
        stated = ""
    if len(stated) > 19:  # with its zone
        return stated
    day = date_text.parse_date(visible_date) if visible_date else None
    for name, value in element.items():
        if (
            name in _OTHER_ATTRIBUTES
            or not _MACHINE_TIME.match(value)
            or len(value) > 80
        ):
            continue
        time = date_text.parse_date(value)
        if time is None or time[0].tzinfo is None or not _is_time_attribute(name):
            continue
        if day is None or _is_same_day(time[0], day[0]):
            return str(value)
    return stated or visible_date


def _is_time_attribute(name: str) -> bool:
    if "modif" in name or "updat" in name:
        return False
    return any(hint in name for hint in _TIME_ATTRIBUTE_HINTS)


def _is_same_day(time: datetime, day: datetime) -> bool:
    """Whether two times may be of one day, in different zones."""
    difference = time.replace(tzinfo=None) - day.replace(tzinfo=None)
    return abs(difference.total_seconds()) < MAX_DAY_SHIFT_SECONDS


def _dates_near_headline(
    candidates: CandidateElements, prefer_month_first: bool
) -> Iterator[DateCandidate]:
    """The dates in short lines beside the headline."""
    for index in candidates.headline_range():
        element = candidates.elements[index]
        own_text = None if element.tag in ("script", "style") else element.text
        for text in (own_text, element.tail):
            if not text or not 6 <= len(text) <= 400 or DATE_HINT.search(text) is None:
                continue
            text = " ".join(text.split())
            if len(text) > MAX_DATE_LINE_LENGTH:
                continue
            day = find_date(text, prefer_month_first)
            if not day or is_unrelated(element, candidates.headline_ancestors):
                continue
            is_sentence = len(text) - len(day) > MIN_SENTENCE_LENGTH
            if is_sentence and not _PUBLISHED_HINT.search(text):
                continue
            if _FIRST_PUBLISHED_HINT.search(text):
                rank = 0
            else:
                rank = 3 if 0 < index - candidates.headline_index < 60 else 4
            is_modified = _MODIFIED_HINT.search(text) is not None
            if is_modified:
                rank += MODIFIED_PENALTY
            yield DateCandidate(rank, day, "text", is_modified, index)


# ---- the URL


def date_in_url(url: str) -> str:
    """The day that a URL names, as ISO date; "" if none.

    ``/2021/03/14/``, ``2021-03-14``, ``20210314``, ``14-03-2021``.
    """
    try:
        path = urlsplit(url).path[:MAX_PATH_LENGTH]
    except ValueError:
        return ""
    for match in _PATH_DATE.finditer(path):
        year, month, day = (int(number) for number in match.groups() if number)
        if year >= MIN_URL_YEAR and 1 <= month <= 12 and 1 <= day <= 31:
            text = f"{year}-{month:02}-{day:02}"
            if date_text.parse_date(text) is not None:
                return text
    year_last = _PATH_DATE_YEAR_LAST.search(path)
    if year_last is None:
        return ""
    text = f"{year_last[3]}-{year_last[2]}-{year_last[1]}"
    return text if date_text.parse_date(text) is not None else ""


# ---- scripts


def time_in_scripts(scripts: Iterable[HtmlElement]) -> str:
    """The time of publication in the data of a page's scripts; "" if none.

    The first with a time of day, else the first.
    """
    first = ""
    times = _iter_script_times(scripts, _PUBLISHED_KEYS + _CREATED_KEYS)
    for text in islice(times, MAX_SCRIPT_TIMES):
        parsed = date_text.parse_date(text)
        if parsed is not None:
            if parsed[1]:
                return text
            first = first or text
    return first


def time_in_scripts_on_day(scripts: Iterable[HtmlElement], day: str) -> str:
    """The instant of publication on that day in the scripts; "" if none or several."""
    found: dict[datetime, str] = {}
    times = _iter_script_times(scripts, _PUBLISHED_KEYS)
    for text in islice(times, MAX_SCRIPT_TIMES):
        parsed = date_text.parse_date(text)
        if parsed is None:
            continue
        moment = parsed[0]
        if moment.date().isoformat() == day and (moment.hour or moment.minute):
            found.setdefault(moment.replace(tzinfo=None), text)
    return next(iter(found.values())) if len(found) == 1 else ""


def _iter_script_times(
    scripts: Iterable[HtmlElement], key_patterns: tuple[re.Pattern[str], ...]
) -> Iterator[str]:
    """Written times in scripts, by key, then in page order."""
    remaining = MAX_SCRIPT_LENGTH
    texts = []
    for script in scripts:
        text = (script.text or "")[:remaining]
        remaining -= len(text)
        texts.append(text)
    for pattern in key_patterns:
        for text in texts:
            for match in pattern.finditer(text):
                yield match[1]


# ---- the text


def date_in_text(body: HtmlElement, captured_at: str) -> str:
    """The first day that the page's text names as its publication; "" if none.

    Else the first day that stands alone.
    """
    first_alone = ""
    tries = MAX_TEXT_TRIES
    for element in islice(body.iter(*_TEXT_TAGS), MAX_TEXT_ELEMENTS):
        for text in (element.text, element.tail):
            if not text or len(text) > 300 or DATE_HINT.search(text) is None:
                continue
            tries -= 1
            if tries < 0:
                return first_alone
            text = " ".join(text.split())
            day = find_date(text)
            if not day or date_text.normalise_date(day, captured_at) is None:
                continue
            is_named = _PUBLISHED_HINT.search(text) is not None
            is_alone = len(text) - len(day) < MIN_SENTENCE_LENGTH
            if not is_named and (first_alone or not is_alone):
                continue
            if is_unrelated(element, frozenset()):
                continue
            if is_named:
                return day
            first_alone = day
    return first_alone
