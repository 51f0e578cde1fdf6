"""The archive's tables, as numbered migrations: one SQL file each, in ``migrations/``.

Append-only: a released migration is never edited. The tables are a public interface;
people open them with Datasette, sqlite-utils, DuckDB and pandas. Times are UTC, ISO
8601 text ending in Z; lists and records are JSON text; order is a counter (``rowid``),
never a clock.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.archive import schema_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database, Migrations

    Report = Callable[[str, float], None]

APPLICATION_ID = 0x48415256  # "HARV"; a file with another id is not ours
MIGRATION_NAMES = (
    "first",
    "reading",
    "copies",
    "changes",
    "looks",
    "proof",
    "addresses",
    "window",
    "counts",
    "feed_addresses",
    "revisit_records",
    "announcements",
    "reservations",
    "rhythm",
    "sources",
    "publication_order",
    "sitemap_indexes",
    "gaps",
    "health",
    "word_indexes",
    "changes_by_time",
    "alerts",
    "daily_counts",
    "origins",
    "backfills",
    "newest_removals",
)
FTS_COLUMNS = ("title", "authors", "text")  # of versions, in the full-text index
FTS_TOKENIZER = "unicode61 remove_diacritics 2"
# Full-text indexes, each with the table or view that has its words.
FTS_TABLES = {
    "versions_fts": "versions",
    "announcements_fts": "announcements",
    "entries_fts": "entries_without_article",
    "edit_words_fts": "edit_words",
}
# Of those, the ones that FTS5 cannot read again itself, with their columns.
CONTENTLESS_FTS_TABLES = {"edit_words_fts": ("added", "removed")}
SCHEMA_VERSION = len(MIGRATION_NAMES)  # pragma user_version: the newest migration


def split_statements(script: str) -> list[str]:
    """The statements of a script. (``executescript`` would commit the transaction.)"""
    statements, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            statements.append(rest.strip())
            rest = ""
    return statements


def get_migrations(report: Report | None = None) -> Migrations:
    """All migrations, oldest first; the name of each carries its number."""
    from sqlite_utils import Migrations

    migrations = Migrations("harvester")
    for number, name in enumerate(MIGRATION_NAMES, 1):
        migrations(name=_full_name(number, name))(
            _build_migration(number, name, report)
        )
    return migrations


def apply_migrations(
    connection: sqlite3.Connection,
    version: int | None = None,
    report: Report | None = None,
) -> None:
    """Bring a database to a schema version, by default the newest.

    One without tables begins with the snapshot. ``report`` is called before each
    statement of a migration, with the migration and the share of its statements that
    are done.
    """
    version = SCHEMA_VERSION if version is None else version
    snapshot_version, _ = schema_snapshot.read()
    if version >= snapshot_version and _is_empty(connection):
        names = enumerate(MIGRATION_NAMES[:snapshot_version], 1)
        schema_snapshot.apply(connection, [_full_name(*name) for name in names])
        if version == snapshot_version:
            return
    run_migrations(connection, version, report)


def run_migrations(
    connection: sqlite3.Connection, version: int, report: Report | None = None
) -> None:
    """Run each migration up to a version that the database lacks, without the snapshot."""
    from sqlite_utils import Database

    options = {}
    if version < SCHEMA_VERSION:
        options["stop_before"] = _full_name(version + 1, MIGRATION_NAMES[version])
    get_migrations(report).apply(Database(connection, execute_plugins=False), **options)


def _is_empty(connection: sqlite3.Connection) -> bool:
    """Whether there are no tables, and no transaction in which some could be made."""
    tables = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    return not tables and not connection.in_transaction


def _full_name(number: int, name: str) -> str:
    return f"m{number:03d}_{name}"


def _build_migration(
    number: int, name: str, report: Report | None
) -> Callable[[Database], None]:
    def apply(database: Database) -> None:
        script = Path(__file__).with_name("migrations") / f"{number:03d}_{name}.sql"
        statements = split_statements(script.read_text("utf-8"))
        for done, statement in enumerate(statements):
            if report is not None:
                report(f"migration {number} ({name})", done / len(statements))
            database.execute(statement)
        if name == "first":
            # People type French without its accents, so diacritics are folded. Words
            # are not stemmed here: see the table word_forms.
            database.table("versions").enable_fts(
                list(FTS_COLUMNS),
                tokenize=FTS_TOKENIZER,
                create_triggers=True,
            )
        database.execute(f"pragma user_version = {number}")

    return apply
