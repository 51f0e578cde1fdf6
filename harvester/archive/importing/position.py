"""How far a replay has come: in the staging archive itself, so that both are one commit.

The table is removed before the staging archive is merged.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_SCHEMA = """
create table if not exists import_position (
    id integer primary key check (id = 1), turn integer not null, counts text not null);
create table if not exists import_consumed (record integer primary key);
"""


@dataclass(slots=True)
class Position:
    """The last turn that was replayed, and what became of all: (kind, name) → count."""

    turn: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)


def load_position(connection: sqlite3.Connection) -> Position:
    """The position as committed; the tables are created if they are missing."""
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    row = connection.execute("select turn, counts from import_position").fetchone()
    if row is None:
        return Position()
    counts = {(kind, name): count for kind, name, count in json.loads(row[1])}
    return Position(row[0], Counter(counts))


def store_position(connection: sqlite3.Connection, position: Position) -> None:
    """Store the position, in the transaction of what was replayed."""
    counts = [[*key, count] for key, count in position.counts.items()]
    connection.execute(
        "insert or replace into import_position values (1, ?, ?)",
        [position.turn, json.dumps(counts)],
    )


def add_consumed(connection: sqlite3.Connection, record_ids: Iterable[int]) -> None:
    """Record that records were replayed with another one, as its further pages."""
    connection.executemany(
        "insert or ignore into import_consumed values (?)",
        [(record_id,) for record_id in record_ids],
    )


def is_consumed(connection: sqlite3.Connection, record_id: int) -> bool:
    """Whether a record was replayed with another one."""
    sql = "select 1 from import_consumed where record = ?"
    return connection.execute(sql, [record_id]).fetchone() is not None


def drop_position(connection: sqlite3.Connection) -> None:
    """Remove the tables: what is left is an archive like any other."""
    connection.execute("drop table if exists import_position")
    connection.execute("drop table if exists import_consumed")


def drop_triggers(connection: sqlite3.Connection) -> None:
    """Remove the triggers of a staging archive.

    They keep full-text indexes and counts, which are the archive's own: a merge takes
    over neither.
    """
    names = connection.execute("select name from sqlite_master where type = 'trigger'")
    for (name,) in names.fetchall():
        connection.execute(f'drop trigger "{name}"')
