"""Find the archive among Datasette's databases, and query it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette.utils import sqlite_timelimit

from harvester.archive.connection import read_file_ids
from harvester.archive.queries.article_pages import begin_snapshot
from harvester.archive.schema import APPLICATION_ID, SCHEMA_VERSION
from harvester.errors import HarvesterError

T = TypeVar("T")

# A file does not stop being an archive; it may become one while Datasette runs.
_known_archives: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


class QueryTimeoutError(HarvesterError):
    """A query took longer than Datasette's time limit."""


def is_archive(database: Any) -> bool:
    """Whether a database of Datasette is an archive that this program can read."""
    if database in _known_archives:
        return True
    if database.path is None or database.is_memory:
        return False
    # By a connection, not from the file's header: the first page of a new archive may
    # still be in its WAL.
    mode = "mode=ro" if database.is_mutable else "immutable=1"
    try:
        connection = sqlite3.connect(
            f"{Path(database.path).resolve().as_uri()}?{mode}", uri=True
        )
        try:
            application_id, version = read_file_ids(connection)
        finally:
            connection.close()
    except sqlite3.Error:
        return False
    # Our pages read what the newest migration brings; `harvest browse` says how to
    # upgrade. Until then Datasette's own pages show the tables.
    if application_id != APPLICATION_ID or version != SCHEMA_VERSION:
        return False
    _known_archives[database] = True
    return True


def find_archive(datasette: Any) -> Any | None:
    """The first archive among the databases, None if there is none."""
    return next(
        (database for database in datasette.databases.values() if is_archive(database)),
        None,
    )


async def run_query(
    datasette: Any, database: Any, query: Callable[[sqlite3.Connection], T]
) -> T:
    """Query in one of Datasette's threads, in one snapshot and within its time limit."""

    def run(connection: sqlite3.Connection) -> T:
        with sqlite_timelimit(connection, datasette.setting("sql_time_limit_ms")):
            begin_snapshot(connection)
            try:
                return query(connection)
            finally:
                connection.rollback()

    try:
        return await database.execute_fn(run)  # type: ignore[no-any-return]
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        raise QueryTimeoutError(
            "The archive took too long to answer.",
            "Narrow the query, or start with --setting sql_time_limit_ms 5000.",
        ) from error


def limit_time(
    connection: sqlite3.Connection,
    milliseconds: int,
    query: Callable[[sqlite3.Connection], T],
) -> T:
    """The result of a query within a shorter time limit, inside of ``run_query``."""
    with sqlite_timelimit(connection, milliseconds):
        return query(connection)


def try_in_time(
    connection: sqlite3.Connection,
    milliseconds: int,
    query: Callable[[sqlite3.Connection], T],
) -> T | None:
    """As ``limit_time``; None if it takes longer.

    The time limit of ``run_query`` ends with it: for what a page can do without, last.
    """
    try:
        return limit_time(connection, milliseconds, query)
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return None
