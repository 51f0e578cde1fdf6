"""Check and repair the files of an archive.

WARC files with a torn tail or cut short, files that others may read, and what a killed
program left behind. Finding changes nothing; repairing expects that nobody else holds
the archive.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.integrity.warc_check import iter_members
from harvester.archive.records.compression import find_last_member_end
from harvester.archive.regular_files import is_capture_file_name
from harvester.archive.repair.row_samples import RowSample
from harvester.errors import ArchiveError

ARCHIVE_SUFFIXES = ("", "-wal", "-shm", ".lock", ".holder.json")
DRAFT_SUFFIXES = (".part", ".new")  # files get their final name once complete
COPY_SPACE_FACTOR = 2.2  # room for a copy and a new archive


@dataclass(frozen=True, slots=True)
class ShortFile:
    """A WARC file that ends before records that rows point to."""

    path: Path
    size: int  # -1 if the file is missing
    expected_size: int
    capture_count: int


def find_short_files(
    connection: sqlite3.Connection, folder: Path, sample: RowSample | None = None
) -> list[ShortFile]:
    """Find WARC files that are missing, or cut short; of those that a sample names."""
    short_files = []
    for file, end, count in _list_file_ends(connection, sample):
        path = folder / file
        size = path.stat().st_size if path.is_file() else -1
        if size < end:
            short_files.append(ShortFile(path, size, end, count))
    return short_files


def find_torn_files(
    connection: sqlite3.Connection, folder: Path, sample: RowSample | None = None
) -> list[tuple[Path, int]]:
    """Find WARC files that end with an incomplete record.

    Returns the end of the last complete record of each. Files that are cut short are
    left out. Of a sample, only the file with the newest capture: it knows where the
    records of that one end.
    """
    ends = _list_file_ends(connection, sample)
    if sample is not None and not sample.is_whole:
        newest = connection.execute(
            "select file from captures where file is not null order by id desc limit 1"
        ).fetchone()
        ends = [row for row in ends if newest and row[0] == newest[0]]
    torn_files = []
    for file, captures_end, _ in ends:
        path = folder / file
        if path.is_file() and path.stat().st_size > captures_end:
            end = find_last_member_end(path, captures_end)
            if end < path.stat().st_size:
                torn_files.append((path, end))
    return torn_files


def _list_file_ends(
    connection: sqlite3.Connection, sample: RowSample | None
) -> list[tuple[str, int, int]]:
    """The WARC files: name, where the last record ends, number of captures."""
    captures = sample.source("captures") if sample else "captures"
    rows = connection.execute(
        f"""
        select file, max(offset + length), count(*)
        from {captures}
        where file is not null
        and typeof(offset) = 'integer' and typeof(length) = 'integer'
        group by file
        order by file"""
    )
    return [(row[0], row[1], row[2]) for row in rows if is_capture_file_name(row[0])]


def truncate_file(path: Path, size: int) -> None:
    """Truncate a file, and sync it to disk."""
    with path.open("rb+") as file:
        file.truncate(size)
        fsync_descriptor(file.fileno())


def forget_lost_captures(
    connection: sqlite3.Connection, short_file: ShortFile
) -> list[str]:
    """Clear the file of captures behind its end; of all if the file is missing.

    Returns URL and time of each capture that is lost.
    """
    condition = "file = ? and offset + length > ?"
    parameters = [short_file.path.name, short_file.size]
    rows = connection.execute(
        f"select id, url, at from captures where {condition} order by id", parameters
    ).fetchall()
    connection.execute(
        f"""
        update captures set file = null, offset = null, length = null, request = null
        where {condition}
        """,
        parameters,
    )
    connection.executemany(
        """
        update articles set etag = '', last_modified = '', sha256 = ''
        where capture = ?
        """,
        [(row[0],) for row in rows],
    )
    return [f"{url}, received at {at}" for _, url, at in rows]


# ---- permissions, and what was left behind


def find_files_readable_by_others(archive: Path, folder: Path | None) -> list[Path]:
    """Find files that others may read; URLs of feeds may contain secrets."""
    paths = [archive.with_name(archive.name + suffix) for suffix in ARCHIVE_SUFFIXES]
    if folder is not None and folder.is_dir():
        paths += sorted(folder.glob("*.warc.gz"))
    return [path for path in paths if path.is_file() and path.stat().st_mode & 0o077]


def restrict_permissions(paths: list[Path]) -> None:
    """Make files readable by their owner only."""
    for path in paths:
        path.chmod(0o600)


def find_leftover_files(archive: Path, folder: Path | None) -> list[Path]:
    """Find what a killed program left behind, while nobody holds the archive.

    Drafts, and the daemon's copy of the settings.
    """
    paths = {archive.with_name(f"{archive.name}.settings.toml")}
    for suffix in DRAFT_SUFFIXES:
        paths.update(archive.parent.glob(f"{archive.name}*{suffix}"))
    if folder is not None and folder.is_dir():
        for suffix in DRAFT_SUFFIXES:
            paths.update(folder.glob(f"*{suffix}"))
    return sorted(path for path in paths if path.is_file())


def copy_archive(archive: Path, now: str) -> Path:
    """Copy the archive and its log, as they are, to files beside them.

    Returns the path of the copy. Raises ArchiveError if there is not enough space.
    """
    stamp = "".join(character for character in now if character.isalnum())
    copy_path = archive.with_name(f"{archive.name}.before-fix-{stamp}")
    pairs = [
        (
            archive.with_name(archive.name + suffix),
            copy_path.with_name(copy_path.name + suffix),
        )
        for suffix in ("", "-wal")
    ]
    pairs = [(source, target) for source, target in pairs if source.exists()]
    needed = COPY_SPACE_FACTOR * sum(source.stat().st_size for source, _ in pairs)
    free = shutil.disk_usage(archive.parent).free
    if free < needed:
        raise ArchiveError(
            f"{archive.parent} has {free / 1e6:.0f} MB free; a copy and a new archive "
            f"need {needed / 1e6:.0f} MB",
            "free some space; nothing was changed",
        )
    for source_path, target_path in pairs:
        descriptor = os.open(target_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with source_path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            fsync_descriptor(target.fileno())
    return copy_path


def replace_archive(archive: Path, new_archive: Path) -> None:
    """Put a new archive in place of the old one, and sync it to disk."""
    new_archive.chmod(0o600)
    fsync_path(new_archive)
    for suffix in ("-wal", "-shm"):
        archive.with_name(archive.name + suffix).unlink(missing_ok=True)
    new_archive.replace(archive)
    fsync_path(archive.parent)


def find_unreferenced_records(
    connection: sqlite3.Connection, folder: Path
) -> Iterator[tuple[Path, int, int]]:
    """Yield path, offset and length of WARC records that no row points to."""
    for path in sorted(filter(Path.is_file, folder.glob("*.warc.gz"))):
        lengths = {
            row[0]: row[1]
            for row in connection.execute(
                "select offset, length from captures where file = ?", [path.name]
            )
        }
        size, position = path.stat().st_size, 0
        with path.open("rb") as file:
            while position < size:
                if position in lengths:
                    position += lengths[position]
                    continue
                try:
                    offset, length = next(iter_members(file, position, size))
                except (ValueError, StopIteration):
                    # Continue with the next known record behind the damage.
                    position = min(
                        (offset for offset in lengths if offset > position),
                        default=size,
                    )
                    continue
                yield path, offset, length
                position = offset + length
