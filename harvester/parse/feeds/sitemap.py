"""Sitemaps, news sitemaps and sitemap indexes.

Sources: sitemaps.org 0.9 and Google's news extension 0.9. An entry is a URL with, in a
news sitemap, its title, date of publication and keywords. ``lastmod`` is when a page
was changed, never when it was published. The entries of an index are URLs of sitemaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import clean_names, parse_feed_time, resolve_url
from harvester.parse.feeds.newest import newest_indexes
from harvester.parse.feeds.xml_repair import repair_token
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.html.dom import head_and_tail

MAX_TAGS = 600_000  # enough for 50,000 URLs, the protocol's maximum
_CHARACTER_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{1,200}|[0-9]{1,200});")


def read_sitemap(text: str, url: str, limit: int) -> Feed:
    """Read the newest pages of a sitemap; the text begins with its root element.

    Raises InvalidResponse if it cannot be read.
    """
    kept_text = head_and_tail(text, MAX_TAGS)
    missing = ""
    if kept_text != text:
        missing = (
            f"too many tags: {len(text) - len(kept_text):,} characters in the middle "
            "of the sitemap are not read"
        )
    root = _parse_xml(kept_text)
    pages = [
        fields
        for element in root.iterchildren("{*}url", "{*}sitemap")
        if (fields := dict(_read_fields(element))).get("loc")
    ]

    # Dates are ISO 8601 here and compare as text.
    def date(index: int) -> str:
        fields = pages[index]
        stated = fields.get("news:publication_date") or fields.get("lastmod") or ""
        return stated.strip()

    newest = [pages[index] for index in newest_indexes(range(len(pages)), date, limit)]
    return Feed(
        kind="sitemap",
        title=html_to_text(_first_value(newest, "news:name")),
        url="",
        language=clean_line(_first_value(newest, "news:language"), 20).lower(),
        entries=tuple(
            _build_entry(page_url, fields)
            for fields in newest
            if (page_url := resolve_url(fields["loc"], url))
        ),
        cut=len(pages) - len(newest),
        missing=missing,
        index=_local_name(root).lower() == "sitemapindex",
    )


def _parse_xml(text: str) -> etree._Element:
    if "&#" in text:
        # Surrogates would end up in the tree, and in URLs that cannot be fetched.
        text = _CHARACTER_REFERENCE.sub(repair_token, text)
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidResponse("broken XML in the sitemap") from error
    if root is None:
        raise InvalidResponse("broken XML in the sitemap")
    return root


def _first_value(pages: list[dict[str, str]], name: str) -> str:
    return next((fields[name] for fields in pages if fields.get(name)), "")


def _local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _build_entry(url: str, fields: dict[str, str]) -> Entry:
    published = parse_feed_time(fields.get("news:publication_date", "")) or (None, None)
    modified = parse_feed_time(fields.get("lastmod", ""))
    return Entry(
        id="",
        url=url,
        title=html_to_text(fields.get("news:title")),
        published=published[0],
        published_local=published[1],
        updated=modified[0] if modified else None,
        tags=clean_names(fields.get("news:keywords", "").split(",")[:100]),
    )


def _read_fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    """A page's fields: its own as ``loc``, the news extension's as ``news:title``."""
    for child in element.iterchildren("{*}loc", "{*}lastmod"):
        yield _local_name(child), child.text or ""
    for news in element.iterchildren("{*}news"):
        for child in news.iter(
            "{*}name", "{*}language", "{*}publication_date", "{*}title", "{*}keywords"
        ):
            yield f"news:{_local_name(child)}", child.text or ""
