"""Whether bytes are a feed or a page, by how they begin, else by the stated type.

Servers state ``text/html`` for feeds and ``text/xml`` for pages, so the root element is
believed first. Whether the bytes can be read is found out by ``feed`` and ``article``.
"""

from __future__ import annotations

import re
from typing import Literal

# Comments and stylesheets stand before the root of some feeds.
MAX_SNIFF_BYTES = 65_536
_PROLOG = re.compile(
    rb"\s+|<\?[^>]{0,2000}>|<!--.{0,20000}?-->"
    rb"|<!DOCTYPE(?!\s+html)[^\[<>]{0,2000}(?:\[[^\]]{0,20000}\]\s*)?>",
    re.IGNORECASE | re.DOTALL,
)
_FEED_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
# RFC 4287, 2: an entry may be a document of its own.
_ENTRY_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?entry\s[^<>]{0,2000}['\"]http://www\.w3\.org/2005/Atom['\"]"
)
_URL_LINE = re.compile(rb"https?://[^\s<>\"]+", re.IGNORECASE)
_HTML_START = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table|article)(?=[\s/>])",
    re.IGNORECASE,
)
_HTML_DOCUMENT = re.compile(
    rb"<(?:!doctype\s+html|html|head|body)(?=[\s/>])", re.IGNORECASE
)
_DECLARED_FEED = re.compile(
    rb"<\?xml[^>]{0,200}\?>\s*"
    rb"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
_FEED_TYPE = re.compile(r"(?:rss|atom|rdf|feed)\b|json|xml", re.IGNORECASE)


def sniff_kind(body: bytes, content_type: str = "") -> Literal["feed", "page"]:
    """What to read these bytes as."""
    # Without zeros and byte order marks, UTF-16 looks like ASCII.
    start = body[:MAX_SNIFF_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    position = 0
    while (match := _PROLOG.match(start, position)) is not None:
        position = match.end()
    start = start[position:]
    if (
        start[:1] in (b"{", b"[")
        or _FEED_ROOT.match(start)
        or _ENTRY_ROOT.match(start)
        or _is_url_list(start)
    ):
        return "feed"
    # A program's warning may precede the feed; an HTML document quotes one.
    declared = _DECLARED_FEED.search(start)
    if declared and _HTML_DOCUMENT.search(start, 0, declared.start()) is None:
        return "feed"
    if _HTML_START.match(start):
        return "page"
    feed, page = _FEED_ROOT.search(start), _HTML_START.search(start)
    if feed and (page is None or feed.start() < page.start()):
        return "feed"
    media_type = content_type.partition(";")[0].lower()
    if page or "html" in media_type:
        return "page"
    return "feed" if _FEED_TYPE.search(media_type) else "page"


def _is_url_list(start: bytes) -> bool:
    """Whether a text consists of URLs, one a line."""
    if start[:4].lower() != b"http":
        return False
    lines = [line for line in map(bytes.strip, start.splitlines()) if line]
    if len(start) > MAX_SNIFF_BYTES // 2 and len(lines) > 1:
        lines.pop()  # it may be cut off
    return all(map(_URL_LINE.fullmatch, lines))
