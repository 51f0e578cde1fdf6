"""A feed: RSS, RDF, Atom, JSON Feed or sitemap bytes in, entries out. Pure.

The door: what the bytes are, by their first element or sign, and which room reads them. feedparser reads the XML
(``feedxml``, mended around in ``mending``), ``entry`` says what an entry means; ``jsonfeed``, ``sitemap``.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from typing import Literal

from harvester.errors import BadAnswer
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import entry, http
from harvester.parse.feeds.feed_xml import Parsed, parse
from harvester.parse.feeds.jsonfeed import read_json
from harvester.parse.feeds.newest import newest
from harvester.parse.feeds.sitemap import read_sitemap
from harvester.parse.feeds.xml_repair import root_of, without_comments
from harvester.parse.html.charset import decode, line, plain
from harvester.parse.html.dom import bounded, ends, without_floods

TAGS_MANY, TAGS_MOST = (
    30_000,
    80_000,
)  # of the entries that are read; two thousand of twenty elements have as many
ELEMENTS_MOST = (
    40_000  # feedparser's time goes by them: those that are empty have one tag only
)
REFERENCES_MOST = 200_000  # each is looked at by itself; two thousand entries of a hundred have as many
CONTROLS_MANY = 1_000
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32)))
LONG = 300_000  # characters, in which an element may have too many attributes
UNFOLDED_MOST = 50_000_000  # bytes of a gzipped sitemap: what the protocol allows
_HTML = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_KINDS: dict[str, Literal["rss", "atom", "rdf"]] = {
    "rss": "rss",
    "channel": "rss",
    "feed": "atom",
    "rdf": "rdf",
}


def read_feed(body: bytes, content_type: str, url: str, *, limit: int = 2000) -> Feed:
    """Read a feed; at most ``limit`` entries, the newest. Raises BadAnswer with the reason where it is none."""
    text = _clean(decode(_unfolded(body), content_type)).lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise BadAnswer("an empty answer where a feed was")
    if text[0] in "{[":
        return read_json(text, url, limit)
    root = root_of(text)
    if _HTML.search(without_comments(text[: root.start() if root else 2_000])):
        raise BadAnswer("HTML where a feed was")
    if root is None:
        raise BadAnswer(
            f"no feed: {line(content_type.partition(';')[0], 80) or 'unknown content'}"
        )
    name = root[2].lower()
    if name in ("urlset", "sitemapindex"):
        return read_sitemap(text[root.start() :], url, limit)
    text, cut = newest(text, limit)
    less = bounded(text, TAGS_MOST, TAGS_MANY)
    if less.count("<") - less.count("</") > ELEMENTS_MOST:
        less = ends(less, ELEMENTS_MOST)
    less = ends(less, REFERENCES_MOST, "&")
    if len(less) > LONG:
        less = without_floods(less)
    missing = ""
    if less != text:
        cut += _entries(text) - _entries(less)
        missing = f"too many tags or references: {len(text) - len(less):,} characters in the middle of the feed are not read"
    found = _read(parse(less, root_of(less) or root, url), _KINDS[name], url, cut)
    return replace(_bounded(found, limit), missing=missing)


def _clean(text: str) -> str:
    """Without the control characters that no XML may have, where there are many: one by one they take their time."""
    if len(text) < LONG:
        return text
    said = text.encode("utf-8", "surrogatepass")
    clean = said.translate(None, _CONTROLS)
    return (
        clean.decode("utf-8", "surrogatepass")
        if len(said) - len(clean) > CONTROLS_MANY
        else text
    )


def _entries(text: str) -> int:
    return text.count("<item") + text.count("<entry")


def _read(
    parsed: Parsed, kind: Literal["rss", "atom", "rdf"], url: str, cut: int
) -> Feed:
    feed = parsed.feed
    if (
        not parsed.entries
        and (not parsed.version or kind == "rdf")
        and not (feed.get("title") or feed.get("links"))
    ):
        raise BadAnswer(
            f"broken XML where a feed was: {parsed.broken or 'nothing in it'}"
        )
    stated = str(feed.get("link") or "")
    site = http(stated, url)
    return Feed(
        kind=kind,
        title=plain(feed.get("title") or feed.get("dc_title")),
        url=site,
        language=line(str(feed.get("language") or ""), 20).lower(),
        entries=tuple(
            entry(one, kind, url, site or url, stated) for one in parsed.entries
        ),
        cut=cut,
    )


def _bounded(feed: Feed, limit: int) -> Feed:
    """The feed with its newest entries, in their order."""
    entries = feed.entries
    if len(entries) <= limit:
        return feed
    newest_first = sorted(
        range(len(entries)), key=lambda place: _newness(entries[place]), reverse=True
    )[:limit]
    kept = tuple(entries[place] for place in sorted(newest_first))
    return replace(feed, entries=kept, cut=feed.cut + len(entries) - limit)


def _newness(one: Entry) -> str:
    return one.published or one.updated or ""


def _unfolded(body: bytes) -> bytes:
    """Gzip undone: sitemaps are often files of it."""
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(body, UNFOLDED_MOST)
    except zlib.error:
        return body
