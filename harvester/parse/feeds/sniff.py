"""Whether bytes are a feed or a page, by what they begin with; where that says nothing, by the type stated. Pure.

Servers state ``text/html`` for feeds and ``text/xml`` for pages: the root element is believed first. Not for: whether they
can be read (``feed``, ``article``).
"""

from __future__ import annotations

import re
from typing import Literal

MAX_SNIFF_BYTES = (
    65_536  # bytes: comments and stylesheets stand before the root of some feeds
)
_PROLOG = re.compile(
    rb"\s+|<\?[^>]{0,2000}>|<!--.{0,20000}?-->|<!DOCTYPE(?!\s+html)[^\[<>]{0,2000}(?:\[[^\]]{0,20000}\]\s*)?>",
    re.IGNORECASE | re.DOTALL,
)
_FEED_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
_HTML_START = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table|article)(?=[\s/>])",
    re.IGNORECASE,
)
# After a warning that the program put before it: a declaration and a root, with no document of HTML around them.
_HTML_DOCUMENT = re.compile(
    rb"<(?:!doctype\s+html|html|head|body)(?=[\s/>])", re.IGNORECASE
)
_DECLARED_FEED = re.compile(
    rb"<\?xml[^>]{0,200}\?>\s*<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
_FEED_TYPE = re.compile(r"(?:rss|atom|rdf|feed)\b|json|xml", re.IGNORECASE)


def sniff_kind(body: bytes, content_type: str = "") -> Literal["feed", "page"]:
    """What to read these bytes as."""
    start = (
        body[:MAX_SNIFF_BYTES].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    )  # UTF-16 is ASCII and zeros here
    place = 0
    while (match := _PROLOG.match(start, place)) is not None:
        place = match.end()
    start = start[place:]
    if start[:1] in (b"{", b"[") or _FEED_ROOT.match(start):
        return "feed"
    declared = _DECLARED_FEED.search(start)
    if declared and _HTML_DOCUMENT.search(start, 0, declared.start()) is None:
        return "feed"
    if _HTML_START.match(start):
        return "page"
    feed, page = _FEED_ROOT.search(start), _HTML_START.search(start)
    if feed and (page is None or feed.start() < page.start()):
        return "feed"
    stated = content_type.partition(";")[0].lower()
    if page or "html" in stated:
        return "page"
    return "feed" if _FEED_TYPE.search(stated) else "page"
