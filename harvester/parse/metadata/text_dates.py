"""When a page was published, by a date line in its text: the last resort."""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.dates import date_text
from harvester.parse.dates.clocks import may_hold_date
from harvester.parse.metadata.date_lines import DateStyle, LineDate, read_date_line
from harvester.parse.metadata.date_places import (
    is_in_text,
    is_of_another,
    is_prose,
    is_small,
    is_teaser,
)

MAX_TEXT_ELEMENTS = 20_000
MAX_TEXT_TRIES = 300  # pieces of text with a date in them
_NOT_LINES = frozenset(
    ("script", "style", "option", "button", "code", "h1", "h2", "h3", "h4", "title")
)
# What ends the article after its last paragraph.
_ENDS = frozenset(
    ("h1", "h2", "h3", "h4", "ul", "ol", "table", "form", "aside", "footer")
)
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|datum|data|fecha|time|publish\w*)(?:$|[\s_-])", re.I
)


class _TextDates:
    """The dates of a page's text by where they stand, the first of each kind."""

    def __init__(self) -> None:
        self.paragraphs = 0
        self.labelled = ""
        self._in_head = ""
        self._after_text = ""
        self._marked: dict[str, str] = {}  # by day
        self._is_open = True

    def enter(self, element: HtmlElement) -> None:
        """Note an element, in page order."""
        tag = element.tag
        if tag == "h1":
            self.paragraphs = 0
        if is_prose(element):
            self.paragraphs += 1
            self._is_open, self._after_text = True, ""
        elif tag in _ENDS:
            self._is_open = False

    def add(self, line: LineDate, container: HtmlElement) -> None:
        """Note a date of a line in that element."""
        hints = f"{container.get('class', '')} {container.get('id', '')}"
        is_other = is_of_another(container, frozenset(), hints)
        if line.is_alone and (not is_other or _is_in_own_aside(container)):
            is_marked = "T" in line.text or _is_marked(container)
            if is_marked and not is_in_text(container):
                self._marked.setdefault(line.text[:10], line.text)
        if is_other:
            return
        if line.label:
            self.labelled = self.labelled or line.text
        elif self.paragraphs < 2:
            self._in_head = self._in_head or line.text
        elif line.is_alone and self._is_open:
            self._after_text = self._after_text or line.text

    def likeliest(self) -> str:
        """The date that is most likely that of publication; "" if none is."""
        only_marked = (
            next(iter(self._marked.values())) if len(self._marked) == 1 else ""
        )
        return self.labelled or self._in_head or self._after_text or only_marked


def date_in_text(body: HtmlElement, captured_at: str, style: DateStyle) -> str:
    """The first day that the page's text names as its publication; "" if none.

    Else the first day in a line before the second paragraph, or alone right after the
    last one, or the only day that is marked as a date.
    """
    dates = _TextDates()
    tries = MAX_TEXT_TRIES
    for element in islice(body.iter("*"), MAX_TEXT_ELEMENTS):
        dates.enter(element)
        own_text = None if element.tag in _NOT_LINES else element.text
        for text in (own_text, element.tail):
            if not text or len(text) > 300 or not may_hold_date(text):
                continue
            tries -= 1
            if tries < 0:
                return dates.likeliest()
            for line in read_date_line(text, style):
                if line.is_prose or line.label == "modified":
                    continue
                if date_text.normalise_date(line.text, captured_at, style.order):
                    dates.add(
                        line, element if text is own_text else element.getparent()
                    )
        if dates.labelled:
            break
    return dates.likeliest()


def _is_marked(element: HtmlElement) -> bool:
    return element.tag == "time" or bool(_DATE_CLASS.search(element.get("class") or ""))


def _is_in_own_aside(element: HtmlElement) -> bool:
    """Whether an element is in a small box beside the text, with facts on the article."""
    return any(
        (ancestor.tag == "aside" or "sidebar" in (ancestor.get("class") or ""))
        and is_small(ancestor)
        and not is_teaser(ancestor)
        for ancestor in islice(chain((element,), element.iterancestors()), 5)
    )
