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
from harvester.parse.html.charset import clean_line
from harvester.parse.metadata.people import parse_author_names
from harvester.parse.metadata.statements import PageMetadata

SOURCE = "rule"
MAX_ELEMENTS = 200  # elements of one selector
MAX_TITLE_LENGTH, MAX_TIME_LENGTH = 500, 200  # characters


def effective_rules(rules: Rules, captured_at: str) -> Rules:
    """The rules of the layout that stood when a page was captured at ``at``; where that is not known, today's."""
    day = captured_at[:10]
    return next(
        (one for one in rules.earlier_layouts if day and day <= one.valid_until), rules
    )


def remove_elements(tree: HtmlElement, rules: Rules) -> None:
    """Take out what the rules remove."""
    for selector in rules.remove:
        for element in _select(tree, selector, None):
            if element.getparent() is not None:
                element.drop_tree()


def find_removed_elements(tree: HtmlElement, rules: Rules) -> dict[HtmlElement, str]:
    """What ``prune`` would take out: element → the selector that finds it."""
    return {
        one: selector
        for selector in reversed(rules.remove)
        for one in _select(tree, selector, None)
    }


def find_text_elements(tree: HtmlElement, rules: Rules) -> list[HtmlElement]:
    """The elements that hold the text, in the order of the page, none inside another; empty where no rule finds any."""
    for selector in rules.text:
        found = _select(tree, selector)
        if any(one.text_content().strip() for one in found):
            chosen = set(found)
            return [
                one
                for one in found
                if not any(outer in chosen for outer in one.iterancestors())
            ]
    return []


@dataclass(frozen=True, slots=True)
class RuleFields:
    """What the rules find of the fields, as it stands in the page; the first of a field is preferred."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def read_fields(tree: HtmlElement, rules: Rules) -> RuleFields:
    """What the rules find, before anything is taken out of the page."""
    return RuleFields(
        tuple(_element_texts(tree, rules.title, MAX_TITLE_LENGTH)),
        tuple(_element_texts(tree, rules.author, MAX_TITLE_LENGTH)),
        tuple(_element_texts(tree, rules.published, MAX_TIME_LENGTH)),
    )


def apply_fields(
    rule_fields: RuleFields, metadata: PageMetadata, captured_at: str
) -> None:
    """Put it before all that the page states. A time that is none, or later than ``at``, changes nothing."""
    if rule_fields.titles:
        metadata.override("title", rule_fields.titles[0], SOURCE)
    if people := parse_author_names(list(rule_fields.authors)):
        metadata.override("authors", people, SOURCE)
    for text in rule_fields.times:
        held = {
            name: metadata.values.pop(name, None)
            for name in ("published", "published_local")
        }
        if metadata.add_time("published", text, SOURCE, captured_at):
            return
        metadata.values.update(
            {name: value for name, value in held.items() if value is not None}
        )


def _element_texts(
    tree: HtmlElement, selectors: tuple[str, ...], max_length: int
) -> Iterator[str]:
    """What the elements say: an attribute that is made for machines, else what is seen; selector by selector."""
    for selector in selectors:
        for element in _select(tree, selector):
            said = next(
                (
                    element.get(name)
                    for name in ("datetime", "content")
                    if element.get(name)
                ),
                None,
            )
            if text := clean_line(said or element.text_content(), max_length):
                yield text


def _select(
    tree: HtmlElement, selector: str, max_elements: int | None = MAX_ELEMENTS
) -> list[HtmlElement]:
    try:
        found: list[HtmlElement] = _compile_selector(selector)(tree)
    except (
        etree.XPathError,
        ValueError,
    ):  # the settings are checked when they are read; what is unpickled is not
        return []
    return found[:max_elements]


@lru_cache(maxsize=500)
def _compile_selector(selector: str) -> Any:
    from cssselect import HTMLTranslator

    # Not lxml's CSSSelector: of one with ``:contains()`` the first page finds what it should, and no later one anything.
    return etree.XPath(HTMLTranslator().css_to_xpath(selector))
