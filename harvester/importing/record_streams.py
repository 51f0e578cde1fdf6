"""The decompressed bytes of WARC files: plain, of one gzip member, or of zstd frames.

What is read ahead is bounded by what is asked for. Does not know records
(``record_files``).
"""

from __future__ import annotations

import zlib
from typing import Any, BinaryIO

from harvester.archive.records.compression import CODECS, GZIP
from harvester.archive.records.content_encodings import zstd_module

CHUNK_BYTES = 1 << 18
INCOMPLETE = "the record is incomplete"
DAMAGED = "the record is damaged"


class DamagedError(Exception):
    """Compressed data is not sound, or ends early; why, in words."""


class Plain:
    """A file that is not compressed, from where it stands."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length

    def read(self) -> bytes:
        """The next bytes; none at the end."""
        chunk = self._file.read(min(CHUNK_BYTES, self._left))
        self._left -= len(chunk)
        return chunk


class Member:
    """The bytes of one gzip member. Raises DamagedError."""

    def __init__(self, file: BinaryIO, offset: int, codec: Any = CODECS[0]) -> None:
        self._file = file
        self._codec = codec
        self._decompressor = codec.decompressobj(GZIP)
        self._read_to = offset
        file.seek(offset)

    @property
    def end(self) -> int:
        """The offset behind the member, once it was read to its end."""
        return self._read_to - len(self._decompressor.unused_data)

    def read(self) -> bytes:
        """The next bytes; none at the end."""
        while not self._decompressor.eof:
            data = self._decompressor.unconsumed_tail
            if not data:
                self._file.seek(self._read_to)
                data = self._file.read(CHUNK_BYTES)
                self._read_to += len(data)
            try:
                plain: bytes = self._decompressor.decompress(data, CHUNK_BYTES)
            except (self._codec.error, zlib.error) as error:
                raise DamagedError(DAMAGED) from error
            if plain:
                return plain
            if not data:
                raise DamagedError(INCOMPLETE)
        return b""


class Frames:
    """The bytes of a file of zstd frames. Raises DamagedError."""

    def __init__(self, file: BinaryIO) -> None:
        zstd = zstd_module()
        file.seek(0)
        self._stream: BinaryIO = zstd.ZstdFile(file)
        self._error: type[Exception] = zstd.ZstdError

    def read(self) -> bytes:
        """The next bytes; none at the end."""
        try:
            return self._stream.read(CHUNK_BYTES)
        except EOFError as error:
            raise DamagedError(INCOMPLETE) from error
        except self._error as error:
            raise DamagedError(DAMAGED) from error


class Stream:
    """Bytes with a look ahead."""

    def __init__(self, source: Plain | Member | Frames) -> None:
        self._source = source
        self._buffer = b""
        self._start = 0  # of what is not taken yet
        self.position = 0  # bytes taken

    def peek(self, count: int) -> bytes:
        """Up to so many bytes that come next; fewer only at the end."""
        parts, available = [self._buffer[self._start :]], self._available
        while available < count and (chunk := self._source.read()):
            parts.append(chunk)
            available += len(chunk)
        if len(parts) > 1:
            self._buffer, self._start = b"".join(parts), 0
        return self._buffer[self._start : self._start + count]

    def take(self, count: int) -> bytes:
        """Up to so many bytes, taken."""
        taken = self.peek(count)
        self._start += len(taken)
        self.position += len(taken)
        return taken

    def skip(self, count: int) -> int:
        """Pass over so many bytes; returns how many there were."""
        left = count
        while left:
            step = len(self.take(min(left, max(self._available, CHUNK_BYTES))))
            if not step:
                break
            left -= step
        return count - left

    def skip_blank(self) -> None:
        """Pass over the line ends behind a record."""
        while (chunk := self.peek(4)) and (blank := len(chunk) - len(chunk.lstrip())):
            self.skip(blank)

    @property
    def _available(self) -> int:
        return len(self._buffer) - self._start
