"""Captures: responses stored as WARC 1.1 records, found by file and offset.

Records are written and fsynced before the row that points at them is committed, so no
row points at half a record. A body that is stored already is not stored again: the row
says whose record holds it (``body_of``); see ``stored_bodies``. What a record consists of
is in ``warc_records``.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from harvester.archive.disk_sync import (
    file_identity,
    fsync_descriptor,
    fsync_path,
)
from harvester.archive.records import compression, warc_records
from harvester.archive.records.compression import MAX_BYTES, decompress_body
from harvester.archive.records.record_sql import column_values, insert_row
from harvester.archive.regular_files import (
    capture_path,
    is_capture_file_name,
    read_record,
)
from harvester.errors import ArchiveError

ROTATE_BYTES = 1_000_000_000  # a file's size as the WARC standard's annex recommends


@dataclass(frozen=True, slots=True)
class NewCapture:
    """A row of ``captures`` to be added; the schema explains each column."""

    crawl: int | None
    outlet: str
    kind: str
    url: str
    reached: str
    at: str
    status: int
    type: str
    sha256: str
    truncated: int
    robots: str
    file: str | None
    offset: int | None
    length: int | None
    record: str
    ip: str
    reserved: str
    request: int | None
    body: bytes | None
    body_of: int | None
    origin: int | None
    bytes: int  # last: it hides the type of that name


class WarcFiles:
    """The WARC files of an archive, for one writer; fills the newest, then begins one."""

    def __init__(
        self, folder: Path, program: str, rotate_bytes: int = ROTATE_BYTES
    ) -> None:
        self.folder = folder
        self._program = program
        self._rotate_bytes = rotate_bytes
        self._file: BinaryIO | None = None
        self._file_name = ""
        self._dirty = False

    def resume(self, file_name: str, end: int) -> None:
        """Continue the file of the last committed record, which ends at ``end``.

        A torn record after it is cut off.
        """
        if not is_capture_file_name(file_name):
            return  # a row that no program of ours has written
        path = self.folder / file_name
        if not path.is_file():
            return
        intact = compression.find_last_member_end(path, end)
        if intact < path.stat().st_size:
            os.truncate(path, intact)
        if intact < self._rotate_bytes:
            self._open_file(file_name)

    def add_response(
        self,
        url: str,
        received_at: str,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        truncated: bool = False,
        warc_headers: Mapping[str, str] | None = None,
    ) -> tuple[str, int, int, str]:
        """Write a response; returns file name, offset, compressed length and digest.

        ``warc_headers`` are further ones of the record. The digest is the SHA-256 of
        the record as written.
        """
        block = warc_records.build_response(
            url, received_at, status, headers, body, truncated, warc_headers
        )
        return self.add_record(block, received_at)

    def add_record(self, block: bytes, received_at: str) -> tuple[str, int, int, str]:
        """Write a compressed record; returns what ``add_response`` returns."""
        if self._file is None or self._file.tell() >= self._rotate_bytes:
            self._start_next_file(received_at)
        assert self._file is not None
        offset = self._file.tell()
        self._file.write(block)
        self._dirty = True
        return self._file_name, offset, len(block), hashlib.sha256(block).hexdigest()

    def read_record(self, file_name: str, offset: int, length: int) -> bytes:
        """A record as it is in its file, also one that was added just now.

        Raises OSError and ArchiveError.
        """
        if self._file is not None and file_name == self._file_name:
            self._file.flush()
        return read_record(self.folder, file_name, offset, length)

    def add_request(
        self,
        url: str,
        received_at: str,
        headers: Iterable[tuple[str, str]],
        response_id: str,
    ) -> int:
        """Write the request of the response that was added last; returns its length."""
        assert self._file is not None
        block = warc_records.build_request(url, received_at, headers, response_id)
        self._file.write(block)
        return len(block)

    def flush(self) -> None:
        """Fsync what was added.

        Raises ArchiveError if the file was removed or moved: rows that are not committed
        yet would point nowhere.
        """
        if self._file is not None and self._dirty:
            self._file.flush()
            status = os.fstat(self._file.fileno())
            path = self.folder / self._file_name
            if file_identity(path) != (status.st_dev, status.st_ino):
                raise ArchiveError(
                    f"{path} was removed or moved while it was written to",
                    f"move {self.folder} back, or set [archive] captures to where it "
                    "is now; what was received is fetched again",
                )
            fsync_descriptor(self._file.fileno())
            self._dirty = False

    def close(self) -> None:
        """Flush and close the file."""
        if self._file is not None:
            try:
                self.flush()
            finally:
                self._file.close()
                self._file = None

    def _start_next_file(self, at: str) -> None:
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stamp = re.sub(r"\D", "", at)
        number = 0
        while (self.folder / f"harvester-{stamp}-{number:05d}.warc.gz").exists():
            number += 1
        self._open_file(f"harvester-{stamp}-{number:05d}.warc.gz")
        assert self._file is not None
        self._file.write(
            warc_records.build_warcinfo(self._file_name, at, self._program)
        )
        self._dirty = True

    def _open_file(self, file_name: str) -> None:
        path = self.folder / file_name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab")
        self._file_name = file_name
        fsync_path(self.folder)


def link_further_pages(
    connection: sqlite3.Connection,
    first_capture_id: int,
    further_capture_ids: Iterable[int],
) -> None:
    """Link the captures of an article's further pages to that of its first page."""
    connection.executemany(
        "update captures set first = ? where id = ?",
        [(first_capture_id, capture_id) for capture_id in further_capture_ids],
    )


def list_further_pages(
    connection: sqlite3.Connection, first_capture_id: int | None
) -> list[int]:
    """The captures of an article's further pages, in order."""
    rows = connection.execute(
        "select id from captures where first = ? order by id", [first_capture_id]
    )
    return [row["id"] for row in rows]


def get_received_time(connection: sqlite3.Connection, capture_id: int) -> str:
    """When a capture was received; "" if there is none."""
    row = connection.execute(
        "select at from captures where id = ?", [capture_id]
    ).fetchone()
    return str(row["at"]) if row else ""


def get_body(
    connection: sqlite3.Connection, folder: Path | None, capture_id: int
) -> bytes:
    """The decoded body of a capture. Raises ArchiveError where it is not stored."""
    return get_response(connection, folder, capture_id)[0]


def get_response(
    connection: sqlite3.Connection,
    folder: Path | None,
    capture_id: int,
    max_bytes: int = MAX_BYTES,
) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
    """Body, headers and final URL of a capture. Raises ArchiveError as ``get_body``.

    ``max_bytes``: of its record or body, decompressed.
    """
    row = connection.execute(
        """
        select c.reached, c.type, c.sha256, c.file, c.offset, c.length, c.body, c.thinned,
            c.body_of, o.file as body_file, o.offset as body_offset, o.length as body_length
        from captures c
        left join captures o on o.id = c.body_of
        where c.id = ?
        """,
        [capture_id],
    ).fetchone()
    if row is None:
        raise ArchiveError(f"capture {capture_id} not found")
    headers: tuple[tuple[str, str], ...] = (
        (("Content-Type", row["type"]),) if row["type"] else ()
    )
    if row["body"] is not None:
        try:
            body = decompress_body(row["body"], max_bytes)
        except ValueError as error:
            raise ArchiveError(
                f"the body of capture {capture_id} is damaged: {error}",
                "run `harvest verify`",
            ) from error
    elif row["file"] and folder is not None:
        body, headers = _read_stored_response(
            folder, capture_id, row, headers, max_bytes
        )
    elif row["thinned"]:
        raise ArchiveError(
            f"the body of capture {capture_id} was thinned out at {row['thinned']}: its "
            "digest and its length are kept",
            "see [upkeep] thin_after",
        )
    else:
        raise ArchiveError(
            f"the body of capture {capture_id} is not stored",
            "set [archive] captures to store bodies",
        )
    if hashlib.sha256(body).hexdigest() != row["sha256"]:
        raise ArchiveError(
            f"the body of capture {capture_id} does not match its digest"
        )
    return body, headers, row["reached"]


def _read_stored_response(
    folder: Path,
    capture_id: int,
    row: sqlite3.Row,
    headers: tuple[tuple[str, str], ...],
    max_bytes: int,
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """Body and headers from the record; of a revisit record, the body it refers to."""
    record, body = _read_record(
        folder, row["file"], row["offset"], row["length"], max_bytes
    )
    if record.http_headers is not None:
        headers = tuple(warc_records.original_headers(record))
    if row["body_of"] is not None:
        if not row["body_file"]:
            raise ArchiveError(
                f"the body of capture {capture_id} is that of capture {row['body_of']}, "
                "which is not stored",
                "run `harvest verify`",
            )
        _, body = _read_record(
            folder, row["body_file"], row["body_offset"], row["body_length"], max_bytes
        )
    return body, headers


def _read_record(
    folder: Path,
    file_name: str,
    offset: int,
    length: int,
    max_bytes: int = MAX_BYTES,
) -> tuple[Any, bytes]:
    """warcio's record and its payload. Raises ArchiveError."""
    path = capture_path(folder, file_name)
    try:
        block = read_record(folder, file_name, offset, length)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return warc_records.read_record(block, max_bytes)
    except ValueError as error:
        cause = str(error).partition("\n")[0][:200]
        raise ArchiveError(
            f"the record at offset {offset} of {path} is damaged: {cause}",
            "run `harvest verify`",
        ) from error


def list_last_tries(
    connection: sqlite3.Connection, url: str, count: int
) -> list[tuple[str, bool]]:
    """Of the last responses to requests for a URL: digest, and whether truncated."""
    rows = connection.execute(
        """
        select sha256, truncated from captures
        where url = ? and kind <> 'redirect' order by id desc limit ?
        """,
        [url, count],
    )
    return [(str(sha256), bool(truncated)) for sha256, truncated in rows]


def add_capture(connection: sqlite3.Connection, capture: NewCapture) -> int:
    """Add a capture; returns its id."""
    return insert_row(connection, "captures", column_values(capture))


def update_capture_page(
    connection: sqlite3.Connection, capture_id: int, kind: str, text: str
) -> None:
    """Record what a captured page is, and its text where no version has it."""
    connection.execute(
        "update captures set page = ?, text = ? where id = ?", [kind, text, capture_id]
    )


def update_reserved(
    connection: sqlite3.Connection, capture_id: int, reserved: str
) -> None:
    """Record what the outlet reserves for a captured page, in words."""
    connection.execute(
        "update captures set reserved = :reserved where id = :id and reserved <> :reserved",
        {"reserved": reserved, "id": capture_id},
    )


def get_last_record_end(connection: sqlite3.Connection) -> tuple[str, int] | None:
    """File and end of the newest WARC record that a row points at, or None.

    Not in files that a merge wrote: nothing is appended to those.
    """
    row = connection.execute(
        """
        select file, offset + length as ending from captures
        where file is not null and file not like 'merged-%' order by id desc limit 1
        """
    ).fetchone()
    return (row["file"], row["ending"]) if row else None


def delete_body(connection: sqlite3.Connection, capture_id: int) -> None:
    """Delete a body stored in the database, and those of the article's further pages.

    Bodies of pages that a person labelled stay.
    """
    connection.execute(
        """
        update captures set body = null
        where (id = :capture_id or first = :capture_id) and id not in (select capture from labels)
        """,
        {"capture_id": capture_id},
    )
