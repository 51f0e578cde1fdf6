"""The backups that this program knows of: beside the archive, scheduled, made by hand.

`harvest backup` writes down where it put one, in a file beside the archive, as a purge
must name every copy of what is purged. Does not make backups; see ``backups``.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from harvester.archive import stored_json
from harvester.archive.connection import open_reader, read_file_ids
from harvester.archive.schema import SCHEMA_VERSION
from harvester.archive.upkeep.backups import list_scheduled_backups
from harvester.errors import ArchiveError

# Beside the archive: of upgrades and merges, of restores and repairs.
_PATTERNS = ("{}.*.backup", "{}.before-*")
SCHEDULED_CAPTURES = "captures"  # the folder beside scheduled backups
MAX_RECORDED = 1_000


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup, and the folder of its own WARC files, if it has some."""

    path: Path
    captures: Path | None = None

    @property
    def is_there(self) -> bool:
        """Whether it can be reached now: its disk may be elsewhere."""
        return self.path.is_file()


def record_backup(archive: Path, path: Path, captures: Path | None) -> None:
    """Write down where a backup was put.

    Backups that were deleted are forgotten, unless their folder is gone too: it may be on
    another disk.
    """
    backup = KnownBackup(path.resolve(), captures.resolve() if captures else None)
    known = [
        other
        for other in _read_recorded(archive)
        if other.path != backup.path
        and (other.is_there or not other.path.parent.is_dir())
    ]
    entries = [
        {"path": str(other.path), "captures": str(other.captures or "")}
        for other in [*known, backup][-MAX_RECORDED:]
    ]
    file = _record_file(archive)
    draft = file.with_name(f"{file.name}.new")
    with suppress(OSError):  # the disk of the archive may be full, or read-only
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(entries, stream, indent=1)
        draft.replace(file)


def _record_file(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.backups.json")


def _read_recorded(archive: Path) -> list[KnownBackup]:
    try:
        text = _record_file(archive).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    backups = []
    for entry in stored_json.parse_list(text):
        path = entry.get("path") if isinstance(entry, dict) else None
        if isinstance(path, str) and path and "\0" not in path:
            captures = entry.get("captures")
            backups.append(
                KnownBackup(
                    Path(path),
                    Path(captures) if isinstance(captures, str) and captures else None,
                )
            )
    return backups


def list_unreachable_backups(archive: Path) -> list[Path]:
    """Backups that were made by hand, and are not there now."""
    return [backup.path for backup in _read_recorded(archive) if not backup.is_there]


def list_known_backups(archive: Path, scheduled_folder: Path) -> list[KnownBackup]:
    """All backups of an archive that are known, in the order of their paths."""
    captures = scheduled_folder / SCHEDULED_CAPTURES
    backups = [
        *(
            KnownBackup(path)
            for pattern in _PATTERNS
            for path in archive.parent.glob(pattern.format(archive.name))
            if not path.name.endswith(("-wal", "-shm", "-journal"))
        ),
        *(
            KnownBackup(path, captures if captures.is_dir() else None)
            for _, path in list_scheduled_backups(scheduled_folder, archive)
        ),
        *_read_recorded(archive),
    ]
    by_path = {
        backup.path.resolve(): backup for backup in reversed(backups) if backup.is_there
    }
    return [by_path[path] for path in sorted(by_path)]


def holds_article(backup: KnownBackup, key: str, addresses: list[str]) -> bool:
    """Whether a backup has an article, or an entry that announces it.

    One that cannot be read may have it.
    """
    try:
        with closing(open_reader(backup.path, allow_older=True)) as connection:
            row = connection.execute(
                """
                select 1 from articles where key = :key
                union all
                select 1 from entries
                where address <> ''
                    and address in (select value from json_each(:addresses))
                limit 1""",
                {"key": key, "addresses": json.dumps(addresses)},
            ).fetchone()
    except (ArchiveError, sqlite3.Error):
        return True
    return row is not None


def is_current_schema(backup: KnownBackup) -> bool:
    """Whether this program's version of the tables is in a backup."""
    try:
        with closing(open_reader(backup.path, allow_older=True)) as connection:
            return read_file_ids(connection)[1] == SCHEMA_VERSION
    except (ArchiveError, sqlite3.Error):
        return False


def list_capture_files(backup: KnownBackup) -> Iterator[str]:
    """The names of the WARC files that a backup points into."""
    with (
        suppress(ArchiveError, sqlite3.Error),
        closing(open_reader(backup.path, allow_older=True)) as connection,
    ):
        for (name,) in connection.execute(
            "select distinct file from captures where file is not null"
        ):
            yield str(name)
