"""Clusters of near-duplicates for people: who published first, and who copied.

Does not decide what is a copy (``ingest.duplicates``); the pairs and clusters
themselves are written by ``archive.records.copies``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harvester.archive.queries import full_text, inflections
from harvester.archive.queries.changes import ChangeCursor
from harvester.archive.queries.conditions import Builder
from harvester.archive.queries.search import require_known_outlets
from harvester.query.tree import Near, Node, Words, list_conjuncts

MAX_MEMBERS = 100  # listed of one cluster
MAX_FOLLOWERS = 6  # named of each in a list
MAX_WALKED_VERSIONS = 10_000  # for one page of a list: where copies are rare
MAX_RARE_VERSIONS = 2_000  # with a word: their clusters are looked up at once
MAX_FOLLOWED = 5_000  # articles, of the clusters that are counted
_LATEST = "9999"

_MEMBERS_SQL = """
    select 1 from clusters m
    join articles a on a.key = m.article
    join versions v on v.article = a.key and v.number = a.version
    where m.cluster = w.article"""
# Versions, newest first by their index, as far as the last that is looked at.
# One bound at each end for the index; what is exact is asked of what it finds.
_TIMES_SQL = """
    w.first_seen >= :least and w.first_seen <= :most and +w.first_seen < :until
    and (+w.first_seen, +w.id) < (:latest, :last_id)
    and (+w.first_seen, +w.id) >= (:floor, :floor_id)"""
# The clusters in which a version has a word, by the first versions of their first articles.
_RARE_SQL = """(
    select distinct n.cluster as article from versions_fts
    cross join versions x on x.id = versions_fts.rowid
    cross join clusters n on n.article = x.article
    where versions_fts match :rare) r
    cross join versions w on w.article = r.article"""


@dataclass(frozen=True, slots=True)
class ClusterFilter:
    """Which clusters: all conditions hold.

    ``query``: an article of it satisfies it in its current version. ``outlets``: it has
    an article of one of them. ``since``, ``until``: when its first article was first
    seen, from the first and before the second. ``includes_single_outlet``: also clusters
    within one outlet.
    """

    query: Node | None = None
    outlets: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    includes_single_outlet: bool = False
    after: ChangeCursor | None = None


@dataclass(frozen=True, slots=True)
class Follower:
    """An article that stood elsewhere first; ``taken`` as in ``ClusterMember``."""

    key: str
    outlet: str
    outlet_name: str
    first_seen: str
    taken: float | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, with the article seen first."""

    id: int  # articles.id of the first article
    first: str  # its key
    outlet: str
    outlet_name: str
    first_seen: str
    title: str
    language: str
    articles: int
    outlets: int
    last_seen: str  # when the last of its articles was first seen
    agency: str
    followers: tuple[Follower, ...] = field(default=())  # the first few

    @property
    def names(self) -> str:
        """The outlets that followed first, joined by commas."""
        others = [
            one.outlet_name for one in self.followers if one.outlet != self.outlet
        ]
        return ",".join(dict.fromkeys(others))


@dataclass(frozen=True, slots=True)
class ClusterMember:
    """An article of a cluster, and what it shares with the first article.

    ``share`` and ``taken`` are None where only other articles connect it to the first.
    """

    key: str
    outlet: str
    outlet_name: str
    first_seen: str
    state: str
    versions: int
    title: str
    version: int  # number of the current version
    language: str
    words: int
    agency: str
    share: float | None  # of its words, found in the first article
    taken: float | None  # of the first article's words, found in it


@dataclass(frozen=True, slots=True)
class FollowCount:
    """How often an outlet had a report after another that had it first."""

    first: str  # outlets' names
    later: str
    count: int  # of reports
    lag_seconds: float  # of half of them at most


def list_first_keys(
    connection: sqlite3.Connection, chosen: ClusterFilter, now: str, limit: int
) -> tuple[list[tuple[ChangeCursor, str]], ChangeCursor | None]:
    """Clusters, the one seen last first: the cursor of each and its first article's key.

    And where the list goes on; None: nowhere. Looks at ``MAX_WALKED_VERSIONS``, so that
    it may be shorter than ``limit`` although there are older ones. Raises QueryError.
    """
    builder = Builder(now)
    conditions, rare = "", ""
    if chosen.query is not None:
        require_known_outlets(connection, chosen.query)
        tree = inflections.choose_forms(connection, chosen.query, False)
        conditions += f"and exists ({_MEMBERS_SQL} and {builder.render(tree)})"
        rare = _find_rare(connection, tree)
    if chosen.outlets:
        outlets = builder.bind(list(chosen.outlets))
        conditions += f"""and exists ({_MEMBERS_SQL}
            and a.outlet in (select value from json_each({outlets})))"""
    if chosen.includes_single_outlet:
        conditions += f"and exists ({_MEMBERS_SQL} and a.key <> w.article)"
    else:
        conditions += f"and exists ({_MEMBERS_SQL} and a.outlet <> f.outlet)"
    parameters = _list_parameters(builder, chosen, rare)
    floor = None if rare else _get_last_walked(connection, parameters)
    if floor is not None:
        parameters |= {
            "least": floor.at,
            "floor": floor.at,
            "floor_id": floor.event_id,
        }
    rows = connection.execute(
        f"""
        select w.id, w.first_seen, w.article
        from {_RARE_SQL if rare else "versions w"}
        cross join clusters c on c.article = w.article and c.cluster = w.article
        cross join articles f on f.key = w.article
        where {_TIMES_SQL} and w.number = 1 {conditions}
        order by w.first_seen desc, w.id desc
        limit :limit""",
        {**parameters, "limit": limit + 1},
    ).fetchall()
    found = [(ChangeCursor(row[1], row[0]), str(row[2])) for row in rows]
    if len(found) > limit:
        return found[:limit], found[limit - 1][0]
    return found, floor


def _list_parameters(
    builder: Builder, chosen: ClusterFilter, rare: str
) -> dict[str, Any]:
    after, until = chosen.after, chosen.until or _LATEST
    return {
        **builder.parameters,
        "least": chosen.since,
        "most": min(after.at, until) if after else until,
        "until": until,
        "latest": after.at if after else _LATEST,
        "last_id": after.event_id if after else 0,
        "floor": "",
        "floor_id": 0,
        "walked": MAX_WALKED_VERSIONS,
        "rare": rare,
    }


def _find_rare(connection: sqlite3.Connection, tree: Node) -> str:
    """FTS5: words that every hit has, if few versions have them; else ""."""
    for node in list_conjuncts(tree)[0]:
        if isinstance(node, Words | Near) and full_text.is_indexed(node):
            expression = full_text.to_expression(node)
            row = connection.execute(
                """
                select count(*) from (
                    select rowid from versions_fts where versions_fts match ? limit ?)""",
                [expression, MAX_RARE_VERSIONS + 1],
            ).fetchone()
            if row[0] <= MAX_RARE_VERSIONS:
                return expression
    return ""


def _get_last_walked(
    connection: sqlite3.Connection, parameters: dict[str, Any]
) -> ChangeCursor | None:
    """The last version that is looked at, if there may be more behind it."""
    row = connection.execute(
        f"""
        select w.first_seen, w.id from versions w
        where {_TIMES_SQL}
        order by w.first_seen desc, w.id desc
        limit 1 offset :walked - 1""",
        parameters,
    ).fetchone()
    return ChangeCursor(row[0], row[1]) if row else None


def load_clusters(connection: sqlite3.Connection, keys: Sequence[str]) -> list[Cluster]:
    """The clusters whose first articles have these keys, in this order."""
    return [get_cluster(connection, key) for key in keys]


def get_cluster(connection: sqlite3.Connection, first_key: str) -> Cluster:
    """The cluster of the article that was seen first."""
    row = connection.execute(
        """
        select a.id, a.key, a.outlet, o.name, a.first_seen, substr(v.title, 1, 300),
            v.language, count(*), count(distinct b.outlet), max(b.first_seen),
            max(m.agency)
        from articles a
        join outlets o on o.key = a.outlet
        join versions v on v.article = a.key and v.number = a.version
        join clusters m on m.cluster = a.key
        join articles b on b.key = m.article
        where a.key = ?""",
        [first_key],
    ).fetchone()
    followers = connection.execute(
        """
        select b.key, b.outlet, o.name, b.first_seen, c.shared
        from clusters m
        join articles b on b.key = m.article
        join outlets o on o.key = b.outlet
        left join copies c on c.article = b.key and c.original = m.cluster
        where m.cluster = :key and m.article <> :key
        order by b.first_seen, b.id
        limit :limit""",
        {"key": first_key, "limit": MAX_FOLLOWERS},
    )
    named = tuple(Follower(*follower) for follower in followers)
    return replace(Cluster(*row), followers=named)


def count_followers(
    connection: sqlite3.Connection, keys: Sequence[str]
) -> list[FollowCount]:
    """Who follows whom in these clusters, most often first."""
    rows = connection.execute(
        """
        select f.outlet, b.outlet,
            (julianday(min(b.first_seen)) - julianday(f.first_seen)) * 86400 as lag
        from json_each(:keys) k
        cross join articles f on f.key = k.value
        cross join clusters m on m.cluster = f.key
        cross join articles b on b.key = m.article
        where b.outlet <> f.outlet
        group by k.key, b.outlet
        limit :limit""",
        {"keys": json.dumps(list(keys)), "limit": MAX_FOLLOWED},
    )
    lags: dict[tuple[str, str], list[float]] = {}
    for first, later, lag in rows:
        lags.setdefault((first, later), []).append(lag)
    names = dict(connection.execute("select key, name from outlets").fetchall())
    followers = [
        FollowCount(
            names[first],
            names[later],
            len(all_lags),
            sorted(all_lags)[len(all_lags) // 2],
        )
        for (first, later), all_lags in lags.items()
    ]
    return sorted(followers, key=lambda one: (-one.count, one.first, one.later))


def get_article_cluster(
    connection: sqlite3.Connection, key: str
) -> tuple[Cluster, list[ClusterMember]] | None:
    """The cluster of an article and its articles, first seen first; None if it has none."""
    cluster = connection.execute(
        "select cluster from clusters where article = ?", [key]
    ).fetchone()
    if cluster is None:
        return None
    first_key = cluster["cluster"]
    rows = connection.execute(
        """
        select a.key, a.outlet, o.name, a.first_seen, a.state, a.versions,
            substr(v.title, 1, 300), v.number, v.language, v.words, m.agency,
            c.share, c.shared
        from clusters m
        join articles a on a.key = m.article
        join outlets o on o.key = a.outlet
        join versions v on v.article = a.key and v.number = a.version
        left join copies c on c.article = a.key and c.original = m.cluster
        where m.cluster = ?
        order by a.first_seen, a.id
        limit ?""",
        [first_key, MAX_MEMBERS],
    ).fetchall()
    if len(rows) < 2:
        return None
    return get_cluster(connection, first_key), [ClusterMember(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """A version of an article in a cluster that is compared with one of the first."""

    article: str
    number: int
    is_current: bool
    title: str
    text: str
    language: str


def get_compared_versions(
    connection: sqlite3.Connection, key: str, first_key: str
) -> tuple[ComparedVersion, ComparedVersion]:
    """The versions of an article and of the first that show best what was copied.

    Those by which their shares are told; the current ones where only other articles
    connect the two.
    """
    pair = connection.execute(
        "select version, original_version from copies where article = ? and original = ?",
        [key, first_key],
    ).fetchone()
    copy, first = (
        connection.execute(
            """
            select v.article, v.number, v.number = a.version, v.title, v.text, v.language
            from articles a
            join versions v on v.article = a.key
            where a.key = :key
            and iif(:version is null, v.number = a.version, v.id = :version)""",
            {"key": article, "version": version},
        ).fetchone()
        for article, version in zip((key, first_key), pair or (None, None), strict=True)
    )
    return ComparedVersion(*copy), ComparedVersion(*first)
