"""JSON Feed 1.0 and 1.1 (jsonfeed.org): text in, the feed out. Pure.

feedparser does not read it. Ids stay as they are written, numbers too; an entry without ``url`` is at its ``external_url``.
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
    MAX_SUMMARY_LENGTH,
    clean_names,
    is_full_text,
    parse_feed_time,
    resolve_url,
)
from harvester.parse.feeds.newest import MAX_COMPARED_ENTRIES
from harvester.parse.html.charset import CONTROL_CHARS, clean_line, html_to_text

_ENTRY_KEYS = ("id", "url", "external_url", "content_html", "content_text")


def read_json_feed(text: str, url: str, limit: int) -> Feed:
    """Read a JSON Feed; at most ``limit`` entries, the newest. Raises BadAnswer where it is none."""
    try:
        # Numbers as they are written: they are ids.
        stated, _ = json.JSONDecoder(
            strict=False, parse_int=str, parse_float=str
        ).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidResponse("broken JSON where a feed was") from error
    if not isinstance(stated, dict):
        raise InvalidResponse("JSON that is no feed")
    entries = stated.get("items")
    entries = (
        [one for one in entries if isinstance(one, dict)]
        if isinstance(entries, list)
        else []
    )
    if not _is_feed(stated, entries):
        raise InvalidResponse("JSON that is no feed")
    site = resolve_url(_string(stated.get("home_page_url")), url)
    common = _authors(stated)
    return Feed(
        kind="json",
        title=html_to_text(_string(stated.get("title"))),
        url=site,
        language=clean_line(_string(stated.get("language")), 20).lower(),
        entries=tuple(
            _build_entry(one, url, common) for one in _newest_entries(entries, limit)
        ),
        cut=max(0, len(entries) - limit),
    )


def _newest_entries(entries: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The newest entries, in their order."""
    if len(entries) <= limit:
        return entries

    def date(one: dict[str, Any]) -> str:
        return (
            parse_feed_time(_string(one.get("date_published")))
            or parse_feed_time(_string(one.get("date_modified")))
            or ("",)
        )[0]

    if len(entries) > MAX_COMPARED_ENTRIES:
        entries = (
            entries[-MAX_COMPARED_ENTRIES:]
            if date(entries[-1]) > date(entries[0])
            else entries[:MAX_COMPARED_ENTRIES]
        )
    dates = [date(one) for one in entries]
    chosen = sorted(range(len(entries)), key=dates.__getitem__, reverse=True)[:limit]
    return [entries[place] for place in sorted(chosen)]


def _is_feed(document: dict[str, Any], entries: list[dict[str, Any]]) -> bool:
    """It says so; or says only a version's number beside a feed's title; or has entries of a feed."""
    version = _string(document.get("version"))
    numbered = version in ("1", "1.0", "1.1") and any(
        document.get(name) for name in ("title", "feed_url", "home_page_url")
    )
    return (
        "jsonfeed.org" in version
        or numbered
        or any(set(one) & set(_ENTRY_KEYS) for one in entries)
    )


def _build_entry(
    raw_entry: dict[str, Any], base_url: str, feed_authors: tuple[str, ...]
) -> Entry:
    published, modified = (
        parse_feed_time(_string(raw_entry.get(name)))
        for name in ("date_published", "date_modified")
    )
    stated = published or modified or (None, None)
    content = CONTROL_CHARS.sub(
        "", _string(raw_entry.get("content_html"))[:MAX_CONTENT_LENGTH]
    )
    text = (
        _string(raw_entry.get("summary"))
        or _string(raw_entry.get("content_text"))
        or content
    )
    return Entry(
        id=CONTROL_CHARS.sub("", _string(raw_entry.get("id"))).strip()[:MAX_ID_LENGTH],
        url=resolve_url(_string(raw_entry.get("url")), base_url)
        or resolve_url(_string(raw_entry.get("external_url")), base_url),
        title=html_to_text(_string(raw_entry.get("title"))),
        published=stated[0],
        published_local=stated[1],
        updated=modified[0] if modified else None,
        authors=_authors(raw_entry) or feed_authors,
        tags=clean_names(_strings(raw_entry.get("tags"))),
        summary=html_to_text(text[: MAX_SUMMARY_LENGTH * 4], MAX_SUMMARY_LENGTH),
        content=content if is_full_text(content) else "",
    )


def _authors(node: dict[str, Any]) -> tuple[str, ...]:
    """1.1 has ``authors``, 1.0 ``author``; some write plain names."""
    several = node.get("authors")
    stated = [*(several if isinstance(several, list) else []), node.get("author")][:100]
    return clean_names(
        _string(author.get("name")) if isinstance(author, dict) else _string(author)
        for author in stated
    )


def _strings(value: Any) -> Iterable[str]:
    return [_string(one) for one in value[:100]] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
