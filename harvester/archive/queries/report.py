"""The state of the harvest: outlets, feeds and their problems, and counts that add up.

Does not check the file; see ``archive.integrity`` and ``archive.repair.diagnosis``.
"""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive import stored_json
from harvester.archive.queries.feed_advice import get_advice
from harvester.archive.records import counts, origins
from harvester.archive.records.crawls import get_last_activity
from harvester.archive.records.due_visits import get_next_due
from harvester.archive.records.feeds import (
    EMPTY_FEED,
    GONE_POLLS,
    SITEMAP_INDEX,
    dates_prove_true,
)
from harvester.model import ArticleState, Outcome

READ_OUTCOMES = (Outcome.CHANGED.value, Outcome.UNCHANGED.value)
MAX_HOSTS = 20  # of one outlet that are described


def list_outlets(
    connection: sqlite3.Connection, outlet_keys: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """All outlets, or those given, with their feeds and the state of each.

    Reads what is counted already, so it does not grow with the archive.
    """
    articles = counts.count_by(connection, "articles")
    versions = counts.count_by(connection, "versions")
    entries = _count_entries_by_feed(connection)
    holds = _list_rate_limits(connection)
    outlets = []
    for row in connection.execute("select * from outlets order by active desc, key"):
        key = row["key"]
        if outlet_keys and key not in outlet_keys:
            continue
        states = articles.get(key, {})
        newest = connection.execute(
            "select max(first_seen) from articles where outlet = ?", [key]
        ).fetchone()
        feeds = _list_feeds(connection, key, holds)
        for feed in feeds:
            outcomes = entries.get(feed["feed"], {})
            feed["entries"] = sum(outcomes.values())
        outlets.append(
            {
                "outlet": key,
                "name": row["name"],
                "active": bool(row["active"]),
                "volume": row["volume"],
                "articles": sum(states.values()),
                "versions": sum(versions.get(key, {}).values()),
                "newest": newest[0],
                "removed": states.get("removed", 0),
                "waiting": sum(
                    entries.get(feed["feed"], {}).get("waiting", 0) for feed in feeds
                ),
                "troubles": _list_problems(connection, key),
                "feeds": feeds,
                "hosts": _list_hosts(connection, key),
            }
        )
    return outlets


def _list_hosts(connection: sqlite3.Connection, outlet: str) -> list[dict[str, Any]]:
    """robots.txt, and what is reserved, of the hosts of an outlet's feeds and sites."""
    rows = connection.execute(
        """
        select origin, robots_status, robots_read_at, reserved from hosts
        where site in (select site from feeds where outlet = ? and site <> '')
            and (robots_at is not null or tdmrep_at is not null)
        order by origin
        limit ?""",
        [outlet, MAX_HOSTS],
    )
    return [dict(row) for row in rows]


def _count_entries_by_feed(
    connection: sqlite3.Connection,
) -> dict[str, dict[str, int]]:
    """Feed → outcome → number of its entries."""
    rows = connection.execute(
        "select feed, outcome, sum(entries) from entry_counts group by feed, outcome"
    )
    feeds: dict[str, dict[str, int]] = {}
    for feed, outcome, number in rows:
        feeds.setdefault(feed, {})[outcome] = number
    return feeds


# An index has just these entries; a query that names the condition is read from it.
_PROBLEM_CONDITION = """
    e.outcome in ('failed', 'blocked', 'refused', 'empty', 'waiting')
    and e.reason <> 'not visited yet'"""


def _list_problems(
    connection: sqlite3.Connection, outlet: str, limit: int = 5
) -> list[dict[str, Any]]:
    """Why pages of an outlet's entries could not be fetched or read, most frequent first.

    Outcome, reason, number of entries, and when such an entry was last announced.
    """
    rows = connection.execute(
        f"""
        with problems as (
            select c.outcome, c.reason, sum(c.entries) as count
            from feeds f
            join entry_counts c on c.feed = f.url
            where f.outlet = :outlet
            and (c.outcome in ('failed', 'blocked', 'refused', 'empty')
                or (c.outcome = 'waiting' and c.reason <> 'not visited yet'))
            group by c.outcome, c.reason
            order by count desc, c.reason
            limit :limit)
        select p.outcome, p.reason, p.count,
            (select max((
                    select max(e.last_seen) from entries e
                    where e.feed = f.url
                    and e.outcome = p.outcome and e.reason = p.reason
                    and {_PROBLEM_CONDITION}))
                from feeds f
                where f.outlet = :outlet) as last_seen
        from problems p
        order by p.count desc, p.reason""",
        {"outlet": outlet, "limit": limit},
    )
    return [dict(row) for row in rows]


@dataclass(frozen=True, slots=True)
class _RateLimit:
    """Until when nothing of a site may be requested, and why."""

    site: str
    not_before: str
    reason: str


def _list_rate_limits(connection: sqlite3.Connection) -> list[_RateLimit]:
    """Sites that were ever rate-limited, the latest time first."""
    rows = connection.execute(
        """
        select site, not_before, reason from hosts
        where not_before is not null
        order by not_before desc"""
    )
    return [_RateLimit(*row) for row in rows]


def _list_feeds(
    connection: sqlite3.Connection, outlet: str, rate_limits: list[_RateLimit]
) -> list[dict[str, Any]]:
    rows = connection.execute(
        """
        select f.url as feed, f.section, f.active, f.kind, f.title, f.outcome, f.reason,
            f.since, f.polled, f.read_at, f.new_at, f.failures, f.due, f.moved_to,
            f.wished_seconds, f.wished, f.rhythm, f.dated_looks, f.dated_edits,
            f.moved_since, f.asked, f.gone_polls, f.parent, f.proposal, 0 as entries,
            null as not_before, null as held_because, f.site
        from feeds f
        where f.outlet = ?
        order by f.active desc, f.rowid""",
        [outlet],
    )
    feeds = []
    for row in rows:
        feed = {**dict(row), "active": bool(row["active"])}
        proposal = stored_json.parse_object(row["proposal"])
        is_failing = row["outcome"] not in (*READ_OUTCOMES, Outcome.WAITING.value)
        feed["proposal"] = None
        if is_failing and proposal.get("url"):
            url = shlex.quote(str(proposal["url"]))
            command = f"harvest add --replace --key {outlet} {url}"
            feed["proposal"] = {**proposal, "command": command}
        site = feed.pop("site")
        for limit in rate_limits:
            if limit.site == site or f"{limit.site}/" in feed["feed"]:
                feed["not_before"] = limit.not_before
                feed["held_because"] = limit.reason
                break
        feeds.append(feed)
    return feeds


def list_feeds(
    connection: sqlite3.Connection, outlets: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Outlet → its feeds and the state of each, without the numbers of entries."""
    limits = _list_rate_limits(connection)
    return {outlet: _list_feeds(connection, outlet, limits) for outlet in outlets}


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
        if feed["parent"]:
            return "no longer among the newest sitemaps of its index; kept", ""
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
        moved, advice = _describe_move(feed, format_time)
        wish = f"; its server states: {feed['wished']}" if feed["wished"] else ""
        dates = _describe_dates(feed)
        if reason.startswith(EMPTY_FEED):
            reason = f"{reason} since {format_time(feed['since'])}"
        return f"{reason or 'read'}{news}{wish}{dates}{moved}{limited}", advice
    since = f"since {format_time(feed['since'])}"
    times = f", {feed['failures']} times in a row" if feed["failures"] > 1 else ""
    last = "; never read so far"
    if feed["read_at"]:
        last = f"; last read {format_time(feed['read_at'])}"
    proposed = _describe_proposal(feed.get("proposal"))
    if feed["gone_polls"] >= GONE_POLLS:
        return (
            f"gone for good: {reason} {since}{times}{last}; polled once a week",
            proposed
            or "`harvest add --replace` with the site's address looks for its new feed; "
            "or remove it from the settings",
        )
    return (
        f"{outcome}: {reason} {since}{times}{last}{limited}",
        proposed or get_advice(outcome, reason),
    )


def _describe_proposal(proposal: dict[str, Any] | None) -> str:
    """The feed that was found in the place of a dead one, and what takes it."""
    if not proposal:
        return ""
    entries, known = proposal.get("entries", 0), proposal.get("known", 0)
    return (
        f"another feed was found, with {entries} entries, {known} of them articles of "
        f"the archive: `{proposal['command']}` takes it"
    )


def _describe_dates(feed: dict[str, Any]) -> str:
    """Whether a feed's dates of change are used; "" if they prompted no look."""
    looks, edits = feed["dated_looks"], feed["dated_edits"]
    if not looks:
        return ""
    found = f"{edits} of {looks} checks that they prompted found an edit"
    verdict = dates_prove_true(looks, edits)
    if verdict is None:
        return f"; its dates of change are tried: {found}"
    words = "prove true" if verdict else "are not used any more"
    return f"; its dates of change {words}: {found}"


def _describe_move(
    feed: dict[str, Any], format_time: Callable[[str], str]
) -> tuple[str, str]:
    """That a feed has moved for good, and what to do; "" for both if it has not.

    The same of a sitemap index, which is read and announces nothing by itself.
    """
    if feed["reason"].startswith(SITEMAP_INDEX):
        return "", (
            "put the sitemaps it lists that have news in its place in the settings"
            if "not followed" in feed["reason"]
            else ""
        )
    if not feed["moved_to"]:
        return "", ""
    since = format_time(feed["moved_since"])
    asked = "; it is asked there" if feed["asked"] else ""
    return (
        f"; moved permanently to {feed['moved_to']} (since {since}){asked}",
        "put the new URL in its place in the settings; nothing is lost",
    )


def get_stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts of everything in the archive, as they are kept.

    Each total is the sum of the counts beside it, and of the outlets' totals.
    """
    per_outlet: dict[str, dict[str, Any]] = {
        row["key"]: {"active": bool(row["active"]), "feeds": 0, **_empty_counts()}
        for row in connection.execute("select key, active from outlets order by key")
    }
    totals = _empty_counts()
    _count_feeds_and_entries(connection, totals, per_outlet)
    _count_articles_and_edits(connection, totals, per_outlet)
    return {
        "feeds": sum(outlet["feeds"] for outlet in per_outlet.values()),
        **totals,
        "kinds": _sum_by_value(connection, "kinds"),
        "access": _sum_by_value(connection, "access"),
        "captures": {
            "count": counts.sum_counts(connection, "captures"),
            "imported": origins.count_captures(connection),
            "bytes": counts.sum_counts(connection, "bytes"),
        },
        "crawls": {
            "count": counts.sum_counts(connection, "crawls"),
            "last": connection.execute("select max(started) from crawls").fetchone()[0],
            "visits": counts.sum_counts(connection, "visits"),
        },
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
        select f.outlet, c.outcome, sum(c.entries) as count
        from entry_counts c
        join feeds f on f.url = c.feed
        group by f.outlet, c.outcome"""
    ):
        for group in (totals, per_outlet[row["outlet"]]):
            _add_count(group["entries"], row["outcome"], row["count"])


def _count_articles_and_edits(
    connection: sqlite3.Connection,
    totals: dict[str, Any],
    per_outlet: dict[str, dict[str, Any]],
) -> None:
    for what in ("articles", "edits"):
        for outlet, by_value in counts.count_by(connection, what).items():
            for group in (totals, per_outlet[outlet]):
                for value, number in by_value.items():
                    _add_count(group[what], value, number)
    for what in ("versions", "duplicates"):
        for outlet, by_value in counts.count_by(connection, what).items():
            for group in (totals, per_outlet[outlet]):
                group[what] += sum(by_value.values())


def _sum_by_value(connection: sqlite3.Connection, what: str) -> dict[str, int]:
    """Value → number over all outlets, such as articles by kind."""
    sums: dict[str, int] = {}
    for by_value in counts.count_by(connection, what).values():
        for value, number in by_value.items():
            sums[value] = sums.get(value, 0) + number
    return dict(sorted(sums.items()))


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


def get_last_crawl(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The newest crawl, with its counts; None if there was none."""
    row = connection.execute("select * from crawls order by id desc limit 1").fetchone()
    return (
        {**dict(row), "counts": stored_json.parse_object(row["counts"])}
        if row
        else None
    )


def get_thinned(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """How many bodies were thinned out, their bytes, and when the last; None if none."""
    row = connection.execute(
        """
        select count(*) as captures, sum(bytes) as bytes, max(thinned) as last
        from captures where thinned is not null
        """
    ).fetchone()
    return dict(row) if row["captures"] else None


def find_stall(
    connection: sqlite3.Connection, before: str
) -> tuple[str, str | None] | None:
    """Since when something is due, and when a crawl last did anything (None: never).

    None unless both are earlier than ``before``: a crawl that is behind is no stall.
    """
    due = get_next_due(connection)
    active = get_last_activity(connection)
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
