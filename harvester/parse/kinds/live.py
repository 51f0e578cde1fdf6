"""Live blogs: whether a page is one, and its dated posts. Pure.

Sources: schema.org ``LiveBlogPosting`` with ``liveBlogUpdate``; else the ``time`` elements of posts that repeat in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from harvester.model import LivePost
from harvester.parse.content import phrases
from harvester.parse.dates import date_text
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import jsonld
from harvester.parse.metadata.statements import PageMetadata

MAX_POSTS = 2_000
MIN_POSTS = (
    4  # dated posts that make a live blog where only its address or classes say so
)
_LIVE_HINT = re.compile(
    r"live-?(?:blog|ticker|feed|post|entry|update|report)", re.IGNORECASE
)
_POST_HINT = re.compile(
    r"live-?(?:blog|ticker|feed|report)?[-_]*(?:block|post|entry|item|update|event)|\bticker-?(?:entry|item|event)",
    re.IGNORECASE,
)


def live_blog_reason(
    tree: HtmlElement, metadata: PageMetadata, url: str, word_count: int
) -> str:
    """Why it is one; "" where it is none."""
    main = [
        node
        for node in metadata.objects[:60]
        if "LiveBlogPosting" in jsonld.get_types(node)
    ]
    if main and (
        any(
            node.get("liveBlogUpdate") or node.get("coverageStartTime") for node in main
        )
        or _is_sole_article(metadata)
    ):
        return "a live blog: it says so"
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    if main or phrases.PATH_PATTERNS["live"].search(path):
        posts = sum(1 for _ in _iter_post_elements(tree))
        if posts >= MIN_POSTS:
            return f"a live blog: {posts} dated posts"
    return ""


def _is_sole_article(metadata: PageMetadata) -> bool:
    """Whether the live blog is the only article that the page describes."""
    return not any(
        one.endswith("Article")
        for node in metadata.objects[:60]
        if node.get("headline")
        for one in jsonld.get_types(node)
    )


def _iter_post_elements(tree: HtmlElement) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """(post, its time), in the order of the page: the nearest element around a time that is named as a post."""
    seen: set[HtmlElement] = set()
    for count, time in enumerate(tree.iter("time")):
        if count >= MAX_POSTS:
            return
        around, steps = time.getparent(), 0
        while around is not None and steps < 6:
            if around.tag in ("article", "li", "section") or _POST_HINT.search(
                f"{around.get('class') or ''} {around.get('id') or ''} {around.get('itemtype') or ''}"
            ):
                break
            around, steps = around.getparent(), steps + 1
        if (
            around is None
            or steps == 6
            or around in seen
            or around.tag in ("body", "html")
        ):
            continue
        seen.add(around)
        yield around, time


def extract_posts(
    tree: HtmlElement, objects: list[dict[str, Any]], lines: list[str], captured_at: str
) -> tuple[LivePost, ...]:
    """The dated posts of a live blog in the order of the text. ``lines``: of the text; ``at``: when it was captured.

    A post begins with the line that holds its title, or the first words of its body; what is found nowhere is left out.
    """
    place = _LineIndex(lines)
    found: dict[int, LivePost] = {}
    for stamp, title, body in (*_posts_in_json_ld(objects), *_posts_in_page(tree)):
        if len(found) >= MAX_POSTS:
            break
        begins = place.find(title)
        if begins is None:
            begins = place.find(body)
        if begins is not None and begins not in found:
            time = date_text.normalise_date(stamp, captured_at) if stamp else None
            found[begins] = LivePost(time[0] if time else "", begins, title)
    return tuple(found[begins] for begins in sorted(found))


def _posts_in_json_ld(objects: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(time, title, body) of the posts in JSON-LD."""
    for node in objects[:200]:
        updates = node.get("liveBlogUpdate")
        for one in (updates if isinstance(updates, list) else [updates])[:MAX_POSTS]:
            if isinstance(one, dict):
                texts = [
                    next(iter(jsonld.get_texts(one.get(key))), "")
                    for key in ("datePublished", "headline", "articleBody")
                ]
                yield (
                    texts[0],
                    html_to_text(texts[1], 300),
                    html_to_text(texts[2], 2_000),
                )


def _posts_in_page(tree: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """The same of the posts in the page."""
    for post, time in _iter_post_elements(tree):
        heading = next(post.iter("h2", "h3", "h4"), None)
        body = next(
            (one for one in post.iter("p") if len(one.text_content().split()) > 3), None
        )
        yield (
            time.get("datetime") or clean_line(time.text_content(), 60),
            clean_line(heading.text_content(), 300) if heading is not None else "",
            clean_line(body.text_content(), 2_000) if body is not None else "",
        )


class _LineIndex:
    """Where in the text a line begins like something."""

    PREFIX_LENGTH = 40  # characters that must agree

    def __init__(self, lines: list[str]) -> None:
        self._line_numbers: dict[str, int] = {}
        for number, one in enumerate(lines):
            self._line_numbers.setdefault(self._key(one), number)

    def find(self, text: str) -> int | None:
        """The number of the line; None where there is none."""
        return self._line_numbers.get(self._key(text)) if text else None

    def _key(self, text: str) -> str:
        return "".join(text.split()).casefold()[: self.PREFIX_LENGTH]
