"""feedparser as we read with it: XML in, its record of the feed out. Pure.

Strictly first; what is broken is mended and read strictly again, then loosely, then as libxml2 recovers it. ``feedparser.parse``
itself would open a text as a file or an address. Not for: what an entry means to us (``entry``).
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import ExpatParser

from lxml import etree

from harvester.errors import BadAnswer
from harvester.parse.feeds.readers import readers
from harvester.parse.feeds.xml_repair import from_root, mended
from harvester.parse.html.charset import line
from harvester.parse.html.dom import bounded

LOOSE_MOST = 24_000  # tags: the loose parser takes several times as long for each
# What feedparser raises on surprises in markup.
_RAISED = (
    ValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    AssertionError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed as feedparser has it: ``links`` of feed and entries have the base in force as ``base``."""

    version: str
    feed: Any
    entries: list[Any]
    broken: str = ""  # what is wrong with its XML, in words


def parse(text: str, root: re.Match[str], url: str) -> Parsed:
    """Read a feed's XML: strictly, else mended, else loosely. Raises BadAnswer where none of it works."""
    text = from_root(text, root)
    version = (
        "rss10" if root[2].lower() == "rdf" else ""
    )  # else a namespace declared before its own decides
    try:
        return _strictly(text, url, version)
    except (SAXException, *_RAISED) as error:
        place = re.sub(r"^<unknown>:(\d+):(\d+): ", r"line \1, column \2: ", str(error))
        broken = line(place, 200) or type(error).__name__
    text = mended(text)
    try:
        return _strictly(text, url, version, broken)
    except (SAXException, *_RAISED):
        pass
    found = None
    with suppress(*_RAISED):
        found = _loosely(bounded(text, LOOSE_MOST), url, version, broken)
    if found is None or not found.entries:
        found = _recovered(text, url, version, broken) or found
    if found is None:
        raise BadAnswer(f"broken XML where a feed was: {broken}")
    return found


def _recovered(text: str, url: str, version: str, broken: str) -> Parsed | None:
    """What libxml2 makes of it, read strictly."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
        return (
            None
            if root is None
            else _strictly(
                etree.tostring(root, encoding="unicode"), url, version, broken
            )
        )
    except (SAXException, etree.LxmlError, *_RAISED):
        return None


def _strictly(text: str, url: str, version: str, broken: str = "") -> Parsed:
    reader = readers()[0](url, None, "")
    reader.version = version
    sax = _Sax()
    sax.setContentHandler(reader)
    sax.setErrorHandler(reader)
    sax.read(text)
    return Parsed(reader.version, reader.feeddata, reader.entries, broken)


def _loosely(text: str, url: str, version: str, broken: str) -> Parsed:
    reader = readers()[1](url, None, "", {})
    reader.version = version
    reader.feed(text)
    return Parsed(reader.version, reader.feeddata, reader.entries, broken)


class _Sax(ExpatParser):
    """Expat over a whole text at once, its character data in pieces as large as they come."""

    def __init__(self) -> None:
        super().__init__(1)

    def reset(self) -> None:
        super().reset()
        parser: Any = self._parser
        parser.buffer_text = True
        parser.buffer_size = 1 << 20

    def read(self, text: str) -> None:
        """Parse it. Raises SAXException at the first fault."""
        try:
            self.feed(text, True)
        finally:
            self._parser = None  # breaks the circle of expat's handlers and ours
