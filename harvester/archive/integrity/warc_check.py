"""The records of one WARC file, looked at one by one: whether each is what it was, and what stands between them.

Not for: writing them (``captures``), nor taking them out (``rewrite``).
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from harvester.archive.records.captures import WARC_PARSE_ERRORS

CHUNK_BYTES = 1 << 16
MAX_RECORD_BYTES = 1 << 28  # bytes of a record, unfolded: far more than is ever written


def check_file(
    path: Path,
    rows: Sequence[sqlite3.Row],
    is_growing: bool,
    on_record_checked: Callable[[int], None],
) -> Iterator[dict[str, Any]]:
    """What is broken in a file: ``what``, ``offset``, and ``row`` of the capture. ``rows``: its captures by offset.

    ``growing``: it may be written to at this moment, so that what follows the last record is not looked at. ``done`` is told
    the length of each record.
    """
    try:
        file = path.open("rb")
    except (OSError, ValueError) as error:  # a name with a null in it
        first = rows[0]
        why = (
            os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        )
        words = f"the file cannot be read: {why}"
        yield {"what": words, "offset": first["offset"], "row": first["id"]}
        return
    with file:
        size, end = os.fstat(file.fileno()).st_size, 0
        for row in rows:
            if row["offset"] > end:
                yield from _check_between(file, end, row["offset"])
            on_record_checked(row["length"])
            words = _check_record(file, row, size)
            if words:
                yield {
                    "what": words,
                    "offset": row["offset"],
                    "row": row["id"],
                    "day": row["at"][:10],
                }
            end = max(end, row["offset"] + row["length"])
        if not is_growing and end < size:
            yield from _check_between(file, end, size)


def _check_record(file: BinaryIO, row: sqlite3.Row, file_size: int) -> str:
    """What is wrong with a record; "" where it is as it was."""
    if row["offset"] + row["length"] > file_size:
        return f"the file is cut short: it has {file_size} bytes, and the record reaches to {row['offset'] + row['length']}"
    file.seek(row["offset"])
    block = file.read(row["length"])
    try:
        body = read_payload(block)
    except ValueError as error:
        return f"the record is damaged: {error}"
    if hashlib.sha256(body).hexdigest() != row["sha256"]:
        return "the payload does not have the digest that it was stored with"
    if row["record"] and hashlib.sha256(block).hexdigest() != row["record"]:
        return "the record does not have the digest that it was written with: its headers were changed"
    return ""


def read_payload(record_block: bytes) -> bytes:
    """The payload of a compressed record, as received. Raises ValueError where it is no whole record."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    unfold = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        plain = unfold.decompress(record_block, MAX_RECORD_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unfold.eof:
        raise ValueError("it is not whole")
    if unfold.unused_data:
        raise ValueError("more stands behind it than belongs to it")
    try:
        for record in ArchiveIterator(io.BytesIO(plain)):
            stream = (
                record.raw_stream
                if record.http_headers is None
                else record.content_stream()
            )
            return bytes(stream.read())
    except (ArchiveLoadFailed, *WARC_PARSE_ERRORS) as error:
        raise ValueError(str(error)) from error
    raise ValueError("there is no WARC record")


def iter_members(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offset and length of each whole gzip member from ``start`` to ``end``. Raises ValueError(words, offset) at a broken one."""
    place = start
    while place < end:
        file.seek(place)
        unfold, read = zlib.decompressobj(zlib.MAX_WBITS + 16), 0
        while not unfold.eof:
            chunk = file.read(min(CHUNK_BYTES, end - place - read))
            if not chunk:
                raise ValueError("a record is not whole", place)
            read += len(chunk)
            try:
                unfold.decompress(chunk)
            except zlib.error as error:
                raise ValueError(f"a record is damaged: {error}", place) from error
        length = read - len(unfold.unused_data)
        yield place, length
        place += length


def _check_between(file: BinaryIO, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Records that no capture points at: those that tell of the file itself, and leavings of a crawl that was killed."""
    try:
        for _ in iter_members(file, start, end):
            pass
    except ValueError as error:
        yield {
            "what": f"no capture points at it, and {error.args[0]}",
            "offset": error.args[1],
        }
