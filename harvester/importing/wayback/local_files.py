"""The captures of a list out of WARC files that are at hand, by file and offset.

The records are copied byte for byte into files of the workspace, one for each of theirs
with its warcinfo record: so an import knows who received them.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from sqlite3 import Connection
from typing import BinaryIO

from harvester.archive.importing import capture_lists
from harvester.archive.importing.capture_lists import FAILED, OBTAINED, CaptureRow
from harvester.archive.records.compression import GZIP, compress_record
from harvester.identity.urls import url_key
from harvester.importing.wayback.capture_files import CaptureFile

BATCH = 1_000
COPIES = "records copied"
FILE_ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz", ".warc.zst")
REASON_NO_FILE = "its WARC file is not there"
REASON_TWO_FILES = "two WARC files have its file's name"
REASON_NO_PLACE = "the list does not say where its record is"
REASON_OTHER = "another record is at its place"
REASON_UNREADABLE = "its record cannot be read"
_PART_BYTES = 1 << 16
_HEAD_BYTES = 1 << 16  # of a record, in which its WARC headers end
_LENGTH = re.compile(rb"^content-length:\s*([0-9]{1,15})\s*?$", re.I | re.M)
_TYPE = re.compile(rb"^warc-type:\s*(\w+)", re.I | re.M)
_URL = re.compile(rb"^warc-target-uri:\s*<?([^\s>]+)>?\s*?$", re.I | re.M)
_DATE = re.compile(rb"^warc-date:\s*([0-9T:-]{19})", re.I | re.M)
Report = Callable[[str, int, int], None]


def find_files(paths: Iterable[Path]) -> dict[str, Path | None]:
    """Name → WARC file, of files and folders; None where two have one name."""
    found: dict[str, Path | None] = {}
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.name.endswith(FILE_ENDINGS) and file.is_file():
                file = file.resolve()
                other = found.get(file.name, file)
                found[file.name] = file if other == file else None
    return found


@dataclass(slots=True)
class LocalFiles:
    """Copies the records that are wanted."""

    connection: Connection
    folder: Path
    files: dict[str, Path | None]
    max_bytes: int  # of one record, decompressed

    def run(self, report: Report) -> None:
        """Copy everything; each capture has its outcome then."""
        total, done = capture_lists.count_to_obtain(self.connection, 1), 0
        while rows := capture_lists.list_wanted_by_file(self.connection, BATCH):
            for filename, group in groupby(rows, lambda row: row.filename):
                done += self._copy_group(filename, list(group))
                report(COPIES, done, total)

    def _copy_group(self, filename: str, rows: list[CaptureRow]) -> int:
        name = re.split(r"[/\\]", filename)[-1]
        path = self.files.get(name)
        with ExitStack() as stack:
            reason = ""
            if not name:
                reason = REASON_NO_PLACE
            elif path is None:
                reason = REASON_TWO_FILES if name in self.files else REASON_NO_FILE
            stack.enter_context(capture_lists.transaction(self.connection))
            if reason or path is None:
                for row in rows:
                    capture_lists.set_outcome(self.connection, row.id, FAILED, reason)
                return len(rows)
            source = stack.enter_context(path.open("rb"))
            target = stack.enter_context(
                CaptureFile(self.folder, self.connection, copy_name(name), name)
            )
            if target.is_new and (first := self._read(source, 0)):
                if _TYPE.search(first[1]) and _type(first[1]) == b"warcinfo":
                    target.append(first[0])
            for row in rows:
                reason = self._copy(source, target, row)
                capture_lists.set_outcome(
                    self.connection, row.id, FAILED if reason else OBTAINED, reason
                )
        return len(rows)

    def _copy(self, source: BinaryIO, target: CaptureFile, row: CaptureRow) -> str:
        """Copy one record; returns why not, or ""."""
        if row.offset < 0:
            return REASON_NO_PLACE
        found = self._read(source, row.offset)
        if found is None:
            return REASON_UNREADABLE
        record, head = found
        url, date = _URL.search(head), _DATE.search(head)
        if (
            _type(head) not in (b"response", b"revisit")
            or url is None
            or date is None
            or url_key(url[1].decode("utf-8", "replace")) != row.key
            or f"{date[1].decode()}Z" != row.at
        ):
            return REASON_OTHER
        target.append(record)
        return ""

    def _read(self, source: BinaryIO, offset: int) -> tuple[bytes, bytes] | None:
        """The record at an offset as a gzip member, and its WARC headers."""
        try:
            source.seek(offset)
            first = source.read(2)
            source.seek(offset)
            if first == b"\x1f\x8b":
                return self._read_member(source)
            return self._read_plain(source)
        except (OSError, zlib.error):
            return None

    def _read_member(self, source: BinaryIO) -> tuple[bytes, bytes] | None:
        decompressor = zlib.decompressobj(GZIP)
        parts: list[bytes] = []
        head, size = b"", 0
        while not decompressor.eof:
            block = source.read(_PART_BYTES)
            if not block:
                return None
            parts.append(block)
            while block and not decompressor.eof:
                plain = decompressor.decompress(block, _PART_BYTES)
                block = decompressor.unconsumed_tail
                size += len(plain)
                if len(head) < _HEAD_BYTES:
                    head += plain
                if size > self.max_bytes:
                    return None
        member = b"".join(parts)
        return member[: len(member) - len(decompressor.unused_data)], _warc_head(head)

    def _read_plain(self, source: BinaryIO) -> tuple[bytes, bytes] | None:
        block = source.read(_HEAD_BYTES)
        head = _warc_head(block)
        match = _LENGTH.search(head)
        if not block.startswith(b"WARC/") or match is None:
            return None
        length = len(head) + 4 + int(match[1])
        if length > self.max_bytes:
            return None
        if length > len(block):
            block += source.read(length - len(block))
        if len(block) < length:
            return None
        return compress_record(block[:length] + b"\r\n\r\n"), head


def copy_name(name: str) -> str:
    """The name of the copy of a WARC file, whatever its own is."""
    return f"{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:16]}.warc.gz"


def _warc_head(block: bytes) -> bytes:
    """The WARC headers of a record, as they are, without the empty line behind them."""
    return block.partition(b"\r\n\r\n")[0]


def _type(head: bytes) -> bytes:
    match = _TYPE.search(head)
    return match[1].lower() if match else b""
