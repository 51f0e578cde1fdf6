"""An archive as SQL text, and back: without the tables of the full-text index."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

FTS = "versions_fts"
SHADOWS = tuple(f"{FTS}_{one}" for one in ("data", "idx", "docsize", "config"))
PRAGMAS = ("application_id", "user_version")
WORDS = (  # columns whose values are free text for people, or of a machine
    "reason", "note", "why", "program", "applied_at", "evidence", "file", "id",
)  # fmt: skip
WITHOUT = ("sqlite_sequence", "sqlite_stat1", "sqlite_stat4", *SHADOWS)


def dumped(connection: sqlite3.Connection) -> str:
    """All rows as INSERT statements, and the schema as it stands in sqlite_master."""
    lines = [
        f"PRAGMA {name} = {connection.execute(f'pragma {name}').fetchone()[0]};"
        for name in PRAGMAS
    ]
    rows = connection.execute(
        "select type, name, sql from sqlite_master where sql is not null order by rowid"
    ).fetchall()
    rows = [row for row in rows if row[1] not in WITHOUT]
    lines += [f"{sql};" for kind, _, sql in rows if kind == "table"]
    for _, name, _ in (row for row in rows if row[0] == "table" and row[1] != FTS):
        lines += _inserts(connection, name)
    lines.append(f"INSERT INTO {FTS} ({FTS}) VALUES ('rebuild');")
    lines += [f"{sql};" for kind, _, sql in rows if kind != "table"]
    return "\n".join((*lines, ""))


def _inserts(connection: sqlite3.Connection, table: str) -> list[str]:
    columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    values = " || ',' || ".join(f'quote("{one}")' for one in columns)
    found = connection.execute(f'select {values} from "{table}"')
    return [f'INSERT INTO "{table}" VALUES ({_escaped(row[0])});' for row in found]


def _escaped(values: str) -> str:
    """Line ends inside of texts as SQL, so that a row is a line."""
    if "\n" not in values and "\r" not in values:
        return values

    def replaced(match: re.Match[str]) -> str:
        text = match[0].replace("\r", "'||char(13)||'").replace("\n", "'||char(10)||'")
        return text if text == match[0] else f"({text})"

    return re.sub(r"'(?:[^']|'')*'", replaced, values)


def load(sql: Path, archive: Path, rows: bool = True) -> None:
    """Make the archive of a dump; without ``rows`` an empty one of the same schema."""
    text = sql.read_text("utf-8")
    if not rows:
        lines = text.split("\n")
        kept = ('INSERT INTO "_', f"INSERT INTO {FTS}")
        text = "\n".join(
            one for one in lines if not one.startswith("INSERT") or one.startswith(kept)
        )
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")
        connection.executescript(f"BEGIN;\n{text}\nCOMMIT;")
    archive.chmod(0o600)


def digests(
    connection: sqlite3.Connection, without: Collection[str] = ()
) -> dict[str, str]:
    """Table → how many rows, and a digest of all but free text, and their order.

    ``without``: further columns left out, as ``column`` or ``table.column``.
    """
    tables = connection.execute("select name from sqlite_master where type = 'table'")
    found = {}
    for (table,) in tables.fetchall():
        if table in WITHOUT or table == FTS or table.startswith("_"):
            continue
        names = [row[1] for row in connection.execute(f'pragma table_info("{table}")')]
        kept = [one for one in names if one not in (*WORDS, *without)]
        kept = [one for one in kept if f"{table}.{one}" not in without]
        columns = ", ".join(f'quote("{one}")' for one in kept)
        if not columns:
            continue
        rows = connection.execute(f'select {columns} from "{table}"')
        text = "\n".join(sorted(map(repr, rows))).encode("utf-8", "surrogatepass")
        count = connection.execute(f'select count(*) from "{table}"').fetchone()[0]
        found[table] = f"{count} {hashlib.sha256(text).hexdigest()[:12]}"
    return found
