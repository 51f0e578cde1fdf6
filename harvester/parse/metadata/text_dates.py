"""When a page was published, by a date line in its text: the last resort."""

from __future__ import annotations

import re
from itertools import chain, islice

from lxml.html import HtmlElement

from harvester.parse.dates import date_text
from harvester.parse.dates.clocks import find_dates, may_hold_date
from harvester.parse.dates.scripts import to_latin
from harvester.parse.metadata.candidates import has_unrelated_hint
from harvester.parse.metadata.date_lines import (
    PUBLISHED_HINT,
    THIS_PAGE,
    DateStyle,
    LineDate,
    read_date_line,
)
from harvester.parse.metadata.date_places import (
    is_in_text,
    is_masthead_day,
    is_of_another,
    is_of_link,
    is_prose,
    is_small,
    is_teaser,
    text_before,
)

MAX_TEXT_ELEMENTS = 20_000
MAX_DATELINE_LENGTH = 160  # characters of a paragraph in which its dateline stands
MAX_ASIDE_LENGTH = 1_500  # characters of a box with facts on the article
MIN_WORDS_IN_ASIDE = 2  # words of a link there that leads to another article
MAX_TEXT_TRIES = 300  # pieces of text with a date in them
_NOT_LINES = frozenset(
    ("script", "style", "option", "button", "code", "h1", "h2", "h3", "h4", "title")
)
# What ends the article after its last paragraph.
_ENDS = frozenset(
    ("h1", "h2", "h3", "h4", "ul", "ol", "table", "form", "aside", "footer")
)
_TITLE_SEPARATORS = ("", *",;|｜-–—·:•()[]/_»")
# "OSLO, March 12, 2024 (Agency) – The", as agencies begin.
_DATELINE = re.compile(
    r"\s*[A-ZÀ-Þ][\w'’.-]*(?:[ ,]+[A-ZÀ-Þ(/][\w'’./()-]*){0,5}[,.]?\s*[(/–—-]?\s*"
)
_AFTER_DATELINE = re.compile(r"\s*(?:[(/][^()/]{1,40}[)/]\s*)?(?:[-–—:]|[)/]\s*[-–—:])")
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|datum|data|fecha|time|publish\w*)(?:$|[\s_-])", re.I
)


class _TextDates:
    """The dates of a page's text by where they stand, the first of each kind."""

    def __init__(self, captured_at: str) -> None:
        self.paragraphs = 0
        self._captured_at = captured_at
        self._before_headline: HtmlElement | None = None  # that has the first date
        self.labelled = ""
        self.last_change = ""  # of the page, as it says anywhere
        self._in_head = ""
        self._after_text = ""
        self._marked: dict[str, str] = {}  # by day
        self._is_open = True
        self._has_headline = False

    def enter(self, element: HtmlElement) -> None:
        """Note an element, in page order."""
        tag = element.tag
        if tag == "h1":
            self.paragraphs = 0
            shown_in = self._before_headline
            if shown_in is not None and is_masthead_day(
                self._in_head,
                self._captured_at,
                shown_in,
                frozenset(element.iterancestors()),
            ):
                self._in_head = ""
            self._before_headline = None
            self._has_headline = True
        if is_prose(element):
            self.paragraphs += 1
            self._is_open, self._after_text = True, ""
        elif tag in _ENDS:
            self._is_open = False

    def add(self, line: LineDate, container: HtmlElement, text: str) -> None:
        """Note a date of a line in that element, whose text it is."""
        hints = f"{container.get('class', '')} {container.get('id', '')}"
        is_other = is_of_another(container, frozenset(), hints)
        if line.label == "modified":
            if not is_other or THIS_PAGE.search(text):
                self.last_change = self.last_change or line.text
            return
        if line.is_alone and (
            not is_other or _is_in_own_aside(container) or _is_labelled(container)
        ):
            is_marked = "T" in line.text or _is_marked(container)
            if is_marked and not is_in_text(container):
                self._marked.setdefault(line.text[:10], line.text)
        if is_other:
            return
        if line.label:
            self.labelled = self.labelled or line.text
        elif self.paragraphs < 2:
            if not (self._in_head or self._has_headline):
                self._before_headline = container
            self._in_head = self._in_head or line.text
        elif line.is_alone and self._is_open:
            self._after_text = self._after_text or line.text

    def has_any(self) -> bool:
        """Whether a date was found at the head of the text."""
        return bool(self._in_head)

    def add_dateline(self, paragraph: HtmlElement, style: DateStyle) -> None:
        """Note the date with which the first paragraph begins, after a place."""
        text = to_latin("".join(islice(paragraph.itertext(), 8))[:MAX_DATELINE_LENGTH])
        for found in find_dates(text, style.order, style.language, limit=1):
            if _DATELINE.fullmatch(text[: found.start]) and _AFTER_DATELINE.match(
                text[found.end :]
            ):
                self._in_head = found.text

    def likeliest(self) -> str:
        """The date that is most likely that of publication; "" if none is."""
        only_marked = (
            next(iter(self._marked.values())) if len(self._marked) == 1 else ""
        )
        return self.labelled or self._in_head or self._after_text or only_marked


def dates_in_text(
    body: HtmlElement, captured_at: str, style: DateStyle
) -> tuple[str, str]:
    """(published, last changed): the days that the page's text names; "" if none.

    Published is what it says, else the first day in a line before the second paragraph,
    or alone right after the last one, or the only day that is marked as a date.
    """
    dates = _TextDates(captured_at)
    tries = MAX_TEXT_TRIES
    for element in islice(body.iter("*"), MAX_TEXT_ELEMENTS):
        dates.enter(element)
        own_text = None if element.tag in _NOT_LINES else element.text
        for text in (own_text, element.tail):
            if not text or len(text) > 300 or not may_hold_date(text):
                continue
            tries -= 1
            if tries < 0:
                return dates.likeliest(), dates.last_change
            is_tail = text is not own_text
            if is_tail and dates.paragraphs > 1 and is_of_link(element, text):
                continue
            for line in read_date_line(text, style):
                if line.is_prose:
                    continue
                if date_text.normalise_date(line.text, captured_at, style.order):
                    dates.add(line, element.getparent() if is_tail else element, text)
        if dates.labelled:
            break
        if element.tag == "p" and dates.paragraphs == 1 and not dates.has_any():
            dates.add_dateline(element, style)
    return dates.likeliest(), dates.last_change


def date_in_title(title: str, style: DateStyle) -> str:
    """The only date of a title, if it stands apart from its words; "" otherwise.

    ``Headline, 12 March 2024 | Site``, not "The storm of 12 March 2024".
    """
    line = to_latin(" ".join(title.split()))
    found = find_dates(line, style.order, style.language) if may_hold_date(line) else ()
    if len(found) != 1:
        return ""
    before, after = line[: found[0].start].rstrip(), line[found[0].end :].lstrip()
    is_apart = before[-1:] in _TITLE_SEPARATORS and (
        not after or after[0] in _TITLE_SEPARATORS
    )
    return found[0].text if is_apart and (before or after) else ""


def _is_labelled(element: HtmlElement) -> bool:
    """Whether what stands right before an element says that it is a publication."""
    parent = element.getparent()
    return (
        PUBLISHED_HINT.search(text_before(element)) is not None
        and parent is not None
        and not is_teaser(parent)
    )


def _is_marked(element: HtmlElement) -> bool:
    return element.tag == "time" or bool(_DATE_CLASS.search(element.get("class") or ""))


def _is_in_own_aside(element: HtmlElement) -> bool:
    """Whether an element is in a small box beside the text, with facts on the article.

    A box that says to be of other articles is none; so is what follows a link there.
    """
    previous = element.getprevious()
    if previous is not None and is_teaser(previous, MIN_WORDS_IN_ASIDE):
        return False
    for ancestor in islice(chain((element,), element.iterancestors()), 5):
        names = ancestor.get("class") or ""
        if ancestor.tag == "aside" or "sidebar" in names:
            others = f"{names} {ancestor.get('id') or ''}".replace("sidebar", "")
            return (
                is_small(ancestor, MAX_ASIDE_LENGTH)
                and not has_unrelated_hint(others)
                and not is_teaser(ancestor)
            )
    return False
