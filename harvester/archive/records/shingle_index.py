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
NAME_BITS = 64 - VERSION_BITS
NAMES = (1 << NAME_BITS) - 1
VERSIONS = (1 << VERSION_BITS) - 1
BATCH = (
    8_192  # postings in the list of recent ones before they move on: some 256 articles
)
BUCKETS = (0, 8, 13, 17)  # bits of each level: rows that it is cut into
TURNS = (1, 1, 16, 256)  # a batch moves that part of the level above into this one
LEVEL = 1 << 32  # shingles.id = level × LEVEL + bucket
ASKED, MARKS = 256, 32  # rows asked for at a time; in multiples of


def look_up(
    connection: sqlite3.Connection, names: Sequence[int], most: int
) -> list[list[int]]:
    """For each name the rows of versions that have it, at most ``most`` of each level."""
    keys = [name & NAMES for name in names]
    found: list[list[int]] = [[] for _ in keys]
    recent = _body(connection, 0)
    wanted: dict[int, list[int]] = {0: list(range(len(keys)))}
    for level in _used(int.from_bytes(recent[:8], "little")):
        first, shift = level * LEVEL, NAME_BITS - BUCKETS[level]
        for place, key in enumerate(keys):
            wanted.setdefault(first + (key >> shift), []).append(place)
    for row, body in chain(
        [(0, recent[8:])], _rows(connection, [row for row in wanted if row])
    ):
        postings = memoryview(body).cast("Q")
        for place in wanted[row]:
            low = keys[place] << VERSION_BITS
            at = bisect_left(postings, low)
            end = min(at + most, len(postings))
            while at < end and (posting := postings[at]) <= low | VERSIONS:
                found[place].append(posting & VERSIONS)
                at += 1
    return found


def _used(turn: int) -> range:
    """The levels in which something may stand after so many batches: a small archive has not come to the great ones."""
    return range(1, 1 + sum(turn > turns for turns in (0, *TURNS[2:])))


def add(connection: sqlite3.Connection, version: int, names: Iterable[int]) -> None:
    """Put a version's names into the index."""
    import numpy as np

    body = _body(connection, 0)
    turn = int.from_bytes(body[:8], "little")
    fresh = np.array(
        [((name & NAMES) << VERSION_BITS) | version for name in names], dtype="<u8"
    )
    recent = _merged(np.frombuffer(body, "<u8")[1:], fresh)
    if len(recent) >= BATCH:
        _move_on(connection, recent, turn)
        recent, turn = recent[:0], turn + 1
    _write(
        connection, [(0, turn.to_bytes(8, "little") + recent.astype("<u8").tobytes())]
    )


def _move_on(connection: sqlite3.Connection, batch: Postings, turn: int) -> None:
    """A batch into the first level; what has its turn there into the second, and from there into the third."""
    for level in (1, 2, 3):
        rows: list[tuple[int, bytes]] = []
        following = level + 1 if level < len(BUCKETS) - 1 else None
        passing: list[Postings] = []
        low, high = _turn(level, turn) if following else (0, 0)
        for bucket, fresh, held in _buckets(connection, level, batch, range(low, high)):
            whole = _merged(held, fresh)
            if low <= bucket < high:
                passing.append(whole)
                if len(held):
                    connection.execute(
                        "delete from shingles where id = ?", [level * LEVEL + bucket]
                    )
            else:
                rows.append((level * LEVEL + bucket, whole.astype("<u8").tobytes()))
        _write(connection, rows)
        if not passing:
            return
        import numpy as np

        batch = np.concatenate(passing)


def _turn(level: int, turn: int) -> tuple[int, int]:
    """The buckets of a level that move on in this turn; none before the level has taken in its share for the first time."""
    turns = TURNS[level + 1]
    if turn < turns:
        return 0, 0
    size = (1 << BUCKETS[level]) // turns
    at = turn % turns
    return at * size, (at + 1) * size


def _buckets(
    connection: sqlite3.Connection, level: int, batch: Postings, also: range
) -> Iterator[tuple[int, Postings, Postings]]:
    """The buckets of a level that a batch falls into, and those of ``also``, in order: what is new, and what is held."""
    import numpy as np

    numbers = (batch >> np.uint64(64 - BUCKETS[level])).astype(np.int64)
    touched, starts = np.unique(numbers, return_index=True)
    parts = (
        dict(zip(touched.tolist(), np.split(batch, starts[1:]), strict=True))
        if len(batch)
        else {}
    )
    empty = batch[:0]
    held = dict(
        _rows(connection, [level * LEVEL + bucket for bucket in {*parts, *also}])
    )
    for bucket in sorted({*parts, *also}):
        body = held.get(level * LEVEL + bucket)
        if bucket in parts or body is not None:
            yield (
                bucket,
                parts.get(bucket, empty),
                empty if body is None else np.frombuffer(body, "<u8"),
            )


def _merged(held: Postings, fresh: Postings) -> Postings:
    import numpy as np

    if not len(fresh):
        return held
    whole = np.sort(
        np.concatenate((held, fresh)), kind="stable"
    )  # two sorted runs: np.unique would hash them
    new = np.ones(len(whole), dtype=bool)
    new[1:] = whole[1:] != whole[:-1]
    return whole[new]


def _rows(
    connection: sqlite3.Connection, rows: Iterable[int]
) -> Iterator[tuple[int, bytes]]:
    """Those of the rows that there are. Asked for by some numbers of marks only, so that few statements need preparing."""
    wanted = list(rows)
    for at in range(0, len(wanted), ASKED):
        some = wanted[at : at + ASKED]
        some += [-1] * (-len(some) % MARKS)
        marks = ",".join("?" * len(some))
        yield from connection.execute(
            f"select id, postings from shingles where id in ({marks})", some
        ).fetchall()


def _body(connection: sqlite3.Connection, row: int) -> bytes:
    found = connection.execute(
        "select postings from shingles where id = ?", [row]
    ).fetchone()
    return found[0] if found else bytes(8)


def _write(connection: sqlite3.Connection, rows: Sequence[tuple[int, bytes]]) -> None:
    connection.executemany(
        "insert or replace into shingles (id, postings) values (?, ?)", rows
    )
