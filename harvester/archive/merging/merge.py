"""Merge the archive attached as ``other`` into this one.

The result has everything that either archive knows, once. Rows are told apart by
content, never by their numbers: the result is the same in either order, and merging the
same archive twice changes nothing. Where both know a thing, times are the earliest and
the latest, and what can have one value only (an article's last check, a feed's last
poll) comes from the archive that saw it last, ties by bytes.

Works on sets of rows; only what needs a decision about texts goes one by one (see
``matching``), and that decision is passed in. Does not copy WARC files; see
``warc_copies``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.archive.integrity import proof
from harvester.archive.merging import (
    announced,
    merged_articles,
    merged_gaps,
    timeline,
)
from harvester.archive.merging.matching import TextMatcher, match_articles
from harvester.archive.merging.rows import (
    merge_keyed_rows,
    merge_rows,
    select_shared_articles,
)
from harvester.archive.records.counts import COUNT_TABLES
from harvester.archive.records.word_forms import WORD_TABLES

Progress = Callable[[str], None]

# Derived from the versions by whoever needs them, or about this file alone.
EXCLUDED_TABLES = (
    "shingles",
    "samples",
    "unsampled",
    *WORD_TABLES,
    "copies",
    "clusters",
    "seals",
    "days",
    "chains",
    "leftovers",
    "joins",
    "aliases",
    "apart",
    *COUNT_TABLES,
    "alert_events",
    "deliveries",
)


@dataclass(slots=True)
class MergeResult:
    """What a merge did."""

    added_rows: dict[str, int] = field(default_factory=dict)  # table → rows
    joined_articles: int = 0  # were known under several keys
    # Keys of articles purged here, and so not taken over.
    blocked_keys: list[str] = field(default_factory=list)
    # Keys of articles held here that were purged there.
    keys_purged_in_other: list[str] = field(default_factory=list)
    # Neighbouring versions that have not been compared yet.
    transitions: list[timeline.Transition] = field(default_factory=list)


def merge_archives(
    connection: sqlite3.Connection,
    texts_match: TextMatcher,
    digest_address: Callable[[str], str],
    wording_rules: announced.WordingRules,
    now: str,
    report_progress: Progress,
) -> MergeResult:
    """Merge the attached archive, in the caller's transaction.

    Foreign keys are not enforced meanwhile; the caller checks them. ``texts_match``
    says whether two lists of (title, text) are of one article, ``digest_address`` maps
    an address to its digest in ``barred``; ``wording_rules`` compare what feeds announced.
    """
    result = MergeResult()
    proof.seal_all(connection, now)
    report_progress("articles")
    exclude_purged(connection, digest_address, result)
    result.joined_articles = match_articles(connection, texts_match, now)
    rows_before = _count_rows(connection)
    report_progress("captures")
    _merge_outlets(connection)
    _merge_captures(connection)
    report_progress("articles and their versions")
    select_shared_articles(connection)
    merged_articles.merge_versions(connection, now)
    merged_articles.merge_readings(connection)
    merged_articles.merge_articles(connection)
    report_progress("addresses and entries")
    _merge_addresses(connection)
    differing = announced.find_differing_entries(
        connection, wording_rules, NOT_EXCLUDED_SQL
    )
    _merge_entries(connection)
    announced.merge_announcements(connection, wording_rules, differing)
    report_progress("changes and events")
    merge_changes(connection)
    _merge_events(connection)
    report_progress("the rest")
    _merge_remaining(connection)
    timeline.select_articles(connection, ())
    connection.execute(
        "insert into temp.affected_articles select article from temp.shared_articles"
    )
    result.transitions = timeline.rebuild_timelines(connection)
    update_copy_of(connection)
    rows_after = _count_rows(connection)
    result.added_rows = {
        table: rows_after[table] - rows_before[table]
        for table in rows_after
        if rows_after[table] != rows_before[table]
    }
    proof.add_chain_head(connection, "other", now)
    proof.seal_all(connection, now, now[:10])
    return result


def _count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        """
        select name from main.sqlite_master
        where type = 'table' and sql not like 'create virtual%'
            and name not like 'sqlite_%' and name not glob '*_fts*'
            and name not like '_sqlite%'
        """
    ).fetchall()
    return {
        table: connection.execute(f'select count(*) from main."{table}"').fetchone()[0]
        for (table,) in tables
        if table not in EXCLUDED_TABLES
    }


def exclude_purged(
    connection: sqlite3.Connection,
    digest_address: Callable[[str], str],
    result: MergeResult,
) -> None:
    """Keep out what was purged here, and report what was purged there and is held here.

    Fills ``temp.excluded_articles`` with keys of the other archive.
    """
    connection.create_function("address_digest", 1, digest_address, deterministic=True)
    connection.execute(
        "create temp table excluded_articles (article text primary key) without rowid"
    )
    if connection.execute("select 1 from main.barred limit 1").fetchone():
        connection.execute(
            """
            insert or ignore into temp.excluded_articles
            select u.article from other.urls u
            where address_digest(u.address) in (select digest from main.barred)
            """
        )
        connection.execute(
            """
            insert or ignore into temp.excluded_articles
            select key from other.articles
            where key in (select article from main.tombstones where kind = 'purge')
            """
        )
    rows = connection.execute("select article from temp.excluded_articles order by 1")
    result.blocked_keys = [row[0] for row in rows]
    rows = connection.execute(
        """
        select distinct article from other.tombstones
        where kind = 'purge' and article in (select key from main.articles)
        order by 1
        """
    )
    result.keys_purged_in_other = [row[0] for row in rows]


def _merge_outlets(connection: sqlite3.Connection) -> None:
    unwatched = merged_gaps.find_unwatched_times(connection)
    merge_keyed_rows(
        connection,
        "outlets",
        "key",
        [("first_seen", "min")],
        min_columns=("first_seen",),
        max_columns=("active",),
    )
    merge_keyed_rows(
        connection,
        "feeds",
        "url",
        [("polled", "max"), ("first_seen", "min")],
        min_columns=("first_seen", "watched_since"),
        max_columns=("active",),
    )
    merged_gaps.merge_gaps(connection, unwatched)
    # What ran there goes on when a person says so.
    merge_rows(
        connection,
        "backfills",
        ("outlet", "since", "started"),
        overrides={"state": "iif(o.state = 'running', 'stopped', o.state)"},
    )
    merge_rows(
        connection,
        "backfill_requests",
        ("backfill", "url"),
        {"backfill": "backfills"},
    )
    merge_keyed_rows(
        connection,
        "hosts",
        "origin",
        [("robots_at", "max")],
        max_columns=("not_before", "failures", "limited_seconds"),
    )


def _merge_captures(connection: sqlite3.Connection) -> None:
    merge_rows(connection, "crawls", ("started", "program", "ended"))
    merge_rows(connection, "origins", ("kind", "name", "sha256"))
    merge_rows(
        connection,
        "captures",
        ("kind", "url", "reached", "at", "status", "sha256", "outlet"),
        {"crawl": "crawls", "first": "captures", "origin": "origins"},
        where="""o.url not in (
            select u.url from other.urls u
            where u.article in (select article from temp.excluded_articles)
        )""",
        # Where records are, and what they refer to, is known once they are copied.
        overrides=dict.fromkeys(
            ("file", "offset", "length", "body_of", "request"), "null"
        ),
    )
    # Captures that both hold: add what only the other one knows of them, and its body
    # where we keep none.
    connection.execute(
        """
        update main.captures set
            page = max(captures.page, o.page),
            text = max(captures.text, o.text),
            ip = max(captures.ip, o.ip),
            reserved = max(captures.reserved, o.reserved),
            first = coalesce(captures.first, f.new),
            body = coalesce(captures.body, o.body),
            thinned = iif(
                captures.file is null,
                min(coalesce(captures.thinned, o.thinned), coalesce(o.thinned, captures.thinned)),
                null
            )
        from temp.map_captures m
        join other.captures o on o.id = m.old
        left join temp.map_captures f on f.old = o.first
        where captures.id = m.new and m.held and (
            captures.page < o.page
            or captures.text < o.text
            or captures.ip < o.ip
            or captures.reserved < o.reserved
            or (captures.first is null and f.new is not null)
            or (captures.body is null and o.body is not null)
            or (captures.file is null and o.thinned is not null)
        )
        """
    )


# Of an entry of the other archive: its article was not purged here.
NOT_EXCLUDED_SQL = """(
    coalesce(o.article, '') not in (select article from temp.excluded_articles)
    and o.address not in (
        select u.address from other.urls u
        where u.article in (select article from temp.excluded_articles)
    )
)"""


def _merge_addresses(connection: sqlite3.Connection) -> None:
    rank = "case when {t}.kind = 'shared' then 1 when {t}.stood then 0 else 2 end"
    merge_keyed_rows(
        connection,
        "urls",
        "address",
        [(rank, "min"), ("first_seen", "min")],
        {"article": "articles"},
        min_columns=("first_seen",),
        max_columns=("last_seen",),
        where="o.article not in (select article from temp.excluded_articles)",
    )


def _merge_entries(connection: sqlite3.Connection) -> None:
    merge_keyed_rows(
        connection,
        "entries",
        "key",
        [("{t}.article is not null", "max"), ("last_seen", "max")],
        {"article": "articles", "backfill": "backfills"},
        min_columns=("first_seen",),
        max_columns=("last_seen", "unkept"),
        where=NOT_EXCLUDED_SQL,
    )


def merge_changes(connection: sqlite3.Connection) -> None:
    """Merge sightings and changes.

    Changes of fields alone are the same if they say the same; the earlier time counts.
    Other changes are the same only if they have the same time too.
    """
    merge_rows(
        connection,
        "sightings",
        ("version", "since", "until"),
        {"article": "articles", "version": "versions"},
        "article",
    )
    references = {"article": "articles", "before": "versions", "after": "versions"}
    merge_rows(
        connection,
        "changes",
        ("article", "at", "kind", "before", "after"),
        references,
        "article",
        where="o.kind <> 'fields'",
    )
    connection.execute("alter table temp.map_changes rename to map_text_changes")
    connection.execute("drop index temp.map_changes_new")
    merge_rows(
        connection,
        "changes",
        ("article", "before", "fields"),
        references,
        "article",
        where="o.kind = 'fields'",
        existing_where="m.kind = 'fields'",
        order_column="at",
    )
    connection.execute(
        """
        update main.changes set at = o.at
        from temp.map_changes m join other.changes o on o.id = m.old
        where changes.id = m.new and m.held and o.at < changes.at
        """
    )
    connection.execute(
        "insert into temp.map_changes select * from temp.map_text_changes"
    )


EVENT_KEY = (
    "at",
    "kind",
    "outlet",
    "article",
    "feed",
    "note",
    "change",
    "announcement",
)
EVENT_REFERENCES = {
    "article": "articles",
    "change": "changes",
    "announcement": "announcements",
}


def _merge_events(connection: sqlite3.Connection) -> None:
    merge_rows(
        connection,
        "events",
        EVENT_KEY,
        EVENT_REFERENCES,
        where="""(o.article is null or m_article.new is not null)
            and (o.announcement is null or m_announcement.new is not null)""",
        existing_where="""(
            m.article is null or m.article in (select article from temp.shared_articles)
        )""",
    )
    announced.drop_repeated_events(connection)


def _merge_remaining(connection: sqlite3.Connection) -> None:
    merge_rows(
        connection,
        "looks",
        ("article", "at", "outcome"),
        {"article": "articles", "capture": "captures"},
        "article",
    )
    merge_rows(
        connection,
        "tombstones",
        ("article", "at", "why"),
        where="o.kind = 'purge'",
        existing_where="m.kind = 'purge'",
    )
    connection.execute(
        """
        insert or ignore into main.barred (digest, tombstone)
        select b.digest, m.new
        from other.barred b join temp.map_tombstones m on m.old = b.tombstone
        """
    )
    _merge_labels(connection)
    _merge_profiles(connection)
    merge_keyed_rows(
        connection,
        "watches",
        "article",
        [("until", "max")],
        {"article": "articles"},
        min_columns=("since",),
        max_columns=("until",),
    )
    connection.execute(
        """
        insert into main.rhythms (outlet, part, tried, found)
        select outlet, part, tried, found from other.rhythms where true
        on conflict (outlet, part) do update
        set tried = excluded.tried, found = excluded.found
        where (excluded.tried, excluded.found) > (tried, found)
        """
    )


def _merge_labels(connection: sqlite3.Connection) -> None:
    connection.execute(
        """
        insert into main.labels (article, capture, place, mark, wanted, at)
        select a.new, c.new, o.place, o.mark, o.wanted, o.at
        from other.labels o
        join temp.map_articles a on a.old = o.article
        join temp.map_captures c on c.old = o.capture
        where true
        on conflict (capture, place) do update
        set mark = excluded.mark, wanted = excluded.wanted, at = excluded.at
        where (excluded.at, excluded.wanted) > (at, wanted)
        """
    )


def _merge_profiles(connection: sqlite3.Connection) -> None:
    """Merge profiles; if both archives have some, number them in order of time."""
    connection.execute(
        """
        create temp table shared_outlets as
        select distinct outlet from main.profiles
        where outlet in (select outlet from other.profiles)
        """
    )
    merge_rows(
        connection,
        "profiles",
        ("outlet", "name"),
        {},
        overrides={
            "number": """iif(
                o.outlet in (select outlet from temp.shared_outlets), -n.new, o.number
            )"""
        },
        order_column="at",
    )
    connection.execute(
        """
        update main.profiles set at = o.at
        from temp.map_profiles m join other.profiles o on o.id = m.old
        where profiles.id = m.new and m.held and o.at > profiles.at
        """
    )
    # In two steps: no two profiles of an outlet may have one number, even for a moment.
    connection.execute(
        """
        update main.profiles set number = -id
        where outlet in (select outlet from temp.shared_outlets)
        """
    )
    connection.execute(
        """
        create temp table ranked_profiles as
        select id, row_number() over (partition by outlet order by at, name) as position
        from main.profiles
        where outlet in (select outlet from temp.shared_outlets)
        """
    )
    connection.execute(
        """
        update main.profiles set number = (
            select position from temp.ranked_profiles r where r.id = profiles.id
        )
        where outlet in (select outlet from temp.shared_outlets)
        """
    )


def update_copy_of(connection: sqlite3.Connection, among: str = "true") -> None:
    """Point copies to the article that had the text first; it may have changed.

    ``among``: a condition on ``text_sha256``, of the texts that may have another first.
    """
    connection.execute(
        f"""
        create temp table shared_texts as
        select
            v.article,
            v.text_sha256 as text,
            a.first_seen,
            min(v.number) = 1 as first
        from main.versions v
        join main.articles a on a.key = v.article
        where v.text_sha256 <> '' and v.text_sha256 in (
            select text_sha256 from main.versions
            where text_sha256 <> '' and {among}
            group by text_sha256
            having count(distinct article) > 1
        )
        group by v.article, v.text_sha256, a.first_seen
        """
    )
    connection.execute(
        "create index temp.shared_texts_text on shared_texts(text, first_seen, article)"
    )
    connection.execute(
        """
        create temp table first_publishers as
        select s.article, (
            select o.article from temp.shared_texts o where o.text = s.text
            order by o.first_seen, o.article limit 1
        ) as origin
        from temp.shared_texts s
        where s.first
        """
    )
    connection.execute(
        """
        update main.articles set copy_of = nullif(o.origin, articles.key)
        from temp.first_publishers o
        where articles.key = o.article
            and articles.copy_of is not nullif(o.origin, articles.key)
        """
    )
