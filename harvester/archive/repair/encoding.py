"""Text that is no UTF-8 any more: SQLite does not look at it, and who reads it stumbles. In the transaction of who calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from harvester.archive.repair import orphans


def find_invalid_text(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str, int, bytes]]:
    """Table, column, row and content of text that cannot be read. Reads all text there is."""
    before, connection.text_factory = connection.text_factory, bytes
    try:
        for table, columns in _list_text_columns(connection):
            names = ", ".join(f'"{name}"' for name in columns)
            for row in connection.execute(f'select rowid, {names} from "{table}"'):
                for name, value in zip(columns, tuple(row)[1:], strict=True):
                    if isinstance(value, bytes) and not _is_valid_utf8(value):
                        yield table, name, row[0], value
    finally:
        connection.text_factory = before


def _list_text_columns(connection: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """The tables that have rows by number, with their columns of text."""
    found = []
    rows = connection.execute(
        "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite%'"
    )
    for name, sql in [
        (row[0].decode(), (row[1] or b"").decode("utf-8", "replace"))
        for row in rows.fetchall()
    ]:
        if (
            "without rowid" in sql.lower()
            or "virtual table" in sql.lower()
            or "_fts" in name
            or '"' in name
        ):
            continue
        kinds = connection.execute(f'pragma table_info("{name}")').fetchall()
        columns = [row[1].decode() for row in kinds if row[2].lower() == b"text"]
        if columns:
            found.append((name, columns))
    return found


def _is_valid_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def repair_encoding(connection: sqlite3.Connection) -> int:
    """Put a sign for what cannot be read in its place; versions are then read again from their captures. How many it were."""
    found = list(find_invalid_text(connection))
    for row in {one[2] for one in found if one[0] == "versions"}:
        orphans.mark_for_reread(connection, row)
    for table, name, row, value in found:
        connection.execute(
            f'update or ignore "{table}" set "{name}" = ? where rowid = ?',
            [value.decode("utf-8", "replace"), row],
        )
    return len(found)
