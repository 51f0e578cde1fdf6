"""Whether this machine was offline when no response came, or the server is unreachable.

While a machine is offline nothing counts against an outlet, so a server that is down
for good would never be reported. So other feeds are consulted: where one was read
meanwhile, there is a network. Does not see what happens within one crawl
(``spiders.network``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from harvester.archive.records import feeds
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import add_seconds, parse_time

OFFLINE_PREFIX = "offline: "  # of a reason that counts against nobody
RETRY_SECONDS = 120.0  # until a visit is due again that was not made
MAX_LONE_OUTLET_SECONDS = 3_600.0  # for so long an only outlet is assumed to be fine
OTHERS_REACHABLE_NOTE = "while others can be reached"
LONE_OUTLET_NOTE = "for more than an hour, and no other outlet is watched"


def resolve_offline(
    connection: sqlite3.Connection, visit: Visit, capture: Capture, now: str
) -> Capture:
    """The capture, as a failure where being offline does not explain it any more."""
    if capture.outcome is not Outcome.WAITING or not capture.error.startswith(
        OFFLINE_PREFIX
    ):
        return capture
    note = _failure_note(connection, visit, now)
    if not note:
        return capture
    error = f"{capture.error.removeprefix(OFFLINE_PREFIX)} {note}"
    return replace(capture, outcome=Outcome.FAILED, error=error, retry_at=None)


def _failure_note(connection: sqlite3.Connection, visit: Visit, now: str) -> str:
    """Why it counts as a failure; "" if it does not."""
    excluded_outlet = ""  # a page's own feed may be on another server
    if visit.kind == "feed":
        feed = feeds.get_feed(connection, visit.key)
        reason, since = feed.reason, feed.since
        excluded_outlet = visit.outlet
    else:
        reason, since = _reason_of_page(connection, visit, now)
    if note := _earlier_failure_note(reason):
        return note
    if not reason.startswith(OFFLINE_PREFIX):
        return ""
    if any(
        _is_beyond_local_network(url)
        for url in feeds.list_feeds_read_since(connection, since, excluded_outlet)
    ):
        return OTHERS_REACHABLE_NOTE
    offline_seconds = (parse_time(now) - parse_time(since)).total_seconds()
    if (
        visit.kind == "feed"
        and offline_seconds > MAX_LONE_OUTLET_SECONDS
        and not feeds.has_feeds_of_other_outlets(connection, excluded_outlet)
    ):
        return LONE_OUTLET_NOTE
    return ""


def _reason_of_page(
    connection: sqlite3.Connection, visit: Visit, now: str
) -> tuple[str, str]:
    """Why a page could not be reached before, and since when.

    Where a feed of its outlet failed for good, its reason holds for the page too.
    """
    reason, since = "", now
    entry = feeds.get_entry(connection, visit.key) if visit.kind == "entry" else None
    if entry is not None:
        reason, since = entry.reason, add_seconds(entry.due or now, -RETRY_SECONDS)
    for feed_reason in feeds.list_feed_reasons(connection, visit.outlet):
        if _earlier_failure_note(feed_reason):
            return feed_reason, since
    return reason, since


def _earlier_failure_note(reason: str) -> str:
    """Why it counted as a failure at the last try; "" if it did not."""
    for note in (OTHERS_REACHABLE_NOTE, LONE_OUTLET_NOTE):
        if reason.endswith(note):
            return note
    return ""


def _is_beyond_local_network(url: str) -> bool:
    """Whether a feed is neither on this machine nor in its own network."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        local_suffixes = (".localhost", ".local", ".internal")
        return host != "localhost" and not host.endswith(local_suffixes)
