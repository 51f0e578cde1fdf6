"""Have the disk itself keep what was written, so that it survives a power cut."""

from __future__ import annotations

import os
from pathlib import Path

try:
    from fcntl import F_FULLFSYNC  # type: ignore[attr-defined]  # macOS alone has it
except ImportError:
    F_FULLFSYNC = None


def fsync_descriptor(descriptor: int) -> None:
    """Fsync an open file; on macOS also empty the disk's own cache, as fsync does not.

    See macOS's fsync(2) and SQLite's ``pragma fullfsync``.
    """
    if F_FULLFSYNC is not None:
        from fcntl import fcntl

        try:
            fcntl(descriptor, F_FULLFSYNC)
        except OSError:  # a file system without it, such as one of the network
            pass
        else:
            return
    os.fsync(descriptor)


def fsync_path(path: Path) -> None:
    """Fsync a file or folder; a folder too: a file's name must survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fsync_descriptor(descriptor)
    finally:
        os.close(descriptor)
