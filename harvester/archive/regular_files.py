"""Open and name files that are files: no device, FIFO or socket, none from elsewhere.

A path may come from a person, or from the rows of an archive that somebody else made.
Opening a FIFO waits for its other end, a device may have no end, and a name with a
folder in it may lead anywhere.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from harvester.errors import ArchiveError

# Of one compressed record: decompressed it has at most as much (``records.compression``).
MAX_RECORD_BYTES = 1 << 28
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def describe_special_file(path: Path) -> str:
    """What a path is that is no regular file, as "a device"; "" if it is one.

    "" too if nothing is there, or nothing can be known of it.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a null character
        return ""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises OSError for anything else.

    Looks before it opens: opening a device may do something.
    """
    kind = describe_special_file(path)
    if kind:
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
    try:
        # Not blocking: a FIFO may have taken the file's place meanwhile.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def check_target(path: Path) -> None:
    """Raise ArchiveError for a path that a file must not be written to.

    That is whatever is there and is no file: it would be replaced, or waited for.
    """
    kind = describe_special_file(path)
    if kind:
        raise ArchiveError(f"{path} is {kind}, not a file", "name a file")


def create_draft(path: Path, mode: int = 0o600) -> BinaryIO:
    """Create the file that becomes another once it is complete; a former one is removed.

    Follows no link that lies there. Raises ArchiveError where something else lies there,
    and OSError.
    """
    check_target(path)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode), "w+b")


def is_capture_file_name(name: object) -> bool:
    """Whether a name, as rows of captures have it, is that of a file in their folder."""
    return (
        isinstance(name, str)
        and name != ""
        and not name.startswith(".")
        and not any(character in name for character in "/\\\0")
    )


def capture_path(folder: Path, name: object) -> Path:
    """The path of a WARC file. Raises ArchiveError for a name that leads elsewhere."""
    if not is_capture_file_name(name):
        raise ArchiveError(
            f"the archive names {str(name)[:200]!r} as a file of captures, which is not "
            f"in {folder}",
            "`harvest verify` lists the rows",
        )
    return folder / str(name)


def read_record(folder: Path, name: object, offset: object, length: object) -> bytes:
    """The bytes of a record, fewer if the file ends before.

    Raises ArchiveError, or OSError where the file cannot be read.
    """
    path = capture_path(folder, name)
    if (
        not isinstance(offset, int)
        or not isinstance(length, int)
        or not 0 <= offset < 1 << 62
        or not 0 < length <= MAX_RECORD_BYTES
    ):
        raise ArchiveError(
            f"the archive names no possible record of {path}", "run `harvest verify`"
        )
    with open_regular(path) as file:
        file.seek(offset)
        return file.read(length)
