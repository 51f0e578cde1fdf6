"""SQLite's errors as ours: locked, disk full, damaged, not readable."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.errors import ArchiveError, ArchiveLocked, DiskFull

DAMAGED_HINT = "`harvest doctor --fix` makes a copy and saves what can be saved"


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as ours.

    Told apart by message: SQLite has no error code of its own for most of these.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text:
            raise DiskFull(
                f"no room left on the disk for {path}",
                "free some space; everything committed is safe",
            ) from error
        if "readonly" in text or "disk I/O error" in text:
            raise DiskFull(f"{path} cannot be written: {text}") from error
        if "locked" in text or "busy" in text:
            raise ArchiveLocked(
                f"{path} is locked by another program", "try again when it has finished"
            ) from error
        if "unable to open" in text:
            raise ArchiveError(f"{path} cannot be opened: {text}") from error
        if "decode to UTF-8" in text:
            raise ArchiveError(f"{path} is damaged: {text}", DAMAGED_HINT) from error
        raise
    # Raised when SQLite's message about a damaged schema is not UTF-8 itself.
    except UnicodeDecodeError as error:
        raise ArchiveError(
            f"{path} is damaged: its tables cannot be read", DAMAGED_HINT
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise ArchiveError(f"{path} is damaged: {error}", DAMAGED_HINT) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            raise DiskFull(
                f"{error.filename or path} cannot be written: "
                f"{os.strerror(error.errno)}",
                "everything committed is safe",
            ) from error
        raise
