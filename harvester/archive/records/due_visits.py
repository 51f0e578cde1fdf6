"""Due visits: feeds to poll, gaps to fill, entries to fetch, articles to check.

Due times are columns of feeds, gaps, entries and articles. Does not compute them
(``schedule``). Those of backfills are apart, see ``background_visits``.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from harvester.model import Visit

# Visits in progress of an outlet at one site: more would wait in memory, and starve
# other sites.
MAX_VISITS_PER_SITE = 100
MAX_VISITS_PER_OUTLET = 500  # the same, over all sites of an outlet

# An entry without an address announces nothing that can be fetched; one whose address
# is a URN, and its article, stand in the feed alone.
# Columns: kind, key, url, outlet, site, validators, digest of the stored body, URL that
# the validators belong to, due.
_FEEDS_SQL = """
select 'feed' as kind, f.url as key, iif(f.asked = '', f.url, f.asked) as url, f.outlet,
    f.site, f.etag, f.last_modified, f.sha256, f.answered_by,
    coalesce(f.full_at, f.listed) as full_at, f.due
from feeds f where f.active"""
_GAPS_SQL = """
select 'gap', 'gap:' || g.id, g.url, f.outlet, g.site, '', '', '', '', null, g.due
from gaps g join feeds f on f.url = g.feed where f.active and g.url <> ''"""
_ANY_ENTRIES_SQL = """
select 'entry', e.key, e.url, f.outlet, e.site, '', '', '', '', null, e.due
from entries e join feeds f on f.url = e.feed where f.active and e.address <> ''
    and e.address not like 'urn:%'"""
_ENTRIES_SQL = f"{_ANY_ENTRIES_SQL} and e.backfill is null"
_ARTICLES_SQL = """
select 'article', a.key, a.reached, a.outlet, a.site, a.etag,
    a.last_modified, a.sha256, '', coalesce(a.full_at, a.first_seen), a.due
from articles a join outlets o on o.key = a.outlet where o.active
    and a.reached not like 'urn:%'"""


def create_round_table(connection: sqlite3.Connection) -> None:
    """Create the temporary table of the visits handed out in a round."""
    connection.execute(
        "create table if not exists temp.given (key text primary key) without rowid"
    )


def begin_round(
    connection: sqlite3.Connection, keys_in_progress: Iterable[str] = ()
) -> None:
    """Begin a new round: everything due may be handed out but what is in progress."""
    connection.execute("delete from temp.given")
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(key,) for key in keys_in_progress],
    )


def hand_out_again(connection: sqlite3.Connection, key: str) -> None:
    """Let a visit be handed out once more in this round."""
    connection.execute("delete from temp.given where key = ?", [key])


def list_due_visits(
    connection: sqlite3.Connection,
    now: str,
    outlets: Sequence[str],
    force: bool,
    limit: int,
    visits_in_progress: Mapping[tuple[str, str], int],
    whole_since: Mapping[str, str],
) -> list[Visit]:
    """At most ``limit`` due visits, oldest first, outlets and their sites in turn.

    Marks them as handed out. ``force``: all visits of the outlets, due or not.
    ``visits_in_progress``: (outlet, site) → visits handed out and not settled.
    ``whole_since``: kind of visit → when a whole body must have been received; else the
    visit has no validators.
    """
    quota = _VisitQuota(visits_in_progress)
    visits: list[Visit] = []
    for row in _list_candidates(
        connection, now, outlets, force, limit + sum(visits_in_progress.values())
    ):
        if not quota.try_reserve(row["outlet"], row["site"]):
            continue
        visits.append(_visit(row, whole_since))
        if len(visits) == limit:
            break
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(visit.key,) for visit in visits],
    )
    return visits


def get_visit(
    connection: sqlite3.Connection, kind: Literal["feed", "entry", "article"], key: str
) -> Visit | None:
    """The visit with a key, due or not; None: it is not visited any more."""
    sql, column = {
        "feed": (_FEEDS_SQL, "f.url"),
        "entry": (_ANY_ENTRIES_SQL, "e.key"),
        "article": (_ARTICLES_SQL, "a.key"),
    }[kind]
    row = connection.execute(f"{sql} and {column} = ?", [key]).fetchone()
    return Visit(*tuple(row)[:9]) if row is not None else None


def find_unvisited_entry(connection: sqlite3.Connection, address: str) -> str | None:
    """The key of the first entry that announces an address and has no article yet."""
    row = connection.execute(
        """
        select e.key from entries e join feeds f on f.url = e.feed
        where e.address = ? and e.article is null and f.active order by e.id limit 1
        """,
        [address],
    ).fetchone()
    return str(row[0]) if row is not None else None


def _visit(row: sqlite3.Row, whole_since: Mapping[str, str]) -> Visit:
    visit = Visit(*tuple(row)[:9])
    if row["full_at"] is None or row["full_at"] >= whole_since.get(visit.kind, ""):
        return visit
    return replace(visit, etag="", last_modified="")


def _list_candidates(
    connection: sqlite3.Connection,
    now: str,
    outlets: Sequence[str],
    force: bool,
    limit: int,
) -> list[sqlite3.Row]:
    """Due visits not yet handed out in this round, with the fields of ``Visit`` first."""
    outlet_keys = {f"o{number}": key for number, key in enumerate(outlets)}
    outlet_filter = ""
    if outlets:
        outlet_filter = (
            f"and outlet in ({', '.join(f':{name}' for name in outlet_keys)})"
        )
    gaps_due = " and g.due <= :now"  # also if forced: it spreads the requests
    entries_sql = _ENTRIES_SQL
    if force:
        feeds_due = articles_due = ""
        entries_sql = _ANY_ENTRIES_SQL
        entries_due = (
            " and (e.due is not null and e.backfill is null"
            " or e.due is null and e.article is null)"
        )
    else:
        feeds_due, articles_due = " and f.due <= :now", " and a.due <= :now"
        entries_due = " and e.due <= :now"
    # Feeds first: they say what is new. Then gaps: what fills one may soon be gone too.
    # Then first visits to pages, then checks.
    return connection.execute(
        f"""
        select * from (
            select *, row_number() over (
                partition by outlet order by place, rank, due, key) as turn
            from (
                select *, row_number() over (
                    partition by site, outlet order by rank, due, key) as place
                from (
                    select *, 1 as rank from ({_FEEDS_SQL}{feeds_due})
                    union all select *, 2 from ({_GAPS_SQL}{gaps_due})
                    union all select *, 3 from ({entries_sql}{entries_due})
                    union all select *, 4 from ({_ARTICLES_SQL}{articles_due})
                )
                where key not in (select key from temp.given) {outlet_filter}
            )
            where place <= :max_per_site
        )
        where turn <= :max_per_outlet order by turn, place limit :limit
        """,
        {
            "now": now,
            "max_per_site": MAX_VISITS_PER_SITE,
            "max_per_outlet": MAX_VISITS_PER_OUTLET,
            "limit": limit,
            **outlet_keys,
        },
    ).fetchall()


class _VisitQuota:
    """How many more visits may be handed out, for each outlet and site."""

    def __init__(self, visits_in_progress: Mapping[tuple[str, str], int]) -> None:
        self._visits_by_site: Counter[tuple[str, str]] = Counter(visits_in_progress)
        self._visits_by_outlet: Counter[str] = Counter()
        for (outlet, _), count in visits_in_progress.items():
            self._visits_by_outlet[outlet] += count

    def try_reserve(self, outlet: str, site: str) -> bool:
        """Whether another visit may be handed out; counts it if so."""
        if (
            self._visits_by_site[outlet, site] >= MAX_VISITS_PER_SITE
            or self._visits_by_outlet[outlet] >= MAX_VISITS_PER_OUTLET
        ):
            return False
        self._visits_by_site[outlet, site] += 1
        self._visits_by_outlet[outlet] += 1
        return True


def get_next_due(connection: sqlite3.Connection) -> str | None:
    """When the next visit to an active outlet is due; None: there is none."""
    row = connection.execute(
        f"""
        select min(due) from (
            select min(due) as due from ({_FEEDS_SQL} and f.due is not null)
            union all select min(due) from ({_GAPS_SQL} and g.due is not null)
            union all select min(due) from ({_ENTRIES_SQL} and e.due is not null)
            union all select min(due) from ({_ARTICLES_SQL} and a.due is not null))
        """
    ).fetchone()
    return str(row[0]) if row[0] is not None else None


def get_seconds_ahead(connection: sqlite3.Connection, now: str) -> float:
    """Seconds from ``now`` to the last time in the archive; normally negative."""
    row = connection.execute(
        """
        select (julianday(max(c.started, coalesce(c.ended, ''), coalesce((
            select k.at from captures k
            where k.crawl = c.id order by k.id desc limit 1), '')))
            - julianday(?)) * 86400.0
        from crawls c order by c.id desc limit 1
        """,
        [now],
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def shift_due_times(connection: sqlite3.Connection, seconds: float) -> None:
    """Move all due times, since the clock was set by as much."""
    modifier = f"{seconds:+.0f} seconds"
    for table, column in (
        ("feeds", "due"),
        ("gaps", "due"),
        ("backfill_requests", "due"),
        ("entries", "due"),
        ("articles", "due"),
        ("hosts", "not_before"),
    ):
        connection.execute(
            f"""
            update {table} set {column} = coalesce(
                strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?), {column})
            where {column} is not null and {column} < '9999'
            """,
            [modifier],
        )
