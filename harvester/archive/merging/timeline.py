"""What follows from an article's versions and sightings once they come from several places: their order, the version that
stands there now, and which changes lie between neighbours. All for the articles named by ``touch``, set by set.

The result depends on what was seen alone, not on the order in which it came together. Not for: saying what differs
(``ingest``): ``settle`` returns the pairs that nobody has compared yet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

_ISLANDS_SQL = """
create temp table islands as
with marked as (
    select s.article, s.version, s.since, s.until, v.sha256, lag(s.version) over line as prior
    from sightings s join versions v on v.id = s.version where s.article in (select article from temp.touched)
    window line as (partition by s.article order by s.since, s.until, v.sha256)),
counted as (
    select *, sum(prior is null or prior <> version) over (
        partition by article order by since, until, sha256 rows unbounded preceding) as place
    from marked)
select article, place, version, min(since) as since, max(until) as until from counted group by article, place"""

# A wording that gave way to another: where both were seen, one after the other.
_TRANSITIONS_SQL = """
create temp table steps as
select article, place, before, version as after, since, until,
    exists (select 1 from temp.islands e where e.article = i.article and e.place < i.place and e.version = i.version) as back
from (select *, lag(version) over (partition by article order by place) as before from temp.islands) i
where before is not null"""


@dataclass(frozen=True, slots=True)
class Transition:
    """One version followed another, and no change says so."""

    article: str
    before_id: int  # versions.id
    after_id: int
    at: str
    is_revert: bool


def select_articles(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> None:
    """Name the articles that the other functions are about."""
    connection.execute(
        "create table if not exists temp.touched (article text primary key) without rowid"
    )
    connection.execute("delete from temp.touched")
    connection.executemany(
        "insert or ignore into temp.touched values (?)",
        [(one,) for one in article_keys],
    )


def rebuild_timelines(connection: sqlite3.Connection) -> list[Transition]:
    """Bring numbers, sightings, changes and the current version of the touched articles into order."""
    _renumber_versions(connection)
    _rebuild_sightings(connection)
    found = _rebuild_changes(connection)
    _update_current_versions(connection)
    for table in ("islands", "steps"):
        connection.execute(f"drop table temp.{table}")
    return found


def _renumber_versions(connection: sqlite3.Connection) -> None:
    """Versions are counted in the order in which they were first seen."""
    connection.execute("drop table if exists temp.places")
    connection.execute(
        """create temp table places as select * from (
            select id, number, row_number() over (partition by article order by first_seen, sha256) as place
            from versions where article in (select article from temp.touched)) where number <> place"""
    )
    connection.execute("create unique index temp.places_id on places(id)")
    # In two steps: no two versions of an article may have one number, not even for a moment.
    connection.execute(
        "update versions set number = -id where id in (select id from temp.places)"
    )
    connection.execute(
        "update versions set number = (select place from temp.places p where p.id = versions.id) where id in (select id from temp.places)"
    )
    connection.execute("drop table temp.places")


def _rebuild_sightings(connection: sqlite3.Connection) -> None:
    """A version stood there from its first to its last sighting, unless another was seen between: one row for that."""
    for table in ("islands", "steps"):
        connection.execute(f"drop table if exists temp.{table}")
    connection.execute(_ISLANDS_SQL)
    connection.execute("create index temp.islands_article on islands(article, place)")
    connection.execute(_TRANSITIONS_SQL)
    connection.execute("create index temp.steps_article on steps(article, after)")
    connection.execute(
        "delete from sightings where article in (select article from temp.touched)"
    )
    connection.execute(
        "insert into sightings (article, version, since, until) select article, version, since, until from temp.islands order by since, article, place"
    )


def _rebuild_changes(connection: sqlite3.Connection) -> list[Transition]:
    """One change a step: the first that was seen. Those between versions that are no neighbours any more go."""
    connection.execute("drop table if exists temp.kept")
    connection.execute(
        """create temp table kept as select id, back, since from (
            select c.id, s.back, s.since, row_number() over (partition by s.article, s.place order by c.at, c.fields, c.id) as nth
            from changes c join temp.steps s on s.article = c.article and s.after = c.after and s.before = c.before
            and c.at between s.since and s.until where c.kind <> 'fields') where nth = 1"""
    )
    connection.execute("create unique index temp.kept_id on kept(id)")
    gone = """article in (select article from temp.touched) and kind <> 'fields' and id not in (select id from temp.kept)"""
    connection.execute(
        f"delete from events where change in (select id from changes where {gone})"
    )
    connection.execute(f"delete from changes where {gone}")
    connection.execute(
        """update changes set back = k.back, at = k.since from temp.kept k
        where changes.id = k.id and (changes.back <> k.back or changes.at <> k.since)"""
    )
    connection.execute(
        """update events set kind = iif(c.back, 'back', c.kind), at = c.at from temp.kept k join changes c on c.id = k.id
        where events.change = k.id and events.kind in ('edited', 'headline', 'back')
        and (events.at <> c.at or events.kind <> iif(c.back, 'back', c.kind))"""
    )
    connection.execute("drop table temp.kept")
    rows = connection.execute(
        """select article, before, after, since, back from temp.steps s where not exists (
            select 1 from changes c where c.article = s.article and c.after = s.after and c.before = s.before
            and c.kind <> 'fields' and c.at between s.since and s.until) order by article, place"""
    )
    return [Transition(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def _update_current_versions(connection: sqlite3.Connection) -> None:
    """The version that stood there last, and how many there are."""
    connection.execute(
        """update articles set
            versions = (select count(*) from versions v where v.article = articles.key),
            version = coalesce((select v.number from temp.islands i join versions v on v.id = i.version
                where i.article = articles.key order by i.until desc, i.since desc, v.sha256 limit 1), version)
        where key in (select article from temp.touched)"""
    )
