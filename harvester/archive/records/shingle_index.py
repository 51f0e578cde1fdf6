"""The index of sampled shingles: name → versions that have it. Persistent, written as it grows, and never as a whole in memory.

Single random inserts into a b-tree of a million articles cost a page each. So names go to a small sorted list first, and
from there on in batches, in order of name, through two greater levels to the greatest, as in a log-structured merge tree. A level is
cut into buckets by the first bits of the name, a row each; a batch moves a sixteenth (then a 256th) of the buckets on, turn by turn, so that
no step is ever large and a look-up asks each level for one row a name. All of it happens in the transaction of who calls.

A posting is 8 bytes, little endian: 38 bits of the name (the low ones: samples are of low numbers), 26 of the version's row. That two names fall together is rare, and harmless:
what is found is verified on the words. Not for: what a sample is (``identity.shingles``), nor for what is a copy (``copies``).
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
BATCH_POSTINGS = (
    8_192  # postings in the list of recent ones before they move on: some 256 articles
)
BUCKET_BITS = (0, 8, 13, 17)  # bits of each level: rows that it is cut into
TURNS_PER_LEVEL = (
    1,
    1,
    16,
    256,
)  # a batch moves that part of the level above into this one
LEVEL_STRIDE = 1 << 32  # shingles.id = level × LEVEL + bucket
MAX_ROWS_PER_QUERY, PLACEHOLDER_MULTIPLE = (
    256,
    32,
)  # rows asked for at a time; in multiples of


def find_versions(
    connection: sqlite3.Connection, shingle_hashes: Sequence[int], limit: int
) -> list[list[int]]:
    """For each name the rows of versions that have it, at most ``most`` of each level."""
    keys = [name & HASH_MASK for name in shingle_hashes]
    found: list[list[int]] = [[] for _ in keys]
    recent = _get_body(connection, 0)
    wanted: dict[int, list[int]] = {0: list(range(len(keys)))}
    for level in _used_levels(int.from_bytes(recent[:8], "little")):
        first, shift = level * LEVEL_STRIDE, HASH_BITS - BUCKET_BITS[level]
        for place, key in enumerate(keys):
            wanted.setdefault(first + (key >> shift), []).append(place)
    for row, body in chain(
        [(0, recent[8:])], _list_rows(connection, [row for row in wanted if row])
    ):
        postings = memoryview(body).cast("Q")
        for place in wanted[row]:
            low = keys[place] << VERSION_BITS
            at = bisect_left(postings, low)
            end = min(at + limit, len(postings))
            while at < end and (posting := postings[at]) <= low | VERSION_MASK:
                found[place].append(posting & VERSION_MASK)
                at += 1
    return found


def _used_levels(turn: int) -> range:
    """The levels in which something may stand after so many batches: a small archive has not come to the great ones."""
    return range(1, 1 + sum(turn > turns for turns in (0, *TURNS_PER_LEVEL[2:])))


def add_version(
    connection: sqlite3.Connection, version_id: int, shingle_hashes: Iterable[int]
) -> None:
    """Put a version's names into the index."""
    import numpy as np

    body = _get_body(connection, 0)
    turn = int.from_bytes(body[:8], "little")
    fresh = np.array(
        [((name & HASH_MASK) << VERSION_BITS) | version_id for name in shingle_hashes],
        dtype="<u8",
    )
    recent = _merge_postings(np.frombuffer(body, "<u8")[1:], fresh)
    if len(recent) >= BATCH_POSTINGS:
        _push_batch(connection, recent, turn)
        recent, turn = recent[:0], turn + 1
    _write_rows(
        connection, [(0, turn.to_bytes(8, "little") + recent.astype("<u8").tobytes())]
    )


def _push_batch(connection: sqlite3.Connection, batch: Postings, turn: int) -> None:
    """A batch into the first level; what has its turn there into the second, and from there into the third."""
    for level in (1, 2, 3):
        rows: list[tuple[int, bytes]] = []
        following = level + 1 if level < len(BUCKET_BITS) - 1 else None
        passing: list[Postings] = []
        low, high = _buckets_to_move(level, turn) if following else (0, 0)
        for bucket, fresh, held in _list_buckets(
            connection, level, batch, range(low, high)
        ):
            whole = _merge_postings(held, fresh)
            if low <= bucket < high:
                passing.append(whole)
                if len(held):
                    connection.execute(
                        "delete from shingles where id = ?",
                        [level * LEVEL_STRIDE + bucket],
                    )
            else:
                rows.append(
                    (level * LEVEL_STRIDE + bucket, whole.astype("<u8").tobytes())
                )
        _write_rows(connection, rows)
        if not passing:
            return
        import numpy as np

        batch = np.concatenate(passing)


def _buckets_to_move(level: int, turn: int) -> tuple[int, int]:
    """The buckets of a level that move on in this turn; none before the level has taken in its share for the first time."""
    turns = TURNS_PER_LEVEL[level + 1]
    if turn < turns:
        return 0, 0
    size = (1 << BUCKET_BITS[level]) // turns
    at = turn % turns
    return at * size, (at + 1) * size


def _list_buckets(
    connection: sqlite3.Connection, level: int, batch: Postings, extra_buckets: range
) -> Iterator[tuple[int, Postings, Postings]]:
    """The buckets of a level that a batch falls into, and those of ``also``, in order: what is new, and what is held."""
    import numpy as np

    numbers = (batch >> np.uint64(64 - BUCKET_BITS[level])).astype(np.int64)
    touched, starts = np.unique(numbers, return_index=True)
    parts = (
        dict(zip(touched.tolist(), np.split(batch, starts[1:]), strict=True))
        if len(batch)
        else {}
    )
    empty = batch[:0]
    held = dict(
        _list_rows(
            connection,
            [level * LEVEL_STRIDE + bucket for bucket in {*parts, *extra_buckets}],
        )
    )
    for bucket in sorted({*parts, *extra_buckets}):
        body = held.get(level * LEVEL_STRIDE + bucket)
        if bucket in parts or body is not None:
            yield (
                bucket,
                parts.get(bucket, empty),
                empty if body is None else np.frombuffer(body, "<u8"),
            )


def _merge_postings(existing: Postings, added: Postings) -> Postings:
    import numpy as np

    if not len(added):
        return existing
    whole = np.sort(
        np.concatenate((existing, added)), kind="stable"
    )  # two sorted runs: np.unique would hash them
    new = np.ones(len(whole), dtype=bool)
    new[1:] = whole[1:] != whole[:-1]
    return whole[new]


def _list_rows(
    connection: sqlite3.Connection, row_ids: Iterable[int]
) -> Iterator[tuple[int, bytes]]:
    """Those of the rows that there are. Asked for by some numbers of marks only, so that few statements need preparing."""
    wanted = list(row_ids)
    for at in range(0, len(wanted), MAX_ROWS_PER_QUERY):
        some = wanted[at : at + MAX_ROWS_PER_QUERY]
        some += [-1] * (-len(some) % PLACEHOLDER_MULTIPLE)
        marks = ",".join("?" * len(some))
        yield from connection.execute(
            f"select id, postings from shingles where id in ({marks})", some
        ).fetchall()


def _get_body(connection: sqlite3.Connection, row_id: int) -> bytes:
    found = connection.execute(
        "select postings from shingles where id = ?", [row_id]
    ).fetchone()
    return found[0] if found else bytes(8)


def _write_rows(
    connection: sqlite3.Connection, rows: Sequence[tuple[int, bytes]]
) -> None:
    connection.executemany(
        "insert or replace into shingles (id, postings) values (?, ?)", rows
    )
