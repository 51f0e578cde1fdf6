"""Another archive is joined into this one: everything that either knows, once.

Rows are told apart by what they say, never by their numbers: the result is the same in either order, and the same archive
twice changes nothing. Where both know a thing, times are the earliest and the latest, and what can be said only once (where
an article stood at its last look, how a feed was polled last) is taken from the one that saw it last, ties by bytes.

The other archive is attached as ``other``, read-only. Sets, not rows: only what needs a decision on words is looked at one by
one (``meeting``). Not for: WARC files (``warcs``), nor for the decision (passed in).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from harvester.archive.integrity import proof
from harvester.archive.merging import merged_articles, timeline
from harvester.archive.merging.matching import Alike, meet
from harvester.archive.merging.rows import dual, keyed, union

Progress = Callable[[str], None]

# Made anew from the versions by whoever needs them, or about this file alone.
LEFT_OUT = (
    "shingles",
    "samples",
    "unsampled",
    "copies",
    "clusters",
    "seals",
    "days",
    "chains",
    "leftovers",
    "joins",
    "aliases",
    "apart",
)


@dataclass(slots=True)
class Merged:
    """What came of it."""

    added: dict[str, int] = field(default_factory=dict)  # table → rows
    joined: int = 0  # articles that were known under other keys
    barred: list[str] = field(
        default_factory=list
    )  # keys of articles that were purged here, and not taken in
    purged_there: list[str] = field(
        default_factory=list
    )  # keys of articles held here that were purged there
    steps: list[timeline.Step] = field(
        default_factory=list
    )  # neighbours that nobody has compared yet


def merge(
    connection: sqlite3.Connection,
    alike: Alike,
    barred: Callable[[str], str],
    now: str,
    tell: Progress,
) -> Merged:
    """Take in the archive attached as ``other``. In a transaction, with foreign keys not enforced: the caller checks them.

    ``alike``: whether two lists of (title, text) have wordings of one article. ``barred``: address → digest in ``barred``.
    """
    found = Merged()
    proof.seal_all(connection, now)
    tell("articles")
    _purged(connection, barred, found)
    found.joined = meet(connection, alike, now)
    before = _counts(connection)
    tell("captures")
    _outlets(connection)
    union(connection, "crawls", ("started", "program", "ended"))
    union(
        connection,
        "captures",
        ("kind", "url", "reached", "at", "status", "sha256", "outlet"),
        {"crawl": "crawls", "first": "captures"},
        where="o.url not in (select u.url from other.urls u where u.article in (select article from temp.shut))",
        instead={"file": "null", "offset": "null", "length": "null"},
    )
    _completed(connection)
    tell("articles and their versions")
    dual(connection)
    merged_articles.versions(connection, now)
    merged_articles.readings(connection)
    merged_articles.articles(connection)
    tell("addresses and entries")
    _addresses(connection)
    tell("changes and events")
    union(
        connection,
        "sightings",
        ("version", "since", "until"),
        {"article": "articles", "version": "versions"},
        "article",
    )
    _changes(connection)
    tell("what else is known")
    _further(connection)
    connection.execute("delete from temp.touched")
    connection.execute("insert into temp.touched select article from temp.dual")
    found.steps = timeline.settle(connection)
    _copies(connection)
    after = _counts(connection)
    found.added = {
        table: after[table] - before[table]
        for table in after
        if after[table] != before[table]
    }
    proof.adopt(connection, "other", now)
    proof.seal_all(connection, now, now[:10])
    return found


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = connection.execute(
        "select name from main.sqlite_master where type = 'table' and sql not like 'create virtual%' and name not like 'sqlite_%'"
        " and name not like 'versions_fts%' and name not like '_sqlite%'"
    ).fetchall()
    names = [row[0] for row in tables if row[0] not in LEFT_OUT]
    return {
        name: connection.execute(f'select count(*) from main."{name}"').fetchone()[0]
        for name in names
    }


def _purged(
    connection: sqlite3.Connection, barred: Callable[[str], str], found: Merged
) -> None:
    """What was purged here does not come back; what was purged there and is held here is told."""
    connection.create_function("barred_name", 1, barred, deterministic=True)
    connection.execute(
        "create temp table shut (article text primary key) without rowid"
    )
    if connection.execute("select 1 from main.barred limit 1").fetchone():
        connection.execute(
            """insert or ignore into temp.shut select u.article from other.urls u
            where barred_name(u.address) in (select digest from main.barred)"""
        )
        connection.execute(
            """insert or ignore into temp.shut select key from other.articles
            where key in (select article from main.tombstones where kind = 'purge')"""
        )
    found.barred = [
        row[0] for row in connection.execute("select article from temp.shut order by 1")
    ]
    rows = connection.execute(
        """select distinct article from other.tombstones where kind = 'purge' and article in (select key from main.articles)
        order by 1"""
    )
    found.purged_there = [row[0] for row in rows]


def _outlets(connection: sqlite3.Connection) -> None:
    keyed(
        connection,
        "outlets",
        "key",
        [("first_seen", "min")],
        least=("first_seen",),
        most=("active",),
    )
    keyed(
        connection,
        "feeds",
        "url",
        [("polled", "max"), ("first_seen", "min")],
        least=("first_seen",),
        most=("active",),
    )
    keyed(
        connection,
        "hosts",
        "origin",
        [("robots_at", "max")],
        most=("not_before", "failures"),
    )


def _completed(connection: sqlite3.Connection) -> None:
    """Captures that both hold: what only the other one says of them, and the other one's body where this one keeps none."""
    connection.execute(
        """update main.captures set page = max(captures.page, o.page), text = max(captures.text, o.text), first = coalesce(captures.first, f.new),
        body = coalesce(captures.body, o.body) from temp.map_captures m join other.captures o on o.id = m.old
        left join temp.map_captures f on f.old = o.first
        where captures.id = m.new and m.held and (captures.page < o.page or captures.text < o.text
            or (captures.first is null and f.new is not null) or (captures.body is null and o.body is not null))"""
    )


def _addresses(connection: sqlite3.Connection) -> None:
    rank = "case when {t}.kind = 'shared' then 1 when {t}.stood then 0 else 2 end"
    keyed(
        connection, "urls", "address", [(rank, "min"), ("first_seen", "min")], {"article": "articles"},
        least=("first_seen",), most=("last_seen",), where="o.article not in (select article from temp.shut)",
    )  # fmt: skip
    keyed(
        connection, "entries", "key", [("{t}.article is not null", "max"), ("last_seen", "max")], {"article": "articles"},
        least=("first_seen",), most=("last_seen",),
        where="coalesce(o.article, '') not in (select article from temp.shut) and o.address not in (select u.address from other.urls u where u.article in (select article from temp.shut))",
    )  # fmt: skip


def _changes(connection: sqlite3.Connection) -> None:
    """Changes of fields alone are the same where they say the same; the earlier time counts. The others by their time too."""
    refs = {"article": "articles", "before": "versions", "after": "versions"}
    union(
        connection,
        "changes",
        ("article", "at", "kind", "before", "after"),
        refs,
        "article",
        where="o.kind <> 'fields'",
    )
    connection.execute("alter table temp.map_changes rename to words_changes")
    connection.execute("drop index temp.map_changes_new")
    union(
        connection,
        "changes",
        ("article", "before", "fields"),
        refs,
        "article",
        where="o.kind = 'fields'",
        held="m.kind = 'fields'",
        order="at",
    )
    connection.execute(
        """update main.changes set at = o.at from temp.map_changes m join other.changes o on o.id = m.old
        where changes.id = m.new and m.held and o.at < changes.at"""
    )
    connection.execute("insert into temp.map_changes select * from temp.words_changes")
    events = {"article": "articles", "change": "changes"}
    union(
        connection,
        "events",
        ("at", "kind", "outlet", "article", "feed", "note", "change"),
        events,
        "article",
    )


def _further(connection: sqlite3.Connection) -> None:
    union(
        connection,
        "looks",
        ("article", "at", "outcome"),
        {"article": "articles", "capture": "captures"},
        "article",
    )
    union(
        connection,
        "tombstones",
        ("article", "at", "why"),
        where="o.kind = 'purge'",
        held="m.kind = 'purge'",
    )
    connection.execute(
        """insert or ignore into main.barred (digest, tombstone) select b.digest, m.new from other.barred b
        join temp.map_tombstones m on m.old = b.tombstone"""
    )
    _labels(connection)
    _profiles(connection)
    keyed(
        connection,
        "watches",
        "article",
        [("until", "max")],
        {"article": "articles"},
        least=("since",),
        most=("until",),
    )
    connection.execute(
        """insert into main.rhythms (outlet, part, tried, found) select outlet, part, tried, found from other.rhythms where true
        on conflict (outlet, part) do update set tried = excluded.tried, found = excluded.found
        where (excluded.tried, excluded.found) > (tried, found)"""
    )


def _labels(connection: sqlite3.Connection) -> None:
    connection.execute(
        """insert into main.labels (article, capture, place, mark, wanted, at)
        select a.new, c.new, o.place, o.mark, o.wanted, o.at from other.labels o
        join temp.map_articles a on a.old = o.article join temp.map_captures c on c.old = o.capture where true
        on conflict (capture, place) do update set mark = excluded.mark, wanted = excluded.wanted, at = excluded.at
        where (excluded.at, excluded.wanted) > (at, wanted)"""
    )


def _profiles(connection: sqlite3.Connection) -> None:
    """Counted in the order in which they were learned, where both archives learned some."""
    connection.execute(
        """create temp table both as select distinct outlet from main.profiles where outlet in (select outlet from other.profiles)"""
    )
    union(
        connection,
        "profiles",
        ("outlet", "name"),
        {},
        instead={
            "number": "iif(o.outlet in (select outlet from temp.both), -n.new, o.number)"
        },
        order="at",
    )
    connection.execute(
        """update main.profiles set at = o.at from temp.map_profiles m join other.profiles o on o.id = m.old
        where profiles.id = m.new and m.held and o.at > profiles.at"""
    )
    for place in ("-id", "(select place from temp.ranked r where r.id = profiles.id)"):
        if place != "-id":
            connection.execute(
                """create temp table ranked as select id, row_number() over (partition by outlet order by at, name) as place
                from main.profiles where outlet in (select outlet from temp.both)"""
            )
        connection.execute(
            f"update main.profiles set number = {place} where outlet in (select outlet from temp.both)"
        )


def _copies(connection: sqlite3.Connection) -> None:
    """Which article had a text first may be another one now; so are the current version and the count of those that came."""
    connection.execute(
        """create temp table alike as select v.article, v.text_sha256 as text, a.first_seen, min(v.number) = 1 as first
        from main.versions v join main.articles a on a.key = v.article
        where v.text_sha256 in (select text_sha256 from main.versions where text_sha256 <> '' group by text_sha256
            having count(distinct article) > 1)
        group by v.article, v.text_sha256, a.first_seen"""
    )
    connection.execute(
        "create index temp.alike_text on alike(text, first_seen, article)"
    )
    connection.execute(
        """create temp table origins as select a.article,
            (select b.article from temp.alike b where b.text = a.text order by b.first_seen, b.article limit 1) as origin
        from temp.alike a where a.first"""
    )
    connection.execute(
        """update main.articles set copy_of = nullif(o.origin, articles.key) from temp.origins o
        where articles.key = o.article and articles.copy_of is not nullif(o.origin, articles.key)"""
    )
