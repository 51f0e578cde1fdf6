"""What of a page no reader sees: what its markup and its own style sheets hide.

Words for screen readers alone are hidden too. ``aria-hidden`` hides nothing from
readers. Whether hiding would take the text itself, which scripts then show, is for
``content.page_blocks`` to find out.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from harvester.parse.html.dom import parse_html
from harvester.parse.html.element_text import element_lines
from harvester.parse.html.style_sheets import HIDES, read_style_sheets

MAX_STREAMED = 2_000  # parts of a page
MIN_TEMPLATE_LENGTH = 500  # characters of a template that may hold the text
MAX_TEMPLATE_LENGTH = 2_000_000  # characters that are searched for placeholders
_PLACEHOLDER = re.compile(r"\{\{|<%|<#|\$\{|&lt;%|\{%")
TEMPLATE_TYPES = frozenset(("text/template", "text/x-template", "text/html"))
MIN_PROSE_LENGTH = 40  # characters of a line that counts as prose
REMOVED_TAG = "template"  # which nothing displays
_STREAMED_ID = re.compile(r"([\w:-]*)S:([0-9a-f]+)")

# Class names of words for screen readers, as frameworks and CMSs have them, and
# Bootstrap's name of what is not displayed.
_HIDING_CLASSES = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only"
    " screenreader-only u-visually-hidden is-visually-hidden element-invisible"
    " a11y-hidden d-none".split()
)
# What shows an element on wide screens that has a class that hides it.
_SHOWN_ON_WIDE_SCREENS = re.compile(
    r"(?:^|\s)(?:(?:\w+:)+!?(?:block|flex|grid|inline|table|contents|visible|not-sr)"
    r"|d-(?:sm|md|lg|xl|xxl)-(?!none))"
)


class DisplayRules:
    """Which elements of a page are hidden, and which keep their lines."""

    def __init__(self, tree: HtmlElement) -> None:
        self._styles = read_style_sheets(
            style.text for style in tree.iter("style") if style.text
        )
        names = {name for _, name in self._styles.hidden}
        self._hiding_classes = _HIDING_CLASSES | {
            name[1:] for name in names if name.startswith(".")
        }
        # Tags that may be hidden without any attribute.
        self.hidden_tags = {tag for tag, name in self._styles.hidden if not name}
        self.hidden_tags.add("dialog")
        self._marks = {"hidden", "popover", "style"}
        if any(name.startswith("#") for name in names):
            self._marks.add("id")
        self.shown: set[HtmlElement] = set()  # whatever hides them

    def hides(
        self, element: HtmlElement, tag: str, attributes: list[tuple[str, str]]
    ) -> bool:
        """Whether an element with these attributes is hidden."""
        may_be_hidden = tag in self.hidden_tags
        for name, value in attributes:
            if name == "class":
                if not self._hiding_classes.isdisjoint(value.split()):
                    may_be_hidden = True
            elif name in self._marks and (name != "style" or HIDES.search(value)):
                may_be_hidden = True
        return (
            may_be_hidden
            and element not in self.shown
            and self._is_hidden(tag, dict(attributes))
        )

    def _is_hidden(self, tag: str, attributes: dict[str, str]) -> bool:
        css_class = attributes.get("class", "")
        if _SHOWN_ON_WIDE_SCREENS.search(css_class):
            return False
        classes = frozenset(css_class.split())
        hidden = attributes.get("hidden")
        return (
            not classes.isdisjoint(_HIDING_CLASSES)
            or (hidden is not None and hidden.lower() != "until-found")
            or "popover" in attributes
            or (tag == "dialog" and "open" not in attributes)
            or HIDES.search(attributes.get("style", "")) is not None
            or self._styles.hides(tag, attributes.get("id", ""), classes)
        )

    def keeps_lines(self, tag: str, css_class: str) -> bool:
        """Whether the style sheets keep the line breaks of such an element."""
        return self._styles.keeps_lines(tag, css_class.split())


def prose_length(element: HtmlElement) -> int:
    """Characters of an element's lines that are long enough for sentences."""
    content = _embedded_content(element)
    lines = element_lines(content) if content is not None else ()
    return sum(len(line) for line in lines if len(line) >= MIN_PROSE_LENGTH)


def _embedded_content(element: HtmlElement) -> HtmlElement | None:
    """An element, or what is written in it as text: a template, an escaped noscript.

    None if that is too short for an article, or to be filled by a script.
    """
    if element.tag not in ("script", "noscript") or len(element):
        return element
    text = element.text or ""
    if (
        len(text) < MIN_TEMPLATE_LENGTH
        or "<" not in text
        or _PLACEHOLDER.search(text, 0, MAX_TEMPLATE_LENGTH)
    ):
        return None
    tree = parse_html(text)
    return tree.find("body") if tree is not None else None


def show_embedded(element: HtmlElement) -> None:
    """Make the content of a ``noscript`` or template part of the page."""
    content = _embedded_content(element)
    if content is not None and content is not element:
        element.text = content.text
        element[:] = content[:]
    element.tag = "div"
    element.attrib.pop("type", None)


def remove_in_place(element: HtmlElement) -> None:
    """Empty an element so that nothing displays it; no other element is moved."""
    element.clear(keep_tail=True)
    element.tag = REMOVED_TAG


def place_streamed_parts(tree: HtmlElement) -> None:
    """Put parts of a page that were streamed after it to their places.

    React streams ``<div hidden id="S:1">`` and replaces ``<template id="B:1">``, or
    ``P:1``, by its content. A template that is a shadow root is displayed.
    """
    templates: dict[str, HtmlElement] = {}
    for template in list(islice(tree.iter("template"), MAX_STREAMED)):
        if "shadowrootmode" in template.attrib or "shadowroot" in template.attrib:
            template.tag = "div"
        elif name := template.get("id"):
            templates.setdefault(name, template)
    if not templates:
        return
    parts = (div for div in tree.iter("div") if "hidden" in div.attrib)
    for part in list(islice(parts, MAX_STREAMED)):
        name = _STREAMED_ID.fullmatch(part.get("id") or "")
        if name is None:
            continue
        keys = (f"{name[1]}{kind}:{name[2]}" for kind in "BP")
        place = next((templates[key] for key in keys if key in templates), None)
        if place is None or part in place.iterancestors():
            del part.attrib["hidden"]
            continue
        place.tag = "div"
        place.text = part.text
        place[:] = part[:]
        remove_in_place(part)
