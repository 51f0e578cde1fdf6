"""Join two articles that turned out to be one.

The one first seen keeps its key (ties: the smaller key); the key of the other becomes an
alias. Versions are put in order of time, equal wordings become one version, sightings
stay, and whatever refers to the dropped article, in any table, refers to the kept one.
The evidence is recorded, so ``split`` can undo it. Does not decide that two articles are
one; see ``ingest.identify``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.merging import timeline

# All other columns are taken from the article that was checked last.
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
_SNAPSHOT_ARTICLE_COLUMNS = (
    "key",
    "url",
    "reached",
    "first_seen",
    "last_seen",
    "looked",
    "state",
    "outcome",
)
_SNAPSHOT_VERSION_COLUMNS = ("number", "sha256", "wording", "first_seen", "last_seen")


def list_last_check_columns(connection: sqlite3.Connection) -> list[str]:
    """The columns of ``articles`` that are taken from the article checked last."""
    rows = connection.execute("pragma main.table_info(articles)")
    return [row["name"] for row in rows if row["name"] not in COLUMNS_WITH_OWN_RULES]


def last_check_expression(connection: sqlite3.Connection, table: str) -> str:
    """A SQL expression that is greatest for the article checked last.

    Ties are decided by the values of its other columns.
    """
    columns = [
        "looked",
        "last_seen",
        *(
            name
            for name in list_last_check_columns(connection)
            if name not in ROW_ID_COLUMNS
        ),
    ]
    return f"json_array({', '.join(f'{table}.{name}' for name in columns)})"


def _order_by_first_seen(
    first_row: sqlite3.Row, second_row: sqlite3.Row
) -> tuple[sqlite3.Row, sqlite3.Row]:
    """Two rows of articles: the one whose key stays, then the other."""
    rows = sorted(
        (first_row, second_row), key=lambda row: (row["first_seen"], row["key"])
    )
    return rows[0], rows[1]


def merge_articles(
    connection: sqlite3.Connection,
    first_key: str,
    second_key: str,
    reason: str,
    now: str,
) -> tuple[str, list[timeline.Transition]]:
    """Make two articles one.

    Returns the key that stays, and the pairs of neighbouring versions that were not
    compared yet.
    """
    kept, dropped = _order_by_first_seen(
        *(
            connection.execute("select * from articles where key = ?", [key]).fetchone()
            for key in (first_key, second_key)
        )
    )
    kept_key, dropped_key = kept["key"], dropped["key"]
    before = json.dumps(
        snapshot_article(connection, dropped), ensure_ascii=False, sort_keys=True
    )
    _merge_versions(connection, kept_key, dropped_key, now)
    repoint_references(
        connection,
        "articles",
        {dropped_key: kept_key},
        excluded_tables=("versions",),
    )
    connection.execute(
        "update articles set copy_of = ? where copy_of = ?", [kept_key, dropped_key]
    )
    _merge_article_rows(connection, kept, dropped)
    connection.execute("delete from articles where key = ?", [dropped_key])
    connection.execute(
        "insert or replace into aliases (key, article, at) values (?, ?, ?)",
        [dropped_key, kept_key, now],
    )
    connection.execute(
        "insert into joins (article, joined, at, why, before) values (?, ?, ?, ?, ?)",
        [kept_key, dropped_key, now, reason, before],
    )
    update_distinct_pairs(connection)
    timeline.select_articles(connection, [kept_key])
    return kept_key, timeline.rebuild_timelines(connection)


def snapshot_article(
    connection: sqlite3.Connection, article: sqlite3.Row, schema: str = "main"
) -> dict[str, Any]:
    """An article with its URLs, versions and sightings, without row ids."""
    key = article["key"]
    versions = connection.execute(
        f"""
        select id, number, sha256, wording, first_seen, last_seen
        from {schema}.versions
        where article = ?
        order by number""",
        [key],
    ).fetchall()
    digests = {row["id"]: row["sha256"] for row in versions}
    addresses = connection.execute(
        f"select address from {schema}.urls where article = ? order by 1", [key]
    )
    sightings = connection.execute(
        f"""
        select version, since, until from {schema}.sightings
        where article = ?
        order by id""",
        [key],
    )
    return {
        "article": {name: article[name] for name in _SNAPSHOT_ARTICLE_COLUMNS},
        "urls": [row["address"] for row in addresses],
        "versions": [
            {name: row[name] for name in _SNAPSHOT_VERSION_COLUMNS} for row in versions
        ],
        "sightings": [
            [digests[row["version"]], row["since"], row["until"]] for row in sightings
        ],
    }


def _merge_versions(
    connection: sqlite3.Connection, kept_key: str, dropped_key: str, now: str
) -> None:
    """Move the versions of one article to another; equal wordings become one version."""
    sql = """
        select id, article, sha256, wording, first_seen from versions
        where article = ?
        order by first_seen, sha256"""
    unmatched = connection.execute(sql, [kept_key]).fetchall()
    pairs = []
    for row in connection.execute(sql, [dropped_key]).fetchall():
        equal = _find_equal_version(row, unmatched)
        if equal is None:
            continue
        unmatched.remove(equal)
        stays, goes = sorted(
            (equal, row),
            key=lambda version: (
                version["first_seen"],
                version["sha256"],
                version["article"] != kept_key,
            ),
        )
        pairs.append((stays["id"], goes["id"]))
    merge_equal_versions(connection, pairs, now)
    connection.execute(
        "update versions set article = ?, number = -id where article = ?",
        [kept_key, dropped_key],
    )


def _find_equal_version(
    version: sqlite3.Row, others: Sequence[sqlite3.Row]
) -> sqlite3.Row | None:
    for column in ("sha256", "wording"):
        for other in others:
            if other[column] == version[column]:
                return other
    return None


def merge_equal_versions(
    connection: sqlite3.Connection, pairs: Sequence[tuple[int, int]], now: str
) -> None:
    """Merge pairs of versions of one wording; the first of each pair stays."""
    if not pairs:
        return
    ids_by_article: dict[str, list[int]] = {}
    for row in connection.execute(
        """
        select id, article from versions
        where id in (select value from json_each(?))""",
        [json.dumps([goes for _, goes in pairs])],
    ):
        ids_by_article.setdefault(row["article"], []).append(row["id"])
    for version_ids in ids_by_article.values():
        proof.add_join_tombstone(
            connection, version_ids, "another version has the same words", now
        )
    repoint_references(connection, "versions", {goes: stays for stays, goes in pairs})
    connection.execute(
        """
        update versions set
            first_seen = min(first_seen, (
                select min(o.first_seen)
                from temp.moved m
                join versions o on o.id = m.old
                where m.new = versions.id)),
            last_seen = max(last_seen, (
                select max(o.last_seen)
                from temp.moved m
                join versions o on o.id = m.old
                where m.new = versions.id))
        where id in (select new from temp.moved)"""
    )
    connection.execute("delete from versions where id in (select old from temp.moved)")


def repoint_references(
    connection: sqlite3.Connection,
    table: str,
    replacements: Mapping[Any, Any],
    excluded_tables: Iterable[str] = (),
) -> None:
    """Replace what rows of other tables refer to: old → new.

    ``table``: ``articles`` (by key) or ``versions`` (by id).
    """
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
            # A row that would violate a unique key says what another row says already.
            connection.execute(
                f"""
                update or ignore {child}
                set {column} = (select new from temp.moved where old = {column})
                where {column} in (select old from temp.moved)"""
            )
            connection.execute(
                f"delete from {child} where {column} in (select old from temp.moved)"
            )


def list_references(
    connection: sqlite3.Connection, table: str
) -> list[tuple[str, str]]:
    """All (table, column) that refer to a table."""
    tables = connection.execute(
        """
        select name from main.sqlite_master
        where type = 'table' and sql not like 'create virtual%'"""
    )
    return [
        (name, row["from"])
        for (name,) in tables.fetchall()
        for row in connection.execute(f'pragma main.foreign_key_list("{name}")')
        if row["table"] == table
    ]


def _merge_article_rows(
    connection: sqlite3.Connection, kept: sqlite3.Row, dropped: sqlite3.Row
) -> None:
    """Update the row of the article that stays."""
    last_checked = connection.execute(
        f"""
        select * from articles a
        where key in (?, ?)
        order by {last_check_expression(connection, "a")} desc
        limit 1""",
        [kept["key"], dropped["key"]],
    ).fetchone()
    values = {name: last_checked[name] for name in list_last_check_columns(connection)}
    values["first_seen"] = min(kept["first_seen"], dropped["first_seen"])
    values["last_seen"] = max(kept["last_seen"], dropped["last_seen"])
    values["born"] = min(
        (row["born"] for row in (kept, dropped) if row["born"]), default=None
    )
    if kept["copy_of"] == dropped["key"]:
        values["copy_of"] = None
    assignments = ", ".join(f"{name} = ?" for name in values)
    connection.execute(
        f"update articles set {assignments} where key = ?",
        [*values.values(), kept["key"]],
    )


def update_distinct_pairs(connection: sqlite3.Connection) -> None:
    """Let what is recorded as distinct from a dropped article be so from the kept one."""
    keys = [
        f"coalesce((select l.article from aliases l where l.key = a.{column}), a.{column})"
        for column in ("one", "other")
    ]
    lesser, greater = (f"{name}({', '.join(keys)})" for name in ("min", "max"))
    stale = "a.one in (select key from aliases) or a.other in (select key from aliases)"
    connection.execute(
        f"""
        insert or ignore into apart (one, other, at)
        select {lesser}, {greater}, min(a.at)
        from apart a
        where ({stale}) and {lesser} <> {greater}
        group by 1, 2"""
    )
    connection.execute(f"delete from apart as a where {stale}")
