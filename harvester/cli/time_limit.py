"""End a query of the database that takes too long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

STEPS_BETWEEN_CLOCK_READINGS = 10_000  # of SQLite


@contextmanager
def interrupt_after(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Queries raise OperationalError ("interrupted") once the time has passed."""
    import time

    deadline = time.monotonic() + seconds
    connection.set_progress_handler(
        lambda: int(time.monotonic() > deadline), STEPS_BETWEEN_CLOCK_READINGS
    )
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
