"""The text of an element that is text and nothing else, as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from harvester.parse.html.charset import clean_line

MAX_TEXT_LENGTH = 2_000_000  # characters
# Of HTML, and of the TEI that trafilatura returns.
_BLOCK_TAGS = frozenset(
    "p head item quote list table row div code ab body main blockquote li ul ol"
    " h1 h2 h3 h4 h5 h6 section article figure pre dl dt dd tr tbody html hr header"
    " footer aside".split()
)
_LINE_BREAK_TAGS = frozenset(("lb", "br"))  # people end paragraphs with them too
_CELL_TAGS = frozenset(("cell", "td", "th"))
_SKIPPED_TAGS = frozenset(
    "script style graphic head-title iframe noscript svg form button title meta"
    " link".split()
)


def element_lines(root: Any) -> Iterator[str]:
    """The blocks of an element, each as a line; the cells of a table row are one."""
    if not len(root):  # as most headings and cells
        if line := clean_line(root.text, MAX_TEXT_LENGTH):
            yield line
        return
    parts: list[str] = []

    def flush() -> Iterator[str]:
        line = clean_line("".join(parts), MAX_TEXT_LENGTH)
        parts.clear()
        if line:
            yield line

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCK_TAGS or tag in _LINE_BREAK_TAGS:
                yield from flush()
            if tag in _SKIPPED_TAGS and element is not root:
                walk.skip_subtree()
                continue
            if tag in _CELL_TAGS and parts:
                parts.append(" ")
            if element.text:
                parts.append(element.text)
            continue
        if tag in _BLOCK_TAGS:
            yield from flush()
        if element.tail and element is not root:
            parts.append(element.tail)
    yield from flush()
