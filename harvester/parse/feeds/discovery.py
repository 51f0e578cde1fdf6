"""The feeds that a page announces (RSS Board's autodiscovery, WHATWG HTML 4.6.7: ``rel=alternate`` with a feed's type). Pure.

Links that a reader is shown count only where the page's head announces none. Comments feeds are announced too and are named; a page's own oEmbed, REST and search descriptions are no feeds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.feeds.entry import URL_MOST, http

FEEDS_MOST = 100
_BASE = etree.XPath("string(/html/head/descendant::base[@href][1]/@href)")
_TYPES = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml",
     "application/x-rss+xml", "application/rss", "application/atom", "text/rss", "text/atom+xml", "application/x.atom+xml")
)  # fmt: skip
_MAYBE = frozenset(
    ("application/json", "application/xml", "text/xml")
)  # of feeds, and of much else
_NO_FEED = re.compile(
    r"/wp-json(?:/|$)|oembed|opensearch|/xmlrpc|manifest|sitemap|osd\.xml",
    re.IGNORECASE,
)
_FEEDLIKE = re.compile(r"rss|atom|feed|rdf|syndicat|\.json$|index\.xml$", re.IGNORECASE)


def feeds(tree: HtmlElement | None, url: str) -> tuple[str, ...]:
    """Absolute addresses of the feeds that a page announces, in its order, each once. ``url``: the page's own address."""
    if tree is None:
        return ()
    return _of(tree.iter("link"), tree, url) or _of(
        (one for one in tree.iter("a") if one.get("type") is not None), tree, url
    )


def _of(links: Iterable[HtmlElement], tree: HtmlElement, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    base = ""
    for link in links:
        rels = (link.get("rel") or "").lower().split()
        if not ("feed" in rels or ("alternate" in rels and "stylesheet" not in rels)):
            continue
        href = (link.get("href") or "").strip()
        stated = link.get("type", "").partition(";")[0].strip().lower()
        if not href or not _announces(rels, stated, href):
            continue
        base = base or http(_BASE(tree), url) or url
        address = http(
            re.sub(
                r"^feed:(?://)?(?=https?:)|^feed:(?=//)", "", href, flags=re.IGNORECASE
            ),
            base,
        )
        if address and len(address) < URL_MOST and len(found) < FEEDS_MOST:
            found[_whole(address)] = None
    return tuple(found)


def _announces(rels: list[str], stated: str, href: str) -> bool:
    if stated in _TYPES:
        return _NO_FEED.search(href) is None or "feed" in href.lower()
    if stated in _MAYBE:
        return _NO_FEED.search(href) is None and _FEEDLIKE.search(href) is not None
    return "feed" in rels and stated in ("", "text/html")


def _whole(address: str) -> str:
    """With the path that an address always has."""
    return (
        address
        if urlsplit(address).path
        else f"{address}/"
        if "?" not in address
        else address
    )
