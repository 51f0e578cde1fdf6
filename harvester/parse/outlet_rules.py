"""Applies an outlet's rules to a page: elements to remove, where text and fields are.

Rules are CSS selectors from the settings. A rule that finds nothing changes nothing:
the page is read as if there were no rule. A value that a rule finds takes precedence
over all that the page states; its source is "rule".
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
from harvester.parse.metadata.statements import PageMetadata
from harvester.parse.names.people import parse_author_names

SOURCE = "rule"
MAX_ELEMENTS = 200  # that one selector finds
MAX_TITLE_LENGTH = 500  # characters; of an author too
MAX_TIME_LENGTH = 200  # characters


def effective_rules(rules: Rules, captured_at: str) -> Rules:
    """The rules of the layout at the time of the capture; today's if it is unknown."""
    day = captured_at[:10]
    return next(
        (
            earlier
            for earlier in rules.earlier_layouts
            if day and day <= earlier.valid_until
        ),
        rules,
    )


def remove_elements(tree: HtmlElement, rules: Rules) -> None:
    """Remove what the rules say."""
    for selector in rules.remove:
        for element in _select(tree, selector, None):
            if element.getparent() is not None:
                element.drop_tree()


def find_removed_elements(tree: HtmlElement, rules: Rules) -> dict[HtmlElement, str]:
    """What ``remove_elements`` would remove: element → the first selector for it."""
    return {
        element: selector
        for selector in reversed(rules.remove)
        for element in _select(tree, selector, None)
    }


def find_text_elements(tree: HtmlElement, rules: Rules) -> list[HtmlElement]:
    """The elements that hold the text, in order, none inside another.

    Empty if no rule finds any text.
    """
    for selector in rules.text:
        elements = _select(tree, selector)
        if any(element.text_content().strip() for element in elements):
            chosen = set(elements)
            return [
                element
                for element in elements
                if chosen.isdisjoint(element.iterancestors())
            ]
    return []


@dataclass(frozen=True, slots=True)
class RuleFields:
    """What the rules find of the fields, as text; the first of each counts."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


def read_fields(tree: HtmlElement, rules: Rules) -> RuleFields:
    """What the rules find, to be read before anything is removed from the page."""
    return RuleFields(
        tuple(_element_texts(tree, rules.title, MAX_TITLE_LENGTH)),
        tuple(_element_texts(tree, rules.author, MAX_TITLE_LENGTH)),
        tuple(_element_texts(tree, rules.published, MAX_TIME_LENGTH)),
    )


def apply_fields(
    rule_fields: RuleFields, metadata: PageMetadata, captured_at: str
) -> None:
    """Let what the rules found take precedence over what the page states.

    A time that is invalid or later than the capture changes nothing.
    """
    if rule_fields.titles:
        metadata.override("title", rule_fields.titles[0], SOURCE)
    if people := parse_author_names(list(rule_fields.authors)):
        metadata.override("authors", people, SOURCE)
    for text in rule_fields.times:
        stated: dict[str, Any] = {
            name: metadata.values.pop(name)
            for name in ("published", "published_local")
            if name in metadata.values
        }
        if metadata.add_time("published", text, SOURCE, captured_at):
            return
        metadata.values.update(stated)


def _element_texts(
    tree: HtmlElement, selectors: tuple[str, ...], max_length: int
) -> Iterator[str]:
    """The texts of the elements, selector by selector.

    An attribute made for machines comes before the visible text.
    """
    for selector in selectors:
        for element in _select(tree, selector):
            text = (
                element.get("datetime")
                or element.get("content")
                or element.text_content()
            )
            if line := clean_line(text, max_length):
                yield line


def _select(
    tree: HtmlElement, selector: str, max_elements: int | None = MAX_ELEMENTS
) -> list[HtmlElement]:
    try:
        elements: list[HtmlElement] = _compile_selector(selector)(tree)
    except (etree.XPathError, ValueError):
        # Settings are checked when they are read, but not rules that were unpickled.
        return []
    return elements[:max_elements]


@lru_cache(maxsize=500)
def _compile_selector(selector: str) -> Any:
    from cssselect import HTMLTranslator

    # Not lxml's CSSSelector, whose ``:contains()`` works for the first page only.
    return etree.XPath(HTMLTranslator().css_to_xpath(selector))
