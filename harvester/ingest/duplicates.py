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

MOST, COMPARED = 300, 400  # versions, and comparisons, at a time: under a second
AT_END = 5_000  # versions when a crawl ends
CHUNK = 50  # versions whose texts are in memory together
NO_REPORT = ("index", "wall", "login", "error")


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a pair."""

    row: sqlite3.Row
    words: near_duplicates.Words


def catch_up(
    connection: sqlite3.Connection, most: int = MOST, compared: int = COMPARED
) -> int:
    """Compare versions that wait, newest first: so many at most, and none after so many comparisons. Returns how many it were."""
    done = 0
    while (
        done < most
        and compared > 0
        and (rows := copies.unsampled(connection, min(CHUNK, most - done)))
    ):
        for row in rows:
            compared -= _take_in(connection, row)
            done += 1
            if compared <= 0:
                break
    return done


def some(opened: Archive) -> None:
    """Some of what waits, in the transaction that is open or begins now."""
    if copies.any_waits(opened.connection):
        opened.begin()
        catch_up(opened.connection)


def finish(opened: Archive) -> None:
    """What a crawl left waiting, at its end: in transactions of their own."""
    done = 0
    while done < AT_END and copies.any_waits(opened.connection):
        opened.begin()
        done += catch_up(opened.connection)
        opened.commit()


def _take_in(connection: sqlite3.Connection, row: sqlite3.Row) -> int:
    """Put a version into the index and compare it. Returns with how many others."""
    names = near_duplicates.sample(row["text"]) if row["kind"] not in NO_REPORT else ()
    before = copies.forget(connection, row["id"])
    compared = 0
    found = (
        copies.found(connection, row["id"], row["article"], names) if names else None
    )
    if found is not None and found.versions:
        side = Side(row, near_duplicates.cut(row["title"], row["text"]))
        repeated = near_duplicates.repeated_lines(side.words, found.repeated)
        for other in copies.version_rows(connection, found.versions):
            compared += 1
            _compare(
                connection,
                side,
                Side(other, near_duplicates.cut(other["title"], other["text"])),
                repeated,
            )
    copies.sampled(connection, row["id"], names, shingles.NAME)
    if before and (
        gone := [pair for pair in before if copies.pair(connection, *pair) is None]
    ):
        copies.part(connection, {key for pair in gone for key in pair})
    return compared


def _compare(
    connection: sqlite3.Connection,
    one: Side,
    other: Side,
    repeated: set[tuple[str, ...]],
) -> None:
    likeness = near_duplicates.compare(
        one.words, other.words, apart(one.row, other.row), repeated
    )
    if not likeness.same:
        return
    if (one.row["first_seen"], one.row["place"]) > (
        other.row["first_seen"],
        other.row["place"],
    ):
        copies.keep(connection, one.row, other.row, likeness.share, likeness.shared)
    else:
        copies.keep(connection, other.row, one.row, likeness.shared, likeness.share)
    if min(likeness.share, likeness.shared) >= copies.JOINED:
        copies.join(
            connection,
            {side.row["article"]: _agency(side.row) for side in (one, other)},
        )


def _agency(row: sqlite3.Row) -> str:
    return agency.credited(tuple(json.loads(row["authors"])), row["text"])


def apart(one: sqlite3.Row, other: sqlite3.Row) -> float:
    """Days between two versions: by publication where both state it, else by when the articles were first seen."""
    if one["published"] and other["published"]:
        return _days(one["published"], other["published"])
    return _days(one["first_seen"], other["first_seen"])


def _days(one: str, other: str) -> float:
    if 10 in (len(one), len(other)):  # a day without a time
        one, other = one[:10], other[:10]
    try:
        return abs((_time(one) - _time(other)).total_seconds()) / 86_400
    except ValueError:  # no date that can be counted with
        return 0.0


@lru_cache(maxsize=1024)
def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
