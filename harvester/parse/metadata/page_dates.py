"""When a page was published, by the dates that it shows.

A date counts by its position: marked as the date of publication, beside the headline,
at the end of the text. Dates of comments, of related articles, in the masthead or in
the text itself never count. How a date is written is read by ``parse.dates``, what a
line with dates says of them by ``date_lines``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lxml.html import HtmlElement

from harvester.parse.dates import date_text
from harvester.parse.dates.clocks import may_hold_date
from harvester.parse.metadata.candidates import (
    CandidateElements,
    short_text,
)
from harvester.parse.metadata.date_lines import (
    FIRST_PUBLISHED_HINT,
    MODIFIED_HINT,
    PUBLISHED_HINT,
    DateStyle,
    LineDate,
    read_date_line,
)
from harvester.parse.metadata.date_places import (
    Regions,
    is_in_text,
    is_masthead_day,
    is_of_another,
    is_of_link,
    text_before,
)

# Ranks of dates, the likeliest to be that of publication first.
NEAR_RANK = 1  # smaller ranks are marked as the date of publication itself
MODIFIED_PENALTY = 10  # added to dates of modification
MAX_SHOWN_RANK = 3  # of a date that contradicts what is stated
MAX_SHOWN_DISTANCE = 40  # elements from the headline to it
MIN_TEASER_DATES = 3  # different days in elements of one kind: of other articles
MAX_DATE_LINE_LENGTH = 120  # characters
# From the beginning of a day in one zone to its end in another.
MAX_DAY_SHIFT_SECONDS = 38 * 3600

_CURRENT_DATE_HINT = re.compile(r"current|today|heute|clock\b", re.IGNORECASE)
# Class names of dates of something else, and of parts of a page about other articles.
_OWN_DATE_HINT = re.compile(
    r"submitted|posted|(?:post|entry|article|news|story|blog)[\w-]{0,6}(?:date|meta|time)"
    r"|date-?line|pub-?date",
    re.IGNORECASE,
)
_MACHINE_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")
_MACHINE_TIME = re.compile(
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|1\d{9}(?:\d{3})?$"
    r"|[A-Z]\w\w,? [A-Z]\w\w \d\d \d{4} \d\d:)"
)
_INLINE_TAGS = frozenset(("b", "strong", "span", "em", "i", "small", "label", "dt"))
_TIME_ATTRIBUTE_HINTS = ("time", "date", "publish", "stamp", "utc", "epoch")
_OTHER_ATTRIBUTES = ("datetime", "content", "class", "id", "href", "title")


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
    candidates: CandidateElements, captured_at: str, style: DateStyle
) -> list[DateCandidate]:
    """The times that the page shows of the article, the likeliest first."""
    found: list[tuple[DateCandidate, tuple[str, str]]] = []
    days_by_signature: dict[tuple[str, str], set[str]] = {}
    regions = Regions(candidates)
    for shown in (
        *_hinted_dates(candidates, regions, style),
        *_dates_near_headline(candidates, regions, style),
    ):
        stated = date_text.normalise_date(shown.text, captured_at, style.order or "day")
        if stated is not None and not (
            shown.index < candidates.headline_index
            and is_masthead_day(
                stated[0],
                captured_at,
                candidates.elements[shown.index],
                candidates.headline_ancestors,
            )
        ):
            signature = _element_signature(candidates.elements[shown.index])
            days_by_signature.setdefault(signature, set()).add(stated[0][:10])
            found.append((shown, signature))
    believed = [
        shown
        for shown, signature in found
        if shown.rank < NEAR_RANK
        or len(days_by_signature[signature]) < MIN_TEASER_DATES
    ]
    return sorted(believed, key=lambda shown: shown.rank)


def shown_before(
    dates: list[DateCandidate], headline_index: int, stated: str, captured_at: str
) -> DateCandidate | None:
    """The date of publication beside the headline, if it is earlier than is stated.

    Some programs state the day on which a page was made anew. ``dates``: the likeliest
    first; ``stated`` begins with a day. None if readers see no earlier day, or one of a
    first publication, which they are told apart from this one.
    """
    shown = next((shown for shown in dates if not shown.modified), None)
    if (
        shown is None
        or (shown.rank < NEAR_RANK and shown.source != "microdata")
        or shown.rank > MAX_SHOWN_RANK
        or not -15 < shown.index - headline_index < MAX_SHOWN_DISTANCE
    ):
        return None
    times = date_text.normalise_date(shown.text, captured_at)
    if times is None:
        return None
    day, other = (date.fromisoformat(text[:10]) for text in (times[1], stated))
    is_swapped = (day.year, day.month, day.day) == (other.year, other.day, other.month)
    return shown if (other - day).days > 1 and not is_swapped else None


def _element_signature(element: HtmlElement) -> tuple[str, str]:
    return str(element.tag), element.get("class") or ""


def _hinted_dates(
    candidates: CandidateElements, regions: Regions, style: DateStyle
) -> Iterator[DateCandidate]:
    """The dates of elements whose markup says that they hold a time."""
    headline_index = candidates.headline_index
    for index in candidates.time_indexes:
        element = candidates.elements[index]
        hints = " ".join(element.get(name, "") for name in ("itemprop", "class", "id"))
        shown = short_text(element, 150)
        lines = read_date_line(shown, style)
        visible = lines[0].text if lines else ""
        text = _machine_readable_time(element, visible, style)
        if not text or is_of_another(
            element,
            candidates.headline_ancestors,
            hints,
            may_be_teaser=not regions.is_in_head(index),
        ):
            continue
        is_in_masthead = headline_index >= 0 and index < headline_index - 40
        if is_in_masthead or _CURRENT_DATE_HINT.search(hints):
            continue
        if not lines or text != visible:
            # What is shown may add a zone to the machine's time.
            label_shown = lines[0].label if lines else ""
            lines = [LineDate(text, label_shown, True, False), *lines]
        label = f"{hints} {text_before(element)}"
        for line in lines:
            yield from _hinted_date(line, index, hints, label, candidates, regions)


def _hinted_date(
    line: LineDate,
    index: int,
    hints: str,
    label: str,
    candidates: CandidateElements,
    regions: Regions,
) -> Iterator[DateCandidate]:
    """A date of an element whose markup says that it holds a time, with its rank."""
    element = candidates.elements[index]
    is_modified = line.label == "modified" or (
        line.label == "" and MODIFIED_HINT.search(label) is not None
    )
    is_published = line.label == "published" or PUBLISHED_HINT.search(label) is not None
    if (
        "datePublished" in hints
        or line.label == "first"
        or (not line.label and FIRST_PUBLISHED_HINT.search(label))
    ):
        rank, is_modified = 0, False
    elif "dateModified" in hints:
        rank, is_modified = 9, True
    else:
        if line.is_prose or (
            not (is_modified or is_published)
            and (
                is_in_text(element)
                or (regions.is_in_text(index) and not _OWN_DATE_HINT.search(hints))
            )
        ):
            return
        headline_index = candidates.headline_index
        is_near = (
            -15 < index - headline_index < 60 if headline_index >= 0 else index < 400
        )
        is_marked = element.tag == "time" or PUBLISHED_HINT.search(hints)
        rank = (1 if is_near else 4) + (0 if is_marked else 1)
    if is_modified:
        rank += MODIFIED_PENALTY
    yield DateCandidate(rank, line.text, _source(element), is_modified, index)


def _source(element: HtmlElement) -> str:
    if element.get("itemprop"):
        return "microdata"
    return "time" if element.tag == "time" else "text"


def _machine_readable_time(
    element: HtmlElement, visible_date: str, style: DateStyle
) -> str:
    """The time in an element's attributes, if there is one, else the one that it shows.

    ``datetime`` and ``content`` come first; other attributes count if they hold a time
    of the day shown, or if no day is shown.
    """
    stated = element.get("datetime") or element.get("content") or ""
    if element.tag == "abbr":  # of microformats
        stated = stated or element.get("title") or ""
    stated = stated.strip()
    if stated and _MACHINE_DATE.match(stated) is None:
        # Not as the standard wants it, in words: still a date, if it is nothing else.
        stated = stated if len(stated) < 60 and date_text.parse_date(stated) else ""
    if len(stated) > 19:  # with its zone
        return stated
    day = (
        date_text.parse_date(visible_date, order=style.order) if visible_date else None
    )
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
    candidates: CandidateElements, regions: Regions, style: DateStyle
) -> Iterator[DateCandidate]:
    """The dates in short lines beside the headline."""
    for index in candidates.headline_range():
        element = candidates.elements[index]
        own_text = None if element.tag in ("script", "style") else element.text
        for text in (own_text, element.tail):
            if not text or not 6 <= len(text) <= 400 or not may_hold_date(text):
                continue
            if len(" ".join(text.split())) > MAX_DATE_LINE_LENGTH:
                continue
            if text is not own_text and (
                regions.is_after_text(index) and is_of_link(element, text)
            ):
                continue
            label = _label_before(element, text is own_text)
            for line in read_date_line(text, style, label):
                container = element if text is own_text else element.getparent()
                if line.is_prose or not (
                    line.label or _is_place_of_date(line, index, regions, container)
                ):
                    continue
                if is_of_another(
                    container,
                    candidates.headline_ancestors,
                    container.get("class") or "",
                    may_be_teaser=not line.label or not regions.is_in_head(index),
                ):
                    continue
                yield _near_date(line, index, candidates.headline_index)


def _label_before(element: HtmlElement, is_own_text: bool) -> str:
    if is_own_text:
        return text_before(element)
    return short_text(element, 40) if element.tag in _INLINE_TAGS else ""


def _is_place_of_date(
    line: LineDate, index: int, regions: Regions, container: HtmlElement
) -> bool:
    """Whether a date without a label may be that of publication, by its place."""
    if regions.is_in_text(index):
        return line.is_alone and bool(_OWN_DATE_HINT.search(_names_around(container)))
    is_list = container.tag in ("li", "a", "td", "dd", "figcaption")
    return (line.is_alone and not is_list) or not regions.is_after_text(index)


def _names_around(element: HtmlElement) -> str:
    """The class names of an element and of the one around it."""
    parent = element.getparent()
    outer = parent.get("class") or "" if parent is not None else ""
    return f"{element.get('class') or ''} {outer}"


def _near_date(line: LineDate, index: int, headline_index: int) -> DateCandidate:
    rank = 3 if 0 < index - headline_index < 60 else 4
    if line.label == "first":
        rank = 0
    is_modified = line.label == "modified"
    if is_modified:
        rank += MODIFIED_PENALTY
    return DateCandidate(rank, line.text, "text", is_modified, index)
