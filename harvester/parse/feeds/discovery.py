"""The feeds that a page announces (RSS Board's autodiscovery, WHATWG HTML 4.6.7: ``rel=alternate`` with a feed's type). Pure.

Links that a reader is shown count only where the page's head announces none. Comments feeds are announced too and are named; a page's own oEmbed, REST and search descriptions are no feeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.feeds.entry import MAX_URL_LENGTH, resolve_url

MAX_FEEDS = 100
_BASE_HREF = etree.XPath("string(/html/head/descendant::base[@href][1]/@href)")
_FEED_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml",
     "application/x-rss+xml", "application/rss", "application/atom", "text/rss", "text/atom+xml", "application/x.atom+xml")
)  # fmt: skip
_AMBIGUOUS_TYPES = frozenset(
    ("application/json", "application/xml", "text/xml")
)  # of feeds, and of much else
_NOT_A_FEED = re.compile(
    r"/wp-json(?:/|$)|oembed|opensearch|/xmlrpc|manifest|sitemap|osd\.xml",
    re.IGNORECASE,
)
_FEED_URL_HINT = re.compile(
    r"rss|atom|feed|rdf|syndicat|\.json$|index\.xml$", re.IGNORECASE
)


def find_feed_urls(tree: HtmlElement | None, page_url: str) -> tuple[str, ...]:
    """Absolute addresses of the feeds that a page announces, in its order, each once. ``url``: the page's own address."""
    if tree is None:
        return ()
    return _feed_urls(tree.iter("link"), tree, page_url) or _feed_urls(
        (one for one in tree.iter("a") if one.get("type") is not None), tree, page_url
    )


def _feed_urls(
    links: Iterable[HtmlElement], tree: HtmlElement, page_url: str
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    base = ""
    for link in links:
        rels = (link.get("rel") or "").lower().split()
        if not ("feed" in rels or ("alternate" in rels and "stylesheet" not in rels)):
            continue
        href = (link.get("href") or "").strip()
        stated = link.get("type", "").partition(";")[0].strip().lower()
        if not href or not _is_feed_link(rels, stated, href):
            continue
        base = base or resolve_url(_BASE_HREF(tree), page_url) or page_url
        address = resolve_url(
            re.sub(
                r"^feed:(?://)?(?=https?:)|^feed:(?=//)", "", href, flags=re.IGNORECASE
            ),
            base,
        )
        if address and len(address) < MAX_URL_LENGTH and len(found) < MAX_FEEDS:
            found[_with_path(address)] = None
    return tuple(found)


def _is_feed_link(rels: list[str], media_type: str, href: str) -> bool:
    if media_type in _FEED_TYPES:
        return _NOT_A_FEED.search(href) is None or "feed" in href.lower()
    if media_type in _AMBIGUOUS_TYPES:
        return (
            _NOT_A_FEED.search(href) is None and _FEED_URL_HINT.search(href) is not None
        )
    return "feed" in rels and media_type in ("", "text/html")


def _with_path(url: str) -> str:
    """With the path that an address always has."""
    return url if urlsplit(url).path else f"{url}/" if "?" not in url else url
