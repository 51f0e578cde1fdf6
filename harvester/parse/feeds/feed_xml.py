"""A feed's XML in, feedparser's record of it out.

Read strictly first; broken XML is repaired and read strictly again, then loosely, then
as libxml2 recovers it. ``feedparser.parse`` is not used: it would open a text that
looks like a file name or a URL. What an entry means is decided by ``entry``.

feedparser is imported with ``readers`` when the first such feed is read: that takes
40 ms, and a process that reads only pages does without.
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
from harvester.parse.feeds.xml_repair import (
    close_open_sections,
    repair_xml,
    strip_prolog,
)
from harvester.parse.html.charset import clean_line
from harvester.parse.html.dom import limit_tags

MAX_LOOSE_TAGS = 24_000  # the loose parser takes several times as long for each
# What feedparser raises on surprising markup.
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
    """feedparser's record of a feed, as ``readers`` make it."""

    version: str
    feed: Any
    entries: list[Any]
    xml_error: str = ""  # what is wrong with its XML


def parse_feed_xml(text: str, root_match: re.Match[str], url: str) -> ParsedFeed:
    """Read a feed's XML, broken or not. Raises InvalidResponse if nothing works."""
    text = close_open_sections(strip_prolog(text, root_match))
    # Without a version, a namespace declared before the feed's own would decide.
    version = "rss10" if root_match[2].lower() == "rdf" else ""
    try:
        return _parse_strict(text, url, version)
    except (SAXException, *_FEEDPARSER_ERRORS) as error:
        reason = re.sub(
            r"^<unknown>:(\d+):(\d+): ", r"line \1, column \2: ", str(error)
        )
        xml_error = clean_line(reason, 200) or type(error).__name__
    text = repair_xml(text)
    try:
        return _parse_strict(text, url, version, xml_error)
    except (SAXException, *_FEEDPARSER_ERRORS):
        pass
    parsed = None
    with suppress(*_FEEDPARSER_ERRORS):
        less = limit_tags(text, MAX_LOOSE_TAGS)
        parsed = _parse_loose(less, url, version, xml_error)
    if parsed is None or not parsed.entries:
        parsed = _parse_recovered(text, url, version, xml_error) or parsed
    if parsed is None:
        raise InvalidResponse(f"broken XML in the feed: {xml_error}")
    return parsed


def _parse_recovered(
    text: str, url: str, version: str, xml_error: str
) -> ParsedFeed | None:
    """What libxml2 recovers of a text, read strictly; None if that fails."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
        if root is None:
            return None
        recovered = etree.tostring(root, encoding="unicode")
        return _parse_strict(recovered, url, version, xml_error)
    except (SAXException, etree.LxmlError, *_FEEDPARSER_ERRORS):
        return None


def _parse_strict(text: str, url: str, version: str, xml_error: str = "") -> ParsedFeed:
    from feedparser.exceptions import UndeclaredNamespace

    from harvester.parse.feeds.readers import StrictParser

    reader = StrictParser(url, None, "")
    reader.version = version
    parser = _WholeTextParser()
    parser.setContentHandler(reader)
    parser.setErrorHandler(reader)
    try:
        parser.parse_text(text)
    except UndeclaredNamespace as error:  # feedparser's, of no class that we could name
        raise SAXException(str(error)) from error
    return ParsedFeed(reader.version, reader.feeddata, reader.entries, xml_error)


def _parse_loose(text: str, url: str, version: str, xml_error: str) -> ParsedFeed:
    from harvester.parse.feeds.readers import LooseParser

    reader = LooseParser(url, None, "", {})
    reader.version = version
    reader.feed(text)
    return ParsedFeed(reader.version, reader.feeddata, reader.entries, xml_error)


class _WholeTextParser(ExpatParser):
    """Expat on a whole text at once, with character data in the largest pieces."""

    def __init__(self) -> None:
        super().__init__(1)

    def reset(self) -> None:
        super().reset()
        parser: Any = self._parser
        parser.buffer_text = True
        parser.buffer_size = 1 << 20

    def parse_text(self, text: str) -> None:
        """Parse a text. Raises SAXException at the first error."""
        try:
            self.feed(text, True)
        finally:
            self._parser = None  # breaks the cycle of expat's handlers and ours
