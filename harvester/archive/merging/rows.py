"""The rows of an archive attached as ``other`` into the tables of this one: told apart by what they say, numbered anew.

``union`` for tables whose rows have a number, ``keyed`` for those with a key of their own. Both know which rows of other
tables a row points at (``refs``: column → table), and translate: ``temp.map_TABLE`` has ``old`` and ``new`` of every row, and
``held`` where it was there before. Not for: which articles are one (``meeting``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

Precedence = Sequence[tuple[str, Literal["min", "max"]]]

NUMBERED_TABLES = (
    "captures",
    "crawls",
    "readings",
    "versions",
    "changes",
)  # tables whose numbers mean nothing outside of the archive


def list_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns."""
    return [
        row["name"] for row in connection.execute(f'pragma main.table_info("{table}")')
    ]


def select_shared_articles(connection: sqlite3.Connection) -> None:
    """``temp.dual``: articles that both archives know, or the other one under several keys."""
    connection.execute(
        """create temp table dual as select new as article from temp.map_articles group by new
        having count(*) > 1 or new in (select key from main.articles)"""
    )
    connection.execute("create unique index temp.dual_article on dual(article)")
    connection.execute(
        "create table if not exists temp.touched (article text primary key) without rowid"
    )


@lru_cache(maxsize=64)
def reference_joins(references: tuple[tuple[str, str], ...]) -> str:
    """The joins that translate what a row points at."""
    return "".join(
        f" left join temp.map_{table} m_{name} on m_{name}.old = o.{name}"
        for name, table in references
    )


def merge_rows(
    connection: sqlite3.Connection,
    table: str,
    key_columns: Sequence[str],
    references: Mapping[str, str] | None = None,
    article_column: str = "",
    *,
    where: str = "true",
    existing_where: str = "true",
    collapse_equal: bool = False,
    overrides: Mapping[str, str] | None = None,
    order_column: str = "id",
) -> None:
    """Rows that are not there yet. Equal rows are matched one to one in ``order``; ``once``: all of them with the same one.

    ``article``: the column that names it: only rows of articles that are taken in, and compared with those of ``temp.dual``.
    ``instead``: column → what is put into new rows; ``n.new`` is the row's number.
    """
    links = dict(references or {})
    values = {
        name: f"m_{name}.new" if name in links else f"o.{name}"
        for name in list_columns(connection, table)
        if name != "id"
    }
    translated = reference_joins(
        tuple(sorted((name, to) for name, to in links.items() if to != table))
    )
    if article_column:
        where += (
            f" and (o.{article_column} is null or m_{article_column}.new is not null)"
        )
        existing_where += f" and (m.{article_column} is null or m.{article_column} in (select article from temp.dual))"
    theirs, ours = (
        f"json_array({', '.join(names)})"
        for names in (
            [values[one] for one in key_columns],
            [f"m.{one}" for one in key_columns],
        )
    )
    sides = (
        ("coming", theirs, f"other.{table} o{translated}", "o", where),
        ("there", ours, f"main.{table} m", "m", existing_where),
    )
    _match_rows(connection, table, sides, order_column, collapse_equal)
    for name, to in links.items():
        if to == table:
            translated += (
                f" left join temp.map_{table} m_{name} on m_{name}.old = o.{name}"
            )
    put = {**values, **(overrides or {})}
    connection.execute(
        f"""insert into main.{table} (id, {", ".join(put)}) select n.new, {", ".join(put.values())}
        from temp.map_{table} n join other.{table} o on o.id = n.old{translated} where not n.held and n.nth = 1 order by n.new"""
    )


def _match_rows(
    connection: sqlite3.Connection,
    table: str,
    sides: Sequence[tuple[str, str, str, str, str]],
    order_column: str,
    collapse_equal: bool,
) -> None:
    """``temp.map_TABLE``. ``sides``: name, what a row says, where rows come from, their prefix, and which of them."""
    for name in ("coming", "there", f"map_{table}"):
        connection.execute(f"drop table if exists temp.{name}")
    for name, said, source, prefix, which in sides:
        connection.execute(
            f"""create temp table {name} as select id, said, row_number() over (partition by said order by {order_column}, id) as nth
            from (select {prefix}.id as id, {prefix}.{order_column} as {order_column if order_column != "id" else "line"}, {said} as said from {source} where {which})"""
        )
    connection.execute("create index temp.there_said on there(said, nth)")
    match = "t.said = c.said and t.nth = " + ("1" if collapse_equal else "c.nth")
    fresh = (
        "dense_rank() over (partition by t.id is null order by c.said)"
        if collapse_equal
        else "row_number() over (partition by t.id is null order by c.id)"
    )
    base = connection.execute(
        f"select coalesce(max(id), 0) from main.{table}"
    ).fetchone()[0]
    connection.execute(
        f"create temp table map_{table} (old integer primary key, new integer not null, held integer not null, nth integer)"
    )
    connection.execute(
        f"""insert into temp.map_{table} select c.id, coalesce(t.id, ? + {fresh}), t.id is not null, {"c.nth" if collapse_equal else "1"}
        from temp.coming c left join temp.there t on {match}""",
        [base],
    )
    connection.execute(f"create index temp.map_{table}_new on map_{table}(new)")


def precedence_condition(
    precedence: Precedence,
    theirs: Mapping[str, str],
    ours: Mapping[str, str],
    tie_breaker: str,
) -> str:
    """The condition that the other archive's row (``o``) is to be believed rather than ours (``m``); ``last`` decides ties."""
    condition = f"{tie_breaker.format(t='o')} > {tie_breaker.format(t='m')}"
    for name, way in reversed(list(precedence)):
        one, two = (
            (f"({name.format(t=t)})" if "{t}" in name else f"coalesce({t}.{name}, '')")
            for t in ("o", "m")
        )
        sign = "<" if way == "min" else ">"
        condition = f"({one} {sign} {two} or ({one} = {two} and {condition}))"
    return condition


def merge_keyed_rows(
    connection: sqlite3.Connection,
    table: str,
    key_column: str,
    precedence: Precedence,
    references: Mapping[str, str] | None = None,
    *,
    min_columns: Sequence[str] = (),
    max_columns: Sequence[str] = (),
    where: str = "true",
) -> None:
    """Rows by their key. Of what both have, the one that comes first in ``order`` is believed; ``least`` and ``most`` are the
    least and the greatest of the two."""
    links = dict(references or {})
    names = [name for name in list_columns(connection, table) if name != "id"]
    values = {name: f"m_{name}.new" if name in links else f"o.{name}" for name in names}
    translated = reference_joins(tuple(sorted(links.items())))
    spans = {**dict.fromkeys(min_columns, "min"), **dict.fromkeys(max_columns, "max")}
    plain = [
        name
        for name in names
        if name != key_column and name not in links and name not in spans
    ]
    tie = "json_array(" + ", ".join(f"{{t}}.{name}" for name in plain) + ")"
    both = f"other.{table} o{translated} join main.{table} m on m.{key_column} = {values[key_column]}"
    connection.execute("drop table if exists temp.won")
    connection.execute(
        f"create temp table won as select o.rowid as old, m.rowid as new from {both} where {where} and {precedence_condition(precedence, {}, {}, tie)}"
    )
    chosen = [name for name in names if name != key_column and name not in spans]
    sets = ", ".join(f"{name} = {values[name]}" for name in chosen)
    spanned = ", ".join(
        f"{name} = case when o.{name} is null then {table}.{name} when {table}.{name} is null then o.{name} else {how}({table}.{name}, o.{name}) end"
        for name, how in spans.items()
    )
    differs = " or ".join(f"{table}.{name} is not o.{name}" for name in spans)
    if chosen:
        connection.execute(
            f"update main.{table} set {sets} from temp.won w join other.{table} o on o.rowid = w.old{translated} where {table}.rowid = w.new"
        )
    if spans:
        connection.execute(
            f"update main.{table} set {spanned} from other.{table} o{translated} where {table}.{key_column} = {values[key_column]} and {where} and ({differs})"
        )
    connection.execute(
        f"""insert into main.{table} ({", ".join(names)}) select {", ".join(values.values())} from other.{table} o{translated}
        where {where} and {values[key_column]} is not null and {values[key_column]} not in (select {key_column} from main.{table}) order by o.rowid"""
    )
