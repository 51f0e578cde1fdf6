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

from harvester.archive.connection import reader, translated
from harvester.archive.records.captures import sync
from harvester.errors import ArchiveError
from harvester.settings import Upkeep

BLOCK = 1 << 20
_NAME = re.compile(r"(?P<stem>.+)-(?P<at>\d{8}T\d{6}Z)\.db")


@dataclass(frozen=True, slots=True)
class Backup:
    """One that was made, or found."""

    path: Path
    articles: int
    versions: int
    captures: int
    bytes: int
    files: int = 0  # WARC files that were copied, or were there already


def make(
    archive: Path, to: Path, folder: Path | None = None, into: Path | None = None
) -> Backup:
    """Copy the archive to a file that is not there yet, and, with ``into``, the WARC files of ``folder`` it points into.

    Raises ArchiveError where the file is there, where it cannot be written, or where the copy is not whole.
    """
    if to.exists():
        raise ArchiveError(
            f"{to} is there already", "name another file; a backup overwrites nothing"
        )
    draft = to.with_name(f"{to.name}.part")
    with translated(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            source, copy = reader(archive, older=True), sqlite3.connect(draft)
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
            found = check(draft)
            files = (
                _copy_captures(draft, folder, into)
                if folder is not None and into is not None
                else 0
            )
            sync(draft)
            draft.replace(to)
            sync(to.parent)
        finally:
            draft.unlink(missing_ok=True)
    return Backup(
        to, found.articles, found.versions, found.captures, to.stat().st_size, files
    )


def check(path: Path) -> Backup:
    """Open a backup and look whether it is whole. Raises ArchiveError with what is wrong."""
    connection = reader(path, older=True)
    try:
        with translated(path):
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


def restore(
    path: Path,
    archive: Path,
    now: str,
    folder: Path | None = None,
    source: Path | None = None,
) -> Path | None:
    """Put a backup in the archive's place; the caller holds the lock. WARC files of ``source`` that are missing in
    ``folder``, or shorter there, are copied too. Returns where the archive that was there is now; None where there was none."""
    check(path)
    aside = None
    with translated(archive):
        archive.parent.mkdir(parents=True, exist_ok=True)
        draft = archive.with_name(f"{archive.name}.part")
        _copy(path, draft, path.stat().st_size)
        if folder is not None and source is not None:
            _copy_captures(path, source, folder)
        if archive.exists():
            aside = archive.with_name(
                f"{archive.name}.before-{re.sub('[^0-9TZ]', '', now)}"
            )
            _fold(archive)
            archive.replace(aside)
        for rest in ("-wal", "-shm"):
            archive.with_name(archive.name + rest).unlink(missing_ok=True)
        draft.replace(archive)
        sync(archive.parent)
    return aside


def _fold(archive: Path) -> None:
    """The log into the file, so that the file alone is the archive. A damaged one is put aside as it is."""
    connection = sqlite3.connect(archive, timeout=1.0, isolation_level=None)
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def _copy_captures(database: Path, folder: Path, into: Path) -> int:
    """The WARC files that a backup points into, as far as it does. What is there already is not copied again: they only grow."""
    connection = reader(database, older=True)
    try:
        wanted = connection.execute(
            "select file, max(offset + length) from captures where file is not null group by file order by file"
        ).fetchall()
    finally:
        connection.close()
    for name, size in wanted:
        held = folder / name
        if not held.exists() or held.stat().st_size < size:
            raise ArchiveError(
                f"{held} is missing or cut short",
                "`harvest verify` says more; a backup without captures can be made",
            )
        there = into / name
        if (
            there.exists()
            and there.stat().st_size >= size
            and _same_tail(held, there, size)
        ):
            continue
        there.parent.mkdir(parents=True, exist_ok=True)
        draft = there.with_name(f"{there.name}.part")
        _copy(held, draft, size)
        draft.replace(there)
        sync(there.parent)
    return len(wanted)


def _same_tail(one: Path, other: Path, size: int) -> bool:
    """Whether two files that only grow agree just before ``size``: one that was rewritten (`harvest purge`) does not."""
    found = []
    for path in (one, other):
        with path.open("rb") as file:
            file.seek(max(0, size - 4_096))
            found.append(file.read(min(size, 4_096)))
    return found[0] == found[1]


def _copy(source: Path, to: Path, size: int) -> None:
    """So many bytes of a file, onto the disk."""
    to.unlink(missing_ok=True)
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as held, os.fdopen(descriptor, "wb") as file:
        while size > 0 and (block := held.read(min(BLOCK, size))):
            file.write(block)
            size -= len(block)
        file.flush()
        os.fsync(file.fileno())


# ---- by schedule


def named(folder: Path, archive: Path, now: str) -> Path:
    """What a backup made by schedule is called: ``archive-20250906T080000Z.db``."""
    return folder / f"{archive.stem}-{re.sub('[^0-9TZ]', '', now)}.db"


def made(folder: Path, archive: Path) -> list[tuple[datetime, Path]]:
    """The backups made by schedule, oldest first."""
    found = []
    for path in folder.glob(f"{archive.stem}-*.db") if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
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


KEEP = (7, 5, 12)  # of the last days, weeks and months


def surplus(times: Sequence[datetime], keep: Iterable[int] = KEEP) -> list[datetime]:
    """Which of these are not kept: neither the newest, nor the last of one of the newest days, weeks and months that have one."""
    periods: list[Callable[[datetime], object]] = [
        lambda one: one.date(), lambda one: one.isocalendar()[:2], lambda one: (one.year, one.month)
    ]  # fmt: skip
    kept = set(sorted(times)[-1:])
    for count, period in zip(keep, periods, strict=True):
        last = {period(one): one for one in sorted(times)}
        kept |= set(sorted(last.values())[-count:]) if count else set()
    return [one for one in sorted(times) if one not in kept]


def thin(folder: Path, archive: Path) -> list[Path]:
    """Remove the backups made by schedule that are not kept. Returns which."""
    found = made(folder, archive)
    gone = set(surplus([at for at, _ in found]))
    removed = [path for at, path in found if at in gone]
    for path in removed:
        path.unlink()
    return removed


def by_schedule(
    archive: Path, captures: Path | None, upkeep: Upkeep, now: str
) -> Backup | None:
    """Make a backup where the last one is old enough, then thin them; None where none is due. A last one from the future, made
    while the clock was wrong, does not count."""
    if upkeep.backup is None:
        return None
    at = datetime.fromisoformat(now)
    last = max(
        (one for one, _ in made(upkeep.backups, archive) if one <= at), default=None
    )
    if last is not None and (at - last).total_seconds() < upkeep.backup:
        return None
    _room(archive, upkeep.backups)
    into = upkeep.backups / "captures" if upkeep.backup_captures else None
    found = make(archive, named(upkeep.backups, archive, now), captures, into)
    thin(upkeep.backups, archive)
    return found


def _room(archive: Path, folder: Path) -> None:
    """Raises ArchiveError where the copy would not fit."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free, needed = shutil.disk_usage(folder).free, archive.stat().st_size
    if free < 1.1 * needed:
        raise ArchiveError(
            f"{folder} has room for {free / 1e6:.0f} MB, and the archive takes {needed / 1e6:.0f}",
            "make room",
        )
