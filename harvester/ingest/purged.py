"""Keeps purged articles from coming back, in feeds, as pages, and in stored feeds.

An article is recognised by digests of its addresses, guid and text; its words are not
stored. Does not purge (``archive.takedown``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin

from harvester.archive.integrity import proof
from harvester.archive.records import announcements, captures, feeds
from harvester.archive.records.feeds import EntryUpdate, NewEntry
from harvester.archive.takedown import (
    blocklist,
    execute,
    purge,
    redact_body,
    shared_bodies,
    warc_rewrite,
)
from harvester.archive.transactions import enable_secure_delete
from harvester.entities import unescape
from harvester.identity import urls, wording
from harvester.ingest import purged_listings, wordpress_requests
from harvester.ingest.counts import VisitResult
from harvester.ingest.session import Session
from harvester.ingest.visit import FetchedPage
from harvester.model import Capture, Entry, Extract, Outcome, Visit
from harvester.parse.feeds.wordpress_urls import is_posts_url

_ENTRY_TAG = re.compile(
    rb"<(item|entry|url|sitemap)[\s>]|</(item|entry|url|sitemap)\s*>"
)
_URL = re.compile(r"https?://[^\s<>\"'\]]{1,2048}")
_LINK_TAG = re.compile(rb"<a\b[^<>]{1,4000}>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*[\"']?([^\s\"'<>]{1,2048})", re.IGNORECASE)
_GUID = re.compile(r"<(?:guid|id)\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2048})")
BLANKED_ENTRY = EntryUpdate(
    guid="",
    url="",
    address="",
    title="",
    summary="",
    published=None,
    updated=None,
    extra="{}",
    article=None,
    due=None,
    outcome=Outcome.REFUSED,
)
MAX_LINK_BYTES = 5_000  # of the content of a link
MAX_URLS_PER_ENTRY, MAX_GUIDS_PER_ENTRY = 50, 5  # that are looked up


# ---- entries and pages


def refuse_entry(
    session: Session, feed_url: str, key: str, entry: Entry, address: str, now: str
) -> bool:
    """Whether an entry announces a purged article; it is refused, and blanked."""
    digests = []
    if entry.id:
        digests.append(blocklist.blocklist_digest("guid", feed_url, entry.id))
    if address:
        digests.append(blocklist.blocklist_digest("address", address))
    reason = blocklist.get_block_reason(session.connection, digests)
    if not reason:
        return False
    stored = feeds.get_entry(session.connection, key)
    if stored is None:
        new_entry = NewEntry(
            key, feed_url, now, now, outcome=Outcome.REFUSED, reason=reason
        )
        feeds.add_entry(session.connection, new_entry)
        return True
    update = EntryUpdate(last_seen=now)
    if stored.outcome != Outcome.REFUSED:
        _blank_entry(session, key, reason)
    feeds.update_entry(session.connection, key, update)
    return True


def _blank_entry(session: Session, key: str, reason: str) -> None:
    """Remove what feeds said of an entry, now and before."""
    announcements.delete_of_entries(session.connection, [key])
    feeds.update_entry(
        session.connection, key, BLANKED_ENTRY | EntryUpdate(reason=reason)
    )


def refuse_page(
    session: Session, page: FetchedPage, extract: Extract
) -> VisitResult | None:
    """Refuse and erase a page that is a purged article at a new address; else None."""
    outlet = session.outlet(page.visit.outlet)
    if not blocklist.has_purged_articles(session.connection, outlet.key):
        return None
    candidates = [
        page.visit.url,
        page.capture.reached,
        extract.url,
        *(hop.url for hop in page.capture.redirects),
    ]
    addresses = [_address(url, outlet.keep_params) for url in candidates if url]
    text_digest = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )[1]
    digests = [blocklist.blocklist_digest("address", address) for address in addresses]
    if text_digest:
        digests.append(blocklist.blocklist_digest("text", outlet.key, text_digest))
    reason = blocklist.get_block_reason(session.connection, digests)
    if not reason:
        return None
    _extend_blocklist(session, page, extract, addresses)
    enable_secure_delete(session.connection)
    _blank_entry(session, page.visit.key, reason)
    _redact_captures(session, page)
    return VisitResult(Outcome.REFUSED, reason)


def refuse_text(session: Session, page: FetchedPage, extract: Extract) -> str:
    """Refuse an entry that is an article by itself, if its text was purged.

    Returns the reason; "" if it is not refused. Its words are cut out of the feed's
    capture when the crawl ends.
    """
    outlet = page.visit.outlet
    if not blocklist.has_purged_articles(session.connection, outlet):
        return ""
    text_digest = wording.wording_and_text_digests(
        extract.title, extract.text, extract.authors
    )[1]
    digests = [blocklist.blocklist_digest("text", outlet, text_digest)]
    reason = blocklist.get_block_reason(session.connection, digests)
    if reason:
        redact_entry_text(session, page, extract)
        enable_secure_delete(session.connection)
        _blank_entry(session, page.visit.key, reason)
    return reason


def redact_entry_text(session: Session, page: FetchedPage, extract: Extract) -> None:
    """Plan to cut the words of a refused entry out of captures; block its address."""
    _extend_blocklist(session, page, extract, [page.visit.url])


def _address(url: str, keep_params: tuple[str, ...]) -> str:
    return urls.url_key(urls.normalise_url(url, keep_params), keep_params)


def _extend_blocklist(
    session: Session, page: FetchedPage, extract: Extract, addresses: list[str]
) -> None:
    """Block these addresses too, and plan to redact what was stored before.

    The plan keeps the article's words until the crawl ends.
    """
    entry, outlet = page.entry, page.visit.outlet
    digests = [
        blocklist.blocklist_digest("address", address)
        for address in addresses
        if not urls.is_front_page(f"https://{address}")
    ]
    titles, texts = [extract.title], [extract.text, extract.description]
    since = page.now
    if entry is not None:
        if entry.guid:
            digests.append(blocklist.blocklist_digest("guid", entry.feed, entry.guid))
        titles.append(entry.title)
        content = feeds.parse_entry_extra(entry).content
        texts += [entry.summary, purge.strip_markup(content)]
        for title, summary in announcements.list_words(session.connection, entry.key):
            titles.append(title)
            texts.append(summary)
        since = min(since, entry.first_seen)
    blocklist.add_blocklist_digests(session.connection, outlet, digests)
    plan = purge.PurgePlan(
        {"key": "", "outlet": outlet},
        redact_body.RedactionTerms.from_article(titles, texts, addresses),
    )
    plan.since = purge.day_before(since)
    plan.teasers = [
        line
        for line in (*titles, extract.description)
        if len(line.split()) >= redact_body.MIN_TITLE_WORDS
    ]
    session.pending_purges.append(plan)


def _redact_captures(session: Session, page: FetchedPage) -> None:
    """Empty its captures, which were stored before it was recognised.

    Their seals end with a tombstone; their records are cut out of the files later.
    """
    if page.capture_id is None:
        return
    connection = session.connection
    pages = [
        page.capture_id,
        *captures.list_further_pages(connection, page.capture_id),
    ]
    # Whatever has the same body, and refers to it.
    capture_ids = [*pages, *shared_bodies.list_dependents(connection, pages)]
    proof.seal_all(connection, page.now)
    tombstone = {
        "article": "",
        "kind": "again",
        "outlet": page.visit.outlet,
        "at": page.now,
        "why": blocklist.REAPPEARED_REASON,
        "removed": json.dumps({"captures": len(capture_ids)}),
    }
    proof.add_tombstone(connection, tombstone, {"capture": capture_ids})
    for capture_id in capture_ids:
        warc_rewrite.empty_capture(connection, capture_id, page.now)
    proof.reseal_captures(connection, capture_ids, page.now)


def redact_pending(session: Session, now: str) -> None:
    """At the end of a crawl: cut what must not be stored out of the WARC files."""
    if not session.pending_purges and not execute.has_leftover_files(
        session.connection
    ):
        return
    session.store.close()
    execute.clear_leftovers(session.archive, now)
    for plan in session.pending_purges:
        execute.purge_reappearance(
            session.archive,
            plan,
            blocklist.REAPPEARED_REASON,
            now,
            wording.wording_and_text_digests,
        )
        execute.clear_leftovers(session.archive, now)
    session.pending_purges.clear()


# ---- responses before they are stored


def redact_page_capture(session: Session, visit: Visit, capture: Capture) -> Capture:
    """A page without its links to purged articles, to be stored and read."""
    if (
        visit.reads_feed
        or not capture.body
        or not blocklist.has_purged_articles(session.connection, visit.outlet)
    ):
        return capture
    keep_params = session.outlet(visit.outlet).keep_params
    base = capture.reached or visit.url
    spans: dict[str, list[tuple[int, int]]] = {}  # digest of the link's address → spans
    for match in _LINK_TAG.finditer(capture.body):
        href = _HREF.search(match[0])
        if href is None:
            continue
        url = _absolute_url(base, unescape(href[1].decode("utf-8", "replace")))
        if not url:
            continue
        digest = blocklist.blocklist_digest("address", _address(url, keep_params))
        end = capture.body.find(b"</a", match.end(), match.end() + MAX_LINK_BYTES)
        span = match.start(), end if end >= 0 else match.end()
        spans.setdefault(digest, []).append(span)
    blocked = blocklist.list_blocked_digests(session.connection, spans)
    pieces, last_end = [], 0
    for start, end in sorted(span for digest in blocked for span in spans[digest]):
        if start >= last_end:
            pieces.append(capture.body[last_end:start] + b"<a>")
            last_end = end
    if not pieces:
        return capture
    return replace(capture, body=b"".join([*pieces, capture.body[last_end:]]))


def _absolute_url(base: str, url: str) -> str:
    try:
        absolute = urljoin(base, url.strip())
    except ValueError:
        return ""
    return absolute if absolute.startswith(("http://", "https://")) else ""


def redact_feed_capture(
    session: Session, capture: Capture, kind: str, outlet: str, digest: str
) -> tuple[Capture, str]:
    """A feed without the entries of purged articles, to be stored, and its digest.

    Any other capture as it is.
    """
    if (
        kind != "feed"
        or not capture.body
        or not blocklist.has_purged_articles(session.connection, outlet)
    ):
        return capture, digest
    body = _redact_feed(session, capture, session.outlet(outlet).keep_params)
    if body == capture.body:
        return capture, digest
    return replace(capture, body=body), hashlib.sha256(body).hexdigest()


def _redact_feed(
    session: Session, capture: Capture, keep_params: tuple[str, ...]
) -> bytes:
    body = capture.body
    if body.lstrip()[:1] == b"{":
        return _redact_json_feed(session, capture, keep_params)

    def is_purged(candidate_urls: list[str], guids: list[str]) -> bool:
        feed_url = wordpress_requests.without_parameters(capture.url)
        return _is_blocklisted(session, feed_url, candidate_urls, guids, keep_params)

    content_type = capture.header("Content-Type")
    if purged_listings.is_page(body, content_type):
        url = capture.reached or capture.url
        return purged_listings.redact_page(body, content_type, url, is_purged)
    if is_posts_url(capture.url):
        return purged_listings.redact_posts(body, is_purged)
    pieces, last_end = [], 0
    for start, end in _entry_spans(body):
        text = body[start:end].decode("utf-8", "replace")
        if _is_blocklisted(
            session,
            capture.url,
            [unescape(url) for url in _URL.findall(text)],
            [unescape(guid).strip() for guid in _GUID.findall(text)],
            keep_params,
        ):
            pieces.append(body[last_end:start] + b"<!-- taken out on purpose -->")
            last_end = end
    return b"".join([*pieces, body[last_end:]])


def _entry_spans(body: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each entry; one inside another belongs to the outer one."""
    start, tag = -1, b""
    for match in _ENTRY_TAG.finditer(body):
        if match[1] and start < 0:
            start, tag = match.start(), match[1]
        elif start >= 0 and match[2] == tag:
            yield start, match.end()
            start = -1


def _redact_json_feed(
    session: Session, capture: Capture, keep_params: tuple[str, ...]
) -> bytes:
    try:
        feed = json.loads(capture.body)
        items = feed["items"]
        kept_items = [
            item
            for item in items
            if not _is_blocklisted(
                session,
                capture.url,
                [str(item.get(name) or "") for name in ("url", "external_url", "id")],
                [str(item.get("id"))],
                keep_params,
            )
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return capture.body
    if len(kept_items) == len(items):
        return capture.body
    return json.dumps({**feed, "items": kept_items}, ensure_ascii=False).encode()


def _is_blocklisted(
    session: Session,
    feed_url: str,
    candidate_urls: list[str],
    guids: list[str],
    keep_params: tuple[str, ...],
) -> bool:
    normalised = [
        urls.normalise_url(url, keep_params)
        for url in candidate_urls[:MAX_URLS_PER_ENTRY]
        if url
    ]
    digests = [
        blocklist.blocklist_digest("address", urls.url_key(url, keep_params))
        for url in normalised
        if url
    ]
    digests += [
        blocklist.blocklist_digest("guid", feed_url, guid)
        for guid in guids[:MAX_GUIDS_PER_ENTRY]
    ]
    return bool(blocklist.get_block_reason(session.connection, digests))
