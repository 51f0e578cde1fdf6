"""What an answer to a poll means: for the feed, and for each entry that it announces."""

from __future__ import annotations

import json
import re
import sqlite3
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from harvester.archive import articles, feeds
from harvester.identity import url as addresses
from harvester.ingest import outcome, rhythm, takedown
from harvester.ingest.tally import Kept
from harvester.model import Capture, Entry, Feed, Outcome, Prepared, Visit
from harvester.schedule import next_poll

if TYPE_CHECKING:
    from harvester.ingest.keeper import Keeper
    from harvester.settings import Outlet

HELD = "the article was held already"
CONTENT_MOST = 500_000  # characters of full text kept of an entry


def keep_feed(keeper: Keeper, visit: Visit, capture: Capture, digest: str, prepared: Prepared | None, now: str) -> Kept:
    """Keep what a poll brought."""
    connection = keeper.connection
    outlet = keeper.outlet(visit.outlet)
    held = feeds.feed(connection, visit.key)
    changed: dict[str, Any] = {"failures": 0, "due": next_poll(now, outlet.every, 0), "read_at": now}
    if prepared is not None and prepared.feed is not None:
        fresh = _announce_all(keeper, outlet, held, prepared.feed, now)
        result = Outcome.CHANGED
        reason = f"{len(prepared.feed.entries)} entries, {fresh} new"
        changed |= {
            "listed": now,
            "kind": prepared.feed.kind,
            "title": prepared.feed.title,
            # Validators belong to the address asked, and only to answers that were read.
            "etag": capture.header("ETag") if capture.reached in ("", capture.url) else "",
            "last_modified": capture.header("Last-Modified") if capture.reached in ("", capture.url) else "",
            "sha256": digest,
        }
        if fresh:
            changed["new_at"] = now
    elif capture.status == 304 or _same_body(capture, digest, held):
        result, reason = Outcome.UNCHANGED, "nothing new"
    else:
        result, reason = outcome.of_answer(capture, prepared, visit.url)
        failures = held["failures"] + (0 if result is Outcome.WAITING else 1)
        due = capture.retry_at if result is Outcome.WAITING else None
        changed = {"failures": failures, "due": due or next_poll(now, outlet.every, failures)}
        if result is Outcome.GONE and addresses.is_front(capture.reached or visit.url, outlet.home):
            reason = "redirects to the front page"
    _tell(keeper, held, result, reason, now)
    feeds.polled(connection, visit.key, changed, result, reason, now)
    return Kept(result, reason)


def _same_body(capture: Capture, digest: str, held: sqlite3.Row) -> bool:
    return (
        capture.status == 200
        and not capture.truncated
        and capture.outcome is None
        and bool(held["sha256"])
        and digest == held["sha256"]
    )


def _tell(keeper: Keeper, held: sqlite3.Row, result: Outcome, reason: str, now: str) -> None:
    good = (Outcome.CHANGED, Outcome.UNCHANGED)
    if result in good and held["failures"]:
        articles.add_event(keeper.connection, "feed recovered", held["outlet"], now, reason, feed=held["url"])
    elif result not in good and result is not Outcome.WAITING and not held["failures"]:
        articles.add_event(keeper.connection, "feed failing", held["outlet"], now, reason, feed=held["url"])


def _announce_all(keeper: Keeper, outlet: Outlet, held: sqlite3.Row, feed: Feed, now: str) -> int:
    """Keep all entries; returns how many were not known before. A sitemap of sitemaps has none."""
    if feed.index:
        return 0
    names = {feeds.entry_key(held["url"], entry) for entry in feed.entries}
    fresh = [entry for entry in feed.entries if _announce(keeper, outlet, held["url"], entry, names, now)]
    if feed.cut or feed.missing:
        said = (
            f"{feed.cut} entries beyond the limit of {keeper.settings.limits.entries} were left out" if feed.cut else ""
        )
        note = "; ".join(filter(None, (said, feed.missing)))
        articles.add_event(keeper.connection, "entries cut", outlet.key, now, note, feed=held["url"])
    if held["sha256"] and fresh and not feed.cut and _all_since(keeper, held["url"], feed, fresh, now):
        which = (
            f"all {len(fresh)} entries"
            if len(fresh) == len(feed.entries)
            else f"{len(fresh)} entries down to the oldest"
        )
        note = f"{which} are new since {held['read_at']}: some may have come and gone between the two polls"
        articles.add_event(keeper.connection, "items missed", outlet.key, now, note, feed=held["url"])
    return len(fresh)


def _all_since(keeper: Keeper, feed_url: str, feed: Feed, fresh: list[Entry], now: str) -> bool:
    """Whether a feed reaches back no further than the poll before; what is pinned, or edited and listed anew, does not count."""
    if len(fresh) == len(feed.entries):
        return True
    dated = [entry.published for entry in feed.entries if entry.published]
    newest_first = sum(one >= other for one, other in pairwise(dated)) * 2 >= len(dated) - 1
    if (
        len(fresh) * 2 <= len(feed.entries)
        or fresh[-1 if newest_first else 0] is not feed.entries[-1 if newest_first else 0]
    ):
        return False
    oldest = min((entry.published or "" for entry in fresh), default="")
    return oldest > (feeds.newest(keeper.connection, feed_url, now) or "9")


def _announce(keeper: Keeper, outlet: Outlet, feed_url: str, entry: Entry, names: set[str], now: str) -> bool:
    """One entry, seen now. Returns whether it was not known before. ``names``: keys of all that the feed announces now."""
    connection = keeper.connection
    key = feeds.entry_key(feed_url, entry)
    row = feeds.entry(connection, key)
    if row is None and entry.url:
        row = feeds.entry_at(connection, feed_url, entry.url)
        if row is not None and row["key"] in names:
            row = None  # it stands there too: not a guid that changed, but two entries with one address
    url = addresses.normalise(entry.url, outlet.keep_params) if entry.url else ""
    address = addresses.address(url, outlet.keep_params) if url else ""
    if takedown.refuse_entry(keeper, feed_url, key, entry, address, now):
        return False
    if row is not None:
        _seen_again(keeper, row, entry, url, address, now)
        return False
    settled = _refusal(keeper, outlet, entry, url)
    held = articles.at_address(connection, address) if address and not settled else None
    if settled:
        result, reason = Outcome.REFUSED, settled
    elif held:
        result, reason = Outcome.UNCHANGED, HELD
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
            "site": addresses.site(url) if url else "",
            **_stated(entry),
            "first_seen": now,
            "last_seen": now,
            "outcome": result,
            "reason": reason,
            "article": held,
            "due": now if result is Outcome.WAITING else None,
        },
    )
    return True


def _stated(entry: Entry) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if entry.authors:
        extra["authors"] = list(entry.authors)
    if entry.tags:
        extra["tags"] = list(entry.tags)
    if entry.published_local:
        extra["published_local"] = entry.published_local
    if entry.content:
        extra["content"] = entry.content[:CONTENT_MOST]
    return {
        "title": entry.title,
        "summary": entry.summary,
        "published": entry.published,
        "updated": entry.updated,
        "extra": json.dumps(extra, ensure_ascii=False),
    }


def _seen_again(keeper: Keeper, row: sqlite3.Row, entry: Entry, url: str, address: str, now: str) -> None:
    """A known entry: a changed title, summary or date makes a look due; a new address is another of the same article."""
    connection = keeper.connection
    changed: dict[str, Any] = {"last_seen": max(now, row["last_seen"])}
    stated = _stated(entry)
    if kept := feeds.unread(connection, row["key"]):
        stated["extra"] = json.dumps({**json.loads(stated["extra"]), "unread": kept}, ensure_ascii=False)
    differs = any(stated[name] != row[name] for name in ("title", "summary", "published", "updated"))
    if differs or stated["extra"] != row["extra"]:
        changed |= stated
    moved = (
        bool(address) and address != row["address"] and not _refusal(keeper, keeper.outlet_of(row["feed"]), entry, url)
    )
    if moved:
        changed |= {"url": url, "address": address, "site": addresses.site(url)}
        held = articles.at_address(connection, address)
        if held is None or row["article"] is None:
            changed |= {"due": now, "attempts": 0}
    elif row["article"] is not None:
        if sign := rhythm.sign(row, stated):
            rhythm.signed(keeper, row["article"], sign, now)
    elif (
        differs
        and row["due"] is None
        and row["outcome"] in (Outcome.EMPTY, Outcome.GONE, Outcome.BLOCKED, Outcome.FAILED)
    ):
        changed |= {"due": now, "attempts": 0}  # the outlet touched it: worth another try
    feeds.change_entry(connection, row["key"], **changed)


def _refusal(keeper: Keeper, outlet: Outlet, entry: Entry, url: str) -> str:
    """Why an entry is not followed; "" where it is."""
    if not entry.url:
        return "it names no address"
    if len(entry.url) > keeper.settings.limits.url_length:
        return f"its address is longer than {keeper.settings.limits.url_length} characters"
    if not url:
        return "its address is not an http or https one"
    if addresses.is_front(url, outlet.home):
        return "its address is the front page"
    path = "/" + url.split("://", 1)[-1].partition("/")[2]
    if outlet.deny and any(re.search(rule, path) for rule in outlet.deny):
        return "a deny rule of the settings names it"
    if outlet.allow and not any(re.search(rule, path) for rule in outlet.allow):
        return "no allow rule of the settings names it"
    return ""
