"""The rules of an outlet's settings, applied to a page: what is taken out, where the text stands, which fields are stated. Pure.

Selectors are CSS. What a selector does not find, the rest of the reading finds: a rule that misses costs nothing. A rule's
value stands before all that the page states elsewhere; its source is "rule".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from harvester.model import Rules
from harvester.parse.html.charset import line
from harvester.parse.metadata.people import authors
from harvester.parse.metadata.statements import Stated

SOURCE = "rule"
FOUND_MOST = 200  # elements of one selector
TITLE_MOST, TIME_MOST = 500, 200  # characters


def in_force(rules: Rules, at: str) -> Rules:
    """The rules of the layout that stood when a page was captured at ``at``; where that is not known, today's."""
    day = at[:10]
    return next((one for one in rules.earlier if day and day <= one.valid_until), rules)


def prune(tree: HtmlElement, rules: Rules) -> None:
    """Take out what the rules remove."""
    for selector in rules.remove:
        for element in _found(tree, selector, None):
            if element.getparent() is not None:
                element.drop_tree()


def removed(tree: HtmlElement, rules: Rules) -> dict[HtmlElement, str]:
    """What ``prune`` would take out: element → the selector that finds it."""
    return {
        one: selector
        for selector in reversed(rules.remove)
        for one in _found(tree, selector, None)
    }


def text_of(tree: HtmlElement, rules: Rules) -> list[HtmlElement]:
    """The elements that hold the text, in the order of the page, none inside another; empty where no rule finds any."""
    for selector in rules.text:
        found = _found(tree, selector)
        if any(one.text_content().strip() for one in found):
            chosen = set(found)
            return [
                one
                for one in found
                if not any(outer in chosen for outer in one.iterancestors())
            ]
    return []


@dataclass(frozen=True, slots=True)
class Given:
    """What the rules find of the fields, as it stands in the page; the first of a field is preferred."""

    titles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def fields(tree: HtmlElement, rules: Rules) -> Given:
    """What the rules find, before anything is taken out of the page."""
    return Given(
        tuple(_texts(tree, rules.title, TITLE_MOST)),
        tuple(_texts(tree, rules.author, TITLE_MOST)),
        tuple(_texts(tree, rules.published, TIME_MOST)),
    )


def choose(given: Given, stated: Stated, at: str) -> None:
    """Put it before all that the page states. A time that is none, or later than ``at``, changes nothing."""
    if given.titles:
        stated.choose("title", given.titles[0], SOURCE)
    if people := authors(list(given.people)):
        stated.choose("authors", people, SOURCE)
    for text in given.times:
        held = {
            name: stated.values.pop(name, None)
            for name in ("published", "published_local")
        }
        if stated.offer_time("published", text, SOURCE, at):
            return
        stated.values.update(
            {name: value for name, value in held.items() if value is not None}
        )


def _texts(tree: HtmlElement, selectors: tuple[str, ...], most: int) -> Iterator[str]:
    """What the elements say: an attribute that is made for machines, else what is seen; selector by selector."""
    for selector in selectors:
        for element in _found(tree, selector):
            said = next(
                (
                    element.get(name)
                    for name in ("datetime", "content")
                    if element.get(name)
                ),
                None,
            )
            if text := line(said or element.text_content(), most):
                yield text


def _found(
    tree: HtmlElement, selector: str, most: int | None = FOUND_MOST
) -> list[HtmlElement]:
    try:
        found: list[HtmlElement] = _selector(selector)(tree)
    except (
        etree.XPathError,
        ValueError,
    ):  # the settings are checked when they are read; what is unpickled is not
        return []
    return found[:most]


@lru_cache(maxsize=500)
def _selector(text: str) -> Any:
    from cssselect import HTMLTranslator

    # Not lxml's CSSSelector: of one with ``:contains()`` the first page finds what it should, and no later one anything.
    return etree.XPath(HTMLTranslator().css_to_xpath(text))
