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

from harvester.archive.records import warc_records
from harvester.archive.regular_files import MAX_RECORD_BYTES, open_regular

CHUNK_BYTES = 1 << 16


def check_file(
    path: Path,
    rows: Sequence[sqlite3.Row],
    is_growing: bool,
    on_record_checked: Callable[[int], None],
    get_payload_digest: Callable[[int], str],
) -> Iterator[dict[str, Any]]:
    """Everything broken in a file: ``what``, ``offset``, and ``row`` of the capture.

    ``rows`` are its captures, by offset; ``is_held``: another's record has the body.
    ``is_growing``: the file may be written at this moment, so anything after the last
    record is ignored. ``on_record_checked`` is called with the length of each record.
    ``get_payload_digest`` returns the digest of the body in another capture's record, as
    WARC-Payload-Digest has it; "" if that cannot be read.
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
            fault = _check_record(file, row, size, get_payload_digest)
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


def _check_record(
    file: BinaryIO,
    row: sqlite3.Row,
    file_size: int,
    get_payload_digest: Callable[[int], str],
) -> str:
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
        fault = _check_payload(record, row, get_payload_digest)
    except ValueError as error:
        return f"the record is damaged: {error}"
    if fault:
        return fault
    if row["record"] and hashlib.sha256(record).hexdigest() != row["record"]:
        return "the record does not match its digest: its headers were changed"
    return ""


def _check_payload(
    block: bytes, row: sqlite3.Row, get_payload_digest: Callable[[int], str]
) -> str:
    """What is wrong with the body, or with the reference to it. Raises ValueError."""
    record, body = warc_records.read_record(block)
    is_revisit = warc_records.is_revisit(record)
    if is_revisit and row["body_of"] is None:
        return "it is a revisit record, and its capture does not say whose body it has"
    if not is_revisit and row["body_of"] is not None:
        return "its capture refers to another one, and it is not a revisit record"
    if is_revisit and not row["is_held"]:
        return ""  # told with the rows
    if is_revisit:
        digest = get_payload_digest(row["body_of"])
        if not digest:
            return f"its body is in the record of capture {row['body_of']}, which is damaged"
        is_right = digest == record.rec_headers.get_header("WARC-Payload-Digest")
    else:
        is_right = hashlib.sha256(body).hexdigest() == row["sha256"]
    return "" if is_right else "the payload does not match its digest"


def read_payload(record: bytes) -> bytes:
    """The payload of a compressed record, as received; b"" of a revisit record.

    Raises ValueError unless the bytes are exactly one complete record.
    """
    return warc_records.read_record(record)[1]


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
