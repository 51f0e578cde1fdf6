"""When a page was published, where only what is seen or its address says so. Pure.

A date counts by where it stands: marked as the date of publication, beside the headline, at the end of the text. Never one
of a comment, of a related article, or of the masthead. Not for: how a date is written (``dates``).
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

_MODIFIED_HINT = re.compile(
    r"updat|modif|mise? à jour|maj\b|aktualisier|geändert|last edit|revis|actualiz|aggiornat|bijgewerkt|oppdatert|uppdaterad|更新|edited",
    re.IGNORECASE,
)
_PUBLISHED_HINT = re.compile(
    r"publi|pubdate|posted|veröffentlicht|erstellt|created|issued|pubblicat|geplaatst|issue",
    re.IGNORECASE,
)
_CURRENT_DATE_HINT = re.compile(r"current|today|heute|clock\b", re.IGNORECASE)
_FIRST_PUBLISHED_HINT = re.compile(
    r"(?:originally|first) (?:published|posted)|erstmals|erstveröffentlich|publié initialement",
    re.IGNORECASE,
)


NEAR_RANK = 1  # rank of what is marked as the date of publication itself
MIN_TEASER_DATES = 3  # different days in elements of one kind: those of other articles
MIN_SENTENCE_LENGTH = 45  # characters beside a date, from which on they are a sentence


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A time found on the page; ``rank``: the lower, the likelier it is that of publication."""

    rank: int
    text: str
    source: str
    modified: bool
    index: int


def find_date_candidates(
    candidates: CandidateElements, captured_at: str, prefer_month_first: bool
) -> list[DateCandidate]:
    """The times that the page shows of the article, likeliest first."""
    found = [
        *_hinted_dates(candidates, prefer_month_first),
        *_dates_near_headline(candidates, prefer_month_first),
    ]
    days = [
        (one, stated[0][:10])
        for one in found
        if (stated := date_text.normalise_date(one.text, captured_at)) is not None
    ]
    of_a_kind: dict[tuple[str, str], set[str]] = {}
    for one, day in days:
        of_a_kind.setdefault(
            _element_signature(candidates.elements[one.index]), set()
        ).add(day)
    believed = [
        one
        for one, _ in days
        if one.rank < NEAR_RANK
        or len(of_a_kind[_element_signature(candidates.elements[one.index])])
        < MIN_TEASER_DATES
    ]
    return sorted(believed, key=lambda one: one.rank)


def _element_signature(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _hinted_dates(
    candidates: CandidateElements, prefer_month_first: bool
) -> Iterator[DateCandidate]:
    """Elements that say themselves that they hold a time."""
    for place in candidates.time_indexes:
        element = candidates.elements[place]
        hints = f"{element.get('itemprop', '')} {element.get('class', '')} {element.get('id', '')}"
        shown = short_text(element, 150)
        text = _machine_readable_time(element, find_date(shown, prefer_month_first))
        if not text or is_unrelated(element, candidates.headline_ancestors):
            continue
        near = (
            -15 < place - candidates.headline_index < 60
            if candidates.headline_index >= 0
            else place < 400
        )
        if (
            candidates.headline_index >= 0 and place < candidates.headline_index - 40
        ) or _CURRENT_DATE_HINT.search(hints):
            continue  # the masthead's
        modified = (
            _MODIFIED_HINT.search(
                f"{hints} {_text_before(element)} {shown[: shown.find(text[:4])]}"
            )
            is not None
        )
        if "datePublished" in hints or _FIRST_PUBLISHED_HINT.search(shown):
            rank, modified = 0, False
        elif "dateModified" in hints:
            rank, modified = 9, True
        else:
            rank = (1 if near else 4) + (
                0 if element.tag == "time" or _PUBLISHED_HINT.search(hints) else 1
            )
        yield DateCandidate(
            rank + (10 if modified else 0), text, _source(element), modified, place
        )


def _source(element: HtmlElement) -> str:
    return (
        "microdata"
        if element.get("itemprop")
        else "time"
        if element.tag == "time"
        else "text"
    )


def _text_before(element: HtmlElement) -> str:
    """What stands right before an element, in the same line."""
    previous = element.getprevious()
    if previous is None:
        parent = element.getparent()
        text = parent.text if parent is not None else ""
    else:
        text = (
            previous.tail
            if previous.tail and previous.tail.strip()
            else short_text(previous, 40)
        )
    text = (text or "")[-40:]
    return "" if any(c.isdigit() for c in text) else text  # else it is another date


def _dates_near_headline(
    candidates: CandidateElements, prefer_month_first: bool
) -> Iterator[DateCandidate]:
    """Short lines beside the headline."""
    for place in candidates.headline_range():
        element = candidates.elements[place]
        own = None if element.tag in ("script", "style") else element.text
        for text in (own, element.tail):
            if not text or not 6 <= len(text) <= 400 or DATE_HINT.search(text) is None:
                continue
            text = " ".join(text.split())
            if len(text) > 120:
                continue
            day = find_date(text, prefer_month_first)
            if day and (
                len(text) - len(day) > MIN_SENTENCE_LENGTH
                and not _PUBLISHED_HINT.search(text)
            ):
                continue  # a sentence that speaks of a day
            if day and not is_unrelated(element, candidates.headline_ancestors):
                modified = _MODIFIED_HINT.search(text) is not None
                first = _FIRST_PUBLISHED_HINT.search(text) is not None
                rank = (
                    0
                    if first
                    else 3
                    if 0 < place - candidates.headline_index < 60
                    else 4
                )
                yield DateCandidate(
                    rank + (10 if modified else 0), day, "text", modified, place
                )


_MACHINE_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|1\d{9}(?:\d{3})?$|[A-Z]\w\w,? [A-Z]\w\w \d\d \d{4} \d\d:)"
)
_TIME_ATTRIBUTE_HINTS = ("time", "date", "publish", "stamp", "utc", "epoch")


def _machine_readable_time(element: HtmlElement, visible_date: str) -> str:
    """What an element states in its attributes, where that is a time; else what it shows. The attributes made for it come
    first; others that hold a time count where it is of the day shown, or where no day is shown."""
    stated = (element.get("datetime") or element.get("content") or "").strip()
    told = stated if re.match(r"\d{4}-?\d\d-?\d\d", stated) else ""
    if len(told) > 19:  # with its zone
        return told
    day = date_text.parse_date(visible_date) if visible_date else None
    for name, value in element.items():
        if (
            name in ("datetime", "content", "class", "id", "href", "title")
            or not _MACHINE_TIME.match(value)
            or len(value) > 80
        ):
            continue
        moment = date_text.parse_date(value)
        named = (
            any(word in name for word in _TIME_ATTRIBUTE_HINTS)
            and "modif" not in name
            and "updat" not in name
        )
        if moment is None or not named or moment[0].tzinfo is None:
            continue
        if (
            day is None
            or abs(
                (
                    moment[0].replace(tzinfo=None) - day[0].replace(tzinfo=None)
                ).total_seconds()
            )
            < MAX_DAY_SHIFT_SECONDS
        ):
            return str(value)
    return told or visible_date


MAX_DAY_SHIFT_SECONDS = (
    38 * 3600
)  # seconds: from the beginning of a day in one zone to its end in another


_PATH_DATE = re.compile(
    rf"(?<!\d)({YEAR_PATTERN})(?:/(\d{{1,2}})/(\d{{1,2}})|-(\d{{1,2}})-(\d{{1,2}})|(\d\d)(\d\d))(?!\d)"
)


_PATH_DATE_YEAR_LAST = re.compile(
    rf"(?<!\d)(0[1-9]|[12]\d|3[01])-(0[1-9]|1[0-2])-({YEAR_PATTERN})(?!\d)"
)


def date_in_url(url: str) -> str:
    """The day that an address names: ``/2021/03/14/``, ``2021-03-14``, ``20210314``; "" where it names none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    for match in _PATH_DATE.finditer(path[:1_000]):
        year, month, day = (int(one) for one in match.groups() if one)
        if year >= 1995 and 1 <= month <= 12 and 1 <= day <= 31:
            text = f"{year}-{month:02}-{day:02}"
            if date_text.parse_date(text) is not None:
                return text
    last = _PATH_DATE_YEAR_LAST.search(path[:1_000])
    text = f"{last[3]}-{last[2]}-{last[1]}" if last else ""
    return text if text and date_text.parse_date(text) is not None else ""


# Keys of data in scripts. Each begins with plain letters, for which text is searched fast; "published" before "created",
# which in escaped data is mostly when an account was.
_TIME_VALUE = r"""\\?["']?\s*[:=]\s*\\?["']?(\d{4}-\d\d-\d\d[^"'\\<,;}]{0,25}|1\d{9}(?:\d{3})?(?!\d))"""
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
MAX_SCRIPT_LENGTH = 500_000  # characters of scripts that are looked at
MAX_SCRIPT_TIMES = 200  # times in scripts that are looked at


def _iter_script_times(
    scripts: Iterable[HtmlElement], key_patterns: tuple[re.Pattern[str], ...]
) -> Iterator[str]:
    left = MAX_SCRIPT_LENGTH
    texts = []
    for script in scripts:
        text = (script.text or "")[:left]
        left -= len(text)
        texts.append(text)
    yield from (
        match[1]
        for key in key_patterns
        for text in texts
        for match in key.finditer(text)
    )


def time_in_scripts(scripts: Iterable[HtmlElement]) -> str:
    """The time of publication that a page's own scripts name in their data; "" where none does."""
    stated = [
        (found[1], one)
        for one in islice(
            _iter_script_times(scripts, _PUBLISHED_KEYS + _CREATED_KEYS),
            MAX_SCRIPT_TIMES,
        )
        if (found := date_text.parse_date(one)) is not None
    ]
    return next((one for timed, one in stated if timed), stated[0][1] if stated else "")


def time_in_scripts_on_day(scripts: Iterable[HtmlElement], day: str) -> str:
    """The instant of publication on that day that the scripts name; "" where they name none or several."""
    found: dict[datetime, str] = {}
    for one in islice(_iter_script_times(scripts, _PUBLISHED_KEYS), MAX_SCRIPT_TIMES):
        stated = date_text.parse_date(one)
        if (
            stated is not None
            and stated[0].date().isoformat() == day
            and (stated[0].hour or stated[0].minute)
        ):
            found.setdefault(stated[0].replace(tzinfo=None), one)
    return next(iter(found.values())) if len(found) == 1 else ""


def date_in_text(body: HtmlElement, captured_at: str) -> str:
    """The first day that the page's own text names as that of publication, else the first that stands alone."""
    alone, tries = "", 300
    for element in islice(
        body.iter(
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
        ),
        20_000,
    ):
        for text in (element.text, element.tail):
            if not text or len(text) > 300 or DATE_HINT.search(text) is None:
                continue
            tries -= 1
            if tries < 0:
                return alone
            text = " ".join(text.split())
            day = find_date(text)
            if not day or date_text.normalise_date(day, captured_at) is None:
                continue
            told = _PUBLISHED_HINT.search(text) is not None
            if (
                told or (not alone and len(text) - len(day) < MIN_SENTENCE_LENGTH)
            ) and not is_unrelated(element, frozenset()):
                if told:
                    return day
                alone = day
    return alone
