"""What an entry of an RSS, RDF or Atom feed says, from feedparser's record of it.

The URL: what a feed proxy states as the original, else the alternate page (HTML first),
else a guid that is a permalink; never the site's own URL, an enclosure, or the feed
itself. The date: published, else updated, else created; none is invented. Titles and
summaries: the feed's own elements before those of other vocabularies, wherever they
stand. The XML is read by ``feed_xml``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from harvester.model import Entry
from harvester.parse.dates import date_text
from harvester.parse.feeds.plain_text import (
    looks_like_markup,
    title_to_text,
    to_html,
)
from harvester.parse.feeds.wrapped_links import unwrap_link
from harvester.parse.html.charset import CONTROL_CHARS, html_to_text
from harvester.parse.names.feed_authors import author_names, clean_names

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
_BLOCK = re.compile(r"<(?:p|div|br|li|h[1-6]|blockquote|tr)\b", re.IGNORECASE)
_ABSOLUTE_URL = re.compile(r"https?://(?!https?:)")
_STRAY_SCHEME = re.compile(r"https?:/{0,2}(?=https?://)", re.IGNORECASE)
_NO_LINK = re.compile(r"#|n/a|none|null|undefined", re.IGNORECASE)
_WWW_HOST = re.compile(r"www\.[\w-]+\.[\w.-]+(?=[/?#:]|$)", re.IGNORECASE)
_ALTERNATE_RELS = (
    "alternate",
    "",
    "http://www.iana.org/assignments/relation/alternate",
)
_OTHER_TITLES = ("dc_title", "media_title", "itunes_title")
_SUMMARIES = (
    "summary",
    "dc_description",
    "itunes_summary",
    "itunes_subtitle",
    "googleplay_description",
)
_ORIGINAL_LINKS = ("feedburner_origlink", "pheedo_origlink")
# feedparser's own takes much longer, and gives one time for another.
_get = dict.get
_TEXT_TYPES = ("text/plain", "text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What the entries of a feed depend on."""

    kind: str
    url: str  # of the feed
    site_url: str  # absolute
    stated_site_url: str  # as the feed states it
    authors: tuple[Any, ...] = ()  # feedparser's records, if entries inherit them
    language: str = ""


def build_entry(parsed_entry: Any, feed: FeedContext) -> Entry:
    """An entry from feedparser's record."""
    published, published_local = _first_valid_time(
        parsed_entry, ("published", "updated", "created")
    )
    updated, _ = _first_valid_time(parsed_entry, ("updated",))
    entry_id = _get(parsed_entry, "id") or _get(parsed_entry, "dc_identifier") or ""
    content = _full_content(parsed_entry)
    return Entry(
        id=_shorten_id(CONTROL_CHARS.sub("", str(entry_id))),
        url=_entry_url(parsed_entry, feed),
        title=read_title(parsed_entry, feed.kind),
        published=published,
        published_local=published_local,
        updated=updated,
        authors=_authors(parsed_entry, feed),
        tags=clean_names(
            # A label is for people, a term may be a number: RFC 4287, 4.2.2.
            str(_get(tag, "label") or _get(tag, "term") or "")
            for tag in _get(parsed_entry, "tags", [])[:MAX_LIST_ITEMS]
        ),
        summary=_summary(parsed_entry),
        content=content,
        teaser="" if content else _teaser(parsed_entry),
    )


def _shorten_id(entry_id: str) -> str:
    """An id, or the beginning of a long one with its digest.

    Ids that differ only at the end stay different.
    """
    if len(entry_id) <= MAX_ID_LENGTH:
        return entry_id
    digest = hashlib.sha256(entry_id.encode("utf-8", "replace")).hexdigest()
    return f"{entry_id[: MAX_ID_LENGTH - 70]}… {digest}"


def read_title(record: Any, kind: str) -> str:
    """The title of an entry or of a feed of that kind as plain text.

    Another vocabulary's, if its own is missing.
    """
    stated = str(_get(record, "title") or "")
    detail = _get(record, "title_detail", {})
    media_type = str(detail.get("type", ""))
    is_markup = None
    if media_type == "application/xhtml+xml":
        is_markup = True
    elif kind == "atom":  # without a type, it is text: RFC 4287, 3.1.1
        is_markup = media_type != "text/plain" or (
            not detail.get("is_type_stated") and looks_like_markup(stated)
        )
    title = title_to_text(stated, is_markup)
    for name in _OTHER_TITLES:
        title = title or title_to_text(str(_get(record, name) or ""), None)
    return title


def _summary(parsed_entry: Any) -> str:
    """The summary as plain text; else the beginning of the text.

    What describes a picture or film of the entry comes last.
    """
    names = (*_SUMMARIES, "", "media_description")
    for name in names:
        stated = _get(parsed_entry, name) if name else _first_content(parsed_entry)
        stated = str(stated or "")[: MAX_SUMMARY_LENGTH * 4]
        if summary := html_to_text(stated, MAX_SUMMARY_LENGTH):
            return summary
    return ""


def _first_content(parsed_entry: Any) -> str:
    """The first content that is text."""
    return next(
        (
            str(part["value"])
            for part in _get(parsed_entry, "content", [])
            if _get(part, "value") and _get(part, "type") in _TEXT_TYPES
        ),
        "",
    )


def _authors(parsed_entry: Any, feed: FeedContext) -> tuple[str, ...]:
    """The entry's authors; else those of the feed it was taken from, else inherited.

    RFC 4287, 4.2.1. A podcast's own vocabulary names the show more often than a person.
    """
    language = feed.language
    if names := _names_of(_get(parsed_entry, "authors"), language):
        return names
    show = _get(parsed_entry, "itunes_author") or _get(
        parsed_entry, "googleplay_author"
    )
    if names := author_names([str(show or "")], language):
        return names
    source = _get(parsed_entry, "source")
    source_authors = _get(source, "authors") if isinstance(source, dict) else None
    return _names_of(source_authors, language) or _names_of(feed.authors, language)


def _names_of(authors: Sequence[Any] | None, language: str) -> tuple[str, ...]:
    names = (
        str(_get(author, "name") or _get(author, "email") or "")
        for author in (authors or ())[:MAX_LIST_ITEMS]
    )
    return author_names(names, language)


def _full_content(parsed_entry: Any) -> str:
    """The full text as HTML if the entry carries it; "" for a teaser."""
    longest = _longest_content(parsed_entry)
    if longest is None:
        return ""
    text, is_markup = longest
    content = to_html(text[: MAX_CONTENT_LENGTH + 1], is_markup)
    if not is_full_text(content):
        return ""
    return CONTROL_CHARS.sub("", content[:MAX_CONTENT_LENGTH])


def _longest_content(parsed_entry: Any) -> tuple[str, bool] | None:
    """The longest content that is text, and whether it is stated to be markup."""
    contents = [
        part
        for part in _get(parsed_entry, "content", [])
        if _get(part, "value") and _get(part, "type") in _TEXT_TYPES
    ]
    if not contents:
        return None
    longest = max(contents, key=lambda part: len(part["value"]))
    return str(longest["value"]), longest["type"] != "text/plain"


def _teaser(parsed_entry: Any) -> str:
    """What the summary is made of as HTML; "" where it has all of it."""
    described = str(_get(parsed_entry, "summary") or "")
    text, is_markup = _longest_content(parsed_entry) or ("", False)
    if len(described) > len(text):
        text, is_markup = described, False
    return teaser_html(text[: MAX_CONTENT_LENGTH + 1], is_markup)


def teaser_html(text: str, is_markup: bool = False) -> str:
    """A text as HTML if it has paragraphs, or is longer than a summary; else ""."""
    html = to_html(text, is_markup)
    if len(text) <= MAX_SUMMARY_LENGTH and _BLOCK.search(html, 3) is None:
        return ""
    return CONTROL_CHARS.sub("", html[:MAX_CONTENT_LENGTH])


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


def _entry_url(parsed_entry: Any, feed: FeedContext) -> str:
    for name in _ORIGINAL_LINKS:
        if url := resolve_link(_get(parsed_entry, name), feed.url):
            return url
    links = [
        link
        for link in _get(parsed_entry, "links", [])[:MAX_LIST_ITEMS]
        if _get(link, "href") is not None
    ]
    enclosures = {
        str(link["href"]) for link in links if _get(link, "rel") == "enclosure"
    }
    pages = [
        link
        for link in links
        if str(_get(link, "rel", "")).strip() in _ALTERNATE_RELS
        and link["href"] not in enclosures
    ]
    if len(pages) > 1:
        pages.sort(key=_rank_link)
    home, is_atom = "", feed.kind == "atom"
    for link in pages:
        base_url = str(_get(link, "base") or feed.url)
        if base_url == feed.url and not is_atom:
            base_url = feed.site_url
        url = resolve_link(link["href"], base_url, allow_empty=is_atom)
        page_url = url.partition("#")[0].rstrip("/")
        if url and (is_atom or page_url != feed.site_url.rstrip("/")):
            return url
        home = home or url
    return _permalink(parsed_entry, feed, enclosures) or home


def _rank_link(link: Any) -> tuple[bool, bool]:
    """The entry's own links before those of its parts, HTML first."""
    is_html = "html" in str(_get(link, "type", "text/html"))
    return bool(_get(link, "is_nested")), not is_html


def _permalink(parsed_entry: Any, feed: FeedContext, enclosures: set[str]) -> str:
    """The guid, if it is a permalink, and neither an enclosure nor the site."""
    guid = str(_get(parsed_entry, "id") or "")
    is_permalink = _get(parsed_entry, "permalink") or feed.kind == "rdf"
    site_urls = (feed.stated_site_url.rstrip("/"), feed.site_url.rstrip("/"))
    if is_permalink and guid not in enclosures and guid.rstrip("/") not in site_urls:
        return resolve_link(guid, "")  # only if it is absolute
    return ""


def resolve_link(href: Any, base_url: str, allow_empty: bool = False) -> str:
    """Like ``resolve_url``; what a known wrapper of links contains, without it."""
    url = resolve_url(href, base_url, allow_empty)
    target = unwrap_link(url)
    return url if target == url else resolve_url(target, "") or url


def resolve_url(href: Any, base_url: str, allow_empty: bool = False) -> str:
    """An absolute http(s) URL; "" for anything else.

    With ``allow_empty``, an empty reference is the base itself.
    """
    reference = str(href if href is not None else "")[:MAX_URL_LENGTH]
    reference = CONTROL_CHARS.sub("", reference).strip()
    if _NO_LINK.fullmatch(reference):
        return ""
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
        if not _ABSOLUTE_URL.match(reference):
            reference = _STRAY_SCHEME.sub("", reference)
            if _names_host(reference, base_url):
                reference = f"//{reference}"
        joined = urljoin(CONTROL_CHARS.sub("", base_url), reference)
        parts = urlsplit(joined)
        is_fetchable = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return ""
    return joined[:MAX_RESOLVED_URL_LENGTH] if is_fetchable else ""


def _names_host(reference: str, base_url: str) -> bool:
    """Whether a reference is a URL without its scheme: "www.paper.example/a"."""
    if _WWW_HOST.match(reference):
        return True
    host = urlsplit(base_url).hostname or ""
    return "." in host and f"{reference}/".lower().startswith(f"{host}/")


# ---- times


def _first_valid_time(
    parsed_entry: Any, names: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """(UTC, as stated) of the first of these fields that holds a time."""
    for name in names:
        stated = _get(parsed_entry, name)
        time = parse_feed_time(stated) if isinstance(stated, str) else None
        if time is not None:
            return time
    return None, None


def parse_feed_time(stated: str) -> tuple[str, str] | None:
    """(UTC, as stated) of a feed's time; None if it is not one.

    A time of day without a zone is taken for UTC, and stays without a zone as stated.
    """
    parsed = date_text.parse_date(stated, allow_partial=True)
    if parsed is None:
        return None
    moment, has_time = parsed
    if not has_time and moment.tzinfo is None:
        return moment.date().isoformat(), moment.date().isoformat()
    instant = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        utc = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None
    return utc, moment.isoformat().replace("+00:00", "Z")
