"""What a disk may hold after a power cut, from the recorded writes and fsyncs.

Whatever was written before the last fsync of a file is kept. Of later writes, each block
of 512 bytes may be kept or lost, in any order. A name may be lost until its folder is
synced. Real file systems are more forgiving than this.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SECTOR = 512
Loss = Literal["lost", "partly", "torn", "kept"]
LOSSES: tuple[Loss, ...] = ("lost", "partly", "torn", "kept")


@dataclass(frozen=True, slots=True)
class Op:
    """One change: w write, t truncate, s sync, c create, r rename, l link, u unlink.

    ``data`` of a rename or link is the new name.
    """

    letter: str
    path: str
    offset: int
    data: bytes


def recorded(path: Path) -> Iterator[Op]:
    """Yield the changes that the shim recorded."""
    body, at = path.read_bytes(), 0
    while at < len(body):
        letter = chr(body[at])
        (length,) = struct.unpack_from("=i", body, at + 1)
        name = body[at + 5 : at + 5 + length].decode()
        offset, size = struct.unpack_from("=qq", body, at + 5 + length)
        at += 21 + length
        yield Op(letter, name, offset, body[at : at + size])
        at += size


@dataclass(slots=True)
class File:
    """The durable content of a file, and writes that may be lost."""

    sure: bytearray = field(default_factory=bytearray)
    open: list[tuple[int, bytes | None]] = field(
        default_factory=list
    )  # None: cut at the offset

    def sync(self) -> None:
        for one in self.open:
            _apply(self.sure, *one)
        self.open.clear()

    def left(self, loss: Loss, chance: random.Random) -> bytes:
        """Return the content as it may be found."""
        body, some = bytearray(self.sure), list(self.open)
        if loss == "lost":
            some = []
        elif loss == "torn":
            some = some[: chance.randint(0, len(some))]
            if some and (last := some[-1][1]) is not None:
                some[-1] = (
                    some[-1][0],
                    last[: chance.randint(0, len(last)) // SECTOR * SECTOR],
                )
        for offset, data in some:
            if loss != "partly":
                _apply(body, offset, data)
            elif data is None:
                if chance.random() < 0.5:
                    _apply(body, offset, data)
            else:
                place = 0
                while place < len(data):
                    end = place + SECTOR - (offset + place) % SECTOR
                    if chance.random() < 0.5:
                        _apply(body, offset + place, data[place:end])
                    place = end
        return bytes(body)


def _apply(body: bytearray, offset: int, data: bytes | None) -> None:
    if len(body) < offset:
        body.extend(bytes(offset - len(body)))
    if data is None:
        del body[offset:]
    else:
        body[offset : offset + len(data)] = data


class Disk:
    """The state after some changes.

    ``_open`` are changes of names that no fsync of their folder has made durable.
    """

    def __init__(self) -> None:
        self.names: dict[str, File] = {}  # as the program sees them
        self._sure: dict[str, File] = {}
        self._open: list[tuple[str, str, File | str]] = []

    def do(self, op: Op) -> None:
        if op.letter == "c":
            self.names[op.path] = File()
            self._open.append(("c", op.path, self.names[op.path]))
        elif op.letter in "wt":
            file = self.names.setdefault(
                op.path, self._sure.setdefault(op.path, File())
            )
            file.open.append((op.offset, op.data if op.letter == "w" else None))
        elif op.letter == "s":
            if op.path in self.names:
                self.names[op.path].sync()
            else:
                self._sync_folder(op.path)
        elif op.letter == "r":
            to = op.data.decode()
            self.names[to] = self.names.pop(op.path, None) or File()
            self._open.append(("r", op.path, to))
        elif op.letter == "l":
            to = op.data.decode()
            self.names[to] = self.names.setdefault(op.path, File())
            self._open.append(("l", op.path, to))
        elif op.letter == "u":
            self.names.pop(op.path, None)
            self._open.append(("u", op.path, ""))

    def _sync_folder(self, folder: str) -> None:
        here = [one for one in self._open if str(Path(one[1]).parent) == folder]
        for one in here:
            _name(self._sure, *one)
        self._open = [one for one in self._open if one not in here]

    def left(self, loss: Loss, chance: random.Random) -> dict[str, bytes]:
        """Return the files as they may be found: path → content."""
        names = dict(self._sure)
        kept = {"lost": 0, "kept": len(self._open)}.get(
            loss, chance.randint(0, len(self._open))
        )
        for one in self._open[:kept]:
            _name(names, *one)
        return {path: file.left(loss, chance) for path, file in names.items()}


def _name(names: dict[str, File], letter: str, path: str, what: File | str) -> None:
    if isinstance(what, File):
        names[path] = what
    elif letter == "r":
        if path in names:
            names[what] = names.pop(path)
    elif letter == "l":
        if path in names:
            names[what] = names[path]
    else:
        names.pop(path, None)
