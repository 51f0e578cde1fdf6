"""HTTP responses as WARC records hold them: status, headers, decoded body. Pure.

As lenient as the crawl is: a header line that is none costs itself, a body that is
longer than its Content-Length is taken whole. Some archives keep the headers of a body
that they have decoded already: then it is taken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harvester.archive.records.content_encodings import (
    UndecodableError,
    decode_body,
    is_plain_markup,
)
from harvester.archive.records.warc_records import ORIGINAL
from harvester.importing.record_files import parse_headers
from harvester.ingest.truncation import ends_as_documents_do

MAX_CHUNK_LINE = 1_000  # bytes of a chunk's length and extensions
NOT_HTTP = "it is not an HTTP response"
_STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])?[ \t]+([0-9]{3})(?![0-9])")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_LENGTH = re.compile(rb"[ \t]*([0-9a-fA-F]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_PREFIX = ORIGINAL.lower()


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers; ``problem``: why it is none."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body_start: int = 0  # index of the body in the block
    problem: str = ""

    def values(self, name: str) -> list[str]:
        """The values of the headers of a name (in lower case), in order."""
        return [value for key, value in self.headers if key.lower() == name]

    def value(self, name: str) -> str:
        """The first of them; "" if there is none."""
        return next(iter(self.values(name)), "")


@dataclass(frozen=True, slots=True)
class Message:
    """A response with its body decoded."""

    status: int
    headers: tuple[tuple[str, str], ...]  # as they were received
    body: bytes
    truncated: bool = False
    undecoded: str = ""  # why the body could not be decompressed; it is as received


def parse_head(block: bytes, max_header_bytes: int) -> Head:
    """Status and headers of a block."""
    match = _HEADER_END.search(block, 0, max_header_bytes + 4)
    status = _STATUS_LINE.match(block)
    if status is None:
        return Head(problem=NOT_HTTP)
    if match is None and len(block) > max_header_bytes:
        return Head(problem=f"its headers are larger than {max_header_bytes} bytes")
    end, start = (match.start(), match.end()) if match else (len(block), len(block))
    lines = block[:end].partition(b"\n")[2]
    return Head(int(status[1]), tuple(parse_headers(lines, "latin-1")), start)


def decode_message(
    head: Head, block: bytes, max_bytes: int, is_own: bool = False
) -> Message:
    """The response of a block; ``max_bytes``: of its body, decompressed.

    ``is_own``: the record is one of ours, whose last header is the length of what is
    stored.
    """
    raw = block[head.body_start :]
    body, broke_off = raw, False
    if _is_chunked(head.values("transfer-encoding")):
        body, broke_off = join_chunks(raw)
    undecoded, encodings = "", head.values("content-encoding")
    compressed = body
    if encodings and body:
        try:
            body = decode_body(body, encodings, max_bytes)
        except UndecodableError as error:
            undecoded = "" if is_plain_markup(body) else str(error)
    headers = head.headers
    if is_own and headers and headers[-1][0].lower() == "content-length":
        headers = headers[:-1]
    elif not broke_off:
        broke_off = _is_short(head, compressed, body)
    return Message(head.status, _original_headers(headers), body, broke_off, undecoded)


def _is_short(head: Head, received: bytes, body: bytes) -> bool:
    """Whether a body is shorter than its Content-Length, and does not look whole."""
    lengths = {
        part.strip()
        for value in head.values("content-length")
        for part in value.split(",")
    }
    if len(lengths) != 1 or _is_chunked(head.values("transfer-encoding")):
        return False
    (length,) = lengths
    if not length.isdecimal() or len(length) > 18 or len(received) >= int(length):
        return False
    return not ends_as_documents_do(body)


def _is_chunked(values: Sequence[str]) -> bool:
    return any("chunked" in value.lower() for value in values)


def join_chunks(raw: bytes) -> tuple[bytes, bool]:
    """A chunked body (RFC 9112, 7.1), and whether it breaks off.

    As it is where it does not begin with a chunk: it was joined already.
    """
    parts: list[bytes] = []
    position = 0
    while True:
        match = _CHUNK_LENGTH.match(raw, position, position + MAX_CHUNK_LINE)
        if match is None:
            return (b"".join(parts), True) if position else (raw, False)
        length = int(match[1], 16)
        if not length:
            return b"".join(parts), False
        part = raw[match.end() : match.end() + length]
        parts.append(part)
        position = match.end() + length
        if len(part) < length:
            if not parts[1:] and is_plain_markup(raw):
                return raw, False
            return b"".join(parts), True
        position += 2 if raw[position : position + 2] == b"\r\n" else 0
        position += 1 if raw[position : position + 1] == b"\n" else 0


def _original_headers(
    headers: tuple[tuple[str, str], ...],
) -> tuple[tuple[str, str], ...]:
    """Headers named as they were received: archives rename those that hold no more.

    A length that only describes what is stored goes, where the original one is there.
    """
    renamed = {
        name.lower().removeprefix(_PREFIX)
        for name, _ in headers
        if name.lower().startswith(_PREFIX)
    }
    return tuple(
        (name[len(ORIGINAL) :] if name.lower().startswith(_PREFIX) else name, value)
        for name, value in headers
        if name.lower() not in renamed
    )
