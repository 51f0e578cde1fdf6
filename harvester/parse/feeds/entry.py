"""What an entry of an RSS, RDF or Atom feed says, from feedparser's record of it. Pure.

The address: what stands behind a proxy, else the alternate page (HTML first), else a guid that is a permalink; never the
site's own address, an enclosure, or the feed itself. The date: published, else updated, else created; none is invented.
Not for: reading XML (``feedxml``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from harvester.entities import unescape
from harvester.model import Entry
from harvester.parse.dates import date_text
from harvester.parse.html.charset import CONTROL, line, plain

SUMMARY_MOST = 5_000  # characters
CONTENT_MOST = 500_000
ID_MOST = 2_000
URL_MOST = 8_000
ADDRESS_MOST = 12_000  # with what stands for spaces, and the base
FULL = 200  # characters of text in an element that is meant for the whole: less is a teaser, more may be a short report
_CUT_OFF = re.compile(
    r"(?:\[…\]|\[\.\.\.\]|…|\.\.\.|read more|lire la suite)\W*$", re.IGNORECASE
)
_ADDRESS_NAME = re.compile(r"\S+@\S+\s*\((.+)\)")
_NAME_ADDRESS = re.compile(r"([^@<(]+?)\s*[<(]\s*(?:mailto:)?\S+@\S+?\s*[>)]")
_ALTERNATE = ("alternate", "", "http://www.iana.org/assignments/relation/alternate")


def entry(one: Any, kind: str, document: str, site: str, stated_site: str) -> Entry:
    """An entry. ``document``: the feed's own address; ``site``: that of the site, absolute, and as stated."""
    published, published_local = first_time(one, ("published", "updated", "created"))
    updated, _ = first_time(one, ("updated",))
    summary = str(one.get("summary") or "")
    content = content_of(one)
    return Entry(
        id=_bounded(CONTROL.sub("", str(one.get("id") or ""))),
        url=_address(one, kind, document, site, stated_site),
        title=_title(one, kind),
        published=published,
        published_local=published_local,
        updated=updated,
        authors=names(_names(one)),
        tags=names(
            str(tag.get("term") or tag.get("label") or "")
            for tag in one.get("tags", [])[:100]
        ),
        summary=plain(summary[: SUMMARY_MOST * 4], SUMMARY_MOST),
        content=content,
    )


def _bounded(name: str) -> str:
    """A name; where it is too long its beginning and a digest of it: what differs at the end stays two."""
    if len(name) <= ID_MOST:
        return name
    return f"{name[: ID_MOST - 70]}… {hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def _title(one: Any, kind: str) -> str:
    """The title as plain text; another vocabulary's where there is none of its own."""
    title = str(one.get("title") or "")
    stated = str(dict.get(one, "title_detail", {}).get("type", ""))
    if kind == "atom" and stated == "text/plain" and "<" in title and "</" not in title:
        return line(
            unescape(title)
        )  # RFC 4287, 3.1.1.1: what looks like markup is text
    found = plain(title)
    for name in ("dc_title", "media_title", "itunes_title"):
        found = found or plain(str(one.get(name) or ""))
    return found


def _names(one: Any) -> Iterable[str]:
    stated = [
        str(author.get("name") or "")
        for author in one.get("authors", [])[:100]
        if author
    ]
    return stated if any(stated) else [str(one.get("author") or "")]


def names(stated: Iterable[str]) -> tuple[str, ...]:
    """Names as plain text, each once. RSS 2.0 authors are "address (name)", or what was meant by it: the name."""
    found = []
    for name in stated:
        name = plain(
            name.replace("<", " <").replace(">", "> ") if "@" in name else name, 200
        )
        match = _ADDRESS_NAME.fullmatch(name) or _NAME_ADDRESS.fullmatch(name)
        found.append(match[1].strip() if match else name)
    return tuple(dict.fromkeys(name for name in found if name))


def content_of(one: Any) -> str:
    """The full text as HTML, where the entry carries it; "" for a teaser."""
    contents = [
        str(part.get("value") or "")
        for part in one.get("content", [])
        if "html" in str(part.get("type", "html"))
    ]
    content = max(contents, key=len, default="")
    return CONTROL.sub("", content[:CONTENT_MOST]) if is_full(content) else ""


def is_full(content: str) -> bool:
    """Whether a feed's content is a text, not a teaser: more than a sentence or two, and not cut off."""
    if len(content) <= FULL:
        return False
    for looked_at in (
        FULL * 5,
        FULL * 100,
    ):  # the beginning tells, but where it is all markup
        if len(plain(content[:looked_at], looked_at)) > FULL:
            return not _CUT_OFF.search(
                plain(content[-1_000:].partition(">")[2] or content[-1_000:])[-50:]
            )
    return False


# ---- addresses


def _address(one: Any, kind: str, document: str, site: str, stated_site: str) -> str:
    for name in ("feedburner_origlink", "pheedo_origlink"):
        found = http(one.get(name), document)
        if found:
            return found
    links = [
        link for link in one.get("links", [])[:100] if link.get("href") is not None
    ]
    enclosures = {str(link["href"]) for link in links if link.get("rel") == "enclosure"}
    pages = [
        link
        for link in links
        if str(link.get("rel", "")).strip() in _ALTERNATE
        and link["href"] not in enclosures
    ]
    pages.sort(key=lambda link: "html" not in str(link.get("type", "text/html")))
    for link in pages:
        base = str(link.get("base") or document)
        found = http(
            link["href"],
            site if base == document and kind != "atom" else base,
            own=kind == "atom",
        )
        if found:
            return found
    guid = str(one.get("id") or "")
    permalink = one.get("permalink") or kind == "rdf"
    if (
        permalink
        and guid not in enclosures
        and guid.rstrip("/") not in (stated_site.rstrip("/"), site.rstrip("/"))
    ):
        return http(guid, "")  # only where it is an address by itself
    return ""


def http(href: Any, base: str, own: bool = False) -> str:
    """An absolute http(s) address; "" for anything else. ``own``: an empty reference is the base itself."""
    text = CONTROL.sub("", str(href if href is not None else "")[:URL_MOST]).strip()
    return _joined(base, text) if text or (own and href is not None) else ""


@lru_cache(maxsize=512)
def _joined(base: str, text: str) -> str:
    try:
        joined = urljoin(
            CONTROL.sub("", base),
            re.sub(r"\s+", lambda found: "" if "\n" in found[0] else "%20", text),
        )
        parts = urlsplit(joined)
        return (
            joined[:ADDRESS_MOST]
            if parts.scheme in ("http", "https") and parts.hostname
            else ""
        )
    except ValueError:
        return ""


# ---- times


def first_time(one: Any, names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The first of these times that is one: (UTC, as stated). A feed's time without a zone is UTC's."""
    for name in names:
        stated = dict.get(
            one, name
        )  # feedparser's own "get" gives one time for another
        found = time(stated) if isinstance(stated, str) else None
        if found is not None:
            return found
    return None, None


def time(stated: str) -> tuple[str, str] | None:
    """(UTC, as stated) of a feed's time; None where it is none."""
    read = date_text.parse(stated, part=True)
    if read is None:
        return None
    moment, has_time = read
    if not has_time and moment.tzinfo is None:
        return moment.date().isoformat(), moment.date().isoformat()
    local = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        utc = local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None
    return utc, local.isoformat().replace("+00:00", "Z")
