"""The log of an SQLite file (-wal), frame by frame: what was committed and is not in the file yet.

SQLite believes a log up to the first frame whose checksum is wrong, and says nothing of what stands behind it. Each checksum goes on from
the one before it, so that frames behind a broken one can be told from leavings. Reads only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
MAGIC_NUMBERS = (
    0x377F0682,
    0x377F0683,
)  # checksums of little-endian, of big-endian words
PAGE_SIZES = tuple(1 << power for power in range(9, 17))


@dataclass(slots=True)
class WriteAheadLog:
    """``pages``: number → content as last committed. ``believed``: commits that SQLite sees; ``behind``: those behind damage."""

    page_size: int = 0  # of a page
    pages: dict[int, bytes] = field(default_factory=dict)
    visible_commits: int = 0
    hidden_commits: int = 0
    header_damaged: bool = False  # its header is damaged: SQLite sees nothing of it


def read_wal(path: Path) -> WriteAheadLog:
    """The log, all of it that was committed; empty where there is none."""
    try:
        body = path.read_bytes()
    except OSError:
        return WriteAheadLog()
    if len(body) < HEADER_BYTES + FRAME_HEADER_BYTES:
        return WriteAheadLog()
    magic, _, size = struct.unpack_from(">III", body)
    salts, sums = body[16:24], struct.unpack_from(">II", body, 24)
    sound = (
        magic in MAGIC_NUMBERS
        and size in PAGE_SIZES
        and _compute_checksums(body[:24], (0, 0), magic == MAGIC_NUMBERS[1]) == sums
    )
    if not sound:  # as the first frame has it; this program's pages and words are of the usual size and order
        size, salts, magic = (
            4_096,
            body[HEADER_BYTES + 8 : HEADER_BYTES + 16],
            MAGIC_NUMBERS[0],
        )
        if not any(salts):
            return WriteAheadLog(header_damaged=any(body))
    found = WriteAheadLog(size, header_damaged=not sound)
    _read_frames(found, body, salts, sums, magic == MAGIC_NUMBERS[1])
    if not sound and not found.hidden_commits:
        return WriteAheadLog()  # not a log at all
    return found


def _read_frames(
    wal: WriteAheadLog,
    body: bytes,
    salts: bytes,
    checksums: tuple[int, int],
    big_endian: bool,
) -> None:
    step = FRAME_HEADER_BYTES + wal.page_size
    waiting: dict[int, bytes] = {}
    believed = not wal.header_damaged
    for at in range(HEADER_BYTES, len(body) - step + 1, step):
        number, commit = struct.unpack_from(">II", body, at)
        stated = struct.unpack_from(">II", body, at + 16)
        content = body[at + FRAME_HEADER_BYTES : at + step]
        ours = body[at + 8 : at + 16] == salts and number > 0
        whole = (
            ours
            and _compute_checksums(
                content,
                _compute_checksums(body[at : at + 8], checksums, big_endian),
                big_endian,
            )
            == stated
        )
        believed = believed and whole
        checksums = stated
        if whole:
            waiting[number] = content
        if whole and commit:
            wal.pages.update(waiting)
            waiting = {}
            wal.visible_commits += believed
            wal.hidden_commits += not believed


def _compute_checksums(
    body: bytes, checksums: tuple[int, int], big_endian: bool
) -> tuple[int, int]:
    """SQLite's checksum of words, going on from an earlier one."""
    one, two = checksums
    words = struct.unpack(f"{'>' if big_endian else '<'}{len(body) // 4}I", body)
    for place in range(0, len(words), 2):
        one = (one + words[place] + two) & 0xFFFFFFFF
        two = (two + words[place + 1] + one) & 0xFFFFFFFF
    return one, two
