"""Bytes become a tree of elements: the one parse that all of the reading shares. Pure.

What is nested deeper than lxml and trafilatura can read is flattened. Not for: what the elements mean (``blocks``, ``metadata``).
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

CUT_OFF = 2_000  # the parser itself keeps nothing deeper than 2,048
DEPTH_MOST = 200  # lxml and trafilatura lose what is nested deeper than about 250


def tree_of(text: str) -> HtmlElement | None:
    """The tree of a page, None where nothing reads as HTML. Without comments and processing instructions."""
    text = text.replace("\0", "")  # where lxml would stop; other control characters go from what is kept
    if declared := _DECLARATION.match(text):
        text = text[declared.end() :]
    if "<" not in text:
        return None
    tree = _parsed(text)
    if tree is not None and _TOO_DEEP(tree) and _flatten(tree) >= CUT_OFF:
        tree = _parsed(_WRAPPER.sub("", text))  # the parser gave up: what lay deeper is not in the tree
        if tree is not None and _TOO_DEEP(tree):  # of something else
            _flatten(tree)
    return tree


_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
# lxml.html asks a function of Python for the class of each element that is touched; forms and inputs need no class of their own here.
_PLAIN = etree.ElementDefaultClassLookup(element=HtmlElement)


def _parsed(text: str) -> HtmlElement | None:
    parser = HTMLParser(collect_ids=False, remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")
    parser.set_element_class_lookup(_PLAIN)
    try:
        return document_fromstring(
            text.encode("utf-8", "replace"), parser=parser
        )  # the parser's own encoding: no detour
    except (etree.LxmlError, ValueError, AssertionError):
        return None


_TOO_DEEP = etree.XPath("boolean(/" + "/".join("*" * (DEPTH_MOST + 1)) + ")")
_TELLING = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "br", "a", "blockquote", "pre", "script", "style", "time", "img")
)
_WRAPPER = re.compile(
    r"</?(?:div|span|section|font|b|i|em|strong|center|table|tbody|tr|td|ul|ol|blockquote)\b[^<>]*>", re.IGNORECASE
)


def _flatten(tree: HtmlElement) -> int:
    """Take the wrappers out of what is nested deeper than anything can read, then all that is. How deep it was."""
    deepest = 0
    for most, kept in ((DEPTH_MOST - 20, _TELLING), (DEPTH_MOST, frozenset(("script", "style")))):
        depth, deep = 0, []
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            depth += 1 if event == "start" else -1
            deepest = max(deepest, depth)
            if event == "start" and depth > most and element.tag not in kept:
                deep.append(element)
        for element in deep:  # outer ones first: each has few children of its own
            element.drop_tag()
    return deepest
