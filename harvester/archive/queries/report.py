"""How the harvest stands: feeds in words, and counts that add up.

Not for: single articles (``read``), nor for whether the file is sound (``upkeep``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from harvester.model import ArticleState, Outcome

READ_OUTCOMES = (Outcome.CHANGED.value, Outcome.UNCHANGED.value)


def list_outlets(
    connection: sqlite3.Connection, outlet_keys: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Every outlet, with its feeds and how each of them does."""
    found = []
    # Of all outlets at once: an outlet's own would go through all that wait, each time.
    counted = connection.execute(
        "select f.outlet, count(*) from entries e join feeds f on f.url = e.feed where e.outcome = 'waiting' group by f.outlet"
    )
    waiting: dict[str, int] = dict(counted.fetchall())
    for row in connection.execute("select * from outlets order by active desc, key"):
        if outlet_keys and row["key"] not in outlet_keys:
            continue
        counts = connection.execute(
            """select count(*) as articles, coalesce(sum(versions), 0) as versions, max(first_seen) as newest,
            coalesce(sum(state = 'removed'), 0) as removed from articles where outlet = ?""",
            [row["key"]],
        ).fetchone()
        found.append(
            {
                "outlet": row["key"],
                "name": row["name"],
                "active": bool(row["active"]),
                **dict(counts),
                "waiting": waiting.get(row["key"], 0),
                "troubles": list_problems(connection, row["key"]),
                "feeds": _list_feeds(connection, row["key"]),
            }
        )
    return found


def list_problems(
    connection: sqlite3.Connection, outlet: str, limit: int = 5
) -> list[dict[str, Any]]:
    """Why pages of an outlet's entries could not be had or read: outcome, reason, how many, when last announced; most frequent first."""
    rows = connection.execute(
        """select e.outcome, e.reason, count(*) as count, max(e.last_seen) as last_seen from entries e join feeds f on f.url = e.feed
        where f.outlet = ? and (e.outcome in ('failed', 'blocked', 'refused', 'empty')
            or (e.outcome = 'waiting' and e.reason <> 'not visited yet'))
        group by e.outcome, e.reason order by count desc, e.reason limit ?""",
        [outlet, limit],
    )
    return [dict(row) for row in rows]


def _list_feeds(connection: sqlite3.Connection, outlet: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        """select f.url as feed, f.section, f.active, f.kind, f.title, f.outcome, f.reason, f.since, f.polled, f.read_at,
            f.new_at, f.failures, f.due,
            (select count(*) from entries e where e.feed = f.url) as entries,
            (select max(not_before) from hosts h where h.site = f.site or instr(f.url, h.site || '/')) as not_before,
            (select reason from hosts h where (h.site = f.site or instr(f.url, h.site || '/')) and h.not_before is not null
                order by h.not_before desc limit 1) as held_because
        from feeds f where f.outlet = ? order by f.active desc, f.rowid""",
        [outlet],
    )
    return [{**dict(row), "active": bool(row["active"])} for row in rows]


def describe_feed(
    feed: dict[str, Any], now: str, format_time: Callable[[str], str]
) -> tuple[str, str]:
    """What happened last to a feed and since when, and what to do about it ("" where nothing is to be done).

    ``shown`` writes a time for people.
    """
    if not feed["active"]:
        return "no longer in the settings; kept and searchable, not visited", ""
    if feed["polled"] is None:
        return "not visited yet", "`harvest once`, or leave `harvest run` running"
    held = ""
    if feed["not_before"] and feed["not_before"] > now:
        held = f"; the site is left alone until {format_time(feed['not_before'])}: {feed['held_because']}"
    outcome, reason = feed["outcome"], feed["reason"]
    if outcome in READ_OUTCOMES:
        said = reason or "read"
        fresh = (
            f"; last announced something new {format_time(feed['new_at'])}"
            if feed["new_at"]
            else ""
        )
        return f"{said}{fresh}{held}", ""
    since = f"since {format_time(feed['since'])}"
    times = f", {feed['failures']} times in a row" if feed["failures"] > 1 else ""
    last = (
        f"; last read {format_time(feed['read_at'])}"
        if feed["read_at"]
        else "; never read so far"
    )
    return f"{outcome}: {reason} {since}{times}{last}{held}", _get_advice(
        outcome, reason
    )


def _get_advice(outcome: str, reason: str) -> str:
    """What a person can do about a feed that is not read."""
    if outcome == Outcome.WAITING:
        return "nothing: it is tried again by itself"
    if outcome == Outcome.REFUSED:
        if "robots" in reason:
            return "its robots.txt does not want it read: ask the outlet, or take the feed out of the settings"
        if "private" in reason or "network" in reason:
            return "if the address is yours, name its network in [crawl] allow_networks"
        return "look at the address in the settings"
    if outcome == Outcome.BLOCKED:
        return "the outlet refuses the request: see whether the feed needs a login, and whom [crawl] user_agent names"
    if outcome == Outcome.GONE:
        return (
            "find where the feed has moved to, and change the address in the settings"
        )
    return "look at the address in a browser; `harvest check` with it shows what is understood of it"


def get_stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts of all that is held. Each total is the sum of what stands beside it, and of the outlets' own."""
    one = connection.execute
    crawl = one(
        "select count(*) as count, max(started) as last, coalesce(sum(visits), 0) as visits from crawls"
    ).fetchone()
    captures = one(
        "select count(*) as count, coalesce(sum(bytes), 0) as bytes from captures"
    ).fetchone()
    per_outlet: dict[str, dict[str, Any]] = {
        row["key"]: {"active": bool(row["active"]), "feeds": 0, **_empty_counts()}
        for row in one("select key, active from outlets order by key")
    }
    whole = _empty_counts()
    for row in one(
        "select outlet, count(*) as count from feeds where active group by outlet"
    ):
        per_outlet[row["outlet"]]["feeds"] = row["count"]
    for row in one(
        """select f.outlet, e.outcome, count(*) as count from entries e join feeds f on f.url = e.feed
        group by f.outlet, e.outcome"""
    ):
        _add_count(
            (whole, per_outlet[row["outlet"]]), "entries", row["outcome"], row["count"]
        )
    for row in one(
        "select outlet, state, count(*) as count, sum(versions) as versions from articles group by outlet, state"
    ):
        for counts in (whole, per_outlet[row["outlet"]]):
            counts["versions"] += row["versions"]
        _add_count(
            (whole, per_outlet[row["outlet"]]), "articles", row["state"], row["count"]
        )
    for row in one(
        "select outlet, count(*) as count from articles where copy_of is not null group by outlet"
    ):
        for counts in (whole, per_outlet[row["outlet"]]):
            counts["duplicates"] += row["count"]
    for row in one(
        """select a.outlet, c.kind, count(*) as count from changes c join articles a on a.key = c.article
        where c.kind <> 'fields' group by a.outlet, c.kind"""
    ):
        _add_count(
            (whole, per_outlet[row["outlet"]]), "edits", row["kind"], row["count"]
        )
    return {
        "feeds": sum(counts["feeds"] for counts in per_outlet.values()),
        **whole,
        "kinds": _count_articles_by(connection, "kind"),
        "access": _count_articles_by(connection, "access"),
        "captures": dict(captures),
        "crawls": dict(crawl),
        "outlets": per_outlet,
    }


def _count_articles_by(connection: sqlite3.Connection, column: str) -> dict[str, int]:
    """How many articles are of each kind or access, as they stand now."""
    rows = connection.execute(
        f"""select v.{column} as name, count(*) as count from articles a
        join versions v on v.article = a.key and v.number = a.version group by 1 order by 1"""
    )
    return {row["name"]: row["count"] for row in rows}


def _empty_counts() -> dict[str, Any]:
    return {
        "entries": {"total": 0, **{outcome.value: 0 for outcome in Outcome}},
        "articles": {"total": 0, **{state.value: 0 for state in ArticleState}},
        "duplicates": 0,
        "versions": 0,
        "edits": {"total": 0, "edited": 0, "headline": 0},
    }


def _add_count(
    totals: tuple[dict[str, Any], ...], group: str, name: str, count: int
) -> None:
    for counts in totals:
        counts[group][name] = counts[group].get(name, 0) + count
        counts[group]["total"] += count


def list_feed_events(
    connection: sqlite3.Connection, limit: int = 5
) -> list[dict[str, Any]]:
    """What a person should know of feeds and outlets: failing, recovered, entries missed or cut, a new layout, all articles missing; newest first."""
    rows = connection.execute(
        """select at, kind, outlet, feed, note from events where feed is not null or kind in ('layout changed', 'all missing', 'clock set') order by id desc limit ?""",
        [limit],
    )
    return [dict(row) for row in rows]


def get_last_crawl(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The newest crawl: when, by which program, its counts."""
    row = connection.execute("select * from crawls order by id desc limit 1").fetchone()
    return {**dict(row), "counts": json.loads(row["counts"])} if row else None


def get_single_feed_capture(connection: sqlite3.Connection) -> tuple[int | None, str]:
    """Of an archive with one feed, polled once: the capture to be read, or None and what came instead."""
    feed = connection.execute("select outcome, reason from feeds").fetchone()
    row = connection.execute(
        "select id from captures where kind = 'feed' and status between 200 and 299 and not truncated order by id desc"
    ).fetchone()
    return (row["id"] if row else None), f"{feed['outcome']}, {feed['reason']}"
