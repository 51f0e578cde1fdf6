"""A feed: RSS, RDF, Atom, JSON Feed, sitemap or WordPress bytes in, entries out.

Finds out by the first character or element what the bytes are. ``feed_xml`` has
feedparser read the XML, which ``xml_repair`` repairs, and ``entry`` says what an entry
means; ``jsonfeed``, ``sitemap`` and ``wordpress`` read the others.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import (
    FeedContext,
    build_entry,
    read_title,
    resolve_url,
)
from harvester.parse.feeds.feed_xml import ParsedFeed, parse_feed_xml
from harvester.parse.feeds.jsonfeed import read_json_feed
from harvester.parse.feeds.newest import keep_newest_entries, newest_indexes
from harvester.parse.feeds.publishing import (
    generator,
    new_feed_url,
    older_entries_urls,
    stated_interval,
)
from harvester.parse.feeds.sitemap import (
    is_url_list,
    read_sitemap,
    read_text_sitemap,
)
from harvester.parse.feeds.wordpress import read_posts, strip_noise
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.parse.feeds.xml_repair import find_root, strip_comments, strip_prolog
from harvester.parse.html.charset import clean_line, decode
from harvester.parse.html.dom import head_and_tail, limit_attributes, limit_tags

LARGE_FEED_LENGTH = 300_000  # characters; a smaller feed cannot take long
MAX_CONTROL_CHARS = 1_000
# Of the entries that are read; two thousand with twenty elements have as many tags, and
# two thousand with a hundred references as many of these.
MIN_FLOOD_TAGS = 30_000
MAX_TAGS = 80_000
MAX_ELEMENTS = 40_000  # what feedparser's time depends on; empty ones have one tag only
MAX_REFERENCES = 200_000  # each is decoded by itself
_CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32)))
_HTML_START = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_KIND_BY_ROOT: dict[str, Literal["rss", "atom", "rdf"]] = {
    "rss": "rss",
    "channel": "rss",
    "feed": "atom",
    "entry": "atom",
    "rdf": "rdf",
}


def read_feed(body: bytes, content_type: str, url: str, *, limit: int = 2000) -> Feed:
    """Read a feed: at most ``limit`` entries, the newest.

    Raises InvalidResponse with the reason if it is not a feed.
    """
    text = _drop_control_chars(decode(body, content_type))
    text = text.lstrip("\ufeff\0 \t\r\n")
    if not text:
        raise InvalidResponse("an empty response instead of a feed")
    if text[0] == "<" and is_posts_url(url) and not _HTML_START.search(text[:2_000]):
        text = strip_noise(text)
    if text[0] == "[" or (text[0] == "{" and is_posts_url(url)):
        return read_posts(text, url, limit)
    if text[0] == "{":
        return read_json_feed(text, url, limit)
    if _may_be_text_sitemap(content_type, url) and is_url_list(text):
        return read_text_sitemap(text, url, limit)
    root = find_root(text)
    if _HTML_START.search(strip_comments(text[: root.start() if root else 2_000])):
        raise InvalidResponse("HTML instead of a feed")
    if root is None:
        media_type = clean_line(content_type.partition(";")[0], 80)
        raise InvalidResponse(f"not a feed: {media_type or 'unknown content'}")
    root_name = root[2].lower()
    if root_name in ("urlset", "sitemapindex"):
        return read_sitemap(strip_prolog(text, root), url, limit)
    return _read_xml_feed(text, root, url, limit)


def _may_be_text_sitemap(content_type: str, url: str) -> bool:
    """By the sitemap protocol, a text file; without a type, what is in it decides."""
    media_type = content_type.partition(";")[0].strip().lower()
    path = urlsplit(url).path.lower().removesuffix(".gz")
    return media_type in ("", "text/plain") or path.endswith(".txt")


def _read_xml_feed(text: str, root: re.Match[str], url: str, limit: int) -> Feed:
    text, cut = keep_newest_entries(text, limit)
    less = _limit_markup(text)
    missing = ""
    if less != text:
        cut += _count_entries(text) - _count_entries(less)
        missing = (
            f"too many tags or references: {len(text) - len(less):,} characters in the "
            "middle of the feed are not read"
        )
    parsed = parse_feed_xml(less, find_root(less) or root, url)
    feed = _build_feed(parsed, _KIND_BY_ROOT[root[2].lower()], url, cut)
    return replace(_limit_entries(feed, limit), missing=missing)


def _drop_control_chars(text: str) -> str:
    """A text without control characters, if it is long and has many.

    No XML may have them; repairing them one by one takes long.
    """
    if len(text) < LARGE_FEED_LENGTH:
        return text
    encoded = text.encode("utf-8", "surrogatepass")
    clean = encoded.translate(None, _CONTROL_BYTES)
    if len(encoded) - len(clean) <= MAX_CONTROL_CHARS:
        return text
    return clean.decode("utf-8", "surrogatepass")


def _limit_markup(text: str) -> str:
    """A text with as many tags, references and attributes as can be read in time."""
    text = limit_tags(text, MAX_TAGS, MIN_FLOOD_TAGS)
    if text.count("<") - text.count("</") > MAX_ELEMENTS:
        text = head_and_tail(text, MAX_ELEMENTS)
    text = head_and_tail(text, MAX_REFERENCES, "&")
    return limit_attributes(text) if len(text) > LARGE_FEED_LENGTH else text


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
        reason = parsed.xml_error or "nothing in it"
        raise InvalidResponse(f"broken XML in the feed: {reason}")
    stated_url = str(feed.get("link") or "")
    site_url = resolve_url(stated_url, url)
    # RFC 4287, 4.2.1: an entry without authors has its feed's.
    authors = tuple(feed.get("authors") or ()) if kind == "atom" else ()
    language = clean_line(str(feed.get("language") or ""), 20).lower()
    interval, interval_words = stated_interval(feed)
    archive_url, next_url = older_entries_urls(feed, url)
    context = FeedContext(kind, url, site_url or url, stated_url, authors, language)
    return Feed(
        kind=kind,
        title=read_title(feed, kind),
        url=site_url,
        language=language,
        entries=tuple(
            build_entry(parsed_entry, context) for parsed_entry in parsed.entries
        ),
        cut=cut,
        new_url=new_feed_url(feed, url),
        interval=interval,
        interval_words=interval_words,
        archive_url=archive_url,
        next_url=next_url,
        generator=generator(feed),
    )


def _limit_entries(feed: Feed, limit: int) -> Feed:
    """The feed with its newest entries only, in their order."""
    entries = feed.entries
    if len(entries) <= limit:
        return feed

    def date(index: int) -> str:
        entry: Entry = entries[index]
        return entry.published or entry.updated or ""

    newest = newest_indexes(range(len(entries)), date, limit)
    return replace(
        feed,
        entries=tuple(entries[index] for index in newest),
        cut=feed.cut + len(entries) - limit,
    )
