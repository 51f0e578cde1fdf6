"""Finds near-duplicates: compares pending versions with those they share shingles with.

In small batches. Pending are new and reread versions, those of an older program's
archive, and merged ones. Does not decide what a near-duplicate is
(``identity.near_duplicates``), nor search the index (``archive.records.copies``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from harvester.archive import stored_json
from harvester.archive.connection import Archive
from harvester.archive.records import copies, shingle_index
from harvester.identity import agency, near_duplicates, shingles

MAX_VERSIONS, MAX_COMPARISONS = 300, 400  # at a time: under a second
MAX_VERSIONS_AT_END = 5_000  # when a crawl ends
WORTHWHILE_VERSIONS = 20  # pending, that share what is read and written of the index
BATCH_SIZE = 50  # versions whose texts are in memory together
SECONDS_PER_DAY = 86_400
DATE_LENGTH = 10  # characters of a date without a time
NON_ARTICLE_KINDS = ("index", "wall", "login", "error")


@dataclass(frozen=True, slots=True)
class ComparedVersion:
    """One version of a pair, with its words."""

    row: sqlite3.Row
    words: near_duplicates.TokenisedText


def compare_pending(
    connection: sqlite3.Connection,
    max_versions: int = MAX_VERSIONS,
    max_comparisons: int = MAX_COMPARISONS,
) -> int:
    """Compare pending versions, newest first, up to both limits; returns how many."""
    done = comparisons = 0
    index = shingle_index.OpenIndex(connection)
    while done < max_versions and comparisons < max_comparisons:
        rows = copies.list_unindexed_versions(
            connection, min(BATCH_SIZE, max_versions - done)
        )
        if not rows:
            break
        for row in rows:
            comparisons += _index_and_compare(connection, row, index)
            done += 1
            if comparisons >= max_comparisons:
                break
    index.store()
    return done


def compare_pending_batch(open_archive: Archive, even_few: bool) -> None:
    """Compare some pending versions, in the transaction that is open or begins now.

    Few of them wait for others, unless ``even_few``.
    """
    count = 1 if even_few else WORTHWHILE_VERSIONS
    if copies.has_unindexed_versions(open_archive.connection, count):
        open_archive.begin()
        compare_pending(open_archive.connection)


def compare_all_pending(open_archive: Archive) -> None:
    """Compare what is pending at the end of a crawl, in transactions of its own."""
    done = 0
    while done < MAX_VERSIONS_AT_END and copies.has_unindexed_versions(
        open_archive.connection
    ):
        open_archive.begin()
        done += compare_pending(open_archive.connection)
        open_archive.commit()


def _index_and_compare(
    connection: sqlite3.Connection,
    version: sqlite3.Row,
    index: shingle_index.OpenIndex,
) -> int:
    """Add a version to the index and compare it; returns with how many others."""
    sample: Sequence[int] = ()
    if version["kind"] not in NON_ARTICLE_KINDS:
        sample = near_duplicates.shingle_sample(version["text"])
    former_pairs = copies.delete_pairs(connection, version["id"])
    compared = _compare_similar(connection, version, sample, index) if sample else 0
    copies.add_sample(
        connection, version["id"], sample, shingles.SAMPLING_METHOD, index
    )
    ended_pairs = [
        pair for pair in former_pairs if copies.get_pair(connection, *pair) is None
    ]
    if ended_pairs:
        copies.rebuild_clusters(
            connection, {key for pair in ended_pairs for key in pair}
        )
    return compared


def _compare_similar(
    connection: sqlite3.Connection,
    version: sqlite3.Row,
    sample: Sequence[int],
    index: shingle_index.OpenIndex,
) -> int:
    """Compare a version with those that share shingles; returns how many they are."""
    matches = copies.find_similar_versions(
        connection, version["id"], version["article"], sample, index
    )
    if not matches.version_ids:
        return 0
    first = _tokenised(version)
    repeated_lines = near_duplicates.repeated_lines(
        first.words, matches.repeated_shingles
    )
    others = copies.list_versions(connection, matches.version_ids)
    for other in others:
        _compare_pair(connection, first, _tokenised(other), repeated_lines)
    return len(others)


def _tokenised(version: sqlite3.Row) -> ComparedVersion:
    words = near_duplicates.tokenise(version["title"], version["text"])
    return ComparedVersion(version, words)


def _compare_pair(
    connection: sqlite3.Connection,
    first: ComparedVersion,
    second: ComparedVersion,
    repeated_lines: set[tuple[str, ...]],
) -> None:
    """Store a pair of near-duplicates: the version seen later is the copy."""
    likeness = near_duplicates.compare(
        first.words,
        second.words,
        _days_between_versions(first.row, second.row),
        repeated_lines,
    )
    if not likeness.is_near_duplicate:
        return
    first_share, second_share = likeness.share_of_first, likeness.share_of_second
    if _order_seen(first.row) > _order_seen(second.row):
        copies.add_pair(connection, first.row, second.row, first_share, second_share)
    else:
        copies.add_pair(connection, second.row, first.row, second_share, first_share)
    if min(first_share, second_share) >= copies.MIN_CLUSTER_SHARE:
        agencies = {
            version["article"]: _credited_agency(version)
            for version in (first.row, second.row)
        }
        copies.merge_clusters(connection, agencies)


def _order_seen(version: sqlite3.Row) -> tuple[str, int]:
    return version["first_seen"], version["place"]


def _credited_agency(version: sqlite3.Row) -> str:
    authors = tuple(stored_json.parse_texts(version["authors"]))
    return agency.credited_agency(authors, version["text"])


def _days_between_versions(first: sqlite3.Row, second: sqlite3.Row) -> float:
    """Days between the publications of two versions.

    Where one states none, between the times at which their articles were first seen.
    """
    if first["published"] and second["published"]:
        return _days_between(first["published"], second["published"])
    return _days_between(first["first_seen"], second["first_seen"])


def _days_between(first: str, second: str) -> float:
    if DATE_LENGTH in (len(first), len(second)):
        first, second = first[:DATE_LENGTH], second[:DATE_LENGTH]
    try:
        difference = _parse_time(first) - _parse_time(second)
    except ValueError:  # not a date of the calendar
        return 0.0
    return abs(difference.total_seconds()) / SECONDS_PER_DAY


@lru_cache(maxsize=1024)
def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
