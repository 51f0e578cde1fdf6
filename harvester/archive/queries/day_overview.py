"""What came on one day and what changed, by outlet: few rows, whatever the archive has.

Each outlet's articles are a range of an index, as are the events of a kind; no more of
either than ``MAX_COUNTED`` are counted, and no more clusters' articles looked at than
``MAX_CLUSTERED``. A day is a day in UTC: from ``since`` on, before ``until``.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.queries import clusters, overview
from harvester.archive.queries.clusters import Cluster
from harvester.archive.queries.overview import LatestArticle
from harvester.archive.records import event_ids

MAX_COUNTED = 10_000  # articles of an outlet, changes of a kind
MAX_CLUSTERED = 5_000  # articles of a day, the newest: whether they are copies
DAY_KINDS = (*event_ids.EDIT_KINDS, "removed", "returned")
# Of an article a: a backfill found it, and it was published before the day.
_OF_EARLIER_SQL = """(
    exists (select 1 from backfills)
    and exists (
        select 1 from entries n
        where n.article = a.key and +n.backfill is not null
            and coalesce(n.published, '') < :since
    )
)"""


@dataclass(frozen=True, slots=True)
class OutletDay:
    """What an outlet brought on a day; counts end at ``MAX_COUNTED``."""

    outlet: str
    name: str
    active: bool
    articles: int  # first seen on that day, without those ``earlier``
    latest: str | None  # when the last of them was
    newest: str | None  # of all its articles
    edits: int = 0
    silent: int = 0  # of these, unacknowledged
    removals: int = 0
    returns: int = 0
    earlier: int = 0  # published before that day, and found on it by a backfill


def list_outlet_days(
    connection: sqlite3.Connection, since: str, until: str
) -> list[OutletDay]:
    """All outlets by key, with what each brought and changed."""
    changes = _count_changes(connection, since, until)
    earlier = _count_earlier(connection, since, until)
    rows = connection.execute(
        """
        select o.key, o.name, o.active,
            (select count(*) from (
                select 1 from articles a
                where a.outlet = o.key and a.first_seen >= :since
                    and a.first_seen < :until
                limit :limit)),
            (select max(a.first_seen) from articles a
                where a.outlet = o.key and a.first_seen >= :since
                    and a.first_seen < :until),
            (select max(a.first_seen) from articles a where a.outlet = o.key)
        from outlets o
        order by o.key""",
        {"since": since, "until": until, "limit": MAX_COUNTED},
    )
    days = []
    for key, name, active, articles, latest, newest in rows:
        counts = changes.get(key, Counter())
        articles -= earlier[key]
        days.append(
            OutletDay(
                key,
                name,
                bool(active),
                articles,
                latest if articles else None,
                newest,
                edits=sum(counts[kind] for kind in event_ids.EDIT_KINDS),
                silent=counts["silent"],
                removals=counts["removed"],
                returns=counts["returned"],
                earlier=earlier[key],
            )
        )
    return days


def _count_earlier(
    connection: sqlite3.Connection, since: str, until: str
) -> Counter[str]:
    """Outlet → how many articles of earlier days backfills found on a day."""
    rows = connection.execute(
        f"""
        select o.key, (select coalesce(sum(earlier), 0) from (
            select {_OF_EARLIER_SQL} as earlier from articles a
            where a.outlet = o.key and a.first_seen >= :since
                and a.first_seen < :until
            limit :limit))
        from outlets o where o.key in (select outlet from backfills)""",
        {"since": since, "until": until, "limit": MAX_COUNTED},
    )
    return Counter(dict(rows.fetchall()))


def _count_changes(
    connection: sqlite3.Connection, since: str, until: str
) -> dict[str, Counter[str]]:
    """Outlet → how many events of each kind; "silent": of edits, unacknowledged."""
    span = {"since": since, "until": until, "limit": MAX_COUNTED}
    # By the index alone: a row of ``changes`` has its sentences before its class.
    silent: set[int] = set()
    for name in event_ids.STORED_CLASSES:
        rows = connection.execute(
            """
            select id from changes
            where class = :class and silent = 1 and at >= :since and at < :until
            limit :limit""",
            {**span, "class": name},
        )
        silent.update(row[0] for row in rows)
    outlets: dict[str, Counter[str]] = {}
    for kind in DAY_KINDS:
        rows = connection.execute(
            """
            select outlet, change from events
            where kind = :kind and at >= :since and at < :until
                and +article is not null
            order by at desc limit :limit""",
            {**span, "kind": kind},
        )
        for outlet, change in rows:
            counts = outlets.setdefault(outlet, Counter())
            counts[kind] += 1
            counts["silent"] += change in silent
    return outlets


def list_day_articles(
    connection: sqlite3.Connection,
    outlets: Sequence[str],
    since: str,
    until: str,
    per_outlet: int,
) -> dict[str, list[LatestArticle]]:
    """Outlet → the articles that were first seen last on a day, newest first."""
    ids = {
        outlet: _list_ids(connection, outlet, since, until, per_outlet)
        for outlet in outlets
    }
    loaded = overview.load_articles(
        connection, [id for listed in ids.values() for _, id in listed]
    )
    return {
        outlet: [loaded[id] for _, id in listed if id in loaded]
        for outlet, listed in ids.items()
    }


def _list_ids(
    connection: sqlite3.Connection, outlet: str, since: str, until: str, limit: int
) -> list[tuple[str, int]]:
    rows = connection.execute(
        f"""
        select a.first_seen, a.id from articles a
        where a.outlet = :outlet and a.first_seen >= :since and a.first_seen < :until
            and not {_OF_EARLIER_SQL}
        order by a.first_seen desc, a.id desc
        limit :limit""",
        {"outlet": outlet, "since": since, "until": until, "limit": limit},
    )
    return [(row[0], row[1]) for row in rows]


def list_day_clusters(
    connection: sqlite3.Connection,
    outlets: Sequence[str],
    since: str,
    until: str,
    limit: int,
) -> list[Cluster]:
    """Texts in several outlets that came to these outlets on a day, most copied first."""
    # No outlet has all of the looked-at articles to itself: the newest count.
    newest = heapq.nlargest(
        MAX_CLUSTERED,
        (
            row
            for outlet in outlets
            for row in _list_ids(
                connection, outlet, since, until, MAX_CLUSTERED // len(outlets) + 1
            )
        ),
    )
    rows = connection.execute(
        """
        select c.cluster, count(*) from json_each(?) k
        cross join articles a on a.id = k.value
        join clusters c on c.article = a.key
        group by 1""",
        [json.dumps([id for _, id in newest])],
    )
    # A cluster that came whole on that day has two of them; one that grew, one.
    grown = heapq.nlargest(limit * 4, ((count, key) for key, count in rows))
    found = [clusters.get_cluster(connection, key) for _, key in grown]
    found = [cluster for cluster in found if cluster.outlets > 1]
    return sorted(found, key=lambda one: (-one.outlets, -one.articles, -one.id))[:limit]


def find_neighbours(
    connection: sqlite3.Connection, since: str, until: str
) -> tuple[str | None, str | None]:
    """The last day before and the first after, on which anything came or changed."""
    before = _list_times(connection, "max", "<", since)
    after = _list_times(connection, "min", ">=", until)
    return max(before, default="")[:10] or None, min(after, default="")[:10] or None


def _list_times(
    connection: sqlite3.Connection, function: str, comparison: str, bound: str
) -> list[str]:
    """Of each outlet's articles and each kind of events: the time next to a bound."""
    rows = connection.execute(
        f"""
        select (select {function}(a.first_seen) from articles a
            where a.outlet = o.key and a.first_seen {comparison} :bound)
        from outlets o
        union all
        select (select {function}(e.at) from events e
            where e.kind = k.value and e.at {comparison} :bound)
        from json_each(:kinds) k""",
        {"bound": bound, "kinds": json.dumps(DAY_KINDS)},
    )
    return [row[0] for row in rows if row[0]]


def list_day_events(
    connection: sqlite3.Connection,
    kinds: Sequence[str],
    since: str,
    until: str,
    limit: int,
) -> list[overview.ArticleEvent]:
    """The last events of these kinds on a day, newest first."""
    found: list[tuple[str, int]] = []
    for kind in kinds:
        rows = connection.execute(
            """
            select at, id from events
            where kind = :kind and at >= :since and at < :until
                and +article is not null
            order by at desc, id desc limit :limit""",
            {"kind": kind, "since": since, "until": until, "limit": limit},
        )
        found += [(row[0], row[1]) for row in rows]
    newest = heapq.nlargest(limit, found)
    return overview.load_events(connection, [id for _, id in newest])
