"""Copy the WARC records of merged captures, as they are, into files named by content.

Records are whole gzip members, so they can be copied one by one: records that we have
are skipped, and purged ones do not come along, nor revisit records without what they
refer to. These files are never appended to
(``captures.WarcFiles`` does not continue them).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.records import warc_records
from harvester.archive.records.captures import ROTATE_BYTES
from harvester.archive.regular_files import read_record
from harvester.errors import ArchiveError

MERGED_PREFIX = "merged-"
GZIP_MAGIC = b"\x1f\x8b"

_MISSING_SQL = """
from temp.map_captures m
join other.captures o on o.id = m.old
join main.captures c on c.id = m.new
where o.file is not null and c.file is null and c.sha256 = o.sha256 and m.nth = 1
"""
# Of a missing record that refers to another one: the capture of ours that has the body.
_HOLDER_SQL = """(
    select h.id
    from other.captures target
    join temp.map_captures mapped on mapped.old = target.id
    join main.captures held on held.id = mapped.new
    join main.captures h on h.id = coalesce(held.body_of, held.id)
    where target.id = o.body_of and target.body_of is null and h.sha256 = o.sha256
)"""


class RecordCopier:
    """Writes records into files of the target folder, and points captures to them.

    ``missing_records`` counts records that could not be read.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.copied_records = 0
        self.copied_bytes = 0
        self.missing_records = 0
        self._file: BinaryIO | None = None
        self._draft = target / f".{MERGED_PREFIX}{os.getpid()}.part"
        self._digest = hashlib.sha256()
        # Offset, length, the capture that holds the body instead, the length of the
        # request's record, capture.
        self._placements: list[tuple[int, int, int | None, int | None, int]] = []

    def add_record(
        self,
        connection: sqlite3.Connection,
        capture_id: int,
        record_block: bytes,
        holder_id: int | None = None,
        request_block: bytes = b"",
    ) -> None:
        """Write one record, and that of its request; finish a file that is large.

        ``holder_id``: the capture that a revisit record refers to.
        """
        if self._file is None:
            self.target.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(
                self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
            )
            self._file = os.fdopen(descriptor, "wb")
        self._placements.append(
            (
                self._file.tell(),
                len(record_block),
                holder_id,
                len(request_block) or None,
                capture_id,
            )
        )
        for block in (record_block, request_block):
            self._file.write(block)
            self._digest.update(block)
        self.copied_records += 1
        self.copied_bytes += len(record_block) + len(request_block)
        if self._file.tell() >= ROTATE_BYTES:
            self.finish_file(connection)

    def finish_file(self, connection: sqlite3.Connection) -> None:
        """Sync the file and give it its final name, then point the captures to it."""
        if self._file is None:
            return
        self._file.flush()
        fsync_descriptor(self._file.fileno())
        self._file.close()
        name = f"{MERGED_PREFIX}{self._digest.hexdigest()[:32]}.warc.gz"
        self._draft.replace(self.target / name)
        fsync_path(self.target)
        connection.executemany(
            """
            update main.captures set
                file = ?, offset = ?, length = ?, body_of = ?, request = ?, thinned = null
            where id = ?
            """,
            [(name, *placement) for placement in self._placements],
        )
        self._file, self._digest, self._placements = None, hashlib.sha256(), []

    def discard_draft(self) -> None:
        """Remove a file that was not finished."""
        if self._file is not None:
            self._file.close()
        with suppress(OSError):
            self._draft.unlink()


def count_missing_records(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Count the records that are not here yet, in one row: ``records, bytes``."""
    return connection.execute(
        f"""
        select count(*) as records, coalesce(sum(o.length), 0) as bytes {_MISSING_SQL}
        """
    ).fetchall()


def copy_records(
    connection: sqlite3.Connection, source: Path, target: Path
) -> RecordCopier:
    """Copy the records of merged captures (``temp.map_captures``) that are not here."""
    copier = RecordCopier(target)
    try:
        for is_revisit in (False, True):  # first what the revisit records refer to
            for row in _list_missing_records(connection, is_revisit):
                is_held = not is_revisit or _has_record(connection, row["holder"])
                block = _read_intact_record(source, row) if is_held else b""
                if block:
                    request_block = _read_request(source, row)
                    copier.add_record(
                        connection, row["id"], block, row["holder"], request_block
                    )
                else:
                    copier.missing_records += 1
            copier.finish_file(connection)
    finally:
        copier.discard_draft()
    return copier


def _list_missing_records(
    connection: sqlite3.Connection, is_revisit: bool
) -> list[sqlite3.Row]:
    return connection.execute(
        f"""
        select c.id, o.file, o.offset, o.length, o.record, o.request,
            iif(o.body_of is null, null, {_HOLDER_SQL}) as holder
        {_MISSING_SQL} and (o.body_of is not null) = ?
        order by o.file, o.offset
        """,
        [is_revisit],
    ).fetchall()


def _has_record(connection: sqlite3.Connection, capture_id: int | None) -> bool:
    row = connection.execute(
        """
        select 1 from main.captures
        where id = ? and file is not null and body_of is null
        """,
        [capture_id],
    ).fetchone()
    return row is not None


def _read_intact_record(source: Path, row: sqlite3.Row) -> bytes:
    """Read a record; b"" if its file does not hold it as it was written.

    The rows are somebody else's: their names may lead anywhere.
    """
    try:
        block = read_record(source, row["file"], row["offset"], row["length"])
    except (ArchiveError, OSError):
        return b""
    if len(block) != row["length"] or block[:2] != GZIP_MAGIC:
        return b""
    if row["record"] and hashlib.sha256(block).hexdigest() != row["record"]:
        return b""
    return block


def _read_request(source: Path, row: sqlite3.Row) -> bytes:
    """The record of a request, which is directly behind; b"" if there is none."""
    if not isinstance(row["request"], int):
        return b""
    try:
        offset = row["offset"] + row["length"]
        block = read_record(source, row["file"], offset, row["request"])
        is_request = warc_records.read_record(block)[0].rec_type == "request"
    except (ArchiveError, OSError, ValueError):
        return b""
    return block if is_request and len(block) == row["request"] else b""
