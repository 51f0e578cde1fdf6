"""A feed: RSS, RDF, Atom, JSON Feed or sitemap bytes in, entries out. Pure.

The door: what the bytes are, by their first element or sign, and which room reads them. feedparser reads the XML
(``feedxml``, mended around in ``mending``), ``entry`` says what an entry means; ``jsonfeed``, ``sitemap``.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Literal

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import build_entry, resolve_url
from harvester.parse.feeds.feed_xml import ParsedFeed, parse_feed_xml
from harvester.parse.feeds.jsonfeed import read_json_feed
from harvester.parse.feeds.newest import keep_newest_entries
from harvester.parse.feeds.sitemap import read_sitemap
from harvester.parse.feeds.xml_repair import find_root, strip_comments
from harvester.parse.html.charset import clean_line, decode, html_to_text
from harvester.parse.html.dom import head_and_tail, limit_attributes, limit_tags

MIN_FLOOD_TAGS, MAX_TAGS = (
    30_000,
    80_000,
)  # of the entries that are read; two thousand of twenty elements have as many
MAX_ELEMENTS = (
    40_000  # feedparser's time goes by them: those that are empty have one tag only
)
MAX_REFERENCES = 200_000  # each is looked at by itself; two thousand entries of a hundred have as many
MAX_CONTROL_CHARS = 1_000
_CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32)))
LARGE_FEED_LENGTH = (
    300_000  # characters, in which an element may have too many attributes
)
MAX_DECOMPRESSED_BYTES = (
    50_000_000  # bytes of a gzipped sitemap: what the protocol allows
)
_HTML_START = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_KIND_BY_ROOT: dict[str, Literal["rss", "atom", "rdf"]] = {
    "rss": "rss",
    "channel": "rss",
    "feed": "atom",
    "rdf": "rdf",
}


def read_feed(body: bytes, content_type: str, url: str, *, limit: int = 2000) -> Feed:
    """Read a feed; at most ``limit`` entries, the newest. Raises BadAnswer with the reason where it is none."""
    text = _strip_control_chars(decode(_decompress(body), content_type)).lstrip(
        "\ufeff\0 \t\r\n"
    )
    if not text:
        raise InvalidResponse("an empty answer where a feed was")
    if text[0] in "{[":
        return read_json_feed(text, url, limit)
    root = find_root(text)
    if _HTML_START.search(strip_comments(text[: root.start() if root else 2_000])):
        raise InvalidResponse("HTML where a feed was")
    if root is None:
        raise InvalidResponse(
            f"no feed: {clean_line(content_type.partition(';')[0], 80) or 'unknown content'}"
        )
    name = root[2].lower()
    if name in ("urlset", "sitemapindex"):
        return read_sitemap(text[root.start() :], url, limit)
    text, cut = keep_newest_entries(text, limit)
    less = limit_tags(text, MAX_TAGS, MIN_FLOOD_TAGS)
    if less.count("<") - less.count("</") > MAX_ELEMENTS:
        less = head_and_tail(less, MAX_ELEMENTS)
    less = head_and_tail(less, MAX_REFERENCES, "&")
    if len(less) > LARGE_FEED_LENGTH:
        less = limit_attributes(less)
    missing = ""
    if less != text:
        cut += _count_entries(text) - _count_entries(less)
        missing = f"too many tags or references: {len(text) - len(less):,} characters in the middle of the feed are not read"
    found = _build_feed(
        parse_feed_xml(less, find_root(less) or root, url),
        _KIND_BY_ROOT[name],
        url,
        cut,
    )
    return replace(_limit_entries(found, limit), missing=missing)


def _strip_control_chars(text: str) -> str:
    """Without the control characters that no XML may have, where there are many: one by one they take their time."""
    if len(text) < LARGE_FEED_LENGTH:
        return text
    said = text.encode("utf-8", "surrogatepass")
    clean = said.translate(None, _CONTROL_BYTES)
    return (
        clean.decode("utf-8", "surrogatepass")
        if len(said) - len(clean) > MAX_CONTROL_CHARS
        else text
    )


def _count_entries(text: str) -> int:
    return text.count("<item") + text.count("<entry")


def _build_feed(
    parsed: ParsedFeed, kind: Literal["rss", "atom", "rdf"], url: str, cut: int
) -> Feed:
    feed = parsed.feed
    if (
        not parsed.entries
        and (not parsed.version or kind == "rdf")
        and not (feed.get("title") or feed.get("links"))
    ):
        raise InvalidResponse(
            f"broken XML where a feed was: {parsed.xml_error or 'nothing in it'}"
        )
    stated = str(feed.get("link") or "")
    site = resolve_url(stated, url)
    return Feed(
        kind=kind,
        title=html_to_text(feed.get("title") or feed.get("dc_title")),
        url=site,
        language=clean_line(str(feed.get("language") or ""), 20).lower(),
        entries=tuple(
            build_entry(one, kind, url, site or url, stated) for one in parsed.entries
        ),
        cut=cut,
    )


def _limit_entries(feed: Feed, limit: int) -> Feed:
    """The feed with its newest entries, in their order."""
    entries = feed.entries
    if len(entries) <= limit:
        return feed
    newest_first = sorted(
        range(len(entries)), key=lambda place: _sort_date(entries[place]), reverse=True
    )[:limit]
    kept = tuple(entries[place] for place in sorted(newest_first))
    return replace(feed, entries=kept, cut=feed.cut + len(entries) - limit)


def _sort_date(one: Entry) -> str:
    return one.published or one.updated or ""


def _decompress(body: bytes) -> bytes:
    """Gzip undone: sitemaps are often files of it."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(
            body, MAX_DECOMPRESSED_BYTES
        )
    except zlib.error:
        return body
