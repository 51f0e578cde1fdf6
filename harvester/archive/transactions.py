"""Transactions on a connection, for those who hold no ``Archive``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


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
