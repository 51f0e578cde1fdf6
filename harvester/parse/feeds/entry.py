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
from harvester.parse.html.charset import CONTROL_CHARS, clean_line, html_to_text

MAX_SUMMARY_LENGTH = 5_000  # characters
MAX_CONTENT_LENGTH = 500_000
MAX_ID_LENGTH = 2_000
MAX_URL_LENGTH = 8_000
MAX_RESOLVED_URL_LENGTH = 12_000  # with what stands for spaces, and the base
MIN_FULL_TEXT_LENGTH = 200  # characters of text in an element that is meant for the whole: less is a teaser, more may be a short report
_TRUNCATED = re.compile(
    r"(?:\[…\]|\[\.\.\.\]|…|\.\.\.|read more|lire la suite)\W*$", re.IGNORECASE
)
_EMAIL_THEN_NAME = re.compile(r"\S+@\S+\s*\((.+)\)")
_NAME_THEN_EMAIL = re.compile(r"([^@<(]+?)\s*[<(]\s*(?:mailto:)?\S+@\S+?\s*[>)]")
_ALTERNATE_RELS = (
    "alternate",
    "",
    "http://www.iana.org/assignments/relation/alternate",
)


def build_entry(
    parsed_entry: Any, kind: str, feed_url: str, site_url: str, stated_site_url: str
) -> Entry:
    """An entry. ``document``: the feed's own address; ``site``: that of the site, absolute, and as stated."""
    published, published_local = first_valid_time(
        parsed_entry, ("published", "updated", "created")
    )
    updated, _ = first_valid_time(parsed_entry, ("updated",))
    summary = str(parsed_entry.get("summary") or "")
    content = full_content(parsed_entry)
    return Entry(
        id=_shorten_id(CONTROL_CHARS.sub("", str(parsed_entry.get("id") or ""))),
        url=_entry_url(parsed_entry, kind, feed_url, site_url, stated_site_url),
        title=_title(parsed_entry, kind),
        published=published,
        published_local=published_local,
        updated=updated,
        authors=clean_names(_author_names(parsed_entry)),
        tags=clean_names(
            str(tag.get("term") or tag.get("label") or "")
            for tag in parsed_entry.get("tags", [])[:100]
        ),
        summary=html_to_text(summary[: MAX_SUMMARY_LENGTH * 4], MAX_SUMMARY_LENGTH),
        content=content,
    )


def _shorten_id(entry_id: str) -> str:
    """A name; where it is too long its beginning and a digest of it: what differs at the end stays two."""
    if len(entry_id) <= MAX_ID_LENGTH:
        return entry_id
    return f"{entry_id[: MAX_ID_LENGTH - 70]}… {hashlib.sha256(entry_id.encode('utf-8', 'replace')).hexdigest()}"


def _title(parsed_entry: Any, kind: str) -> str:
    """The title as plain text; another vocabulary's where there is none of its own."""
    title = str(parsed_entry.get("title") or "")
    stated = str(dict.get(parsed_entry, "title_detail", {}).get("type", ""))
    if kind == "atom" and stated == "text/plain" and "<" in title and "</" not in title:
        return clean_line(
            unescape(title)
        )  # RFC 4287, 3.1.1.1: what looks like markup is text
    found = html_to_text(title)
    for name in ("dc_title", "media_title", "itunes_title"):
        found = found or html_to_text(str(parsed_entry.get(name) or ""))
    return found


def _author_names(parsed_entry: Any) -> Iterable[str]:
    stated = [
        str(author.get("name") or "")
        for author in parsed_entry.get("authors", [])[:100]
        if author
    ]
    return stated if any(stated) else [str(parsed_entry.get("author") or "")]


def clean_names(raw_names: Iterable[str]) -> tuple[str, ...]:
    """Names as plain text, each once. RSS 2.0 authors are "address (name)", or what was meant by it: the name."""
    found = []
    for name in raw_names:
        name = html_to_text(
            name.replace("<", " <").replace(">", "> ") if "@" in name else name, 200
        )
        match = _EMAIL_THEN_NAME.fullmatch(name) or _NAME_THEN_EMAIL.fullmatch(name)
        found.append(match[1].strip() if match else name)
    return tuple(dict.fromkeys(name for name in found if name))


def full_content(parsed_entry: Any) -> str:
    """The full text as HTML, where the entry carries it; "" for a teaser."""
    contents = [
        str(part.get("value") or "")
        for part in parsed_entry.get("content", [])
        if "html" in str(part.get("type", "html"))
    ]
    content = max(contents, key=len, default="")
    return (
        CONTROL_CHARS.sub("", content[:MAX_CONTENT_LENGTH])
        if is_full_text(content)
        else ""
    )


def is_full_text(content: str) -> bool:
    """Whether a feed's content is a text, not a teaser: more than a sentence or two, and not cut off."""
    if len(content) <= MIN_FULL_TEXT_LENGTH:
        return False
    for looked_at in (
        MIN_FULL_TEXT_LENGTH * 5,
        MIN_FULL_TEXT_LENGTH * 100,
    ):  # the beginning tells, but where it is all markup
        if len(html_to_text(content[:looked_at], looked_at)) > MIN_FULL_TEXT_LENGTH:
            return not _TRUNCATED.search(
                html_to_text(content[-1_000:].partition(">")[2] or content[-1_000:])[
                    -50:
                ]
            )
    return False


# ---- addresses


def _entry_url(
    parsed_entry: Any, kind: str, feed_url: str, site_url: str, stated_site_url: str
) -> str:
    for name in ("feedburner_origlink", "pheedo_origlink"):
        found = resolve_url(parsed_entry.get(name), feed_url)
        if found:
            return found
    links = [
        link
        for link in parsed_entry.get("links", [])[:100]
        if link.get("href") is not None
    ]
    enclosures = {str(link["href"]) for link in links if link.get("rel") == "enclosure"}
    pages = [
        link
        for link in links
        if str(link.get("rel", "")).strip() in _ALTERNATE_RELS
        and link["href"] not in enclosures
    ]
    pages.sort(key=lambda link: "html" not in str(link.get("type", "text/html")))
    for link in pages:
        base = str(link.get("base") or feed_url)
        found = resolve_url(
            link["href"],
            site_url if base == feed_url and kind != "atom" else base,
            allow_empty=kind == "atom",
        )
        if found:
            return found
    guid = str(parsed_entry.get("id") or "")
    permalink = parsed_entry.get("permalink") or kind == "rdf"
    if (
        permalink
        and guid not in enclosures
        and guid.rstrip("/") not in (stated_site_url.rstrip("/"), site_url.rstrip("/"))
    ):
        return resolve_url(guid, "")  # only where it is an address by itself
    return ""


def resolve_url(href: Any, base_url: str, allow_empty: bool = False) -> str:
    """An absolute http(s) address; "" for anything else. ``own``: an empty reference is the base itself."""
    text = CONTROL_CHARS.sub(
        "", str(href if href is not None else "")[:MAX_URL_LENGTH]
    ).strip()
    return (
        _join_url(base_url, text) if text or (allow_empty and href is not None) else ""
    )


@lru_cache(maxsize=512)
def _join_url(base_url: str, href: str) -> str:
    try:
        joined = urljoin(
            CONTROL_CHARS.sub("", base_url),
            re.sub(r"\s+", lambda found: "" if "\n" in found[0] else "%20", href),
        )
        parts = urlsplit(joined)
        return (
            joined[:MAX_RESOLVED_URL_LENGTH]
            if parts.scheme in ("http", "https") and parts.hostname
            else ""
        )
    except ValueError:
        return ""


# ---- times


def first_valid_time(
    parsed_entry: Any, field_names: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """The first of these times that is one: (UTC, as stated). A feed's time without a zone is UTC's."""
    for name in field_names:
        stated = dict.get(
            parsed_entry, name
        )  # feedparser's own "get" gives one time for another
        found = parse_feed_time(stated) if isinstance(stated, str) else None
        if found is not None:
            return found
    return None, None


def parse_feed_time(stated: str) -> tuple[str, str] | None:
    """(UTC, as stated) of a feed's time; None where it is none."""
    read = date_text.parse_date(stated, allow_partial=True)
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
