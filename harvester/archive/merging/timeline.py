"""Derive order, current version and changes of articles from their sightings.

Needed once versions of an article come from several sources. Works on sets, for the
articles named with ``select_articles``. The result depends only on what was seen, not
on the order in which it was merged. Does not say what differs between two versions (see
``ingest.join``); ``rebuild_timelines`` returns the pairs that were not compared yet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.archive.records.changes import RETURNED_NOTE, settle_return_events

# Consecutive sightings of one version, as one row (gaps and islands).
_ISLANDS_SQL = """
create temp table islands as
with marked as (
    select
        s.article, s.version, s.since, s.until, v.sha256,
        lag(s.version) over timeline as prior
    from sightings s join versions v on v.id = s.version
    where s.article in (select article from temp.affected_articles)
    window timeline as (partition by s.article order by s.since, s.until, v.sha256)
),
counted as (
    select *, sum(prior is null or prior <> version) over (
        partition by article order by since, until, sha256 rows unbounded preceding
    ) as position
    from marked
)
select article, position, version, min(since) as since, max(until) as until
from counted
group by article, position
"""

# A version that gave way to another: both were seen, one right after the other.
_TRANSITIONS_SQL = """
create temp table transitions as
select
    article, position, before, version as after, since, until,
    exists (
        select 1 from temp.islands e
        where e.article = i.article and e.position < i.position
            and e.version = i.version
    ) as back
from (
    select *, lag(version) over (partition by article order by position) as before
    from temp.islands
) i
where before is not null
"""


@dataclass(frozen=True, slots=True)
class Transition:
    """One version followed another, and no change records it."""

    article: str
    before_id: int  # versions.id
    after_id: int
    at: str
    is_revert: bool


def select_articles(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> None:
    """Fill ``temp.affected_articles``, which the other functions work on."""
    connection.execute(
        """
        create table if not exists temp.affected_articles (article text primary key)
        without rowid
        """
    )
    connection.execute("delete from temp.affected_articles")
    connection.executemany(
        "insert or ignore into temp.affected_articles values (?)",
        [(key,) for key in article_keys],
    )


def rebuild_timelines(connection: sqlite3.Connection) -> list[Transition]:
    """Rebuild versions, sightings and changes of the selected articles."""
    _renumber_versions(connection)
    _rebuild_sightings(connection)
    transitions = _rebuild_changes(connection)
    _update_current_versions(connection)
    for table in ("islands", "transitions"):
        connection.execute(f"drop table temp.{table}")
    return transitions


def _renumber_versions(connection: sqlite3.Connection) -> None:
    """Number versions in the order in which they were first seen."""
    connection.execute("drop table if exists temp.renumbered")
    connection.execute(
        """
        create temp table renumbered as
        select * from (
            select
                id, number,
                row_number() over (
                    partition by article order by first_seen, sha256
                ) as new_number
            from versions
            where article in (select article from temp.affected_articles)
        )
        where number <> new_number
        """
    )
    connection.execute("create unique index temp.renumbered_id on renumbered(id)")
    # In two steps: versions of an article may not share a number, even for a moment.
    connection.execute(
        """
        update versions set number = -id where id in (select id from temp.renumbered)
        """
    )
    connection.execute(
        """
        update versions
        set number = (select new_number from temp.renumbered r where r.id = versions.id)
        where id in (select id from temp.renumbered)
        """
    )
    connection.execute("drop table temp.renumbered")


def _rebuild_sightings(connection: sqlite3.Connection) -> None:
    """Replace sightings of a version by one row, unless another was seen in between."""
    for table in ("islands", "transitions"):
        connection.execute(f"drop table if exists temp.{table}")
    connection.execute(_ISLANDS_SQL)
    connection.execute(
        "create index temp.islands_article on islands(article, position)"
    )
    connection.execute(_TRANSITIONS_SQL)
    connection.execute(
        "create index temp.transitions_article on transitions(article, after)"
    )
    connection.execute(
        """
        delete from sightings
        where article in (select article from temp.affected_articles)
        """
    )
    connection.execute(
        """
        insert into sightings (article, version, since, until)
        select article, version, since, until
        from temp.islands order by since, article, position
        """
    )


def _rebuild_changes(connection: sqlite3.Connection) -> list[Transition]:
    """Keep one change per transition, the first that was seen.

    Changes between versions that are no longer neighbours are deleted.
    """
    connection.execute("drop table if exists temp.kept_changes")
    connection.execute(
        """
        create temp table kept_changes as
        select id, back, since from (
            select
                c.id, t.back, t.since,
                row_number() over (
                    partition by t.article, t.position order by c.at, c.fields, c.id
                ) as nth
            from changes c
            join temp.transitions t on t.article = c.article
                and t.after = c.after and t.before = c.before
                and c.at between t.since and t.until
            where c.kind <> 'fields'
        )
        where nth = 1
        """
    )
    connection.execute("create unique index temp.kept_changes_id on kept_changes(id)")
    _delete_other_changes(connection)
    connection.execute(
        """
        update changes set back = k.back, at = k.since
        from temp.kept_changes k
        where changes.id = k.id and (changes.back <> k.back or changes.at <> k.since)
        """
    )
    connection.execute(
        """
        update events set kind = iif(c.back, 'back', c.kind), at = c.at,
            note = iif(c.back, :note, iif(note = :note, '', note))
        from temp.kept_changes k join changes c on c.id = k.id
        where events.change = k.id and events.kind in ('edited', 'headline', 'back')
            and (events.at <> c.at or events.kind <> iif(c.back, 'back', c.kind))
        """,
        {"note": RETURNED_NOTE},
    )
    connection.execute("drop table temp.kept_changes")
    settle_return_events(
        connection,
        [row[0] for row in connection.execute("select article from affected_articles")],
    )
    rows = connection.execute(
        """
        select article, before, after, since, back
        from temp.transitions t
        where not exists (
            select 1 from changes c
            where c.article = t.article and c.after = t.after and c.before = t.before
                and c.kind <> 'fields' and c.at between t.since and t.until
        )
        order by article, position
        """
    )
    return [Transition(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def _delete_other_changes(connection: sqlite3.Connection) -> None:
    """Delete text changes that are not in ``temp.kept_changes``, and their events."""
    condition = """
        article in (select article from temp.affected_articles)
        and kind <> 'fields'
        and id not in (select id from temp.kept_changes)
    """
    connection.execute(
        f"""
        delete from events where change in (select id from changes where {condition})
        """
    )
    connection.execute(f"delete from changes where {condition}")


def _update_current_versions(connection: sqlite3.Connection) -> None:
    """Set each article's current version (the one seen last) and version count."""
    connection.execute(
        """
        update articles set
            versions = (select count(*) from versions v where v.article = articles.key),
            version = coalesce((
                select v.number
                from temp.islands i join versions v on v.id = i.version
                where i.article = articles.key
                order by i.until desc, i.since desc, v.sha256 limit 1
            ), version)
        where key in (select article from temp.affected_articles)
        """
    )
