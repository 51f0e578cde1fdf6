"""What is due: feeds, entries and articles.

Due times are columns beside the feed, the entry and the article. Does not compute them (``schedule``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harvester.model import Visit

MAX_VISITS_PER_SITE = 100  # visits of an outlet at one site under way at once: more would only wait in memory, and starve other sites


MAX_VISITS_PER_OUTLET = (
    500  # visits of an outlet under way at once, over all sites that it names
)


# One row a thing due: kind, key, url, outlet, site, validators, digest of the body held.
_FEEDS_SQL = """
select 'feed' as kind, f.url as key, f.url as url, f.outlet, f.site, f.etag, f.last_modified, f.sha256, f.due
from feeds f where f.active"""


_ENTRIES_SQL = """
select 'entry', e.key, e.url, f.outlet, e.site, '', '', '', e.due
from entries e join feeds f on f.url = e.feed where f.active"""


_ARTICLES_SQL = """
select 'article', a.key, a.reached, a.outlet, a.site, a.etag, a.last_modified, a.sha256, a.due
from articles a join outlets o on o.key = a.outlet where o.active"""


def create_round_table(connection: sqlite3.Connection) -> None:
    """A list, in memory, of what was handed out in this round."""
    connection.execute(
        "create table if not exists temp.given (key text primary key) without rowid"
    )


def begin_round(
    connection: sqlite3.Connection, keys_in_progress: Iterable[str] = ()
) -> None:
    """Forget what was handed out, but for what is under way: addresses may come again."""
    connection.execute("delete from temp.given")
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(key,) for key in keys_in_progress],
    )


def list_due_visits(
    connection: sqlite3.Connection,
    now: str,
    outlets: Sequence[str],
    force: bool,
    limit: int,
    visits_in_progress: Mapping[tuple[str, str], int],
) -> list[Visit]:
    """At most ``most`` visits that are due, oldest first, outlets and their sites in turn; marks them as handed out.

    ``force``: everything of the outlets, due or not. ``busy``: (outlet, site) → visits handed out and not yet settled.
    """
    names = {f"o{place}": name for place, name in enumerate(outlets)}
    chosen = (
        f"and outlet in ({', '.join(f':{name}' for name in names)})" if outlets else ""
    )
    entries_forced = (
        " and (e.due is not null or e.article is null)"
        if force
        else " and e.due <= :now"
    )
    feeds_due, articles_due = (
        ("", "") if force else (" and f.due <= :now", " and a.due <= :now")
    )
    # Feeds first: they say what is new. Then first looks, then second ones.
    rows = connection.execute(
        f"""
        select * from (select *, row_number() over (partition by outlet order by place, rank, due, key) as turn from (
            select *, row_number() over (partition by site, outlet order by rank, due, key) as place from (
                select *, 1 as rank from ({_FEEDS_SQL}{feeds_due})
                union all select *, 2 from ({_ENTRIES_SQL}{entries_forced} and e.address <> '')
                union all select *, 3 from ({_ARTICLES_SQL}{articles_due})
            ) where key not in (select key from temp.given) {chosen}
        ) where place <= :window) where turn <= :share order by turn, place limit :most""",
        {
            "now": now,
            "window": MAX_VISITS_PER_SITE,
            "share": MAX_VISITS_PER_OUTLET,
            "most": limit + sum(visits_in_progress.values()),
            **names,
        },
    ).fetchall()
    room = _VisitQuota(visits_in_progress)
    visits: list[Visit] = []
    for row in rows:
        if not room.try_reserve(row["outlet"], row["site"]):
            continue
        visits.append(
            Visit(
                row["kind"],
                row["key"],
                row["url"],
                row["outlet"],
                row["site"],
                row["etag"],
                row["last_modified"],
                row["sha256"],
            )
        )
        if len(visits) == limit:
            break
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(visit.key,) for visit in visits],
    )
    return visits


class _VisitQuota:
    """For how many more visits there is room, of each outlet at each site."""

    def __init__(self, visits_in_progress: Mapping[tuple[str, str], int]) -> None:
        self._visits_by_site: Counter[tuple[str, str]] = Counter(visits_in_progress)
        self._visits_by_outlet: Counter[str] = Counter()
        for (outlet, _), count in visits_in_progress.items():
            self._visits_by_outlet[outlet] += count

    def try_reserve(self, outlet: str, site: str) -> bool:
        if (
            self._visits_by_site[outlet, site] >= MAX_VISITS_PER_SITE
            or self._visits_by_outlet[outlet] >= MAX_VISITS_PER_OUTLET
        ):
            return False
        self._visits_by_site[outlet, site] += 1
        self._visits_by_outlet[outlet] += 1
        return True


def get_next_due(connection: sqlite3.Connection) -> str | None:
    """When the next thing of an outlet still in the settings is due; None: nothing ever."""
    row = connection.execute(
        f"""select min(due) from (select min(due) as due from ({_FEEDS_SQL} and f.due is not null)
            union all select min(due) from ({_ENTRIES_SQL} and e.due is not null)
            union all select min(due) from ({_ARTICLES_SQL} and a.due is not null))"""
    ).fetchone()
    return str(row[0]) if row[0] is not None else None


def get_seconds_ahead(connection: sqlite3.Connection, now: str) -> float:
    """Seconds by which the last time in the archive lies behind ``now``; negative where it lies before, as it should."""
    row = connection.execute(
        """select (julianday(max(c.started, coalesce(c.ended, ''), coalesce((select k.at from captures k
        where k.crawl = c.id order by k.id desc limit 1), ''))) - julianday(?)) * 86400.0 from crawls c order by c.id desc limit 1""",
        [now],
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def shift_due_times(connection: sqlite3.Connection, seconds: float) -> None:
    """All due times move: the clock was set by as much."""
    by = f"{seconds:+.0f} seconds"
    for table, column in (
        ("feeds", "due"),
        ("entries", "due"),
        ("articles", "due"),
        ("hosts", "not_before"),
    ):
        connection.execute(
            f"""update {table} set {column} = coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?), {column})
            where {column} is not null and {column} < '9999'""",
            [by],
        )
