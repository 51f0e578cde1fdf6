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
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

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
_NONE = array("Q")


class OpenIndex:
    """The index, for some steps of one transaction.

    Holds the list of recent postings, one row of up to 64 kB that ``store`` writes once
    for all versions added, before the transaction ends; and what was read of the first
    level, a megabyte at most.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        body = _get_body(connection, 0)
        self._turn = int.from_bytes(body[:8], "little")  # batches moved on so far
        self._recent = _decode(body[8:])
        self._added: dict[int, list[int]] = {}  # hash → versions, not stored yet
        self._added_count = 0
        self._first_level: dict[int, array[int]] = {}  # row → postings

    def add(self, version_id: int, shingle_hashes: Iterable[int]) -> None:
        """Add a version's shingles; a full list moves on as a batch."""
        for shingle in shingle_hashes:
            self._added.setdefault(shingle & HASH_MASK, []).append(version_id)
            self._added_count += 1
        if len(self._recent) + self._added_count >= BATCH_POSTINGS:
            self.store()

    def store(self) -> None:
        """Write the list, if anything was added."""
        if not self._added_count:
            return
        added = [
            (key << VERSION_BITS) | version_id
            for key, version_ids in self._added.items()
            for version_id in version_ids
        ]
        self._recent = _merge_postings(self._recent, added)
        self._added, self._added_count = {}, 0
        if len(self._recent) >= BATCH_POSTINGS:
            _push_batch(self._connection, self._recent, self._turn)
            self._recent, self._turn = array("Q"), self._turn + 1
            self._first_level.clear()
        body = self._turn.to_bytes(8, "little") + _encode(self._recent)
        _write_rows(self._connection, [(0, body)])

    def find(self, shingle_hashes: Sequence[int], limit: int) -> list[list[int]]:
        """For each hash the versions that contain it, at most ``limit`` of each level."""
        keys = [shingle & HASH_MASK for shingle in shingle_hashes]
        version_ids: list[list[int]] = [[] for _ in keys]
        _search(self._recent, keys, range(len(keys)), limit, version_ids)
        for found, key in zip(version_ids, keys, strict=True):
            if added := self._added.get(key):
                found[:] = sorted({*found, *added})[:limit]
        for level in _used_levels(self._turn):
            first_row, shift = level * LEVEL_STRIDE, HASH_BITS - BUCKET_BITS[level]
            # Row of the index → positions of the keys that it may contain.
            positions: dict[int, list[int]] = {}
            for position, key in enumerate(keys):
                positions.setdefault(first_row + (key >> shift), []).append(position)
            rows = self._first_level if level == 1 else {}
            wanted = [row_id for row_id in positions if row_id not in rows]
            rows.update(dict.fromkeys(wanted, _NONE))
            for row_id, body in _list_rows(self._connection, wanted):
                rows[row_id] = _decode(body)
            for row_id, row_positions in positions.items():
                _search(rows[row_id], keys, row_positions, limit, version_ids)
        return version_ids


def add_version(
    connection: sqlite3.Connection, version_id: int, shingle_hashes: Iterable[int]
) -> None:
    """Add one version's shingles to the index; see ``OpenIndex`` for several."""
    index = OpenIndex(connection)
    index.add(version_id, shingle_hashes)
    index.store()


def find_versions(
    connection: sqlite3.Connection, shingle_hashes: Sequence[int], limit: int
) -> list[list[int]]:
    """``OpenIndex.find`` for one version."""
    return OpenIndex(connection).find(shingle_hashes, limit)


def _search(
    postings: array[int],
    keys: Sequence[int],
    positions: Iterable[int],
    limit: int,
    version_ids: list[list[int]],
) -> None:
    """Add to ``version_ids`` what some postings have of the keys at these positions."""
    count = len(postings)
    for position in positions:
        lowest = keys[position] << VERSION_BITS
        start = bisect_left(postings, lowest)
        # Most hashes of most texts are in no other.
        if start < count and postings[start] <= lowest | VERSION_MASK:
            version_ids[position] += [
                posting & VERSION_MASK
                for posting in postings[start : start + limit]
                if posting <= lowest | VERSION_MASK
            ]


def _used_levels(turn: int) -> range:
    """The levels that may contain anything after so many batches."""
    return range(1, 1 + sum(turn > turns for turns in (0, *TURNS_PER_LEVEL[2:])))


def _push_batch(connection: sqlite3.Connection, batch: array[int], turn: int) -> None:
    """Move a batch to the first level, and from there what has its turn further on."""
    for level in (1, 2, 3):
        rows: list[tuple[int, bytes]] = []
        moving = array("Q")
        has_next = level < len(BUCKET_BITS) - 1
        low, high = _buckets_to_move(level, turn) if has_next else (0, 0)
        for bucket, added, existing in _list_buckets(
            connection, level, batch, range(low, high)
        ):
            merged = _merge_postings(existing, added)
            row_id = level * LEVEL_STRIDE + bucket
            if not low <= bucket < high:
                rows.append((row_id, _encode(merged)))
                continue
            moving += merged
            if existing:
                connection.execute("delete from shingles where id = ?", [row_id])
        _write_rows(connection, rows)
        if not moving:
            return
        batch = moving


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
    connection: sqlite3.Connection, level: int, batch: array[int], extra_buckets: range
) -> Iterator[tuple[int, array[int], array[int]]]:
    """The buckets of a level that a batch concerns, and the extra ones, in order.

    Each with its added and its existing postings.
    """
    shift, first_row = 64 - BUCKET_BITS[level], level * LEVEL_STRIDE
    added = {
        bucket: array("Q", postings)
        for bucket, postings in groupby(batch, lambda posting: posting >> shift)
    }
    buckets = sorted({*added, *extra_buckets})
    stored = dict(_list_rows(connection, [first_row + bucket for bucket in buckets]))
    for bucket in buckets:
        body = stored.get(first_row + bucket)
        if bucket in added or body is not None:
            existing = _NONE if body is None else _decode(body)
            yield bucket, added.get(bucket, _NONE), existing


def _merge_postings(existing: array[int], added: Iterable[int]) -> array[int]:
    """Both in order, each once; the order of ``added`` does not matter.

    In Python's arrays: importing numpy takes longer than it saves a usual crawl.
    """
    count = len(existing)
    new = []
    for posting in sorted({*added}):
        position = bisect_left(existing, posting)
        if position == count or existing[position] != posting:
            new.append(posting)
    merged = existing.tolist() + new
    merged.sort()  # two sorted runs, which is what Python's sort is fast on
    return array("Q", merged)


def _decode(body: bytes) -> array[int]:
    postings = array("Q", body)
    if sys.byteorder == "big":
        postings.byteswap()
    return postings


def _encode(postings: array[int]) -> bytes:
    if sys.byteorder == "big":
        postings = postings[:]
        postings.byteswap()
    return postings.tobytes()


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
