"""Whether a page is a list of links to articles: a front page, a section, an archive, results of a search. Pure."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.metadata.jsonld import get_types
from harvester.parse.metadata.statements import PageMetadata

MIN_LINES = 6
MAX_LINKS = 3_000
MIN_HEADLINE_WORDS = 4  # a link of so many words is a headline
MAX_HEADLINE_LENGTH = 200  # characters of a headline
MIN_LINK_SHARE = 0.4  # of the words of the text that are links
MIN_TEASER_SHARE = 0.6  # of the text that stands in teasers
MAX_TEXT_NODES = 200  # pieces of text of one
MAX_TEASER_LENGTH = 900  # characters of a headline with its teaser
MAX_HEADINGS, MAX_LINES = 400, 300
MAX_UNREAD_LIST_LENGTH = 400  # characters of text: the list itself was not read
MIN_DECLARED_SHARE = (
    0.2  # the same where the page or its address says that it is a list
)


def index_page_reason(
    tree: HtmlElement, metadata: PageMetadata, host: str, path: str, text: str
) -> str:
    """Why it is one; "" where it is none."""
    lines = [one for one in text.split("\n") if one.strip()]
    listed = any(
        one in ("CollectionPage", "SearchResultsPage")
        for node in metadata.objects[:20]
        for one in get_types(node)
    )
    where = bool(phrases.PATH_PATTERNS["index"].search(path))
    if len(lines) < MIN_LINES and not (
        (listed or where) and len(text) < MAX_UNREAD_LIST_LENGTH
    ):
        return ""
    words = sum(len(one) for one in lines)
    if (
        not (listed or where)
        and sum(len(one) for one in lines if len(one) < MAX_HEADLINE_LENGTH)
        < MIN_LINK_SHARE * words
    ):
        return ""  # paragraphs, not headlines
    stories = _find_teasers(tree, host)
    told = _teaser_share(stories, lines)
    if told >= MIN_TEASER_SHARE:
        return f"a list of articles: {len(stories)} headings that lead to one, each with its teaser"
    linked = _link_texts(tree)
    if len(linked) < MIN_LINES:
        return ""
    teasers = [one for one in lines if _normalise(one) in linked]
    share = sum(len(one) for one in teasers) / max(words, 1)
    if len(teasers) >= MIN_LINES and share >= MIN_LINK_SHARE:
        return f"a list of articles: {len(teasers)} of {len(lines)} lines are links"
    told = max(told, share)
    if (
        (listed or where)
        and len(linked) >= MIN_LINES
        and (told >= MIN_DECLARED_SHARE or len(text) < MAX_UNREAD_LIST_LENGTH)
    ):
        return f"a list of articles: {'it says so' if listed else 'its address says so'}, with {len(linked)} links"
    return ""


def _link_texts(tree: HtmlElement) -> set[str]:
    found: set[str] = set()
    for link, _ in zip(tree.iter("a"), range(MAX_LINKS), strict=False):
        text = link.text_content() if len(link) else (link.text or "")
        if len(text) > 15 and (
            len(text.split()) >= MIN_HEADLINE_WORDS or _UNSPACED_SCRIPT.search(text)
        ):
            found.add(_normalise(text))
    return found


_UNSPACED_SCRIPT = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def _normalise(text: str, max_length: int = 200) -> str:
    return " ".join(text.split()).casefold()[:max_length]


def _find_teasers(tree: HtmlElement, host: str) -> list[str]:
    """What stands with each heading that leads to a page of the same site, where it is short: a headline and its teaser."""
    found = []
    for heading, _ in zip(
        tree.iter("h2", "h3", "h4"), range(MAX_HEADINGS), strict=False
    ):
        around = heading.getparent()
        link = (
            around if around is not None and around.tag == "a" else heading.find(".//a")
        )
        if (
            around is None
            or link is None
            or not _is_same_site(link.get("href") or "", host)
        ):
            continue
        for _ in range(3):  # up to what holds more than the heading
            outer = around.getparent()
            if (
                outer is None
                or len(_short_text(around)) > len(_short_text(heading)) * 1.3
            ):
                break
            around = outer
        if text := _short_text(around):
            found.append(_normalise(text, MAX_TEASER_LENGTH))
    return found


def _short_text(element: HtmlElement) -> str:
    """The text of an element; "" where it is long, which is told without reading it all."""
    parts, length = [], 0
    for step, text in enumerate(element.itertext()):
        length += len(text)
        if length > MAX_TEASER_LENGTH or step > MAX_TEXT_NODES:
            return ""
        parts.append(text)
    return "".join(parts)


def _is_same_site(href: str, host: str) -> bool:
    """Whether a link leads to a page of this site."""
    if href.startswith(("#", "javascript:", "mailto:")) or not href:
        return False
    return not re.match(r"(?:https?:)?//", href) or host.removeprefix("www.") in href


def _teaser_share(teasers: list[str], lines: list[str]) -> float:
    """The share of the text that stands in teasers."""
    if len(teasers) < MIN_LINES:
        return 0.0
    joined = "\n".join(teasers)
    inside = sum(len(one) for one in lines[:MAX_LINES] if _normalise(one) in joined)
    return inside / max(1, sum(len(one) for one in lines[:MAX_LINES]))
