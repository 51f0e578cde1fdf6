"""Live blogs: whether a page is one, its text, and its dated posts.

The model reads a page as one article, and would keep a few of the posts; the text of a
live blog is all of them, in the order of the page.

Sources: schema.org ``LiveBlogPosting`` with ``liveBlogUpdate``; else the ``time``
elements of posts that repeat in the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from lxml.html import HtmlElement

from harvester.model import LivePost
from harvester.parse.content import phrases
from harvester.parse.content.body import MainContent
from harvester.parse.content.families import CSS_FAMILIES
from harvester.parse.content.page_blocks import HEADING_BITS, Block, Page
from harvester.parse.content.text_overlap import alphanumeric_text, shares_in_text
from harvester.parse.dates import date_text
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.metadata import jsonld
from harvester.parse.metadata.statements import PageMetadata

MAX_POSTS = 2_000
# Dated posts of a live blog that does not declare itself one with its updates.
MIN_POSTS = 4
MIN_POST_WORDS = 4  # of a block that is words of a post
MAX_LINKED_SHARE = 0.6  # of its characters
MIN_STATED_SHARE = 0.6  # of a block that is in a post of the JSON-LD
POST_KEY_LENGTH = 60  # letters and digits by which a post is known
MAX_PAGE_LENGTH = 2_000_000  # characters that are searched for posts
_NOT_OF_POST_BITS = sum(
    1 << CSS_FAMILIES.index(name)
    for name in ("share", "author", "date", "related", "advert", "subscribe", "caption")
)
Vector = Any  # numpy.ndarray, a bool for each block
MAX_POST_DEPTH = 6  # ancestors of a time that are searched for its post
_POST_HINT = re.compile(
    r"live-?(?:blog|ticker|feed|report)?[-_]*(?:block|post|entry|item|update|event)"
    r"|\bticker-?(?:entry|item|event)",
    re.IGNORECASE,
)


def live_blog_reason(tree: HtmlElement, metadata: PageMetadata, url: str) -> str:
    """Why a page is a live blog; "" if it is not."""
    live_blogs = [
        node
        for node in metadata.objects[:60]
        if "LiveBlogPosting" in jsonld.get_types(node)
    ]
    if live_blogs and (
        any(
            node.get("liveBlogUpdate") or node.get("coverageStartTime")
            for node in live_blogs
        )
        or _is_sole_article(metadata)
    ):
        return "a live blog: it says so"
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    if live_blogs or phrases.PATH_PATTERNS["live"].search(path):
        post_count = sum(1 for _ in _iter_post_elements(tree))
        if post_count >= MIN_POSTS:
            return f"a live blog: {post_count} dated posts"
    return ""


def _is_sole_article(metadata: PageMetadata) -> bool:
    """Whether the live blog is the only article that the page describes."""
    return not any(
        name.endswith("Article")
        for node in metadata.objects[:60]
        if node.get("headline")
        for name in jsonld.get_types(node)
    )


def _iter_post_elements(tree: HtmlElement) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """(post, its time) in page order: the nearest element that looks like a post."""
    seen: set[HtmlElement] = set()
    for count, time in enumerate(tree.iter("time")):
        if count >= MAX_POSTS:
            return
        post, depth = time.getparent(), 0
        while post is not None and depth < MAX_POST_DEPTH:
            if post.tag in ("article", "li", "section") or _POST_HINT.search(
                " ".join(post.get(name) or "" for name in ("class", "id", "itemtype"))
            ):
                break
            post, depth = post.getparent(), depth + 1
        if post is None or depth == MAX_POST_DEPTH or post in seen:
            continue
        if post.tag in ("body", "html"):
            continue
        seen.add(post)
        yield post, time


def select_posts(
    tree: HtmlElement, content: MainContent, objects: list[dict[str, Any]]
) -> tuple[MainContent, list[str]]:
    """The content of a live blog with all its posts, and the lines of the others.

    Others are posts in JSON-LD (``objects``) that are not on the page, which may show
    the latest ones only.
    """
    page = content.page
    inside, in_posts = _blocks_in_posts(tree, page)
    stated = [(title, body) for _, title, body in _posts_in_json_ld(objects)]
    if stated:
        in_posts = in_posts | _blocks_in_stated_posts(page, stated)
    on_page = alphanumeric_text(
        " ".join(block.text for block in page.blocks)[:MAX_PAGE_LENGTH]
    )
    others = [
        line
        for title, body in stated[:MAX_POSTS]
        if body and alphanumeric_text(body)[:POST_KEY_LENGTH] not in on_page
        for line in (title, body)
        if line
    ]
    if in_posts.any():
        content = replace(
            content,
            selected=np.where(inside, in_posts, content.selected | in_posts),
            method="model",
            fallback_lines=[],
        )
    return content, others


def _blocks_in_stated_posts(page: Page, posts: list[tuple[str, str]]) -> Vector:
    """Which blocks are in one of the posts (title, body) that the page states."""
    titles = {alphanumeric_text(title) for title, _ in posts if title}
    shares = shares_in_text(page.blocks, "\n".join(body for _, body in posts))
    return np.array(
        [
            (block.word_count >= MIN_POST_WORDS and share >= MIN_STATED_SHARE)
            or (
                bool(block.node.tags & HEADING_BITS)
                and alphanumeric_text(block.text) in titles
            )
            for block, share in zip(page.blocks, shares, strict=True)
        ],
        dtype=bool,
    )


def _blocks_in_posts(tree: HtmlElement, page: Page) -> tuple[Vector, Vector]:
    """Which blocks are inside posts, and which of them are words of one.

    Times, bylines, buttons and links are not.
    """
    posts = {post for post, _ in _iter_post_elements(tree)}
    in_post_nodes = np.zeros(len(page.nodes) + 1, dtype=bool)
    if len(posts) >= MIN_POSTS:
        for node in page.nodes:
            if node.element in posts:
                in_post_nodes[node.index : node.end_index] = True
    inside = np.array(
        [in_post_nodes[one.node.index] for one in page.blocks], dtype=bool
    )
    are_words = [_is_words_of_post(block) for block in page.blocks]
    return inside, inside & np.array(are_words, dtype=bool)


def _is_words_of_post(block: Block) -> bool:
    if block.node.families & _NOT_OF_POST_BITS:
        return False
    return bool(block.node.tags & HEADING_BITS) or (
        block.word_count >= MIN_POST_WORDS
        and block.linked_chars <= MAX_LINKED_SHARE * len(block.text)
    )


def extract_posts(
    tree: HtmlElement, objects: list[dict[str, Any]], lines: list[str], captured_at: str
) -> tuple[LivePost, ...]:
    """The dated posts of a live blog, in the order of the text.

    ``objects``: the page's JSON-LD; ``lines``: of the text. A post begins with the line
    that holds its title, or the first words of its body; a post found in no line is
    left out.
    """
    index = _LineIndex(lines)
    posts: dict[int, LivePost] = {}
    for time, title, body in (*_posts_in_json_ld(objects), *_posts_in_page(tree)):
        if len(posts) >= MAX_POSTS:
            break
        line = index.find(title)
        if line is None:
            line = index.find(body)
        if line is not None and line not in posts:
            date = date_text.normalise_date(time, captured_at) if time else None
            posts[line] = LivePost(date[0] if date else "", line, title)
    return tuple(posts[line] for line in sorted(posts))


def _posts_in_json_ld(objects: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(time, title, body) of the posts in JSON-LD."""
    for node in objects[:200]:
        updates = node.get("liveBlogUpdate")
        for post in (updates if isinstance(updates, list) else [updates])[:MAX_POSTS]:
            if isinstance(post, dict):
                time, title, body = (
                    next(iter(jsonld.get_texts(post.get(key))), "")
                    for key in ("datePublished", "headline", "articleBody")
                )
                yield time, html_to_text(title, 300), html_to_text(body, 2_000)


def _posts_in_page(tree: HtmlElement) -> Iterator[tuple[str, str, str]]:
    """(time, title, body) of the posts in the page's elements."""
    for post, time in _iter_post_elements(tree):
        heading = next(post.iter("h2", "h3", "h4"), None)
        paragraphs = (p for p in post.iter("p") if len(p.text_content().split()) > 3)
        body = next(paragraphs, None)
        yield (
            time.get("datetime") or clean_line(time.text_content(), 60),
            clean_line(heading.text_content(), 300) if heading is not None else "",
            clean_line(body.text_content(), 2_000) if body is not None else "",
        )


class _LineIndex:
    """Finds the line of a text by its beginning."""

    PREFIX_LENGTH = 40  # characters that must agree, without white space

    def __init__(self, lines: list[str]) -> None:
        self._numbers: dict[str, int] = {}
        for number, line in enumerate(lines):
            self._numbers.setdefault(self._key(line), number)

    def find(self, text: str) -> int | None:
        """The number of the first line that begins like a text; None if none does."""
        return self._numbers.get(self._key(text)) if text else None

    def _key(self, text: str) -> str:
        return "".join(text.split()).casefold()[: self.PREFIX_LENGTH]
