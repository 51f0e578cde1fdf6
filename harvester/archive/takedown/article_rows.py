"""Delete all rows that belong to an article, in whatever tables, and find what is left.

Rows are found by the keys that reference the article. Captures and entries are emptied,
not deleted; see ``execute``.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

# Emptied instead of deleted, or about other articles as well.
KEPT_TABLES = ("captures", "entries", "outlets", "feeds", "crawls")
# Columns that hold an article's key without being declared as a reference.
ARTICLE_KEY_COLUMNS = ("article", "joined", "one", "other")
UNRELATED_TABLES = ("tombstones", "seals")
MAX_SENTENCES = 12  # sentences to search for in all tables

RowKey = tuple[str, str]  # table, JSON array of the values of its key columns


def delete_article(connection: sqlite3.Connection, article_key: str) -> Counter[str]:
    """Delete an article and all that references it, in the caller's transaction.

    Returns the number of deleted rows by table.
    """
    connection.execute("pragma defer_foreign_keys = on")
    rows = _find_article_rows(connection, article_key)
    connection.execute(
        "update articles set copy_of = null where copy_of = ?", [article_key]
    )
    counts: Counter[str] = Counter()
    for table, key in sorted(rows):
        condition, values = _key_condition(connection, table, key)
        counts[table] += connection.execute(
            f'delete from "{table}" where {condition}', values
        ).rowcount
    # Rows that reference it in a way that was not followed.
    violations = connection.execute("pragma foreign_key_check").fetchall()
    for violation in violations:
        table, rowid = violation["table"], violation["rowid"]
        if rowid is not None and table not in KEPT_TABLES:
            counts[table] += connection.execute(
                f'delete from "{table}" where rowid = ?', [rowid]
            ).rowcount
    return counts


def _find_article_rows(connection: sqlite3.Connection, article_key: str) -> set[RowKey]:
    """Find the article's row, and all rows that reference it directly or indirectly."""
    keys = _find_row_keys(connection, "articles", "key = ?", [article_key])
    rows = {("articles", key) for key in keys}
    for table, column in _list_article_key_columns(connection):
        keys = _find_row_keys(connection, table, f'"{column}" = ?', [article_key])
        rows |= {(table, key) for key in keys}
    foreign_keys = list(_list_foreign_keys(connection))
    new_rows = set(rows)
    while new_rows:
        children = set()
        for child_table, column, parent_table, parent_column in foreign_keys:
            for table, key in new_rows:
                if table == parent_table:
                    condition, values = _key_condition(connection, table, key)
                    child_keys = _find_row_keys(
                        connection,
                        child_table,
                        f'"{column}" = (select "{parent_column}" from "{table}" '
                        f"where {condition})",
                        values,
                    )
                    children |= {(child_table, child_key) for child_key in child_keys}
        new_rows = children - rows
        rows |= new_rows
    return rows


def _list_tables(connection: sqlite3.Connection) -> list[str]:
    """List the archive's tables, without views and those of the full-text index."""
    virtual = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where sql like 'create virtual%'"
        )
    ]
    names = [
        row[0]
        for row in connection.execute(
            "select name from sqlite_master where type = 'table' order by name"
        )
    ]
    internal = ("sqlite_", "_sqlite", *(f"{name}_" for name in virtual))
    return [
        name for name in names if name not in virtual and not name.startswith(internal)
    ]


def _list_columns(connection: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    return connection.execute(f'pragma table_info("{table}")').fetchall()


def _list_article_key_columns(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str]]:
    """Yield table and column of every column that holds an article's key."""
    for table in _list_tables(connection):
        if table not in (*KEPT_TABLES, *UNRELATED_TABLES):
            for column in _list_columns(connection, table):
                if column["name"] in ARTICLE_KEY_COLUMNS:
                    yield table, column["name"]


def _list_foreign_keys(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the foreign keys to follow: table, column, parent table, parent column.

    Left out are tables that are kept, references that SQLite itself follows (cascades),
    and a row of one article that merely mentions another.
    """
    for table in _list_tables(connection):
        if table in (*KEPT_TABLES, *UNRELATED_TABLES, "articles"):
            continue
        rows = connection.execute(f'pragma foreign_key_list("{table}")').fetchall()
        has_owner = any(row["from"] == "article" for row in rows)
        for row in rows:
            column, parent_table = row["from"], row["table"]
            is_mention = (
                has_owner and parent_table == "articles" and column != "article"
            )
            if (
                parent_table not in (*KEPT_TABLES, *UNRELATED_TABLES)
                and row["on_delete"] == "NO ACTION"
                and not is_mention
            ):
                yield table, column, parent_table, row["to"] or "id"


def _list_key_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that identify a row: rowid, or else the primary key."""
    sql = connection.execute(
        "select sql from sqlite_master where name = ?", [table]
    ).fetchone()[0]
    if "without rowid" not in sql.lower():
        return ["rowid"]
    columns = [column for column in _list_columns(connection, table) if column["pk"]]
    columns.sort(key=lambda column: column["pk"])
    return [f'"{column["name"]}"' for column in columns]


def _find_row_keys(
    connection: sqlite3.Connection,
    table: str,
    condition: str,
    values: Iterable[object],
) -> set[str]:
    """Return the keys of the rows that meet a condition."""
    columns = ", ".join(_list_key_columns(connection, table))
    rows = connection.execute(
        f'select {columns} from "{table}" where {condition}', list(values)
    )
    return {json.dumps(list(row)) for row in rows}


def _key_condition(
    connection: sqlite3.Connection, table: str, key: str
) -> tuple[str, list[object]]:
    """Return the condition that finds a row by its key, and the values to bind."""
    columns = _list_key_columns(connection, table)
    return " and ".join(f"{column} = ?" for column in columns), json.loads(key)


# ---- what is left


def find_remaining_text(
    connection: sqlite3.Connection, sentences: Iterable[str]
) -> list[dict[str, object]]:
    """Find columns that still contain some of the sentences, and in how many rows."""
    wanted = list(sentences)[:MAX_SENTENCES]
    remaining: list[dict[str, object]] = []
    if not wanted:
        return remaining
    for table in _list_tables(connection):
        for column in _list_columns(connection, table):
            if column["type"].lower() != "text":
                continue
            name = column["name"]
            condition = " or ".join(f'instr("{name}", ?) > 0' for _ in wanted)
            count = connection.execute(
                f'select count(*) from "{table}" where {condition}', wanted
            ).fetchone()[0]
            if count:
                remaining.append({"table": table, "column": name, "rows": count})
    return remaining
