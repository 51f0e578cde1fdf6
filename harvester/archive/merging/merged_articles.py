"""Merge articles that both archives know, with their versions and readings.

Says which archive counts where they disagree. The other archive is attached as
``other``; ``matching`` has decided which of its articles are which of ours.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from harvester.archive.merging.joins import (
    ROW_ID_COLUMNS,
    last_check_expression,
    list_last_check_columns,
    merge_equal_versions,
)
from harvester.archive.merging.rows import list_columns, merge_rows, reference_joins

# Tells the readings of one version apart, and which of two archives read it last.
_READING_ORDER_SQL = """json_array(
    {t}.at, {t}.source, {t}.extractor, {t}.rules, {t}.profile, {t}.wording
)"""
# Columns of a version that do not depend on how it was read last.
_LASTING_VERSION_COLUMNS = (
    "id",
    "article",
    "number",
    "sha256",
    "first_seen",
    "last_seen",
    "capture",
)


def merge_versions(connection: sqlite3.Connection, now: str) -> None:
    """Merge versions by digest; within an article, those with equal wording too."""
    merge_rows(
        connection,
        "versions",
        ("article", "sha256"),
        {"article": "articles", "capture": "captures"},
        "article",
        collapse_equal=True,
        overrides={
            "number": """iif(
                m_article.new in (select article from temp.shared_articles),
                -n.new,
                o.number
            )"""
        },
    )
    _update_shown_versions(connection)
    _update_version_spans(connection)
    pairs = connection.execute(
        """
        select first, id from (
            select id, first_value(id) over (
                partition by article, wording order by first_seen, sha256
            ) as first
            from main.versions
            where article in (select article from temp.shared_articles)
        )
        where first <> id
        """
    ).fetchall()
    merge_equal_versions(connection, [(row[0], row[1]) for row in pairs], now)
    if pairs:
        connection.execute(
            """
            update temp.map_versions
            set new = (select new from temp.moved where old = map_versions.new)
            where new in (select old from temp.moved)
            """
        )


def _update_shown_versions(connection: sqlite3.Connection) -> None:
    """Show a version that both hold as it was read last."""
    columns = [
        column
        for column in list_columns(connection, "versions")
        if column not in _LASTING_VERSION_COLUMNS
    ]
    last_reading = """coalesce((
        select max({order}) from {schema}.readings r
        where r.version = {version} and r.source <> 'feed-compared'
    ), '')"""
    order = _READING_ORDER_SQL.format(t="r")
    theirs = last_reading.format(order=order, schema="other", version="o.id")
    ours = last_reading.format(order=order, schema="main", version="v.id")
    content_columns = (f"{{t}}.{column}" for column in ("last_seen", *columns))
    content = f"json_array({', '.join(content_columns)})"
    differs = " or ".join(f"v.{column} is not o.{column}" for column in columns)
    connection.execute(
        f"""
        create temp table reshown as
        select v.id, o.id as old
        from temp.map_versions m
        join main.versions v on v.id = m.new
        join other.versions o on o.id = m.old
        where m.held and ({differs}) and
            ({theirs}, {content.format(t="o")}) > ({ours}, {content.format(t="v")})
        """
    )
    connection.execute(
        f"""
        update main.versions
        set {", ".join(f"{column} = o.{column}" for column in columns)}
        from temp.reshown s join other.versions o on o.id = s.old
        where versions.id = s.id
        """
    )


def _update_version_spans(connection: sqlite3.Connection) -> None:
    """Give versions the earliest and latest time of both, and the earliest capture."""
    connection.execute(
        """
        create temp table their_spans as
        select
            new, first_seen, last_seen,
            first_capture ->> 1 as capture_key,
            first_capture ->> 2 as capture
        from (
            select
                m.new,
                min(o.first_seen) as first_seen,
                max(o.last_seen) as last_seen,
                min(json_array(
                    o.first_seen, json_array(a.sha256, a.url), c.new
                )) as first_capture
            from temp.map_versions m
            join other.versions o on o.id = m.old
            left join other.captures a on a.id = o.capture
            left join temp.map_captures c on c.old = o.capture
            group by m.new
        )
        """
    )
    connection.execute(
        """
        update main.versions set capture = t.capture
        from temp.their_spans t
        where versions.id = t.new and (
            t.first_seen < versions.first_seen
            or (t.first_seen = versions.first_seen and t.capture_key < (
                select json_array(c.sha256, c.url) from main.captures c
                where c.id = versions.capture
            ))
        )
        """
    )
    connection.execute(
        """
        update main.versions set
            first_seen = min(versions.first_seen, t.first_seen),
            last_seen = max(versions.last_seen, t.last_seen)
        from temp.their_spans t
        where versions.id = t.new and (
            versions.first_seen > t.first_seen or versions.last_seen < t.last_seen
        )
        """
    )


def merge_readings(connection: sqlite3.Connection) -> None:
    """Merge readings."""
    merge_rows(
        connection,
        "readings",
        (
            "version",
            "capture",
            "source",
            "extractor",
            "rules",
            "profile",
            "wording",
            "at",
        ),
        {"article": "articles", "version": "versions", "capture": "captures"},
        "article",
    )
    _renumber_latest_readings(connection)


def _renumber_latest_readings(connection: sqlite3.Connection) -> None:
    """Give the latest reading of each version the greatest id: that one is shown."""
    connection.execute(
        f"""
        create temp table moved_readings as
        select id, row_number() over (order by id) as position
        from (
            select
                r.id,
                row_number() over (
                    partition by r.version
                    order by {_READING_ORDER_SQL.format(t="r")} desc, r.id desc
                ) as nth,
                max(r.id) over (partition by r.version) as last
            from main.readings r
            where r.article in (select article from temp.shared_articles)
                and r.source <> 'feed-compared'
        )
        where nth = 1 and id <> last
        """
    )
    connection.execute(
        "create unique index temp.moved_readings_id on moved_readings(id)"
    )
    if not connection.execute("select 1 from temp.moved_readings").fetchone():
        return
    last_id = connection.execute(
        "select coalesce(max(id), 0) from main.readings"
    ).fetchone()[0]
    for schema, table, column in (
        ("main", "articles", "reading"),
        ("main", "readings", "id"),
        ("temp", "map_readings", "new"),
    ):
        connection.execute(
            f"""
            update {schema}.{table} set {column} = ? + (
                select r.position from temp.moved_readings r
                where r.id = {table}.{column}
            )
            where {column} in (select id from temp.moved_readings)
            """,
            [last_id],
        )


def merge_articles(connection: sqlite3.Connection) -> None:
    """Merge the articles' rows.

    The last check counts for most columns, the outlet is the first one known, and first
    and last seen span both archives.
    """
    values = {
        column: f"m_{column}.new" if column in ROW_ID_COLUMNS else f"o.{column}"
        for column in list_last_check_columns(connection)
    }
    joins = reference_joins(ROW_ID_COLUMNS)
    select_article_sources(connection)
    _update_articles(connection, values, joins)
    connection.execute(
        f"""
        insert into main.articles (
            key, first_seen, last_seen, outlet, version, versions, copy_of, born,
            {", ".join(values)}
        )
        select
            l.new, s.first_seen, s.last_seen, s.outlet, o.version, o.versions,
            coalesce(c.new, s.copy_of), s.born, {", ".join(values.values())}
        from temp.last_checked l
        join other.articles o on o.key = l.old
        join temp.article_spans s on s.new = l.new
        left join temp.map_articles c on c.old = s.copy_of{joins}
        where l.new not in (select key from main.articles)
        order by o.id
        """
    )


def select_article_sources(connection: sqlite3.Connection) -> None:
    """Select what the other archive, which may know it by several keys, says of each.

    ``temp.last_checked`` has the row checked last, ``temp.article_spans`` the times.
    """
    their_check = last_check_expression(connection, "o")
    connection.execute(
        f"""
        create temp table last_checked as
        select new, old from (
            select m.new, m.old, row_number() over (
                partition by m.new order by {their_check} desc
            ) as nth
            from temp.map_articles m join other.articles o on o.key = m.old
        )
        where nth = 1
        """
    )
    connection.execute("create unique index temp.last_checked_new on last_checked(new)")
    connection.execute(
        """
        create temp table article_spans as
        select
            m.new,
            min(o.first_seen) as first_seen,
            max(o.last_seen) as last_seen,
            min(json_array(o.first_seen, o.outlet)) ->> 1 as outlet,
            max(o.copy_of) as copy_of,
            min(o.born) as born
        from temp.map_articles m join other.articles o on o.key = m.old
        group by m.new
        """
    )
    connection.execute(
        "create unique index temp.article_spans_new on article_spans(new)"
    )


def _update_articles(
    connection: sqlite3.Connection, values: Mapping[str, str], joins: str
) -> None:
    """Update articles that we have; ``values`` are those of the last check."""
    assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
    their_check = last_check_expression(connection, "o")
    our_check = last_check_expression(connection, "articles")
    connection.execute(
        f"""
        update main.articles set {assignments}
        from temp.last_checked l join other.articles o on o.key = l.old{joins}
        where articles.key = l.new and {their_check} > {our_check}
        """
    )
    connection.execute(
        """
        update main.articles set
            outlet = iif(
                json_array(s.first_seen, s.outlet)
                    < json_array(articles.first_seen, articles.outlet),
                s.outlet,
                articles.outlet
            ),
            first_seen = min(articles.first_seen, s.first_seen),
            last_seen = max(articles.last_seen, s.last_seen),
            born = min(coalesce(articles.born, s.born), coalesce(s.born, articles.born))
        from temp.article_spans s
        where articles.key = s.new
        """
    )
