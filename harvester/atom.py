"""Atom feeds (RFC 4287) of events.

Pure: times are passed in. What outlets wrote is hostile: everything is text, and
characters that XML cannot carry are dropped. The caller masks secrets in URLs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
_INVALID_XML_CHARACTERS = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """One event. ``key`` makes its id: the same event has the same key in any feed."""

    key: str
    updated: str
    title: str
    url: str  # of the article; "" if it is not an http(s) URL
    outlet: str
    summary: str


def render_feed(
    title: str, key: str, entries: Iterable[AtomEntry], now: str, self_url: str = ""
) -> str:
    """The feed as an XML document.

    ``key`` makes its id; ``self_url`` is its own URL, if it has one; ``now`` is its
    date if there are no entries.
    """
    ElementTree.register_namespace("", ATOM_NAMESPACE)
    entries = list(entries)
    root = ElementTree.Element(f"{{{ATOM_NAMESPACE}}}feed")
    _add_text(root, "id", _urn(key))
    _add_text(root, "title", title)
    _add_text(root, "updated", max((entry.updated for entry in entries), default=now))
    if self_url:
        _add_link(root, "self", self_url)
    for entry in entries:
        element = ElementTree.SubElement(root, f"{{{ATOM_NAMESPACE}}}entry")
        _add_text(element, "id", _urn(entry.key))
        _add_text(element, "title", entry.title)
        _add_text(element, "updated", entry.updated)
        author = ElementTree.SubElement(element, f"{{{ATOM_NAMESPACE}}}author")
        _add_text(author, "name", entry.outlet)
        if re.match(r"https?://", entry.url):
            _add_link(element, "alternate", entry.url)
        _add_text(element, "summary", entry.summary)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _urn(key: str) -> str:
    """A URN made of a key: a UUID of version 8, of its SHA-256."""
    digest = bytearray(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    digits = digest.hex()
    groups = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return f"urn:uuid:{'-'.join(groups)}"


def _add_text(parent: ElementTree.Element, tag: str, text: str) -> None:
    element = ElementTree.SubElement(parent, f"{{{ATOM_NAMESPACE}}}{tag}")
    element.text = _remove_invalid_characters(text)


def _add_link(parent: ElementTree.Element, relation: str, url: str) -> None:
    ElementTree.SubElement(
        parent,
        f"{{{ATOM_NAMESPACE}}}link",
        rel=relation,
        href=_remove_invalid_characters(url),
    )


def _remove_invalid_characters(text: str) -> str:
    return _INVALID_XML_CHARACTERS.sub("", text)
