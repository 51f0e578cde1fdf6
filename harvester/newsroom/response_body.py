"""Responses with bodies made of parts, so that what pages share is compressed once.

A gzip stream may be put together from pieces that were deflated apart, each ended by a
full flush. So a page of 100 KB whose view counter changes with every request takes a
fraction of a millisecond.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
DEFLATE_FINAL_BLOCK = b"\x03\x00"  # an empty last block
MIN_COMPRESSED_BYTES = 600  # smaller bodies are not worth compressing


class BodyPart:
    """Some bytes of a body.

    ``dynamic``: they differ from request to request, and do not count for the ETag.
    """

    __slots__ = ("_deflated", "_digest", "dynamic", "raw")

    def __init__(self, raw: bytes, dynamic: bool = False) -> None:
        self.raw = raw
        self.dynamic = dynamic
        self._deflated = b""
        self._digest = b""

    @property
    def deflated(self) -> bytes:
        """The bytes as a piece of a deflate stream that refers to nothing before it."""
        if not self._deflated:
            level = 1 if self.dynamic else 5
            compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
            self._deflated = compressor.compress(self.raw) + compressor.flush(
                zlib.Z_FULL_FLUSH
            )
        return self._deflated

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes."""
        if not self._digest:
            self._digest = hashlib.sha256(self.raw).digest()
        return self._digest


@dataclass(frozen=True, slots=True)
class Response:
    """A status, a body in parts, and what the headers must say of them."""

    status: int
    content_type: str
    parts: tuple[BodyPart, ...]
    headers: tuple[tuple[str, str], ...] = ()
    last_modified: datetime | None = None  # with it: ETag and Last-Modified


def join_parts(parts: Iterable[BodyPart]) -> bytes:
    """The uncompressed body."""
    return b"".join(part.raw for part in parts)


def gzip_parts(parts: Iterable[BodyPart]) -> bytes:
    """The body as one gzip member."""
    pieces, crc, length = [GZIP_HEADER], 0, 0
    for part in parts:
        pieces.append(part.deflated)
        crc = zlib.crc32(part.raw, crc)
        length += len(part.raw)
    trailer = struct.pack("<II", crc, length & 0xFFFFFFFF)
    return b"".join((*pieces, DEFLATE_FINAL_BLOCK, trailer))


def make_etag(parts: Iterable[BodyPart]) -> str:
    """A weak validator: equal while only dynamic parts change."""
    digests = b"".join(part.digest for part in parts if not part.dynamic)
    return f'W/"{hashlib.sha256(digests).hexdigest()[:20]}"'
