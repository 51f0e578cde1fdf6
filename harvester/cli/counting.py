"""How many results there are, told only if it can be counted quickly."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from harvester.cli.time_limit import interrupt_after

MAX_COUNT_SECONDS = 0.2


def count_in_time(
    connection: sqlite3.Connection, count: Callable[[], int | None]
) -> int | None:
    """What ``count`` returns; None if it takes too long to tell."""
    try:
        with interrupt_after(connection, MAX_COUNT_SECONDS):
            return count()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return None
