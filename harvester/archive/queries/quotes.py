"""Versions that may contain a sentence, by the full-text and the shingle index.

Does not check whether they do; see ``identity.quote_match``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Sequence

from harvester.archive.records import shingle_index

MAX_VERSIONS = 5_000  # candidates, those first held
MAX_VERSIONS_PER_SHINGLE = 1_000
_BATCH_VERSIONS = 100  # texts in memory at a time


def find_candidate_versions(
    connection: sqlite3.Connection,
    phrases: Sequence[str],
    shingle_hashes: Sequence[int],
) -> Generator[sqlite3.Row, None, None]:
    """Versions with one of the phrases or shingles, first seen first.

    Close the generator before the connection if it is not exhausted.
    """
    version_ids: set[int] = set()
    if shingle_hashes:
        version_ids.update(
            *shingle_index.find_versions(
                connection, shingle_hashes, MAX_VERSIONS_PER_SHINGLE
            )
        )
    if phrases:
        quoted = " OR ".join(
            '"{}"'.format(phrase.replace('"', " ")) for phrase in phrases
        )
        rows = connection.execute(
            """
            select rowid from versions_fts
            where versions_fts match ?
            order by rowid
            limit ?""",
            [f"text : ({quoted})", MAX_VERSIONS],
        )
        version_ids.update(row[0] for row in rows)
    rows = connection.execute(
        """
        select id from versions
        where id in (select value from json_each(?))
        order by first_seen, id""",
        [json.dumps(sorted(version_ids)[:MAX_VERSIONS])],
    )
    ordered = [row[0] for row in rows]
    for start in range(0, len(ordered), _BATCH_VERSIONS):
        # All rows of a batch at once: a generator that is abandoned at a limit would
        # close its cursor after the connection.
        yield from connection.execute(
            """
            select v.article, v.number as version, a.outlet, v.first_seen as at, v.text
            from versions v
            join articles a on a.key = v.article
            where v.id in (select value from json_each(?))
            order by v.first_seen, v.id""",
            [json.dumps(ordered[start : start + _BATCH_VERSIONS])],
        ).fetchall()
