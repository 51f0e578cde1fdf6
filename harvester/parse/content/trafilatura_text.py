"""The text that trafilatura finds: a second extraction, and the last resort."""

from __future__ import annotations

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.dom import MAX_DEPTH
from harvester.parse.html.element_text import element_lines

# trafilatura takes seconds for larger pages than this; no real page is so large.
MAX_ELEMENTS = 12_000
MAX_LENGTH = 2_000_000  # characters
# The depths of all elements, added up: of many elements it reads all descendants again.
MAX_TOTAL_DEPTH = 250_000
MIN_BASELINE_LENGTH = 50  # characters; what the baseline finds below that is no text
_COUNT_ELEMENTS = etree.XPath("count(//*)")
_HAS_TOO_MANY_CHARS = etree.XPath(f"string-length(/) > {MAX_LENGTH}")


def _is_too_large(tree: HtmlElement) -> bool:
    """Whether trafilatura would take seconds for a page."""
    elements = _COUNT_ELEMENTS(tree)
    if elements > MAX_ELEMENTS or _HAS_TOO_MANY_CHARS(tree):
        return True
    may_be_deep = elements * MAX_DEPTH > MAX_TOTAL_DEPTH
    return may_be_deep and _total_depth(tree) > MAX_TOTAL_DEPTH


def _total_depth(tree: HtmlElement) -> int:
    """The depths of all elements, added up."""
    total = depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            depth += 1
            total += depth
        else:
            depth -= 1
    return total


def trafilatura_lines(tree: HtmlElement, fast: bool = False) -> list[str]:
    """The text that trafilatura finds; nothing for a page that is too large.

    ``fast``: without comparing with other extractors. Never uses ``deduplicate``, which
    depends on pages read before.
    """
    if _is_too_large(tree):
        return []
    from trafilatura import bare_extraction

    document = bare_extraction(
        tree, include_comments=False, with_metadata=False, fast=fast
    )
    body = getattr(document, "body", None)
    return list(element_lines(body)) if body is not None else []


def baseline_lines(tree: HtmlElement) -> list[str]:
    """The text that trafilatura's baseline finds; all text if the page is too large."""
    if _is_too_large(tree):
        return list(element_lines(tree))
    from trafilatura import baseline

    body, _, length = baseline(etree.tostring(tree, encoding="unicode", method="html"))
    return list(element_lines(body)) if length >= MIN_BASELINE_LENGTH else []
