"""The archive: the only room with SQL. Opens the file, for one writer or for many readers.

Reading costs little to start: ``sqlite3`` alone. Writing (creating, migrating) imports sqlite-utils.
Not for: deciding what is an edit (``identity``), or when something is due (``schedule``).
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.archive import schema
from harvester.errors import (
    ArchiveError,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveOutdated,
    ArchiveTooNew,
    DiskFull,
    NotAnArchive,
)

BUSY_TIMEOUT_SECONDS = (
    30.0  # how long to wait for another program that writes into the file
)
MAX_WAL_BYTES = 32_000_000  # of the log (-wal) that stay when it begins anew: who read for long let it grow
DAMAGED_HINT = "`harvest doctor --fix` saves what can be saved, after a copy"
SQLITE_HEADER = b"SQLite format 3\0"


def _read_schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the newest migration in the file (0: empty); raises where it is not ours."""
    application, version = (
        connection.execute(f"pragma {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if not tables:
        return 0
    if application != schema.APPLICATION_ID:
        raise NotAnArchive(
            f"{path} is a database, but not an archive of harvester",
            "choose another [archive] path",
        )
    if version > schema.SCHEMA_VERSION:
        raise ArchiveTooNew(
            f"{path} was written by a newer harvester (archive version {version}, this program knows {schema.SCHEMA_VERSION})",
            "upgrade this program; nothing was changed",
        )
    return int(version)


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise NotAnArchive(
            f"{path} is a folder, not an archive", "name a file in [archive] path"
        )
    try:
        with path.open("rb") as file:
            start = file.read(len(SQLITE_HEADER))
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be read: {os.strerror(error.errno or 0)}"
        ) from error
    if start and start != SQLITE_HEADER:
        raise NotAnArchive(
            f"{path} is not an archive of harvester", "choose another [archive] path"
        )


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors as ours. By message where the code says too little: SQLite has no code of its own for these."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text:
            raise DiskFull(
                f"no room left on the disk for {path}",
                "make room; what was committed is safe",
            ) from error
        if "readonly" in text or "disk I/O error" in text:
            raise DiskFull(f"{path} cannot be written: {text}") from error
        if "locked" in text or "busy" in text:
            raise ArchiveLocked(
                f"{path} is locked by another program", "try again when it has finished"
            ) from error
        if "unable to open" in text:
            raise ArchiveError(f"{path} cannot be opened: {text}") from error
        if "decode to UTF-8" in text:
            raise ArchiveError(f"{path} is damaged: {text}", DAMAGED_HINT) from error
        raise
    except (
        UnicodeDecodeError
    ) as error:  # SQLite's own words, about a schema that is damaged
        raise ArchiveError(
            f"{path} is damaged: its tables cannot be read", DAMAGED_HINT
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise ArchiveError(f"{path} is damaged: {error}", DAMAGED_HINT) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            where = error.filename or path
            raise DiskFull(
                f"{where} cannot be written: {os.strerror(error.errno)}",
                "what was committed is safe",
            ) from error
        raise


def open_reader(path: Path, allow_older: bool = False) -> sqlite3.Connection:
    """A read-only connection with named columns; never waits for the writer. ``older``: also of an older program's archive.

    Raises ArchiveMissing, NotAnArchive, NewerArchive, OlderArchive or ArchiveError.
    """
    if not path.exists():
        raise ArchiveNotFound(
            f"there is no archive at {path} yet",
            "`harvest once` makes one; `harvest demo` shows what it is like",
        )
    _check_file(path)
    with translate_sqlite_errors(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{_uri_query(path)}",
            uri=True,
            timeout=BUSY_TIMEOUT_SECONDS,
        )
        connection.row_factory = sqlite3.Row
        version = _read_schema_version(connection, path)
        if version == 0:
            connection.close()
            raise ArchiveNotFound(
                f"the archive at {path} is empty", "`harvest once` fills it"
            )
        if (
            version < schema.SCHEMA_VERSION and not allow_older
        ):  # who only reads must not write, least of all into a backup
            connection.close()
            raise ArchiveOutdated(
                f"{path} was written by an older harvester (archive version {version}, this is {schema.SCHEMA_VERSION})",
                "`harvest doctor --upgrade` brings it up to date, after a backup; so does `harvest once`",
            )
    return connection


def _uri_query(path: Path) -> str:
    """How to read. On a disk that cannot be written nobody else writes either, and SQLite could not make the file by which it would
    tell readers from writers."""
    log, shared = path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
    used = shared.exists() or (log.exists() and log.stat().st_size > 0)
    alone = not used and not os.access(path.parent, os.W_OK)
    return "mode=ro&immutable=1" if alone else "mode=ro"


class Archive:
    """The archive, opened by its one writer. ``connection`` belongs to the thread that opened it.

    Transactions are begun by ``begin`` (immediately, so that a reader's snapshot never fails them) and end with ``commit``.
    """

    def __init__(
        self, path: Path, captures_folder: Path | None, connection: sqlite3.Connection
    ) -> None:
        self.path = path
        self.captures_folder = captures_folder
        self.connection = connection

    @classmethod
    def open(cls, path: Path, captures_folder: Path | None = None) -> Archive:
        """Open for writing; makes the file and brings its tables up to date, after a verified backup of an older one."""
        if path.exists():
            _check_file(path)
        with translate_sqlite_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Readable by its owner only: addresses of feeds may carry secrets.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            connection = sqlite3.connect(
                path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None
            )
            connection.row_factory = sqlite3.Row
            version = _read_schema_version(connection, path)
            if version < schema.SCHEMA_VERSION:
                _migrate(connection, path, version)
            connection.execute("pragma foreign_keys = on")
            connection.execute(
                "pragma synchronous = full"
            )  # a power cut loses no committed version
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
        """Make what was written last."""
        if self.connection.in_transaction:
            with translate_sqlite_errors(self.path):
                self.connection.execute("commit")

    def close(self) -> None:
        """Undo what was not committed, and let go of the file."""
        if self.connection.in_transaction:
            self.connection.execute("rollback")
        self.connection.execute("pragma optimize")
        self.connection.close()


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    from sqlite_utils import Database

    if version:
        copy_and_verify(
            connection, path.with_name(f"{path.name}.version-{version}.backup")
        )
    connection.execute("pragma journal_mode = wal")
    connection.execute(
        f"pragma application_id = {schema.APPLICATION_ID}"
    )  # first: a crash must leave a file that is ours
    database = Database(connection, execute_plugins=False)
    connection.isolation_level = (
        "DEFERRED"  # sqlite-utils wants the driver's own transactions while it migrates
    )
    schema.get_migrations().apply(database)
    connection.commit()
    connection.isolation_level = None


def copy_and_verify(connection: sqlite3.Connection, destination: Path) -> None:
    """Copy the archive to a file and check that the copy opens and is whole."""
    copy = sqlite3.connect(destination)
    try:
        connection.backup(copy)
        found = copy.execute("pragma quick_check").fetchone()[0]
    finally:
        copy.close()
    if found != "ok":
        raise ArchiveError(
            f"the backup {destination} is not whole: {found}",
            "the archive was left as it is",
        )
