"""Sitemaps, news sitemaps and sitemap indexes.

Sources: sitemaps.org 0.9 and Google's news extension 0.9. An entry is a URL with, in a
news sitemap, its title, date of publication and keywords. ``lastmod`` is when a page
was changed, never when it was published. The entries of an index are URLs of sitemaps.
A sitemap may also be a text file with nothing but URLs, one a line.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

from harvester.errors import InvalidResponse
from harvester.model import Entry, Feed
from harvester.parse.feeds.entry import parse_feed_time, resolve_url
from harvester.parse.feeds.newest import newest_indexes
from harvester.parse.feeds.plain_text import title_to_text, unwrap_cdata
from harvester.parse.feeds.xml_repair import repair_xml
from harvester.parse.html.charset import clean_line, html_to_text
from harvester.parse.html.dom import head_and_tail
from harvester.parse.names.feed_authors import clean_names

MAX_TAGS = 600_000  # enough for 50,000 URLs, the protocol's maximum
MAX_REFERENCES = 1_000_000  # each is decoded by itself if the XML is broken
_URL_LINE = re.compile(r"https?://[^\s<>\"]{4,8000}", re.IGNORECASE)
_TAG_NAME = re.compile(r"</?[A-Za-z_][\w.:-]*")


def read_sitemap(text: str, url: str, limit: int) -> Feed:
    """Read the newest pages of a sitemap; the text begins with its root element.

    Raises InvalidResponse if it cannot be read.
    """
    kept_text = head_and_tail(head_and_tail(text, MAX_TAGS), MAX_REFERENCES, "&")
    missing = ""
    if kept_text != text:
        missing = (
            f"too many tags or references: {len(text) - len(kept_text):,} characters in the "
            "middle of the sitemap are not read"
        )
    root_tag = _TAG_NAME.match(kept_text)
    if root_tag and root_tag[0].isupper():
        kept_text = _TAG_NAME.sub(lambda tag: tag[0].lower(), kept_text)
    root = _parse_xml(kept_text)
    pages = [
        fields
        for element in root.iterchildren("{*}url", "{*}sitemap")
        if (fields := _read_fields(element))["loc"]
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
        index=_is_index(root),
    )


def _parse_xml(text: str) -> etree._Element:
    """The root; what is broken is repaired first, then what remains is recovered."""
    try:
        return _parse(text, recover=False)
    except (etree.LxmlError, ValueError):
        pass
    try:
        root = _parse(repair_xml(text), recover=True)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidResponse("broken XML in the sitemap") from error
    if root is None:
        raise InvalidResponse("broken XML in the sitemap")
    return root


def _parse(text: str, recover: bool) -> etree._Element:
    parser = etree.XMLParser(
        recover=recover,
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
        remove_comments=True,
    )
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


def _first_value(pages: list[dict[str, str]], name: str) -> str:
    return next((fields[name] for fields in pages if fields.get(name)), "")


def _is_index(root: etree._Element) -> bool:
    """Whether it lists sitemaps: what it has decides before what it is called."""
    first = next(root.iterchildren("{*}url", "{*}sitemap"), None)
    return _local_name(root if first is None else first).startswith("sitemap")


def _local_name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _build_entry(url: str, fields: dict[str, str]) -> Entry:
    published = parse_feed_time(fields.get("news:publication_date", "")) or (None, None)
    modified = parse_feed_time(fields.get("lastmod", ""))
    return Entry(
        id="",
        url=url,
        title=title_to_text(fields.get("news:title", ""), None),
        published=published[0],
        published_local=published[1],
        updated=modified[0] if modified else None,
        tags=clean_names(fields.get("news:keywords", "").split(",")[:100]),
    )


def _read_text(element: etree._Element) -> str:
    """An element's text; "" where libxml2 recovered what is no Unicode."""
    try:
        return element.text or "".join(element.itertext())
    except UnicodeDecodeError:
        return ""


def _read_fields(element: etree._Element) -> dict[str, str]:
    """A page's fields: its own as ``loc``, the news extension's as ``news:title``."""
    fields: dict[str, str] = {}
    for child in element.iterchildren("{*}loc", "{*}lastmod"):
        if "image" in child.tag or "video" in child.tag:
            continue  # in a namespace of pictures, for their own URLs
        fields.setdefault(_local_name(child), unwrap_cdata(_read_text(child)))
    for news in element.iterchildren("{*}news"):
        for child in news.iter(
            "{*}name", "{*}language", "{*}publication_date", "{*}title", "{*}keywords"
        ):
            fields[f"news:{_local_name(child)}"] = unwrap_cdata(_read_text(child))
    if "loc" not in fields and "://" in (text := _own_text(element)):
        fields["loc"] = unwrap_cdata(text)  # some write a URL without its element
    fields["loc"] = fields.get("loc", "").replace("&amp;", "&")  # escaped twice
    return fields


def _own_text(element: etree._Element) -> str:
    """The text of an element without that of its children; "" as ``_read_text``."""
    try:
        return "".join((element.text or "", *(child.tail or "" for child in element)))
    except UnicodeDecodeError:
        return ""


def is_url_list(text: str) -> bool:
    """Whether a text consists of http(s) URLs, one a line."""
    return text[:4].lower() == "http" and all(
        _URL_LINE.fullmatch(line) for line in map(str.strip, text.splitlines()) if line
    )


def read_text_sitemap(text: str, url: str, limit: int) -> Feed:
    """Read a sitemap that is a list of URLs: the first ``limit`` ones."""
    lines = dict.fromkeys(filter(None, map(str.strip, text.splitlines())))
    return Feed(
        kind="sitemap",
        title="",
        url="",
        language="",
        entries=tuple(
            Entry(id="", url=page_url)
            for line in islice(lines, limit)
            if (page_url := resolve_url(line, url))
        ),
        cut=max(0, len(lines) - limit),
    )
