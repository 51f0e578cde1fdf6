"""The pages of an SQLite file, read without SQLite: what they still say where SQLite refuses the whole.

Follows the file format (https://www.sqlite.org/fileformat2.html): trees of pages, records, overflow chains, the log of committed
pages (-wal). A page or a record that makes no sense is counted and passed over. Reads only.
Not for: what the rows mean (``salvage``).
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from harvester.archive.repair import wal

TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
HEADER = 100  # bytes of the file's header, before the first page's own
USUAL = 4_096  # bytes of a page, where nothing says another size
LONGEST = 1 << 30  # bytes of a record; more is nonsense
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Value = int | float | str | bytes | None


class Broken(ValueError):
    """A page or a record that makes no sense."""


class Pages:
    """A file and its log. ``bad``: pages that a tree names and that cannot be read; ``broken``: how many records could not."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._map = (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            if self._size
            else b""
        )
        self._log = wal.read(path.with_name(f"{path.name}-wal"))
        self.size = self._log.size or _page_size(bytes(self._map[:HEADER])) or USUAL
        self.count = max([-(-self._size // self.size), *self._log.pages])
        head = self.page(1)[:HEADER]
        self.sound = head[:16] == b"SQLite format 3\0"
        self.usable = self.size - (head[20] if self.sound and head[20] < 64 else 0)
        self.version = int.from_bytes(head[60:64], "big") if self.sound else 0
        self.seen: set[int] = set()
        self.bad: list[int] = []
        self.broken = 0
        if self.sound:
            self._free(int.from_bytes(head[32:36], "big"))

    def close(self) -> None:
        """Let go of the file."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()

    def page(self, number: int) -> bytes:
        """A page as last committed; shorter or empty where the file ends."""
        held = self._log.pages.get(number)
        if held is not None:
            return held
        return (
            bytes(self._map[(number - 1) * self.size : number * self.size])
            if number > 0
            else b""
        )

    def _free(self, trunk: int) -> None:
        """Pages that are in no use: what stands on them was deleted."""
        while 0 < trunk <= self.count and trunk not in self.seen:
            self.seen.add(trunk)
            body = self.page(trunk)
            if len(body) < 8:
                return
            following, count = struct.unpack_from(">II", body)
            if count > (self.size - 8) // 4 or len(body) < 8 + 4 * count:
                return
            self.seen.update(struct.unpack_from(f">{count}I", body, 8))
            trunk = following

    # ---- trees

    def table(self, root: int) -> Iterator[tuple[int, list[Value]]]:
        """rowid and values of every row of a table that can be read."""
        for body, at, kind in self._pages(root, (TABLE_LEAF, TABLE_INTERIOR)):
            if kind == TABLE_LEAF:
                yield from self._rows(body, at)

    def index(self, root: int) -> Iterator[list[Value]]:
        """The rows of a table without rowid (or the keys of an index) that can be read; no order is promised."""
        for body, at, kind in self._pages(root, (INDEX_LEAF, INDEX_INTERIOR)):
            for cell in self._cells(body, at, kind):
                try:
                    length, place = _varint(
                        body, cell + (4 if kind == INDEX_INTERIOR else 0)
                    )
                    yield _values(
                        self._payload(
                            body, place, length, ((self.usable - 12) * 64 // 255) - 23
                        )
                    )
                except Broken:
                    self.broken += 1

    def stray(self) -> Iterator[tuple[int, list[tuple[int, list[Value]]]]]:
        """Pages of rows that no tree reaches, of a tree whose upper pages are damaged. After all trees were read."""
        for number in range(1, self.count + 1):
            if number not in self.seen:
                body, at = self.page(number), HEADER if number == 1 else 0
                if len(body) == self.size and body[at] == TABLE_LEAF:
                    yield number, list(self._rows(body, at))

    def _pages(
        self, root: int, kinds: tuple[int, int]
    ) -> Iterator[tuple[bytes, int, int]]:
        """The pages of a tree: content, where its header is, kind."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if not 0 < number <= self.count or number in self.seen:
                self.bad.append(number)
                continue
            body, at = self.page(number), HEADER if number == 1 else 0
            if len(body) < self.size or body[at] not in kinds:
                self.bad.append(number)
                continue
            self.seen.add(number)
            kind = body[at]
            if kind in (TABLE_INTERIOR, INDEX_INTERIOR):
                waiting.append(int.from_bytes(body[at + 8 : at + 12], "big"))
                below = [
                    int.from_bytes(body[cell : cell + 4], "big")
                    for cell in self._cells(body, at, kind)
                ]
                waiting += reversed(below)
            yield body, at, kind

    def _cells(self, body: bytes, at: int, kind: int) -> list[int]:
        """Where the cells of a page begin."""
        count = int.from_bytes(body[at + 3 : at + 5], "big")
        first = at + (12 if kind in (TABLE_INTERIOR, INDEX_INTERIOR) else 8)
        fitting = min(count, (len(body) - first) // 2)
        found = struct.unpack_from(f">{fitting}H", body, first)
        good = [cell for cell in found if first <= cell <= self.usable - 4]
        self.broken += count - len(good)
        return good

    def _rows(self, body: bytes, at: int) -> Iterator[tuple[int, list[Value]]]:
        for cell in self._cells(body, at, TABLE_LEAF):
            try:
                length, place = _varint(body, cell)
                rowid, place = _varint(body, place)
                yield (
                    _signed(rowid),
                    _values(self._payload(body, place, length, self.usable - 35)),
                )
            except Broken:
                self.broken += 1

    def _payload(self, body: bytes, place: int, length: int, most: int) -> bytes:
        """A record, with what overflows from its page."""
        if length > LONGEST or length > self.count * self.size:
            raise Broken("too long")
        if length <= most:
            if place + length > self.usable:
                raise Broken("it reaches beyond its page")
            return body[place : place + length]
        least = ((self.usable - 12) * 32 // 255) - 23
        local = least + (length - least) % (self.usable - 4)
        local = local if local <= most else least
        if place + local + 4 > self.usable:
            raise Broken("it reaches beyond its page")
        parts, rest = [body[place : place + local]], length - local
        following = int.from_bytes(body[place + local : place + local + 4], "big")
        while rest > 0:
            further = self.page(following)
            if (
                not 0 < following <= self.count
                or following in self.seen
                or len(further) < self.size
            ):
                raise Broken("its further pages are damaged")
            self.seen.add(following)
            parts.append(further[4 : 4 + min(rest, self.usable - 4)])
            rest -= self.usable - 4
            following = int.from_bytes(further[:4], "big")
        return b"".join(parts)


def _page_size(head: bytes) -> int:
    """As the file's header says; 0 where it says nothing that can be."""
    if head[:16] != b"SQLite format 3\0":
        return 0
    size = int.from_bytes(head[16:18], "big")
    size = 65_536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else 0


def _varint(body: bytes, place: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where it ends."""
    value = 0
    try:
        for step in range(8):
            byte = body[place + step]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, place + step + 1
        return value << 8 | body[place + 8], place + 9
    except IndexError as error:
        raise Broken("it ends within a number") from error


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _values(record: bytes) -> list[Value]:
    """The values of a record."""
    size, place = _varint(record, 0)
    if not 0 < size <= len(record):
        raise Broken("its header is longer than itself")
    found: list[Value] = []
    at = size
    while place < size:
        kind, place = _varint(record, place)
        value, at = _value(record, at, kind)
        found.append(value)
    if place != size or at != len(record):
        raise Broken("its length is not that of its values")
    return found


def _value(record: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in (10, 11):
        raise Broken("a value of no kind")
    length = INTEGERS.get(kind) or (8 if kind == 7 else (kind - 12) // 2)
    raw = record[at : at + length]
    if len(raw) < length:
        raise Broken("a value reaches beyond it")
    at += length
    if kind in INTEGERS:
        return int.from_bytes(raw, "big", signed=True), at
    if kind == 7:
        return struct.unpack(">d", raw)[0], at
    return (raw.decode("utf-8", "replace") if kind % 2 else raw), at
