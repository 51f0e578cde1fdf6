"""The feeds that a page announces.

Sources: the RSS Board's autodiscovery and WHATWG HTML 4.6.7, ``rel=alternate`` with a
feed's type. Links that readers see count only if the page's head announces none. Feeds
of comments are announced too, and found; a page's oEmbed, REST and search descriptions
are not feeds, nor is what it describes in RDF.
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
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "text/rss+xml",
        "application/x-rss+xml",
        "application/rss",
        "application/atom",
        "text/rss",
        "text/atom+xml",
        "application/x.atom+xml",
    )
)
# Types of feeds, and of much else.
_AMBIGUOUS_TYPES = frozenset(("application/json", "application/xml", "text/xml"))
# What else a link with an alternate page's relation may be.
_OTHER_RELS = frozenset(("stylesheet", "meta", "describedby"))
_NOT_A_FEED = re.compile(
    r"/wp-json(?:/|$)|oembed|opensearch|/xmlrpc|manifest|sitemap|osd\.xml",
    re.IGNORECASE,
)
# RDF also describes people, projects, vocabularies and data.
_OTHER_RDF = re.compile(
    r"foaf|doap|sioc|skos|dublin|metadata|exportrdf|vcard|licen[cs]e|creativecommons"
    r"|ontology|dataset|/data/|linked.data|\.owl|schema"
)
_FEED_URL_HINT = re.compile(
    r"rss|atom|feed|rdf|syndicat|\.json$|index\.xml$", re.IGNORECASE
)
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)|^feed:(?=//)", re.IGNORECASE)


def find_feed_urls(tree: HtmlElement | None, page_url: str) -> tuple[str, ...]:
    """Absolute URLs of the feeds that a page announces, in page order, each once."""
    if tree is None:
        return ()
    typed_links = (link for link in tree.iter("a") if link.get("type") is not None)
    return _feed_urls(tree.iter("link"), tree, page_url) or _feed_urls(
        typed_links, tree, page_url
    )


def _feed_urls(
    links: Iterable[HtmlElement], tree: HtmlElement, page_url: str
) -> tuple[str, ...]:
    urls: dict[str, None] = {}
    base_url = ""
    for link in links:
        rel = (link.get("rel") or "").lower()
        if "alternate" not in rel and "feed" not in rel:
            continue  # as most links: style sheets, icons
        rels = rel.split()
        if not ("feed" in rels or ("alternate" in rels and not _OTHER_RELS & {*rels})):
            continue
        href = (link.get("href") or "").strip()
        media_type = link.get("type", "").partition(";")[0].strip().lower()
        if not href or not _is_feed_link(rels, media_type, href):
            continue
        if media_type == "application/rdf+xml" and _is_other_rdf(link):
            continue
        base_url = base_url or resolve_url(_BASE_HREF(tree), page_url) or page_url
        url = resolve_url(_FEED_SCHEME.sub("", href), base_url)
        if url and len(url) < MAX_URL_LENGTH and len(urls) < MAX_FEEDS:
            urls[_with_path(url)] = None
    return tuple(urls)


def _is_feed_link(rels: list[str], media_type: str, href: str) -> bool:
    if media_type in _FEED_TYPES:
        return _NOT_A_FEED.search(href) is None or "feed" in href.lower()
    if media_type in _AMBIGUOUS_TYPES:
        return (
            _NOT_A_FEED.search(href) is None and _FEED_URL_HINT.search(href) is not None
        )
    return "feed" in rels and media_type in ("", "text/html")


def _is_other_rdf(link: HtmlElement) -> bool:
    """Whether a link to RDF says that it is no feed."""
    described = f"{link.get('href')} {link.get('title', '')}".lower()
    is_feed = "rss" in described or "feed" in described
    return not is_feed and _OTHER_RDF.search(described) is not None


def _with_path(url: str) -> str:
    """A URL with at least "/" as its path, unless it has a query."""
    return f"{url}/" if not urlsplit(url).path and "?" not in url else url
