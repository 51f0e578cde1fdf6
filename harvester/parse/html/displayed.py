"""What of a page no reader sees: what its markup and its own style sheets hide.

Words for screen readers alone are hidden too. ``aria-hidden`` hides nothing from
readers. Whether hiding would take the text itself, which scripts then show, is for
``content.page_blocks`` to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import islice

from lxml import etree
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
# Styles of words for screen readers, and of such as are to spoil copies.
_OFF_SCREEN = re.compile(
    r"(?<![\w-])(?:(?:left|top|right|text-indent)\s*+:\s*+-\d{4,}"
    r"|clip\s*+:\s*+rect\(\s*+[01](?:px)?[\s,)])",
    re.IGNORECASE,
)
_TOO_SMALL = re.compile(
    r"(?<![\w-])font-size\s*+:\s*+0(?:px|em|rem|pt|%)?\s*+(?:;|!|$)", re.IGNORECASE
)
# What style sheets hide until a reader opens it, and scripts may open at once.
_EXPANDABLE = re.compile(
    r"accordion|faq|collapse|collapsible|expand|toggle|answer|tab-?(?:pane|panel|content)"
    r"|(?:read|show)-?more|paywall|truncated?",
    re.IGNORECASE,
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
        names = self._styles.hidden.keys()
        hiding_classes = _HIDING_CLASSES | {
            name[1:] for name in names if name.startswith(".")
        }
        # Whether an attribute ``class`` has a class that may hide an element.
        self.may_hide: Callable[[str], bool] = cache(
            lambda css_class: not hiding_classes.isdisjoint(css_class.split())
        )
        # Tags that may be hidden without any attribute.
        self.hidden_tags = {"dialog"} | {
            name for name in names if not name.startswith((".", "#"))
        }
        self.hiding_ids = {name[1:] for name in names if name.startswith("#")}
        self.keeps_any_lines = bool(self._styles.keeping_lines)
        self.shown: set[HtmlElement] = set()  # whatever hides them

    def hides(self, element: HtmlElement, tag: str) -> bool:
        """Whether an element is hidden that has an attribute or class that may do so.

        These are ``hidden``, ``popover``, the styles of ``may_hide_by_style``, the
        classes of ``may_hide`` and ``hiding_ids``; or the tag is one of
        ``hidden_tags``.
        """
        attributes = element.attrib
        css_class, style = attributes.get("class", ""), attributes.get("style", "")
        hidden = attributes.get("hidden")
        is_hidden = (
            (hidden is not None and hidden.lower() != "until-found")
            or "popover" in attributes
            or (tag == "dialog" and "open" not in attributes)
            or (bool(style) and _is_hidden_by_style(element, style))
            or not _HIDING_CLASSES.isdisjoint(css_class.split())
            or (self._styles.hides(element) and not _EXPANDABLE.search(css_class))
        )
        return (
            is_hidden
            and not _SHOWN_ON_WIDE_SCREENS.search(css_class)
            and element not in self.shown
        )

    def keeps_lines(self, element: HtmlElement) -> bool:
        """Whether the style sheets keep the line breaks of an element."""
        return self._styles.keeps_lines(element)


@lru_cache(maxsize=1024)
def may_hide_by_style(style: str) -> bool:
    """Whether an attribute ``style`` hides an element, or may do so."""
    return any(one.search(style) for one in (HIDES, _OFF_SCREEN, _TOO_SMALL))


def _is_hidden_by_style(element: HtmlElement, style: str) -> bool:
    return may_hide_by_style(style) and (
        HIDES.search(style) is not None
        or _OFF_SCREEN.search(style) is not None
        or not len(element)  # too small
    )


_TEXT_LENGTH = etree.XPath("string-length()")


def max_prose_length(element: HtmlElement) -> int:
    """What ``prose_length`` may be at most, which is much faster to find out."""
    # A space may be put between the texts of two cells.
    return 2 * int(_TEXT_LENGTH(element))


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
