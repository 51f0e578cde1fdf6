"""Whether a page is a list of links to articles: a front page, a section, an archive, results of a search. Pure."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from harvester.parse.content import phrases
from harvester.parse.metadata.jsonld import types
from harvester.parse.metadata.statements import Stated

LINES_LEAST = 6
LINKS_MOST = 3_000
TEASER_WORDS = 4  # a link of so many words is a headline
TEASER_MOST = 200  # characters of a headline
SHARE = 0.4  # of the words of the text that are links
SHARE_STORIES = 0.6  # of the text that stands in teasers
STEPS_MOST = 200  # pieces of text of one
STORY_MOST = 900  # characters of a headline with its teaser
HEADINGS_MOST, LINES_MOST = 400, 300
NOTHING = 400  # characters of text: the list itself was not read
SHARE_STATED = 0.2  # the same where the page or its address says that it is a list


def is_index(tree: HtmlElement, stated: Stated, host: str, path: str, text: str) -> str:
    """Why it is one; "" where it is none."""
    lines = [one for one in text.split("\n") if one.strip()]
    listed = any(
        one in ("CollectionPage", "SearchResultsPage")
        for node in stated.objects[:20]
        for one in types(node)
    )
    where = bool(phrases.PATHS["index"].search(path))
    if len(lines) < LINES_LEAST and not ((listed or where) and len(text) < NOTHING):
        return ""
    words = sum(len(one) for one in lines)
    if (
        not (listed or where)
        and sum(len(one) for one in lines if len(one) < TEASER_MOST) < SHARE * words
    ):
        return ""  # paragraphs, not headlines
    stories = _stories(tree, host)
    told = _share_of_stories(stories, lines)
    if told >= SHARE_STORIES:
        return f"a list of articles: {len(stories)} headings that lead to one, each with its teaser"
    linked = _linked(tree)
    if len(linked) < LINES_LEAST:
        return ""
    teasers = [one for one in lines if _plain(one) in linked]
    share = sum(len(one) for one in teasers) / max(words, 1)
    if len(teasers) >= LINES_LEAST and share >= SHARE:
        return f"a list of articles: {len(teasers)} of {len(lines)} lines are links"
    told = max(told, share)
    if (
        (listed or where)
        and len(linked) >= LINES_LEAST
        and (told >= SHARE_STATED or len(text) < NOTHING)
    ):
        return f"a list of articles: {'it says so' if listed else 'its address says so'}, with {len(linked)} links"
    return ""


def _linked(tree: HtmlElement) -> set[str]:
    found: set[str] = set()
    for link, _ in zip(tree.iter("a"), range(LINKS_MOST), strict=False):
        text = link.text_content() if len(link) else (link.text or "")
        if len(text) > 15 and (
            len(text.split()) >= TEASER_WORDS or _UNSPACED.search(text)
        ):
            found.add(_plain(text))
    return found


_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]{8}")


def _plain(text: str, most: int = 200) -> str:
    return " ".join(text.split()).casefold()[:most]


def _stories(tree: HtmlElement, host: str) -> list[str]:
    """What stands with each heading that leads to a page of the same site, where it is short: a headline and its teaser."""
    found = []
    for heading, _ in zip(
        tree.iter("h2", "h3", "h4"), range(HEADINGS_MOST), strict=False
    ):
        around = heading.getparent()
        link = (
            around if around is not None and around.tag == "a" else heading.find(".//a")
        )
        if around is None or link is None or not _here(link.get("href") or "", host):
            continue
        for _ in range(3):  # up to what holds more than the heading
            outer = around.getparent()
            if outer is None or len(_short(around)) > len(_short(heading)) * 1.3:
                break
            around = outer
        if text := _short(around):
            found.append(_plain(text, STORY_MOST))
    return found


def _short(element: HtmlElement) -> str:
    """The text of an element; "" where it is long, which is told without reading it all."""
    parts, length = [], 0
    for step, text in enumerate(element.itertext()):
        length += len(text)
        if length > STORY_MOST or step > STEPS_MOST:
            return ""
        parts.append(text)
    return "".join(parts)


def _here(href: str, host: str) -> bool:
    """Whether a link leads to a page of this site."""
    if href.startswith(("#", "javascript:", "mailto:")) or not href:
        return False
    return not re.match(r"(?:https?:)?//", href) or host.removeprefix("www.") in href


def _share_of_stories(stories: list[str], lines: list[str]) -> float:
    """The share of the text that stands in teasers."""
    if len(stories) < LINES_LEAST:
        return 0.0
    joined = "\n".join(stories)
    inside = sum(len(one) for one in lines[:LINES_MOST] if _plain(one) in joined)
    return inside / max(1, sum(len(one) for one in lines[:LINES_MOST]))
