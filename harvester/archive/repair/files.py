"""The files of an archive: WARC files with a torn tail or cut short, rights that are too wide, and what a killed program left lying.

Looking changes nothing. Mending expects that nobody else holds the archive.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.records.captures import find_last_member_end
from harvester.errors import ArchiveError

ARCHIVE_SUFFIXES = ("", "-wal", "-shm", ".lock", ".holder.json")
DRAFT_SUFFIXES = (".part", ".new")  # what is written before it gets its name
_FILES_SQL = """select file, max(offset + length) as ending, count(*) as count from captures where file is not null
and typeof(offset) = 'integer' and typeof(length) = 'integer' group by file order by file"""


@dataclass(frozen=True, slots=True)
class ShortFile:
    """A WARC file that ends before records that rows point at; ``size`` -1: it is not there."""

    path: Path
    size: int
    expected_size: int
    capture_count: int


def find_short_files(connection: sqlite3.Connection, folder: Path) -> list[ShortFile]:
    """WARC files that are missing, or cut short."""
    found = []
    for file, ending, count in connection.execute(_FILES_SQL).fetchall():
        path = folder / file
        size = path.stat().st_size if path.is_file() else -1
        if size < ending:
            found.append(ShortFile(path, size, ending, count))
    return found


def find_torn_files(
    connection: sqlite3.Connection, folder: Path
) -> list[tuple[Path, int]]:
    """WARC files with half a record behind the last whole one, and where that ends. None that is cut short."""
    found = []
    for file, ending, _ in connection.execute(_FILES_SQL).fetchall():
        path = folder / file
        if path.is_file() and path.stat().st_size > ending:
            whole = find_last_member_end(path, ending)
            if whole < path.stat().st_size:
                found.append((path, whole))
    return found


def truncate_file(path: Path, size: int) -> None:
    """End a file there, onto the disk."""
    with path.open("rb+") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def forget_lost_captures(
    connection: sqlite3.Connection, short_file: ShortFile
) -> list[str]:
    """Rows point no more behind the end of a file (all of them, where it is not there). Addresses and times of what is lost."""
    where = "file = ? and offset + length > ?"
    given = [
        short_file.path.name,
        max(short_file.size, -1) if short_file.size >= 0 else -1,
    ]
    rows = connection.execute(
        f"select id, url, at from captures where {where} order by id", given
    ).fetchall()
    connection.execute(
        f"update captures set file = null, offset = null, length = null where {where}",
        given,
    )
    connection.executemany(
        "update articles set etag = '', last_modified = '', sha256 = '' where capture = ?",
        [(row[0],) for row in rows],
    )
    return [f"{row[1]} as received at {row[2]}" for row in rows]


# ---- rights, and what lies about


def find_files_readable_by_others(archive: Path, folder: Path | None) -> list[Path]:
    """Files that others may read: addresses of feeds may carry secrets."""
    mine = [archive.with_name(archive.name + end) for end in ARCHIVE_SUFFIXES]
    mine += (
        sorted(folder.glob("*.warc.gz"))
        if folder is not None and folder.is_dir()
        else []
    )
    return [path for path in mine if path.is_file() and path.stat().st_mode & 0o077]


def restrict_permissions(paths: list[Path]) -> None:
    """Readable by their owner only."""
    for path in paths:
        path.chmod(0o600)


def find_leftover_files(archive: Path, folder: Path | None) -> list[Path]:
    """What a killed program left lying: drafts, and the daemon's copy of the settings. While nobody holds the archive."""
    found = [
        path
        for end in DRAFT_SUFFIXES
        for path in archive.parent.glob(f"{archive.name}*{end}")
    ]
    if folder is not None and folder.is_dir():
        found += [path for end in DRAFT_SUFFIXES for path in folder.glob(f"*{end}")]
        found += [path for path in folder.glob(".*.part") if path not in found]
    copy = archive.with_name(f"{archive.name}.settings.toml")
    return sorted(
        path for path in {*found, *([copy] if copy.exists() else [])} if path.is_file()
    )


def copy_archive(archive: Path, now: str) -> Path:
    """The archive's file and its log as they are, beside it; where. Raises ArchiveError where there is no room."""
    stamp = "".join(sign for sign in now if sign.isalnum())
    to = archive.with_name(f"{archive.name}.before-fix-{stamp}")
    files = [
        (archive.with_name(archive.name + end), to.with_name(to.name + end))
        for end in ("", "-wal")
    ]
    needed = sum(one.stat().st_size for one, _ in files if one.exists())
    free = shutil.disk_usage(archive.parent).free
    if free < 2.2 * needed:
        raise ArchiveError(
            f"{archive.parent} has room for {free / 1e6:.0f} MB, and a copy and a new archive take {2.2 * needed / 1e6:.0f}",
            "make room; nothing was changed",
        )
    for one, other in files:
        if one.exists():
            descriptor = os.open(other, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with one.open("rb") as source, os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
    return to


def replace_archive(archive: Path, new_archive: Path) -> None:
    """Put a new archive in the old one's place, onto the disk."""
    from harvester.archive.records.captures import fsync_path

    new_archive.chmod(0o600)
    fsync_path(new_archive)
    for end in ("-wal", "-shm"):
        archive.with_name(archive.name + end).unlink(missing_ok=True)
    new_archive.replace(archive)
    fsync_path(archive.parent)


def find_unreferenced_records(
    connection: sqlite3.Connection, folder: Path
) -> Iterator[tuple[Path, int, int]]:
    """Whole records of WARC files that no row points at: path, offset, length."""
    from harvester.archive.integrity.warc_check import iter_members

    for path in sorted(folder.glob("*.warc.gz")):
        known = {
            row[0]: row[1]
            for row in connection.execute(
                "select offset, length from captures where file = ?", [path.name]
            )
        }
        size, place = path.stat().st_size, 0
        with path.open("rb") as file:
            while place < size:
                if place in known:
                    place += known[place]
                    continue
                try:
                    at, length = next(iter_members(file, place, size))
                except (ValueError, StopIteration):
                    place = min(
                        (one for one in known if one > place), default=size
                    )  # go on behind what is broken
                    continue
                yield path, at, length
                place = at + length
