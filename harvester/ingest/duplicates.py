"""Copies found: versions that wait are compared with those that share words with them, in small batches.

Whatever made them wait: a new article, a new version, a text read again, an archive of an older program, a merge. Not for: what is a copy
(``identity.copies``), nor for finding who shares words (``archive.copies``).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from harvester.archive.connection import Archive
from harvester.archive.records import copies
from harvester.identity import agency, near_duplicates, shingles

MAX_VERSIONS, MAX_COMPARISONS = (
    300,
    400,
)  # versions, and comparisons, at a time: under a second
MAX_VERSIONS_AT_END = 5_000  # versions when a crawl ends
BATCH_SIZE = 50  # versions whose texts are in memory together
NON_ARTICLE_KINDS = ("index", "wall", "login", "error")


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """One version of a pair."""

    row: sqlite3.Row
    words: near_duplicates.TokenisedText


def compare_pending(
    connection: sqlite3.Connection,
    max_versions: int = MAX_VERSIONS,
    max_comparisons: int = MAX_COMPARISONS,
) -> int:
    """Compare versions that wait, newest first: so many at most, and none after so many comparisons. Returns how many it were."""
    done = 0
    while (
        done < max_versions
        and max_comparisons > 0
        and (
            rows := copies.list_unindexed_versions(
                connection, min(BATCH_SIZE, max_versions - done)
            )
        )
    ):
        for row in rows:
            max_comparisons -= _index_and_compare(connection, row)
            done += 1
            if max_comparisons <= 0:
                break
    return done


def compare_pending_batch(open_archive: Archive) -> None:
    """Some of what waits, in the transaction that is open or begins now."""
    if copies.has_unindexed_versions(open_archive.connection):
        open_archive.begin()
        compare_pending(open_archive.connection)


def compare_all_pending(open_archive: Archive) -> None:
    """What a crawl left waiting, at its end: in transactions of their own."""
    done = 0
    while done < MAX_VERSIONS_AT_END and copies.has_unindexed_versions(
        open_archive.connection
    ):
        open_archive.begin()
        done += compare_pending(open_archive.connection)
        open_archive.commit()


def _index_and_compare(connection: sqlite3.Connection, version: sqlite3.Row) -> int:
    """Put a version into the index and compare it. Returns with how many others."""
    names = (
        near_duplicates.shingle_sample(version["text"])
        if version["kind"] not in NON_ARTICLE_KINDS
        else ()
    )
    before = copies.delete_pairs(connection, version["id"])
    compared = 0
    found = (
        copies.find_similar_versions(
            connection, version["id"], version["article"], names
        )
        if names
        else None
    )
    if found is not None and found.version_ids:
        side = ComparedVersion(
            version, near_duplicates.tokenise(version["title"], version["text"])
        )
        repeated = near_duplicates.repeated_lines(side.words, found.repeated_shingles)
        for other in copies.list_versions(connection, found.version_ids):
            compared += 1
            _compare_pair(
                connection,
                side,
                ComparedVersion(
                    other, near_duplicates.tokenise(other["title"], other["text"])
                ),
                repeated,
            )
    copies.add_sample(connection, version["id"], names, shingles.SAMPLING_METHOD)
    if before and (
        gone := [pair for pair in before if copies.get_pair(connection, *pair) is None]
    ):
        copies.rebuild_clusters(connection, {key for pair in gone for key in pair})
    return compared


def _compare_pair(
    connection: sqlite3.Connection,
    first: ComparedVersion,
    second: ComparedVersion,
    repeated_lines: set[tuple[str, ...]],
) -> None:
    likeness = near_duplicates.compare(
        first.words,
        second.words,
        days_between_versions(first.row, second.row),
        repeated_lines,
    )
    if not likeness.is_near_duplicate:
        return
    if (first.row["first_seen"], first.row["place"]) > (
        second.row["first_seen"],
        second.row["place"],
    ):
        copies.add_pair(
            connection,
            first.row,
            second.row,
            likeness.share_of_first,
            likeness.share_of_second,
        )
    else:
        copies.add_pair(
            connection,
            second.row,
            first.row,
            likeness.share_of_second,
            likeness.share_of_first,
        )
    if (
        min(likeness.share_of_first, likeness.share_of_second)
        >= copies.MIN_CLUSTER_SHARE
    ):
        copies.merge_clusters(
            connection,
            {
                side.row["article"]: _credited_agency(side.row)
                for side in (first, second)
            },
        )


def _credited_agency(row: sqlite3.Row) -> str:
    return agency.credited_agency(tuple(json.loads(row["authors"])), row["text"])


def days_between_versions(first: sqlite3.Row, second: sqlite3.Row) -> float:
    """Days between two versions: by publication where both state it, else by when the articles were first seen."""
    if first["published"] and second["published"]:
        return _days_between(first["published"], second["published"])
    return _days_between(first["first_seen"], second["first_seen"])


def _days_between(first: str, second: str) -> float:
    if 10 in (len(first), len(second)):  # a day without a time
        first, second = first[:10], second[:10]
    try:
        return abs((_parse_time(first) - _parse_time(second)).total_seconds()) / 86_400
    except ValueError:  # no date that can be counted with
        return 0.0


@lru_cache(maxsize=1024)
def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
