"""Merge the staging archive of an import, attached as ``other``, into this one.

As ``merge`` does, but ours counts wherever both know a thing: keys, when an article was
first seen, what is due, feeds, hosts, gaps and profiles stay. What is new to us comes
without anything due, and its outlets and feeds are inactive. Takes time in proportion to
what is imported, not to what is here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from harvester.archive.integrity import proof
from harvester.archive.merging import (
    announced,
    merge,
    merged_articles,
    timeline,
)
from harvester.archive.merging.joins import (
    ROW_ID_COLUMNS,
    list_last_check_columns,
)
from harvester.archive.merging.matching import TextMatcher, match_articles
from harvester.archive.merging.merge import MergeResult, Progress
from harvester.archive.merging.rows import (
    list_columns,
    merge_rows,
    reference_joins,
    select_shared_articles,
)
from harvester.errors import ArchiveError

NOT_IMPORTED_REASON = "its page is not in what was imported"
# Tables whose rows an import adds; each has a rowid that grows.
IMPORTED_TABLES = (
    "outlets",
    "feeds",
    "origins",
    "captures",
    "articles",
    "versions",
    "readings",
    "urls",
    "entries",
    "announcements",
    "sightings",
    "changes",
    "events",
    "looks",
    "aliases",
    "joins",
)
# Of a feed that is new to us: what it is. When and how it was read says staging alone.
_FEED_COLUMNS = ("url", "outlet", "section", "site", "kind", "title", "first_seen")
# Of an article's last check, what says when and how to look again: ours, if we have it.
_SCHEDULE_COLUMNS = (
    "due",
    "prompted",
    "looks",
    "attempts",
    "etag",
    "last_modified",
    "site",
    "sign",
    "full_at",
    "dated_by",
)
# Of an article that is new to us: no check is due, and none was made by us.
_UNSCHEDULED = {
    "due": "null",
    "prompted": "0",
    "attempts": "0",
    "etag": "''",
    "last_modified": "''",
}


def merge_import(
    connection: sqlite3.Connection,
    texts_match: TextMatcher,
    digest_address: Callable[[str], str],
    wording_rules: announced.WordingRules,
    now: str,
    report_progress: Progress,
) -> MergeResult:
    """Merge the attached archive, in the caller's transaction.

    The parameters are those of ``merge.merge_archives``. Foreign keys are not enforced
    meanwhile: the rows that were added are checked here. Raises ArchiveError.
    """
    result = MergeResult()
    proof.seal_all(connection, now)
    last_rows = _get_last_rows(connection)
    report_progress("articles")
    merge.exclude_purged(connection, digest_address, result)
    result.joined_articles = match_articles(connection, texts_match, now, True)
    report_progress("captures")
    _add_outlets(connection)
    _merge_captures(connection)
    report_progress("articles and their versions")
    select_shared_articles(connection)
    merged_articles.merge_versions(connection, now)
    merged_articles.merge_readings(connection)
    _merge_articles(connection)
    report_progress("addresses and entries")
    _merge_addresses(connection)
    differing = announced.find_differing_entries(
        connection, wording_rules, merge.NOT_EXCLUDED_SQL
    )
    _merge_entries(connection)
    announced.merge_announcements(connection, wording_rules, differing)
    report_progress("changes and events")
    merge.merge_changes(connection)
    _merge_events(connection)
    _merge_checks(connection)
    timeline.select_articles(connection, ())
    connection.execute(
        "insert into temp.affected_articles select article from temp.shared_articles"
    )
    result.transitions = timeline.rebuild_timelines(connection)
    merge.update_copy_of(
        connection,
        """text_sha256 in (
            select text_sha256 from main.versions
            where article in (select new from temp.map_articles)
        )""",
    )
    result.added_rows = _count_added(connection, last_rows)
    _check_added(connection, last_rows)
    return result


def _get_last_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """The greatest rowid of each table: those that are added come behind it."""
    return {
        table: connection.execute(
            f"select coalesce(max(rowid), 0) from main.{table}"
        ).fetchone()[0]
        for table in IMPORTED_TABLES
    }


def _count_added(
    connection: sqlite3.Connection, last_rows: Mapping[str, int]
) -> dict[str, int]:
    counts = {
        table: connection.execute(
            f"select count(*) from main.{table} where rowid > ?", [last]
        ).fetchone()[0]
        for table, last in last_rows.items()
    }
    return {table: count for table, count in counts.items() if count}


def _check_added(connection: sqlite3.Connection, last_rows: Mapping[str, int]) -> None:
    """Raise ArchiveError if an added row references a missing row."""
    for table, last in last_rows.items():
        for key in connection.execute(f"pragma main.foreign_key_list({table})"):
            column, parent = key["from"], key["table"]
            row = connection.execute(
                f"""
                select t.rowid from main.{table} t
                where t.rowid > ? and t.{column} is not null and not exists (
                    select 1 from main.{parent} p where p.{key["to"]} = t.{column}
                )
                limit 1
                """,
                [last],
            ).fetchone()
            if row is not None:
                raise ArchiveError(
                    f"row {row[0]} of {table} would reference a missing row of "
                    f"{parent}",
                    "nothing was changed; check the archive with `harvest verify`",
                )


def _add_outlets(connection: sqlite3.Connection) -> None:
    """Add outlets and feeds that are unknown here; they are inactive."""
    connection.execute(
        """
        insert into main.outlets (key, name, home, language, active, first_seen)
        select key, name, home, language, 0, first_seen from other.outlets
        where key not in (select key from main.outlets)
        order by rowid
        """
    )
    columns = ", ".join(_FEED_COLUMNS)
    connection.execute(
        f"""
        insert into main.feeds ({columns}, active, since)
        select {columns}, 0, first_seen from other.feeds
        where url not in (select url from main.feeds)
        order by rowid
        """
    )


def _merge_captures(connection: sqlite3.Connection) -> None:
    """Add origins, and captures that we do not have: the same one, once."""
    merge_rows(connection, "origins", ("kind", "name", "sha256"))
    merge_rows(
        connection,
        "captures",
        ("kind", "url", "reached", "at", "status", "sha256"),
        {"first": "captures", "origin": "origins"},
        where="""o.url not in (
            select u.url from other.urls u
            where u.article in (select article from temp.excluded_articles)
        )""",
        # Feeds are received again and again at one URL.
        existing_where="""m.url in (select url from other.captures)
            and m.at between (select min(at) from other.captures)
                and (select max(at) from other.captures)""",
        collapse_equal=True,
        overrides=dict.fromkeys(
            ("crawl", "file", "offset", "length", "body_of", "request"), "null"
        ),
    )


def _merge_articles(connection: sqlite3.Connection) -> None:
    """Add articles that are new to us, and update those that theirs saw later."""
    columns = list_last_check_columns(connection)
    values = {
        column: f"m_{column}.new" if column in ROW_ID_COLUMNS else f"o.{column}"
        for column in columns
    }
    joins = reference_joins(ROW_ID_COLUMNS)
    merged_articles.select_article_sources(connection)
    checked = {
        column: value
        for column, value in values.items()
        if column not in _SCHEDULE_COLUMNS
    }
    # Without validators the next check gets a body, which ours would no longer tell.
    validators = ", ".join(
        f"{column} = iif(articles.sha256 = o.sha256, articles.{column}, '')"
        for column in ("etag", "last_modified")
    )
    assignments = ", ".join(f"{column} = {value}" for column, value in checked.items())
    connection.execute(
        f"""
        update main.articles set {assignments}, {validators}
        from temp.last_checked l join other.articles o on o.key = l.old{joins}
        where articles.key = l.new and o.looked > articles.looked
        """
    )
    connection.execute(
        """
        update main.articles set last_seen = s.last_seen
        from temp.article_spans s
        where articles.key = s.new and s.last_seen > articles.last_seen
        """
    )
    values |= _UNSCHEDULED
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


def _merge_addresses(connection: sqlite3.Connection) -> None:
    """Add addresses; of those that we have, when they were seen."""
    connection.execute(
        """
        update main.urls set
            first_seen = min(urls.first_seen, o.first_seen),
            last_seen = max(urls.last_seen, o.last_seen)
        from other.urls o
        where urls.address = o.address
            and (o.first_seen < urls.first_seen or o.last_seen > urls.last_seen)
            and o.article not in (select article from temp.excluded_articles)
        """
    )
    columns = list_columns(connection, "urls")
    values = ["a.new" if name == "article" else f"o.{name}" for name in columns]
    connection.execute(
        f"""
        insert into main.urls ({", ".join(columns)})
        select {", ".join(values)}
        from other.urls o join temp.map_articles a on a.old = o.article
        where o.address not in (select address from main.urls)
        order by o.rowid
        """
    )


def _merge_entries(connection: sqlite3.Connection) -> None:
    """Add entries that are new to us: settled, whatever became of them there.

    An entry of ours that is settled without an article gets the one that was imported.
    """
    connection.execute(
        """
        update main.entries set
            article = a.new, outcome = o.outcome, reason = o.reason
        from other.entries o join temp.map_articles a on a.old = o.article
        where entries.key = o.key and entries.article is null and entries.due is null
        """
    )
    columns = [name for name in list_columns(connection, "entries") if name != "id"]
    is_open = "(o.article is null and o.outcome = 'waiting')"
    overrides = {
        "article": "a.new",
        "due": "null",
        "attempts": "0",
        "outcome": f"iif({is_open}, 'failed', o.outcome)",
        "reason": f"iif({is_open}, '{NOT_IMPORTED_REASON}', o.reason)",
    }
    values = [overrides.get(name, f"o.{name}") for name in columns]
    connection.execute(
        f"""
        insert into main.entries ({", ".join(columns)})
        select {", ".join(values)}
        from other.entries o left join temp.map_articles a on a.old = o.article
        where {merge.NOT_EXCLUDED_SQL}
            and o.key not in (select key from main.entries)
        order by o.id
        """
    )


def _merge_events(connection: sqlite3.Connection) -> None:
    """Add events of articles, and of what feeds announced; not those of feeds."""
    merge_rows(
        connection,
        "events",
        merge.EVENT_KEY,
        merge.EVENT_REFERENCES,
        where="""(
            m_article.new is not null
            or (o.article is null and m_announcement.new is not null)
        )""",
        existing_where="""(
            m.article in (select article from temp.shared_articles)
            or m.announcement in (select new from temp.map_announcements)
        )""",
    )
    announced.drop_repeated_events(connection)


def _merge_checks(connection: sqlite3.Connection) -> None:
    merge_rows(
        connection,
        "looks",
        ("article", "at", "outcome"),
        {"article": "articles", "capture": "captures"},
        "article",
    )
