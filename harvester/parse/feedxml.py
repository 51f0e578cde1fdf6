"""feedparser as we read with it: XML in, its record of the feed out. Pure.

Its parser classes are used as they are, with what is dear, wrong or dangerous overridden here, in subclasses: nothing of
feedparser is patched for others. No sanitising and no resolving inside texts (dear, and one of its expressions is
quadratic): what is kept is cleaned where it is kept. ``feedparser.parse`` itself would open a text as a file or an address.
Not for: what an entry means to us (``entry``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import ExpatParser

from harvester.errors import BadAnswer
from harvester.parse.mending import from_root, mended
from harvester.parse.text import line

AUTHOR_MOST = 1_000  # characters: feedparser looks for addresses in longer ones in quadratic time
# What feedparser raises on surprises in markup.
_RAISED = (ValueError, ArithmeticError, AttributeError, LookupError, TypeError, AssertionError, RecursionError)
_BEYOND_ASCII = re.compile("[\x80-\x9f]")


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
    version = "rss10" if root[2].lower() == "rdf" else ""  # else a namespace declared before its own decides
    try:
        return _strictly(text, url, version)
    except (SAXException, *_RAISED) as error:
        broken = line(str(error), 200) or type(error).__name__
    text = mended(text)
    try:
        return _strictly(text, url, version, broken)
    except (SAXException, *_RAISED):
        pass
    try:
        return _loosely(text, url, version, broken)
    except _RAISED as error:
        raise BadAnswer(f"broken XML where a feed was: {broken}") from error


def _strictly(text: str, url: str, version: str, broken: str = "") -> Parsed:
    reader = _readers()[0](url, None, "")
    reader.version = version
    sax = _Sax()
    sax.setContentHandler(reader)
    sax.setErrorHandler(reader)
    sax.read(text)
    return Parsed(reader.version, reader.feeddata, reader.entries, broken)


def _loosely(text: str, url: str, version: str, broken: str) -> Parsed:
    reader = _readers()[1](url, None, "", {})
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


class _Text(str):
    """What an element holds: feedparser's last step, which looks at each character, was taken at once."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        return str(self)


@cache
def _readers() -> tuple[Any, Any]:
    """feedparser's strict and its loose parser, as we use them."""
    from feedparser.api import LooseFeedParser, StrictFeedParser

    return _ours(StrictFeedParser), _ours(LooseFeedParser)


def _ours(base: Any) -> Any:
    from feedparser.html import _cp1252
    from feedparser.util import FeedParserDict

    class Parameters(FeedParserDict):  # type: ignore[misc]
        """What is said of an element's content: flat, so that a copy need not be deep."""

        def __deepcopy__(self, memo: Any) -> Any:
            return FeedParserDict(self)

    class Ours(base):  # type: ignore[misc]
        """What is overridden in both."""

        contentparams: Any
        resolve_relative_uris = False
        sanitize_html = False
        can_be_relative_uri = frozenset[str]()  # ids stay as they are; links are resolved by our rules

        def resolve_uri(self, uri: str) -> str:
            return uri

        def push_content(self, *arguments: Any) -> None:
            super().push_content(*arguments)
            self.contentparams = Parameters(self.contentparams)

        def decode_entities(self, element: str, data: str) -> str:
            text = super().decode_entities(element, data)
            if text.isascii():
                return _Text(text)
            text = _unmixed(text)
            return _Text(text.translate(_cp1252) if _BEYOND_ASCII.search(text) else text)

        def _sync_author_detail(self, key: str = "author") -> None:
            if len(str(dict.get(self._get_context(), key) or "")) <= AUTHOR_MOST:
                super()._sync_author_detail(key)

        def _start_link(self, attributes: dict[str, Any]) -> None:
            super()._start_link(attributes)
            links = dict.get(self._get_context(), "links")
            if links:
                links[-1]["base"] = self.baseuri

        def _start_guid(self, attributes: dict[str, Any]) -> None:
            super()._start_guid({name: str(value).strip().lower() for name, value in attributes.items()})

        _start_id = _start_guid

        # Other vocabularies' titles stand beside a title, not in its place.
        def _start_dc_title(self, attributes: dict[str, Any]) -> None:
            self.push_content("dc_title", attributes, "text/plain", 1)

        def _end_dc_title(self) -> None:
            self.pop_content("dc_title")

        def _start_media_title(self, attributes: dict[str, Any]) -> None:
            self.push_content("media_title", attributes, "text/plain", 1)

        def _end_media_title(self) -> None:
            self.pop_content("media_title")

        # Dates stay text: they are read by our rules.
        def _end_published(self) -> None:
            self.pop("published")

        def _end_updated(self) -> None:
            self.pop("updated")

        def _end_created(self) -> None:
            self.pop("created")

        _end_issued = _end_pubdate = _end_published
        _end_modified = _end_lastbuilddate = _end_updated

    return Ours


def _unmixed(text: str) -> str:
    """UTF-8 that somebody read as Latin-1 and wrote again."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text
