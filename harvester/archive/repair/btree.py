"""Read the pages of an SQLite file without SQLite, for files that SQLite refuses.

Follows the file format (https://www.sqlite.org/fileformat2.html): trees of pages,
records, overflow chains, and the write-ahead log (-wal). Malformed pages and records
are counted and skipped. Reads only; ``salvage`` knows what the rows mean.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path

from harvester.archive.repair import wal

TABLE_LEAF, TABLE_INTERIOR, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x05, 0x0A, 0x02
HEADER_BYTES = 100  # the file's header, on the first page before the page's own
MAGIC = b"SQLite format 3\0"
MAX_RECORD_BYTES = 1 << 30  # a longer record is damaged
INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # serial type → bytes

Value = int | float | str | bytes | None


class DamagedPageError(ValueError):
    """A page or a record is malformed."""


class DatabaseFile:
    """An SQLite file and its write-ahead log.

    ``bad_pages`` are pages of a tree that cannot be read, ``broken_records`` counts
    records that cannot be read, and ``seen_pages`` are those visited so far.
    """

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
            or wal.DEFAULT_PAGE_SIZE
        )
        self.page_count = max([-(-self._file_size // self.page_size), *self._wal.pages])
        header = self.read_page(1)[:HEADER_BYTES]
        self.is_header_valid = header[:16] == MAGIC
        self.usable_size = self.page_size - (
            header[20] if self.is_header_valid and header[20] < 64 else 0
        )
        self.schema_version = (
            int.from_bytes(header[60:64], "big") if self.is_header_valid else 0
        )
        self.seen_pages: set[int] = set()
        self.bad_pages: list[int] = []
        self.broken_records = 0
        if self.is_header_valid:
            self._mark_free_pages(int.from_bytes(header[32:36], "big"))

    def close(self) -> None:
        """Close the file."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._file.close()

    def read_page(self, number: int) -> bytes:
        """Return a page as last committed; short or empty at the end of the file."""
        if number in self._wal.pages:
            return self._wal.pages[number]
        if number <= 0:
            return b""
        return bytes(self._map[(number - 1) * self.page_size : number * self.page_size])

    def _mark_free_pages(self, trunk: int) -> None:
        """Mark pages of the free list as seen: their content was deleted."""
        while 0 < trunk <= self.page_count and trunk not in self.seen_pages:
            self.seen_pages.add(trunk)
            page = self.read_page(trunk)
            if len(page) < 8:
                return
            next_trunk, count = struct.unpack_from(">II", page)
            if count > (self.page_size - 8) // 4 or len(page) < 8 + 4 * count:
                return
            self.seen_pages.update(struct.unpack_from(f">{count}I", page, 8))
            trunk = next_trunk

    # ---- trees

    def read_table(self, root: int) -> Iterator[tuple[int, list[Value]]]:
        """Yield rowid and values of every readable row of a table."""
        for page, offset, kind in self._tree_pages(root, (TABLE_LEAF, TABLE_INTERIOR)):
            if kind == TABLE_LEAF:
                yield from self._leaf_rows(page, offset)

    def read_index(self, root: int) -> Iterator[list[Value]]:
        """Yield the readable rows of a table without rowid, or keys of an index.

        They come in no particular order.
        """
        max_local_bytes = ((self.usable_size - 12) * 64 // 255) - 23
        for page, offset, kind in self._tree_pages(root, (INDEX_LEAF, INDEX_INTERIOR)):
            for cell in self._cell_offsets(page, offset, kind):
                start = cell + (4 if kind == INDEX_INTERIOR else 0)
                try:
                    length, position = _read_varint(page, start)
                    record = self._read_payload(page, position, length, max_local_bytes)
                    yield _parse_values(record)
                except DamagedPageError:
                    self.broken_records += 1

    def read_stray_pages(self) -> Iterator[tuple[int, list[tuple[int, list[Value]]]]]:
        """Yield number and rows of table pages that no tree reaches.

        Their tree is damaged further up. Call it after all trees were read.
        """
        for number in range(1, self.page_count + 1):
            if number in self.seen_pages:
                continue
            page, offset = self.read_page(number), _page_header_offset(number)
            if len(page) == self.page_size and page[offset] == TABLE_LEAF:
                yield number, list(self._leaf_rows(page, offset))

    def _tree_pages(
        self, root: int, kinds: tuple[int, int]
    ) -> Iterator[tuple[bytes, int, int]]:
        """Yield the pages of a tree: content, offset of the page header, kind."""
        pending = [root]
        while pending:
            number = pending.pop()
            if not 0 < number <= self.page_count or number in self.seen_pages:
                self.bad_pages.append(number)
                continue
            page, offset = self.read_page(number), _page_header_offset(number)
            if len(page) < self.page_size or page[offset] not in kinds:
                self.bad_pages.append(number)
                continue
            self.seen_pages.add(number)
            kind = page[offset]
            if kind in (TABLE_INTERIOR, INDEX_INTERIOR):
                pending.append(int.from_bytes(page[offset + 8 : offset + 12], "big"))
                children = [
                    int.from_bytes(page[cell : cell + 4], "big")
                    for cell in self._cell_offsets(page, offset, kind)
                ]
                pending += reversed(children)
            yield page, offset, kind

    def _cell_offsets(self, page: bytes, header_offset: int, kind: int) -> list[int]:
        """Return the offsets of a page's cells."""
        count = int.from_bytes(page[header_offset + 3 : header_offset + 5], "big")
        first = header_offset + (12 if kind in (TABLE_INTERIOR, INDEX_INTERIOR) else 8)
        fitting = min(count, (len(page) - first) // 2)
        offsets = struct.unpack_from(f">{fitting}H", page, first)
        valid = [cell for cell in offsets if first <= cell <= self.usable_size - 4]
        self.broken_records += count - len(valid)
        return valid

    def _leaf_rows(
        self, page: bytes, header_offset: int
    ) -> Iterator[tuple[int, list[Value]]]:
        for cell in self._cell_offsets(page, header_offset, TABLE_LEAF):
            try:
                length, position = _read_varint(page, cell)
                rowid, position = _read_varint(page, position)
                record = self._read_payload(
                    page, position, length, self.usable_size - 35
                )
                yield _to_signed(rowid), _parse_values(record)
            except DamagedPageError:
                self.broken_records += 1

    def _read_payload(
        self, page: bytes, position: int, length: int, max_local_bytes: int
    ) -> bytes:
        """Return a record, with what overflows its page."""
        if length > MAX_RECORD_BYTES or length > self.page_count * self.page_size:
            raise DamagedPageError("record is too long")
        if length <= max_local_bytes:
            if position + length > self.usable_size:
                raise DamagedPageError("record reaches beyond its page")
            return page[position : position + length]
        min_local_bytes = ((self.usable_size - 12) * 32 // 255) - 23
        local_bytes = min_local_bytes + (length - min_local_bytes) % (
            self.usable_size - 4
        )
        if local_bytes > max_local_bytes:
            local_bytes = min_local_bytes
        end = position + local_bytes
        if end + 4 > self.usable_size:
            raise DamagedPageError("record reaches beyond its page")
        next_page = int.from_bytes(page[end : end + 4], "big")
        overflow = self._read_overflow(next_page, length - local_bytes)
        return b"".join((page[position:end], *overflow))

    def _read_overflow(self, number: int, remaining: int) -> Iterator[bytes]:
        """Yield the parts of a record on its overflow pages."""
        part_size = self.usable_size - 4
        while remaining > 0:
            page = self.read_page(number)
            if (
                not 0 < number <= self.page_count
                or number in self.seen_pages
                or len(page) < self.page_size
            ):
                raise DamagedPageError("overflow pages are damaged")
            self.seen_pages.add(number)
            yield page[4 : 4 + min(remaining, part_size)]
            remaining -= part_size
            number = int.from_bytes(page[:4], "big")


def _page_header_offset(number: int) -> int:
    return HEADER_BYTES if number == 1 else 0


def _parse_page_size(header: bytes) -> int:
    """Return the page size that the file's header states; 0 if it is invalid."""
    if header[:16] != MAGIC:
        return 0
    size = int.from_bytes(header[16:18], "big")
    size = 65_536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else 0


def _read_varint(content: bytes, position: int) -> tuple[int, int]:
    """Return an integer of 1 to 9 bytes, and the position after it."""
    value = 0
    try:
        for index in range(8):
            byte = content[position + index]
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value, position + index + 1
        return value << 8 | content[position + 8], position + 9
    except IndexError as error:
        raise DamagedPageError("record ends within an integer") from error


def _to_signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _parse_values(record: bytes) -> list[Value]:
    """Return the values of a record."""
    header_size, position = _read_varint(record, 0)
    if not 0 < header_size <= len(record):
        raise DamagedPageError("record header is longer than the record")
    values: list[Value] = []
    offset = header_size
    while position < header_size:
        serial_type, position = _read_varint(record, position)
        value, offset = _parse_value(record, offset, serial_type)
        values.append(value)
    if position != header_size or offset != len(record):
        raise DamagedPageError("record length differs from that of its values")
    return values


def _parse_value(record: bytes, position: int, serial_type: int) -> tuple[Value, int]:
    """Return a value and the position after it."""
    if serial_type == 0:
        return None, position
    if serial_type in (8, 9):
        return serial_type - 8, position
    if serial_type in (10, 11):
        raise DamagedPageError("reserved serial type")
    length = INTEGER_SIZES.get(serial_type) or (
        8 if serial_type == 7 else (serial_type - 12) // 2
    )
    raw = record[position : position + length]
    if len(raw) < length:
        raise DamagedPageError("value reaches beyond its record")
    position += length
    if serial_type in INTEGER_SIZES:
        return int.from_bytes(raw, "big", signed=True), position
    if serial_type == 7:
        return struct.unpack(">d", raw)[0], position
    return (raw.decode("utf-8", "replace") if serial_type % 2 else raw), position
