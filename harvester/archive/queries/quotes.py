"""Which versions may have a sentence: by the full-text index, and by the index of shingles. Not for: whether they do (``identity.quotes``)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from harvester.archive.records import shingle_index

MAX_VERSIONS = 5_000  # versions looked at, the earliest
MAX_VERSIONS_PER_SHINGLE = (
    1_000  # versions that the index of shingles names for one shingle
)


def find_candidate_versions(
    connection: sqlite3.Connection,
    phrases: Sequence[str],
    shingle_hashes: Sequence[int],
) -> Iterator[sqlite3.Row]:
    """Versions with one of the phrases, or one of the shingles named, in the order in which they were first seen."""
    wanted = (
        {
            number
            for one in shingle_index.find_versions(
                connection, shingle_hashes, MAX_VERSIONS_PER_SHINGLE
            )
            for number in one
        }
        if shingle_hashes
        else set()
    )
    if phrases:
        quoted = " OR ".join(
            '"{}"'.format(phrase.replace('"', " ")) for phrase in phrases
        )
        rows = connection.execute(
            "select rowid from versions_fts where versions_fts match ? order by rowid limit ?",
            [f"text : ({quoted})", MAX_VERSIONS],
        )
        wanted.update(row[0] for row in rows)
    ordered = [
        row[0]
        for row in connection.execute(
            "select id from versions where id in (select value from json_each(?)) order by first_seen, id",
            [json.dumps(sorted(wanted)[:MAX_VERSIONS])],
        )
    ]
    for at in range(0, len(ordered), 100):
        yield from connection.execute(
            """select v.article, v.number as version, a.outlet, v.first_seen as at, v.text from versions v
            join articles a on a.key = v.article where v.id in (select value from json_each(?)) order by v.first_seen, v.id""",
            [json.dumps(ordered[at : at + 100])],
        )
