"""WARC 1.1 records as bytes: each is one gzip member.

Scrapy hands over decoded bodies: those are stored, and the headers that no longer
describe them are renamed ``X-Archive-Orig-…``, as web archives do. Headers that are not
kept on purpose are named in one that is added (``LEFT_OUT``). Does not know files
(``captures``).
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit, urlunsplit

from harvester.archive.records.compression import (
    MAX_BYTES,
    compress_record,
    compress_small_record,
    decompress_record,
)

if TYPE_CHECKING:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

ORIGINAL = "X-Archive-Orig-"  # before the name of a header that was renamed
REDACTED_HEADER = {"X-Harvester-Words": "some were taken out on purpose"}
REDACTED_ORIGIN = "taken out on purpose"  # in place of the name of an origin
LEFT_OUT = "X-Archive-Left-Out"  # header that names those that are not kept
# Not kept of outlets with a login, cookies or a key: they may let others in.
COOKIE_HEADERS = frozenset(("set-cookie", "set-cookie2"))
# Of records that were imported: the name of their origin, and their WARC-Record-ID there.
ORIGIN_HEADER = "Harvester-Origin"
ORIGIN_RECORD_HEADER = "Harvester-Origin-Record"
_KEPT_HEADERS = ("WARC-IP-Address", ORIGIN_HEADER, ORIGIN_RECORD_HEADER)
MAX_ORIGIN_LENGTH = 300  # characters of either
OBSOLETE_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
_PART_BYTES = 1 << 20  # of a payload, read at once
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class OriginalRecord:
    """The record whose body a revisit record refers to."""

    url: str  # WARC-Target-URI
    at: str  # WARC-Date
    payload_digest: str  # WARC-Payload-Digest, as written

    @classmethod
    def from_record(cls, record: Any, digest: str = "") -> OriginalRecord:
        """What a record says about itself, as warcio reads it; ``digest``: or so."""
        headers = record.rec_headers
        return cls(
            headers.get_header("WARC-Target-URI") or "",
            headers.get_header("WARC-Date") or "",
            digest or headers.get_header("WARC-Payload-Digest") or "",
        )


def build_warcinfo(file_name: str, at: str, program: str, record_id: str = "") -> bytes:
    """The record about a file that is its first; ``record_id``: a random one if "".

    ``record_id`` is a URI, such as ``urn:uuid:…``.
    """
    fields = {"software": program, "format": "WARC File Format 1.1"}
    plain = io.BytesIO()
    writer = _writer_to(plain)
    record = writer.create_warcinfo_record(file_name, fields)
    record.rec_headers.replace_header("WARC-Date", at)
    if record_id:
        record.rec_headers.replace_header("WARC-Record-ID", f"<{record_id}>")
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
        http_headers=_http_headers(status, headers, len(body)),
        warc_headers_dict=extra,
    )
    writer.write_record(record)
    return compress_record(plain.getvalue())


def build_revisit(
    url: str,
    received_at: str,
    status: int,
    headers: Iterable[tuple[str, str]],
    body_length: int,
    original: OriginalRecord,
    extra_headers: Mapping[str, str] | None = None,
) -> bytes:
    """The record of a response whose body another record holds, byte for byte.

    Profile identical-payload-digest of WARC 1.1, 6.7.2: all HTTP headers, no body. As
    short as it can be, since there are many: without the digest of its block, which the
    one of the record covers (``captures.record``).
    """
    # A length that says the same as the one we add is there once.
    received = [
        (name, value)
        for name, value in headers
        if name.lower() != "content-length" or value != str(body_length)
    ]
    plain = io.BytesIO()
    writer = _writer_to(plain)
    record = writer.create_revisit_record(
        url,
        original.payload_digest,
        original.url,
        original.at,
        http_headers=_http_headers(status, received, body_length),
        warc_headers_dict={"WARC-Date": received_at, **(extra_headers or {})},
    )
    writer.write_record(record)
    return compress_small_record(plain.getvalue())


def _http_headers(
    status: int, headers: Iterable[tuple[str, str]], body_length: int
) -> StatusAndHeaders:
    """The headers of a response as stored: the last is the length of the stored body."""
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
    kept.append(("Content-Length", str(body_length)))
    phrase = (
        HTTPStatus(status).phrase
        if status in HTTPStatus._value2member_map_
        else "Unknown"
    )
    return StatusAndHeaders(f"{status} {phrase}", kept, protocol="HTTP/1.1")


def build_request(
    url: str, received_at: str, headers: Iterable[tuple[str, str]], response_id: str
) -> bytes:
    """The record of a request without a body; ``response_id``: of its response's."""
    from warcio.statusandheaders import StatusAndHeaders

    parts = urlsplit(url)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    sent = [("Host", parts.netloc), *headers]
    plain = io.BytesIO()
    writer = _writer_to(plain)
    record = writer.create_warc_record(
        url,
        "request",
        payload=io.BytesIO(),
        length=0,
        http_headers=StatusAndHeaders(
            f"GET {_clean_header(target)} HTTP/1.1",
            [(_clean_header(name), _clean_header(value)) for name, value in sent],
            is_http_request=True,
        ),
        warc_headers_dict={
            "WARC-Date": received_at,
            "WARC-Concurrent-To": response_id,
        },
    )
    writer.write_record(record)
    return compress_record(plain.getvalue())


def without_headers(
    headers: Iterable[tuple[str, str]], names: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Headers without some (lower case); one that is added names what was left out."""
    headers = tuple(headers)
    kept = tuple((name, value) for name, value in headers if name.lower() not in names)
    left_out = {name: None for name, _ in headers if name.lower() in names}
    return (*kept, (LEFT_OUT, ", ".join(left_out))) if left_out else kept


def read_record(block: bytes, max_bytes: int = MAX_BYTES) -> tuple[Any, bytes]:
    """warcio's record of a compressed record, and its payload as received.

    Raises ValueError unless the bytes are exactly one complete record, of at most
    ``max_bytes``, as is its payload.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    plain = decompress_record(block, max_bytes)
    try:
        for record in ArchiveIterator(io.BytesIO(plain)):
            stream = (
                record.raw_stream
                if record.http_headers is None
                else record.content_stream()
            )
            return record, _read_bounded(stream, max_bytes)
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


def _read_bounded(stream: Any, max_bytes: int) -> bytes:
    """All of a payload, which may be compressed within its record."""
    parts, total = [], 0
    while part := stream.read(_PART_BYTES):
        total += len(part)
        if total > max_bytes:
            raise ValueError(f"its payload has more than {max_bytes} bytes")
        parts.append(part)
    return b"".join(parts)


def original_headers(record: Any) -> list[tuple[str, str]]:
    """The HTTP headers of a record of ours, named as they were received."""
    return [
        (name.removeprefix(ORIGINAL), value)
        for name, value in record.http_headers.headers
    ]


def payload_digest(body: bytes) -> str:
    """The digest of a payload as WARC-Payload-Digest has it."""
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(digest).decode('ascii')}"


def is_revisit(record: Any) -> bool:
    """Whether a record, as warcio reads it, refers to another one for its body."""
    return bool(record.rec_type == "revisit")


def replace_body(block: bytes, body: bytes, redacted: bool = True) -> bytes:
    """The record with another body; of a revisit record, the response with its body.

    ``redacted``: a header says so. Raises ValueError.
    """
    record, _ = read_record(block)
    warc_headers = record.rec_headers
    return build_response(
        warc_headers.get_header("WARC-Target-URI"),
        warc_headers.get_header("WARC-Date"),
        int(record.http_headers.get_statuscode()),
        _received_headers(record),
        body,
        warc_headers.get_header("WARC-Truncated") is not None,
        _kept_headers(record, redacted),
    )


def replace_by_revisit(
    block: bytes,
    body_length: int,
    original: OriginalRecord,
    redacted: bool = False,
) -> bytes:
    """The record as a revisit record that refers to another one. Raises ValueError."""
    record, _ = read_record(block)
    return build_revisit(
        record.rec_headers.get_header("WARC-Target-URI"),
        record.rec_headers.get_header("WARC-Date"),
        int(record.http_headers.get_statuscode()),
        _received_headers(record),
        body_length,
        original,
        _kept_headers(record, redacted),
    )


def _kept_headers(record: Any, redacted: bool) -> dict[str, str]:
    """The WARC headers that stay when a record is replaced, and one that says so."""
    kept = {name: record.rec_headers.get_header(name) for name in _KEPT_HEADERS}
    return {
        **{name: value for name, value in kept.items() if value},
        **(REDACTED_HEADER if redacted else {}),
    }


def origin_headers(name: str, record_id: str) -> dict[str, str]:
    """The WARC headers that say where a record was imported from.

    ``record_id``: its WARC-Record-ID there; "" if it has none. Both are somebody else's.
    """
    headers = {ORIGIN_HEADER: name, ORIGIN_RECORD_HEADER: record_id}
    return {
        header: _CONTROL_CHARACTERS.sub(" ", value)[:MAX_ORIGIN_LENGTH].strip()
        for header, value in headers.items()
        if value.strip()
    }


def redact_origin(block: bytes) -> bytes:
    """The record without the name of its origin; everything else stays.

    b"" if it cannot be read.
    """
    try:
        plain = decompress_record(block, MAX_BYTES)
    except ValueError:
        return b""
    head, end, rest = plain.partition(b"\r\n\r\n")
    name = f"{ORIGIN_HEADER}:".lower().encode()
    lines = [
        f"{ORIGIN_HEADER}: {REDACTED_ORIGIN}".encode()
        if line.lower().startswith(name)
        else line
        for line in head.split(b"\r\n")
    ]
    return compress_record(b"\r\n".join(lines) + end + rest)


def _received_headers(record: Any) -> list[tuple[str, str]]:
    """The HTTP headers of a record of ours without the length of the stored body."""
    headers = original_headers(record)
    if headers and headers[-1][0] == "Content-Length":
        del headers[-1]
    return headers


def _writer_to(plain: io.BytesIO) -> WARCWriter:
    """A writer without compression: warcio's own is zlib's, at level 9."""
    return _writer_class()(plain, gzip=False, warc_version="1.1")


@cache
def _writer_class() -> type[WARCWriter]:
    """warcio's writer, which takes a body whole: it is in memory.

    warcio would digest it twice and write it in pieces of 16 KiB. And it would add the
    digest of its headers to a revisit record.
    """
    from warcio.warcwriter import WARCWriter

    class Writer(WARCWriter):  # type: ignore[misc]
        @staticmethod
        def _iter_stream(stream: BinaryIO) -> Iterator[bytes]:
            yield stream.read()

        def ensure_digest(self, record: Any, block: bool, payload: bool) -> None:
            if record.rec_type != "revisit":
                super().ensure_digest(record, block, payload)

    return Writer


def _clean_header(text: str) -> str:
    """A header field on one line, in Latin-1 as in HTTP."""
    return (
        _CONTROL_CHARACTERS.sub(" ", text)
        .encode("latin-1", "replace")
        .decode("latin-1")
    )
