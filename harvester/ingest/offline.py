"""Whether this machine was offline when an answer did not come, as the crawl believed, or only what was asked cannot be reached.

While nothing counts against an outlet it is never said to fail. So what others found meanwhile is looked at: whoever was
reached says that there is a network. Not for: what is seen within one crawl (``spiders.network``).
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from harvester.archive.records import feeds
from harvester.model import Capture, Outcome, Visit
from harvester.schedule.times import later, read

OFFLINE = "offline: "  # how a reason begins that counts against nobody
AGAIN = 120.0  # seconds until what was not asked is due again
ALONE_MOST = 3_600.0  # seconds that the only outlet is believed to be unreachable by no fault of its own
OTHERS = "while others can be reached"
ALONE = "for more than an hour, and no other outlet is watched"


def judged(
    connection: sqlite3.Connection, visit: Visit, capture: Capture, now: str
) -> Capture:
    """An answer that did not come; where being offline is no reason any more, as a failure."""
    if capture.outcome is not Outcome.WAITING or not capture.error.startswith(OFFLINE):
        return capture
    why = _why(connection, visit, now)
    if not why:
        return capture
    said = f"{capture.error.removeprefix(OFFLINE)} {why}"
    return replace(capture, outcome=Outcome.FAILED, error=said, retry_at=None)


def _why(connection: sqlite3.Connection, visit: Visit, now: str) -> str:
    """Why it counts; "" where it does not."""
    if visit.kind == "feed":
        held = feeds.feed(connection, visit.key)
        reason, begun = held["reason"], held["since"]
        apart = visit.outlet
    else:
        entry = feeds.entry(connection, visit.key) if visit.kind == "entry" else None
        reason, begun = (
            (entry["reason"], later(entry["due"] or now, -AGAIN))
            if entry is not None
            else ("", now)
        )
        apart = ""  # its own feed may be elsewhere
        reason = next(
            (one for one in feeds.reasons(connection, visit.outlet) if _counted(one)),
            reason,
        )
    if counted := _counted(reason):
        return counted
    if not reason.startswith(OFFLINE):
        return ""
    if any(_far(url) for url in feeds.read_since(connection, begun, apart)):
        return OTHERS
    waited = (read(now) - read(begun)).total_seconds()
    return (
        ALONE
        if visit.kind == "feed"
        and waited > ALONE_MOST
        and not feeds.others(connection, apart)
        else ""
    )


def _counted(reason: str) -> str:
    """By what it counted before, "" where it did not: it goes on as it began."""
    return next((one for one in (OTHERS, ALONE) if reason.endswith(one)), "")


def _far(url: str) -> bool:
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
