"""Bodies made of parts, so that what pages share is compressed once and a view counter costs nothing. Not for: what they say.

A gzip stream may be put together from pieces that were deflated apart, each ended by a full flush. So a page of 100 KB
whose counter changes at each request is answered in a fraction of a millisecond.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable

GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
DEFLATE_FINAL_BLOCK = b"\x03\x00"  # an empty last block
MIN_COMPRESSED_BYTES = 600  # bytes; smaller bodies are not worth compressing


class BodyPart:
    """Some bytes of a body. ``moving``: differs from request to request, and so does not count for the ETag."""

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
            squeeze = zlib.compressobj(
                1 if self.dynamic else 5, zlib.DEFLATED, -zlib.MAX_WBITS
            )
            self._deflated = squeeze.compress(self.raw) + squeeze.flush(
                zlib.Z_FULL_FLUSH
            )
        return self._deflated

    @property
    def digest(self) -> bytes:
        """A short name of the bytes."""
        if not self._digest:
            self._digest = hashlib.sha256(self.raw).digest()
        return self._digest


def join_parts(parts: Iterable[BodyPart]) -> bytes:
    """The body as it is."""
    return b"".join(part.raw for part in parts)


def gzip_parts(parts: Iterable[BodyPart]) -> bytes:
    """The body as one gzip member."""
    pieces, crc, length = [GZIP_HEADER], 0, 0
    for part in parts:
        pieces.append(part.deflated)
        crc = zlib.crc32(part.raw, crc)
        length += len(part.raw)
    return b"".join(
        (*pieces, DEFLATE_FINAL_BLOCK, struct.pack("<II", crc, length & 0xFFFFFFFF))
    )


def make_etag(parts: Iterable[BodyPart]) -> str:
    """A weak validator: equal while nothing but the moving parts has changed."""
    name = hashlib.sha256(
        b"".join(part.digest for part in parts if not part.dynamic)
    ).hexdigest()[:20]
    return f'W/"{name}"'
