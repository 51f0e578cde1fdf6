"""What keeps a purged article from coming back: its entries in feeds, its pages, and its place in a feed as received.

An article is known again by digests of its addresses, guid and text; its words are not kept. Not for: purging
(``archive.purge``, ``archive.takeout``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from harvester.archive.integrity import proof
from harvester.archive.records import captures, feeds
from harvester.archive.takedown import (
    blocklist,
    execute,
    purge,
    redact_body,
    warc_rewrite,
)
from harvester.entities import unescape
from harvester.identity import urls, wording
from harvester.ingest.counts import Kept
from harvester.model import Capture, Entry, Extract, Outcome, Visit

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import Page

_OPEN = re.compile(rb"<(item|entry|url|sitemap)[\s>]|</(item|entry|url|sitemap)\s*>")
_URL = re.compile(r"https?://[^\s<>\"'\]]{1,2048}")
_LINK = re.compile(rb"<a\b[^<>]{1,4000}>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']?([^\s\"'<>]{1,2048})", re.IGNORECASE)
BLANK = {
    "guid": "", "url": "", "address": "", "title": "", "summary": "", "published": None, "updated": None, "extra": "{}",
    "article": None, "due": None, "outcome": Outcome.REFUSED,
}  # fmt: skip
LINK_MOST = 5_000  # bytes of what stands in a link
_GUID = re.compile(r"<(?:guid|id)\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2048})")


def refuse_entry(
    keeper: Keeper, feed: str, key: str, entry: Entry, address: str, now: str
) -> bool:
    """Whether a feed's entry is of an article that was purged: then it is refused, and nothing that it says is kept."""
    digests = [blocklist.digest("guid", feed, entry.id)] if entry.id else []
    digests += [blocklist.digest("address", address)] if address else []
    why = blocklist.barred(keeper.connection, digests)
    if not why:
        return False
    held = feeds.entry(keeper.connection, key)
    if held is not None:
        changed = {} if held["outcome"] == Outcome.REFUSED else {**BLANK, "reason": why}
        feeds.change_entry(keeper.connection, key, **changed, last_seen=now)
    else:
        row = {
            "key": key,
            "feed": feed,
            "first_seen": now,
            "last_seen": now,
            "outcome": Outcome.REFUSED,
            "reason": why,
        }
        feeds.add_entry(keeper.connection, row)
    return True


def refuse_page(keeper: Keeper, page: Page, extract: Extract) -> Kept | None:
    """A page that turns out to be an article that was purged, at an address not known of it: nothing of it stays."""
    outlet = keeper.outlet(page.visit.outlet)
    if not blocklist.any_of(keeper.connection, outlet.key):
        return None
    keep = outlet.keep_params
    candidates = [
        page.visit.url,
        page.capture.reached,
        extract.url,
        *(hop.url for hop in page.capture.hops),
    ]
    names = [urls.address(urls.normalise(url, keep), keep) for url in candidates if url]
    text = wording.names(extract.title, extract.text, extract.authors)[1]
    digests = [blocklist.digest("address", one) for one in names]
    digests += [blocklist.digest("text", outlet.key, text)] if text else []
    why = blocklist.barred(keeper.connection, digests)
    if not why:
        return None
    _remember(keeper, page, extract, names)
    keeper.connection.execute("pragma secure_delete = on")
    feeds.change_entry(keeper.connection, page.visit.key, **{**BLANK, "reason": why})
    _empty(keeper, page)
    return Kept(Outcome.REFUSED, why)


def _remember(keeper: Keeper, page: Page, extract: Extract, names: list[str]) -> None:
    """It is known by these addresses too from now on; and its words, until the crawl ends, so that they are blanked in what was
    kept of it before."""
    entry, outlet = page.entry, page.visit.outlet
    digests = [
        blocklist.digest("address", one)
        for one in names
        if not urls.is_front(f"https://{one}")
    ]
    titles, texts = [extract.title], [extract.text, extract.description]
    since = page.now
    if entry is not None:
        if entry["guid"]:
            digests.append(blocklist.digest("guid", entry["feed"], entry["guid"]))
        titles.append(entry["title"])
        texts += [entry["summary"], purge.plain(feeds.extra(entry).get("content", ""))]
        since = min(since, entry["first_seen"])
    blocklist.bar(keeper.connection, outlet, digests)
    plan = purge.Plan(
        {"key": "", "outlet": outlet}, redact_body.Known.of(titles, texts, names)
    )
    plan.since = purge.day_before(since)
    plan.teasers = [
        line
        for line in (*titles, extract.description)
        if len(line.split()) >= redact_body.TITLE
    ]
    keeper.unwanted.append(plan)


def _empty(keeper: Keeper, page: Page) -> None:
    """Its captures, which were kept before anybody could know: their seals are let go, and their records cut out later."""
    if page.row is None:
        return
    rows = [page.row, *captures.further(keeper.connection, page.row)]
    proof.seal_all(keeper.connection, page.now)
    removed = json.dumps({"captures": len(rows)})
    tombstone = {
        "article": "", "kind": "again", "outlet": page.visit.outlet, "at": page.now, "why": blocklist.AGAIN, "removed": removed,
    }  # fmt: skip
    proof.entomb(keeper.connection, tombstone, {"capture": rows})
    for row in rows:
        warc_rewrite.empty(keeper.connection, row, page.now)
    proof.reseal(keeper.connection, rows, page.now)


def clear(keeper: Keeper, now: str) -> None:
    """At the end of a crawl: what must not be kept is cut out of the files, which nothing writes to any more."""
    if not keeper.unwanted and not execute.pending(keeper.connection):
        return
    keeper.let_go_of_files()
    execute.clear(keeper.archive, now)
    for plan in keeper.unwanted:
        execute.again(keeper.archive, plan, blocklist.AGAIN, now, wording.names)
        execute.clear(keeper.archive, now)
    keeper.unwanted.clear()


def unspoken(
    keeper: Keeper, capture: Capture, kind: str, outlet: str, digest: str
) -> tuple[Capture, str]:
    """A feed as it is to be kept, and its digest: without the entries of articles that were purged."""
    if (
        kind != "feed"
        or not capture.body
        or not blocklist.any_of(keeper.connection, outlet)
    ):
        return capture, digest
    keep = keeper.outlet(outlet).keep_params
    body = _without(keeper, capture.url, capture.body, keep)
    if body == capture.body:
        return capture, digest
    return replace(capture, body=body), hashlib.sha256(body).hexdigest()


def shown(keeper: Keeper, visit: Visit, capture: Capture) -> Capture:
    """A page as it is to be kept and read: without what it writes on links to articles that were purged."""
    if (
        visit.kind == "feed"
        or not capture.body
        or not blocklist.any_of(keeper.connection, visit.outlet)
    ):
        return capture
    base, keep = capture.reached or visit.url, keeper.outlet(visit.outlet).keep_params
    places: dict[str, list[tuple[int, int]]] = {}
    for match in _LINK.finditer(capture.body):
        href = _HREF.search(match[0])
        url = (
            _absolute(base, unescape(href[1].decode("utf-8", "replace")))
            if href
            else ""
        )
        end = capture.body.find(b"</a", match.end(), match.end() + LINK_MOST)
        if url:
            found = blocklist.digest(
                "address", urls.address(urls.normalise(url, keep), keep)
            )
            places.setdefault(found, []).append(
                (match.start(), end if end >= 0 else match.end())
            )
    gone = blocklist.these(keeper.connection, places)
    body, last = [], 0
    for start, end in sorted(place for digest in gone for place in places[digest]):
        if start >= last:
            body.append(capture.body[last:start] + b"<a>")
            last = end
    return (
        replace(capture, body=b"".join([*body, capture.body[last:]]))
        if body
        else capture
    )


def _absolute(base: str, url: str) -> str:
    try:
        found = urljoin(base, url.strip())
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://")) else ""


def _without(keeper: Keeper, feed: str, body: bytes, keep: tuple[str, ...]) -> bytes:
    if body.lstrip()[:1] == b"{":
        return _without_json(keeper, feed, body, keep)
    kept, last = [], 0
    for start, end in _elements(body):
        text = body[start:end].decode("utf-8", "replace")
        guids = [unescape(one).strip() for one in _GUID.findall(text)]
        if _barred(
            keeper, feed, [unescape(one) for one in _URL.findall(text)], guids, keep
        ):
            kept.append(body[last:start] + b"<!-- taken out on purpose -->")
            last = end
    return b"".join([*kept, body[last:]])


def _elements(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each entry begins and ends; one within another belongs to the outer one."""
    begun, name = -1, b""
    for match in _OPEN.finditer(body):
        if match[1] and begun < 0:
            begun, name = match.start(), match[1]
        elif begun >= 0 and match[2] == name:
            yield begun, match.end()
            begun = -1


def _without_json(
    keeper: Keeper, feed: str, body: bytes, keep: tuple[str, ...]
) -> bytes:
    try:
        found = json.loads(body)
        items = found["items"]
        kept = [
            one
            for one in items
            if not _barred(
                keeper,
                feed,
                [str(one.get(name) or "") for name in ("url", "external_url", "id")],
                [str(one.get("id"))],
                keep,
            )
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return body
    return (
        body
        if len(kept) == len(items)
        else json.dumps({**found, "items": kept}, ensure_ascii=False).encode()
    )


def _barred(
    keeper: Keeper,
    feed: str,
    candidates: list[str],
    guids: list[str],
    keep: tuple[str, ...],
) -> bool:
    normal = [urls.normalise(url, keep) for url in candidates[:50] if url]
    digests = [
        blocklist.digest("address", urls.address(url, keep)) for url in normal if url
    ]
    digests += [blocklist.digest("guid", feed, guid) for guid in guids[:5]]
    return bool(blocklist.barred(keeper.connection, digests))
