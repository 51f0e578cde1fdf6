"""Have the disk itself keep what was written, so that it survives a power cut."""

from __future__ import annotations

import errno
import os
from pathlib import Path

try:
    from fcntl import F_FULLFSYNC  # type: ignore[attr-defined]  # macOS alone has it
except ImportError:
    F_FULLFSYNC = None


UNSUPPORTED_ERRORS = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF)


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
    """Fsync a file or folder; a folder too: a file's name must survive a power cut.

    A file system that cannot sync folders (of networks, in user space) refuses that; it
    is no error, as it is none for SQLite.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fsync_descriptor(descriptor)
    except OSError as error:
        if error.errno not in UNSUPPORTED_ERRORS or not path.is_dir():
            raise
    finally:
        os.close(descriptor)


FileIdentity = tuple[int, int]  # device and inode


def file_identity(path: Path) -> FileIdentity | None:
    """What tells a file or folder from another one at the same path; None: it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
