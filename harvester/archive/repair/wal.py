"""Read the write-ahead log of an SQLite file: commits that are not in the file yet.

SQLite reads a log up to the first frame whose checksum is wrong, and silently ignores
the rest. Each checksum continues the one before, so frames behind a broken one can be
told from leftovers of an earlier log. Reads only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
# Checksums are over little-endian and over big-endian words, respectively.
LITTLE_ENDIAN_MAGIC, BIG_ENDIAN_MAGIC = 0x377F0682, 0x377F0683
PAGE_SIZES = tuple(1 << power for power in range(9, 17))
DEFAULT_PAGE_SIZE = 4_096  # of archives; used if nothing readable says another size


@dataclass(slots=True)
class WriteAheadLog:
    """The committed pages of a log."""

    page_size: int = 0
    pages: dict[int, bytes] = field(default_factory=dict)  # as last committed
    visible_commits: int = 0  # SQLite sees them
    hidden_commits: int = 0  # behind damage
    header_damaged: bool = False  # SQLite sees nothing of the log


def read_wal(path: Path) -> WriteAheadLog:
    """Read everything that was committed to a log; empty if there is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return WriteAheadLog()
    if len(content) < HEADER_BYTES + FRAME_HEADER_BYTES:
        return WriteAheadLog()
    magic, _, page_size = struct.unpack_from(">III", content)
    salts, checksums = content[16:24], struct.unpack_from(">II", content, 24)
    big_endian = magic == BIG_ENDIAN_MAGIC
    header_valid = (
        magic in (LITTLE_ENDIAN_MAGIC, BIG_ENDIAN_MAGIC)
        and page_size in PAGE_SIZES
        and _compute_checksums(content[:24], (0, 0), big_endian) == checksums
    )
    if not header_valid:
        # Assume what this program's archives have, and the salts of the first frame.
        page_size, big_endian = DEFAULT_PAGE_SIZE, False
        salts = content[HEADER_BYTES + 8 : HEADER_BYTES + 16]
        if not any(salts):
            return WriteAheadLog(header_damaged=any(content))
    wal = WriteAheadLog(page_size, header_damaged=not header_valid)
    _read_frames(wal, content, salts, checksums, big_endian)
    if not header_valid and not wal.hidden_commits:
        return WriteAheadLog()  # not a log at all
    return wal


def _read_frames(
    wal: WriteAheadLog,
    content: bytes,
    salts: bytes,
    checksums: tuple[int, int],
    big_endian: bool,
) -> None:
    frame_size = FRAME_HEADER_BYTES + wal.page_size
    uncommitted: dict[int, bytes] = {}
    visible = not wal.header_damaged
    for offset in range(HEADER_BYTES, len(content) - frame_size + 1, frame_size):
        page_number, is_commit = struct.unpack_from(">II", content, offset)
        frame_checksums = struct.unpack_from(">II", content, offset + 16)
        page = content[offset + FRAME_HEADER_BYTES : offset + frame_size]
        header_checksums = _compute_checksums(
            content[offset : offset + 8], checksums, big_endian
        )
        valid = (
            content[offset + 8 : offset + 16] == salts
            and page_number > 0
            and _compute_checksums(page, header_checksums, big_endian)
            == frame_checksums
        )
        visible = visible and valid
        checksums = frame_checksums
        if valid:
            uncommitted[page_number] = page
        if valid and is_commit:
            wal.pages.update(uncommitted)
            uncommitted = {}
            wal.visible_commits += visible
            wal.hidden_commits += not visible


def _compute_checksums(
    content: bytes, checksums: tuple[int, int], big_endian: bool
) -> tuple[int, int]:
    """Compute SQLite's checksum of 32-bit words, continuing an earlier one."""
    first, second = checksums
    order = ">" if big_endian else "<"
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for index in range(0, len(words), 2):
        first = (first + words[index] + second) & 0xFFFFFFFF
        second = (second + words[index + 1] + first) & 0xFFFFFFFF
    return first, second
