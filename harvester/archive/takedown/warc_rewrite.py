"""Rewrite WARC files without some of their records, or with others in their place.

A file is never changed in place: a new one is written and synced, then the rows are
pointed at it in one transaction, then the old one is deleted. Whatever must not remain
is listed in ``leftovers`` until it is gone, so a crash at any instant leaves either the
old state or the new one, and the rest is cleared later. Does not decide what is
removed; see ``purge``.
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

from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.integrity.warc_check import iter_members
from harvester.archive.regular_files import is_capture_file_name, open_regular

CHUNK_BYTES = 1 << 20
ARCHIVE_FILE = ""  # the name of the archive's own file in ``leftovers``

# What remains of a purged capture: that there was a response, and when.
EMPTY_CAPTURE_SQL = """
update captures set
    kind = 'purged', url = '', reached = '', type = '', sha256 = '', bytes = 0,
    robots = '', ip = '', reserved = '', request = null, file = null, offset = null,
    length = null, record = '', body = null, body_of = null, thinned = null, page = '',
    text = ''
"""

# Takes a record and returns the new one; b"" removes it.
RecordEdit = Callable[[bytes], bytes]


@dataclass(slots=True)
class RewrittenFile:
    """A WARC file that was written anew."""

    old_name: str
    new_name: str
    # Offset and length in the old file, length in the new one.
    edits: list[tuple[int, int, int]] = field(default_factory=list)
    # Offset in the old file → SHA-256 of the new record.
    record_digests: dict[int, str] = field(default_factory=dict)

    def offset_mapper(self) -> Callable[[int], int]:
        """Return the function from offsets of the old file to those of the new one."""
        starts, shifts, shift = [0], [0], 0
        for offset, old_length, new_length in self.edits:
            shift += new_length - old_length
            starts.append(offset + old_length)
            shifts.append(shift)
        return lambda offset: offset + shifts[bisect_right(starts, offset) - 1]


def choose_new_name(folder: Path, file_name: str) -> str:
    """Choose the name of the file that replaces another: its stem and a number."""
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
    """Write a new file from an old one.

    ``changes`` are offset and length of records, and their edit. ``known_end`` is the
    end of the last record that a row points to; an incomplete record behind it is left
    out.
    """
    rewritten = RewrittenFile(old_name, new_name)
    descriptor = os.open(
        folder / new_name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
    )
    with (
        open_regular(folder / old_name) as source,
        os.fdopen(descriptor, "wb") as target,
    ):
        position = 0
        for offset, length, edit in sorted(changes, key=lambda change: change[0]):
            _copy_range(source, target, position, offset)
            source.seek(offset)
            block = edit(source.read(length))
            target.write(block)
            rewritten.edits.append((offset, length, len(block)))
            rewritten.record_digests[offset] = hashlib.sha256(block).hexdigest()
            position = offset + length
        end = _find_last_record_end(
            source, max(position, known_end), os.fstat(source.fileno()).st_size
        )
        _copy_range(source, target, position, end)
        target.flush()
        fsync_descriptor(target.fileno())
    fsync_path(folder)
    return rewritten


def _copy_range(source: BinaryIO, target: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    while start < end:
        chunk = source.read(min(CHUNK_BYTES, end - start))
        if not chunk:
            return
        target.write(chunk)
        start += len(chunk)


def _find_last_record_end(file: BinaryIO, start: int, end: int) -> int:
    """Return where the last complete record ends."""
    last_end = start
    try:
        for offset, length in iter_members(file, start, end):
            last_end = offset + length
    except ValueError:
        pass
    return last_end


# ---- leftovers: what must not remain


def add_leftovers(
    connection: sqlite3.Connection, file_names: list[str], now: str
) -> None:
    """List files that are to be deleted."""
    connection.executemany(
        "insert or ignore into leftovers (file, at) values (?, ?)",
        [(name, now) for name in file_names],
    )


def delete_leftovers(connection: sqlite3.Connection, file_names: list[str]) -> None:
    """Strike files off the list: they may stay after all, or are gone."""
    connection.executemany(
        "delete from leftovers where file = ?", [(name,) for name in file_names]
    )


def list_leftovers(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """List what must not remain: ``file, offset, length``."""
    return connection.execute(
        "select file, offset, length from leftovers order by file, offset"
    ).fetchall()


def delete_leftover_files(
    connection: sqlite3.Connection, folder: Path | None
) -> list[str]:
    """Delete listed files, and strike them off in the caller's transaction.

    Returns their names.
    """
    names = [
        row["file"]
        for row in list_leftovers(connection)
        if row["file"] and row["offset"] < 0
    ]
    if folder is None or not names:
        return []
    for name in names:
        if is_capture_file_name(name):
            (folder / name).unlink(missing_ok=True)
    if folder.is_dir():
        fsync_path(folder)
    delete_leftovers(connection, names)
    return names


def empty_capture(connection: sqlite3.Connection, capture_id: int, now: str) -> None:
    """Empty a capture that must not be kept; its record is removed later."""
    row = connection.execute(
        """
        select file, offset, length + coalesce(request, 0) from captures where id = ?
        """,
        [capture_id],
    ).fetchone()
    if row["file"]:
        connection.execute(
            """
            insert or ignore into leftovers (file, offset, length, at)
            values (?, ?, ?, ?)
            """,
            [*row, now],
        )
    connection.execute(f"{EMPTY_CAPTURE_SQL} where id = ?", [capture_id])
