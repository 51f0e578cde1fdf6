"""A feed: RSS, Atom or RDF bytes in, entries out. feedparser reads; what it misreads is mended around it. Pure.

Bytes only: ``feedparser.parse`` would open a text as a file or an address. Its sanitising and resolving are off (dear, and
one of its expressions is quadratic): what is kept is cleaned here, where it is bounded.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from harvester.errors import BadAnswer
from harvester.model import Entry, Feed
from harvester.parse import dates
from harvester.parse.text import CONTROL, line, plain

SUMMARY_MOST = 5_000  # characters
CONTENT_MOST = 500_000
ID_MOST = 2_000
FAR = "9998-01-01T00:00:00Z"  # what a feed states is kept as stated; a date after the capture is refused when it is published
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>/]", re.IGNORECASE)
_ENTITY_DECLARATION = re.compile(rb"<!ENTITY", re.IGNORECASE)


def read_feed(body: bytes, content_type: str, url: str, *, limit: int = 2000) -> Feed:
    """Read a feed; at most ``limit`` entries, the newest. Raises BadAnswer with the reason where it is none."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n\0")[:20_000]
    wide = body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start[:40]
    if not start:
        raise BadAnswer("an empty answer where a feed was")
    if not wide:
        if start[:1] in (b"{", b"["):
            raise BadAnswer("JSON where a feed was")
        if _HTML.search(start[:2_000]) and not _FEED.search(start):
            raise BadAnswer("HTML where a feed was")
        if not _FEED.search(body[:200_000]):
            raise BadAnswer(f"no feed: {content_type.partition(';')[0].strip() or 'unknown content'}")
    parsed = _parse(body, content_type, url)
    kind = _kind(parsed.get("version", ""))
    feed, entries = parsed.get("feed", {}), parsed.get("entries", [])
    if kind is None and not entries:
        raise BadAnswer(
            f"broken XML where a feed was: {line(str(parsed.get('bozo_exception', '')), 200) or 'nothing in it'}"
        )
    base = url
    if kind != "atom" and feed.get("link"):
        base = urljoin(url, str(feed["link"]))
    read = [_entry(one, base, url, kind or "rss", str(feed.get("link", ""))) for one in entries]
    cut = max(0, len(read) - limit)
    if cut:
        read = sorted(read, key=lambda one: one.published or "", reverse=True)[:limit]
    return Feed(
        kind=kind or "rss",
        title=plain(feed.get("title")),
        url=_http(feed.get("link"), url),
        language=line(str(feed.get("language") or ""), 20).lower(),
        entries=tuple(read),
        cut=cut,
    )


def _parse(body: bytes, content_type: str, url: str) -> Any:
    import warnings

    import feedparser

    warnings.filterwarnings("ignore", category=DeprecationWarning, module="feedparser")
    body = _bounded(body)
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (
        ValueError,
        OverflowError,
        AttributeError,
        KeyError,
        IndexError,
        TypeError,
        UnicodeError,
        AssertionError,
        RecursionError,
    ) as error:
        # It raises on some references to characters that do not exist: without them the rest can be read.
        mended = re.sub(
            rb"&#(?:x0*(?:d[89a-f][0-9a-f]{2}|[1-9a-f][1-9a-f][0-9a-f]{4,})|0*(?:5[5-7]\d{3}|\d{7,}));",
            b"&#xFFFD;",
            body,
            flags=re.IGNORECASE,
        )
        if mended == body:
            raise BadAnswer(f"cannot be read as a feed: {type(error).__name__}") from error
    try:
        return feedparser.parse(
            io.BytesIO(mended), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except (ValueError, OverflowError, AttributeError, KeyError, IndexError, TypeError, UnicodeError) as error:
        raise BadAnswer(f"cannot be read as a feed: {type(error).__name__}") from error


def _bounded(body: bytes) -> bytes:
    """Without what takes too long: declarations of entities (never expanded), floods of comments and references."""
    if _ENTITY_DECLARATION.search(body[:100_000]):
        body = re.sub(rb"<!DOCTYPE\b[^>\[]*(?:\[.*?\]\s*)?>", b"", body, count=1, flags=re.IGNORECASE | re.DOTALL)
    if body.count(b"<!--") > 200:
        body = _without_comments(body)
    # One of feedparser's expressions is quadratic in runs like "a@a.a.a.a…": no word is that long.
    return re.sub(rb"([\w@.+-]{1000})[\w@.+-]+", rb"\1", body)


def _without_comments(body: bytes) -> bytes:
    """In one pass: an expression would begin anew at each comment that never ends."""
    kept, at = [], 0
    while (start := body.find(b"<!--", at)) >= 0:
        end = body.find(b"-->", start + 4)
        if end < 0:
            break
        kept.append(body[at:start])
        at = end + 3
    kept.append(body[at:].replace(b"<!--", b""))
    return b"".join(kept)


def _kind(version: str) -> Literal["rss", "atom", "rdf"] | None:
    if not version:
        return None
    if version in ("rss090", "rss10"):
        return "rdf"
    return "atom" if version.startswith("atom") else "rss"


def _entry(one: Any, base: str, document: str, kind: str, site: str) -> Entry:
    published, published_local = _time(one, ("published", "updated", "created"))
    updated, _ = _time(one, ("updated",))
    contents = [
        str(part.get("value") or "") for part in one.get("content", []) if "html" in str(part.get("type", "html"))
    ]
    summary = str(one.get("summary") or "")
    content = max(contents, key=len, default="")
    if kind != "atom" and content and content == summary and len(contents) == 1 and not _is_full(content):
        content = ""
    names = [plain(author.get("name"), 200) for author in one.get("authors", []) if author] or [
        plain(one.get("author"), 300)
    ]
    return Entry(
        id=CONTROL.sub("", str(one.get("id") or ""))[:ID_MOST],
        url=_address(one, base, document, site),
        title=plain(one.get("title")),
        published=published,
        published_local=published_local,
        updated=updated,
        authors=tuple(dict.fromkeys(_bare(name) for name in names if name)),
        tags=tuple(
            dict.fromkeys(tag for one_tag in one.get("tags", [])[:100] if (tag := plain(one_tag.get("term"), 200)))
        ),
        summary=plain(summary[: SUMMARY_MOST * 4], SUMMARY_MOST),
        content=CONTROL.sub("", content[:CONTENT_MOST]) if _is_full(content) else "",
    )


def _is_full(content: str) -> bool:
    """Whether a feed's content is a text, not a teaser: more than some sentences, and not cut off."""
    words = plain(content, 1_000_000)
    return len(words) > 600 and not re.search(
        r"(?:\[…\]|\[\.\.\.\]|…|\.\.\.|read more|lire la suite)\W*$", words, re.IGNORECASE
    )


def _bare(name: str) -> str:
    """RSS 2.0 authors are "address (name)"."""
    match = re.fullmatch(r"\S+@\S+\s*\((.+)\)", name)
    return match[1].strip() if match else name


def _address(one: Any, base: str, document: str, site: str) -> str:
    """The address of an entry: what stands behind a proxy, else the alternate page, else a guid that is a permalink."""
    candidates = [one.get("feedburner_origlink"), one.get("pheedo_origlink")]
    links = [link for link in one.get("links", []) if link.get("rel", "alternate") == "alternate" and link.get("href")]
    links.sort(key=lambda link: "html" not in str(link.get("type", "text/html")))
    candidates += [link["href"] for link in links]
    candidates.append(one.get("link"))
    enclosures = {str(link.get("href")) for link in one.get("links", []) if link.get("rel") == "enclosure"}
    if one.get("guidislink") and one.get("id"):
        candidates.append(one["id"])
    for href in candidates:
        if not href or str(href) in enclosures:
            continue
        within = str(one.get("base") or one.get("title_detail", {}).get("base") or base)
        found = _http(href, within if within != document else base)
        if found and not (site and found.rstrip("/") == site.rstrip("/") and str(href) == str(one.get("id"))):
            return found
    return ""


def _http(href: Any, base: str) -> str:
    """An absolute http(s) address, "" for anything else."""
    text = CONTROL.sub("", str(href or "")).strip()
    try:
        joined = urljoin(base, text) if text else ""
        parts = urlsplit(joined)
        return joined if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def _time(one: Any, names: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The first of these times that is one: (UTC, as stated)."""
    for name in names:
        stated = one.get(name)
        if not isinstance(stated, str) or not stated.strip():
            continue
        read = dates.read(stated, FAR)
        if read is not None and len(read[0]) > 10:
            return read
        if read is None and re.match(r"\s*(?:000|1[0-8])\d+-", stated):
            continue  # the year 1 and its like: feedparser would make it 2001
        parsed = one.get(f"{name}_parsed")
        if parsed is None:
            if read is not None:
                return read
            continue
        try:
            moment = datetime.fromtimestamp(timegm(parsed), UTC)
        except (ValueError, OverflowError, OSError):
            continue
        if moment.year < dates.EARLIEST or moment.strftime("%Y-%m-%d") == "1970-01-01":
            continue
        if read is not None and not re.search(r"\d:\d", stated):
            return read
        text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return text, text
    return None, None
