"""A feed: RSS, Atom or RDF bytes in, entries out. feedparser reads; what it misreads is mended around it. Pure.

Bytes only: ``feedparser.parse`` would open a text as a file or an address. Its sanitising and resolving are off (dear, and
one of its expressions is quadratic): what is kept is cleaned here, where it is bounded.
"""

from __future__ import annotations

import io
import re
from datetime import UTC
from functools import cache
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
    body, cut = _newest(_mended(body) if not wide else body, limit)
    parsed = _parse(body, content_type, url)
    kind = _kind(parsed.get("version", ""))
    feed, entries = parsed.get("feed", {}), parsed.get("entries", [])
    if kind is None and not entries:
        raise BadAnswer(
            f"broken XML where a feed was: {line(str(parsed.get('bozo_exception', '')), 200) or 'nothing in it'}"
        )
    base = (_http(feed.get("link"), url) or url) if kind != "atom" else url
    read = [_entry(one, base, url, kind or "rss", str(feed.get("link", ""))) for one in entries]
    if len(read) > limit:
        cut += len(read) - limit
        newest = sorted(range(len(read)), key=lambda place: read[place].published or "", reverse=True)[:limit]
        read = [read[place] for place in sorted(newest)]
    return Feed(
        kind=kind or "rss",
        title=plain(feed.get("title")),
        url=_http(feed.get("link"), url),
        language=line(str(feed.get("language") or ""), 20).lower(),
        entries=tuple(read),
        cut=cut,
    )


# ---- feedparser, and what it must be kept from

# What it raises on references to characters that do not exist, and on other surprises in markup.
_RAISED = (ValueError, ArithmeticError, AttributeError, LookupError, TypeError, AssertionError, RecursionError)


@cache
def _feedparser() -> Any:
    import feedparser
    from feedparser.api import LooseFeedParser, StrictFeedParser

    for parser in (StrictFeedParser, LooseFeedParser):  # ids stay as they are; links are resolved by our rules
        parser.can_be_relative_uri = parser.can_be_relative_uri - {"id", "link"}
    return feedparser


def _parse(body: bytes, content_type: str, url: str) -> Any:
    headers = {"content-type": content_type or "application/xml", "content-location": url}

    def parse(xml: bytes) -> Any:
        return _feedparser().parse(
            io.BytesIO(xml), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )

    try:
        return parse(body)
    except _RAISED as error:
        reason = f"cannot be read as a feed: {type(error).__name__}"
    mended = _NO_CHARACTER.sub(b"&#xFFFD;", body)
    if mended == body:
        raise BadAnswer(reason)
    try:
        return parse(mended)
    except _RAISED as error:
        raise BadAnswer(reason) from error


_NO_CHARACTER = re.compile(
    rb"&#(?:x0*(?:d[89a-f][0-9a-f]{2}|[1-9a-f][1-9a-f][0-9a-f]{4,})|0*(?:5[5-7]\d{3}|\d{7,}));", re.IGNORECASE
)
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|&(?!(?:#\d{1,8}|#x[0-9a-f]{1,8}|[a-z]\w{1,31});)", re.IGNORECASE | re.DOTALL
)
_LONG_WORD = re.compile(rb"(?<![\w@.+-])([\w@.+-]{1000})[\w@.+-]+")


def _mended(body: bytes) -> bytes:
    """Without what breaks a feed or takes too long: declarations of entities (never expanded), floods, stray ampersands."""
    if _ENTITY_DECLARATION.search(body[:100_000]):
        root, declaration = _FEED.search(body), re.match(rb"\s*<\?xml[^>]{0,200}\?>", body)
        if root is not None:
            body = (declaration[0] if declaration else b"") + body[root.start() :]
    if body.count(b"<!--") > 200:
        body = _without_comments(body)
    if b"&" in body and body.count(b"<![CDATA[") <= body.count(
        b"]]>"
    ):  # an open one would be looked for again and again
        body = _AMPERSAND.sub(lambda found: found[0] if len(found[0]) > 1 else b"&amp;", body)
    # One of feedparser's expressions is quadratic in runs like "a@a.a.a.a…": no word is that long.
    return _LONG_WORD.sub(rb"\1", body)


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


_ENTRY = re.compile(rb"<(item|entry)[\s>]")
_DATED = re.compile(rb"<(?:\w+:)?(?:pubDate|date|published|issued|updated)>([^<]{6,60})<", re.IGNORECASE)
LOOKED_AT = 20_000  # entries whose dates are compared; beyond that a feed's first or last ones are its newest


def _newest(body: bytes, limit: int) -> tuple[bytes, int]:
    """A feed with more entries than the limit, cut to the newest before it is parsed, and how many were left out."""
    starts = [match.start() for match in _ENTRY.finditer(body)]
    if len(starts) <= limit or limit < 1:
        return body, 0
    end = max(body.rfind(b"</item>") + 7, body.rfind(b"</entry>") + 8)
    # Where texts quote feeds, what looks like an entry may be none: such a feed is parsed whole.
    quoted = b"<![CDATA[" in body and re.search(rb"<!\[CDATA\[[^\]]{0,5000}<(?:item|entry)[\s>]", body)
    if end <= starts[-1] or quoted:
        return body, 0
    ends = [*starts[1:], end]

    def date(place: int) -> str:
        found = _DATED.search(body, starts[place], ends[place])
        stated = dates.read(found[1].decode("ascii", "replace"), FAR) if found else None
        return stated[0] if stated else ""

    looked = range(len(starts))
    if len(starts) > LOOKED_AT:
        looked = looked[-LOOKED_AT:] if date(len(starts) - 1) > date(0) else looked[:LOOKED_AT]
    newest = sorted(sorted(looked, key=date, reverse=True)[:limit])
    kept = b"".join(body[starts[place] : ends[place]] for place in newest)
    return body[: starts[0]] + kept + body[end:], len(starts) - limit


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
    guid = str(one.get("id") or "")
    if one.get("link") != guid:
        candidates.append(one.get("link"))
    enclosures = {str(link.get("href")) for link in one.get("links", []) if link.get("rel") == "enclosure"}
    within = str(one.get("base") or one.get("title_detail", {}).get("base") or document)
    for href in candidates:
        if href and str(href) not in enclosures:
            found = _http(href, within if within != document else base)
            if found:
                return found
    if one.get("guidislink") and guid not in enclosures and guid.rstrip("/") != site.rstrip("/"):
        return _http(guid, "")  # only where it is an address by itself
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
    """The first of these times that is one: (UTC, as stated). A feed's time without a zone is UTC's."""
    for name in names:
        stated = dict.get(one, name)  # feedparser's own "get" gives one time for another
        read = dates.parse(stated) if isinstance(stated, str) else None
        if read is None:
            continue
        moment, has_time = read
        if not has_time and moment.tzinfo is None:
            return moment.date().isoformat(), moment.date().isoformat()
        local = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        try:
            return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), local.isoformat().replace("+00:00", "Z")
        except OverflowError:
            continue
    return None, None
