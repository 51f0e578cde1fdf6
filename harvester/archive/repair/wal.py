"""The log of an SQLite file (-wal), frame by frame: what was committed and is not in the file yet.

SQLite believes a log up to the first frame whose checksum is wrong, and says nothing of what stands behind it. Each checksum goes on from
the one before it, so that frames behind a broken one can be told from leavings. Reads only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

HEADER, FRAME = 32, 24
MAGIC = (0x377F0682, 0x377F0683)  # checksums of little-endian, of big-endian words
SIZES = tuple(1 << power for power in range(9, 17))


@dataclass(slots=True)
class Log:
    """``pages``: number → content as last committed. ``believed``: commits that SQLite sees; ``behind``: those behind damage."""

    size: int = 0  # of a page
    pages: dict[int, bytes] = field(default_factory=dict)
    believed: int = 0
    behind: int = 0
    headless: bool = False  # its header is damaged: SQLite sees nothing of it


def read(path: Path) -> Log:
    """The log, all of it that was committed; empty where there is none."""
    try:
        body = path.read_bytes()
    except OSError:
        return Log()
    if len(body) < HEADER + FRAME:
        return Log()
    magic, _, size = struct.unpack_from(">III", body)
    salts, sums = body[16:24], struct.unpack_from(">II", body, 24)
    sound = (
        magic in MAGIC
        and size in SIZES
        and _sums(body[:24], (0, 0), magic == MAGIC[1]) == sums
    )
    if not sound:  # as the first frame has it; this program's pages and words are of the usual size and order
        size, salts, magic = 4_096, body[HEADER + 8 : HEADER + 16], MAGIC[0]
        if not any(salts):
            return Log(headless=any(body))
    found = Log(size, headless=not sound)
    _frames(found, body, salts, sums, magic == MAGIC[1])
    if not sound and not found.behind:
        return Log()  # not a log at all
    return found


def _frames(
    found: Log, body: bytes, salts: bytes, sums: tuple[int, int], big: bool
) -> None:
    step = FRAME + found.size
    waiting: dict[int, bytes] = {}
    believed = not found.headless
    for at in range(HEADER, len(body) - step + 1, step):
        number, commit = struct.unpack_from(">II", body, at)
        stated = struct.unpack_from(">II", body, at + 16)
        content = body[at + FRAME : at + step]
        ours = body[at + 8 : at + 16] == salts and number > 0
        whole = (
            ours and _sums(content, _sums(body[at : at + 8], sums, big), big) == stated
        )
        believed = believed and whole
        sums = stated
        if whole:
            waiting[number] = content
        if whole and commit:
            found.pages.update(waiting)
            waiting = {}
            found.believed += believed
            found.behind += not believed


def _sums(body: bytes, sums: tuple[int, int], big: bool) -> tuple[int, int]:
    """SQLite's checksum of words, going on from an earlier one."""
    one, two = sums
    words = struct.unpack(f"{'>' if big else '<'}{len(body) // 4}I", body)
    for place in range(0, len(words), 2):
        one = (one + words[place] + two) & 0xFFFFFFFF
        two = (two + words[place + 1] + one) & 0xFFFFFFFF
    return one, two
