"""Feeds as Atom (RFC 4287) and JSON Feed 1.1. Pure: times are passed in.

What outlets wrote is hostile: it is escaped, and characters that XML cannot carry are
dropped. The caller masks secrets in URLs; only http(s) URLs become links.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from harvester.render.page import clean, language_tag, safe_url

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"
ATOM_TYPE = "application/atom+xml"
JSON_TYPE = "application/feed+json"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry. ``key`` makes its id: what is the same has the same key in any feed."""

    key: str
    title: str
    updated: str
    published: str
    outlet: str  # its name
    url: str  # the outlet's page
    archive_url: str  # the archive's page; "": not known
    summary: str  # plain text
    content: str  # HTML that is safe
    language: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed. ``key`` makes its id; ``updated`` is its date if there are no entries."""

    key: str
    title: str
    updated: str
    entries: Sequence[FeedEntry]
    self_url: str = ""
    home_url: str = ""  # the page that lists the same


def make_id(key: str) -> str:
    """A URN made of a key: a UUID of version 8, of its SHA-256."""
    digest = bytearray(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    digits = digest.hex()
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"urn:uuid:{'-'.join(groups)}"


def render_atom(feed: Feed) -> str:
    """The feed as an XML document."""
    ElementTree.register_namespace("", ATOM_NAMESPACE)
    root = ElementTree.Element(f"{{{ATOM_NAMESPACE}}}feed")
    _add_text(root, "id", make_id(feed.key))
    _add_text(root, "title", feed.title)
    _add_text(root, "updated", _last_updated(feed))
    _add_link(root, "self", feed.self_url, ATOM_TYPE)
    _add_link(root, "alternate", feed.home_url, "text/html")
    for entry in feed.entries:
        _add_entry(root, entry)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _last_updated(feed: Feed) -> str:
    return max((entry.updated for entry in feed.entries), default=feed.updated)


def _add_entry(root: ElementTree.Element, entry: FeedEntry) -> None:
    element = ElementTree.SubElement(root, f"{{{ATOM_NAMESPACE}}}entry")
    if language := language_tag(entry.language):
        element.set(f"{{{XML_NAMESPACE}}}lang", language)
    _add_text(element, "id", make_id(entry.key))
    _add_text(element, "title", entry.title)
    _add_text(element, "updated", entry.updated)
    _add_text(element, "published", entry.published)
    author = ElementTree.SubElement(element, f"{{{ATOM_NAMESPACE}}}author")
    _add_text(author, "name", entry.outlet)
    if safe_url(entry.url):
        _add_link(element, "alternate", entry.url)
        _add_link(element, "related", entry.archive_url, "text/html")
    else:
        _add_link(element, "alternate", entry.archive_url, "text/html")
    _add_text(element, "summary", entry.summary)
    _add_text(element, "content", entry.content).set("type", "html")


def _add_text(parent: ElementTree.Element, tag: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{ATOM_NAMESPACE}}}{tag}")
    element.text = clean(text)
    return element


def _add_link(
    parent: ElementTree.Element, relation: str, url: str, media_type: str = ""
) -> None:
    if safe_url(url):
        attributes = {"rel": relation, "href": clean(url)}
        if media_type:
            attributes["type"] = media_type
        ElementTree.SubElement(parent, f"{{{ATOM_NAMESPACE}}}link", attributes)


def render_json(feed: Feed) -> str:
    """The feed as JSON.

    ``url`` of an item is the archive's page, where that is known, and ``external_url``
    the outlet's; else ``url`` is the outlet's.
    """
    document = {
        "version": JSON_FEED_VERSION,
        "title": clean(feed.title),
        "home_page_url": safe_url(feed.home_url),
        "feed_url": safe_url(feed.self_url),
        "items": [_to_item(entry) for entry in feed.entries],
    }
    return json.dumps(_without_empty(document), ensure_ascii=False, indent=1) + "\n"


def _to_item(entry: FeedEntry) -> dict[str, Any]:
    ours, theirs = safe_url(entry.archive_url), safe_url(entry.url)
    return _without_empty(
        {
            "id": make_id(entry.key),
            "url": ours or theirs,
            "external_url": theirs if ours else "",
            "title": clean(entry.title),
            "summary": clean(entry.summary),
            "content_html": clean(entry.content) or "<p></p>",
            "date_published": entry.published,
            "date_modified": entry.updated,
            "authors": [{"name": clean(entry.outlet)}],
            "language": language_tag(entry.language),
        }
    )


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in record.items() if value != "" or name == "title"
    }
