"""Posts as the REST interface of WordPress lists them.

Source: the reference of `wp/v2/posts` (developer.wordpress.org/rest-api). `id` stays for
ever; `date_gmt` and `modified_gmt` are UTC without saying so; titles, excerpts and
contents are HTML. A post with a password has no text. Errors are objects with a `code`.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import (
    MAX_CONTENT_LENGTH,
    MAX_LIST_ITEMS,
    MAX_SUMMARY_LENGTH,
    is_full_text,
    parse_feed_time,
    resolve_url,
)
from harvester.parse.feeds.plain_text import title_to_text
from harvester.parse.feeds.wordpress_urls import is_posts_url
from harvester.parse.html.charset import CONTROL_CHARS, clean_line, html_to_text
from harvester.parse.names.feed_authors import author_names

_LIST_START = re.compile(r'\[\s*(?:\{\s*"|\])')
MAX_NOISE_LENGTH = 20_000  # characters that a plugin prints before the JSON
MAX_ID = 2**63
_TIME = re.compile(r"[1-9]\d{3}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|\+00:00)?")
MAX_OFFSET = timedelta(hours=14)  # of a zone: Kiribati
QUARTER_HOUR = timedelta(minutes=15)


def read_posts(text: str, url: str, limit: int) -> Feed:
    """Read at most ``limit`` posts of a list, in its order.

    Raises InvalidResponse if it is not one.
    """
    posts = _parse_list(text)
    entries = [
        entry
        for post in posts[:limit]
        if (entry := _build_entry(post, url)) is not None
    ]
    if not entries and (posts or not is_posts_url(url)):
        raise InvalidResponse("JSON that is not a feed")
    return Feed(
        kind="wordpress",
        title="",
        url=_site_url(url),
        language="",
        entries=tuple(entries),
        cut=max(0, len(posts) - limit),
    )


def strip_noise(text: str) -> str:
    """A list of posts without what a plugin printed before it, as a PHP warning."""
    match = _LIST_START.search(text[:MAX_NOISE_LENGTH])
    return text[match.start() :] if match else text


def _parse_list(text: str) -> list[Any]:
    try:
        document, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse("broken JSON in the list of posts") from error
    if isinstance(document, list):
        return document
    code = clean_line(_string(document.get("code")), 60) if document else ""
    if code:
        raise InvalidResponse(f"WordPress refuses the list of posts: {code}")
    raise InvalidResponse("JSON that is not a feed")


def _build_entry(post: Any, url: str) -> Entry | None:
    """The entry of a post; None for what is no published post."""
    if not isinstance(post, dict) or not _is_id(post.get("id")):
        return None
    if _string(post.get("status")) not in ("", "publish"):
        return None
    published = _time(post, "date")
    content = _rendered(post, "content")[:MAX_CONTENT_LENGTH]
    summary = _rendered(post, "excerpt")[: MAX_SUMMARY_LENGTH * 4]
    return Entry(
        id=str(post["id"]),
        url=resolve_url(_string(post.get("link")), url),
        title=title_to_text(_rendered(post, "title"), True),
        published=published,
        published_local=_local_time(post, published),
        updated=_time(post, "modified"),
        authors=_authors(post),
        summary=html_to_text(summary, MAX_SUMMARY_LENGTH),
        content=CONTROL_CHARS.sub("", content) if is_full_text(content) else "",
    )


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < MAX_ID


def _rendered(post: dict[str, Any], name: str) -> str:
    """A field's HTML; "" where a password protects it."""
    field = post.get(name)
    if isinstance(field, dict):
        return "" if field.get("protected") is True else _string(field.get("rendered"))
    return _string(field)


def _time(post: dict[str, Any], name: str) -> str | None:
    """A time in UTC; the local one where that of UTC was never set (zeros)."""
    for stated in (post.get(f"{name}_gmt"), post.get(name)):
        if isinstance(stated, str) and _TIME.fullmatch(stated):
            time = parse_feed_time(stated)
            if time is not None:
                return time[0]
    return None


def _local_time(post: dict[str, Any], published: str | None) -> str | None:
    """The date of publication as the site shows it, with the offset of its zone."""
    local = post.get("date")
    if published is None or not isinstance(local, str) or not _TIME.fullmatch(local):
        return published
    try:
        shown = datetime.fromisoformat(local[:19])
        offset = shown - datetime.fromisoformat(published[:19])
    except ValueError:
        return published
    if not offset or abs(offset) > MAX_OFFSET or offset % QUARTER_HOUR:
        return published
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    return f"{shown.isoformat()}{sign}{hours:02}:{minutes:02}"


def _authors(post: dict[str, Any]) -> tuple[str, ...]:
    """The names of embedded authors, or the one that an SEO plugin states."""
    embedded = post.get("_embedded")
    authors = embedded.get("author") if isinstance(embedded, dict) else None
    names = [
        _string(author.get("name"))
        for author in (authors if isinstance(authors, list) else [])[:MAX_LIST_ITEMS]
        if isinstance(author, dict)
    ]
    return author_names(map(_plain_name, filter(None, names)), "")


def _plain_name(name: str) -> str:
    return title_to_text(name, True)


def _site_url(url: str) -> str:
    """The site's home: what precedes the REST interface."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/wp-json/")[0] if "/wp-json/" in parts.path else ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{folder}/"


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
