"""The lines of a byline: its text without what its markup says not to be a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.charset import clean_line
from harvester.parse.names.byline_words import ENDS_IN_LABEL

MAX_ELEMENTS = 60  # elements of a byline

# Parts of a byline that are not the name.
_NOT_NAME_PART = re.compile(
    r"(?:^|[\s_-])(?:job|role|position|designation|function|occupation|funktion"
    r"|date|time|datetime|timestamp|published|updated|bio|biography|description|about"
    r"|social|share|follow|twitter|facebook|email|e-mail|mail|avatar|location|place"
    r"|ort|company|affiliation|org|organi[sz]ation|count|views|comments?|reading"
    r"|categor\w*|tags?|section|rubri\w*|sr-only|screen-reader-text|visually-hidden"
    r"|tooltip|(?:author|byline)[-_]{0,2}title)(?:$|[\s_-])",
    re.IGNORECASE,
)
# The beginning of a line that belongs to the line before.
_CONTINUES = re.compile(r"[,;(&+]|(?:and|und|et|y|e|og|och|en|with|mit|avec)\s", re.I)
_WHITE_SPACE = re.compile(r"\s+")
_LINE_TAGS = frozenset(
    "p div br li ul ol h1 h2 h3 h4 h5 h6 section article header table tr td dl dt dd"
    " address figure".split()
)
_INVISIBLE_TAGS = frozenset(("script", "style", "svg"))


def byline_lines(element: HtmlElement) -> list[str]:
    """The text of a byline, a line for each block and each link.

    Without what its markup says to be the role, the date or the like. [] if it is made
    of too many elements.
    """
    texts = _line_texts(element, _is_not_name)
    if not texts or not "".join(texts).strip():
        texts = _line_texts(element, lambda _: False)
    lines: list[str] = []
    for text in " ".join(texts).split("\n"):
        line = clean_line(text)
        if not line:
            continue
        if lines and (_CONTINUES.match(line) or ENDS_IN_LABEL.search(lines[-1])):
            lines[-1] += f" {line}"
        elif line.strip(" |·•-–—/"):
            lines.append(line)
    return lines


def _line_texts(
    element: HtmlElement, is_skipped: Callable[[HtmlElement], bool]
) -> list[str]:
    """The texts of an element, with a line feed at each boundary of a line."""
    texts: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for count, (event, node) in enumerate(walk):
        if count > MAX_ELEMENTS * 2:
            return []
        tag = node.tag
        is_line = tag in _LINE_TAGS or (
            node is not element
            and (tag == "a" or (tag == "span" and _is_glued(node)))
            and _has_two_words(node)
        )
        if event == "end":
            texts += ["\n"] if is_line else []
            texts += (
                [_WHITE_SPACE.sub(" ", node.tail)]
                if node.tail and node is not element
                else []
            )
            continue
        if node is not element and (tag in _INVISIBLE_TAGS or is_skipped(node)):
            walk.skip_subtree()
            continue
        texts += ["\n"] if is_line else []
        texts += [_WHITE_SPACE.sub(" ", node.text)] if node.text else []
    return texts


def _is_glued(element: HtmlElement) -> bool:
    """Whether an element stands right beside another one of its kind."""
    previous, following = element.getprevious(), element.getnext()
    return (
        following is not None and following.tag == element.tag and not element.tail
    ) or (previous is not None and previous.tag == element.tag and not previous.tail)


def _has_two_words(element: HtmlElement) -> bool:
    return " " in "".join(islice(element.itertext(), 4)).strip()


def _is_not_name(element: HtmlElement) -> bool:
    """Whether an element in a byline is its role, its date or a picture."""
    if element.tag in ("time", "button", "img", "figcaption"):
        return True
    hints = f"{element.get('class', '')} {element.get('itemprop', '')}"
    return len(hints) > 1 and _NOT_NAME_PART.search(hints) is not None
