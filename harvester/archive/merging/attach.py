"""Attach another archive, read-only, as ``other`` to a connection to ours.

An archive of an older program is attached as an upgraded copy. Does not take anything
over; see ``merge``.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import (
    BUSY_TIMEOUT_SECONDS,
    Archive,
    check_file,
    is_immutable,
    read_schema_version,
)
from harvester.archive.merging import admission
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.upgrade import copy_and_verify
from harvester.errors import ArchiveError, ArchiveNotFound

CACHE_KIB = 64_000


@contextmanager
def open_with_attached(path: Path, other_path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to our archive, created if missing, and attach the other one.

    No transaction is open yet. Raises ArchiveNotFound, NotAnArchive, ArchiveTooNew or
    ArchiveError.
    """
    if path.exists() and other_path.exists() and other_path.samefile(path):
        raise ArchiveError(
            f"{other_path} is this archive itself", "name another archive"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="harvester-", dir=path.parent) as folder:
        upgraded_path = _upgrade_copy(other_path, Path(folder))
        Archive.open(path).close()
        with (
            translate_sqlite_errors(path),
            closing(_connect_both(path, upgraded_path)) as connection,
        ):
            yield connection


def _upgrade_copy(other_path: Path, folder: Path) -> Path:
    """Return the other archive's path, or that of an upgraded copy if it is older.

    Raises ArchiveError if it must not be merged: see ``admission``.
    The other archive itself is never written to.
    """
    if not other_path.exists():
        raise ArchiveNotFound(f"no archive at {other_path}", "name an existing file")
    check_file(other_path)
    with (
        translate_sqlite_errors(other_path),
        closing(
            sqlite3.connect(
                _read_only_uri(other_path), uri=True, timeout=BUSY_TIMEOUT_SECONDS
            )
        ) as connection,
    ):
        admission.restrict(connection)
        # Our own triggers write to the full-text index, which counts as unsafe.
        connection.execute("pragma trusted_schema = off")
        version = read_schema_version(connection, other_path)
        if version == 0:
            raise ArchiveNotFound(
                f"the archive at {other_path} is empty", "there is nothing to merge"
            )
        admission.check_schema(connection, other_path, version)
        admission.check_rows(connection, other_path)
        if version == schema.SCHEMA_VERSION:
            return other_path
        copy_path = folder / "other.db"
        copy_and_verify(connection, copy_path)
    Archive.open(copy_path).close()
    return copy_path


@contextmanager
def open_new_with_attached(
    path: Path, other_path: Path
) -> Iterator[sqlite3.Connection]:
    """Connect to an archive that is created, and attach another of today's schema.

    The rows of the other one are not checked: they are read by its own program, or
    copied as they are. Raises NotAnArchive or ArchiveError.
    """
    check_file(other_path)
    with (
        translate_sqlite_errors(other_path),
        closing(sqlite3.connect(_read_only_uri(other_path), uri=True)) as connection,
    ):
        admission.restrict(connection)
        connection.execute("pragma trusted_schema = off")
        version = read_schema_version(connection, other_path)
        admission.check_schema(connection, other_path, version)
    Archive.open(path).close()
    with (
        translate_sqlite_errors(path),
        closing(_connect_both(path, other_path)) as connection,
    ):
        yield connection


def _read_only_uri(path: Path) -> str:
    """Return the URI that opens an archive read-only."""
    query = "immutable=1" if is_immutable(path) else "mode=ro"
    return f"{path.resolve().as_uri()}?{query}"


def _connect_both(path: Path, other_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path.resolve().as_uri(),
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )
    connection.row_factory = sqlite3.Row
    admission.restrict(connection)
    connection.execute("pragma foreign_keys = off")  # checked once, at the end
    connection.execute("pragma synchronous = full")
    connection.execute("pragma fullfsync = on")  # as ``connection`` does
    # Temporary tables may be larger than memory.
    connection.execute("pragma temp_store = file")
    connection.execute(f"pragma cache_size = -{CACHE_KIB}")
    connection.execute("attach ? as other", [_read_only_uri(other_path)])
    return connection


def check_foreign_keys(connection: sqlite3.Connection) -> None:
    """Raise ArchiveError if a row references a missing row."""
    violation = connection.execute("pragma main.foreign_key_check").fetchone()
    if violation is not None:
        table, rowid, parent, _ = violation
        raise ArchiveError(
            f"row {rowid} of {table} would reference a missing row of {parent}",
            "nothing was changed; check both archives with `harvest verify`",
        )


def backup_before_merge(connection: sqlite3.Connection, path: Path, now: str) -> Path:
    """Write a verified copy of our archive as it is before the merge."""
    stamp = now.replace(":", "").replace("-", "")
    backup_path = path.with_name(f"{path.name}.before-merge-{stamp}.backup")
    with tempfile.TemporaryDirectory(prefix="harvester-", dir=path.parent) as folder:
        draft = Path(folder) / "archive.db"
        copy_and_verify(connection, draft)
        draft.chmod(0o600)
        draft.replace(backup_path)
    return backup_path
