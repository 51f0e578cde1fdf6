"""Another archive beside ours on one connection: attached as ``other``, read-only; one of an older program as a copy brought up
to date. Not for: taking anything over (``merge``).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from harvester.archive import schema
from harvester.archive.connection import (
    BUSY_TIMEOUT_SECONDS,
    Archive,
    _check_file,
    _read_schema_version,
    copy_and_verify,
    translate_sqlite_errors,
)
from harvester.errors import ArchiveError, ArchiveNotFound

CACHE_KIB = 64_000


@contextmanager
def open_with_attached(path: Path, other_path: Path) -> Iterator[sqlite3.Connection]:
    """Our archive (``path``, made where there is none) and the other one, in no transaction yet.

    Raises NewerArchive, NotAnArchive, ArchiveMissing, ArchiveError.
    """
    if not path.exists() or not other_path.exists() or not other_path.samefile(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix="harvester-", dir=path.parent
        ) as folder:
            today = _upgrade_copy(other_path, Path(folder))
            Archive.open(path).close()
            with (
                translate_sqlite_errors(path),
                closing(_connect_both(path, today)) as connection,
            ):
                yield connection
        return
    raise ArchiveError(f"{other_path} is this archive itself", "name another one")


def _upgrade_copy(other_path: Path, folder: Path) -> Path:
    """The other archive, or where an older program wrote it a copy as this program would have it. It is not written into."""
    if not other_path.exists():
        raise ArchiveNotFound(f"there is no archive at {other_path}", "name its file")
    _check_file(other_path)
    with (
        translate_sqlite_errors(other_path),
        closing(
            sqlite3.connect(
                _read_only_uri(other_path), uri=True, timeout=BUSY_TIMEOUT_SECONDS
            )
        ) as connection,
    ):
        version = _read_schema_version(connection, other_path)
        if version == schema.SCHEMA_VERSION:
            return other_path
        if version == 0:
            raise ArchiveNotFound(
                f"the archive at {other_path} is empty", "there is nothing to take over"
            )
        copy = folder / "other.db"
        copy_and_verify(connection, copy)
    Archive.open(copy).close()
    return copy


def _read_only_uri(path: Path) -> str:
    """How it is opened: on a medium that cannot be written to SQLite must not look for other writers."""
    uri = path.resolve().as_uri()
    log = path.with_name(f"{path.name}-wal")
    alone = not log.exists() or not log.stat().st_size
    return (
        f"{uri}?immutable=1"
        if alone and not os.access(path.resolve().parent, os.W_OK)
        else f"{uri}?mode=ro"
    )


def _connect_both(path: Path, other_path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path.resolve().as_uri(),
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("pragma foreign_keys = off")  # checked at the end, all at once
    connection.execute("pragma synchronous = full")
    connection.execute(
        "pragma temp_store = file"
    )  # what is worked out on the way may be larger than memory
    connection.execute(f"pragma cache_size = -{CACHE_KIB}")
    connection.execute("attach ? as other", [_read_only_uri(other_path)])
    return connection


def check_foreign_keys(connection: sqlite3.Connection) -> None:
    """Raises ArchiveError where a row points at none."""
    broken = connection.execute("pragma main.foreign_key_check").fetchone()
    if broken is not None:
        raise ArchiveError(
            f"row {broken[1]} of {broken[0]} would point at a row of {broken[2]} that is not there",
            "nothing was changed; look at both archives with `harvest verify`",
        )


def backup_before_merge(connection: sqlite3.Connection, path: Path, now: str) -> Path:
    """A verified copy of our archive as it is before."""
    to = path.with_name(
        f"{path.name}.before-merge-{now.replace(':', '').replace('-', '')}.backup"
    )
    with tempfile.TemporaryDirectory(prefix="harvester-", dir=path.parent) as folder:
        draft = Path(folder) / "archive.db"
        copy_and_verify(connection, draft)
        draft.chmod(0o600)
        draft.replace(to)
    return to
