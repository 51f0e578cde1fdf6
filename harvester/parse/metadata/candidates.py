"""Elements that may hold a page's byline and dates.

Those around the headline, and those whose markup says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line

MAX_HINTED_ELEMENTS = 300
MAX_HEADINGS = 40
MAX_TEXT_ELEMENTS = 60  # elements of a short text
MAX_SHORT_TEXT_LENGTH = 200  # characters of a byline or a date line
# Elements around the headline in which byline and date stand.
ELEMENTS_BEFORE, ELEMENTS_AFTER = 40, 100

_WORD = re.compile(r"\w+")
_HINT_ATTRIBUTES = frozenset(("class", "id", "itemprop", "rel"))
# Words in class, id, itemprop or rel. Searched one by one: a regular expression with as
# many branches takes twenty times as long.
_AUTHOR_HINTS = (
    "author",
    "autor",
    "auteur",
    "byline",
    "by-line",
    "by_line",
    "writer",
    "vcard",
    "verfasser",
    "journalist",
    "contributor",
    "reporter",
    "posted-by",
    "redakteur",
    "creator",
    "columnist",
    "schrijver",
    "submitted",
    "username",
    "user-name",
    "skribent",
    "forfatter",
    "kirjoittaja",
    "toimittaja",
    "yazar",
    "muhabir",
    "szerzo",
    "penulis",
    "periodista",
    "giornalista",
    "redaktor",
)
_TIME_HINTS = (
    "date",
    "datum",
    "publish",
    "posted",
    "stamp",
    "fecha",
    "time",
    "meta",
    "byline",
    "created",
    "submitted",
    "-info",
    "released",
    "modif",
)
# The same in classes of the whole page.
_AUTHOR_CLASSES = ("uthor", "yline", "autor", "writer")
_TIME_CLASSES = ("date", "Date", "ublish", "time")
_PERSON_URL = re.compile(
    r"/(?:authors?|auteurs?|autore?n?|autor(?:es|en)?|people|contributors?|profiles?"
    r"|staff|writers?|journalists?|reporters?|redakteure?|columnists?|by|team|personas?"
    r"|firmas?)/[^/]"
)
_UNRELATED_HINT = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!-(?:open|closed))|commentlist|respond|disqus"
    r"|related\w*|recommend\w*|sidebar(?!-mode)|footer|nav|navbar|navigation|menu|teasers?"
    r"|popular|trending|newsletter(?!-post)|promos?|masthead|breadcrumbs?|carousel|ticker"
    r"|weather|cookie|latest|recent(?:posts|comments)?|most-?read"
    r"|more-(?:from|stories|news)|read-?more|widget-area|textwidget|widget_\w+|also"
    r"|upnext|(?:block|pull)?-?quotes?|testimonials?|citation|zitat|(?<!__)captions?)(?:$|[\s_-])"
)
_ARTICLE_CLASS = re.compile(
    r"(?:^|\s)(?:article|post|entry|hentry|news-single)(?:$|\s)"
)
_OWN_FOOTER_HINT = re.compile(r"entry|post|article|asset|byline|author|meta")
_UNRELATED_TAGS = frozenset(
    "button aside footer nav form noscript figcaption blockquote q".split()
)
# Of schema.org: they have authors of their own.
_OTHER_ITEM_TYPES = ("/Comment", "/Quotation", "/Answer", "/ImageObject")
_OTHER_ITEM_PROPERTIES = frozenset(("review", "reviews", "comment", "citation"))
_INVISIBLE_TAGS = frozenset(("script", "style", "svg"))


def _elements_with_attribute(attribute: str, value: str = "") -> etree.XPath:
    """Elements with an attribute, or with a value in it.

    Bounded before the step to the element, which takes quadratic time.
    """
    test = f"[contains(., '{value}')]" if value else ""
    return etree.XPath(
        f"(//@{attribute}{test})[position() <= {MAX_HINTED_ELEMENTS}]/.."
    )


_FIND_ITEMPROPS = _elements_with_attribute("itemprop")
_FIND_REL_AUTHORS = _elements_with_attribute("rel", "author")


@dataclass(slots=True)
class CandidateElements:
    """Elements in page order, and which of them may name people or times."""

    elements: list[HtmlElement]
    headline_index: int = -1  # of the heading that is the title; -1 if there is none
    headline_ancestors: frozenset[HtmlElement] = frozenset()
    author_indexes: list[int] = field(default_factory=list)
    time_indexes: list[int] = field(default_factory=list)

    def headline_range(self) -> range:
        """The indexes around the headline; empty if there is no headline."""
        if self.headline_index < 0:
            return range(0)
        return range(
            max(0, self.headline_index - ELEMENTS_BEFORE),
            min(len(self.elements), self.headline_index + ELEMENTS_AFTER),
        )


def find_category_links(tree: HtmlElement) -> list[HtmlElement]:
    """Links to categories and tags."""
    links = (
        link
        for link in tree.iter("a")
        if (rel := link.get("rel")) and ("tag" in rel or "category" in rel)
    )
    return list(islice(links, MAX_HINTED_ELEMENTS))


def candidates_near_headline(
    headings: Iterable[HtmlElement], titles: tuple[str, ...]
) -> CandidateElements | None:
    """The elements around the headline; None if there is none.

    ``titles``: what the page states as its title.
    """
    headline = _find_headline(headings, titles)
    if headline is None:
        return None
    before = list(islice(_iter_preceding(headline), ELEMENTS_BEFORE))[::-1]
    after = islice(_iter_following(headline), ELEMENTS_AFTER)
    candidates = CandidateElements(
        [*before, *after], len(before), frozenset(headline.iterancestors())
    )
    _classify_elements(candidates)
    return candidates


def candidates_anywhere(
    tree: HtmlElement,
    time_tags: list[HtmlElement],
    headline_ancestors: frozenset[HtmlElement],
    want_authors: bool,
    want_times: bool,
) -> CandidateElements:
    """The elements of the page whose markup says that they name people or times.

    ``time_tags``: its ``time`` elements.
    """
    hinted: list[HtmlElement] = list(_FIND_ITEMPROPS(tree))
    author_elements: list[HtmlElement] = []
    time_elements: list[HtmlElement] = []
    for element in tree.iter():
        if class_names := element.get("class"):
            is_author, is_time = _classify_class_names(class_names)
            if is_author:
                author_elements.append(element)
            if is_time:
                time_elements.append(element)
    if want_authors:
        hinted += author_elements[:MAX_HINTED_ELEMENTS]
        hinted += _FIND_REL_AUTHORS(tree)
    if want_times:
        hinted += time_tags[:MAX_HINTED_ELEMENTS]
        hinted += time_elements[:MAX_HINTED_ELEMENTS]
    candidates = CandidateElements(
        list(dict.fromkeys(hinted)), headline_ancestors=headline_ancestors
    )
    _classify_elements(candidates)
    return candidates


def _iter_following(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and all that follow, in page order."""
    yield from element.iter("*")
    node = element
    while node is not None:
        following = node.getnext()
        if following is None:
            node = node.getparent()
            continue
        yield from following.iter("*")
        node = following


def _iter_preceding(element: HtmlElement) -> Iterator[HtmlElement]:
    """All that precede the element and do not contain it, the nearest first."""
    ancestors = set(element.iterancestors())
    node = element
    while node is not None:
        preceding = node.getprevious()
        if preceding is None:
            node = node.getparent()
            if node is not None and node not in ancestors:
                yield node
            continue
        node = preceding
        while (last := next(node.iterchildren("*", reversed=True), None)) is not None:
            node = last
        yield node


def _classify_elements(candidates: CandidateElements) -> None:
    """Find out which elements may name people or times."""
    for index, element in enumerate(candidates.elements):
        hints = " ".join(
            value for name, value in element.items() if name in _HINT_ATTRIBUTES
        )
        tag = element.tag
        is_author, is_time = _classify_hints(hints[:300]) if hints else (False, False)
        if tag == "a" and not is_author:
            is_author = is_person_link(element)
        if is_author and len(candidates.author_indexes) < MAX_HINTED_ELEMENTS:
            candidates.author_indexes.append(index)
        is_time = is_time or tag in ("time", "relative-time")
        if is_time and len(candidates.time_indexes) < MAX_HINTED_ELEMENTS:
            candidates.time_indexes.append(index)


@lru_cache(maxsize=16_384)
def _classify_hints(hints: str) -> tuple[bool, bool]:
    """Whether an element's attributes suggest people, and times."""
    hints = hints.lower()
    words = hints.split()
    is_author = _contains_any(hints, _AUTHOR_HINTS) or (
        "fn" in words and ("n" in words or "url" in words or len(words) == 1)
    )
    return is_author, _contains_any(hints, _TIME_HINTS) or "data" in words


def is_person_link(link: HtmlElement) -> bool:
    """Whether a link leads to a page about a person."""
    return _PERSON_URL.search((link.get("href") or "")[:300]) is not None


def _contains_any(hints: str, words: Iterable[str]) -> bool:
    for word in words:  # noqa: SIM110 (half the time of any())
        if word in hints:
            return True
    return False


@lru_cache(maxsize=16_384)
def _classify_class_names(class_names: str) -> tuple[bool, bool]:
    """Whether an element's classes suggest people, and times."""
    is_author = _contains_any(class_names, _AUTHOR_CLASSES)
    return is_author, _contains_any(class_names, _TIME_CLASSES)


@lru_cache(maxsize=16_384)
def has_unrelated_hint(hints: str) -> bool:
    """Whether class and id name a part of the page that is about something else."""
    return _UNRELATED_HINT.search(hints.lower()) is not None


def _find_headline(
    headings: Iterable[HtmlElement], titles: tuple[str, ...]
) -> HtmlElement | None:
    """The heading that holds the title, or is it; else the first that is part of it.

    Else the first h1.
    """
    keys = [_title_key(title) for title in titles if title]
    first_part = first_h1 = None
    for heading in islice(headings, MAX_HEADINGS):
        key = _title_key(short_text(heading, 400))
        if key in keys[:1]:
            return heading
        if first_part is None and len(key) > 4:
            if any(len(title) > 10 and title in key for title in keys):
                return heading
            if any(key in title for title in keys):
                first_part = heading
        if first_h1 is None and heading.tag == "h1":
            first_h1 = heading
    return first_h1 if first_part is None else first_part


def _title_key(title: str) -> str:
    return "".join(_WORD.findall(title.lower()))


def is_unrelated(
    element: HtmlElement,
    headline_ancestors: frozenset[HtmlElement],
    asides_unrelated: bool = True,
) -> bool:
    """Whether an element is in a part of the page about something else.

    Comments, related articles and navigation are; what contains the headline is not.
    ``asides_unrelated``: whether sidebars are.
    """
    for ancestor in chain((element,), element.iterancestors()):
        tag = ancestor.tag
        if ancestor in headline_ancestors or tag in ("body", "main", "html"):
            return False
        hints = f"{ancestor.get('class', '')} {ancestor.get('id', '')}"
        if tag in _UNRELATED_TAGS and (asides_unrelated or tag != "aside"):
            return tag != "footer" or not _is_own_footer(ancestor, hints)
        if not asides_unrelated:
            hints = hints.lower().replace("sidebar", "")
        if len(hints) > 1 and has_unrelated_hint(hints[:300]):
            return "footer" not in hints or not _is_own_footer(ancestor, hints)
        if ancestor.get("itemprop") in _OTHER_ITEM_PROPERTIES or (
            ancestor.get("itemtype") or ""
        ).endswith(_OTHER_ITEM_TYPES):
            return True
    return False


def _is_own_footer(element: HtmlElement, hints: str) -> bool:
    """Whether a footer is that of an article, not of the page."""
    return _OWN_FOOTER_HINT.search(hints) is not None or any(
        parent.tag == "article" or _ARTICLE_CLASS.search(parent.get("class") or "")
        for parent in islice(element.iterancestors(), 2)
    )


def short_text(element: HtmlElement, max_length: int = MAX_SHORT_TEXT_LENGTH) -> str:
    """The text of a small element, its parts separated by spaces.

    "" if it is longer, or made of many elements.
    """
    if len(element):
        texts: list[str] = []
        _collect_text(element, texts, [MAX_TEXT_ELEMENTS, max_length * 3])
        text = clean_line(" ".join(texts))
    else:
        text = clean_line(element.text) if element.tag not in _INVISIBLE_TAGS else ""
    return text if len(text) <= max_length else ""


def _collect_text(element: HtmlElement, texts: list[str], budget: list[int]) -> None:
    """Append the visible texts of an element.

    ``budget``: the elements and characters that may still be read.
    """
    budget[0] -= 1
    if budget[0] < 0 or budget[1] < 0 or element.tag in _INVISIBLE_TAGS:
        return
    if element.text:
        texts.append(element.text)
        budget[1] -= len(element.text)
    for child in element:
        if budget[0] < 0 or budget[1] < 0:
            return
        if isinstance(child.tag, str):
            _collect_text(child, texts, budget)
        if child.tail:
            texts.append(child.tail)
            budget[1] -= len(child.tail)
