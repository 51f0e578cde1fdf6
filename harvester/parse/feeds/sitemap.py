"""Sitemaps, news sitemaps and indexes of sitemaps (sitemaps.org 0.9, Google's news extension 0.9). Pure.

An entry is an address with, in a news sitemap, its title, its date of publication and its keywords. ``lastmod`` is when a page
was changed, never when it was published. An index' entries are the addresses of sitemaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import clean_names, parse_feed_time, resolve_url
from harvester.parse.feeds.xml_repair import repair_token
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.html.dom import head_and_tail

MAX_TAGS = 600_000  # 50,000 addresses, as the protocol allows, have as many
_CHARACTER_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{1,200}|[0-9]{1,200});")


def read_sitemap(text: str, url: str, limit: int) -> Feed:
    """Read a sitemap that begins with its root: its newest pages. Raises BadAnswer where nothing of it can be read."""
    less = head_and_tail(text, MAX_TAGS)
    missing = (
        f"too many tags: {len(text) - len(less):,} characters in the middle of it are not read"
        if less != text
        else ""
    )
    text = less
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
    )
    if "&#" in text:
        text = _CHARACTER_REFERENCE.sub(
            repair_token, text
        )  # half a character would be in the tree, and could not be asked for
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidResponse("broken XML where a sitemap was") from error
    if root is None:
        raise InvalidResponse("broken XML where a sitemap was")
    said = [
        one
        for page in root.iterchildren("{*}url", "{*}sitemap")
        if (one := dict(_read_fields(page))).get("loc")
    ]
    # Dates are ISO 8601 here: as texts they have their order.
    newest = sorted(
        range(len(said)), key=lambda place: _sort_date(said[place]), reverse=True
    )[:limit]
    kept = [said[place] for place in sorted(newest)]
    return Feed(
        kind="sitemap",
        title=html_to_text(
            next((one["news:name"] for one in kept if one.get("news:name")), "")
        ),
        url="",
        language=clean_line(
            next(
                (one["news:language"] for one in kept if one.get("news:language")), ""
            ),
            20,
        ).lower(),
        entries=tuple(
            _build_entry(address, one)
            for one in kept
            if (address := resolve_url(one["loc"], url))
        ),
        cut=len(said) - len(kept),
        missing=missing,
        index=_is_index(root),
    )


def _sort_date(fields: dict[str, str]) -> str:
    return (fields.get("news:publication_date") or fields.get("lastmod") or "").strip()


def _local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_index(root: etree._Element) -> bool:
    return bool(_local_name(root).lower() == "sitemapindex")


def _build_entry(url: str, fields: dict[str, str]) -> Entry:
    published = parse_feed_time(fields.get("news:publication_date", "")) or (None, None)
    changed = parse_feed_time(fields.get("lastmod", ""))
    return Entry(
        id="",
        url=url,
        title=html_to_text(fields.get("news:title")),
        published=published[0],
        published_local=published[1],
        updated=changed[0] if changed else None,
        tags=clean_names(fields.get("news:keywords", "").split(",")[:100]),
    )


def _read_fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    """What a page's element says: its own as ``loc``, the news extension's as ``news:title``."""
    for child in element.iterchildren("{*}loc", "{*}lastmod"):
        yield _local_name(child), child.text or ""
    for news in element.iterchildren("{*}news"):
        for child in news.iter(
            "{*}name", "{*}language", "{*}publication_date", "{*}title", "{*}keywords"
        ):
            yield f"news:{_local_name(child)}", child.text or ""
