"""How each feed does at present, in one word: for overviews of all feeds.

In full, with what to do about it: ``report``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harvester.model import Outcome

MAX_FEEDS = 5_000  # sitemaps of an index are many
MAX_SILENCES = 2_000  # events that are looked at, the latest

Health = Literal["failing", "silent", "waiting", "well"]
HEALTH_ORDER: tuple[Health, ...] = ("failing", "silent", "waiting", "well")


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed that is polled."""

    outlet: str
    feed: str
    title: str
    outcome: str
    reason: str
    since: str  # of outcome and reason
    failures: int  # in a row
    silent_since: str = ""  # nothing new although that is unusual; "": it is not so

    @property
    def health(self) -> Health:
        """Silent: read, with nothing new; waiting: not read yet, for no fault of its own."""
        if self.outcome in (Outcome.CHANGED.value, Outcome.UNCHANGED.value):
            return "silent" if self.silent_since else "well"
        is_waiting = self.outcome == Outcome.WAITING.value and not self.failures
        return "waiting" if is_waiting else "failing"


def list_feed_states(
    connection: sqlite3.Connection, outlets: Sequence[str] = ()
) -> list[FeedState]:
    """The feeds of these outlets, or of all: trouble first, the latest before others."""
    silences = list_silences(connection)
    rows = connection.execute(
        """
        select f.outlet, f.url, f.title, f.outcome, f.reason, f.since, f.failures
        from feeds f join outlets o on o.key = f.outlet
        where f.active and o.active
            and (:outlets = '[]' or f.outlet in (select value from json_each(:outlets)))
        order by f.since desc, f.outlet, f.url
        limit :limit""",
        {
            "outlets": json.dumps(outlets),
            "limit": MAX_FEEDS,
        },
    )
    states = [FeedState(*[*row, silences.get(row["url"], "")]) for row in rows]
    return sorted(states, key=lambda state: HEALTH_ORDER.index(state.health))


def list_silences(connection: sqlite3.Connection) -> dict[str, str]:
    """Feeds that are silent: their URL → since when."""
    silences: dict[str, str] = {}
    rows = connection.execute(
        """
        select feed, kind, since from (
            select feed, kind, coalesce(since, at) as since, at, id from (
                select * from events where kind = 'feed silent'
                order by at desc limit :limit)
            union all
            select feed, kind, at, at, id from (
                select * from events where kind = 'feed active'
                order by at desc limit :limit))
        where feed is not null
        order by at, id""",
        {"limit": MAX_SILENCES},
    )
    for feed, kind, since in rows:
        if kind == "feed silent":
            silences[feed] = since
        else:
            silences.pop(feed, None)
    return silences


def list_volumes(
    connection: sqlite3.Connection, outlets: Sequence[str]
) -> dict[str, str]:
    """Outlet → what was learned of how many articles it brings, as JSON."""
    rows = connection.execute(
        """
        select o.key, o.volume from json_each(:outlets) k
        cross join outlets o on o.key = k.value""",
        {"outlets": json.dumps(outlets)},
    )
    return {row[0]: row[1] for row in rows}


def list_alarms(connection: sqlite3.Connection) -> dict[str, str]:
    """Active outlet → "few" or "many", where it brings unusually few or many articles."""
    rows = connection.execute(
        """
        select key, volume ->> '$.alarm' as alarm from outlets
        where active and json_valid(volume) and alarm in ('few', 'many')"""
    )
    return {row[0]: row[1] for row in rows}


def count_losses(connection: sqlite3.Connection, since: str) -> dict[str, int]:
    """Outlet → its feeds' gaps since a time that are not filled."""
    rows = connection.execute(
        """
        select f.outlet, count(*) from feeds f
        cross join gaps g on g.feed = f.url and g.until >= ?
        where f.active and g.state <> 'filled'
        group by f.outlet""",
        [since],
    )
    return {row[0]: row[1] for row in rows}


def list_daily_articles(
    connection: sqlite3.Connection, outlets: Sequence[str], first: str, last: str
) -> dict[str, dict[str, int]]:
    """Outlet → day → articles first seen on it, as counted; without days of none."""
    rows = connection.execute(
        """
        select d.outlet, d.day, d.articles from json_each(:outlets) k
        cross join daily_counts d on d.outlet = k.value
            and d.day >= :first and d.day <= :last""",
        {"outlets": json.dumps(outlets), "first": first, "last": last},
    )
    days: dict[str, dict[str, int]] = {outlet: {} for outlet in outlets}
    for outlet, day, articles in rows:
        days[outlet][day] = articles
    return days
