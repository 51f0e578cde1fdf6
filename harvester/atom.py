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

SPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Told:
    """One happening. ``name`` makes its id: what is the same happening has the same name, in any feed, for ever."""

    name: str
    at: str
    title: str
    url: str  # of the article; "" where it is no http address
    outlet: str
    text: str


def feed(
    title: str, name: str, happenings: Iterable[Told], now: str, itself: str = ""
) -> str:
    """The feed as a document. ``name`` makes its id; ``itself``: its own address, where it has one; ``now``: where nothing happened."""
    ElementTree.register_namespace("", SPACE)
    told = list(happenings)
    root = ElementTree.Element(f"{{{SPACE}}}feed")
    _add(root, "id", _id(name))
    _add(root, "title", title)
    _add(root, "updated", max((one.at for one in told), default=now))
    if itself:
        ElementTree.SubElement(
            root, f"{{{SPACE}}}link", rel="self", href=_clean(itself)
        )
    for one in told:
        entry = ElementTree.SubElement(root, f"{{{SPACE}}}entry")
        _add(entry, "id", _id(one.name))
        _add(entry, "title", one.title)
        _add(entry, "updated", one.at)
        _add(ElementTree.SubElement(entry, f"{{{SPACE}}}author"), "name", one.outlet)
        if re.match(r"https?://", one.url):
            ElementTree.SubElement(
                entry, f"{{{SPACE}}}link", rel="alternate", href=_clean(one.url)
            )
        _add(entry, "summary", one.text)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _id(name: str) -> str:
    """A URN made of a name (a UUID of version 8, of its SHA-256)."""
    digest = bytearray(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80
    made = digest.hex()
    return f"urn:uuid:{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}"


def _add(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{SPACE}}}{tag}").text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
