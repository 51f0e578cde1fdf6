"""JSON Feed 1.0 and 1.1 (jsonfeed.org), which feedparser does not read.

Ids stay as they are written, numbers too. An entry without ``url`` is at its
``external_url``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import (
    MAX_CONTENT_LENGTH,
    MAX_ID_LENGTH,
    MAX_LIST_ITEMS,
    MAX_SUMMARY_LENGTH,
    is_full_text,
    parse_feed_time,
    resolve_link,
    resolve_url,
    teaser_html,
)
from harvester.parse.feeds.newest import compared_indexes, newest_indexes
from harvester.parse.feeds.plain_text import (
    plain_to_text,
    text_to_html,
    title_to_text,
    unescape_markup,
    unwrap_cdata,
)
from harvester.parse.html.charset import CONTROL_CHARS, clean_line, html_to_text
from harvester.parse.names.feed_authors import author_names, clean_names

_ENTRY_KEYS = frozenset(("id", "url", "external_url", "content_html", "content_text"))


def read_json_feed(text: str, url: str, limit: int) -> Feed:
    """Read the newest entries of a JSON Feed.

    Raises InvalidResponse if it is not one.
    """
    # Numbers stay as they are written: they are ids.
    decoder = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
    try:
        document, _ = decoder.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse("broken JSON in the feed") from error
    if not isinstance(document, dict):
        raise InvalidResponse("JSON that is not a feed")
    items = document.get("items")
    entries = [
        item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]
    if not _is_feed(document, entries):
        raise InvalidResponse("JSON that is not a feed")
    language = clean_line(_string(document.get("language")), 20).lower()
    feed_authors = _authors(document, language)
    return Feed(
        kind="json",
        title=html_to_text(_string(document.get("title"))),
        url=resolve_url(_string(document.get("home_page_url")), url),
        language=language,
        entries=tuple(
            _build_entry(entry, url, feed_authors, language)
            for entry in _newest_entries(entries, limit)
        ),
        cut=max(0, len(entries) - limit),
        next_url=resolve_url(_string(document.get("next_url")), url),
    )


def _newest_entries(entries: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    if len(entries) <= limit:
        return entries

    def date(index: int) -> str:
        entry = entries[index]
        time = parse_feed_time(_string(entry.get("date_published")))
        time = time or parse_feed_time(_string(entry.get("date_modified")))
        return time[0] if time else ""

    indexes = compared_indexes(len(entries), date)
    return [entries[index] for index in newest_indexes(indexes, date, limit)]


def _is_feed(document: dict[str, Any], entries: list[dict[str, Any]]) -> bool:
    """Whether a document says that it is a feed, or has a feed's entries.

    Some state only the version's number, beside a feed's title or URL.
    """
    version = _string(document.get("version"))
    if "jsonfeed.org" in version or any(_ENTRY_KEYS & set(entry) for entry in entries):
        return True
    return version in ("1", "1.0", "1.1") and any(
        document.get(name) for name in ("title", "feed_url", "home_page_url")
    )


def _build_entry(
    raw_entry: dict[str, Any],
    feed_url: str,
    feed_authors: tuple[str, ...],
    language: str,
) -> Entry:
    def string(name: str) -> str:
        return _string(raw_entry.get(name))

    published = parse_feed_time(string("date_published"))
    modified = parse_feed_time(string("date_modified"))
    time = published or modified or (None, None)
    content = _full_content(string("content_html"), string("content_text"))
    return Entry(
        id=CONTROL_CHARS.sub("", string("id")).strip()[:MAX_ID_LENGTH],
        url=resolve_link(string("url"), feed_url)
        or resolve_link(string("external_url"), feed_url),
        title=title_to_text(string("title"), None),
        published=time[0],
        published_local=time[1],
        updated=modified[0] if modified else None,
        authors=_authors(raw_entry, language) or feed_authors,
        tags=clean_names(_strings(raw_entry.get("tags"))),
        summary=_summary(
            string("summary") or string("content_text"), string("content_html")
        ),
        content=content,
        teaser=""
        if content
        else _teaser(string("content_html"), string("content_text")),
    )


def _full_content(html: str, text: str) -> str:
    """The full text as HTML, which may be stated as plain text; "" for a teaser."""
    for content in (unescape_markup(html), text_to_html(text[:MAX_CONTENT_LENGTH])):
        content = CONTROL_CHARS.sub("", content[:MAX_CONTENT_LENGTH])
        if is_full_text(content):
            return content
    return ""


def _teaser(html: str, text: str) -> str:
    """What the summary is made of as HTML; "" where it has all of it."""
    return teaser_html(html, is_markup=True) if html else teaser_html(text)


def _summary(text: str, html: str) -> str:
    """The summary or, without one, the beginning of the text."""
    if text:
        return plain_to_text(text[: MAX_SUMMARY_LENGTH * 4], MAX_SUMMARY_LENGTH)
    return html_to_text(html[: MAX_SUMMARY_LENGTH * 4], MAX_SUMMARY_LENGTH)


def _authors(node: dict[str, Any], language: str) -> tuple[str, ...]:
    """1.1 has ``authors``, 1.0 ``author``; some write one for several, or names."""
    names = (
        _string(author.get("name")) if isinstance(author, dict) else _string(author)
        for author in (*_items(node.get("authors")), *_items(node.get("author")))
    )
    return author_names(names, language)


def _strings(value: Any) -> Iterable[str]:
    return [_string(item) for item in _items(value)]


def _items(value: Any) -> list[Any]:
    """A list; what should be one and is a single item, as one."""
    return value[:MAX_LIST_ITEMS] if isinstance(value, list) else [value]


def _string(value: Any) -> str:
    return unwrap_cdata(value) if isinstance(value, str) else ""
