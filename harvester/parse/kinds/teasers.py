"""Whether a page is a list of articles: a front page, section, archive or search."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.kinds.headline_links import (
    MAX_HEADLINE_LENGTH,
    headline_link_texts,
    normalise_headline,
)
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

MIN_LINES = 6
MAX_LINES = 300
MAX_HEADINGS = 400
MAX_TEXT_NODES = 200  # text nodes of one element
MAX_TEASER_LENGTH = 900  # characters of a headline with its teaser
# Shares of the text's characters that make it a list.
MIN_LINK_SHARE = 0.4  # in links
MIN_TEASER_SHARE = 0.6  # in teasers
MIN_DECLARED_SHARE = 0.2  # in either, if the page or its URL says that it is a list
# Characters of a text that is too short to be the list, which was not extracted then.
MAX_UNREAD_LIST_LENGTH = 400


def index_page_reason(
    tree: HtmlElement, metadata: PageMetadata, host: str, path: str, text: str
) -> str:
    """Why a page is a list of articles; "" if it is not."""
    lines = [line for line in text.split("\n") if line.strip()]
    says_so = any(
        name in ("CollectionPage", "SearchResultsPage")
        for node in metadata.objects[:20]
        for name in get_types(node)
    )
    is_declared = says_so or bool(phrases.PATH_PATTERNS["index"].search(path))
    is_unread = is_declared and len(text) < MAX_UNREAD_LIST_LENGTH
    if len(lines) < MIN_LINES and not is_unread:
        return ""
    length = sum(map(len, lines))
    short_length = sum(len(line) for line in lines if len(line) < MAX_HEADLINE_LENGTH)
    if not is_declared and short_length < MIN_LINK_SHARE * length:
        return ""  # paragraphs, not headlines
    teasers = _find_teasers(tree, host)
    teaser_share = _teaser_share(teasers, lines)
    if teaser_share >= MIN_TEASER_SHARE:
        return (
            f"a list of articles: {len(teasers)} headings that lead to one, each with "
            "its teaser"
        )
    link_texts = headline_link_texts(tree)
    if len(link_texts) < MIN_LINES:
        return ""
    linked = [line for line in lines if normalise_headline(line) in link_texts]
    link_share = sum(map(len, linked)) / max(length, 1)
    if len(linked) >= MIN_LINES and link_share >= MIN_LINK_SHARE:
        return f"a list of articles: {len(linked)} of {len(lines)} lines are links"
    if is_unread or (
        is_declared and max(teaser_share, link_share) >= MIN_DECLARED_SHARE
    ):
        source = "it says so" if says_so else "its address says so"
        return f"a list of articles: {source}, with {len(link_texts)} links"
    return ""


def _find_teasers(tree: HtmlElement, host: str) -> list[str]:
    """Short texts around headings that link to the same site: headline and teaser."""
    teasers = []
    for heading in islice(tree.iter("h2", "h3", "h4"), MAX_HEADINGS):
        parent = heading.getparent()
        if parent is None:
            continue
        link = parent if parent.tag == "a" else heading.find(".//a")
        if link is None or not _is_same_site(link.get("href") or "", host):
            continue
        if text := _short_text(_teaser_element(heading, parent)):
            teasers.append(normalise_headline(text, MAX_TEASER_LENGTH))
    return teasers


def _teaser_element(heading: HtmlElement, parent: HtmlElement) -> HtmlElement:
    """The nearest ancestor of a heading that holds more than the heading."""
    element = parent
    for _ in range(3):
        outer = element.getparent()
        if outer is None or len(_short_text(element)) > len(_short_text(heading)) * 1.3:
            break
        element = outer
    return element


def _short_text(element: HtmlElement) -> str:
    """The text of an element; "" if it is long, found out without reading it all."""
    parts, length = [], 0
    for count, text in enumerate(element.itertext()):
        length += len(text)
        if length > MAX_TEASER_LENGTH or count > MAX_TEXT_NODES:
            return ""
        parts.append(text)
    return "".join(parts)


def _is_same_site(href: str, host: str) -> bool:
    """Whether a link leads to a page of this site."""
    if href.startswith(("#", "javascript:", "mailto:")) or not href:
        return False
    return not re.match(r"(?:https?:)?//", href) or host.removeprefix("www.") in href


def _teaser_share(teasers: list[str], lines: list[str]) -> float:
    """The share of the text's characters in lines that are part of a teaser."""
    if len(teasers) < MIN_LINES:
        return 0.0
    joined = "\n".join(teasers)
    lines = lines[:MAX_LINES]
    in_teasers = sum(len(line) for line in lines if normalise_headline(line) in joined)
    return in_teasers / max(1, sum(map(len, lines)))
