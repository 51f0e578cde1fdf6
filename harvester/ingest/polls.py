"""What an answer to a poll means: for the feed, and for each entry that it announces."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import TYPE_CHECKING, Any

from harvester.archive.records import articles, feeds
from harvester.identity import urls
from harvester.ingest import feed_gaps, outcomes, purged, revisits
from harvester.ingest.counts import VisitResult
from harvester.model import Capture, Entry, Feed, Outcome, Prepared, Visit
from harvester.schedule.backoff import next_poll

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.settings import Outlet

ALREADY_STORED_REASON = "the article was held already"
MAX_CONTENT_LENGTH = 500_000  # characters of full text kept of an entry


def handle_poll(
    keeper: Keeper,
    visit: Visit,
    capture: Capture,
    digest: str,
    prepared: Prepared | None,
    now: str,
) -> VisitResult:
    """Keep what a poll brought."""
    connection = keeper.connection
    outlet = keeper.outlet(visit.outlet)
    held = feeds.get_feed(connection, visit.key)
    changed: dict[str, Any] = {
        "failures": 0,
        "due": next_poll(now, outlet.every, 0),
        "read_at": now,
    }
    if prepared is not None and prepared.feed is not None:
        fresh = _record_entries(keeper, outlet, held, prepared.feed, now)
        result = Outcome.CHANGED
        reason = f"{len(prepared.feed.entries)} entries, {fresh} new"
        changed |= {
            "listed": now,
            "kind": prepared.feed.kind,
            "title": prepared.feed.title,
            # Validators belong to the address asked, and only to answers that were read.
            "etag": capture.validator("ETag")
            if capture.reached in ("", capture.url)
            else "",
            "last_modified": capture.validator("Last-Modified")
            if capture.reached in ("", capture.url)
            else "",
            "sha256": digest,
        }
        if fresh:
            changed["new_at"] = now
    elif capture.status == 304 or _has_same_body(capture, digest, held):
        result, reason = Outcome.UNCHANGED, "nothing new"
    else:
        result, reason = outcomes.outcome_of_response(capture, prepared, visit.url)
        failures = held["failures"] + (0 if result is Outcome.WAITING else 1)
        due = capture.retry_at if result is Outcome.WAITING else None
        changed = {
            "failures": failures,
            "due": due or next_poll(now, outlet.every, failures),
        }
        if result is Outcome.GONE and urls.is_front_page(
            capture.reached or visit.url, outlet.home
        ):
            reason = "redirects to the front page"
    _record_feed_event(keeper, held, result, reason, now)
    feeds.update_feed_after_poll(connection, visit.key, changed, result, reason, now)
    return VisitResult(result, reason)


def _has_same_body(capture: Capture, digest: str, feed_row: sqlite3.Row) -> bool:
    return (
        capture.status == 200
        and not capture.truncated
        and capture.outcome is None
        and bool(feed_row["sha256"])
        and digest == feed_row["sha256"]
    )


def _record_feed_event(
    keeper: Keeper, feed_row: sqlite3.Row, result: Outcome, reason: str, now: str
) -> None:
    good = (Outcome.CHANGED, Outcome.UNCHANGED)
    if result in good and feed_row["failures"]:
        articles.add_event(
            keeper.connection,
            "feed recovered",
            feed_row["outlet"],
            now,
            reason,
            feed_url=feed_row["url"],
        )
    elif (
        result not in good
        and result is not Outcome.WAITING
        and not feed_row["failures"]
    ):
        articles.add_event(
            keeper.connection,
            "feed failing",
            feed_row["outlet"],
            now,
            reason,
            feed_url=feed_row["url"],
        )


def _record_entries(
    keeper: Keeper, outlet: Outlet, feed_row: sqlite3.Row, feed: Feed, now: str
) -> int:
    """Keep all entries; returns how many were not known before. A sitemap of sitemaps has none."""
    if feed.index:
        return 0
    keys = [feeds.entry_key(feed_row["url"], entry) for entry in feed.entries]
    names = set(keys)
    places: dict[str, feed_gaps.ListedEntry] = {}
    for number, (key, entry) in enumerate(zip(keys, feed.entries, strict=True)):
        place = _record_entry(keeper, outlet, feed_row, number, entry, names, now)
        if place is not None:
            places.setdefault(key, place)
    fresh = sum(one.is_new for one in places.values())
    if feed.cut or feed.missing:
        said = (
            f"{feed.cut} entries beyond the limit of {keeper.settings.limits.entries} were left out"
            if feed.cut
            else ""
        )
        note = "; ".join(filter(None, (said, feed.missing)))
        articles.add_event(
            keeper.connection,
            "entries cut",
            outlet.key,
            now,
            note,
            feed_url=feed_row["url"],
        )
    if (
        feed_row["sha256"]
        and not feed.cut
        and _has_missed_entries(keeper, feed_row["url"], list(places.values()), now)
    ):
        which = (
            f"all {fresh} entries are new"
            if fresh == len(places)
            else f"{fresh} of {len(places)} entries are new"
        )
        beside = (
            ""
            if fresh == len(places)
            else ", and the others do not show that it reaches back"
        )
        note = f"{which} since {feed_row['read_at']}{beside}: some may have come and gone between the two polls"
        articles.add_event(
            keeper.connection,
            "items missed",
            outlet.key,
            now,
            note,
            feed_url=feed_row["url"],
        )
    return fresh


def _has_missed_entries(
    keeper: Keeper, feed_url: str, listed_entries: list[feed_gaps.ListedEntry], now: str
) -> bool:
    if all(one.is_new for one in listed_entries):
        return bool(listed_entries)
    # The archive is asked only where there is doubt, for that takes time.
    return feed_gaps.has_gap(listed_entries) and feed_gaps.has_gap(
        listed_entries, feeds.get_newest_publication(keeper.connection, feed_url, now)
    )


def _record_entry(
    keeper: Keeper,
    outlet: Outlet,
    feed_row: sqlite3.Row,
    position: int,
    entry: Entry,
    announced_keys: set[str],
    now: str,
) -> feed_gaps.ListedEntry | None:
    """One entry, seen now at its place in the feed; None: it was taken down, and is not listened to. ``names``: keys of all that the
    feed announces now."""
    connection, feed_url = keeper.connection, feed_row["url"]
    key = feeds.entry_key(feed_url, entry)
    row = feeds.get_entry(connection, key)
    if row is None and entry.url:
        row = feeds.get_entry_by_url(connection, feed_url, entry.url)
        if row is not None and row["key"] in announced_keys:
            row = None  # it stands there too: not a guid that changed, but two entries with one address
    url = urls.normalise_url(entry.url, outlet.keep_params) if entry.url else ""
    address = urls.url_key(url, outlet.keep_params) if url else ""
    if purged.refuse_entry(keeper, feed_url, key, entry, address, now):
        return None
    if row is not None:
        stood = bool(feed_row["listed"]) and row["last_seen"] >= feed_row["listed"]
        differs = _update_entry(keeper, row, position, entry, url, address, now)
        return feed_gaps.ListedEntry(
            entry.published,
            previous_position=row["place"] if stood else None,
            is_changed=differs,
        )
    settled = _refusal_reason(keeper, outlet, entry, url)
    held = (
        articles.get_article_key(connection, address)
        if address and not settled
        else None
    )
    if settled:
        result, reason = Outcome.REFUSED, settled
    elif held:
        result, reason = Outcome.UNCHANGED, ALREADY_STORED_REASON
    else:
        result, reason = Outcome.WAITING, "not visited yet"
    feeds.add_entry(
        connection,
        {
            "key": key,
            "feed": feed_url,
            "guid": entry.id,
            "url": url or entry.url[: keeper.settings.limits.url_length],
            "address": "" if settled else address,
            "site": urls.site(url) if url else "",
            **_stated_columns(entry),
            "first_seen": now,
            "last_seen": now,
            "outcome": result,
            "reason": reason,
            "article": held,
            "due": now if result is Outcome.WAITING else None,
            "place": position,
        },
    )
    return feed_gaps.ListedEntry(entry.published, is_new=True)


def _stated_columns(entry: Entry) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if entry.authors:
        extra["authors"] = list(entry.authors)
    if entry.tags:
        extra["tags"] = list(entry.tags)
    if entry.published_local:
        extra["published_local"] = entry.published_local
    if entry.content:
        extra["content"] = entry.content[:MAX_CONTENT_LENGTH]
    return {
        "title": entry.title,
        "summary": entry.summary,
        "published": entry.published,
        "updated": entry.updated,
        "extra": json.dumps(extra, ensure_ascii=False),
    }


def _update_entry(
    keeper: Keeper,
    row: sqlite3.Row,
    position: int,
    entry: Entry,
    url: str,
    address: str,
    now: str,
) -> bool:
    """A known entry: a changed title, summary or date makes a look due; a new address is another of the same article. Returns
    whether anything that is stated changed."""
    connection = keeper.connection
    changed: dict[str, Any] = {
        "last_seen": max(now, row["last_seen"]),
        "place": position,
    }
    stated = _stated_columns(entry)
    if kept := feeds.get_unread_page(connection, row["key"]):
        stated["extra"] = json.dumps(
            {**json.loads(stated["extra"]), "unread": kept}, ensure_ascii=False
        )
    differs = any(
        stated[name] != row[name]
        for name in ("title", "summary", "published", "updated")
    )
    other = differs or stated["extra"] != row["extra"]
    if other:
        changed |= stated
    moved = (
        bool(address)
        and address != row["address"]
        and not _refusal_reason(keeper, keeper.outlet_of_feed(row["feed"]), entry, url)
    )
    if moved:
        changed |= {"url": url, "address": address, "site": urls.site(url)}
        held = articles.get_article_key(connection, address)
        if held is None or row["article"] is None:
            changed |= {"due": now, "attempts": 0}
    elif row["article"] is not None:
        if sign := revisits.find_edit_hint(row, stated):
            revisits.handle_edit_hint(keeper, row["article"], sign, now)
    elif (
        differs
        and row["due"] is None
        and row["outcome"]
        in (Outcome.EMPTY, Outcome.GONE, Outcome.BLOCKED, Outcome.FAILED)
    ):
        changed |= {
            "due": now,
            "attempts": 0,
        }  # the outlet touched it: worth another try
    feeds.update_entry(connection, row["key"], **changed)
    return other


def _refusal_reason(keeper: Keeper, outlet: Outlet, entry: Entry, url: str) -> str:
    """Why an entry is not followed; "" where it is."""
    if not entry.url:
        return "it names no address"
    if len(entry.url) > keeper.settings.limits.url_length:
        return (
            f"its address is longer than {keeper.settings.limits.url_length} characters"
        )
    if not url:
        return "its address is not an http or https one"
    if urls.is_front_page(url, outlet.home):
        return "its address is the front page"
    path = "/" + url.split("://", 1)[-1].partition("/")[2]
    if outlet.deny and any(re.search(rule, path) for rule in outlet.deny):
        return "a deny rule of the settings names it"
    if outlet.allow and not any(re.search(rule, path) for rule in outlet.allow):
        return "no allow rule of the settings names it"
    return ""
