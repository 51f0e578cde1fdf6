"""Transactions on a connection, for those who hold no ``Archive``."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harvester.errors import ArchiveError

PATIENCE_SECONDS = 30.0  # of a short transaction, while the writer's is open
POLL_SECONDS = 0.002


@contextmanager
def transaction(connection: sqlite3.Connection, undo: bool = False) -> Iterator[None]:
    """Commit at the end, or roll back after an error, or always with ``undo``."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("rollback" if undo else "commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Undo what is written inside, and only that, after an error."""
    connection.execute("savepoint inner_transaction")
    try:
        yield
    except BaseException:
        connection.execute("rollback to inner_transaction")
        raise
    finally:
        connection.execute("release inner_transaction")


def commit(connection: sqlite3.Connection) -> None:
    """Commit the open transaction, if there is one."""
    if connection.in_transaction:
        connection.execute("commit")


def enable_secure_delete(connection: sqlite3.Connection) -> None:
    """Overwrite deleted content with zeros from now on."""
    connection.execute("pragma secure_delete = on")


def open_beside(path: Path) -> sqlite3.Connection:
    """A connection for short transactions, beside the one writer. It upgrades nothing."""
    connection = sqlite3.connect(path, timeout=0.0, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = full")
    return connection


@contextmanager
def short_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction of ``open_beside``, as soon as the writer's own is committed.

    SQLite's own way of waiting sleeps too long for the moment between two of them.
    Raises ArchiveError after ``PATIENCE_SECONDS``.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("begin immediate")
            break
        except sqlite3.OperationalError as error:
            if time.monotonic() > end:
                raise ArchiveError(f"another program is writing: {error}") from error
            time.sleep(POLL_SECONDS)
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
