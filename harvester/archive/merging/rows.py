"""Copy rows of the archive attached as ``other`` into the tables of this one.

Rows are told apart by content and numbered anew. ``merge_rows`` is for tables whose
rows have an id, ``merge_keyed_rows`` for those with a key of their own. Both translate
references (column → table): ``temp.map_TABLE`` has ``old`` and ``new`` id of every row,
and ``held`` if we had it before. Does not decide which articles are the same; see
``matching``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Literal

Precedence = Sequence[tuple[str, Literal["min", "max"]]]


def list_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the column names of a table."""
    return [
        row["name"] for row in connection.execute(f'pragma main.table_info("{table}")')
    ]


def select_shared_articles(connection: sqlite3.Connection) -> None:
    """Create ``temp.shared_articles``: in both archives, or twice in the other."""
    connection.execute(
        """
        create temp table shared_articles as
        select new as article from temp.map_articles
        group by new
        having count(*) > 1 or new in (select key from main.articles)
        """
    )
    connection.execute(
        "create unique index temp.shared_articles_article on shared_articles(article)"
    )


def reference_joins(references: Mapping[str, str]) -> str:
    """Return the joins that translate what a row references."""
    return "".join(
        f"\nleft join temp.map_{table} m_{column} on m_{column}.old = o.{column}"
        for column, table in references.items()
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
    """Add the rows that are missing here, as told by ``key_columns``.

    Equal rows are matched one to one in the order of ``order_column``; with
    ``collapse_equal`` all of them match the same row. With ``article_column``, only
    rows of merged articles are taken, and compared with those of
    ``temp.shared_articles``: the column is never null. ``overrides`` (column →
    expression) replace values of new rows; ``n.new`` is the new id.
    """
    references = references or {}
    values = {
        column: f"m_{column}.new" if column in references else f"o.{column}"
        for column in list_columns(connection, table)
        if column != "id"
    }
    # References within the table can be translated only once its rows are matched.
    outward = {
        column: parent for column, parent in references.items() if parent != table
    }
    if article_column:
        where += f" and m_{article_column}.new is not null"
        existing_where += f"""
            and m.{article_column} in (select article from temp.shared_articles)"""
    their_key = ", ".join(values[column] for column in key_columns)
    our_key = ", ".join(f"m.{column}" for column in key_columns)
    _rank_rows(
        connection,
        "their_rows",
        f"""
        select o.id, o.{order_column} as position, json_array({their_key}) as row_key
        from other.{table} o{reference_joins(outward)}
        where {where}
        """,
    )
    _rank_rows(
        connection,
        "our_rows",
        f"""
        select m.id, m.{order_column} as position, json_array({our_key}) as row_key
        from main.{table} m
        where {existing_where}
        """,
    )
    _map_rows(connection, table, collapse_equal)
    new_values = {**values, **(overrides or {})}
    connection.execute(
        f"""
        insert into main.{table} (id, {", ".join(new_values)})
        select n.new, {", ".join(new_values.values())}
        from temp.map_{table} n
        join other.{table} o on o.id = n.old{reference_joins(references)}
        where not n.held and n.nth = 1
        order by n.new
        """
    )


def _rank_rows(connection: sqlite3.Connection, name: str, select: str) -> None:
    """Create a temporary table of rows: id, key, and rank among rows of equal key."""
    connection.execute(f"drop table if exists temp.{name}")
    connection.execute(
        f"""
        create temp table {name} as
        select
            id,
            row_key,
            row_number() over (partition by row_key order by position, id) as nth
        from ({select})
        """
    )


def _map_rows(connection: sqlite3.Connection, table: str, collapse_equal: bool) -> None:
    """Create ``temp.map_TABLE`` from ``temp.their_rows`` and ``temp.our_rows``."""
    connection.execute("create index temp.our_rows_key on our_rows(row_key, nth)")
    if collapse_equal:
        matching_rank, nth = "1", "t.nth"
        offset = "dense_rank() over (partition by m.id is null order by t.row_key)"
    else:
        matching_rank, nth = "t.nth", "1"
        offset = "row_number() over (partition by m.id is null order by t.id)"
    last_id = connection.execute(
        f"select coalesce(max(id), 0) from main.{table}"
    ).fetchone()[0]
    connection.execute(f"drop table if exists temp.map_{table}")
    connection.execute(
        f"""
        create temp table map_{table} (
            old integer primary key,
            new integer not null,
            held integer not null,
            nth integer
        )
        """
    )
    connection.execute(
        f"""
        insert into temp.map_{table}
        select t.id, coalesce(m.id, ? + {offset}), m.id is not null, {nth}
        from temp.their_rows t
        left join temp.our_rows m on m.row_key = t.row_key and m.nth = {matching_rank}
        """,
        [last_id],
    )
    connection.execute(f"create index temp.map_{table}_new on map_{table}(new)")


def _precedence_condition(precedence: Precedence, tie_breaker: str) -> str:
    """Return the condition under which the other's row (``o``) replaces ours (``m``).

    ``{t}`` in an expression stands for the row; ``tie_breaker`` decides what
    ``precedence`` leaves open.
    """
    condition = f"{tie_breaker.format(t='o')} > {tie_breaker.format(t='m')}"
    for expression, direction in reversed(precedence):
        template = (
            f"({expression})"
            if "{t}" in expression
            else f"coalesce({{t}}.{expression}, '')"
        )
        theirs, ours = template.format(t="o"), template.format(t="m")
        sign = "<" if direction == "min" else ">"
        condition = f"({theirs} {sign} {ours} or ({theirs} = {ours} and {condition}))"
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
    """Merge rows by key; of two rows, the one that ``precedence`` prefers counts.

    ``min_columns`` get the smaller value of the two, ``max_columns`` the greater.
    """
    references = references or {}
    columns = [name for name in list_columns(connection, table) if name != "id"]
    values = {
        column: f"m_{column}.new" if column in references else f"o.{column}"
        for column in columns
    }
    key = values[key_column]
    joins = reference_joins(references)
    spans = {**dict.fromkeys(min_columns, "min"), **dict.fromkeys(max_columns, "max")}
    chosen = [name for name in columns if name != key_column and name not in spans]
    if chosen:
        tie_columns = [f"{{t}}.{name}" for name in chosen if name not in references]
        condition = _precedence_condition(
            precedence, f"json_array({', '.join(tie_columns)})"
        )
        connection.execute("drop table if exists temp.winners")
        connection.execute(
            f"""
            create temp table winners as
            select o.rowid as old, m.rowid as new
            from other.{table} o{joins}
            join main.{table} m on m.{key_column} = {key}
            where {where} and {condition}
            """
        )
        connection.execute(
            f"""
            update main.{table}
            set {", ".join(f"{column} = {values[column]}" for column in chosen)}
            from temp.winners w join other.{table} o on o.rowid = w.old{joins}
            where {table}.rowid = w.new
            """
        )
    if spans:
        assignments = ", ".join(
            _span_assignment(table, column, function)
            for column, function in spans.items()
        )
        differs = " or ".join(f"{table}.{name} is not o.{name}" for name in spans)
        connection.execute(
            f"""
            update main.{table}
            set {assignments}
            from other.{table} o{joins}
            where {table}.{key_column} = {key} and {where} and ({differs})
            """
        )
    connection.execute(
        f"""
        insert into main.{table} ({", ".join(columns)})
        select {", ".join(values.values())}
        from other.{table} o{joins}
        where {where} and {key} is not null
            and {key} not in (select {key_column} from main.{table})
        order by o.rowid
        """
    )


def _span_assignment(table: str, column: str, function: str) -> str:
    """Return the assignment of the smaller or greater value; null counts as unknown."""
    return f"""{column} = case
        when o.{column} is null then {table}.{column}
        when {table}.{column} is null then o.{column}
        else {function}({table}.{column}, o.{column})
    end"""
