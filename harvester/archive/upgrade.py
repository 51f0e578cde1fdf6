"""Upgrade an archive to the newest migration: backup, verification, migrations.

What it takes is estimated first, and too little space refused before anything is done.
The backup gets its name once it is verified; each migration is one transaction. A
program that is killed leaves the archive as it was, or at the last migration that was
completed; the next upgrade continues from there.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harvester.archive import schema
from harvester.archive.disk_sync import fsync_path
from harvester.errors import ArchiveError, DiskFull

# Chosen between two measurements of one upgrade of 4.2 GB (benchmarks/large.py): 210 MB
# a second of processor time, 41 on the clock of a busy machine.
BYTES_PER_SECOND = 100_000_000
# The log and the archive each take what migrations add (indexes, counts).
ADDED_SHARE = 0.1
SPARE_BYTES = 20_000_000
BACKUP_STEP_PAGES = 4_096
# Wait for another program that has the file locked.
LOCK_TIMEOUT_SECONDS, LOCK_RETRY_SECONDS = 30.0, 0.05

# Name of a step, and the share of it that is done: 0.0 when it begins.
Report = Callable[[str, float], None]

_logger = logging.getLogger("harvester.archive")


def log_step(step: str, share: float) -> None:
    """Report each step to the log, when it begins."""
    if not share:
        _logger.info("%s", step)


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What an upgrade will do and take."""

    path: Path
    backup_path: Path
    version: int
    size: int  # bytes of the archive with its log
    free: int  # bytes

    @property
    def needed(self) -> int:
        """Bytes of free space: a backup, the log, and what the migrations add."""
        return round(self.size * (1 + 2 * ADDED_SHARE)) + SPARE_BYTES

    @property
    def seconds(self) -> float:
        """A rough estimate."""
        return self.size / BYTES_PER_SECOND

    def __str__(self) -> str:
        """The plan, for people."""
        return (
            f"upgrading {self.path} from version {self.version} to "
            f"{schema.SCHEMA_VERSION}, after a backup to {self.backup_path.name}: "
            f"{_describe_seconds(self.seconds)}; needs {_describe_size(self.needed)} "
            f"of free space, {_describe_size(self.free)} are free"
        )


def _describe_seconds(seconds: float) -> str:
    if seconds < 20:
        return "takes seconds"
    if seconds < 90:
        return "takes about a minute, more on a slow or busy machine"
    minutes = f"{seconds / 60:.0f} minutes"
    return f"takes about {minutes}, more on a slow or busy machine"


def _describe_size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def make_plan(path: Path, version: int) -> UpgradePlan:
    """What it takes to upgrade an archive of that version."""
    log = path.with_name(f"{path.name}-wal")
    return UpgradePlan(
        path,
        path.with_name(f"{path.name}.version-{version}.backup"),
        version,
        sum(file.stat().st_size for file in (path, log) if file.exists()),
        shutil.disk_usage(path.parent).free,
    )


def upgrade_archive(
    connection: sqlite3.Connection, path: Path, version: int, report: Report = log_step
) -> None:
    """Bring the archive to the newest version; ``version`` 0: it is empty.

    Raises DiskFull, before anything is done, or ArchiveError.
    """
    if version:
        plan = make_plan(path, version)
        if plan.free < plan.needed:
            raise DiskFull(
                f"{path} must be upgraded, which needs {_describe_size(plan.needed)} "
                f"of free space for a backup; {_describe_size(plan.free)} are free",
                "free some space; nothing was changed",
            )
        report(str(plan), 0.0)
        copy_and_verify(connection, plan.backup_path, report)
    _set_journal_mode(connection)
    # Before any table: after a crash the file must still be recognised as ours.
    connection.execute(f"pragma application_id = {schema.APPLICATION_ID}")
    # sqlite-utils needs the driver's own transactions while it migrates.
    connection.isolation_level = "DEFERRED"
    schema.apply_migrations(connection, report=report if version else None)
    connection.commit()
    connection.isolation_level = None
    if version:
        report(f"upgraded to version {schema.SCHEMA_VERSION}", 0.0)


def _set_journal_mode(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; waits for a program that has the file locked.

    SQLite itself does not wait where another program is about to write.
    """
    deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or (
                time.monotonic() > deadline
            ):
                raise
            time.sleep(LOCK_RETRY_SECONDS)
        else:
            return


def copy_and_verify(
    connection: sqlite3.Connection, destination: Path, report: Report | None = None
) -> None:
    """Copy the archive to a file and verify the copy; only then it gets its name.

    Raises ArchiveError.
    """
    draft = destination.with_name(f"{destination.name}.part")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    copy = sqlite3.connect(draft)
    try:
        # A draft that is cut off is made again: it needs no log of its own.
        copy.execute("pragma journal_mode = off")
        copy.execute("pragma synchronous = off")
        _copy_pages(connection, copy, report)
        # Without a WAL beside it, a backup is a single file.
        copy.execute("pragma journal_mode = delete")
        if report is not None:
            report("verifying the backup", 0.0)
        result = copy.execute("pragma quick_check").fetchone()[0]
    finally:
        copy.close()
    if result != "ok":
        draft.unlink()
        raise ArchiveError(
            f"the backup {destination} is damaged: {result}",
            "the archive was not changed",
        )
    fsync_path(draft)
    draft.replace(destination)
    fsync_path(destination.parent)


def _copy_pages(
    source: sqlite3.Connection, copy: sqlite3.Connection, report: Report | None
) -> None:
    if report is None:
        source.backup(copy)
        return
    report("writing the backup", 0.0)

    def show(_status: int, remaining: int, total: int) -> None:
        report("writing the backup", 1 - remaining / max(total, 1))

    # A program that writes meanwhile makes SQLite begin again.
    source.backup(copy, pages=BACKUP_STEP_PAGES, progress=show)
