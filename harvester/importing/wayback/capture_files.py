"""WARC files of a workspace, as long as its lists say that they are.

A record is written and flushed, then the row that says so is committed: what a killed
process wrote beyond it is cut off by the next one.
"""

from __future__ import annotations

import os
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import Self

from harvester.archive.importing import capture_lists
from harvester.archive.importing.capture_lists import FileRow


class CaptureFile:
    """One WARC file that grows."""

    def __init__(
        self, folder: Path, connection: Connection, name: str, receiver: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        row = capture_lists.get_files(connection).get(name)
        self.name, self.receiver = name, receiver
        self._connection = connection
        self._bytes, self._records = (row.bytes, row.records) if row else (0, 0)
        self._file = os.fdopen(
            os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0
        )
        self._file.truncate(self._bytes)
        self._file.seek(self._bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    @property
    def is_new(self) -> bool:
        """Whether it has no records yet."""
        return not self._bytes

    def append(self, record: bytes) -> None:
        """Write a record, and its row in the transaction that is open."""
        view = memoryview(record)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._bytes += len(record)
        self._records += 1
        row = FileRow(self.name, self._bytes, self._records, self.receiver)
        capture_lists.set_file(self._connection, row)
