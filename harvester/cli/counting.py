"""How many results there are, told only if it can be counted quickly."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

MAX_COUNT_SECONDS = 0.2
STEPS_BETWEEN_CLOCK_READINGS = 10_000  # of SQLite


def count_in_time(
    connection: sqlite3.Connection, count: Callable[[], int | None]
) -> int | None:
    """What ``count`` returns; None if it takes too long to tell."""
    deadline = time.monotonic() + MAX_COUNT_SECONDS
    connection.set_progress_handler(
        lambda: int(time.monotonic() > deadline), STEPS_BETWEEN_CLOCK_READINGS
    )
    try:
        return count()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)
