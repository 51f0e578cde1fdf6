"""Bodies made of parts, so that what pages share is compressed once and a view counter costs nothing. Not for: what they say.

A gzip stream may be put together from pieces that were deflated apart, each ended by a full flush. So a page of 100 KB
whose counter changes at each request is answered in a fraction of a millisecond.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable

GZIP_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
DEFLATE_END = b"\x03\x00"  # an empty last block
SMALL = 600  # bytes; smaller bodies are not worth compressing


class Part:
    """Some bytes of a body. ``moving``: differs from request to request, and so does not count for the ETag."""

    __slots__ = ("_deflated", "_digest", "moving", "raw")

    def __init__(self, raw: bytes, moving: bool = False) -> None:
        self.raw = raw
        self.moving = moving
        self._deflated = b""
        self._digest = b""

    @property
    def deflated(self) -> bytes:
        """The bytes as a piece of a deflate stream that refers to nothing before it."""
        if not self._deflated:
            squeeze = zlib.compressobj(
                1 if self.moving else 5, zlib.DEFLATED, -zlib.MAX_WBITS
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


def plain(parts: Iterable[Part]) -> bytes:
    """The body as it is."""
    return b"".join(part.raw for part in parts)


def gzipped(parts: Iterable[Part]) -> bytes:
    """The body as one gzip member."""
    pieces, crc, length = [GZIP_START], 0, 0
    for part in parts:
        pieces.append(part.deflated)
        crc = zlib.crc32(part.raw, crc)
        length += len(part.raw)
    return b"".join(
        (*pieces, DEFLATE_END, struct.pack("<II", crc, length & 0xFFFFFFFF))
    )


def etag(parts: Iterable[Part]) -> str:
    """A weak validator: equal while nothing but the moving parts has changed."""
    name = hashlib.sha256(
        b"".join(part.digest for part in parts if not part.moving)
    ).hexdigest()[:20]
    return f'W/"{name}"'
