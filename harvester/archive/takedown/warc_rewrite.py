"""WARC files written again without some of their records, or with others in their place.

A file is never changed in place: a new one is written and made last, then the rows point at it in one transaction, then the old
one is deleted. What must not be there stands in ``leftovers`` until it is gone, so that an end at any instant leaves either
all of the old or all of the new, and the rest is cleared away later. Not for: deciding what goes (``purge``).
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from harvester.archive.integrity.warc_check import iter_members
from harvester.archive.records.captures import fsync_path

CHUNK_BYTES = 1 << 20

# What a capture leaves that is taken out: that there was an answer, and when.
EMPTY_CAPTURE_SQL = """update captures set kind = 'purged', url = '', reached = '', type = '', sha256 = '', bytes = 0, robots = '', file = null,
offset = null, length = null, record = '', body = null, page = '', text = ''"""

RecordEdit = Callable[
    [bytes], bytes
]  # the record as it was → as it is to be; b"": it goes


@dataclass(slots=True)
class RewrittenFile:
    """A file as written anew."""

    old_name: str
    new_name: str
    edits: list[tuple[int, int, int]] = field(
        default_factory=list
    )  # offset and length in the old file, length in the new
    record_digests: dict[int, str] = field(
        default_factory=dict
    )  # offset in the old file → sha256 of the new record

    def offset_mapper(self) -> Callable[[int], int]:
        """Where what stood at an offset of the old file stands in the new one."""
        starts, shifts, shift = [0], [0], 0
        for offset, length, became in self.edits:
            shift += became - length
            starts.append(offset + length)
            shifts.append(shift)
        return lambda place: place + shifts[bisect_right(starts, place) - 1]


def choose_new_name(folder: Path, file_name: str) -> str:
    """The name of the file that takes the place of another: its stem, and a number."""
    stem, number = file_name.removesuffix(".warc.gz"), 0
    match = re.fullmatch(r"(.+)-r(\d+)", stem)
    if match:
        stem, number = match[1], int(match[2])
    while True:
        number += 1
        if not (folder / f"{stem}-r{number}.warc.gz").exists():
            return f"{stem}-r{number}.warc.gz"


def write_file(
    folder: Path,
    old_name: str,
    new_name: str,
    changes: list[tuple[int, int, RecordEdit]],
    known_end: int = 0,
) -> RewrittenFile:
    """Write ``name`` from ``old``; ``changes``: offset, length, and what becomes of the record there.

    ``known``: where the last record ends that a row points at; behind it, a torn tail is left out.
    """
    found = RewrittenFile(old_name, new_name)
    descriptor = os.open(
        folder / new_name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
    )
    with (
        (folder / old_name).open("rb") as source,
        os.fdopen(descriptor, "wb") as target,
    ):
        place = 0
        for offset, length, change in sorted(changes, key=lambda one: one[0]):
            _copy_range(source, target, place, offset)
            source.seek(offset)
            block = change(source.read(length))
            target.write(block)
            found.edits.append((offset, length, len(block)))
            found.record_digests[offset] = hashlib.sha256(block).hexdigest()
            place = offset + length
        whole = _find_last_record_end(
            source, max(place, known_end), os.fstat(source.fileno()).st_size
        )
        _copy_range(source, target, place, whole)
        target.flush()
        os.fsync(target.fileno())
    fsync_path(folder)
    return found


def _copy_range(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        chunk = source.read(min(CHUNK_BYTES, end - start))
        if not chunk:
            return
        target.write(chunk)
        start += len(chunk)


def _find_last_record_end(file: BinaryIO, start: int, end: int) -> int:
    """Where the last whole record ends."""
    place = start
    try:
        for offset, length in iter_members(file, start, end):
            place = offset + length
    except ValueError:
        pass
    return place


# ---- what must not be there


def add_leftovers(
    connection: sqlite3.Connection, file_names: list[str], now: str
) -> None:
    """These files are to be deleted."""
    connection.executemany(
        "insert or ignore into leftovers (file, at) values (?, ?)",
        [(name, now) for name in file_names],
    )


def delete_leftovers(connection: sqlite3.Connection, file_names: list[str]) -> None:
    """These files may stay after all, or are gone."""
    connection.executemany(
        "delete from leftovers where file = ?", [(name,) for name in file_names]
    )


def list_leftovers(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """What must not be there: rows of ``file``, ``offset``, ``length``."""
    return connection.execute(
        "select file, offset, length from leftovers order by file, offset"
    ).fetchall()


def delete_leftover_files(
    connection: sqlite3.Connection, folder: Path | None
) -> list[str]:
    """Delete the files that must not be there; in the caller's transaction they are struck out. Returns their names."""
    names = [
        row["file"]
        for row in list_leftovers(connection)
        if row["file"] and row["offset"] < 0
    ]
    if folder is None or not names:
        return []
    for name in names:
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir():
        fsync_path(folder)
    delete_leftovers(connection, names)
    return names


def empty_capture(connection: sqlite3.Connection, capture_id: int, now: str) -> None:
    """A capture that must not be kept after all: its row says only that there was an answer, and its record is cut out by and by."""
    row = connection.execute(
        "select file, offset, length from captures where id = ?", [capture_id]
    ).fetchone()
    if row["file"]:
        connection.execute(
            "insert or ignore into leftovers (file, offset, length, at) values (?, ?, ?, ?)",
            [*row, now],
        )
    connection.execute(f"{EMPTY_CAPTURE_SQL} where id = ?", [capture_id])
