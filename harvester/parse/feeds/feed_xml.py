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

from harvester.errors import InvalidResponse
from harvester.parse.feeds.readers import parser_classes
from harvester.parse.feeds.xml_repair import repair_xml, strip_prolog
from harvester.parse.html.charset import clean_line
from harvester.parse.html.dom import limit_tags

MAX_LOOSE_TAGS = 24_000  # tags: the loose parser takes several times as long for each
# What feedparser raises on surprises in markup.
_FEEDPARSER_ERRORS = (
    ValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    AssertionError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as feedparser has it: ``links`` of feed and entries have the base in force as ``base``."""

    version: str
    feed: Any
    entries: list[Any]
    xml_error: str = ""  # what is wrong with its XML, in words


def parse_feed_xml(text: str, root_match: re.Match[str], url: str) -> ParsedFeed:
    """Read a feed's XML: strictly, else mended, else loosely. Raises BadAnswer where none of it works."""
    text = strip_prolog(text, root_match)
    version = (
        "rss10" if root_match[2].lower() == "rdf" else ""
    )  # else a namespace declared before its own decides
    try:
        return _parse_strict(text, url, version)
    except (SAXException, *_FEEDPARSER_ERRORS) as error:
        place = re.sub(r"^<unknown>:(\d+):(\d+): ", r"line \1, column \2: ", str(error))
        broken = clean_line(place, 200) or type(error).__name__
    text = repair_xml(text)
    try:
        return _parse_strict(text, url, version, broken)
    except (SAXException, *_FEEDPARSER_ERRORS):
        pass
    found = None
    with suppress(*_FEEDPARSER_ERRORS):
        found = _parse_loose(limit_tags(text, MAX_LOOSE_TAGS), url, version, broken)
    if found is None or not found.entries:
        found = _parse_recovered(text, url, version, broken) or found
    if found is None:
        raise InvalidResponse(f"broken XML where a feed was: {broken}")
    return found


def _parse_recovered(
    text: str, url: str, version: str, xml_error: str
) -> ParsedFeed | None:
    """What libxml2 makes of it, read strictly."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
        return (
            None
            if root is None
            else _parse_strict(
                etree.tostring(root, encoding="unicode"), url, version, xml_error
            )
        )
    except (SAXException, etree.LxmlError, *_FEEDPARSER_ERRORS):
        return None


def _parse_strict(text: str, url: str, version: str, xml_error: str = "") -> ParsedFeed:
    reader = parser_classes()[0](url, None, "")
    reader.version = version
    sax = _WholeTextParser()
    sax.setContentHandler(reader)
    sax.setErrorHandler(reader)
    sax.parse_text(text)
    return ParsedFeed(reader.version, reader.feeddata, reader.entries, xml_error)


def _parse_loose(text: str, url: str, version: str, xml_error: str) -> ParsedFeed:
    reader = parser_classes()[1](url, None, "", {})
    reader.version = version
    reader.feed(text)
    return ParsedFeed(reader.version, reader.feeddata, reader.entries, xml_error)


class _WholeTextParser(ExpatParser):
    """Expat over a whole text at once, its character data in pieces as large as they come."""

    def __init__(self) -> None:
        super().__init__(1)

    def reset(self) -> None:
        super().reset()
        parser: Any = self._parser
        parser.buffer_text = True
        parser.buffer_size = 1 << 20

    def parse_text(self, text: str) -> None:
        """Parse it. Raises SAXException at the first fault."""
        try:
            self.feed(text, True)
        finally:
            self._parser = None  # breaks the circle of expat's handlers and ours
