"""Backups of the archive: create, verify, restore, and delete expired ones.

A backup is a copy of the archive's file at one instant (SQLite's backup interface; other
programs may write meanwhile), and on request of the WARC files as far as its rows point
into them. It gets its name once it is verified. Does not schedule; see ``daemon``.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harvester.archive.connection import open_reader
from harvester.archive.disk_sync import fsync_descriptor, fsync_path
from harvester.archive.regular_files import (
    capture_path,
    check_target,
    create_draft,
    open_regular,
)
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.errors import ArchiveError
from harvester.settings import Upkeep

BLOCK_BYTES = 1 << 20
TAIL_BYTES = 4_096  # compared to tell a file that grew from one that was rewritten
RETENTION_COUNTS = (7, 5, 12)  # of the last days, weeks and months
_BACKUP_NAME_PATTERN = re.compile(r"(?P<stem>.+)-(?P<at>\d{8}T\d{6}Z)\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup, with what it contains."""

    path: Path
    articles: int
    versions: int
    captures: int
    bytes: int
    files: int = 0  # WARC files, copied now or before


def create_backup(
    archive: Path,
    destination: Path,
    captures_folder: Path | None = None,
    captures_destination: Path | None = None,
) -> Backup:
    """Copy the archive to a new file, and its WARC files to ``captures_destination``.

    Raises ArchiveError if the file exists, cannot be written, or fails verification.
    """
    check_target(destination)
    if destination.exists():
        raise ArchiveError(
            f"{destination} exists already",
            "choose another name; a backup overwrites nothing",
        )
    draft = destination.with_name(f"{destination.name}.part")
    with translate_sqlite_errors(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        create_draft(draft).close()
        try:
            _copy_archive(archive, draft)
            backup = verify_backup(draft)
            files = (
                copy_captures(draft, captures_folder, captures_destination)
                if captures_folder is not None and captures_destination is not None
                else 0
            )
            fsync_path(draft)
            draft.replace(destination)
            fsync_path(destination.parent)
        finally:
            draft.unlink(missing_ok=True)
    return replace(
        backup, path=destination, bytes=destination.stat().st_size, files=files
    )


def _copy_archive(archive: Path, destination: Path) -> None:
    source = open_reader(archive, allow_older=True)
    copy = sqlite3.connect(destination)
    try:
        # All pages in one step, hence one snapshot, whatever is written meanwhile.
        source.backup(copy)
        # Without a WAL beside it, a backup is a single file.
        copy.execute("pragma journal_mode = delete")
    finally:
        copy.close()
        source.close()


def verify_backup(path: Path) -> Backup:
    """Open a backup and check it. Raises ArchiveError with what is wrong."""
    connection = open_reader(path, allow_older=True)
    try:
        with translate_sqlite_errors(path):
            result = connection.execute("pragma integrity_check(3)").fetchall()
            if [row[0] for row in result] != ["ok"]:
                raise ArchiveError(
                    f"{path} is damaged: {result[0][0]}", "make another backup"
                )
            violation = connection.execute("pragma foreign_key_check").fetchone()
            if violation is not None:
                raise ArchiveError(
                    f"{path} is inconsistent: a row of {violation[0]} refers to a row "
                    f"of {violation[2]} that does not exist",
                    "make another backup",
                )
            counts = connection.execute(
                """
                select (select count(*) from articles),
                    (select count(*) from versions),
                    (select count(*) from captures)"""
            ).fetchone()
    finally:
        connection.close()
    return Backup(path, counts[0], counts[1], counts[2], path.stat().st_size)


def restore_backup(
    backup_path: Path,
    archive: Path,
    now: str,
    captures_folder: Path | None = None,
    backup_captures_folder: Path | None = None,
) -> Path | None:
    """Replace the archive by a backup; the caller holds the lock.

    Also copies the WARC files of ``backup_captures_folder`` that are missing in
    ``captures_folder``, or shorter there. Returns the path to which the previous archive
    was moved; None if there was none.
    """
    check_target(archive)
    verify_backup(backup_path)
    previous = None
    with translate_sqlite_errors(archive):
        archive.parent.mkdir(parents=True, exist_ok=True)
        draft = archive.with_name(f"{archive.name}.part")
        _copy_bytes(backup_path, draft, backup_path.stat().st_size)
        if captures_folder is not None and backup_captures_folder is not None:
            copy_captures(backup_path, backup_captures_folder, captures_folder)
        if archive.exists():
            previous = archive.with_name(f"{archive.name}.before-{_compact_time(now)}")
            _checkpoint_wal(archive)
            archive.replace(previous)
        for suffix in ("-wal", "-shm"):
            archive.with_name(archive.name + suffix).unlink(missing_ok=True)
        draft.replace(archive)
        fsync_path(archive.parent)
    return previous


def _checkpoint_wal(archive: Path) -> None:
    """Move the log into the file, so that the file alone is the archive.

    A damaged archive is left as it is.
    """
    connection = sqlite3.connect(archive, timeout=1.0, isolation_level=None)
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def copy_captures(backup_path: Path, source_folder: Path, target_folder: Path) -> int:
    """Copy the WARC files that a backup points into, as far as it does.

    Files only grow, so one that is long enough already is not copied again.
    """
    connection = open_reader(backup_path, allow_older=True)
    try:
        rows = connection.execute(
            """
            select file, max(offset + length) from captures
            where file is not null
            group by file
            order by file"""
        ).fetchall()
    finally:
        connection.close()
    for name, size in rows:
        source = capture_path(source_folder, name)
        target = capture_path(target_folder, name)
        if not source.is_file() or source.stat().st_size < size:
            raise ArchiveError(
                f"{source} is missing or cut short",
                "see `harvest verify`, or make a backup without captures",
            )
        if (
            target.exists()
            and target.stat().st_size >= size
            and _has_same_tail(source, target, size)
        ):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.part")
        _copy_bytes(source, draft, size)
        draft.replace(target)
        fsync_path(target.parent)
    return len(rows)


def _has_same_tail(first_path: Path, second_path: Path, size: int) -> bool:
    """Whether two files agree just before ``size``.

    They do not if one of them was rewritten (`harvest purge`).
    """
    tails = []
    for path in (first_path, second_path):
        with path.open("rb") as file:
            file.seek(max(0, size - TAIL_BYTES))
            tails.append(file.read(min(size, TAIL_BYTES)))
    return tails[0] == tails[1]


def _copy_bytes(source: Path, destination: Path, size: int) -> None:
    """Copy the first ``size`` bytes of a file, and sync them to the disk."""
    with open_regular(source) as source_file, create_draft(destination) as file:
        while size > 0 and (block := source_file.read(min(BLOCK_BYTES, size))):
            file.write(block)
            size -= len(block)
        file.flush()
        fsync_descriptor(file.fileno())


# ---- scheduled backups


def scheduled_backup_path(folder: Path, archive: Path, now: str) -> Path:
    """The file name of a scheduled backup: ``archive-20250906T080000Z.db``."""
    return folder / f"{archive.stem}-{_compact_time(now)}.db"


def _compact_time(time: str) -> str:
    return re.sub("[^0-9TZ]", "", time)


def list_scheduled_backups(folder: Path, archive: Path) -> list[tuple[datetime, Path]]:
    """The scheduled backups with their times, oldest first."""
    backups = []
    for path in folder.glob(f"{archive.stem}-*.db") if folder.is_dir() else ():
        match = _BACKUP_NAME_PATTERN.fullmatch(path.name)
        if match and match["stem"] == archive.stem:
            time = datetime.strptime(match["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            backups.append((time, path))
    return sorted(backups)


def select_expired(
    times: Sequence[datetime], retention_counts: Iterable[int] = RETENTION_COUNTS
) -> list[datetime]:
    """The times of backups that are not kept, oldest first.

    Kept are the newest, and the last of each of the newest days, weeks and months that
    have one.
    """
    periods: list[Callable[[datetime], object]] = [
        lambda time: time.date(),
        lambda time: time.isocalendar()[:2],
        lambda time: (time.year, time.month),
    ]
    ordered = sorted(times)
    kept = set(ordered[-1:])
    for count, period in zip(retention_counts, periods, strict=True):
        last_by_period = {period(time): time for time in ordered}
        kept |= set(sorted(last_by_period.values())[-count:]) if count else set()
    return [time for time in ordered if time not in kept]


def delete_expired_backups(folder: Path, archive: Path) -> list[Path]:
    """Delete the scheduled backups that are not kept. Returns their paths."""
    backups = list_scheduled_backups(folder, archive)
    expired = set(select_expired([time for time, _ in backups]))
    paths = [path for time, path in backups if time in expired]
    for path in paths:
        path.unlink()
    return paths


def create_scheduled_backup(
    archive: Path, captures_folder: Path | None, upkeep: Upkeep, now: str
) -> Backup | None:
    """Create a backup if one is due, and delete expired ones; None if none is due.

    A backup from the future, made while the clock was wrong, does not count as the last.
    """
    if upkeep.backup is None:
        return None
    current = datetime.fromisoformat(now)
    backups = list_scheduled_backups(upkeep.backups, archive)
    last = max((time for time, _ in backups if time <= current), default=None)
    if last is not None and (current - last).total_seconds() < upkeep.backup:
        return None
    _check_free_space(archive, upkeep.backups)
    backup = create_backup(
        archive,
        scheduled_backup_path(upkeep.backups, archive, now),
        captures_folder,
        upkeep.backups / "captures" if upkeep.backup_captures else None,
    )
    delete_expired_backups(upkeep.backups, archive)
    return backup


def _check_free_space(archive: Path, folder: Path) -> None:
    """Raise ArchiveError if a copy of the archive would not fit."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, archive.stat().st_size
    if free < 1.1 * needed:
        raise ArchiveError(
            f"{folder} has {free / 1e6:.0f} MB free, "
            f"and the archive takes {needed / 1e6:.0f} MB",
            "free some space",
        )
