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
from harvester.ingest.counts import VisitResult
from harvester.model import Capture, Entry, Extract, Outcome, Visit

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.ingest.pages import FetchedPage

_ENTRY_TAG = re.compile(
    rb"<(item|entry|url|sitemap)[\s>]|</(item|entry|url|sitemap)\s*>"
)
_URL = re.compile(r"https?://[^\s<>\"'\]]{1,2048}")
_LINK_TAG = re.compile(rb"<a\b[^<>]{1,4000}>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']?([^\s\"'<>]{1,2048})", re.IGNORECASE)
BLANKED_ENTRY = {
    "guid": "", "url": "", "address": "", "title": "", "summary": "", "published": None, "updated": None, "extra": "{}",
    "article": None, "due": None, "outcome": Outcome.REFUSED,
}  # fmt: skip
MAX_LINK_BYTES = 5_000  # bytes of what stands in a link
_GUID = re.compile(r"<(?:guid|id)\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2048})")


def refuse_entry(
    keeper: Keeper, feed_url: str, key: str, entry: Entry, address: str, now: str
) -> bool:
    """Whether a feed's entry is of an article that was purged: then it is refused, and nothing that it says is kept."""
    digests = (
        [blocklist.blocklist_digest("guid", feed_url, entry.id)] if entry.id else []
    )
    digests += [blocklist.blocklist_digest("address", address)] if address else []
    why = blocklist.get_block_reason(keeper.connection, digests)
    if not why:
        return False
    held = feeds.get_entry(keeper.connection, key)
    if held is not None:
        changed = (
            {}
            if held["outcome"] == Outcome.REFUSED
            else {**BLANKED_ENTRY, "reason": why}
        )
        feeds.update_entry(keeper.connection, key, **changed, last_seen=now)
    else:
        row = {
            "key": key,
            "feed": feed_url,
            "first_seen": now,
            "last_seen": now,
            "outcome": Outcome.REFUSED,
            "reason": why,
        }
        feeds.add_entry(keeper.connection, row)
    return True


def refuse_page(
    keeper: Keeper, page: FetchedPage, extract: Extract
) -> VisitResult | None:
    """A page that turns out to be an article that was purged, at an address not known of it: nothing of it stays."""
    outlet = keeper.outlet(page.visit.outlet)
    if not blocklist.has_purged_articles(keeper.connection, outlet.key):
        return None
    keep = outlet.keep_params
    candidates = [
        page.visit.url,
        page.capture.reached,
        extract.url,
        *(hop.url for hop in page.capture.redirects),
    ]
    names = [
        urls.url_key(urls.normalise_url(url, keep), keep) for url in candidates if url
    ]
    text = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )[1]
    digests = [blocklist.blocklist_digest("address", one) for one in names]
    digests += [blocklist.blocklist_digest("text", outlet.key, text)] if text else []
    why = blocklist.get_block_reason(keeper.connection, digests)
    if not why:
        return None
    _extend_blocklist(keeper, page, extract, names)
    keeper.connection.execute("pragma secure_delete = on")
    feeds.update_entry(
        keeper.connection, page.visit.key, **{**BLANKED_ENTRY, "reason": why}
    )
    _redact_captures(keeper, page)
    return VisitResult(Outcome.REFUSED, why)


def _extend_blocklist(
    keeper: Keeper, page: FetchedPage, extract: Extract, known_addresses: list[str]
) -> None:
    """It is known by these addresses too from now on; and its words, until the crawl ends, so that they are blanked in what was
    kept of it before."""
    entry, outlet = page.entry, page.visit.outlet
    digests = [
        blocklist.blocklist_digest("address", one)
        for one in known_addresses
        if not urls.is_front_page(f"https://{one}")
    ]
    titles, texts = [extract.title], [extract.text, extract.description]
    since = page.now
    if entry is not None:
        if entry["guid"]:
            digests.append(
                blocklist.blocklist_digest("guid", entry["feed"], entry["guid"])
            )
        titles.append(entry["title"])
        texts += [
            entry["summary"],
            purge.strip_markup(feeds.parse_entry_extra(entry).get("content", "")),
        ]
        since = min(since, entry["first_seen"])
    blocklist.add_blocklist_digests(keeper.connection, outlet, digests)
    plan = purge.PurgePlan(
        {"key": "", "outlet": outlet},
        redact_body.RedactionTerms.from_article(titles, texts, known_addresses),
    )
    plan.since = purge.day_before(since)
    plan.teasers = [
        line
        for line in (*titles, extract.description)
        if len(line.split()) >= redact_body.MIN_TITLE_WORDS
    ]
    keeper.pending_purges.append(plan)


def _redact_captures(keeper: Keeper, page: FetchedPage) -> None:
    """Its captures, which were kept before anybody could know: their seals are let go, and their records cut out later."""
    if page.capture_id is None:
        return
    rows = [
        page.capture_id,
        *captures.list_further_pages(keeper.connection, page.capture_id),
    ]
    proof.seal_all(keeper.connection, page.now)
    removed = json.dumps({"captures": len(rows)})
    tombstone = {
        "article": "", "kind": "again", "outlet": page.visit.outlet, "at": page.now, "why": blocklist.REAPPEARED_REASON, "removed": removed,
    }  # fmt: skip
    proof.add_tombstone(keeper.connection, tombstone, {"capture": rows})
    for row in rows:
        warc_rewrite.empty_capture(keeper.connection, row, page.now)
    proof.reseal_captures(keeper.connection, rows, page.now)


def redact_pending(keeper: Keeper, now: str) -> None:
    """At the end of a crawl: what must not be kept is cut out of the files, which nothing writes to any more."""
    if not keeper.pending_purges and not execute.has_leftover_files(keeper.connection):
        return
    keeper.close_capture_files()
    execute.clear_leftovers(keeper.archive, now)
    for plan in keeper.pending_purges:
        execute.purge_reappearance(
            keeper.archive,
            plan,
            blocklist.REAPPEARED_REASON,
            now,
            wording.wording_and_text_digests,
        )
        execute.clear_leftovers(keeper.archive, now)
    keeper.pending_purges.clear()


def redact_feed_capture(
    keeper: Keeper, capture: Capture, kind: str, outlet: str, digest: str
) -> tuple[Capture, str]:
    """A feed as it is to be kept, and its digest: without the entries of articles that were purged."""
    if (
        kind != "feed"
        or not capture.body
        or not blocklist.has_purged_articles(keeper.connection, outlet)
    ):
        return capture, digest
    keep = keeper.outlet(outlet).keep_params
    body = _redact_feed(keeper, capture.url, capture.body, keep)
    if body == capture.body:
        return capture, digest
    return replace(capture, body=body), hashlib.sha256(body).hexdigest()


def redact_page_capture(keeper: Keeper, visit: Visit, capture: Capture) -> Capture:
    """A page as it is to be kept and read: without what it writes on links to articles that were purged."""
    if (
        visit.kind == "feed"
        or not capture.body
        or not blocklist.has_purged_articles(keeper.connection, visit.outlet)
    ):
        return capture
    base, keep = capture.reached or visit.url, keeper.outlet(visit.outlet).keep_params
    places: dict[str, list[tuple[int, int]]] = {}
    for match in _LINK_TAG.finditer(capture.body):
        href = _HREF.search(match[0])
        url = (
            _absolute_url(base, unescape(href[1].decode("utf-8", "replace")))
            if href
            else ""
        )
        end = capture.body.find(b"</a", match.end(), match.end() + MAX_LINK_BYTES)
        if url:
            found = blocklist.blocklist_digest(
                "address", urls.url_key(urls.normalise_url(url, keep), keep)
            )
            places.setdefault(found, []).append(
                (match.start(), end if end >= 0 else match.end())
            )
    gone = blocklist.list_blocked_digests(keeper.connection, places)
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


def _absolute_url(base: str, url: str) -> str:
    try:
        found = urljoin(base, url.strip())
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://")) else ""


def _redact_feed(
    keeper: Keeper, feed_url: str, body: bytes, keep_params: tuple[str, ...]
) -> bytes:
    if body.lstrip()[:1] == b"{":
        return _redact_json_feed(keeper, feed_url, body, keep_params)
    kept, last = [], 0
    for start, end in _entry_spans(body):
        text = body[start:end].decode("utf-8", "replace")
        guids = [unescape(one).strip() for one in _GUID.findall(text)]
        if _is_blocklisted(
            keeper,
            feed_url,
            [unescape(one) for one in _URL.findall(text)],
            guids,
            keep_params,
        ):
            kept.append(body[last:start] + b"<!-- taken out on purpose -->")
            last = end
    return b"".join([*kept, body[last:]])


def _entry_spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each entry begins and ends; one within another belongs to the outer one."""
    begun, name = -1, b""
    for match in _ENTRY_TAG.finditer(body):
        if match[1] and begun < 0:
            begun, name = match.start(), match[1]
        elif begun >= 0 and match[2] == name:
            yield begun, match.end()
            begun = -1


def _redact_json_feed(
    keeper: Keeper, feed_url: str, body: bytes, keep_params: tuple[str, ...]
) -> bytes:
    try:
        found = json.loads(body)
        items = found["items"]
        kept = [
            one
            for one in items
            if not _is_blocklisted(
                keeper,
                feed_url,
                [str(one.get(name) or "") for name in ("url", "external_url", "id")],
                [str(one.get("id"))],
                keep_params,
            )
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return body
    return (
        body
        if len(kept) == len(items)
        else json.dumps({**found, "items": kept}, ensure_ascii=False).encode()
    )


def _is_blocklisted(
    keeper: Keeper,
    feed_url: str,
    candidates: list[str],
    guids: list[str],
    keep_params: tuple[str, ...],
) -> bool:
    normal = [urls.normalise_url(url, keep_params) for url in candidates[:50] if url]
    digests = [
        blocklist.blocklist_digest("address", urls.url_key(url, keep_params))
        for url in normal
        if url
    ]
    digests += [
        blocklist.blocklist_digest("guid", feed_url, guid) for guid in guids[:5]
    ]
    return bool(blocklist.get_block_reason(keeper.connection, digests))
