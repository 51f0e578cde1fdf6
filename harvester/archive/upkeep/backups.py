"""Copies of the archive: made while others write, checked before they are called one, thinned, and put back.

A backup is the archive's file as it stood at one instant (SQLite's backup interface), and on request the WARC files as far as its
rows point into them. It is written under another name and renamed when it was found whole. Not for: when (``daemon``).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harvester.archive.connection import open_reader, translate_sqlite_errors
from harvester.archive.records.captures import fsync_path
from harvester.errors import ArchiveError
from harvester.settings import Upkeep

BLOCK_BYTES = 1 << 20
_BACKUP_NAME_PATTERN = re.compile(r"(?P<stem>.+)-(?P<at>\d{8}T\d{6}Z)\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """One that was made, or found."""

    path: Path
    articles: int
    versions: int
    captures: int
    bytes: int
    files: int = 0  # WARC files that were copied, or were there already


def create_backup(
    archive: Path,
    destination: Path,
    captures_folder: Path | None = None,
    captures_destination: Path | None = None,
) -> Backup:
    """Copy the archive to a file that is not there yet, and, with ``into``, the WARC files of ``folder`` it points into.

    Raises ArchiveError where the file is there, where it cannot be written, or where the copy is not whole.
    """
    if destination.exists():
        raise ArchiveError(
            f"{destination} is there already",
            "name another file; a backup overwrites nothing",
        )
    draft = destination.with_name(f"{destination.name}.part")
    with translate_sqlite_errors(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            source, copy = (
                open_reader(archive, allow_older=True),
                sqlite3.connect(draft),
            )
            try:
                source.backup(
                    copy
                )  # in one step: one snapshot, however much is written meanwhile
                copy.execute(
                    "pragma journal_mode = delete"
                )  # one file, that can be carried away
            finally:
                copy.close()
                source.close()
            found = verify_backup(draft)
            files = (
                _copy_captures(draft, captures_folder, captures_destination)
                if captures_folder is not None and captures_destination is not None
                else 0
            )
            fsync_path(draft)
            draft.replace(destination)
            fsync_path(destination.parent)
        finally:
            draft.unlink(missing_ok=True)
    return Backup(
        destination,
        found.articles,
        found.versions,
        found.captures,
        destination.stat().st_size,
        files,
    )


def verify_backup(path: Path) -> Backup:
    """Open a backup and look whether it is whole. Raises ArchiveError with what is wrong."""
    connection = open_reader(path, allow_older=True)
    try:
        with translate_sqlite_errors(path):
            said = connection.execute("pragma integrity_check(3)").fetchall()
            if [row[0] for row in said] != ["ok"]:
                raise ArchiveError(
                    f"{path} is damaged: {said[0][0]}", "make another backup"
                )
            broken = connection.execute("pragma foreign_key_check").fetchone()
            if broken is not None:
                raise ArchiveError(
                    f"{path} is not whole: a row of {broken[0]} points at a row of {broken[2]} that is not there"
                )
            counts = connection.execute(
                "select (select count(*) from articles), (select count(*) from versions), (select count(*) from captures)"
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
    """Put a backup in the archive's place; the caller holds the lock. WARC files of ``source`` that are missing in
    ``folder``, or shorter there, are copied too. Returns where the archive that was there is now; None where there was none."""
    verify_backup(backup_path)
    aside = None
    with translate_sqlite_errors(archive):
        archive.parent.mkdir(parents=True, exist_ok=True)
        draft = archive.with_name(f"{archive.name}.part")
        _copy_bytes(backup_path, draft, backup_path.stat().st_size)
        if captures_folder is not None and backup_captures_folder is not None:
            _copy_captures(backup_path, backup_captures_folder, captures_folder)
        if archive.exists():
            aside = archive.with_name(
                f"{archive.name}.before-{re.sub('[^0-9TZ]', '', now)}"
            )
            _checkpoint_wal(archive)
            archive.replace(aside)
        for rest in ("-wal", "-shm"):
            archive.with_name(archive.name + rest).unlink(missing_ok=True)
        draft.replace(archive)
        fsync_path(archive.parent)
    return aside


def _checkpoint_wal(archive: Path) -> None:
    """The log into the file, so that the file alone is the archive. A damaged one is put aside as it is."""
    connection = sqlite3.connect(archive, timeout=1.0, isolation_level=None)
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def _copy_captures(backup_path: Path, source_folder: Path, target_folder: Path) -> int:
    """The WARC files that a backup points into, as far as it does. What is there already is not copied again: they only grow."""
    connection = open_reader(backup_path, allow_older=True)
    try:
        wanted = connection.execute(
            "select file, max(offset + length) from captures where file is not null group by file order by file"
        ).fetchall()
    finally:
        connection.close()
    for name, size in wanted:
        held = source_folder / name
        if not held.exists() or held.stat().st_size < size:
            raise ArchiveError(
                f"{held} is missing or cut short",
                "`harvest verify` says more; a backup without captures can be made",
            )
        there = target_folder / name
        if (
            there.exists()
            and there.stat().st_size >= size
            and _has_same_tail(held, there, size)
        ):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        draft = there.with_name(f"{there.name}.part")
        _copy_bytes(held, draft, size)
        draft.replace(there)
        fsync_path(there.parent)
    return len(wanted)


def _has_same_tail(first_path: Path, second_path: Path, size: int) -> bool:
    """Whether two files that only grow agree just before ``size``: one that was rewritten (`harvest purge`) does not."""
    found = []
    for path in (first_path, second_path):
        with path.open("rb") as file:
            file.seek(max(0, size - 4_096))
            found.append(file.read(min(size, 4_096)))
    return found[0] == found[1]


def _copy_bytes(source: Path, destination: Path, size: int) -> None:
    """So many bytes of a file, onto the disk."""
    destination.unlink(missing_ok=True)
    descriptor = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as held, os.fdopen(descriptor, "wb") as file:
        while size > 0 and (block := held.read(min(BLOCK_BYTES, size))):
            file.write(block)
            size -= len(block)
        file.flush()
        os.fsync(file.fileno())


# ---- by schedule


def scheduled_backup_path(folder: Path, archive: Path, now: str) -> Path:
    """What a backup made by schedule is called: ``archive-20250906T080000Z.db``."""
    return folder / f"{archive.stem}-{re.sub('[^0-9TZ]', '', now)}.db"


def list_scheduled_backups(folder: Path, archive: Path) -> list[tuple[datetime, Path]]:
    """The backups made by schedule, oldest first."""
    found = []
    for path in folder.glob(f"{archive.stem}-*.db") if folder.is_dir() else ():
        match = _BACKUP_NAME_PATTERN.fullmatch(path.name)
        if match and match["stem"] == archive.stem:
            found.append(
                (
                    datetime.strptime(match["at"], "%Y%m%dT%H%M%SZ").replace(
                        tzinfo=UTC
                    ),
                    path,
                )
            )
    return sorted(found)


RETENTION_COUNTS = (7, 5, 12)  # of the last days, weeks and months


def select_expired(
    times: Sequence[datetime], retention_counts: Iterable[int] = RETENTION_COUNTS
) -> list[datetime]:
    """Which of these are not kept: neither the newest, nor the last of one of the newest days, weeks and months that have one."""
    periods: list[Callable[[datetime], object]] = [
        lambda one: one.date(), lambda one: one.isocalendar()[:2], lambda one: (one.year, one.month)
    ]  # fmt: skip
    kept = set(sorted(times)[-1:])
    for count, period in zip(retention_counts, periods, strict=True):
        last = {period(one): one for one in sorted(times)}
        kept |= set(sorted(last.values())[-count:]) if count else set()
    return [one for one in sorted(times) if one not in kept]


def delete_expired_backups(folder: Path, archive: Path) -> list[Path]:
    """Remove the backups made by schedule that are not kept. Returns which."""
    found = list_scheduled_backups(folder, archive)
    gone = set(select_expired([at for at, _ in found]))
    removed = [path for at, path in found if at in gone]
    for path in removed:
        path.unlink()
    return removed


def create_scheduled_backup(
    archive: Path, captures_folder: Path | None, upkeep: Upkeep, now: str
) -> Backup | None:
    """Make a backup where the last one is old enough, then thin them; None where none is due. A last one from the future, made
    while the clock was wrong, does not count."""
    if upkeep.backup is None:
        return None
    at = datetime.fromisoformat(now)
    last = max(
        (
            one
            for one, _ in list_scheduled_backups(upkeep.backups, archive)
            if one <= at
        ),
        default=None,
    )
    if last is not None and (at - last).total_seconds() < upkeep.backup:
        return None
    _check_free_space(archive, upkeep.backups)
    into = upkeep.backups / "captures" if upkeep.backup_captures else None
    found = create_backup(
        archive,
        scheduled_backup_path(upkeep.backups, archive, now),
        captures_folder,
        into,
    )
    delete_expired_backups(upkeep.backups, archive)
    return found


def _check_free_space(archive: Path, folder: Path) -> None:
    """Raises ArchiveError where the copy would not fit."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, archive.stat().st_size
    if free < 1.1 * needed:
        raise ArchiveError(
            f"{folder} has room for {free / 1e6:.0f} MB, and the archive takes {needed / 1e6:.0f}",
            "make room",
        )
