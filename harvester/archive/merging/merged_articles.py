"""Articles that two archives know, with their versions and readings: what each of them says, and which of them is believed.

The other archive is attached as ``other``, see ``merge``; which of its articles are which of ours says ``meeting``.
"""

from __future__ import annotations

import sqlite3

from harvester.archive.merging.rows import list_columns, merge_rows
from harvester.archive.records.joins import (
    ROW_ID_COLUMNS,
    last_check_expression,
    list_last_check_columns,
    merge_equal_versions,
)


def merge_versions(connection: sqlite3.Connection, now: str) -> None:
    """By article and lasting name; those of one article that read the same today are one."""
    merge_rows(
        connection, "versions", ("article", "sha256"), {"article": "articles", "capture": "captures"}, "article", collapse_equal=True,
        overrides={"number": "iif(m_article.new in (select article from temp.dual), -n.new, o.number)"},
    )  # fmt: skip
    _update_shown_versions(connection)
    connection.execute(
        """create temp table sooner as select new, first_seen, last_seen, said ->> 1 as said, said ->> 2 as capture from (
            select m.new, min(o.first_seen) as first_seen, max(o.last_seen) as last_seen,
                min(json_array(o.first_seen, json_array(a.sha256, a.url), c.new)) as said
            from temp.map_versions m join other.versions o on o.id = m.old
            left join other.captures a on a.id = o.capture left join temp.map_captures c on c.old = o.capture group by m.new)"""
    )
    connection.execute(
        """update main.versions set capture = x.capture from temp.sooner x where versions.id = x.new
        and (x.first_seen < versions.first_seen or (x.first_seen = versions.first_seen and x.said <
            (select json_array(c.sha256, c.url) from main.captures c where c.id = versions.capture)))"""
    )
    connection.execute(
        """update main.versions set first_seen = min(versions.first_seen, x.first_seen), last_seen = max(versions.last_seen, x.last_seen)
        from temp.sooner x where versions.id = x.new
        and (versions.first_seen > x.first_seen or versions.last_seen < x.last_seen)"""
    )
    pairs = connection.execute(
        """select first, id from (select id, first_value(id) over (partition by article, wording order by first_seen, sha256) as first
        from main.versions where article in (select article from temp.dual)) where first <> id"""
    ).fetchall()
    merge_equal_versions(connection, [(row[0], row[1]) for row in pairs], now)
    if pairs:
        connection.execute(
            "update temp.map_versions set new = (select new from temp.moved where old = map_versions.new) where new in (select old from temp.moved)"
        )


# What tells the readings of one version apart, and which of two archives read it last.
_READING_ORDER_SQL = (
    "json_array({t}.at, {t}.source, {t}.extractor, {t}.rules, {t}.profile, {t}.wording)"
)


def _update_shown_versions(connection: sqlite3.Connection) -> None:
    """A version that both hold is shown as it was read last."""
    chosen = [
        name
        for name in list_columns(connection, "versions")
        if name
        not in (
            "id",
            "article",
            "number",
            "sha256",
            "first_seen",
            "last_seen",
            "capture",
        )
    ]
    last = """(select max({read}) from {schema}.readings r where r.version = {version} and r.source <> 'feed-compared')"""
    mine = last.format(
        read=_READING_ORDER_SQL.format(t="r"), schema="main", version="v.id"
    )
    theirs = last.format(
        read=_READING_ORDER_SQL.format(t="r"), schema="other", version="o.id"
    )
    said = "json_array({t}.last_seen, {t}." + ", {t}.".join(chosen) + ")"
    sets = ", ".join(f"{name} = o.{name}" for name in chosen)
    differs = " or ".join(f"v.{name} is not o.{name}" for name in chosen)
    connection.execute(
        f"""create temp table shown as select v.id, o.id as old from temp.map_versions m
        join main.versions v on v.id = m.new join other.versions o on o.id = m.old
        where m.held and ({differs})
        and (coalesce({theirs}, ''), {said.format(t="o")}) > (coalesce({mine}, ''), {said.format(t="v")})"""
    )
    connection.execute(
        f"update main.versions set {sets} from temp.shown s join other.versions o on o.id = s.old where versions.id = s.id"
    )


def merge_readings(connection: sqlite3.Connection) -> None:
    """The reading with the greatest number is the one that is shown: those of versions that both read are put in order."""
    merge_rows(
        connection, "readings", ("version", "capture", "source", "extractor", "rules", "profile", "wording", "at"),
        {"article": "articles", "version": "versions", "capture": "captures"}, "article",
    )  # fmt: skip
    connection.execute(
        f"""create temp table late as select id, row_number() over (order by id) as place from (
            select r.id, row_number() over (partition by r.version order by {_READING_ORDER_SQL.format(t="r")} desc, r.id desc) as nth,
                max(r.id) over (partition by r.version) as last
            from main.readings r where r.article in (select article from temp.dual) and r.source <> 'feed-compared')
        where nth = 1 and id <> last"""
    )
    connection.execute("create unique index temp.late_id on late(id)")
    base = connection.execute(
        "select coalesce(max(id), 0) from main.readings"
    ).fetchone()[0]
    moved = "(select ? + l.place from temp.late l where l.id = {table}.{column})"
    for table, column in (("articles", "reading"), ("readings", "id")):
        connection.execute(
            f"update main.{table} set {column} = {moved.format(table=table, column=column)} where {column} in (select id from temp.late)",
            [base],
        )
    connection.execute(
        "update temp.map_readings set new = ? + (select place from temp.late where id = new) where new in (select id from temp.late)",
        [base],
    )


def merge_articles(connection: sqlite3.Connection) -> None:
    """What an article's last look said; first and last seen; its outlet as first known."""
    names = list_last_check_columns(connection)
    values = [
        f"m_{name}.new" if name in ROW_ID_COLUMNS else f"o.{name}" for name in names
    ]
    joins = "".join(
        f" left join temp.map_{table} m_{name} on m_{name}.old = o.{name}"
        for name, table in ROW_ID_COLUMNS.items()
    )
    connection.execute(
        f"""create temp table best as select new, old from (select m.new, m.old, row_number() over (
            partition by m.new order by {last_check_expression(connection, "o")} desc) as nth
        from temp.map_articles m join other.articles o on o.key = m.old) where nth = 1"""
    )
    connection.execute("create unique index temp.best_new on best(new)")
    connection.execute(
        """create temp table span as select m.new, min(o.first_seen) as first_seen, max(o.last_seen) as last_seen,
        min(json_array(o.first_seen, o.outlet)) ->> 1 as outlet, max(o.copy_of) as copy_of, min(o.born) as born
        from temp.map_articles m join other.articles o on o.key = m.old group by m.new"""
    )
    connection.execute("create unique index temp.span_new on span(new)")
    sets = ", ".join(
        f"{name} = {value}" for name, value in zip(names, values, strict=True)
    )
    connection.execute(
        f"""update main.articles set {sets} from temp.best b join other.articles o on o.key = b.old{joins}
        where articles.key = b.new and {last_check_expression(connection, "o")} > {last_check_expression(connection, "articles")}"""
    )
    connection.execute(
        """update main.articles set outlet = iif(json_array(s.first_seen, s.outlet) < json_array(articles.first_seen, articles.outlet),
            s.outlet, articles.outlet), first_seen = min(articles.first_seen, s.first_seen), last_seen = max(articles.last_seen, s.last_seen),
            born = min(coalesce(articles.born, s.born), coalesce(s.born, articles.born))
        from temp.span s where articles.key = s.new"""
    )
    connection.execute(
        f"""insert into main.articles (key, first_seen, last_seen, outlet, version, versions, copy_of, born, {", ".join(names)})
        select b.new, s.first_seen, s.last_seen, s.outlet, o.version, o.versions, coalesce(c.new, s.copy_of), s.born, {", ".join(values)}
        from temp.best b join other.articles o on o.key = b.old join temp.span s on s.new = b.new
        left join temp.map_articles c on c.old = s.copy_of{joins}
        where b.new not in (select key from main.articles) order by o.id"""
    )
