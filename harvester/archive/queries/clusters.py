"""Clusters of near-duplicates for people: who published first, and who copied.

Does not decide what is a copy (``ingest.duplicates``); the pairs and clusters
themselves are written by ``archive.records.copies``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

MAX_MEMBERS = 100  # listed of one cluster
MAX_WALKED_ARTICLES = 50_000  # for one page of a list: where copies are rare

_SEVERAL_OUTLETS_SQL = """exists (
    select 1 from clusters m
    join articles b on b.key = m.article
    where m.cluster = a.key and b.outlet <> a.outlet)"""
_SEVERAL_ARTICLES_SQL = """exists (
    select 1 from clusters m
    where m.cluster = a.key and m.article <> a.key)"""
_WITH_OUTLET_SQL = """exists (
    select 1 from clusters m
    join articles b on b.key = m.article
    where m.cluster = a.key and b.outlet = :outlet)"""


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
    names: str | None  # of the other outlets, joined by commas


@dataclass(frozen=True, slots=True)
class ClusterList:
    """A page of a list of clusters."""

    clusters: list[Cluster]
    older_id: int | None  # below which older ones may be; None: there are none


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


def list_clusters(
    connection: sqlite3.Connection,
    limit: int,
    *,
    outlet: str = "",
    include_single_outlet: bool = False,
    before_id: int | None = None,
) -> ClusterList:
    """Clusters, the one with the newest first article first.

    ``outlet``: only clusters with an article of that outlet. ``include_single_outlet``:
    also clusters within one outlet. Looks at ``MAX_WALKED_ARTICLES`` articles, so that a
    list may be shorter than ``limit`` although there are older clusters.
    """
    condition = _SEVERAL_ARTICLES_SQL if include_single_outlet else _SEVERAL_OUTLETS_SQL
    if before_id is None:
        newest = connection.execute("select max(id) from articles").fetchone()[0]
        before_id = (newest or 0) + 1
    floor_id = before_id - MAX_WALKED_ARTICLES
    rows = connection.execute(
        f"""
        select a.id, a.key
        from articles a
        cross join clusters c on c.article = a.key and c.cluster = a.key
        where a.id < :before and a.id >= :floor
        and {condition}
        {f"and {_WITH_OUTLET_SQL}" if outlet else ""}
        order by a.id desc
        limit :limit + 1""",
        {"outlet": outlet, "before": before_id, "floor": floor_id, "limit": limit},
    ).fetchall()
    if len(rows) > limit:
        older_id = rows[limit - 1]["id"]
    else:
        older = connection.execute(
            "select max(id) from articles where id < ?", [floor_id]
        ).fetchone()[0]
        older_id = None if older is None else older + 1
    return ClusterList(
        [get_cluster(connection, row["key"]) for row in rows[:limit]], older_id
    )


def get_cluster(connection: sqlite3.Connection, first_key: str) -> Cluster:
    """The cluster of the article that was seen first."""
    row = connection.execute(
        """
        select a.id, a.key, a.outlet, o.name, a.first_seen, substr(v.title, 1, 300),
            v.language, count(*), count(distinct b.outlet), max(b.first_seen),
            max(m.agency),
            group_concat(distinct case when b.outlet <> a.outlet then n.name end)
        from articles a
        join outlets o on o.key = a.outlet
        join versions v on v.article = a.key and v.number = a.version
        join clusters m on m.cluster = a.key
        join articles b on b.key = m.article
        join outlets n on n.key = b.outlet
        where a.key = ?""",
        [first_key],
    ).fetchone()
    return Cluster(*row)


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
