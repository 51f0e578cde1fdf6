"""Append messages to files, one JSON object a line, none twice.

A program that was killed after it wrote a line, and before it recorded that, writes it
no second time: the end of the file is looked at first. What it left of a line that it
could not finish is removed.
"""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

MAX_TAIL_BYTES = 4_000_000  # of the file's end, in which ids are looked for
MAX_KNOWN_IDS = 100_000
LINE_START = b'{"id":"'
_ID_PATTERN = re.compile(rb'^\{"id":"([0-9a-f]+)"', re.MULTILINE)


@dataclass(slots=True)
class _Known:
    """A file as it was left, and the ids of its last lines."""

    identity: tuple[int, int, int]  # device, inode, size
    ids: set[bytes]


@dataclass(slots=True)
class AlertFiles:
    """The files of one program. Called by one thread for each file."""

    _known: dict[Path, _Known] = field(default_factory=dict)

    def append(self, path: Path, id: str, line: bytes) -> bool:
        """Append a line unless one with its id is there. Raises OSError.

        True: it was appended. Refuses what is no regular file: a FIFO would make us
        wait.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(0, "it is not a regular file")
            known = self._known.pop(path, None)
            if known is None or known.identity != _identify(descriptor):
                known = _read_end(descriptor)
            is_new = id.encode() not in known.ids
            if is_new:
                _write_all(descriptor, line + b"\n")
                os.fsync(descriptor)
                known.ids.add(id.encode())
            known.identity = _identify(descriptor)
        finally:
            os.close(descriptor)
        if len(known.ids) <= MAX_KNOWN_IDS:
            self._known[path] = known
        return is_new


def _identify(descriptor: int) -> tuple[int, int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino, status.st_size


def _read_end(descriptor: int) -> _Known:
    """The ids of the last lines; the last line has an end afterwards."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - MAX_TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    unfinished = tail.rpartition(b"\n")[2]
    if unfinished:
        is_ours = LINE_START.startswith(unfinished[: len(LINE_START)])
        if is_ours and not _is_json(unfinished):
            os.ftruncate(descriptor, size - len(unfinished))
            tail = tail[: len(tail) - len(unfinished)]
        else:
            _write_all(descriptor, b"\n")
    return _Known(_identify(descriptor), set(_ID_PATTERN.findall(tail)))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
