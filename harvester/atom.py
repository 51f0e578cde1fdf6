"""A list of happenings as an Atom feed (RFC 4287). Pure: times are passed in.

What outlets wrote is hostile: everything is text, and characters that XML cannot carry are left out. Addresses were masked by the
caller. Not for: choosing what is told.
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
    """One happening. ``name`` makes its id: what is the same happening has the same name, in any feed, for ever."""

    key: str
    updated: str
    title: str
    url: str  # of the article; "" where it is no http address
    outlet: str
    summary: str


def render_feed(
    title: str, key: str, entries: Iterable[AtomEntry], now: str, self_url: str = ""
) -> str:
    """The feed as a document. ``name`` makes its id; ``itself``: its own address, where it has one; ``now``: where nothing happened."""
    ElementTree.register_namespace("", ATOM_NAMESPACE)
    told = list(entries)
    root = ElementTree.Element(f"{{{ATOM_NAMESPACE}}}feed")
    _add_element(root, "id", _urn(key))
    _add_element(root, "title", title)
    _add_element(root, "updated", max((one.updated for one in told), default=now))
    if self_url:
        ElementTree.SubElement(
            root,
            f"{{{ATOM_NAMESPACE}}}link",
            rel="self",
            href=_remove_invalid_characters(self_url),
        )
    for one in told:
        entry = ElementTree.SubElement(root, f"{{{ATOM_NAMESPACE}}}entry")
        _add_element(entry, "id", _urn(one.key))
        _add_element(entry, "title", one.title)
        _add_element(entry, "updated", one.updated)
        _add_element(
            ElementTree.SubElement(entry, f"{{{ATOM_NAMESPACE}}}author"),
            "name",
            one.outlet,
        )
        if re.match(r"https?://", one.url):
            ElementTree.SubElement(
                entry,
                f"{{{ATOM_NAMESPACE}}}link",
                rel="alternate",
                href=_remove_invalid_characters(one.url),
            )
        _add_element(entry, "summary", one.summary)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _urn(key: str) -> str:
    """A URN made of a name (a UUID of version 8, of its SHA-256)."""
    digest = bytearray(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    made = digest.hex()
    return f"urn:uuid:{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}"


def _add_element(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(
        parent, f"{{{ATOM_NAMESPACE}}}{tag}"
    ).text = _remove_invalid_characters(text)


def _remove_invalid_characters(text: str) -> str:
    return _INVALID_XML_CHARACTERS.sub("", text)
