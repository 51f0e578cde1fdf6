"""Whether this machine was offline when an answer did not come, as the crawl believed, or only what was asked cannot be reached.

While nothing counts against an outlet it is never said to fail. So what others found meanwhile is looked at: whoever was
reached says that there is a network. Not for: what is seen within one crawl (``spiders.network``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from harvester.archive.records import feeds
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import add_seconds, parse_time

OFFLINE_PREFIX = "offline: "  # how a reason begins that counts against nobody
RETRY_SECONDS = 120.0  # seconds until what was not asked is due again
MAX_LONE_OUTLET_SECONDS = 3_600.0  # seconds that the only outlet is believed to be unreachable by no fault of its own
OTHERS_REACHABLE_NOTE = "while others can be reached"
LONE_OUTLET_NOTE = "for more than an hour, and no other outlet is watched"


def resolve_offline(
    connection: sqlite3.Connection, visit: Visit, capture: Capture, now: str
) -> Capture:
    """An answer that did not come; where being offline is no reason any more, as a failure."""
    if capture.outcome is not Outcome.WAITING or not capture.error.startswith(
        OFFLINE_PREFIX
    ):
        return capture
    why = _failure_note(connection, visit, now)
    if not why:
        return capture
    said = f"{capture.error.removeprefix(OFFLINE_PREFIX)} {why}"
    return replace(capture, outcome=Outcome.FAILED, error=said, retry_at=None)


def _failure_note(connection: sqlite3.Connection, visit: Visit, now: str) -> str:
    """Why it counts; "" where it does not."""
    if visit.kind == "feed":
        held = feeds.get_feed(connection, visit.key)
        reason, begun = held["reason"], held["since"]
        apart = visit.outlet
    else:
        entry = (
            feeds.get_entry(connection, visit.key) if visit.kind == "entry" else None
        )
        reason, begun = (
            (entry["reason"], add_seconds(entry["due"] or now, -RETRY_SECONDS))
            if entry is not None
            else ("", now)
        )
        apart = ""  # its own feed may be elsewhere
        reason = next(
            (
                one
                for one in feeds.list_feed_reasons(connection, visit.outlet)
                if _earlier_failure_note(one)
            ),
            reason,
        )
    if counted := _earlier_failure_note(reason):
        return counted
    if not reason.startswith(OFFLINE_PREFIX):
        return ""
    if any(
        _is_beyond_local_network(url)
        for url in feeds.list_feeds_read_since(connection, begun, apart)
    ):
        return OTHERS_REACHABLE_NOTE
    waited = (parse_time(now) - parse_time(begun)).total_seconds()
    return (
        LONE_OUTLET_NOTE
        if visit.kind == "feed"
        and waited > MAX_LONE_OUTLET_SECONDS
        and not feeds.has_feeds_of_other_outlets(connection, apart)
        else ""
    )


def _earlier_failure_note(reason: str) -> str:
    """By what it counted before, "" where it did not: it goes on as it began."""
    return next(
        (
            one
            for one in (OTHERS_REACHABLE_NOTE, LONE_OUTLET_NOTE)
            if reason.endswith(one)
        ),
        "",
    )


def _is_beyond_local_network(url: str) -> bool:
    """Whether a feed is beyond this machine and its own network."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return host != "localhost" and not host.endswith(
            (".localhost", ".local", ".internal")
        )
