"""What an entry of an RSS, RDF or Atom feed says, from feedparser's record of it.

The URL: what a feed proxy states as the original, else the alternate page (HTML first),
else a guid that is a permalink; never the site's own URL, an enclosure, or the feed
itself. The date: published, else updated, else created; none is invented. The XML is
read by ``feed_xml``.
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

# Characters.
MAX_SUMMARY_LENGTH = 5_000
MAX_CONTENT_LENGTH = 500_000
MAX_ID_LENGTH = 2_000
MAX_URL_LENGTH = 8_000
MAX_RESOLVED_URL_LENGTH = 12_000  # with encoded spaces, and the base
# Less text in an element for the whole text is a teaser; more may be a short report.
MIN_FULL_TEXT_LENGTH = 200

MAX_LIST_ITEMS = 100  # authors, tags or links of an entry
_TRUNCATED = re.compile(
    r"(?:\[…\]|\[\.\.\.\]|…|\.\.\.|read more|lire la suite)\W*$", re.IGNORECASE
)
# RSS 2.0 authors are "address (name)", or what was meant by it.
_EMAIL_THEN_NAME = re.compile(r"\S+@\S+\s*\((.+)\)")
_NAME_THEN_EMAIL = re.compile(r"([^@<(]+?)\s*[<(]\s*(?:mailto:)?\S+@\S+?\s*[>)]")
_ALTERNATE_RELS = (
    "alternate",
    "",
    "http://www.iana.org/assignments/relation/alternate",
)
_OTHER_TITLES = ("dc_title", "media_title", "itunes_title")
_ORIGINAL_LINKS = ("feedburner_origlink", "pheedo_origlink")


def build_entry(
    parsed_entry: Any, kind: str, feed_url: str, site_url: str, stated_site_url: str
) -> Entry:
    """An entry from feedparser's record.

    ``kind``: of the feed; ``feed_url``: its own URL; ``site_url``: the site's, made
    absolute; ``stated_site_url``: the same as the feed states it.
    """
    published, published_local = _first_valid_time(
        parsed_entry, ("published", "updated", "created")
    )
    updated, _ = _first_valid_time(parsed_entry, ("updated",))
    summary = str(parsed_entry.get("summary") or "")[: MAX_SUMMARY_LENGTH * 4]
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
            for tag in parsed_entry.get("tags", [])[:MAX_LIST_ITEMS]
        ),
        summary=html_to_text(summary, MAX_SUMMARY_LENGTH),
        content=_full_content(parsed_entry),
    )


def _shorten_id(entry_id: str) -> str:
    """An id, or the beginning of a long one with its digest.

    Ids that differ only at the end stay different.
    """
    if len(entry_id) <= MAX_ID_LENGTH:
        return entry_id
    digest = hashlib.sha256(entry_id.encode("utf-8", "replace")).hexdigest()
    return f"{entry_id[: MAX_ID_LENGTH - 70]}… {digest}"


def _title(parsed_entry: Any, kind: str) -> str:
    """The title as plain text; another vocabulary's if the feed's own is missing."""
    title = str(parsed_entry.get("title") or "")
    media_type = str(dict.get(parsed_entry, "title_detail", {}).get("type", ""))
    is_plain = kind == "atom" and media_type == "text/plain"
    if is_plain and "<" in title and "</" not in title:
        # RFC 4287, 3.1.1.1: what looks like markup is text.
        return clean_line(unescape(title))
    text = html_to_text(title)
    for name in _OTHER_TITLES:
        text = text or html_to_text(str(parsed_entry.get(name) or ""))
    return text


def _author_names(parsed_entry: Any) -> list[str]:
    names = [
        str(author.get("name") or "")
        for author in parsed_entry.get("authors", [])[:MAX_LIST_ITEMS]
        if author
    ]
    return names if any(names) else [str(parsed_entry.get("author") or "")]


def clean_names(raw_names: Iterable[str]) -> tuple[str, ...]:
    """Names of people or tags as plain text without e-mail addresses, each once."""
    names = []
    for name in raw_names:
        if "@" in name:  # "<a@x.example>" is not a tag
            name = name.replace("<", " <").replace(">", "> ")
        name = html_to_text(name, 200)
        match = _EMAIL_THEN_NAME.fullmatch(name) or _NAME_THEN_EMAIL.fullmatch(name)
        names.append(match[1].strip() if match else name)
    return tuple(dict.fromkeys(name for name in names if name))


def _full_content(parsed_entry: Any) -> str:
    """The full text as HTML if the entry carries it; "" for a teaser."""
    contents = [
        str(part.get("value") or "")
        for part in parsed_entry.get("content", [])
        if "html" in str(part.get("type", "html"))
    ]
    content = max(contents, key=len, default="")
    if not is_full_text(content):
        return ""
    return CONTROL_CHARS.sub("", content[:MAX_CONTENT_LENGTH])


def is_full_text(content: str) -> bool:
    """Whether a feed's content is more than a sentence or two, and not cut off."""
    if len(content) <= MIN_FULL_TEXT_LENGTH:
        return False
    # The beginning suffices, unless it is all markup.
    for length in (MIN_FULL_TEXT_LENGTH * 5, MIN_FULL_TEXT_LENGTH * 100):
        if len(html_to_text(content[:length], length)) > MIN_FULL_TEXT_LENGTH:
            ending = content[-1_000:]
            ending = html_to_text(ending.partition(">")[2] or ending)
            return not _TRUNCATED.search(ending[-50:])
    return False


# ---- URLs


def _entry_url(
    parsed_entry: Any, kind: str, feed_url: str, site_url: str, stated_site_url: str
) -> str:
    for name in _ORIGINAL_LINKS:
        if url := resolve_url(parsed_entry.get(name), feed_url):
            return url
    links = [
        link
        for link in parsed_entry.get("links", [])[:MAX_LIST_ITEMS]
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
        base_url = str(link.get("base") or feed_url)
        if base_url == feed_url and kind != "atom":
            base_url = site_url
        if url := resolve_url(link["href"], base_url, allow_empty=kind == "atom"):
            return url
    guid = str(parsed_entry.get("id") or "")
    is_permalink = parsed_entry.get("permalink") or kind == "rdf"
    site_urls = (stated_site_url.rstrip("/"), site_url.rstrip("/"))
    if is_permalink and guid not in enclosures and guid.rstrip("/") not in site_urls:
        return resolve_url(guid, "")  # only if it is absolute
    return ""


def resolve_url(href: Any, base_url: str, allow_empty: bool = False) -> str:
    """An absolute http(s) URL; "" for anything else.

    With ``allow_empty``, an empty reference is the base itself.
    """
    reference = str(href if href is not None else "")[:MAX_URL_LENGTH]
    reference = CONTROL_CHARS.sub("", reference).strip()
    if reference or (allow_empty and href is not None):
        return _join_url(base_url, reference)
    return ""


@lru_cache(maxsize=512)
def _join_url(base_url: str, reference: str) -> str:
    # Line breaks are dropped, other white space is encoded.
    reference = re.sub(
        r"\s+", lambda match: "" if "\n" in match[0] else "%20", reference
    )
    try:
        joined = urljoin(CONTROL_CHARS.sub("", base_url), reference)
        parts = urlsplit(joined)
        is_fetchable = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return ""
    return joined[:MAX_RESOLVED_URL_LENGTH] if is_fetchable else ""


# ---- times


def _first_valid_time(
    parsed_entry: Any, names: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """(UTC, as stated) of the first of these fields that holds a time."""
    for name in names:
        # feedparser's own "get" gives one time for another.
        stated = dict.get(parsed_entry, name)
        time = parse_feed_time(stated) if isinstance(stated, str) else None
        if time is not None:
            return time
    return None, None


def parse_feed_time(stated: str) -> tuple[str, str] | None:
    """(UTC, as stated) of a feed's time; None if it is not one.

    A time of day without a zone is UTC.
    """
    parsed = date_text.parse_date(stated, allow_partial=True)
    if parsed is None:
        return None
    moment, has_time = parsed
    if not has_time and moment.tzinfo is None:
        return moment.date().isoformat(), moment.date().isoformat()
    local = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        utc = local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None
    return utc, local.isoformat().replace("+00:00", "Z")
