"""Whether bytes are a feed or a page, by what they begin with; where that says nothing, by the type stated. Pure.

Servers state ``text/html`` for feeds and ``text/xml`` for pages: the root element is believed first. Not for: whether they
can be read (``feed``, ``article``).
"""

from __future__ import annotations

import re
from typing import Literal

LOOKED_AT = (
    65_536  # bytes: comments and stylesheets stand before the root of some feeds
)
_BEFORE_ROOT = re.compile(
    rb"\s+|<\?[^>]{0,2000}>|<!--.{0,20000}?-->|<!DOCTYPE(?!\s+html)[^\[<>]{0,2000}(?:\[[^\]]{0,20000}\]\s*)?>",
    re.IGNORECASE | re.DOTALL,
)
_ROOT = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|div|p|h1|table|article)(?=[\s/>])",
    re.IGNORECASE,
)
# After a warning that the program put before it: a declaration and a root, with no document of HTML around them.
_DOCUMENT = re.compile(rb"<(?:!doctype\s+html|html|head|body)(?=[\s/>])", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}\?>\s*<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|urlset|sitemapindex)(?=[\s/>])",
    re.IGNORECASE,
)
_FEED_TYPE = re.compile(r"(?:rss|atom|rdf|feed)\b|json|xml", re.IGNORECASE)


def kind_of(body: bytes, content_type: str = "") -> Literal["feed", "page"]:
    """What to read these bytes as."""
    start = (
        body[:LOOKED_AT].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    )  # UTF-16 is ASCII and zeros here
    place = 0
    while (match := _BEFORE_ROOT.match(start, place)) is not None:
        place = match.end()
    start = start[place:]
    if start[:1] in (b"{", b"[") or _ROOT.match(start):
        return "feed"
    declared = _DECLARED.search(start)
    if declared and _DOCUMENT.search(start, 0, declared.start()) is None:
        return "feed"
    if _HTML.match(start):
        return "page"
    feed, page = _ROOT.search(start), _HTML.search(start)
    if feed and (page is None or feed.start() < page.start()):
        return "feed"
    stated = content_type.partition(";")[0].lower()
    if page or "html" in stated:
        return "page"
    return "feed" if _FEED_TYPE.search(stated) else "page"
