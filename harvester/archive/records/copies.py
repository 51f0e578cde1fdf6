"""Near-duplicates: versions to compare, candidates, and the pairs and clusters found.

The index itself is ``shingle_index``. Does not decide what is a copy; see
``ingest.duplicates`` and ``identity.near_duplicates``.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from harvester.archive.records import shingle_index

# A shingle in more versions than this says nothing, unless this share of a text is such
# shingles: then the earliest versions of each count.
MAX_VERSIONS_PER_SHINGLE = 64
MIN_FREQUENT_SHARE = 0.5
MAX_EARLIEST_VERSIONS = 8
MIN_COMMON_SHINGLES = 2  # of a candidate
MIN_OVERLAP = 0.08  # of a candidate: common shingles, as a share of the smaller sample
MAX_CANDIDATES = 40  # compared with one version; those with most in common
# A shingle is a repeated one if so many versions have it that share less than this.
MIN_SIMILAR_OVERLAP = 0.25
MIN_DISSIMILAR_VERSIONS = 5
# Of either text in the other: a text with several reports in it does not connect them.
MIN_CLUSTER_SHARE = 0.25
_NO_VERSIONS: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class IndexMatches:
    """Versions that share much with one, and its shingles that unlike texts share."""

    version_ids: tuple[int, ...]
    repeated_shingles: frozenset[int]


def count_unindexed_versions(connection: sqlite3.Connection) -> int:
    """The number of versions that are not in the index yet."""
    return int(connection.execute("select count(*) from unsampled").fetchone()[0])


def has_unindexed_versions(connection: sqlite3.Connection, count: int = 1) -> bool:
    """Whether at least so many versions are not in the index yet."""
    row = connection.execute(
        "select 1 from unsampled limit 1 offset ?", [count - 1]
    ).fetchone()
    return row is not None


def list_unindexed_versions(
    connection: sqlite3.Connection, limit: int
) -> list[sqlite3.Row]:
    """Versions that wait to be compared, newest first; see ``list_versions``."""
    rows = connection.execute(
        "select version from unsampled order by version desc limit ?", [limit]
    )
    return list_versions(connection, [row[0] for row in rows])


def list_versions(
    connection: sqlite3.Connection, version_ids: Iterable[int]
) -> list[sqlite3.Row]:
    """Versions with what it takes to compare them, in the order given."""
    ordered = list(version_ids)
    rows = connection.execute(
        """
        select v.id, v.article, v.title, v.text, v.authors, v.published, v.kind,
            a.first_seen, a.id as place
        from versions v
        join articles a on a.key = v.article
        where v.id in (select value from json_each(?))""",
        [json.dumps(ordered)],
    ).fetchall()
    positions = {version_id: index for index, version_id in enumerate(ordered)}
    return sorted(rows, key=lambda row: positions[row["id"]])


def find_similar_versions(
    connection: sqlite3.Connection,
    version_id: int,
    article_key: str,
    shingle_hashes: Sequence[int],
    index: shingle_index.OpenIndex,
) -> IndexMatches:
    """Versions of other articles that share shingles with one, most similar first."""
    matches = [
        {*version_ids} - {version_id} if version_ids else _NO_VERSIONS
        for version_ids in index.find(shingle_hashes, MAX_VERSIONS_PER_SHINGLE + 1)
    ]
    overlaps = _measure_overlaps(connection, article_key, matches)
    similar = {
        other_id
        for other_id, overlap in overlaps.items()
        if overlap >= MIN_SIMILAR_OVERLAP
    }
    repeated_shingles = frozenset(
        shingle
        for shingle, version_ids in zip(shingle_hashes, matches, strict=True)
        if len(version_ids) > MIN_DISSIMILAR_VERSIONS
        and len(version_ids - similar) >= MIN_DISSIMILAR_VERSIONS
    )
    candidates = sorted(
        (other_id for other_id, overlap in overlaps.items() if overlap >= MIN_OVERLAP),
        key=lambda other_id: (-overlaps[other_id], other_id),
    )
    return IndexMatches(tuple(candidates[:MAX_CANDIDATES]), repeated_shingles)


def _measure_overlaps(
    connection: sqlite3.Connection,
    article_key: str,
    matches: Sequence[AbstractSet[int]],
) -> dict[int, float]:
    """Version → its overlap with a sample; ``matches`` are those of each shingle."""
    frequent = [len(version_ids) > MAX_VERSIONS_PER_SHINGLE for version_ids in matches]
    mostly_frequent = sum(frequent) > MIN_FREQUENT_SHARE * len(matches)
    common = Counter(
        version_id
        for version_ids, is_frequent in zip(matches, frequent, strict=True)
        if version_ids and (mostly_frequent or not is_frequent)
        for version_id in (
            sorted(version_ids)[:MAX_EARLIEST_VERSIONS] if is_frequent else version_ids
        )
    )
    sizes = _get_sample_sizes(
        connection,
        article_key,
        [
            version_id
            for version_id, count in common.items()
            if count >= MIN_COMMON_SHINGLES
        ],
    )
    return {
        version_id: common[version_id] / max(min(len(matches), size), 1)
        for version_id, size in sizes.items()
    }


def _get_sample_sizes(
    connection: sqlite3.Connection, article_key: str, version_ids: list[int]
) -> dict[int, int]:
    """Version → size of its sample, for those of other articles."""
    rows = connection.execute(
        """
        select s.version, s.size
        from samples s
        join versions v on v.id = s.version
        where s.version in (select value from json_each(?)) and v.article <> ?""",
        [json.dumps(version_ids), article_key],
    )
    return {row[0]: row[1] for row in rows}


def add_sample(
    connection: sqlite3.Connection,
    version_id: int,
    shingle_hashes: Sequence[int],
    sampler: str,
    index: shingle_index.OpenIndex,
) -> None:
    """Add a version to the index; the caller stores the index."""
    index.add(version_id, shingle_hashes)
    connection.execute(
        "insert or replace into samples (version, size, name) values (?, ?, ?)",
        [version_id, len(shingle_hashes), sampler],
    )
    connection.execute("delete from unsampled where version = ?", [version_id])


def delete_pairs(
    connection: sqlite3.Connection, version_id: int
) -> set[tuple[str, str]]:
    """Delete the pairs found through a version, before it is compared again.

    Returns them, as (article, original).
    """
    rows = connection.execute(
        """
        delete from copies
        where version = :version_id or original_version = :version_id
        returning article, original""",
        {"version_id": version_id},
    ).fetchall()
    return {(row[0], row[1]) for row in rows}


def add_pair(
    connection: sqlite3.Connection,
    copy_version: sqlite3.Row,
    original_version: sqlite3.Row,
    copy_share: float,
    original_share: float,
) -> None:
    """Store that an article is a copy of another; versions as of ``list_versions``.

    Of several pairs of versions of the two, the one with the greatest share stays.
    """
    connection.execute(
        """
        insert into copies (article, original, share, shared, version, original_version)
        values (?, ?, ?, ?, ?, ?)
        on conflict (article, original) do update set
            share = excluded.share, shared = excluded.shared,
            version = excluded.version, original_version = excluded.original_version
        where max(excluded.share, excluded.shared) > max(share, shared)""",
        [
            copy_version["article"],
            original_version["article"],
            copy_share,
            original_share,
            copy_version["id"],
            original_version["id"],
        ],
    )


def merge_clusters(
    connection: sqlite3.Connection, agencies_by_article: Mapping[str, str]
) -> None:
    """Put articles (key → agency named, or "") and their clusters into one cluster."""
    keys = json.dumps(list(agencies_by_article))
    rows = connection.execute(
        """
        select distinct cluster from clusters
        where article in (select value from json_each(?))""",
        [keys],
    ).fetchall()
    clusters = json.dumps([row[0] for row in rows])
    connection.executemany(
        """
        insert into clusters (article, cluster, agency)
        values (:article, :article, :agency)
        on conflict (article) do update
        set agency = iif(:agency = '', agency, :agency)""",
        [
            {"article": article, "agency": agency}
            for article, agency in agencies_by_article.items()
        ],
    )
    first_key = connection.execute(
        """
        select a.key
        from articles a
        where a.key in (select value from json_each(:articles))
        or a.key in (select value from json_each(:clusters))
        order by a.first_seen, a.id
        limit 1""",
        {"articles": keys, "clusters": clusters},
    ).fetchone()[0]
    connection.execute(
        """
        update clusters set cluster = :cluster
        where cluster <> :cluster
        and (cluster in (select value from json_each(:clusters))
            or article in (select value from json_each(:articles)))""",
        {"cluster": first_key, "clusters": clusters, "articles": keys},
    )


def rebuild_clusters(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> None:
    """Rebuild the clusters of these articles from the stored pairs."""
    members = connection.execute(
        """
        select article, agency from clusters
        where cluster in (
            select cluster from clusters
            where article in (select value from json_each(?)))""",
        [json.dumps(sorted(article_keys))],
    ).fetchall()
    agencies = {row["article"]: row["agency"] for row in members}
    keys = json.dumps(list(agencies))
    connection.execute(
        "delete from clusters where article in (select value from json_each(?))", [keys]
    )
    pairs = connection.execute(
        """
        select article, original from copies
        where min(share, shared) >= :min_share
        and article in (select value from json_each(:articles))
        and original in (select value from json_each(:articles))""",
        {"articles": keys, "min_share": MIN_CLUSTER_SHARE},
    ).fetchall()
    for article, original in pairs:
        merge_clusters(
            connection, {article: agencies[article], original: agencies[original]}
        )


# ---- for people


# The agency that an article names, or else the one most named in its cluster.
_AGENCY_SQL = """coalesce(
    nullif(m.agency, ''),
    (select o.agency from clusters o
        where o.cluster = m.cluster and o.agency <> ''
        group by o.agency order by count(*) desc, o.agency limit 1),
    '')"""


def list_similar_articles(
    connection: sqlite3.Connection, key: str
) -> list[dict[str, Any]]:
    """The near-duplicates of an article, first seen first.

    As ``harvest similar --json`` prints them.
    """
    rows = connection.execute(
        f"""
        select a.key as article, a.outlet, a.url, v.title, a.first_seen,
            p.share, p.shared, p.earlier as first, {_AGENCY_SQL} as agency
        from (
            select original as other, share, shared, 1 as earlier
            from copies where article = :key
            union all
            select article, shared, share, 0
            from copies where original = :key) p
        join articles a on a.key = p.other
        join versions v on v.article = a.key and v.number = a.version
        left join clusters m on m.article = a.key
        order by a.first_seen, a.id""",
        {"key": key},
    )
    return [{**dict(row), "first": bool(row["first"])} for row in rows]


def list_pairs(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Every pair of the archive once: the article seen later, then the other."""
    # The agency of each cluster is computed once: done for each pair, a cluster of n
    # articles would take n³ steps.
    rows = connection.execute(
        """
        with named as materialized (
            select cluster, agency from (
                select cluster, agency,
                    row_number() over (
                        partition by cluster order by count(*) desc, agency) as rank
                from clusters
                where agency <> ''
                group by cluster, agency)
            where rank = 1)
        select c.article, a.url, c.original as other, o.url as other_url,
            c.share, c.shared, 1 as first,
            coalesce(nullif(m.agency, ''), n.agency, '') as agency
        from articles a
        join copies c on c.article = a.key
        join articles o on o.key = c.original
        left join clusters m on m.article = c.article
        left join named n on n.cluster = m.cluster
        order by a.id, o.id"""
    )
    return ({**dict(row), "first": bool(row["first"])} for row in rows)


def get_cluster(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The cluster of an article, a row of the view ``reprints``; None if it has none."""
    row: sqlite3.Row | None = connection.execute(
        """
        select r.* from reprints r
        where r.cluster = (select cluster from clusters where article = ?)""",
        [key],
    ).fetchone()
    return row


def get_pair(
    connection: sqlite3.Connection, key: str, other_key: str
) -> sqlite3.Row | None:
    """The pair of two articles, in either order; None if they are not duplicates."""
    row: sqlite3.Row | None = connection.execute(
        """
        select * from copies
        where (article = :key and original = :other)
        or (article = :other and original = :key)""",
        {"key": key, "other": other_key},
    ).fetchone()
    return row


def get_pair_versions(
    connection: sqlite3.Connection, pair: sqlite3.Row
) -> tuple[sqlite3.Row, sqlite3.Row]:
    """The versions of a pair: the copy's, and the original's."""
    copy, original = (
        connection.execute(
            "select article, number, title, text from versions where id = ?",
            [pair[column]],
        ).fetchone()
        for column in ("version", "original_version")
    )
    return copy, original
