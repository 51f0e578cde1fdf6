"""The archive's tables, as numbered migrations: one file of SQL a step, in ``steps/``. Append-only: never edit a step that
was released.

The archive is a public interface: people open it with Datasette, sqlite-utils, DuckDB and pandas. Times are UTC ISO 8601
text ending in Z, lists and records are JSON text, order is a counter (``rowid``), never a clock.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database, Migrations

APPLICATION_ID = 0x48415256  # "HARV": a file that carries another id is not ours
MIGRATION_NAMES = (
    "first",
    "reading",
    "copies",
    "changes",
    "looks",
    "proof",
    "addresses",
    "window",
)
SCHEMA_VERSION = len(
    MIGRATION_NAMES
)  # PRAGMA user_version: the number of the newest step


def split_statements(script: str) -> list[str]:
    """The statements of a script, one by one: ``executescript`` would commit the migration's transaction."""
    found, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest.strip())
            rest = ""
    return found


def get_migrations() -> Migrations:
    """All steps, oldest first. A step's name carries its number; PRAGMA user_version counts them."""
    from sqlite_utils import Migrations

    steps = Migrations("harvester")
    for number, name in enumerate(MIGRATION_NAMES, 1):
        steps(name=f"m{number:03d}_{name}")(_build_migration(number, name))
    return steps


def apply_migrations(
    connection: sqlite3.Connection, version: int = SCHEMA_VERSION
) -> None:
    """Make all that an archive of a version has."""
    from sqlite_utils import Database

    names = [f"m{number:03d}_{name}" for number, name in enumerate(MIGRATION_NAMES, 1)]
    further = {"stop_before": names[version]} if version < len(names) else {}
    get_migrations().apply(Database(connection, execute_plugins=False), **further)


def _build_migration(number: int, name: str) -> Callable[[Database], None]:
    def apply(database: Database) -> None:
        script = Path(__file__).with_name("migrations") / f"{number:03d}_{name}.sql"
        for statement in split_statements(script.read_text("utf-8")):
            database.execute(statement)
        if name == "first":
            # French and English readers type without accents: diacritics are folded, words are not stemmed (FTS5 has no
            # French stemmer).
            database.table("versions").enable_fts(
                ["title", "authors", "text"],
                tokenize="unicode61 remove_diacritics 2",
                create_triggers=True,
            )
        database.execute(f"pragma user_version = {number}")

    return apply
