"""Check the records of one WARC file, and what is between them.

Does not write records (``archive.records.captures``) or remove them
(``archive.takedown.warc_rewrite``).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from harvester.archive.records.warc_records import read_record
from harvester.archive.regular_files import MAX_RECORD_BYTES, open_regular

CHUNK_BYTES = 1 << 16


def check_file(
    path: Path,
    rows: Sequence[sqlite3.Row],
    is_growing: bool,
    on_record_checked: Callable[[int], None],
) -> Iterator[dict[str, Any]]:
    """Everything broken in a file: ``what``, ``offset``, and ``row`` of the capture.

    ``rows`` are its captures, by offset. ``is_growing``: the file may be written at this
    moment, so anything after the last record is ignored. ``on_record_checked`` is called
    with the length of each record.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        yield {
            "what": f"the file cannot be read: {error.strerror}",
            "offset": rows[0]["offset"],
            "row": rows[0]["id"],
        }
        return
    with file:
        size, end = os.fstat(file.fileno()).st_size, 0
        for row in rows:
            if row["offset"] > end:
                yield from _check_between(file, end, row["offset"])
            on_record_checked(row["length"])
            fault = _check_record(file, row, size)
            if fault:
                yield {
                    "what": fault,
                    "offset": row["offset"],
                    "row": row["id"],
                    "day": row["at"][:10],
                }
            end = max(end, row["offset"] + row["length"])
        if not is_growing and end < size:
            yield from _check_between(file, end, size)


def _check_record(file: BinaryIO, row: sqlite3.Row, file_size: int) -> str:
    """What is wrong with a record; "" if it is unchanged."""
    end = row["offset"] + row["length"]
    if end > file_size:
        return (
            f"the file is cut short: it has {file_size} bytes, "
            f"and the record ends at {end}"
        )
    if row["length"] > MAX_RECORD_BYTES:
        return "the record is longer than any that is written"
    file.seek(row["offset"])
    record = file.read(row["length"])
    try:
        body = read_payload(record)
    except ValueError as error:
        return f"the record is damaged: {error}"
    if hashlib.sha256(body).hexdigest() != row["sha256"]:
        return "the payload does not match its digest"
    if row["record"] and hashlib.sha256(record).hexdigest() != row["record"]:
        return "the record does not match its digest: its headers were changed"
    return ""


def read_payload(record: bytes) -> bytes:
    """The payload of a compressed record, as received.

    Raises ValueError unless the bytes are exactly one complete record.
    """
    return read_record(record)[1]


def iter_members(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offset and length of each complete gzip member from ``start`` to ``end``.

    Raises ValueError(message, offset) at a broken one.
    """
    offset = start
    while offset < end:
        file.seek(offset)
        decompressor, read = zlib.decompressobj(zlib.MAX_WBITS + 16), 0
        while not decompressor.eof:
            chunk = file.read(min(CHUNK_BYTES, end - offset - read))
            if not chunk:
                raise ValueError("a record is incomplete", offset)
            read += len(chunk)
            try:
                decompressor.decompress(chunk)
            except zlib.error as error:
                raise ValueError(f"a record is damaged: {error}", offset) from error
        length = read - len(decompressor.unused_data)
        yield offset, length
        offset += length


def _check_between(file: BinaryIO, start: int, end: int) -> Iterator[dict[str, Any]]:
    """Check the bytes that no capture points at.

    Complete records are fine: those that describe the file itself, and those that a
    killed crawl left.
    """
    try:
        for _ in iter_members(file, start, end):
            pass
    except ValueError as error:
        yield {
            "what": f"no capture points here, and {error.args[0]}",
            "offset": error.args[1],
        }
