"""Clusters for people: which report stands in several places, who had it first, and who took it over. Reads only.

Not for: deciding what is a copy (``ingest``), nor for the index by which copies are found (``shingles``, ``copies``).
"""

from __future__ import annotations

import sqlite3
from typing import Any

ClusterRow = dict[str, Any]

MAX_MEMBERS = 100  # of one cluster that are listed
_SEVERAL_OUTLETS_SQL = "exists (select 1 from clusters m join articles b on b.key = m.article where m.cluster = a.key and b.outlet <> a.outlet)"
_SEVERAL_ARTICLES_SQL = (
    "exists (select 1 from clusters m where m.cluster = a.key and m.article <> a.key)"
)


def list_clusters(
    connection: sqlite3.Connection,
    limit: int,
    *,
    outlet: str = "",
    include_single_outlet: bool = False,
    before_id: int | None = None,
) -> list[ClusterRow]:
    """Clusters, the newest first article first. ``outlet``: in which it has a part; ``within``: those of one outlet alone too.

    Each with ``first`` (key of the article seen first), its outlet, title and time, ``articles``, ``outlets``, ``names`` (of the outlets
    that have it, but the first), ``agency`` and ``last_seen`` (when the last of them was first seen).
    """
    taken = "exists (select 1 from clusters m join articles b on b.key = m.article where m.cluster = a.key and b.outlet = :outlet)"
    firsts = [
        row[0]
        for row in connection.execute(
            f"""select a.key from articles a join clusters c on c.article = a.key and c.cluster = a.key
            where {_SEVERAL_ARTICLES_SQL if include_single_outlet else _SEVERAL_OUTLETS_SQL} and (:outlet = '' or {taken}) and (:before is null or a.id < :before)
            order by a.id desc limit :limit""",
            {"outlet": outlet, "before": before_id, "limit": limit},
        )
    ]
    return [_get_cluster(connection, key) for key in firsts]


def _get_cluster(connection: sqlite3.Connection, key: str) -> ClusterRow:
    row = connection.execute(
        """select a.id, a.key as first, a.outlet, o.name as outlet_name, a.first_seen, substr(v.title, 1, 300) as title, v.language,
            count(*) as articles, count(distinct b.outlet) as outlets, max(b.first_seen) as last_seen, max(m.agency) as agency,
            group_concat(distinct case when b.outlet <> a.outlet then n.name end) as names
        from articles a join outlets o on o.key = a.outlet join versions v on v.article = a.key and v.number = a.version
        join clusters m on m.cluster = a.key join articles b on b.key = m.article join outlets n on n.key = b.outlet
        where a.key = ?""",
        [key],
    ).fetchone()
    return dict(row)


def get_article_cluster(
    connection: sqlite3.Connection, key: str
) -> tuple[ClusterRow, list[ClusterRow]] | None:
    """The cluster of an article, and its articles in the order in which they were seen; None where it has none.

    Each with ``share``: the part of its words that stand in the first, ``taken``: the part of the first's words that stand in it; None
    where it is joined to the first by others only.
    """
    found = connection.execute(
        "select cluster from clusters where article = ?", [key]
    ).fetchone()
    if found is None:
        return None
    rows = connection.execute(
        """select a.key, a.outlet, o.name as outlet_name, a.url, a.first_seen, a.state, a.versions, substr(v.title, 1, 300) as title,
            v.number as version, v.language, v.words, m.agency, c.share, c.shared as taken
        from clusters m join articles a on a.key = m.article join outlets o on o.key = a.outlet
        join versions v on v.article = a.key and v.number = a.version
        left join copies c on c.article = a.key and c.original = m.cluster
        where m.cluster = ? order by a.first_seen, a.id limit ?""",
        [found["cluster"], MAX_MEMBERS],
    ).fetchall()
    if len(rows) < 2:
        return None
    return _get_cluster(connection, found["cluster"]), [dict(row) for row in rows]
