"""Clusters of near-duplicates for people: who published first, and who copied.

Does not decide what is a copy (``ingest.duplicates``); the pairs and clusters
themselves are written by ``archive.records.copies``.
"""

from __future__ import annotations

import sqlite3
from typing import Any

ClusterRow = dict[str, Any]

MAX_MEMBERS = 100  # listed of one cluster

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


def list_clusters(
    connection: sqlite3.Connection,
    limit: int,
    *,
    outlet: str = "",
    include_single_outlet: bool = False,
    before_id: int | None = None,
) -> list[ClusterRow]:
    """Clusters, the one with the newest first article first.

    ``outlet``: only clusters with an article of that outlet. ``include_single_outlet``:
    also clusters within one outlet.

    Each has ``first`` (key of the article seen first) with its outlet, title and time,
    ``articles``, ``outlets``, ``names`` (of the outlets that have it, except the
    first), ``agency`` and ``last_seen`` (when its last article was first seen).
    """
    condition = _SEVERAL_ARTICLES_SQL if include_single_outlet else _SEVERAL_OUTLETS_SQL
    rows = connection.execute(
        f"""
        select a.key
        from articles a
        join clusters c on c.article = a.key and c.cluster = a.key
        where {condition}
        and (:outlet = '' or {_WITH_OUTLET_SQL})
        and (:before is null or a.id < :before)
        order by a.id desc
        limit :limit""",
        {"outlet": outlet, "before": before_id, "limit": limit},
    ).fetchall()
    return [_get_cluster(connection, row["key"]) for row in rows]


def _get_cluster(connection: sqlite3.Connection, first_key: str) -> ClusterRow:
    row = connection.execute(
        """
        select a.id, a.key as first, a.outlet, o.name as outlet_name, a.first_seen,
            substr(v.title, 1, 300) as title, v.language,
            count(*) as articles, count(distinct b.outlet) as outlets,
            max(b.first_seen) as last_seen, max(m.agency) as agency,
            group_concat(
                distinct case when b.outlet <> a.outlet then n.name end) as names
        from articles a
        join outlets o on o.key = a.outlet
        join versions v on v.article = a.key and v.number = a.version
        join clusters m on m.cluster = a.key
        join articles b on b.key = m.article
        join outlets n on n.key = b.outlet
        where a.key = ?""",
        [first_key],
    ).fetchone()
    return dict(row)


def get_article_cluster(
    connection: sqlite3.Connection, key: str
) -> tuple[ClusterRow, list[ClusterRow]] | None:
    """The cluster of an article and its articles, first seen first; None if it has none.

    Each article has ``share`` (the part of its words that are in the first article) and
    ``taken`` (the part of the first article's words that are in it); both are None
    where only other articles connect it to the first.
    """
    cluster = connection.execute(
        "select cluster from clusters where article = ?", [key]
    ).fetchone()
    if cluster is None:
        return None
    first_key = cluster["cluster"]
    rows = connection.execute(
        """
        select a.key, a.outlet, o.name as outlet_name, a.url, a.first_seen, a.state,
            a.versions, substr(v.title, 1, 300) as title, v.number as version,
            v.language, v.words, m.agency, c.share, c.shared as taken
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
    return _get_cluster(connection, first_key), [dict(row) for row in rows]
