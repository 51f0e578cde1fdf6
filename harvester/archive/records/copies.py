"""Copies: which versions wait to be compared, which others share words with one, and what was found: pairs and clusters.

Not for: the index itself (``shingles``), nor for what is a copy (``identity.copies``), nor for comparing (``ingest.copies``).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.records import shingle_index

MAX_VERSIONS_PER_SHINGLE = 64  # a shingle known from more versions says nothing …
MIN_FREQUENT_SHARE, MAX_EARLIEST_VERSIONS = (
    0.5,
    8,
)  # … unless so much of a text is such shingles: then the earliest of each count
MIN_COMMON_SHINGLES = 2  # shingles in common that make a candidate
MIN_OVERLAP = 0.08  # share of the smaller sample in common, at least
MAX_CANDIDATES = 40  # candidates compared of one version, those with most in common
MIN_SIMILAR_OVERLAP, MIN_DISSIMILAR_VERSIONS = (
    0.25,
    5,
)  # a shingle in so many versions that share less than that of the sample is a repeated one


MIN_CLUSTER_SHARE = 0.25  # of either text in the other: what contains ever so many reports joins none of them to the next


@dataclass(frozen=True, slots=True)
class IndexMatches:
    """What the index says of a version: rows of others that share much, and the shingles that unlike texts share."""

    version_ids: tuple[int, ...]
    repeated_shingles: frozenset[int]


def count_unindexed_versions(connection: sqlite3.Connection) -> int:
    """How many versions are not in the index yet."""
    return int(connection.execute("select count(*) from unsampled").fetchone()[0])


def has_unindexed_versions(connection: sqlite3.Connection) -> bool:
    """Whether one is not."""
    return connection.execute("select 1 from unsampled limit 1").fetchone() is not None


def list_unindexed_versions(
    connection: sqlite3.Connection, limit: int
) -> list[sqlite3.Row]:
    """Versions that wait to be compared, newest first: rows of ``version``."""
    return list_versions(
        connection,
        [
            row[0]
            for row in connection.execute(
                "select version from unsampled order by version desc limit ?", [limit]
            )
        ],
    )


def list_versions(
    connection: sqlite3.Connection, version_ids: Iterable[int]
) -> list[sqlite3.Row]:
    """Versions with what it takes to compare them, in the order asked for."""
    wanted = list(version_ids)
    rows = connection.execute(
        """select v.id, v.article, v.title, v.text, v.authors, v.published, v.kind, a.first_seen, a.id as place
        from versions v join articles a on a.key = v.article where v.id in (select value from json_each(?))""",
        [json.dumps(wanted)],
    ).fetchall()
    place = {number: at for at, number in enumerate(wanted)}
    return sorted(rows, key=lambda row: place[row["id"]])


def find_similar_versions(
    connection: sqlite3.Connection,
    version_id: int,
    article_key: str,
    shingle_hashes: Sequence[int],
) -> IndexMatches:
    """Which versions of other articles share shingles with one, best first; and which of its shingles are repeated ones."""
    having = [
        set(one) - {version_id}
        for one in shingle_index.find_versions(
            connection, shingle_hashes, MAX_VERSIONS_PER_SHINGLE + 1
        )
    ]
    often = [len(one) > MAX_VERSIONS_PER_SHINGLE for one in having]
    counted: Counter[int] = Counter()
    for one, is_often in zip(having, often, strict=True):
        if not is_often:
            counted.update(one)
        elif sum(often) > MIN_FREQUENT_SHARE * len(shingle_hashes):
            counted.update(sorted(one)[:MAX_EARLIEST_VERSIONS])
    sizes = _get_sample_sizes(
        connection,
        article_key,
        [number for number, common in counted.items() if common >= MIN_COMMON_SHINGLES],
    )
    overlap = {
        number: counted[number] / max(min(len(shingle_hashes), size), 1)
        for number, size in sizes.items()
    }
    alike = {
        number for number, share in overlap.items() if share >= MIN_SIMILAR_OVERLAP
    }
    repeated = frozenset(
        name
        for name, one in zip(shingle_hashes, having, strict=True)
        if len(one) > MIN_DISSIMILAR_VERSIONS
        and len(one - alike) >= MIN_DISSIMILAR_VERSIONS
    )
    best = sorted(
        (number for number, share in overlap.items() if share >= MIN_OVERLAP),
        key=lambda one: (-overlap[one], one),
    )
    return IndexMatches(tuple(best[:MAX_CANDIDATES]), repeated)


def _get_sample_sizes(
    connection: sqlite3.Connection, article_key: str, version_ids: list[int]
) -> dict[int, int]:
    """Version → size of its sample, for those that belong to other articles."""
    rows = connection.execute(
        """select s.version, s.size from samples s join versions v on v.id = s.version
        where s.version in (select value from json_each(?)) and v.article <> ?""",
        [json.dumps(version_ids), article_key],
    )
    return {row[0]: row[1] for row in rows}


def add_sample(
    connection: sqlite3.Connection,
    version_id: int,
    shingle_hashes: Sequence[int],
    sampler: str,
) -> None:
    """Put a version into the index."""
    if shingle_hashes:
        shingle_index.add_version(connection, version_id, shingle_hashes)
    connection.execute(
        "insert or replace into samples (version, size, name) values (?, ?, ?)",
        [version_id, len(shingle_hashes), sampler],
    )
    connection.execute("delete from unsampled where version = ?", [version_id])


def delete_pairs(
    connection: sqlite3.Connection, version_id: int
) -> set[tuple[str, str]]:
    """Take out the pairs that a version shows, since it is compared anew. Returns them."""
    rows = connection.execute(
        "delete from copies where version = ?1 or original_version = ?1 returning article, original",
        [version_id],
    ).fetchall()
    return {(row[0], row[1]) for row in rows}


def add_pair(
    connection: sqlite3.Connection,
    copy_version: sqlite3.Row,
    original_version: sqlite3.Row,
    copy_share: float,
    original_share: float,
) -> None:
    """A pair: rows of ``version_rows``. Of several pairs of versions that with the greatest share stays."""
    connection.execute(
        """insert into copies (article, original, share, shared, version, original_version) values (?, ?, ?, ?, ?, ?)
        on conflict (article, original) do update set share = excluded.share, shared = excluded.shared,
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
    """Articles (two or more, each with the agency that it names) are of one cluster, and so are all that were with either."""
    keys = json.dumps(list(agencies_by_article))
    held = connection.execute(
        "select distinct cluster from clusters where article in (select value from json_each(?))",
        [keys],
    ).fetchall()
    connection.executemany(
        """insert into clusters (article, cluster, agency) values (?1, ?1, ?2)
        on conflict (article) do update set agency = iif(?2 = '', agency, ?2)""",
        list(agencies_by_article.items()),
    )
    known = json.dumps([row[0] for row in held])
    first = connection.execute(
        """select a.key from articles a where a.key in (select value from json_each(?1)) or a.key in (select value from json_each(?2))
        order by a.first_seen, a.id limit 1""",
        [keys, known],
    ).fetchone()[0]
    connection.execute(
        """update clusters set cluster = ?1 where cluster <> ?1 and
        (cluster in (select value from json_each(?2)) or article in (select value from json_each(?3)))""",
        [first, known, keys],
    )


def rebuild_clusters(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> None:
    """Make the clusters of these articles anew from the pairs that there are."""
    marks = json.dumps(sorted(article_keys))
    members = connection.execute(
        """select article, agency from clusters where cluster in
        (select cluster from clusters where article in (select value from json_each(?)))""",
        [marks],
    ).fetchall()
    agencies = {row["article"]: row["agency"] for row in members}
    keys = json.dumps(list(agencies))
    connection.execute(
        "delete from clusters where article in (select value from json_each(?))", [keys]
    )
    pairs = connection.execute(
        """select article, original from copies where min(share, shared) >= ?2
        and article in (select value from json_each(?1)) and original in (select value from json_each(?1))""",
        [keys, MIN_CLUSTER_SHARE],
    ).fetchall()
    for row in pairs:
        merge_clusters(
            connection,
            {one: agencies[one] for one in (row["article"], row["original"])},
        )


# ---- what is asked


_AGENCY_SQL = """coalesce(nullif(m.agency, ''), (select o.agency from clusters o where o.cluster = m.cluster and o.agency <> ''
 group by o.agency order by count(*) desc, o.agency limit 1), '')"""


def list_similar_articles(
    connection: sqlite3.Connection, key: str
) -> list[dict[str, Any]]:
    """The articles that are the same report, earliest first, as ``harvest similar --json`` prints them."""
    rows = connection.execute(
        f"""select a.key as article, a.outlet, a.url, v.title, a.first_seen, p.share, p.shared, p.earlier as first, {_AGENCY_SQL} as agency
        from (select original as other, share, shared, 1 as earlier from copies where article = ?1
              union all select article, shared, share, 0 from copies where original = ?1) p
        join articles a on a.key = p.other join versions v on v.article = a.key and v.number = a.version
        left join clusters m on m.article = a.key order by a.first_seen, a.id""",
        [key],
    )
    return [{**dict(row), "first": bool(row["first"])} for row in rows]


def list_pairs(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Every pair of the archive once: the article seen later, and the other, in the order in which they were first seen."""
    # The agency of each cluster once: asked pair by pair, a cluster of n articles costs n times n times n.
    rows = connection.execute(
        """with named as materialized (
            select cluster, agency from (
                select cluster, agency, row_number() over (partition by cluster order by count(*) desc, agency) as place
                from clusters where agency <> '' group by cluster, agency) where place = 1)
        select c.article, a.url, c.original as other, o.url as other_url, c.share, c.shared, 1 as first,
               coalesce(nullif(m.agency, ''), n.agency, '') as agency
        from articles a join copies c on c.article = a.key join articles o on o.key = c.original
        left join clusters m on m.article = c.article left join named n on n.cluster = m.cluster order by a.id, o.id"""
    )
    return ({**dict(row), "first": bool(row["first"])} for row in rows)


def get_cluster(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The cluster of an article: a row of the view ``reprints``; None where it has none."""
    row: sqlite3.Row | None = connection.execute(
        "select r.* from reprints r where r.cluster = (select cluster from clusters where article = ?)",
        [key],
    ).fetchone()
    return row


def get_pair(
    connection: sqlite3.Connection, key: str, other_key: str
) -> sqlite3.Row | None:
    """The pair of two articles, in whichever order; None where they are not the same report."""
    row: sqlite3.Row | None = connection.execute(
        "select * from copies where (article = ?1 and original = ?2) or (article = ?2 and original = ?1)",
        [key, other_key],
    ).fetchone()
    return row


def get_pair_versions(
    connection: sqlite3.Connection, pair: sqlite3.Row
) -> tuple[sqlite3.Row, sqlite3.Row]:
    """The versions of a pair: of the article seen later, and of the other."""
    one, other = (
        connection.execute(
            "select article, number, title, text from versions where id = ?",
            [pair[name]],
        ).fetchone()
        for name in ("version", "original_version")
    )
    return one, other
