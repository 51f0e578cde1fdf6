"""What a page says of its site: its name and language, and where its feeds may be.

For somebody who adds an outlet. Links that readers see count as well, unlike in
``feeds.discovery``: whether a link leads to a feed, is found out by fetching it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from harvester.model import PageLink, SitePage
from harvester.parse.feeds.discovery import MAX_FEEDS, find_feed_urls
from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.charset import clean_line, decode_to_utf_8, without_gzip
from harvester.parse.html.dom import parse_page
from harvester.parse.metadata.jsonld import get_types, parse_objects
from harvester.parse.metadata.meta import language_code

MAX_LINKS = 5_000  # of a page are looked at
MAX_SECTIONS = 15
MAX_NAME_LENGTH = 100  # characters
MAX_SECTION_NAME_LENGTH = 30
_FEED_WORD = r"(?:rss2?|atom1?|feeds?|rdf|flux(?:-?rss)?|syndication|newsfeeds?)"
# A path or query that feeds have, and hardly any page.
_FEED_PATH = re.compile(
    r"\.(?:rss|atom|rdf)(?:$|[?/])"
    r"|(?:^|[/._-])(?:rss2?|atom|feed|backend|rdf|index)[\w-]*\.(?:xml|json|php)(?:$|[?/])"
    rf"|(?:^|/){_FEED_WORD}(?:$|[/?])"
    rf"|[?&](?:feed|format|type|output|view|page|action|alt|render)=[\w-]*{_FEED_WORD}"
    r"|[?&](?:page=backend|feed=|rss(?:=|&|$)|atom(?:=|&|$))",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(
    r"^(?:feeds?|rss|atom)\d?\.|feedburner\.|(?:^|\.)rss\.app$", re.IGNORECASE
)
# As words of a link's text, title or picture: a feed, or a page that lists feeds.
_FEED_TEXT = re.compile(
    r"\bRSS\b|\batom feed\b|\b(?:news|web|xml) ?feeds?\b|\bsyndication\b",
    re.IGNORECASE,
)
# Feed readers, whose "subscribe" links name the feed.
_READER_HOST = re.compile(
    r"(?:^|\.)(?:feedly|inoreader|newsblur|netvibes|theoldreader|bloglovin|feedspot"
    r"|add\.my\.yahoo|my\.msn|google|subtome|follow)\.(?:com|it)$",
    re.IGNORECASE,
)
_NAMED_URL = re.compile(r"https?://[^\s&\"'<>]+", re.IGNORECASE)
_SITE_TYPES = frozenset(
    ("WebSite", "NewsMediaOrganization", "Organization", "Newspaper", "Periodical")
)
# By what the page states, and by its markup: further names are words of many a text.
_GENERATORS = (
    ("wordpress", re.compile(r"wordpress")),
    ("drupal", re.compile(r"drupal")),
    ("joomla", re.compile(r"joomla")),
    ("spip", re.compile(r"\bspip\b")),
    ("ghost", re.compile(r"\bghost\b")),
    ("blogger", re.compile(r"\bblogger\b")),
    ("typo3", re.compile(r"typo3")),
    ("squarespace", re.compile(r"squarespace")),
    ("wix", re.compile(r"\bwix\.com")),
    ("static", re.compile(r"\bhugo\b|jekyll|eleventy|gatsby|pelican|hexo|\bzola\b")),
)
_TRACES = (
    ("wordpress", re.compile(r"/wp-content/|/wp-includes/|api\.w\.org")),
    ("drupal", re.compile(r"/sites/default/files/|drupal-settings-json")),
    ("joomla", re.compile(r"/media/jui/|/components/com_")),
    ("spip", re.compile(r"spip\.php|/squelettes/")),
    ("wix", re.compile(r"wixstatic")),
    # Made by hand, or by a program of those days.
    (
        "old",
        re.compile(r"//DTD (?:X?HTML [14]|HTML 3)|<font\b|<td[^>]* valign|<center"),
    ),
)
MAX_TRACE_LENGTH = 200_000  # characters of a page that are searched for them
_SECTION_PATH = re.compile(
    r"/(?:[\w-]{2,14}/)?[\w%-]{2,40}/?|/[\w-]{2,40}\.(?:html?|php|aspx)", re.ASCII
)
# What menus name beside sections, in the languages of the larger press.
_NO_SECTION = re.compile(
    r"log-?in|sign-?(?:in|up)|register|registrier|account|compte|konto|cuenta|abo(?:nn|s\b)|subscri"
    r"|suscri|abbonat|contact|kontakt|impressum|imprint|about|propos|ueber-uns|privacy"
    r"|datenschutz|confidential|legal|mentions|terms|cookie|newsletter|search|recherche"
    r"|suche|buscar|rss|feed|flux|donat|\bdon\b|soutenir|shop|boutique|tienda|podcast"
    r"|author|auteur|\btag\b|video|app\b|help|aide|faq|jobs|archives?\b|sitemap|menu"
    r"|game|horoscop|weather|meteo|annonce|classified|obituar|index|home|accueil"
    r"|startseite|inicio",
    re.IGNORECASE,
)
_MENU_TAGS = frozenset(("nav", "header", "menu"))
_MENU_HINT = re.compile(r"\b(?:nav|menu|navigation|navbar)", re.IGNORECASE)


def read_site_page(
    body: bytes, url: str, headers: tuple[tuple[str, str], ...]
) -> SitePage:
    """What a page says of its site; of what is no page, nothing but its URL."""
    content_type = next(
        (value for name, value in headers if name.lower() == "content-type"), ""
    )
    text, encoded = decode_to_utf_8(without_gzip(body), content_type)
    tree, _ = parse_page(text, encoded)
    if tree is None:
        return SitePage(url)
    base_url = _find_base_url(tree, url)
    links = list(_iter_links(tree, base_url))
    return SitePage(
        url=url,
        names=tuple(_find_names(tree)),
        title=_title(tree),
        language=_find_language(tree),
        generator=_find_generator(tree, text),
        feeds=tuple(_announced_feeds(tree, url, base_url)),
        feed_links=tuple(_linked_feeds(links))[:MAX_FEEDS],
        sections=tuple(_find_sections(links, url))[:MAX_SECTIONS],
        api=_find_api(tree, base_url),
    )


def _find_base_url(tree: HtmlElement, url: str) -> str:
    base = next(tree.iter("base"), None)
    return absolute_url(base.get("href"), url) or url if base is not None else url


# ---- feeds


def _announced_feeds(tree: HtmlElement, url: str, base_url: str) -> Iterator[PageLink]:
    titles = {
        absolute_url(link.get("href"), base_url): clean_line(link.get("title"), 200)
        for link in tree.iter("link", "a")
        if link.get("type") or "feed" in (link.get("rel") or "").lower()
    }
    for feed_url in find_feed_urls(tree, url):
        yield PageLink(feed_url, titles.get(feed_url, ""))


def _iter_links(
    tree: HtmlElement, base_url: str
) -> Iterator[tuple[HtmlElement, PageLink]]:
    """The links that readers see, with what is said of them."""
    for number, link in enumerate(tree.iter("a", "area")):
        if number >= MAX_LINKS:
            return
        url = absolute_url((link.get("href") or "").strip(), base_url)
        if url:
            yield link, PageLink(url, _describe_link(link))


def _describe_link(link: HtmlElement) -> str:
    pictures = (
        picture.get("alt") or picture.get("title") or ""
        for picture in link.iter("img", "svg")
    )
    texts = (
        link.text_content()[:200],
        link.get("title") or "",
        link.get("aria-label") or "",
        *pictures,
    )
    return clean_line(next((text for text in texts if text.strip()), ""), 200)


def _linked_feeds(links: list[tuple[HtmlElement, PageLink]]) -> Iterator[PageLink]:
    """Links that may lead to feeds, or to a page that lists them; the likely first."""
    by_address: dict[str, PageLink] = {}
    by_text: dict[str, PageLink] = {}
    for element, link in links:
        parts = urlsplit(link.url)
        if _READER_HOST.search(parts.hostname or ""):
            named = _NAMED_URL.search(unquote(link.url.partition("://")[2]))
            if named is not None:
                by_address.setdefault(named[0], PageLink(named[0], link.text))
            continue
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        media_type = (element.get("type") or "").lower()
        if (
            _FEED_PATH.search(address)
            or _FEED_HOST.search(parts.hostname or "")
            or "rss" in media_type
            or "atom" in media_type
        ):
            by_address.setdefault(link.url, link)
        elif _FEED_TEXT.search(f"{link.text} {element.get('title') or ''}"):
            by_text.setdefault(link.url, link)
    yield from by_address.values()
    yield from (link for url, link in by_text.items() if url not in by_address)


def _find_api(tree: HtmlElement, base_url: str) -> str:
    """The root of WordPress's REST interface, as the page names it."""
    for link in tree.iter("link"):
        if "api.w.org" in (link.get("rel") or ""):
            return absolute_url(link.get("href"), base_url)
    return ""


# ---- sections


def _find_sections(
    links: list[tuple[HtmlElement, PageLink]], url: str
) -> Iterator[PageLink]:
    """Pages of sections: what the menu links to, by short paths and short names."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    seen: set[str] = set()
    for element, link in links:
        parts = urlsplit(link.url)
        if (
            (parts.hostname or "").removeprefix("www.") != host
            or parts.query
            or not _SECTION_PATH.fullmatch(parts.path)
            or parts.path in seen
            or not 2 <= len(link.text) <= MAX_SECTION_NAME_LENGTH
            or _NO_SECTION.search(f"{parts.path} {link.text}")
            or not _is_in_menu(element)
        ):
            continue
        seen.add(parts.path)
        yield link


def _is_in_menu(element: HtmlElement) -> bool:
    return any(
        ancestor.tag in _MENU_TAGS
        or ancestor.get("role") in ("navigation", "menubar")
        or _MENU_HINT.search(f"{ancestor.get('class')} {ancestor.get('id')}")
        for ancestor in element.iterancestors()
    )


# ---- the site itself


def _find_names(tree: HtmlElement) -> Iterator[str]:
    """The names of the site that the page states, the most reliable first."""
    stated: list[str] = [
        *_meta(tree, "og:site_name", "application-name", "apple-mobile-web-app-title"),
        *_names_in_objects(parse_objects(tree.iter("script"))),
    ]
    for name in dict.fromkeys(clean_line(text, MAX_NAME_LENGTH) for text in stated):
        if name and "://" not in name:
            yield name


def _names_in_objects(objects: list[dict[str, Any]]) -> Iterator[str]:
    for node in objects:
        publisher = node.get("publisher")
        if _SITE_TYPES & {*get_types(node)} and isinstance(node.get("name"), str):
            yield node["name"]
        elif isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
            yield publisher["name"]


def _title(tree: HtmlElement) -> str:
    title = next(tree.iter("title"), None)
    return "" if title is None else clean_line(title.text_content(), 300)


def _find_language(tree: HtmlElement) -> str:
    root = tree.getroottree().getroot()
    stated = (
        root.get("lang") or "",
        root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        root.get("xml:lang") or "",
        *_meta(tree, "og:locale", "content-language", "language", "dc.language"),
    )
    codes = (language_code(tag.strip()) for tag in stated if tag)
    return next((code for code in codes if code), "")


def _find_generator(tree: HtmlElement, text: str) -> str:
    """What the site is made with, for the paths of its feeds; "" if it is unknown."""
    stated = " ".join(_meta(tree, "generator")).lower()
    markup = text[:MAX_TRACE_LENGTH]
    searches = ((stated, _GENERATORS), (markup, _TRACES))
    matches = (
        name
        for source, patterns in searches
        for name, pattern in patterns
        if pattern.search(source)
    )
    return next(matches, "")


def _meta(tree: HtmlElement, *names: str) -> list[str]:
    values: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("http-equiv")
            or ""
        ).lower()
        if name in names:
            values.setdefault(name, element.get("content") or "")
    return [values[name] for name in names if values.get(name)]
