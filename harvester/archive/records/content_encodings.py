"""Bodies as Content-Encoding has them, decompressed up to a limit (RFC 9110, 8.4).

One for what is fetched and for what is imported: the same bytes give the same body. As
lenient as browsers are: of a body that ends early there is what was received of it.
"""

from __future__ import annotations

import codecs
import io
import struct
import sys
import zlib
from collections.abc import Callable, Sequence
from gzip import GzipFile
from typing import Any

from harvester.archive.records.compression import gunzip_complete

MAX_CONTENT_ENCODINGS = 3  # each of them may decompress to the whole limit
CHUNK_BYTES = 1 << 16


class UndecodableError(Exception):
    """A body is not what its Content-Encoding says, or too large; why, in words."""


class _TooLargeError(Exception):
    """More bytes than the limit."""


def decode_body(body: bytes, encodings: Sequence[str], max_bytes: int) -> bytes:
    """A body decompressed; ``encodings``: the values of its Content-Encoding headers.

    What an unknown encoding was applied to stays as it is. Raises UndecodableError.
    """
    names = [name.strip().lower() for value in encodings for name in value.split(",")]
    if len(names) > MAX_CONTENT_ENCODINGS:
        raise UndecodableError(f"more than {MAX_CONTENT_ENCODINGS} content encodings")
    if list(encodings) == ["gzip"]:  # as nearly all are: in half of the time
        complete = gunzip_complete(body, max_bytes)
        if complete is not None:
            return complete
    try:
        while names and names[-1] in _DECODERS:
            body = _DECODERS[names.pop()](body, max_bytes)
    except _TooLargeError:
        raise UndecodableError(
            f"larger than {format_size(max_bytes)} after decompression"
        ) from None
    except Exception as error:  # each library raises its own
        encoding = encodings[0][:20]
        raise UndecodableError(f"the {encoding} body is corrupt") from error
    return body


def is_plain_markup(body: bytes) -> bool:
    """Whether a body is HTML, XML or JSON as it is, whatever its Content-Encoding says.

    No compressed format begins with these characters.
    """
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"<", b"{", b"[")


def ends_early(compressed: bytes, body: bytes) -> bool:
    """Whether a gzip body is shorter than its trailer says (RFC 1952, ISIZE)."""
    return len(body) % 2**32 != int.from_bytes(compressed[-4:], "little")


def format_size(count: int) -> str:
    """A number of bytes for people: "2.5 MB"."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} bytes"


def zstd_module() -> Any:
    """Python's own module for zstd, or its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


class _Output:
    """Decompressed bytes, up to a limit."""

    def __init__(self, max_bytes: int) -> None:
        self._parts: list[bytes] = []
        self._left = max_bytes

    def add(self, part: bytes) -> None:
        """Add a part. Raises _TooLargeError."""
        self._left -= len(part)
        if self._left < 0:
            raise _TooLargeError
        self._parts.append(part)

    def bytes(self) -> bytes:
        """All of it."""
        return b"".join(self._parts)


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    output, file = _Output(max_bytes), GzipFile(fileobj=io.BytesIO(body))
    count = 0
    while True:
        try:
            chunk = file.read1(CHUNK_BYTES)
        except (OSError, EOFError, struct.error):
            if not count:
                raise
            break  # what there is of it
        if not chunk:
            break
        count += len(chunk)
        output.add(chunk)
    return output.bytes()


def _inflate(body: bytes, max_bytes: int) -> bytes:
    output = _Output(max_bytes)
    decompressor = zlib.decompressobj()
    try:
        output.add(decompressor.decompress(body, CHUNK_BYTES))
    except zlib.error:  # without zlib's header, as Microsoft's servers send it
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        output.add(decompressor.decompress(body, CHUNK_BYTES))
    while decompressor.unconsumed_tail and not decompressor.eof:
        output.add(decompressor.decompress(decompressor.unconsumed_tail, CHUNK_BYTES))
    return output.bytes()


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    import brotli

    output, decompressor = _Output(max_bytes), brotli.Decompressor()
    output.add(decompressor.process(body, output_buffer_limit=CHUNK_BYTES))
    while not decompressor.is_finished():
        chunk = decompressor.process(b"", output_buffer_limit=CHUNK_BYTES)
        if not chunk:
            break
        output.add(chunk)
    return output.bytes()


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    output, file = _Output(max_bytes), zstd_module().ZstdFile(io.BytesIO(body))
    while True:
        try:
            chunk = file.read(CHUNK_BYTES)
        except EOFError:
            break  # what there is of it
        if not chunk:
            break
        output.add(chunk)
    return output.bytes()


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
