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

from harvester.parse.html.charset import line

HINTED_MOST = 300
HEADINGS_MOST = 40
PARTS_MOST = 60  # elements that a short text is made of
BEFORE, AFTER = 40, 100  # elements around the headline in which byline and date stand
SHORT = 200  # characters of text that a byline or a date line has at most

_WORD = re.compile(r"\w+")
_HINTS = ("class", "id", "itemprop", "rel")
# Words in class, id, itemprop or rel. Plain searches: an expression of as many branches takes twenty times as long.
_PEOPLE = (
    "author", "autor", "auteur", "byline", "by-line", "by_line", "writer", "vcard", "verfasser", "journalist", "contributor", "reporter",
    "posted-by", "redakteur", "creator", "columnist", "schrijver", "submitted", "username", "user-name", "skribent", "forfatter",
)  # fmt: skip
_TIMES = (
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


def labels(tree: HtmlElement) -> list[HtmlElement]:
    """Links to categories and tags."""
    linked = ((one, one.get("rel")) for one in _RELATED(tree))
    return list(
        islice(
            (one for one, rel in linked if "tag" in rel or "category" in rel),
            HINTED_MOST,
        )
    )


def _holding(attribute: str, words: str) -> etree.XPath:
    """Elements with one of the words in an attribute. Bounded before the step to the parent, which is quadratic."""
    named = " or ".join(f"contains(., '{word}')" for word in words.split())
    return etree.XPath(
        f"(//@{attribute}{f'[{named}]' if named else ''})[position() <= {HINTED_MOST}]/.."
    )


_PROPERTIES, _RELATIONS = _holding("itemprop", ""), _holding("rel", "author")
_CLASSES_OF_PEOPLE = ("uthor", "yline", "autor", "writer")
_CLASSES_OF_TIMES = ("date", "Date", "ublish", "time")
_RELATED = etree.XPath("descendant-or-self::a[@rel]")
_OF_A_PERSON = re.compile(
    r"/(?:authors?|auteurs?|autore?n?|autor(?:es|en)?|people|contributors?|profiles?|staff|writers?|journalists?|reporters?|redakteure?|columnists?|by|team|personas?|firmas?)/[^/]"
)
_APART = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!-(?:open|closed))|commentlist|respond|disqus|related\w*|recommend\w*|sidebar|footer|nav|navbar|navigation|menu|teasers?|popular"
    r"|trending|newsletter|promos?|masthead|breadcrumbs?|carousel|ticker|weather|cookie|latest|recent(?:posts|comments)?|most-?read|more-(?:from|stories|news)"
    r"|read-?more|widget-area|textwidget|widget_\w+|also|upnext)(?:$|[\s_-])"
)
_OF_OTHERS = re.compile(
    r"(?:^|[\s_-])(?:comments?(?!-(?:open|closed))|commentlist|respond|disqus|related\w*|recommend\w*|popular|trending|masthead|ticker|weather|latest"
    r"|recent(?:posts|comments)?|most-?read|more-(?:from|stories|news)|upnext)(?:$|[\s_-])"
)
_OWN_END = re.compile(r"entry|post|article|byline|author|meta")
_APART_TAGS = frozenset(
    ("button", "aside", "footer", "nav", "form", "noscript", "figcaption")
)


@dataclass(slots=True)
class Seen:
    """Elements in the order of the page, and which of them may name people or times."""

    elements: list[HtmlElement]
    headline: int = -1  # place of the heading that says the title; -1 where none does
    frame: frozenset[HtmlElement] = frozenset()  # what the headline stands in
    people: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)

    def around(self) -> range:
        """The places around the headline; none where there is no headline."""
        if self.headline < 0:
            return range(0)
        return range(
            max(0, self.headline - BEFORE),
            min(len(self.elements), self.headline + AFTER),
        )


def near(headings: Iterable[HtmlElement], titles: tuple[str, ...]) -> Seen | None:
    """What stands around the headline; None where there is none. ``titles``: what the page states as its title."""
    headline = _headline(headings, titles)
    if headline is None:
        return None
    before = list(islice(_backwards(headline), BEFORE))[::-1]
    seen = Seen(
        [*before, *islice(_onwards(headline), AFTER)],
        len(before),
        frozenset(headline.iterancestors()),
    )
    _sort(seen)
    return seen


def everywhere(
    tree: HtmlElement, frame: frozenset[HtmlElement], people: bool, times: bool
) -> Seen:
    """The elements of the whole page that say themselves that they name people or times, as far as these are wanted."""
    hinted: list[HtmlElement] = list(_PROPERTIES(tree))
    classed = [
        (one, _hints_in_class(names))
        for one in tree.iter()
        if (names := one.get("class"))
    ]
    if people:
        hinted += [
            *islice((one for one, hints in classed if hints[0]), HINTED_MOST),
            *_RELATIONS(tree),
        ]
    if times:
        hinted += islice(tree.iter("time", "relative-time"), HINTED_MOST)
        hinted += islice((one for one, hints in classed if hints[1]), HINTED_MOST)
    seen = Seen(list(dict.fromkeys(hinted)), frame=frame)
    _sort(seen)
    return seen


def _onwards(element: HtmlElement) -> Iterator[HtmlElement]:
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


def _backwards(element: HtmlElement) -> Iterator[HtmlElement]:
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


def _sort(seen: Seen) -> None:
    """Find out which elements may name people or times."""
    for place, element in enumerate(seen.elements):
        hints = " ".join([one for one in map(element.get, _HINTS) if one])
        tag = element.tag
        people, times = _kinds(hints[:300]) if hints else (False, False)
        if tag == "a" and not people:
            people = _OF_A_PERSON.search((element.get("href") or "")[:300]) is not None
        if people and len(seen.people) < HINTED_MOST:
            seen.people.append(place)
        if (times or tag == "time" or tag == "relative-time") and len(
            seen.times
        ) < HINTED_MOST:
            seen.times.append(place)


@lru_cache(maxsize=16_384)
def _kinds(hints: str) -> tuple[bool, bool]:
    hints = hints.lower()
    words = hints.split()
    people = _has(hints, _PEOPLE) or (
        "fn" in words and ("n" in words or "url" in words or len(words) == 1)
    )
    return people, _has(hints, _TIMES) or "data" in words


def _has(hints: str, words: Iterable[str]) -> bool:
    for word in words:  # noqa: SIM110 (half the time of any())
        if word in hints:
            return True
    return False


@lru_cache(maxsize=16_384)
def _hints_in_class(names: str) -> tuple[bool, bool]:
    return _has(names, _CLASSES_OF_PEOPLE), _has(names, _CLASSES_OF_TIMES)


@lru_cache(maxsize=16_384)
def _is_apart(hints: str) -> bool:
    return _APART.search(hints.lower()) is not None


def _headline(
    headings: Iterable[HtmlElement], titles: tuple[str, ...]
) -> HtmlElement | None:
    """The heading that is the title or begins with it; else the first of the first rank."""
    stated = ["".join(_WORD.findall(one.lower())) for one in titles if one]
    first = None
    for element in islice(headings, HEADINGS_MOST):
        text = "".join(_WORD.findall(short_text(element, 400).lower()))
        if len(text) > 4 and any(
            text in one or (len(one) > 10 and one in text) for one in stated
        ):
            return element
        if first is None and element.tag == "h1":
            first = element
    return first


def apart(
    element: HtmlElement, frame: frozenset[HtmlElement], asides: bool = True
) -> bool:
    """Whether it stands in a part of the page that speaks of something else: comments, related articles, navigation.

    ``frame``: the elements that the headline stands in; they speak of the article. ``asides``: whether a side bar is apart.
    """
    for one in chain((element,), element.iterancestors()):
        if one in frame or one.tag in ("body", "main", "html"):
            return False
        hints = f"{one.get('class', '')} {one.get('id', '')}"
        if one.tag in _APART_TAGS and (asides or one.tag != "aside"):
            return (
                one.tag != "footer" or _OWN_END.search(hints) is None
            )  # an article may have a footer of its own
        if not asides:
            hints = hints.lower().replace("sidebar", "")
        if len(hints) > 1 and _is_apart(hints[:300]):
            return True
    return False


def without_apart(tree: HtmlElement) -> HtmlElement:
    """A copy of the page without comments, related articles and masthead; footers may say when it was changed."""
    copied = deepcopy(tree)
    for element in list(
        copied.iter("div", "section", "ol", "ul", "li", "aside", "header")
    ):
        hints = f"{element.get('class', '')} {element.get('id', '')}"
        if len(hints) > 1 and _OF_OTHERS.search(hints[:300].lower()):
            parent = element.getparent()
            if parent is not None and element.find(".//h1") is None:
                element.drop_tree()
    return copied


_UNSEEN = frozenset(("script", "style", "svg"))


def short_text(element: HtmlElement, most: int = SHORT) -> str:
    """The text of a small element with its parts apart; "" where it is longer, or made of many elements."""
    if len(element):
        words: list[str] = []
        _gather(element, words, [PARTS_MOST, most * 3])
        text = line(" ".join(words))
    else:
        text = line(element.text) if element.tag not in _UNSEEN else ""
    return text if len(text) <= most else ""


def _gather(element: HtmlElement, words: list[str], left: list[int]) -> None:
    """The texts in an element that are seen. ``left``: elements and characters that may still be taken."""
    left[0] -= 1
    if left[0] < 0 or left[1] < 0 or element.tag in _UNSEEN:
        return
    if element.text:
        words.append(element.text)
        left[1] -= len(element.text)
    for one in element:
        if left[0] < 0 or left[1] < 0:
            return
        if isinstance(one.tag, str):
            _gather(one, words, left)
        if one.tail:
            words.append(one.tail)
            left[1] -= len(one.tail)
