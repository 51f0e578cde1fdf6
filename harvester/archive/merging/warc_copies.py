"""The WARC records of captures that were merged in, copied as they are into files named by their content.

Records are whole gzip members, so they can be taken one by one: what is held already is not copied, and what was purged does
not come along. Not for: appending to (``captures.WarcFiles`` never goes on with such a file).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from harvester.archive.records.captures import ROTATE_BYTES, fsync_path

MERGED_PREFIX = "merged-"
GZIP_MAGIC = b"\x1f\x8b"


class RecordCopier:
    """Files under way. ``missing``: records that could not be read."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.copied_records = self.copied_bytes = self.missing_records = 0
        self._file: BinaryIO | None = None
        self._draft = target / f".{MERGED_PREFIX}{os.getpid()}.part"
        self._digest = hashlib.sha256()
        self._placements: list[tuple[int, int, int]] = []  # offset, length, capture

    def add_record(
        self, connection: sqlite3.Connection, capture_id: int, record_block: bytes
    ) -> None:
        """One record."""
        if self._file is None:
            self.target.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.fdopen(
                os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            )
        self._placements.append((self._file.tell(), len(record_block), capture_id))
        self._file.write(record_block)
        self._digest.update(record_block)
        self.copied_records += 1
        self.copied_bytes += len(record_block)
        if self._file.tell() >= ROTATE_BYTES:
            self.finish_file(connection)

    def finish_file(self, connection: sqlite3.Connection) -> None:
        """On the disk under its lasting name, then the rows that point at it."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name = f"{MERGED_PREFIX}{self._digest.hexdigest()[:32]}.warc.gz"
        self._draft.replace(self.target / name)
        fsync_path(self.target)
        connection.executemany(
            "update main.captures set file = ?, offset = ?, length = ? where id = ?",
            [(name, *one) for one in self._placements],
        )
        self._file, self._digest, self._placements = None, hashlib.sha256(), []

    def discard_draft(self) -> None:
        """Leave nothing half written."""
        if self._file is not None:
            self._file.close()
        with suppress(OSError):
            self._draft.unlink()


def count_missing_records(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """How many records are not here yet, and how many bytes."""
    return connection.execute(
        f"select count(*) as records, coalesce(sum(o.length), 0) as bytes {_MISSING_SQL}"
    ).fetchall()


_MISSING_SQL = """from temp.map_captures m join other.captures o on o.id = m.old join main.captures c on c.id = m.new
where o.file is not null and c.file is null and c.sha256 = o.sha256"""


def copy_records(
    connection: sqlite3.Connection, source: Path, target: Path
) -> RecordCopier:
    """Copy the records of all captures of ``temp.map_captures`` whose bodies are not here."""
    copying = RecordCopier(target)
    rows = connection.execute(
        f"select c.id, o.file, o.offset, o.length, o.record {_MISSING_SQL} order by o.file, o.offset"
    )
    name, file = "", None
    try:
        for row in rows.fetchall():
            if row["file"] != name:
                if file is not None:
                    file.close()
                name, file = row["file"], _open_or_none(source / row["file"])
            block = _read_record(file, row)
            if block:
                copying.add_record(connection, row["id"], block)
            else:
                copying.missing_records += 1
        copying.finish_file(connection)
    finally:
        if file is not None:
            file.close()
        copying.discard_draft()
    return copying


def _open_or_none(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except OSError:
        return None


def _read_record(file: BinaryIO | None, row: sqlite3.Row) -> bytes:
    """A record; "" where the file does not hold it as it was written."""
    if file is None:
        return b""
    file.seek(row["offset"])
    block = file.read(row["length"])
    whole = len(block) == row["length"] and block[:2] == GZIP_MAGIC
    if row["record"] and hashlib.sha256(block).hexdigest() != row["record"]:
        return b""
    return block if whole else b""
