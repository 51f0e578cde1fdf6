"""JSON Feed 1.0 and 1.1 (jsonfeed.org): text in, the feed out. Pure.

feedparser does not read it. Ids stay as they are written, numbers too; an entry without ``url`` is at its ``external_url``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from harvester.errors import BadAnswer
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import (
    CONTENT_MOST,
    ID_MOST,
    SUMMARY_MOST,
    http,
    is_full,
    names,
    time,
)
from harvester.parse.feeds.newest import LOOKED_AT
from harvester.parse.html.charset import CONTROL, line, plain

_OF_AN_ENTRY = ("id", "url", "external_url", "content_html", "content_text")


def read_json(text: str, url: str, limit: int) -> Feed:
    """Read a JSON Feed; at most ``limit`` entries, the newest. Raises BadAnswer where it is none."""
    try:
        # Numbers as they are written: they are ids.
        stated, _ = json.JSONDecoder(
            strict=False, parse_int=str, parse_float=str
        ).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("broken JSON where a feed was") from error
    if not isinstance(stated, dict):
        raise BadAnswer("JSON that is no feed")
    entries = stated.get("items")
    entries = (
        [one for one in entries if isinstance(one, dict)]
        if isinstance(entries, list)
        else []
    )
    if not _is_feed(stated, entries):
        raise BadAnswer("JSON that is no feed")
    site = http(_text(stated.get("home_page_url")), url)
    common = _authors(stated)
    return Feed(
        kind="json",
        title=plain(_text(stated.get("title"))),
        url=site,
        language=line(_text(stated.get("language")), 20).lower(),
        entries=tuple(_entry(one, url, common) for one in _newest(entries, limit)),
        cut=max(0, len(entries) - limit),
    )


def _newest(entries: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The newest entries, in their order."""
    if len(entries) <= limit:
        return entries

    def date(one: dict[str, Any]) -> str:
        return (
            time(_text(one.get("date_published")))
            or time(_text(one.get("date_modified")))
            or ("",)
        )[0]

    if len(entries) > LOOKED_AT:
        entries = (
            entries[-LOOKED_AT:]
            if date(entries[-1]) > date(entries[0])
            else entries[:LOOKED_AT]
        )
    dates = [date(one) for one in entries]
    chosen = sorted(range(len(entries)), key=dates.__getitem__, reverse=True)[:limit]
    return [entries[place] for place in sorted(chosen)]


def _is_feed(stated: dict[str, Any], entries: list[dict[str, Any]]) -> bool:
    """It says so; or says only a version's number beside a feed's title; or has entries of a feed."""
    version = _text(stated.get("version"))
    numbered = version in ("1", "1.0", "1.1") and any(
        stated.get(name) for name in ("title", "feed_url", "home_page_url")
    )
    return (
        "jsonfeed.org" in version
        or numbered
        or any(set(one) & set(_OF_AN_ENTRY) for one in entries)
    )


def _entry(one: dict[str, Any], base: str, common: tuple[str, ...]) -> Entry:
    published, modified = (
        time(_text(one.get(name))) for name in ("date_published", "date_modified")
    )
    stated = published or modified or (None, None)
    content = CONTROL.sub("", _text(one.get("content_html"))[:CONTENT_MOST])
    text = _text(one.get("summary")) or _text(one.get("content_text")) or content
    return Entry(
        id=CONTROL.sub("", _text(one.get("id"))).strip()[:ID_MOST],
        url=http(_text(one.get("url")), base)
        or http(_text(one.get("external_url")), base),
        title=plain(_text(one.get("title"))),
        published=stated[0],
        published_local=stated[1],
        updated=modified[0] if modified else None,
        authors=_authors(one) or common,
        tags=names(_texts(one.get("tags"))),
        summary=plain(text[: SUMMARY_MOST * 4], SUMMARY_MOST),
        content=content if is_full(content) else "",
    )


def _authors(one: dict[str, Any]) -> tuple[str, ...]:
    """1.1 has ``authors``, 1.0 ``author``; some write plain names."""
    several = one.get("authors")
    stated = [*(several if isinstance(several, list) else []), one.get("author")][:100]
    return names(
        _text(author.get("name")) if isinstance(author, dict) else _text(author)
        for author in stated
    )


def _texts(value: Any) -> Iterable[str]:
    return [_text(one) for one in value[:100]] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
