"""WARC 1.1 records as bytes: each is one gzip member.

Scrapy hands over decoded bodies: those are stored, and the headers that no longer
describe them are renamed ``X-Archive-Orig-…``, as web archives do. Does not know files
(``captures``).
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO

from harvester.archive.records.compression import compress_record, decompress_record

if TYPE_CHECKING:
    from warcio.warcwriter import WARCWriter

ORIGINAL = "X-Archive-Orig-"  # before the name of a header that was renamed
OBSOLETE_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


def build_warcinfo(file_name: str, at: str, program: str) -> bytes:
    """The record about a file that is its first."""
    fields = {"software": program, "format": "WARC File Format 1.1"}
    plain = io.BytesIO()
    writer = _writer_to(plain)
    record = writer.create_warcinfo_record(file_name, fields)
    record.rec_headers.replace_header("WARC-Date", at)
    writer.write_record(record)
    return compress_record(plain.getvalue())


def build_response(
    url: str,
    received_at: str,
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    truncated: bool,
    extra_headers: Mapping[str, str] | None = None,
) -> bytes:
    """The record of a response; ``extra_headers`` are the record's own."""
    from warcio.statusandheaders import StatusAndHeaders

    kept = [
        (
            f"{ORIGINAL}{_clean_header(name)}"
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
    plain = io.BytesIO()
    writer = _writer_to(plain)
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        length=len(body),  # else warcio copies it into a temporary file it never closes
        http_headers=StatusAndHeaders(f"{status} {phrase}", kept, protocol="HTTP/1.1"),
        warc_headers_dict=extra,
    )
    writer.write_record(record)
    return compress_record(plain.getvalue())


def read_record(block: bytes) -> tuple[Any, bytes]:
    """warcio's record of a compressed record, and its payload as received.

    Raises ValueError unless the bytes are exactly one complete record.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    plain = decompress_record(block)
    try:
        for record in ArchiveIterator(io.BytesIO(plain)):
            stream = (
                record.raw_stream
                if record.http_headers is None
                else record.content_stream()
            )
            return record, stream.read()
    except (  # what warcio raises on damaged records
        ArchiveLoadFailed,
        EOFError,
        AttributeError,
        LookupError,
        TypeError,
        zlib.error,
    ) as error:
        raise ValueError(str(error)) from error
    raise ValueError("it is not a WARC record")


def original_headers(record: Any) -> list[tuple[str, str]]:
    """The HTTP headers of a record of ours, named as they were received."""
    return [
        (name.removeprefix(ORIGINAL), value)
        for name, value in record.http_headers.headers
    ]


def replace_body(block: bytes, body: bytes) -> bytes:
    """The record with another body, and a header that says so. Raises ValueError."""
    record, _ = read_record(block)
    headers = original_headers(record)
    if headers and headers[-1][0] == "Content-Length":  # ours, of the former body
        del headers[-1]
    warc_headers = record.rec_headers
    return build_response(
        warc_headers.get_header("WARC-Target-URI"),
        warc_headers.get_header("WARC-Date"),
        int(record.http_headers.get_statuscode()),
        headers,
        body,
        warc_headers.get_header("WARC-Truncated") is not None,
        {"X-Harvester-Words": "some were taken out on purpose"},
    )


def _writer_to(plain: io.BytesIO) -> WARCWriter:
    """A writer without compression: warcio's own is zlib's, at level 9."""
    return _writer_class()(plain, gzip=False, warc_version="1.1")


@cache
def _writer_class() -> type[WARCWriter]:
    """warcio's writer, which takes a body whole: it is in memory.

    warcio would digest it twice and write it in pieces of 16 KiB.
    """
    from warcio.warcwriter import WARCWriter

    class Writer(WARCWriter):  # type: ignore[misc]
        @staticmethod
        def _iter_stream(stream: BinaryIO) -> Iterator[bytes]:
            yield stream.read()

    return Writer


def _clean_header(text: str) -> str:
    """A header field on one line, in Latin-1 as in HTTP."""
    return (
        _CONTROL_CHARACTERS.sub(" ", text)
        .encode("latin-1", "replace")
        .decode("latin-1")
    )
