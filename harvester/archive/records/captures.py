"""Captures: every response with a body, as a WARC 1.1 record, found from the archive by file and offset.

Records are written and fsynced before the row that points at them is committed, so no row points at half a record.
Scrapy hands over decoded bodies: those are stored, and the headers that no longer describe them are renamed
``X-Archive-Orig-…``, as web archives do. Not for: understanding what was captured.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from harvester.errors import ArchiveError

ROTATE_BYTES = (
    1_000_000_000  # the size that the WARC standard's annex recommends for a file
)
GZIP_LEVEL = 3  # gzip: 6 takes three times as long for 6 % less
OBSOLETE_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
WARC_PARSE_ERRORS = (
    EOFError,
    ValueError,
    AttributeError,
    LookupError,
    TypeError,
    zlib.error,
)  # what warcio raises on surprises
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


def fsync_path(path: Path) -> None:
    """Make the names in a folder last: a file's name must survive a power cut too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class WarcFiles:
    """The WARC files of one archive. One writer; appends to the newest file until it is full."""

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
        """Go on with the file of the last committed record, which ends at ``end``; a torn tail behind it is cut."""
        path = self.folder / file_name
        if not path.exists():
            return
        whole = find_last_member_end(path, end)
        if whole < path.stat().st_size:
            os.truncate(path, whole)
        if whole < self._rotate_bytes:
            self._open_file(file_name)

    def add_response(
        self,
        url: str,
        received_at: str,
        status: int,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        truncated: bool = False,
    ) -> tuple[str, int, int, str]:
        """Write one response. Returns file name, offset, compressed length, and the sha256 of the record as written."""
        if self._file is None or self._file.tell() >= self._rotate_bytes:
            self._start_next_file(received_at)
        assert self._file is not None
        offset = self._file.tell()
        block = _build_response_record(
            url, received_at, status, headers, body, truncated
        )
        self._file.write(block)
        self._dirty = True
        return self._file_name, offset, len(block), hashlib.sha256(block).hexdigest()

    def flush(self) -> None:
        """Make all that was added last on the disk."""
        if self._file is not None and self._dirty:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._dirty = False

    def close(self) -> None:
        """Flush and let go."""
        if self._file is not None:
            self.flush()
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
        self._file.write(_build_warcinfo(self._file_name, at, self._program))
        self._dirty = True

    def _open_file(self, file_name: str) -> None:
        path = self.folder / file_name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = os.fdopen(descriptor, "ab")
        self._file_name = file_name
        fsync_path(self.folder)


def _compress_record(record: object) -> bytes:
    from warcio.warcwriter import WARCWriter

    plain = io.BytesIO()
    WARCWriter(plain, gzip=False, warc_version="1.1").write_record(record)
    # Not warcio's own wrapper: it compresses at level 9, three times slower for 5 %.
    squeeze = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return squeeze.compress(plain.getvalue()) + squeeze.flush()


def _build_warcinfo(file_name: str, at: str, program: str) -> bytes:
    from warcio.warcwriter import WARCWriter

    fields = {"software": program, "format": "WARC File Format 1.1"}
    record = WARCWriter(
        io.BytesIO(), gzip=False, warc_version="1.1"
    ).create_warcinfo_record(file_name, fields)
    record.rec_headers.replace_header("WARC-Date", at)
    return _compress_record(record)


def _clean_header(text: str) -> str:
    """A header field on one line, in Latin-1 as HTTP has it."""
    return (
        _CONTROL_CHARACTERS.sub(" ", text)
        .encode("latin-1", "replace")
        .decode("latin-1")
    )


def replace_record_body(record_block: bytes, body: bytes) -> bytes:
    """A record as it was, with another body, and a header that says so."""
    from warcio.archiveiterator import ArchiveIterator

    for record in ArchiveIterator(io.BytesIO(record_block)):
        headers = list(record.http_headers.headers)
        if (
            headers and headers[-1][0] == "Content-Length"
        ):  # ours, of the body as it was
            del headers[-1]
        names = record.rec_headers
        return _build_response_record(
            names.get_header("WARC-Target-URI"),
            names.get_header("WARC-Date"),
            int(record.http_headers.get_statuscode()),
            [(name.removeprefix("X-Archive-Orig-"), value) for name, value in headers],
            body,
            names.get_header("WARC-Truncated") is not None,
            {"X-Harvester-Words": "some were taken out on purpose"},
        )
    raise ArchiveError("there is no record")


def _build_response_record(
    url: str,
    received_at: str,
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    truncated: bool,
    extra_headers: Mapping[str, str] | None = None,
) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    kept = [
        (
            f"X-Archive-Orig-{_clean_header(name)}"
            if name.lower() in OBSOLETE_HEADERS
            else _clean_header(name),
            _clean_header(value),
        )
        for name, value in headers
    ]
    kept.append(("Content-Length", str(len(body))))
    phrase = (
        HTTPStatus(status).phrase
        if status in HTTPStatus._value2member_map_
        else "Unknown"
    )
    extra = {"WARC-Date": received_at, **(extra_headers or {})}
    if truncated:
        extra["WARC-Truncated"] = "disconnect"
    record = WARCWriter(
        io.BytesIO(), gzip=False, warc_version="1.1"
    ).create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        length=len(body),  # else it is copied into a temporary file that nobody closes
        http_headers=StatusAndHeaders(f"{status} {phrase}", kept, protocol="HTTP/1.1"),
        warc_headers_dict=extra,
    )
    return _compress_record(record)


def find_last_member_end(path: Path, start: int) -> int:
    """Where the last whole gzip member at or behind ``start`` ends."""
    end = start
    with path.open("rb") as file:
        file.seek(start)
        unfold = zlib.decompressobj(zlib.MAX_WBITS + 16)
        while chunk := file.read(1 << 16):
            while chunk:
                try:
                    unfold.decompress(chunk)
                except zlib.error:
                    return end
                if not unfold.eof:
                    break
                chunk = unfold.unused_data
                end = file.tell() - len(chunk)
                unfold = zlib.decompressobj(zlib.MAX_WBITS + 16)
    return end


def link_further_pages(
    connection: sqlite3.Connection,
    first_capture_id: int,
    further_capture_ids: Iterable[int],
) -> None:
    """These captures are the other pages of the article that begins with ``first``, in this order."""
    connection.executemany(
        "update captures set first = ? where id = ?",
        [(first_capture_id, one) for one in further_capture_ids],
    )


def list_further_pages(
    connection: sqlite3.Connection, first_capture_id: int | None
) -> list[int]:
    """The captures of an article's other pages, in order."""
    rows = connection.execute(
        "select id from captures where first = ? order by id", [first_capture_id]
    )
    return [row["id"] for row in rows]


def get_received_time(connection: sqlite3.Connection, capture_id: int) -> str:
    """When a capture was received."""
    row = connection.execute(
        "select at from captures where id = ?", [capture_id]
    ).fetchone()
    return str(row["at"]) if row else ""


def get_body(
    connection: sqlite3.Connection, folder: Path | None, capture_id: int
) -> bytes:
    """The body of a capture, decoded, as received. Raises ArchiveError where it is not kept (any more)."""
    return get_response(connection, folder, capture_id)[0]


def get_response(
    connection: sqlite3.Connection, folder: Path | None, capture_id: int
) -> tuple[bytes, tuple[tuple[str, str], ...], str]:
    """Body, headers and address reached of a capture."""
    row = connection.execute(
        "select reached, type, sha256, file, offset, length, body from captures where id = ?",
        [capture_id],
    ).fetchone()
    if row is None:
        raise ArchiveError(f"there is no capture {capture_id}")
    headers: tuple[tuple[str, str], ...] = (
        (("Content-Type", row["type"]),) if row["type"] else ()
    )
    if row["body"] is not None:
        found = zlib.decompress(row["body"])
    elif row["file"] and folder is not None:
        found, headers = _read_record(
            folder / row["file"], row["offset"], row["length"], headers
        )
    else:
        raise ArchiveError(
            f"the body of capture {capture_id} is not kept",
            "set [archive] captures to keep bodies",
        )
    if hashlib.sha256(found).hexdigest() != row["sha256"]:
        raise ArchiveError(
            f"capture {capture_id} does not have the digest that it was stored with"
        )
    return found, headers, row["reached"]


def _read_record(
    path: Path, offset: int, length: int, headers: tuple[tuple[str, str], ...]
) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        with path.open("rb") as file:
            file.seek(offset)
            block = io.BytesIO(file.read(length))
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    try:
        for record in ArchiveIterator(block):
            if record.http_headers is not None:
                headers = tuple(
                    (name.removeprefix("X-Archive-Orig-"), value)
                    for name, value in record.http_headers.headers
                )
            return (
                record.raw_stream.read()
                if record.http_headers is None
                else record.content_stream().read(),
                headers,
            )
    except (ArchiveLoadFailed, *WARC_PARSE_ERRORS) as error:
        said = str(error).partition("\n")[0][:200]
        raise ArchiveError(
            f"the record at {offset} of {path} is damaged: {said}",
            "look with `harvest verify`",
        ) from error
    raise ArchiveError(f"{path} has no record at {offset}")


def add_capture(connection: sqlite3.Connection, row: Mapping[str, object]) -> int:
    """A row in ``captures``; returns its number."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = connection.execute(
        f"insert into captures ({names}) values ({marks})", list(row.values())
    )
    return int(cursor.lastrowid or 0)


def update_capture_page(
    connection: sqlite3.Connection, capture_id: int, kind: str, text: str
) -> None:
    """What a captured page turned out to be; ``text``: what was read of it, where no version carries that."""
    connection.execute(
        "update captures set page = ?, text = ? where id = ?", [kind, text, capture_id]
    )


def get_last_record_end(connection: sqlite3.Connection) -> tuple[str, int] | None:
    """File and end of the newest WARC record that a row points at; of a file that is appended to (``warcs`` writes others)."""
    row = connection.execute(
        "select file, offset + length as ending from captures where file is not null and file not like 'merged-%' order by id desc limit 1"
    ).fetchone()
    return (row["file"], row["ending"]) if row else None


def delete_body(connection: sqlite3.Connection, capture_id: int) -> None:
    """Forget a body that is kept in the archive itself, and those of the article's other pages; not one that a person taught."""
    connection.execute(
        "update captures set body = null where (id = ?1 or first = ?1) and id not in (select capture from labels)",
        [capture_id],
    )
