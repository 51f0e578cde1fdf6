"""Open the archive: for its one writer, or read-only for any number of readers.

Opening for reading is cheap: it imports ``sqlite3`` alone. Migrating imports
sqlite-utils.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.archive import schema
from harvester.archive.disk_sync import file_identity
from harvester.archive.regular_files import describe_special_file, open_regular
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.errors import (
    ArchiveError,
    ArchiveNotFound,
    ArchiveOutdated,
    ArchiveTooNew,
    NotAnArchive,
)

BUSY_TIMEOUT_SECONDS = 30.0  # wait for another program that is writing
# The write-ahead log is cut to this size when it restarts; a long read lets it grow.
MAX_WAL_BYTES = 32_000_000
SQLITE_HEADER = b"SQLite format 3\0"


def read_file_ids(connection: sqlite3.Connection) -> tuple[int, int]:
    """The application id and the schema version that the file carries."""
    application_id, version = (
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    return application_id, version


def read_schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the newest migration in the file; 0 for an empty file.

    Raises NotAnArchive or ArchiveTooNew.
    """
    application_id, version = read_file_ids(connection)
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if not tables:
        return 0
    if application_id != schema.APPLICATION_ID:
        raise NotAnArchive(
            f"{path} is a database, but not an archive of harvester",
            "choose another [archive] path",
        )
    if version > schema.SCHEMA_VERSION:
        raise ArchiveTooNew(
            f"{path} was written by a newer harvester (archive version {version}, "
            f"this program supports up to {schema.SCHEMA_VERSION})",
            "upgrade this program; nothing was changed",
        )
    return version


def check_file(path: Path) -> None:
    if kind := describe_special_file(path):
        raise NotAnArchive(
            f"{path} is {kind}, not an archive", "name a file in [archive] path"
        )
    try:
        with open_regular(path) as file:
            start = file.read(len(SQLITE_HEADER))
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}") from error
    if start and start != SQLITE_HEADER:
        raise NotAnArchive(
            f"{path} is not an archive of harvester", "choose another [archive] path"
        )


def open_reader(
    path: Path, allow_older: bool = False, is_foreign: bool = False
) -> sqlite3.Connection:
    """A read-only connection whose rows have named columns; never waits for the writer.

    ``allow_older`` also opens an archive that awaits its migration. ``is_foreign``: the
    file may be from elsewhere, so its schema is not trusted. Raises
    ArchiveNotFound, NotAnArchive, ArchiveTooNew, ArchiveOutdated or ArchiveError.
    """
    if not path.exists():
        raise ArchiveNotFound(
            f"there is no archive at {path} yet",
            "`harvest once` creates one; `harvest demo` shows an example",
        )
    check_file(path)
    with translate_sqlite_errors(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{_uri_query(path)}",
            uri=True,
            timeout=BUSY_TIMEOUT_SECONDS,
        )
        connection.row_factory = sqlite3.Row
        with _close_on_error(connection):
            if is_foreign:  # what its views and triggers call must be harmless
                connection.execute("pragma query_only = on")
                connection.execute("pragma trusted_schema = off")
            version = read_schema_version(connection, path)
            if version == 0:
                raise ArchiveNotFound(
                    f"the archive at {path} is empty", "`harvest once` fills it"
                )
            # A reader must not migrate, least of all a backup.
            if version < schema.SCHEMA_VERSION and not allow_older:
                raise ArchiveOutdated(
                    f"{path} was written by an older harvester (archive version "
                    f"{version}, this program uses {schema.SCHEMA_VERSION})",
                    "`harvest doctor --upgrade` makes a backup and upgrades it; "
                    "so does `harvest once`",
                )
    return connection


def is_outdated(path: Path) -> bool:
    """Whether an archive awaits its upgrade; false if none can be read there."""
    try:
        connection = open_reader(path, allow_older=True)
    except ArchiveError:
        return False
    try:
        return read_file_ids(connection)[1] < schema.SCHEMA_VERSION
    finally:
        connection.close()


@contextmanager
def _close_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Close the connection if an error is raised: it would hold the file until then."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def is_immutable(path: Path) -> bool:
    """Whether nobody can write to an archive, so that it is opened without coordination.

    In a folder that cannot be written nobody else writes either, and SQLite could not
    create the shared-memory file by which readers and writers coordinate. Raises
    ArchiveError if the archive has a log there, which cannot be read without that file.
    """
    path = path.resolve()
    shared_memory = path.with_name(f"{path.name}-shm")
    if shared_memory.exists() or os.access(path.parent, os.W_OK):
        return False
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size > 0:
        raise ArchiveError(
            f"{path} was not closed before its folder was made read-only: its newest "
            f"rows are in {wal.name}, which cannot be read there",
            f"copy it together with {wal.name} to a folder that can be written, and "
            "name the copy in [archive] path",
        )
    return True


def _uri_query(path: Path) -> str:
    """The parameters of SQLite's file URI for reading."""
    return "mode=ro&immutable=1" if is_immutable(path) else "mode=ro"


class Archive:
    """The archive, opened by its one writer.

    ``connection`` belongs to the thread that opened it. ``begin`` starts a transaction
    with the write lock already taken, so that it cannot fail later for want of it.
    """

    def __init__(
        self, path: Path, captures_folder: Path | None, connection: sqlite3.Connection
    ) -> None:
        self.path = path
        self.captures_folder = captures_folder
        self.connection = connection
        # Called before each commit: what it writes is committed too.
        self.before_commit: Callable[[], object] | None = None
        self._identity = file_identity(path)

    @classmethod
    def open(
        cls,
        path: Path,
        captures_folder: Path | None = None,
        report_upgrade: Callable[[str, float], None] | None = None,
    ) -> Archive:
        """Open for writing. Creates the file, or upgrades it after a verified backup.

        ``report_upgrade``: see ``upgrade``; by default its steps are logged.
        """
        if path.exists():
            check_file(path)
        with translate_sqlite_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                from harvester.archive import creation

                creation.create_archive(path)
            connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None
            )
            connection.row_factory = sqlite3.Row
            with _close_on_error(connection):
                version = read_schema_version(connection, path)
                if version < schema.SCHEMA_VERSION:
                    from harvester.archive import upgrade

                    report = report_upgrade or upgrade.log_step
                    upgrade.upgrade_archive(connection, path, version, report)
                connection.execute("pragma foreign_keys = on")
                # A power cut must not lose a committed version.
                connection.execute("pragma synchronous = full")
                # macOS: empty the disk's cache too; no effect elsewhere.
                connection.execute("pragma fullfsync = on")
                connection.execute("pragma checkpoint_fullfsync = on")
                connection.execute(f"pragma journal_size_limit = {MAX_WAL_BYTES}")
                connection.execute("pragma temp_store = memory")
                connection.execute("pragma cache_size = -16000")
        return cls(path, captures_folder, connection)

    def begin(self) -> None:
        """Begin a transaction unless one is open."""
        if not self.connection.in_transaction:
            with translate_sqlite_errors(self.path):
                self.connection.execute("begin immediate")

    def commit(self) -> None:
        """Commit the open transaction, if any.

        Raises ArchiveError if the file was removed or replaced: rows would go into a
        file that has no name any more.
        """
        if self.connection.in_transaction:
            if self._identity and file_identity(self.path) != self._identity:
                raise ArchiveError(
                    f"{self.path} was removed or replaced while it was written to",
                    "what was received since its last commit is fetched again",
                )
            with translate_sqlite_errors(self.path):
                if self.before_commit is not None:
                    self.before_commit()
                self.connection.execute("commit")

    def close(self) -> None:
        """Roll back what was not committed, and close the file."""
        if self.connection.in_transaction:
            self.connection.execute("rollback")
        self.connection.execute("pragma optimize")
        self.connection.close()
