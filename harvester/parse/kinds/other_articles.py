"""Articles of other addresses on a page: the next ones of an endless page, and teasers.

The article that the page's address names stays; so do the posts of a live blog. Another
is known by the address or the heading that its own markup states. Where none is the
page's own, as on a front page, all stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from harvester.parse.html.absolute import absolute_url
from harvester.parse.html.displayed import prose_length, remove_in_place
from harvester.parse.metadata.jsonld import get_texts

MIN_PROSE_LENGTH = 300  # characters of prose in what is the page's own article
MAX_LENGTH_RATIO = 4  # of another article to the page's own
MAX_CONTAINERS = 400  # elements of a page that may be articles
MAX_HEADING_LENGTH = 400  # characters
MIN_HEADING_LENGTH = 12  # letters and digits that tell articles apart
MAX_SEARCHED = 200  # elements of an article in which its address is searched for
NO_ADDRESS = ("", "")
_ADDRESS_ATTRIBUTES = (
    "itemid",
    "data-url",
    "data-article-url",
    "data-page-url",
    "data-canonical",
    "data-canonical-url",
    "data-permalink",
    "data-share-url",
    "data-href",
    "data-link",
)
_ADDRESS_ATTRIBUTE_SET = frozenset(_ADDRESS_ATTRIBUTES)
_ADDRESSES = etree.XPath(
    ".//link[@rel = 'canonical' or @itemprop = 'url' or @itemprop = 'mainEntityOfPage']"
    " | .//meta[@itemprop = 'url' or @itemprop = 'mainEntityOfPage']"
    " | .//a[@rel = 'bookmark'][.//time or ancestor::h1 or ancestor::h2]"
)
_TITLES = etree.XPath(
    "//head/title/text() | //head/meta[@property = 'og:title']/@content",
    smart_strings=False,
)
# Its posts may have addresses of their own.
_IS_LIVE_BLOG = etree.XPath(
    "boolean(//script[contains(@type, 'ld+json') and contains(., 'LiveBlogPosting')]"
    " | //*[contains(@itemtype, 'LiveBlogPosting')])"
)
_CANONICAL = etree.XPath("//head/link[@rel = 'canonical']/@href", smart_strings=False)
_HEADINGS = ("h1", "h2", "h3")
_NOT_LETTER = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Article:
    """An element that may be an article, and what it states of itself."""

    element: HtmlElement
    address: tuple[str, str]  # path and query; empty if not stated
    heading: str  # letters and digits of its first heading
    has_main_heading: bool  # that heading is an h1


def remove_other_articles(
    tree: HtmlElement,
    url: str,
    titles: Iterable[str] = (),
    objects: Sequence[dict[str, Any]] = (),
    articles: list[Article] | None = None,
) -> list[Article] | None:
    """Empty the elements of a page that are articles of other addresses.

    ``titles``: of the page; those that its head states are known. ``objects``: its
    JSON-LD, which may say that a heading is another article's. ``articles``: what an
    earlier call returned, if nothing changed since: what of the page may be an article;
    None if it has changed.
    """
    if articles is None:
        articles = _find_articles(tree, url)
    if len(articles) < 2:
        return articles
    letters = [_letters(title) for title in (*titles, *_TITLES(tree)[:3])]
    addresses = {_address(one, url) for one in (url, *_CANONICAL(tree)[:1])}
    addresses -= {NO_ADDRESS}
    own = [one for one in articles if _is_own(one, letters, addresses)]
    if not own:
        return articles
    other_headings = set(_headings_of_others(objects, url, addresses))
    others = _find_others(articles, own, other_headings)
    if not others or _IS_LIVE_BLOG(tree):
        return articles
    own_length = sum(prose_length(one.element) for one in own)
    if own_length < MIN_PROSE_LENGTH:
        return articles  # a box of the page's article, whose text is elsewhere
    for element in others:
        if prose_length(element) <= MAX_LENGTH_RATIO * own_length:
            remove_in_place(element)
    return None


def _find_articles(tree: HtmlElement, url: str) -> list[Article]:
    """What of a page may be articles; empty unless these are several."""
    containers = list(islice(_iter_containers(tree), MAX_CONTAINERS))
    return [_read_article(one, url) for one in containers] if containers[1:] else []


def _find_others(
    articles: list[Article], own: list[Article], other_headings: set[str]
) -> list[HtmlElement]:
    """The elements of articles of other addresses than the page's ``own``."""
    own_elements = {one.element for one in own}
    around = {outer for one in own for outer in one.element.iterancestors()}
    has_main_heading = any(one.has_main_heading for one in own)
    others = []
    for article in articles:
        element = article.element
        if element in own_elements or element in around:
            continue
        has_other_heading = article.heading in other_headings or (
            article.has_main_heading and has_main_heading
        )
        if article.address != NO_ADDRESS or (
            has_other_heading and own_elements.isdisjoint(element.iterancestors())
        ):
            others.append(element)
    return others


def _iter_containers(tree: HtmlElement) -> Iterator[HtmlElement]:
    """The elements of a page that may be articles; XPath takes twice as long."""
    body = tree.find("body")
    if body is None:
        return
    for element in body.iter("article", "div", "section", "main"):
        if element.tag == "article":
            yield element
            continue
        names = element.keys()
        if not _ADDRESS_ATTRIBUTE_SET.isdisjoint(names):
            yield element
        elif "itemtype" in names:
            item_type = element.get("itemtype", "")
            if "Article" in item_type or "BlogPosting" in item_type:
                yield element


def _is_own(
    article: Article, titles: list[str], addresses: set[tuple[str, str]]
) -> bool:
    """Whether an article has the page's address, or a heading that its titles hold."""
    if len(article.heading) >= MIN_HEADING_LENGTH and any(
        article.heading in title for title in titles
    ):
        return True
    return any(_is_same(article.address, one) for one in addresses)


def _is_same(address: tuple[str, str], own: tuple[str, str]) -> bool:
    """Whether an address is the page's, or of a part of it such as a post."""
    path, query = address
    if not path:
        return False
    is_same_query = not query or not own[1] or query == own[1]
    return (path == own[0] and is_same_query) or path.startswith(f"{own[0]}/")


def _read_article(element: HtmlElement, base_url: str) -> Article:
    heading = next(
        (one for one in islice(element.iter(), MAX_SEARCHED) if one.tag in _HEADINGS),
        None,
    )
    text = "" if heading is None else "".join(islice(heading.itertext(), 50))
    return Article(
        element,
        next(
            (
                address
                for href in _stated_addresses(element, heading)
                if (address := _address(href, base_url)) != NO_ADDRESS
            ),
            NO_ADDRESS,
        ),
        _letters(text),
        heading is not None and heading.tag == "h1",
    )


def _stated_addresses(
    element: HtmlElement, heading: HtmlElement | None
) -> Iterator[str]:
    """What an article's markup states as its address, the most certain first."""
    for name in _ADDRESS_ATTRIBUTES:
        yield element.get(name) or ""
    for one in islice(_ADDRESSES(element), 3):
        outer = next(_enclosing_articles(one), None)
        if outer is None or outer is element:
            yield one.get("href") or one.get("content") or one.get("itemid") or ""
    if heading is not None:
        link = heading.find(".//a[@href]")
        around = (one for one in heading.iterancestors("a") if one.get("href"))
        link = link if link is not None else next(around, None)
        if link is not None:
            yield link.get("href") or ""


def _enclosing_articles(element: HtmlElement) -> Iterator[HtmlElement]:
    return (
        outer
        for outer in element.iterancestors()
        if outer.tag == "article" or outer.get("itemtype")
    )


def _address(href: str, base_url: str) -> tuple[str, str]:
    """Path and query of a link to an article; empty if it leads to none."""
    if href.startswith("#"):
        href = base_url.partition("#")[0]
    elif not href.startswith(("/", "http://", "https://", "./", "../")):
        return "", ""
    try:
        parts = urlsplit(absolute_url(href, base_url))
    except ValueError:
        return "", ""
    path = parts.path.rstrip("/")
    return (path, parts.query) if path else NO_ADDRESS


def _headings_of_others(
    objects: Sequence[dict[str, Any]], url: str, own_addresses: set[tuple[str, str]]
) -> Iterator[str]:
    """Headings of the articles of other addresses that the page describes."""
    for node in objects[:60]:
        heading = _letters(next(iter(get_texts(node.get("headline"))), ""))
        if len(heading) < MIN_HEADING_LENGTH:
            continue
        page = node.get("mainEntityOfPage")
        stated = (node.get("url"), page.get("@id") if isinstance(page, dict) else page)
        addresses = [_address(one, url) for one in stated if isinstance(one, str)]
        if addresses and not any(
            address == NO_ADDRESS or _is_same(address, own)
            for address in addresses
            for own in own_addresses
        ):
            yield heading


def _letters(text: str) -> str:
    return _NOT_LETTER.sub("", text[:MAX_HEADING_LENGTH].casefold())
