"""The state of the harvest: outlets, feeds and their problems, and counts that add up.

Does not check the file; see ``archive.integrity`` and ``archive.repair.diagnosis``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from harvester.archive.records.due_visits import get_next_due
from harvester.model import ArticleState, Outcome

READ_OUTCOMES = (Outcome.CHANGED.value, Outcome.UNCHANGED.value)


def list_outlets(
    connection: sqlite3.Connection, outlet_keys: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """All outlets, or those given, with their feeds and the state of each."""
    # Counted for all outlets at once: for one outlet the query would read every
    # waiting entry, each time.
    counted = connection.execute(
        """
        select f.outlet, count(*)
        from entries e
        join feeds f on f.url = e.feed
        where e.outcome = 'waiting'
        group by f.outlet"""
    )
    waiting: dict[str, int] = dict(counted.fetchall())
    outlets = []
    for row in connection.execute("select * from outlets order by active desc, key"):
        if outlet_keys and row["key"] not in outlet_keys:
            continue
        counts = connection.execute(
            """
            select count(*) as articles, coalesce(sum(versions), 0) as versions,
                max(first_seen) as newest,
                coalesce(sum(state = 'removed'), 0) as removed
            from articles
            where outlet = ?""",
            [row["key"]],
        ).fetchone()
        outlets.append(
            {
                "outlet": row["key"],
                "name": row["name"],
                "active": bool(row["active"]),
                **dict(counts),
                "waiting": waiting.get(row["key"], 0),
                "troubles": _list_problems(connection, row["key"]),
                "feeds": _list_feeds(connection, row["key"]),
            }
        )
    return outlets


def _list_problems(
    connection: sqlite3.Connection, outlet: str, limit: int = 5
) -> list[dict[str, Any]]:
    """Why pages of an outlet's entries could not be fetched or read, most frequent first.

    Outcome, reason, number of entries, and when such an entry was last announced.
    """
    rows = connection.execute(
        """
        select e.outcome, e.reason, count(*) as count, max(e.last_seen) as last_seen
        from entries e
        join feeds f on f.url = e.feed
        where f.outlet = ?
        and (e.outcome in ('failed', 'blocked', 'refused', 'empty')
            or (e.outcome = 'waiting' and e.reason <> 'not visited yet'))
        group by e.outcome, e.reason
        order by count desc, e.reason
        limit ?""",
        [outlet, limit],
    )
    return [dict(row) for row in rows]


def _list_feeds(connection: sqlite3.Connection, outlet: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        """
        select f.url as feed, f.section, f.active, f.kind, f.title, f.outcome, f.reason,
            f.since, f.polled, f.read_at, f.new_at, f.failures, f.due,
            (select count(*) from entries e where e.feed = f.url) as entries,
            (select max(not_before) from hosts h
                where h.site = f.site or instr(f.url, h.site || '/')) as not_before,
            (select reason from hosts h
                where (h.site = f.site or instr(f.url, h.site || '/'))
                and h.not_before is not null
                order by h.not_before desc limit 1) as held_because
        from feeds f
        where f.outlet = ?
        order by f.active desc, f.rowid""",
        [outlet],
    )
    return [{**dict(row), "active": bool(row["active"])} for row in rows]


def list_feed_urls_with_secrets(connection: sqlite3.Connection) -> list[str]:
    """URLs of feeds that may carry a login or a key, as stored.

    Bypasses the connection's own row factory, which may hide just these.
    """
    cursor = connection.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        "select url from main.feeds where url like '%@%' or url like '%=%'"
    )
    return [url for (url,) in rows]


def describe_feed(
    feed: dict[str, Any], now: str, format_time: Callable[[str], str]
) -> tuple[str, str]:
    """What last happened to a feed and since when, and what to do about it.

    The advice is "" if there is nothing to do. ``format_time`` shows a time to people.
    """
    if not feed["active"]:
        return "no longer in the settings; kept and searchable, not visited", ""
    if feed["polled"] is None:
        return "not visited yet", "`harvest once`, or leave `harvest run` running"
    limited = ""
    if feed["not_before"] and feed["not_before"] > now:
        until = format_time(feed["not_before"])
        limited = f"; the site is rate-limited until {until}: {feed['held_because']}"
    outcome, reason = feed["outcome"], feed["reason"]
    if outcome in READ_OUTCOMES:
        news = ""
        if feed["new_at"]:
            news = f"; last announced something new {format_time(feed['new_at'])}"
        return f"{reason or 'read'}{news}{limited}", ""
    since = f"since {format_time(feed['since'])}"
    times = f", {feed['failures']} times in a row" if feed["failures"] > 1 else ""
    last = "; never read so far"
    if feed["read_at"]:
        last = f"; last read {format_time(feed['read_at'])}"
    return (
        f"{outcome}: {reason} {since}{times}{last}{limited}",
        _get_advice(outcome, reason),
    )


def _get_advice(outcome: str, reason: str) -> str:
    """What a person can do about a feed that cannot be read."""
    if outcome == Outcome.WAITING:
        return "nothing: it is retried automatically"
    if outcome == Outcome.REFUSED:
        if "robots" in reason:
            return (
                "robots.txt disallows it: ask the outlet for permission, "
                "or remove the feed from the settings"
            )
        if "private" in reason or "network" in reason:
            return "if the host is yours, add its network to [crawl] allow_networks"
        return "check the URL in the settings"
    if outcome == Outcome.BLOCKED:
        return (
            "the outlet refuses the request: check whether the feed needs a login, "
            "and the contact in [crawl] user_agent"
        )
    if outcome == Outcome.GONE:
        return "find the feed's new URL, and change it in the settings"
    return "open the URL in a browser; `harvest check` with it shows what can be read"


def get_stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts of everything in the archive.

    Each total is the sum of the counts beside it, and of the outlets' totals.
    """
    crawls = connection.execute(
        """
        select count(*) as count, max(started) as last,
            coalesce(sum(visits), 0) as visits
        from crawls"""
    ).fetchone()
    captures = connection.execute(
        "select count(*) as count, coalesce(sum(bytes), 0) as bytes from captures"
    ).fetchone()
    per_outlet: dict[str, dict[str, Any]] = {
        row["key"]: {"active": bool(row["active"]), "feeds": 0, **_empty_counts()}
        for row in connection.execute("select key, active from outlets order by key")
    }
    totals = _empty_counts()
    _count_feeds_and_entries(connection, totals, per_outlet)
    _count_articles_and_edits(connection, totals, per_outlet)
    return {
        "feeds": sum(counts["feeds"] for counts in per_outlet.values()),
        **totals,
        "kinds": _count_articles_by(connection, "kind"),
        "access": _count_articles_by(connection, "access"),
        "captures": dict(captures),
        "crawls": dict(crawls),
        "outlets": per_outlet,
    }


def _count_feeds_and_entries(
    connection: sqlite3.Connection,
    totals: dict[str, Any],
    per_outlet: dict[str, dict[str, Any]],
) -> None:
    for row in connection.execute(
        "select outlet, count(*) as count from feeds where active group by outlet"
    ):
        per_outlet[row["outlet"]]["feeds"] = row["count"]
    for row in connection.execute(
        """
        select f.outlet, e.outcome, count(*) as count
        from entries e
        join feeds f on f.url = e.feed
        group by f.outlet, e.outcome"""
    ):
        for counts in (totals, per_outlet[row["outlet"]]):
            _add_count(counts["entries"], row["outcome"], row["count"])


def _count_articles_and_edits(
    connection: sqlite3.Connection,
    totals: dict[str, Any],
    per_outlet: dict[str, dict[str, Any]],
) -> None:
    for row in connection.execute(
        """
        select outlet, state, count(*) as count, sum(versions) as versions
        from articles
        group by outlet, state"""
    ):
        for counts in (totals, per_outlet[row["outlet"]]):
            counts["versions"] += row["versions"]
            _add_count(counts["articles"], row["state"], row["count"])
    for row in connection.execute(
        """
        select outlet, count(*) as count from articles
        where copy_of is not null
        group by outlet"""
    ):
        for counts in (totals, per_outlet[row["outlet"]]):
            counts["duplicates"] += row["count"]
    for row in connection.execute(
        """
        select a.outlet, c.kind, count(*) as count
        from changes c
        join articles a on a.key = c.article
        where c.kind <> 'fields'
        group by a.outlet, c.kind"""
    ):
        for counts in (totals, per_outlet[row["outlet"]]):
            _add_count(counts["edits"], row["kind"], row["count"])


def _count_articles_by(connection: sqlite3.Connection, column: str) -> dict[str, int]:
    """Numbers of articles by ``kind`` or ``access`` of their current versions."""
    rows = connection.execute(
        f"""
        select v.{column} as name, count(*) as count
        from articles a
        join versions v on v.article = a.key and v.number = a.version
        group by 1
        order by 1"""
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


def _add_count(group: dict[str, int], name: str, count: int) -> None:
    group[name] = group.get(name, 0) + count
    group["total"] += count


def list_feed_events(
    connection: sqlite3.Connection, limit: int = 5
) -> list[dict[str, Any]]:
    """The newest events of feeds and outlets, newest first.

    Feeds failing or recovered, entries missed or cut, a new layout, all articles
    missing, the clock set back.
    """
    rows = connection.execute(
        """
        select at, kind, outlet, feed, note from events
        where feed is not null
        or kind in ('layout changed', 'all missing', 'clock set')
        order by id desc
        limit ?""",
        [limit],
    )
    return [dict(row) for row in rows]


def get_last_crawl(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The newest crawl, with its counts; None if there was none."""
    row = connection.execute("select * from crawls order by id desc limit 1").fetchone()
    return {**dict(row), "counts": json.loads(row["counts"])} if row else None


def find_stall(
    connection: sqlite3.Connection, before: str
) -> tuple[str, str | None] | None:
    """Since when something is due, and when a crawl last did anything (None: never).

    None unless both are earlier than ``before``: a crawl that is behind is no stall.
    """
    due = get_next_due(connection)
    (active,) = connection.execute(
        """
        select max(at) from (
            select max(polled) as at from feeds
            union all select (select at from captures order by id desc limit 1)
            union all select (select ended from crawls order by id desc limit 1))
        """
    ).fetchone()
    if due is None or due >= before or (active is not None and active >= before):
        return None
    return due, active


def get_single_feed_capture(connection: sqlite3.Connection) -> tuple[int | None, str]:
    """The capture of the feed in an archive with a single feed, polled once.

    None if it was not fetched completely; then the text says what happened instead.
    """
    feed = connection.execute("select outcome, reason from feeds").fetchone()
    capture = connection.execute(
        """
        select id from captures
        where kind = 'feed' and status between 200 and 299 and not truncated
        order by id desc"""
    ).fetchone()
    capture_id = capture["id"] if capture else None
    return capture_id, f"{feed['outcome']}, {feed['reason']}"
