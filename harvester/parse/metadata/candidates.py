"""What of a page could be its byline and its date: the elements around the headline, and those that say so themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line

MAX_HINTED_ELEMENTS = 300
MAX_HEADINGS = 40
MAX_TEXT_ELEMENTS = 60  # elements that a short text is made of
ELEMENTS_BEFORE, ELEMENTS_AFTER = (
    40,
    100,
)  # elements around the headline in which byline and date stand
MAX_SHORT_TEXT_LENGTH = (
    200  # characters of text that a byline or a date line has at most
)

_WORD = re.compile(r"\w+")
_HINT_ATTRIBUTES = ("class", "id", "itemprop", "rel")
# Words in class, id, itemprop or rel. Plain searches: an expression of as many branches takes twenty times as long.
_AUTHOR_HINTS = (
    "author", "autor", "auteur", "byline", "by-line", "by_line", "writer", "vcard", "verfasser", "journalist", "contributor", "reporter",
    "posted-by", "redakteur", "creator", "columnist", "schrijver", "submitted", "username", "user-name", "skribent", "forfatter",
)  # fmt: skip
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
)


def find_category_links(tree: HtmlElement) -> list[HtmlElement]:
    """Links to categories and tags."""
    linked = ((one, one.get("rel")) for one in _FIND_REL_LINKS(tree))
    return list(
        islice(
            (one for one, rel in linked if "tag" in rel or "category" in rel),
            MAX_HINTED_ELEMENTS,
        )
    )


def _elements_with_attribute(attribute: str, words: str) -> etree.XPath:
    """Elements with one of the words in an attribute. Bounded before the step to the parent, which is quadratic."""
    named = " or ".join(f"contains(., '{word}')" for word in words.split())
    return etree.XPath(
        f"(//@{attribute}{f'[{named}]' if named else ''})[position() <= {MAX_HINTED_ELEMENTS}]/.."
    )


_FIND_ITEMPROPS, _FIND_REL_AUTHORS = (
    _elements_with_attribute("itemprop", ""),
    _elements_with_attribute("rel", "author"),
)
_AUTHOR_CLASSES = ("uthor", "yline", "autor", "writer")
_TIME_CLASSES = ("date", "Date", "ublish", "time")
_FIND_REL_LINKS = etree.XPath("descendant-or-self::a[@rel]")
_PERSON_URL = re.compile(
    r"/(?:authors?|auteurs?|autore?n?|autor(?:es|en)?|people|contributors?|profiles?|staff|writers?|journalists?|reporters?|redakteure?|columnists?|by|team|personas?|firmas?)/[^/]"
)
_UNRELATED_HINT = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!-(?:open|closed))|commentlist|respond|disqus|related\w*|recommend\w*|sidebar|footer|nav|navbar|navigation|menu|teasers?|popular"
    r"|trending|newsletter|promos?|masthead|breadcrumbs?|carousel|ticker|weather|cookie|latest|recent(?:posts|comments)?|most-?read|more-(?:from|stories|news)"
    r"|read-?more|widget-area|textwidget|widget_\w+|also|upnext)(?:$|[\s_-])"
)
_OTHER_CONTENT_HINT = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!-(?:open|closed))|commentlist|respond|disqus|related\w*|recommend\w*|popular|trending|masthead|ticker|weather|latest"
    r"|recent(?:posts|comments)?|most-?read|more-(?:from|stories|news)|upnext)(?:$|[\s_-])"
)
_OWN_FOOTER_HINT = re.compile(r"entry|post|article|byline|author|meta")
_UNRELATED_TAGS = frozenset(
    ("button", "aside", "footer", "nav", "form", "noscript", "figcaption")
)


@dataclass(slots=True)
class CandidateElements:
    """Elements in the order of the page, and which of them may name people or times."""

    elements: list[HtmlElement]
    headline_index: int = (
        -1
    )  # place of the heading that says the title; -1 where none does
    headline_ancestors: frozenset[HtmlElement] = (
        frozenset()
    )  # what the headline stands in
    author_indexes: list[int] = field(default_factory=list)
    time_indexes: list[int] = field(default_factory=list)

    def headline_range(self) -> range:
        """The places around the headline; none where there is no headline."""
        if self.headline_index < 0:
            return range(0)
        return range(
            max(0, self.headline_index - ELEMENTS_BEFORE),
            min(len(self.elements), self.headline_index + ELEMENTS_AFTER),
        )


def candidates_near_headline(
    headings: Iterable[HtmlElement], titles: tuple[str, ...]
) -> CandidateElements | None:
    """What stands around the headline; None where there is none. ``titles``: what the page states as its title."""
    headline = _find_headline(headings, titles)
    if headline is None:
        return None
    before = list(islice(_iter_preceding(headline), ELEMENTS_BEFORE))[::-1]
    seen = CandidateElements(
        [*before, *islice(_iter_following(headline), ELEMENTS_AFTER)],
        len(before),
        frozenset(headline.iterancestors()),
    )
    _classify_elements(seen)
    return seen


def candidates_anywhere(
    tree: HtmlElement,
    headline_ancestors: frozenset[HtmlElement],
    want_authors: bool,
    want_times: bool,
) -> CandidateElements:
    """The elements of the whole page that say themselves that they name people or times, as far as these are wanted."""
    hinted: list[HtmlElement] = list(_FIND_ITEMPROPS(tree))
    classed = [
        (one, _classify_class_names(names))
        for one in tree.iter()
        if (names := one.get("class"))
    ]
    if want_authors:
        hinted += [
            *islice((one for one, hints in classed if hints[0]), MAX_HINTED_ELEMENTS),
            *_FIND_REL_AUTHORS(tree),
        ]
    if want_times:
        hinted += islice(tree.iter("time", "relative-time"), MAX_HINTED_ELEMENTS)
        hinted += islice(
            (one for one, hints in classed if hints[1]), MAX_HINTED_ELEMENTS
        )
    seen = CandidateElements(
        list(dict.fromkeys(hinted)), headline_ancestors=headline_ancestors
    )
    _classify_elements(seen)
    return seen


def _iter_following(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and all that follow, in the order of the page."""
    yield from element.iter("*")
    node = element
    while node is not None:
        after = node.getnext()
        if after is None:
            node = node.getparent()
            continue
        yield from after.iter("*")
        node = after


def _iter_preceding(element: HtmlElement) -> Iterator[HtmlElement]:
    """All that stand before the element and do not hold it, the nearest first."""
    holding = set(element.iterancestors())
    node = element
    while node is not None:
        before = node.getprevious()
        if before is None:
            node = node.getparent()
            if node is not None and node not in holding:
                yield node
            continue
        node = before
        while (last := next(node.iterchildren("*", reversed=True), None)) is not None:
            node = last
        yield node


def _classify_elements(candidates: CandidateElements) -> None:
    """Find out which elements may name people or times."""
    for place, element in enumerate(candidates.elements):
        hints = " ".join([one for one in map(element.get, _HINT_ATTRIBUTES) if one])
        tag = element.tag
        people, times = _classify_hints(hints[:300]) if hints else (False, False)
        if tag == "a" and not people:
            people = _PERSON_URL.search((element.get("href") or "")[:300]) is not None
        if people and len(candidates.author_indexes) < MAX_HINTED_ELEMENTS:
            candidates.author_indexes.append(place)
        if (times or tag == "time" or tag == "relative-time") and len(
            candidates.time_indexes
        ) < MAX_HINTED_ELEMENTS:
            candidates.time_indexes.append(place)


@lru_cache(maxsize=16_384)
def _classify_hints(hints: str) -> tuple[bool, bool]:
    hints = hints.lower()
    words = hints.split()
    people = _contains_any(hints, _AUTHOR_HINTS) or (
        "fn" in words and ("n" in words or "url" in words or len(words) == 1)
    )
    return people, _contains_any(hints, _TIME_HINTS) or "data" in words


def _contains_any(hints: str, words: Iterable[str]) -> bool:
    for word in words:  # noqa: SIM110 (half the time of any())
        if word in hints:
            return True
    return False


@lru_cache(maxsize=16_384)
def _classify_class_names(class_names: str) -> tuple[bool, bool]:
    return _contains_any(class_names, _AUTHOR_CLASSES), _contains_any(
        class_names, _TIME_CLASSES
    )


@lru_cache(maxsize=16_384)
def _has_unrelated_hint(hints: str) -> bool:
    return _UNRELATED_HINT.search(hints.lower()) is not None


def _find_headline(
    headings: Iterable[HtmlElement], titles: tuple[str, ...]
) -> HtmlElement | None:
    """The heading that is the title or begins with it; else the first of the first rank."""
    stated = ["".join(_WORD.findall(one.lower())) for one in titles if one]
    first = None
    for element in islice(headings, MAX_HEADINGS):
        text = "".join(_WORD.findall(short_text(element, 400).lower()))
        if len(text) > 4 and any(
            text in one or (len(one) > 10 and one in text) for one in stated
        ):
            return element
        if first is None and element.tag == "h1":
            first = element
    return first


def is_unrelated(
    element: HtmlElement,
    headline_ancestors: frozenset[HtmlElement],
    asides_unrelated: bool = True,
) -> bool:
    """Whether it stands in a part of the page that speaks of something else: comments, related articles, navigation.

    ``frame``: the elements that the headline stands in; they speak of the article. ``asides``: whether a side bar is apart.
    """
    for one in chain((element,), element.iterancestors()):
        if one in headline_ancestors or one.tag in ("body", "main", "html"):
            return False
        hints = f"{one.get('class', '')} {one.get('id', '')}"
        if one.tag in _UNRELATED_TAGS and (asides_unrelated or one.tag != "aside"):
            return (
                one.tag != "footer" or _OWN_FOOTER_HINT.search(hints) is None
            )  # an article may have a footer of its own
        if not asides_unrelated:
            hints = hints.lower().replace("sidebar", "")
        if len(hints) > 1 and _has_unrelated_hint(hints[:300]):
            return True
    return False


def without_unrelated(tree: HtmlElement) -> HtmlElement:
    """A copy of the page without comments, related articles and masthead; footers may say when it was changed."""
    copied = deepcopy(tree)
    for element in list(
        copied.iter("div", "section", "ol", "ul", "li", "aside", "header")
    ):
        hints = f"{element.get('class', '')} {element.get('id', '')}"
        if len(hints) > 1 and _OTHER_CONTENT_HINT.search(hints[:300].lower()):
            parent = element.getparent()
            if parent is not None and element.find(".//h1") is None:
                element.drop_tree()
    return copied


_INVISIBLE_TAGS = frozenset(("script", "style", "svg"))


def short_text(element: HtmlElement, max_length: int = MAX_SHORT_TEXT_LENGTH) -> str:
    """The text of a small element with its parts apart; "" where it is longer, or made of many elements."""
    if len(element):
        words: list[str] = []
        _collect_text(element, words, [MAX_TEXT_ELEMENTS, max_length * 3])
        text = clean_line(" ".join(words))
    else:
        text = clean_line(element.text) if element.tag not in _INVISIBLE_TAGS else ""
    return text if len(text) <= max_length else ""


def _collect_text(element: HtmlElement, words: list[str], budget: list[int]) -> None:
    """The texts in an element that are seen. ``left``: elements and characters that may still be taken."""
    budget[0] -= 1
    if budget[0] < 0 or budget[1] < 0 or element.tag in _INVISIBLE_TAGS:
        return
    if element.text:
        words.append(element.text)
        budget[1] -= len(element.text)
    for one in element:
        if budget[0] < 0 or budget[1] < 0:
            return
        if isinstance(one.tag, str):
            _collect_text(one, words, budget)
        if one.tail:
            words.append(one.tail)
            budget[1] -= len(one.tail)
