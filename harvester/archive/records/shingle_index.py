"""The index of sampled shingles: hash → versions that contain it.

It is stored in the archive, and never in memory as a whole. Single random inserts into
a b-tree of a million articles would cost a page each. So hashes go to a small sorted
list first, and from there in batches, in order, through two larger levels to the
largest, as in a log-structured merge tree. A level is divided into buckets by the first
bits of the hash, one row each. A batch moves a sixteenth (then a 256th) of the buckets
on, by turns, so no step is ever large, and a look-up reads one row for each hash and
level. All of it happens in the caller's transaction.

A posting is 8 bytes, little-endian: 38 bits of the hash (the low ones, as samples are of
low hashes), 26 of the version's row id. Collisions are rare and harmless: matches are
verified on the texts. What a sample is: ``identity.shingles``.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Postings = NDArray[np.uint64]

VERSION_BITS = 26
HASH_BITS = 64 - VERSION_BITS
HASH_MASK = (1 << HASH_BITS) - 1
VERSION_MASK = (1 << VERSION_BITS) - 1
BATCH_POSTINGS = 8_192  # in the list of recent ones: some 256 articles
BUCKET_BITS = (0, 8, 13, 17)  # of each level: 2 to this power is its number of rows
# In how many batches the level above moves into this one.
TURNS_PER_LEVEL = (1, 1, 16, 256)
LEVEL_STRIDE = 1 << 32  # shingles.id = level × LEVEL_STRIDE + bucket
MAX_ROWS_PER_QUERY = 256
PLACEHOLDER_MULTIPLE = 32  # few distinct numbers of placeholders: few statements


def find_versions(
    connection: sqlite3.Connection, shingle_hashes: Sequence[int], limit: int
) -> list[list[int]]:
    """For each hash the versions that contain it, at most ``limit`` of each level."""
    keys = [shingle & HASH_MASK for shingle in shingle_hashes]
    version_ids: list[list[int]] = [[] for _ in keys]
    recent = _get_body(connection, 0)
    # Row of the index → positions of the keys that it may contain.
    positions: dict[int, list[int]] = {0: list(range(len(keys)))}
    for level in _used_levels(int.from_bytes(recent[:8], "little")):
        first_row, shift = level * LEVEL_STRIDE, HASH_BITS - BUCKET_BITS[level]
        for position, key in enumerate(keys):
            positions.setdefault(first_row + (key >> shift), []).append(position)
    stored = _list_rows(connection, [row_id for row_id in positions if row_id])
    for row_id, body in chain([(0, recent[8:])], stored):
        postings = memoryview(body).cast("Q")
        for position in positions[row_id]:
            lowest = keys[position] << VERSION_BITS
            highest = lowest | VERSION_MASK
            start = bisect_left(postings, lowest)
            for posting in postings[start : start + limit]:
                if posting > highest:
                    break
                version_ids[position].append(posting & VERSION_MASK)
    return version_ids


def _used_levels(turn: int) -> range:
    """The levels that may contain anything after so many batches."""
    return range(1, 1 + sum(turn > turns for turns in (0, *TURNS_PER_LEVEL[2:])))


def add_version(
    connection: sqlite3.Connection, version_id: int, shingle_hashes: Iterable[int]
) -> None:
    """Add a version's shingles to the index."""
    import numpy as np

    body = _get_body(connection, 0)
    turn = int.from_bytes(body[:8], "little")
    added = np.array(
        [
            ((shingle & HASH_MASK) << VERSION_BITS) | version_id
            for shingle in shingle_hashes
        ],
        dtype="<u8",
    )
    recent = _merge_postings(np.frombuffer(body, "<u8")[1:], added)
    if len(recent) >= BATCH_POSTINGS:
        _push_batch(connection, recent, turn)
        recent, turn = recent[:0], turn + 1
    body = turn.to_bytes(8, "little") + recent.astype("<u8").tobytes()
    _write_rows(connection, [(0, body)])


def _push_batch(connection: sqlite3.Connection, batch: Postings, turn: int) -> None:
    """Move a batch to the first level, and from there what has its turn further on."""
    import numpy as np

    for level in (1, 2, 3):
        rows: list[tuple[int, bytes]] = []
        moving: list[Postings] = []
        has_next = level < len(BUCKET_BITS) - 1
        low, high = _buckets_to_move(level, turn) if has_next else (0, 0)
        for bucket, added, existing in _list_buckets(
            connection, level, batch, range(low, high)
        ):
            merged = _merge_postings(existing, added)
            row_id = level * LEVEL_STRIDE + bucket
            if not low <= bucket < high:
                rows.append((row_id, merged.astype("<u8").tobytes()))
                continue
            moving.append(merged)
            if len(existing):
                connection.execute("delete from shingles where id = ?", [row_id])
        _write_rows(connection, rows)
        if not moving:
            return
        batch = np.concatenate(moving)


def _buckets_to_move(level: int, turn: int) -> tuple[int, int]:
    """The range of buckets of a level that move on in this turn.

    None before the level got its share for the first time.
    """
    turns = TURNS_PER_LEVEL[level + 1]
    if turn < turns:
        return 0, 0
    size = (1 << BUCKET_BITS[level]) // turns
    part = turn % turns
    return part * size, (part + 1) * size


def _list_buckets(
    connection: sqlite3.Connection, level: int, batch: Postings, extra_buckets: range
) -> Iterator[tuple[int, Postings, Postings]]:
    """The buckets of a level that a batch concerns, and the extra ones, in order.

    Each with its added and its existing postings.
    """
    import numpy as np

    numbers = (batch >> np.uint64(64 - BUCKET_BITS[level])).astype(np.int64)
    touched, starts = np.unique(numbers, return_index=True)
    added: dict[int, Postings] = {}
    if len(batch):
        parts = np.split(batch, starts[1:])
        added = dict(zip(touched.tolist(), parts, strict=True))
    empty = batch[:0]
    buckets = {*added, *extra_buckets}
    stored = dict(
        _list_rows(connection, [level * LEVEL_STRIDE + bucket for bucket in buckets])
    )
    for bucket in sorted(buckets):
        body = stored.get(level * LEVEL_STRIDE + bucket)
        if bucket in added or body is not None:
            existing = empty if body is None else np.frombuffer(body, "<u8")
            yield bucket, added.get(bucket, empty), existing


def _merge_postings(existing: Postings, added: Postings) -> Postings:
    import numpy as np

    if not len(added):
        return existing
    # A stable sort is fast on two sorted runs; np.unique would hash them.
    merged = np.sort(np.concatenate((existing, added)), kind="stable")
    is_distinct = np.ones(len(merged), dtype=bool)
    is_distinct[1:] = merged[1:] != merged[:-1]
    return merged[is_distinct]


def _list_rows(
    connection: sqlite3.Connection, row_ids: Iterable[int]
) -> Iterator[tuple[int, bytes]]:
    """Those of the rows that exist, as (id, postings)."""
    ordered = list(row_ids)
    for start in range(0, len(ordered), MAX_ROWS_PER_QUERY):
        ids = ordered[start : start + MAX_ROWS_PER_QUERY]
        ids += [-1] * (-len(ids) % PLACEHOLDER_MULTIPLE)  # no row has this id
        marks = ",".join("?" * len(ids))
        yield from connection.execute(
            f"select id, postings from shingles where id in ({marks})", ids
        ).fetchall()


def _get_body(connection: sqlite3.Connection, row_id: int) -> bytes:
    row = connection.execute(
        "select postings from shingles where id = ?", [row_id]
    ).fetchone()
    return row[0] if row else bytes(8)


def _write_rows(
    connection: sqlite3.Connection, rows: Sequence[tuple[int, bytes]]
) -> None:
    connection.executemany(
        "insert or replace into shingles (id, postings) values (?, ?)", rows
    )
