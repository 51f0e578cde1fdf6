"""Find and replace text that is not valid UTF-8, which SQLite does not check.

Works in the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from harvester.archive.repair import orphans
from harvester.archive.repair.row_samples import RowSample


def find_invalid_text(
    connection: sqlite3.Connection, sample: RowSample
) -> Iterator[tuple[str, str, int, bytes]]:
    """Yield table, column, rowid and content of invalid text. Reads all its text."""
    text_factory, connection.text_factory = connection.text_factory, bytes
    try:
        for table, columns in _list_text_columns(connection):
            names = ", ".join(f'"{column}"' for column in columns)
            for row in connection.execute(
                f"select rowid, {names} from {sample.source(table)}"
            ):
                for column, value in zip(columns, tuple(row)[1:], strict=True):
                    if isinstance(value, bytes) and not _is_valid_utf8(value):
                        yield table, column, row[0], value
    finally:
        connection.text_factory = text_factory


def _list_text_columns(connection: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """List the tables with rowids, and their text columns. Expects text as bytes."""
    tables = []
    rows = connection.execute(
        """
        select name, sql from sqlite_master
        where type = 'table' and name not like 'sqlite%'
        """
    ).fetchall()
    for row in rows:
        name, sql = row[0].decode(), (row[1] or b"").decode("utf-8", "replace").lower()
        if (
            "without rowid" in sql
            or "virtual table" in sql
            or "_fts" in name
            or '"' in name
        ):
            continue
        columns = [
            column[1].decode()
            for column in connection.execute(f'pragma table_info("{name}")')
            if column[2].lower() == b"text"
        ]
        if columns:
            tables.append((name, columns))
    return tables


def _is_valid_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def repair_encoding(connection: sqlite3.Connection) -> int:
    """Replace what cannot be decoded by U+FFFD, and have versions reread.

    Returns how many texts were invalid.
    """
    invalid = list(find_invalid_text(connection, RowSample(connection)))
    for version_id in {
        row_id for table, _, row_id, _ in invalid if table == "versions"
    }:
        orphans.mark_for_reread(connection, version_id)
    for table, column, row_id, value in invalid:
        connection.execute(
            f'update or ignore "{table}" set "{column}" = ? where rowid = ?',
            [value.decode("utf-8", "replace"), row_id],
        )
    return len(invalid)
