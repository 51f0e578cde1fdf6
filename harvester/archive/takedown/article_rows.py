"""All rows that hang on an article, found by the keys that point at it, whatever tables there are; and what is left of its words.

Not for: captures and entries, which are blanked, not deleted (``purge``).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

KEPT_TABLES = (
    "captures",
    "entries",
    "outlets",
    "feeds",
    "crawls",
)  # blanked, or about others as well
ARTICLE_KEY_COLUMNS = (
    "article",
    "joined",
    "one",
    "other",
)  # columns that hold an article's key without being declared so
UNRELATED_TABLES = ("tombstones", "seals")
MAX_SENTENCES = 12  # sentences that are looked for everywhere


def delete_article(connection: sqlite3.Connection, article_key: str) -> Counter[str]:
    """Delete an article and all that points at it, in the caller's transaction. Table → rows deleted."""
    connection.execute("pragma defer_foreign_keys = on")
    counts: Counter[str] = Counter()
    doomed = {
        ("articles", key)
        for key in _find_row_keys(connection, "articles", "key = ?", [article_key])
    }
    for table, column in _list_article_key_columns(connection):
        doomed |= {
            (table, key)
            for key in _find_row_keys(
                connection, table, f'"{column}" = ?', [article_key]
            )
        }
    links, fresh = list(_list_foreign_keys(connection)), set(doomed)
    while fresh:
        found = set()
        for child, column, parent, to in links:
            keys = [key for table, key in fresh if table == parent]
            if keys:
                found |= {
                    (child, key)
                    for key in _find_referencing_rows(
                        connection, child, column, parent, to, keys
                    )
                }
        fresh = found - doomed
        doomed |= fresh
    connection.execute(
        "update articles set copy_of = null where copy_of = ?", [article_key]
    )
    for table, key in sorted(doomed):
        where, values = _build_key_condition(connection, table, key)
        counts[table] += connection.execute(
            f'delete from "{table}" where {where}', values
        ).rowcount
    for row in connection.execute(
        "pragma foreign_key_check"
    ).fetchall():  # what names it and looks not after itself
        if row["rowid"] is not None and row["table"] not in KEPT_TABLES:
            counts[row["table"]] += connection.execute(
                f'delete from "{row["table"]}" where rowid = ?', [row["rowid"]]
            ).rowcount
    return counts


def _list_tables(connection: sqlite3.Connection) -> list[str]:
    """Tables of ours: no views, no shadows of the full-text index."""
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
    shadows = tuple(f"{name}_" for name in virtual)
    return [
        name
        for name in names
        if name not in virtual and not name.startswith(("sqlite_", "_sqlite", *shadows))
    ]


def _list_columns(connection: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    return connection.execute(f'pragma table_info("{table}")').fetchall()


def _list_article_key_columns(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str]]:
    for table in _list_tables(connection):
        if table not in (*KEPT_TABLES, *UNRELATED_TABLES):
            yield from (
                (table, column["name"])
                for column in _list_columns(connection, table)
                if column["name"] in ARTICLE_KEY_COLUMNS
            )


def _list_foreign_keys(
    connection: sqlite3.Connection,
) -> Iterator[tuple[str, str, str, str]]:
    """Every key that points: table, its column, table pointed at, column there. Not what is kept, what SQLite or a trigger looks
    after, nor a row of one article that only names another."""
    for table in _list_tables(connection):
        if table in (*KEPT_TABLES, *UNRELATED_TABLES, "articles"):
            continue
        links = connection.execute(f'pragma foreign_key_list("{table}")').fetchall()
        owned = any(row["from"] == "article" for row in links)
        for row in links:
            other = owned and row["table"] == "articles" and row["from"] != "article"
            if (
                row["table"] not in (*KEPT_TABLES, *UNRELATED_TABLES)
                and row["on_delete"] == "NO ACTION"
                and not other
            ):
                yield table, row["from"], row["table"], row["to"] or "id"


def _get_primary_key(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns by which a row is known: its row number, or its primary key where it has none."""
    columns = _list_columns(connection, table)
    sql = connection.execute(
        "select sql from sqlite_master where name = ?", [table]
    ).fetchone()[0]
    if "without rowid" in sql.lower():
        return [
            column["name"]
            for column in sorted(columns, key=lambda one: one["pk"])
            if column["pk"]
        ]
    return ["rowid"]


def _find_row_keys(
    connection: sqlite3.Connection, table: str, where: str, values: Iterable[object]
) -> set[str]:
    """The keys of some rows, as JSON text."""
    names = ", ".join(
        f'"{name}"' if name != "rowid" else name
        for name in _get_primary_key(connection, table)
    )
    return {
        json.dumps(list(row))
        for row in connection.execute(
            f'select {names} from "{table}" where {where}', list(values)
        )
    }


def _build_key_condition(
    connection: sqlite3.Connection, table: str, key: str
) -> tuple[str, list[object]]:
    names = _get_primary_key(connection, table)
    return " and ".join(
        f'"{name}" = ?' if name != "rowid" else "rowid = ?" for name in names
    ), json.loads(key)


def _find_referencing_rows(
    connection: sqlite3.Connection,
    child_table: str,
    child_column: str,
    parent_table: str,
    parent_column: str,
    keys: list[str],
) -> set[str]:
    found: set[str] = set()
    for key in keys:
        where, values = _build_key_condition(connection, parent_table, key)
        found |= _find_row_keys(
            connection,
            child_table,
            f'"{child_column}" = (select "{parent_column}" from "{parent_table}" where {where})',
            values,
        )
    return found


# ---- what is left


def find_remaining_text(
    connection: sqlite3.Connection, sentences: Iterable[str]
) -> list[dict[str, object]]:
    """Where some of these sentences still stand, word for word: table, column, and how many rows."""
    wanted = list(sentences)[:MAX_SENTENCES]
    found: list[dict[str, object]] = []
    if not wanted:
        return found
    for table in _list_tables(connection):
        for column in _list_columns(connection, table):
            if column["type"].lower() != "text":
                continue
            marks = " or ".join(f'instr("{column["name"]}", ?) > 0' for _ in wanted)
            count = connection.execute(
                f'select count(*) from "{table}" where {marks}', wanted
            ).fetchone()[0]
            if count:
                found.append({"table": table, "column": column["name"], "rows": count})
    return found
