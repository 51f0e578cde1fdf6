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
HEADER_BYTES = 100  # bytes of the file's header, before the first page's own
DEFAULT_PAGE_SIZE = 4_096  # bytes of a page, where nothing says another size
MAX_RECORD_BYTES = 1 << 30  # bytes of a record; more is nonsense
INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}

Value = int | float | str | bytes | None


class DamagedPageError(ValueError):
    """A page or a record that makes no sense."""


class DatabaseFile:
    """A file and its log. ``bad``: pages that a tree names and that cannot be read; ``broken``: how many records could not."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._file_size = path.stat().st_size
        self._map = (
            mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            if self._file_size
            else b""
        )
        self._wal = wal.read_wal(path.with_name(f"{path.name}-wal"))
        self.page_size = (
            self._wal.page_size
            or _parse_page_size(bytes(self._map[:HEADER_BYTES]))
            or DEFAULT_PAGE_SIZE
        )
        self.page_count = max([-(-self._file_size // self.page_size), *self._wal.pages])
        head = self.read_page(1)[:HEADER_BYTES]
        self.is_header_valid = head[:16] == b"SQLite format 3\0"
        self.usable_size = self.page_size - (
            head[20] if self.is_header_valid and head[20] < 64 else 0
        )
        self.schema_version = (
            int.from_bytes(head[60:64], "big") if self.is_header_valid else 0
        )
        self.seen_pages: set[int] = set()
        self.bad_pages: list[int] = []
        self.broken_records = 0
        if self.is_header_valid:
            self._mark_free_pages(int.from_bytes(head[32:36], "big"))

    def close(self) -> None:
        """Let go of the file."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()

    def read_page(self, number: int) -> bytes:
        """A page as last committed; shorter or empty where the file ends."""
        held = self._wal.pages.get(number)
        if held is not None:
            return held
        return (
            bytes(self._map[(number - 1) * self.page_size : number * self.page_size])
            if number > 0
            else b""
        )

    def _mark_free_pages(self, trunk: int) -> None:
        """Pages that are in no use: what stands on them was deleted."""
        while 0 < trunk <= self.page_count and trunk not in self.seen_pages:
            self.seen_pages.add(trunk)
            body = self.read_page(trunk)
            if len(body) < 8:
                return
            following, count = struct.unpack_from(">II", body)
            if count > (self.page_size - 8) // 4 or len(body) < 8 + 4 * count:
                return
            self.seen_pages.update(struct.unpack_from(f">{count}I", body, 8))
            trunk = following

    # ---- trees

    def read_table(self, root: int) -> Iterator[tuple[int, list[Value]]]:
        """rowid and values of every row of a table that can be read."""
        for body, at, kind in self._tree_pages(root, (TABLE_LEAF, TABLE_INTERIOR)):
            if kind == TABLE_LEAF:
                yield from self._leaf_rows(body, at)

    def read_index(self, root: int) -> Iterator[list[Value]]:
        """The rows of a table without rowid (or the keys of an index) that can be read; no order is promised."""
        for body, at, kind in self._tree_pages(root, (INDEX_LEAF, INDEX_INTERIOR)):
            for cell in self._cell_offsets(body, at, kind):
                try:
                    length, place = _read_varint(
                        body, cell + (4 if kind == INDEX_INTERIOR else 0)
                    )
                    yield _parse_values(
                        self._read_payload(
                            body,
                            place,
                            length,
                            ((self.usable_size - 12) * 64 // 255) - 23,
                        )
                    )
                except DamagedPageError:
                    self.broken_records += 1

    def read_stray_pages(self) -> Iterator[tuple[int, list[tuple[int, list[Value]]]]]:
        """Pages of rows that no tree reaches, of a tree whose upper pages are damaged. After all trees were read."""
        for number in range(1, self.page_count + 1):
            if number not in self.seen_pages:
                body, at = self.read_page(number), HEADER_BYTES if number == 1 else 0
                if len(body) == self.page_size and body[at] == TABLE_LEAF:
                    yield number, list(self._leaf_rows(body, at))

    def _tree_pages(
        self, root: int, kinds: tuple[int, int]
    ) -> Iterator[tuple[bytes, int, int]]:
        """The pages of a tree: content, where its header is, kind."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if not 0 < number <= self.page_count or number in self.seen_pages:
                self.bad_pages.append(number)
                continue
            body, at = self.read_page(number), HEADER_BYTES if number == 1 else 0
            if len(body) < self.page_size or body[at] not in kinds:
                self.bad_pages.append(number)
                continue
            self.seen_pages.add(number)
            kind = body[at]
            if kind in (TABLE_INTERIOR, INDEX_INTERIOR):
                waiting.append(int.from_bytes(body[at + 8 : at + 12], "big"))
                below = [
                    int.from_bytes(body[cell : cell + 4], "big")
                    for cell in self._cell_offsets(body, at, kind)
                ]
                waiting += reversed(below)
            yield body, at, kind

    def _cell_offsets(self, body: bytes, header_offset: int, kind: int) -> list[int]:
        """Where the cells of a page begin."""
        count = int.from_bytes(body[header_offset + 3 : header_offset + 5], "big")
        first = header_offset + (12 if kind in (TABLE_INTERIOR, INDEX_INTERIOR) else 8)
        fitting = min(count, (len(body) - first) // 2)
        found = struct.unpack_from(f">{fitting}H", body, first)
        good = [cell for cell in found if first <= cell <= self.usable_size - 4]
        self.broken_records += count - len(good)
        return good

    def _leaf_rows(
        self, body: bytes, header_offset: int
    ) -> Iterator[tuple[int, list[Value]]]:
        for cell in self._cell_offsets(body, header_offset, TABLE_LEAF):
            try:
                length, place = _read_varint(body, cell)
                rowid, place = _read_varint(body, place)
                yield (
                    _to_signed(rowid),
                    _parse_values(
                        self._read_payload(body, place, length, self.usable_size - 35)
                    ),
                )
            except DamagedPageError:
                self.broken_records += 1

    def _read_payload(
        self, body: bytes, position: int, length: int, max_local_bytes: int
    ) -> bytes:
        """A record, with what overflows from its page."""
        if length > MAX_RECORD_BYTES or length > self.page_count * self.page_size:
            raise DamagedPageError("too long")
        if length <= max_local_bytes:
            if position + length > self.usable_size:
                raise DamagedPageError("it reaches beyond its page")
            return body[position : position + length]
        least = ((self.usable_size - 12) * 32 // 255) - 23
        local = least + (length - least) % (self.usable_size - 4)
        local = local if local <= max_local_bytes else least
        if position + local + 4 > self.usable_size:
            raise DamagedPageError("it reaches beyond its page")
        parts, rest = [body[position : position + local]], length - local
        following = int.from_bytes(body[position + local : position + local + 4], "big")
        while rest > 0:
            further = self.read_page(following)
            if (
                not 0 < following <= self.page_count
                or following in self.seen_pages
                or len(further) < self.page_size
            ):
                raise DamagedPageError("its further pages are damaged")
            self.seen_pages.add(following)
            parts.append(further[4 : 4 + min(rest, self.usable_size - 4)])
            rest -= self.usable_size - 4
            following = int.from_bytes(further[:4], "big")
        return b"".join(parts)


def _parse_page_size(header: bytes) -> int:
    """As the file's header says; 0 where it says nothing that can be."""
    if header[:16] != b"SQLite format 3\0":
        return 0
    size = int.from_bytes(header[16:18], "big")
    size = 65_536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else 0


def _read_varint(body: bytes, position: int) -> tuple[int, int]:
    """A number of 1 to 9 bytes, and where it ends."""
    value = 0
    try:
        for step in range(8):
            byte = body[position + step]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, position + step + 1
        return value << 8 | body[position + 8], position + 9
    except IndexError as error:
        raise DamagedPageError("it ends within a number") from error


def _to_signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _parse_values(record: bytes) -> list[Value]:
    """The values of a record."""
    size, place = _read_varint(record, 0)
    if not 0 < size <= len(record):
        raise DamagedPageError("its header is longer than itself")
    found: list[Value] = []
    at = size
    while place < size:
        kind, place = _read_varint(record, place)
        value, at = _parse_value(record, at, kind)
        found.append(value)
    if place != size or at != len(record):
        raise DamagedPageError("its length is not that of its values")
    return found


def _parse_value(record: bytes, position: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, position
    if kind in (8, 9):
        return kind - 8, position
    if kind in (10, 11):
        raise DamagedPageError("a value of no kind")
    length = INTEGER_SIZES.get(kind) or (8 if kind == 7 else (kind - 12) // 2)
    raw = record[position : position + length]
    if len(raw) < length:
        raise DamagedPageError("a value reaches beyond it")
    position += length
    if kind in INTEGER_SIZES:
        return int.from_bytes(raw, "big", signed=True), position
    if kind == 7:
        return struct.unpack(">d", raw)[0], position
    return (raw.decode("utf-8", "replace") if kind % 2 else raw), position
