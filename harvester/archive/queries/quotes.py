"""Versions that may contain a sentence, by the full-text and the shingle index.

And what feeds announced with a phrase of it, where that may be in no version.

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
        rows = connection.execute(
            """
            select rowid from versions_fts
            where versions_fts match ?
            order by rowid
            limit ?""",
            [f"text : ({_any_of(phrases)})", MAX_VERSIONS],
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


def find_candidate_announcements(
    connection: sqlite3.Connection, phrases: Sequence[str]
) -> list[sqlite3.Row]:
    """Announced titles and summaries with one of the phrases, first seen first.

    Columns as of versions; ``version`` is null, and ``article`` where there is none.
    """
    return connection.execute(
        """
        select article, null as version, outlet, at, title || '\n' || summary as text
        from (
            select e.article, f.outlet, n.first_seen as at, n.title, n.summary
            from announcements n
            join entries e on e.key = n.entry
            join feeds f on f.url = e.feed
            where n.id in (
                select rowid from announcements_fts
                where announcements_fts match :match
                order by rowid
                limit :limit)
            union
            select null, f.outlet, e.first_seen, e.title, e.summary
            from entries e
            join feeds f on f.url = e.feed
            where e.id in (
                select rowid from entries_fts
                where entries_fts match :match
                order by rowid
                limit :limit))
        order by at""",
        {"match": _any_of(phrases), "limit": MAX_VERSIONS},
    ).fetchall()


def _any_of(phrases: Sequence[str]) -> str:
    return " OR ".join('"{}"'.format(phrase.replace('"', " ")) for phrase in phrases)
