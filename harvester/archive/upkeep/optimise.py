"""What keeps the archive quick, whether something is due, and questions that `doctor` and `verify` share. Not for: mending (``repair``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from harvester.archive.connection import translate_sqlite_errors
from harvester.archive.records.due_visits import get_next_due, get_seconds_ahead

MAX_CLOCK_SETBACK_SECONDS = 60.0  # seconds
MAX_LISTED_FAULTS = 5  # of faults of one kind


def is_anything_due(connection: sqlite3.Connection, now: str) -> bool:
    """Whether anything of the outlets in the settings is due, or the clock was set back, so that nobody knows what is."""
    due = get_next_due(connection)
    return due is not None and (
        due <= now or get_seconds_ahead(connection, now) > MAX_CLOCK_SETBACK_SECONDS
    )


def optimise(path: Path) -> None:
    """Let SQLite look at its statistics, and fold the log into the file. Only while nothing else writes."""
    with translate_sqlite_errors(path):
        connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            connection.execute("pragma analysis_limit = 1000")
            connection.execute("pragma optimize")
            connection.execute("pragma wal_checkpoint(truncate)")
        finally:
            connection.close()


def check_index_counts(connection: sqlite3.Connection) -> Iterator[str]:
    """The full-text index holds a row a version. (FTS5's own check is a write, so it is not asked of a reader.)"""
    rows = connection.execute(
        "select (select count(*) from versions), (select count(*) from versions_fts_docsize)"
    ).fetchone()
    if rows[0] != rows[1]:
        yield f"the full-text index holds {rows[1]} of {rows[0]} versions"


def check_unfinished_purge(connection: sqlite3.Connection) -> Iterator[str]:
    """A purge that was not ended."""
    if connection.execute(
        "select 1 from sqlite_master where name = 'leftovers'"
    ).fetchone():
        if connection.execute("select 1 from leftovers limit 1").fetchone():
            yield "words that were purged may still lie on the disk: `harvest purge --finish` ends what was begun"


def check_current_versions(connection: sqlite3.Connection) -> Iterator[str]:
    """Articles whose current version is not there."""
    for row in connection.execute(
        f"""select a.key from articles a where not exists
        (select 1 from versions v where v.article = a.key and v.number = a.version) limit {MAX_LISTED_FAULTS}"""
    ):
        yield f"article {row[0]} has no version that is its current one"
