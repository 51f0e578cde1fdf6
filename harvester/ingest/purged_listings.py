"""Lists of posts and section pages without what they say of purged articles. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

from harvester.errors import InvalidResponse
from harvester.parse.feeds.sniff import sniff_kind

# Whether any of these URLs, or of these ids, is a purged article's.
PurgedTest = Callable[[list[str], list[str]], bool]
EMPTY_LIST = b"[]"


def redact_posts(body: bytes, is_purged: PurgedTest) -> bytes:
    """A list of WordPress's posts without those of purged articles.

    One that cannot be read is emptied where it may name a purged article: it cannot be
    told.
    """
    start = body.find(b"[")
    try:
        posts, _ = json.JSONDecoder(strict=False).raw_decode(
            body[start:].decode("utf-8", "replace")
        )
        kept = [post for post in posts if not _is_purged_post(post, is_purged)]
    except (ValueError, RecursionError):
        return EMPTY_LIST
    if len(kept) == len(posts):
        return body
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _is_purged_post(post: object, is_purged: PurgedTest) -> bool:
    if not isinstance(post, dict):
        return False
    guid = post.get("guid")
    stated = [post.get("link"), guid.get("rendered") if isinstance(guid, dict) else ""]
    return is_purged(
        [url for url in stated if isinstance(url, str)], [str(post.get("id"))]
    )


def is_page(body: bytes, content_type: str) -> bool:
    """Whether the response to a poll is an HTML page."""
    return sniff_kind(body, content_type) == "page"


def redact_page(
    body: bytes, content_type: str, url: str, is_purged: PurgedTest
) -> bytes:
    """A page that links to a purged article as a list of its other links.

    What stands around the link may quote the article, and is left out with all else.
    """
    from harvester.parse.feeds.section_page import read_page_links

    try:
        page = read_page_links(body, content_type, url)
    except InvalidResponse:
        return body
    kept = [link for link in page.links if not is_purged([link.url], [])]
    if len(kept) == len(page.links):
        return body
    lines = [
        f'<li><a href="{escape(link.url)}">{escape(link.text)}</a></li>'
        for link in kept
    ]
    return (
        '<!doctype html><meta charset="utf-8"><!-- taken out on purpose: all but links '
        f"-->\n<ul>{''.join(lines)}</ul>\n"
    ).encode("utf-8", "replace")
