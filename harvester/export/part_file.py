"""A file that is written in parts, and goes on where it was interrupted.

``NAME.part`` grows; ``NAME.part.json`` says how far it is complete, and of what. Both
lie beside the target, which appears only once everything is in it. An interrupted export
of the same articles, as the archive then was, goes on behind the last complete part.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.regular_files import check_target, open_regular
from harvester.errors import HarvesterError

MAX_STATE_BYTES = 100_000


class PartFile:
    """A file under construction; a context manager that keeps it for the next time.

    ``signature``: what is written, and from which archive; the former part is continued
    only if its signature is the same; "" is continued never. ``cursor`` is then where it
    ends, else 0. ``written`` counts whatever the caller counts.
    Raises HarvesterError where another program writes the same file, and OSError.
    """

    def __init__(self, target: Path, signature: str) -> None:
        self._target = target
        self._signature = signature
        self._part = target.with_name(f"{target.name}.part")
        self._state = target.with_name(f"{target.name}.part.json")
        for path in (target, self._part, self._state):
            check_target(path)
        self.file = self._open()
        self.cursor, size, self.written = self._read_state()
        os.ftruncate(self.file.fileno(), size)
        self.file.seek(size)

    @property
    def is_new(self) -> bool:
        """Whether nothing was written before."""
        return self.file.tell() == 0

    def commit(self, cursor: int) -> None:
        """State that everything up to a cursor is written, and ``self.written``."""
        self.flush()
        state = {
            "signature": self._signature,
            "cursor": cursor,
            "bytes": self.file.tell(),
            "written": self.written,
        }
        draft = self._state.with_name(f"{self._state.name}.new")
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8") as file:
            json.dump(state, file)
        draft.replace(self._state)

    @property
    def path(self) -> Path:
        """Where the file is until it is finished."""
        return self._part

    def flush(self) -> None:
        """Have everything that was written in the file."""
        self.file.flush()
        fsync_descriptor(self.file.fileno())

    def finish(self) -> None:
        """Give the file its final name."""
        self.flush()
        self._part.replace(self._target)
        self._state.unlink(missing_ok=True)
        fsync_path(self._target.parent)

    def discard(self) -> None:
        """Remove what was written."""
        for path in (self._state, self._part):
            with suppress(OSError):
                path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _open(self) -> BinaryIO:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        # To be handed on: the umask decides.
        descriptor = os.open(self._part, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise HarvesterError(f"{self._part} is not a file", "remove it")
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HarvesterError(
                    f"another program is writing {self._target}", "wait for its end"
                ) from error
            return os.fdopen(descriptor, "r+b")
        except BaseException:
            os.close(descriptor)
            raise

    def _read_state(self) -> tuple[int, int, int]:
        """Cursor, size and count of what is complete; zeros: begin anew."""
        try:
            with open_regular(self._state) as file:
                state: Any = json.loads(file.read(MAX_STATE_BYTES))
        except (OSError, ValueError):
            return 0, 0, 0
        signature = state.get("signature") if isinstance(state, dict) else None
        if not self._signature or signature != self._signature:
            return 0, 0, 0
        cursor, size, written = map(state.get, ("cursor", "bytes", "written"))
        if not (
            isinstance(cursor, int)
            and isinstance(size, int)
            and isinstance(written, int)
        ):
            return 0, 0, 0
        available = os.fstat(self.file.fileno()).st_size
        return (cursor, size, written) if 0 <= size <= available else (0, 0, 0)
