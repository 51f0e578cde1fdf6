"""Two articles that turned out to be one become one: the one first seen, ties by bytes, keeps its key; the other's stays as an alias.

Versions are put in the order of time, equal wordings are one, sightings are kept, and the evidence is recorded. Whatever
points at the article that is no more, in any table, points at the one that stays. Not for: deciding that they are one
(``ingest.addresses``), nor for undoing it (``split``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.merging import timeline

# Columns of an article that have rules of their own; all others are of the article that was looked at last.
COLUMNS_WITH_OWN_RULES = (
    "id",
    "key",
    "first_seen",
    "last_seen",
    "outlet",
    "version",
    "versions",
    "copy_of",
    "born",
)
ROW_ID_COLUMNS = {"capture": "captures", "reading": "readings"}


def list_last_check_columns(connection: sqlite3.Connection) -> list[str]:
    """Where an article is asked for, and how that went."""
    rows = connection.execute("pragma main.table_info(articles)")
    return [row["name"] for row in rows if row["name"] not in COLUMNS_WITH_OWN_RULES]


def last_check_expression(connection: sqlite3.Connection, table: str) -> str:
    """An expression that is greatest for the article that was looked at last; ties by what it says."""
    plain = [
        name
        for name in list_last_check_columns(connection)
        if name not in ROW_ID_COLUMNS
    ]
    return f"json_array({table}.looked, {table}.last_seen, {', '.join(f'{table}.{name}' for name in plain)})"


def order_by_first_seen(
    first_row: sqlite3.Row, second_row: sqlite3.Row
) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Two rows of articles: the one whose key stays, and the other."""
    return (
        (first_row, second_row)
        if (first_row["first_seen"], first_row["key"])
        <= (second_row["first_seen"], second_row["key"])
        else (second_row, first_row)
    )


def merge_articles(
    connection: sqlite3.Connection,
    first_key: str,
    second_key: str,
    reason: str,
    now: str,
) -> tuple[str, list[timeline.Transition]]:
    """Make two articles one. Returns the key that stays, and the neighbours that nobody has compared yet."""
    rows = [
        connection.execute("select * from articles where key = ?", [key]).fetchone()
        for key in (first_key, second_key)
    ]
    keep, drop = order_by_first_seen(*rows)
    record = {
        "why": reason,
        "before": json.dumps(
            snapshot_article(connection, drop), ensure_ascii=False, sort_keys=True
        ),
    }
    _merge_versions(connection, keep["key"], drop["key"], now)
    repoint_references(
        connection,
        "articles",
        {drop["key"]: keep["key"]},
        excluded_tables=("versions",),
    )
    connection.execute(
        "update articles set copy_of = ? where copy_of = ?", [keep["key"], drop["key"]]
    )
    _merge_article_rows(connection, keep, drop)
    connection.execute("delete from articles where key = ?", [drop["key"]])
    connection.execute(
        "insert or replace into aliases (key, article, at) values (?, ?, ?)",
        [drop["key"], keep["key"], now],
    )
    connection.execute(
        "insert into joins (article, joined, at, why, before) values (?, ?, ?, ?, ?)",
        [keep["key"], drop["key"], now, record["why"], record["before"]],
    )
    update_distinct_pairs(connection)
    timeline.select_articles(connection, [keep["key"]])
    return keep["key"], timeline.rebuild_timelines(connection)


def snapshot_article(
    connection: sqlite3.Connection, article: sqlite3.Row, schema: str = "main"
) -> dict[str, Any]:
    """What an article was, by names that outlast its rows."""
    key = article["key"]
    versions = connection.execute(
        f"select id, number, sha256, wording, first_seen, last_seen from {schema}.versions where article = ? order by number",
        [key],
    ).fetchall()
    names = {row["id"]: row["sha256"] for row in versions}
    seen = connection.execute(
        f"select version, since, until from {schema}.sightings where article = ? order by id",
        [key],
    )
    return {
        "article": {name: article[name] for name in ("key", "url", "reached", "first_seen", "last_seen", "looked", "state", "outcome")},
        "urls": [row["address"] for row in connection.execute(f"select address from {schema}.urls where article = ? order by 1", [key])],
        "versions": [{name: row[name] for name in ("number", "sha256", "wording", "first_seen", "last_seen")} for row in versions],
        "sightings": [[names[row["version"]], row["since"], row["until"]] for row in seen],
    }  # fmt: skip


def _merge_versions(
    connection: sqlite3.Connection, kept_key: str, dropped_key: str, now: str
) -> None:
    """The versions of one become versions of the other; those that say the same are one, by the name it had first."""
    rows = "select id, article, sha256, wording, first_seen from versions where article = ? order by first_seen, sha256"
    held = connection.execute(rows, [kept_key]).fetchall()
    pairs = []
    for row in connection.execute(rows, [dropped_key]).fetchall():
        same = next(
            (one for one in held if one["sha256"] == row["sha256"]), None
        ) or next((one for one in held if one["wording"] == row["wording"]), None)
        if same is not None:
            held.remove(same)
            pairs.append(
                sorted(
                    (same, row),
                    key=lambda one: (
                        one["first_seen"],
                        one["sha256"],
                        one["article"] != kept_key,
                    ),
                )
            )
    merge_equal_versions(
        connection, [(stays["id"], goes["id"]) for stays, goes in pairs], now
    )
    connection.execute(
        "update versions set article = ?, number = -id where article = ?",
        [kept_key, dropped_key],
    )


def merge_equal_versions(
    connection: sqlite3.Connection, pairs: Sequence[tuple[int, int]], now: str
) -> None:
    """Two rows for one wording become one; of each pair the first stays."""
    if not pairs:
        return
    gone = json.dumps([goes for _, goes in pairs])
    by_article: dict[str, list[int]] = {}
    for row in connection.execute(
        "select id, article from versions where id in (select value from json_each(?))",
        [gone],
    ):
        by_article.setdefault(row["article"], []).append(row["id"])
    for ids in by_article.values():
        proof.add_join_tombstone(
            connection, ids, "another version has the same words", now
        )
    repoint_references(connection, "versions", {goes: stays for stays, goes in pairs})
    connection.execute(
        """update versions set
        first_seen = min(first_seen, (select min(o.first_seen) from temp.moved m join versions o on o.id = m.old where m.new = versions.id)),
        last_seen = max(last_seen, (select max(o.last_seen) from temp.moved m join versions o on o.id = m.old where m.new = versions.id))
        where id in (select new from temp.moved)"""
    )
    connection.execute("delete from versions where id in (select old from temp.moved)")


def repoint_references(
    connection: sqlite3.Connection,
    table: str,
    replacements: Mapping[Any, Any],
    excluded_tables: Iterable[str] = (),
) -> None:
    """Let all rows that point at these rows of ``table`` (``articles`` by key, ``versions`` by id) point at others."""
    connection.execute(
        "create table if not exists temp.moved (old primary key, new) without rowid"
    )
    connection.execute("delete from temp.moved")
    connection.execute("create index if not exists temp.moved_new on moved(new)")
    connection.executemany(
        "insert into temp.moved values (?, ?)", list(replacements.items())
    )
    for child, column in list_references(connection, table):
        if child not in excluded_tables:
            # What stands there already for the other one need not stand there twice.
            connection.execute(
                f"""update or ignore {child} set {column} = (select new from temp.moved where old = {column})
                where {column} in (select old from temp.moved)"""
            )
            connection.execute(
                f"delete from {child} where {column} in (select old from temp.moved)"
            )


def list_references(
    connection: sqlite3.Connection, table: str
) -> list[tuple[str, str]]:
    """All (table, column) that point at a table."""
    tables = connection.execute(
        "select name from main.sqlite_master where type = 'table' and sql not like 'create virtual%'"
    )
    return [
        (name, row["from"])
        for (name,) in tables.fetchall()
        for row in connection.execute(f'pragma main.foreign_key_list("{name}")')
        if row["table"] == table
    ]


def _merge_article_rows(
    connection: sqlite3.Connection, kept_row: sqlite3.Row, dropped_row: sqlite3.Row
) -> None:
    order = f"select * from articles a where key in (?, ?) order by {last_check_expression(connection, 'a')} desc limit 1"
    last = connection.execute(order, [kept_row["key"], dropped_row["key"]]).fetchone()
    changed = {name: last[name] for name in list_last_check_columns(connection)}
    changed["first_seen"] = min(kept_row["first_seen"], dropped_row["first_seen"])
    changed["last_seen"] = max(kept_row["last_seen"], dropped_row["last_seen"])
    changed["born"] = min(
        (row["born"] for row in (kept_row, dropped_row) if row["born"]), default=None
    )
    if kept_row["copy_of"] == dropped_row["key"]:
        changed["copy_of"] = None
    names = ", ".join(f"{name} = ?" for name in changed)
    connection.execute(
        f"update articles set {names} where key = ?",
        [*changed.values(), kept_row["key"]],
    )


def update_distinct_pairs(connection: sqlite3.Connection) -> None:
    """What was said of articles that are no more holds for those that they became part of."""
    names = [
        f"coalesce((select l.article from aliases l where l.key = a.{name}), a.{name})"
        for name in ("one", "other")
    ]
    least, most = (f"{how}({', '.join(names)})" for how in ("min", "max"))
    stale = "a.one in (select key from aliases) or a.other in (select key from aliases)"
    connection.execute(
        f"insert or ignore into apart (one, other, at) select {least}, {most}, min(a.at) from apart a where ({stale}) and {least} <> {most} group by 1, 2"
    )
    connection.execute(f"delete from apart as a where {stale}")
