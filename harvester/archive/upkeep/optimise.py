"""Keep the archive fast, tell whether anything is due, and quick consistency checks.

The checks serve both ``doctor`` and ``verify``. Does not repair; see
``archive.repair``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from harvester.archive.records.background_visits import get_next_background_due
from harvester.archive.records.due_visits import get_next_due, get_seconds_ahead
from harvester.archive.schema import FTS_TABLES
from harvester.archive.sqlite_errors import translate_sqlite_errors

MAX_CLOCK_SETBACK_SECONDS = 60.0
MAX_LISTED_FAULTS = 5  # of one kind


def is_anything_due(
    connection: sqlite3.Connection, now: str, with_backfills: bool = False
) -> bool:
    """Whether anything of the outlets in the settings is due.

    Also when the clock was set back, since due times cannot be trusted then.
    """
    if with_backfills:
        background = get_next_background_due(connection, now)
        if background is not None and background <= now:
            return True
    due = get_next_due(connection)
    return due is not None and (
        due <= now or get_seconds_ahead(connection, now) > MAX_CLOCK_SETBACK_SECONDS
    )


def optimise(path: Path) -> None:
    """Update SQLite's statistics and checkpoint the log. Only while nobody writes."""
    with translate_sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            connection.execute("pragma analysis_limit = 1000")
            connection.execute("pragma optimize")
            connection.execute("pragma wal_checkpoint(truncate)")
        finally:
            connection.close()


def check_index_counts(connection: sqlite3.Connection) -> Iterator[str]:
    """Check that each full-text index has one row for each row that it is of.

    FTS5's own integrity check is a write, which a reader cannot do.
    """
    for index, table in FTS_TABLES.items():
        # A view calls functions that SQLite refuses in archives of others; it has a row
        # for each of the table that it is made of.
        source = {"edit_words": "changes"}.get(table, table)
        rows, indexed = connection.execute(
            f"""
            select (select count(*) from {source}),
                (select count(*) from {index}_docsize)"""
        ).fetchone()
        if rows != indexed:
            name = table.replace("_", " ")
            yield f"the full-text index has {indexed} of {rows} {name}"


def check_unfinished_purge(connection: sqlite3.Connection) -> Iterator[str]:
    """Check for a purge that was interrupted."""
    if not connection.execute(
        "select 1 from sqlite_master where name = 'leftovers'"
    ).fetchone():
        return  # an archive of an older program
    if connection.execute("select 1 from leftovers limit 1").fetchone():
        yield (
            "a purge was interrupted, and purged text may still be on the disk: "
            "`harvest purge --finish` completes it"
        )


def check_current_versions(
    connection: sqlite3.Connection, articles: str = "articles"
) -> Iterator[str]:
    """Check for articles whose current version does not exist.

    ``articles``: the rows to check, as a table expression of SQL.
    """
    for row in connection.execute(
        f"""
        select a.key
        from {articles} a
        where not exists (
            select 1 from versions v
            where v.article = a.key and v.number = a.version)
        limit {MAX_LISTED_FAULTS}"""
    ):
        yield f"article {row[0]} has no current version"
