"""Whether a page is a list of links to articles: a front page, a section, an archive, results of a search. Pure."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse import phrases
from harvester.parse.jsonld import types
from harvester.parse.statements import Stated

LINES_LEAST = 6
LINKS_MOST = 3_000
TEASER_WORDS = 4  # a link of so many words is a headline
TEASER_MOST = 200  # characters of a headline
SHARE = 0.4  # of the words of the text that are links
SHARE_STATED = 0.2  # the same where the page or its address says that it is a list


def is_index(tree: HtmlElement, stated: Stated, path: str, text: str) -> str:
    """Why it is one; "" where it is none."""
    lines = [one for one in text.split("\n") if one.strip()]
    listed = any(one in ("CollectionPage", "SearchResultsPage") for node in stated.objects[:20] for one in types(node))
    where = bool(phrases.PATHS["index"].search(path))
    if len(lines) < LINES_LEAST and not ((listed or where) and len(text) < 400):
        return ""
    words = sum(len(one) for one in lines)
    if not (listed or where) and sum(len(one) for one in lines if len(one) < TEASER_MOST) < SHARE * words:
        return ""  # paragraphs, not headlines
    linked = _linked(tree)
    if len(linked) < LINES_LEAST:
        return ""
    teasers = [one for one in lines if _plain(one) in linked]
    share = sum(len(one) for one in teasers) / max(words, 1)
    if len(teasers) >= LINES_LEAST and share >= SHARE:
        return f"a list of articles: {len(teasers)} of {len(lines)} lines are links"
    if (listed or where) and ((len(teasers) >= 3 and share >= SHARE_STATED) or _stories(tree) >= LINES_LEAST):
        return f"a list of articles: {'it says so' if listed else 'its address says so'}, with {len(linked)} links"
    return ""


def _linked(tree: HtmlElement) -> set[str]:
    found: set[str] = set()
    for link, _ in zip(tree.iter("a"), range(LINKS_MOST), strict=False):
        text = link.text_content() if len(link) else (link.text or "")
        if len(text) > 15 and (len(text.split()) >= TEASER_WORDS or _UNSPACED.search(text)):
            found.add(_plain(text))
    return found


_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()[:200]


def _stories(tree: HtmlElement) -> int:
    """Elements that are each a story with a heading that leads to it."""
    return sum(
        1
        for heading, _ in zip(tree.iter("h2", "h3"), range(400), strict=False)
        if heading.find(".//a") is not None or (heading.getparent() is not None and heading.getparent().tag == "a")
    )
