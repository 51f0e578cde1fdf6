"""What is due, which sites are to be left alone for a while, and the crawls that were made.

Due times live beside the feed, the entry and the article; a tick only asks. Not for: computing them (``schedule``).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harvester.model import Visit

WINDOW = 100  # visits of an outlet at one site under way at once: more would only wait in memory, and starve other sites
SHARE = 500  # visits of an outlet under way at once, over all sites that it names

# One row a thing due: kind, key, url, outlet, site, validators, digest of the body held.
_FEEDS = """
select 'feed' as kind, f.url as key, f.url as url, f.outlet, f.site, f.etag, f.last_modified, f.sha256, f.due
from feeds f where f.active"""
_ENTRIES = """
select 'entry', e.key, e.url, f.outlet, e.site, '', '', '', e.due
from entries e join feeds f on f.url = e.feed where f.active"""
_ARTICLES = """
select 'article', a.key, a.reached, a.outlet, a.site, a.etag, a.last_modified, a.sha256, a.due
from articles a join outlets o on o.key = a.outlet where o.active"""


def prepare_rounds(connection: sqlite3.Connection) -> None:
    """A list, in memory, of what was handed out in this round."""
    connection.execute(
        "create table if not exists temp.given (key text primary key) without rowid"
    )


def new_round(connection: sqlite3.Connection, under_way: Iterable[str] = ()) -> None:
    """Forget what was handed out, but for what is under way: addresses may come again."""
    connection.execute("delete from temp.given")
    connection.executemany(
        "insert or ignore into temp.given values (?)", [(key,) for key in under_way]
    )


def due(
    connection: sqlite3.Connection,
    now: str,
    outlets: Sequence[str],
    force: bool,
    most: int,
    busy: Mapping[tuple[str, str], int],
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
                select *, 1 as rank from ({_FEEDS}{feeds_due})
                union all select *, 2 from ({_ENTRIES}{entries_forced} and e.address <> '')
                union all select *, 3 from ({_ARTICLES}{articles_due})
            ) where key not in (select key from temp.given) {chosen}
        ) where place <= :window) where turn <= :share order by turn, place limit :most""",
        {
            "now": now,
            "window": WINDOW,
            "share": SHARE,
            "most": most + sum(busy.values()),
            **names,
        },
    ).fetchall()
    room = _Room(busy)
    visits: list[Visit] = []
    for row in rows:
        if not room.take(row["outlet"], row["site"]):
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
        if len(visits) == most:
            break
    connection.executemany(
        "insert or ignore into temp.given values (?)",
        [(visit.key,) for visit in visits],
    )
    return visits


class _Room:
    """For how many more visits there is room, of each outlet at each site."""

    def __init__(self, busy: Mapping[tuple[str, str], int]) -> None:
        self._sites: Counter[tuple[str, str]] = Counter(busy)
        self._outlets: Counter[str] = Counter()
        for (outlet, _), count in busy.items():
            self._outlets[outlet] += count

    def take(self, outlet: str, site: str) -> bool:
        if self._sites[outlet, site] >= WINDOW or self._outlets[outlet] >= SHARE:
            return False
        self._sites[outlet, site] += 1
        self._outlets[outlet] += 1
        return True


def next_due(connection: sqlite3.Connection) -> str | None:
    """When the next thing of an outlet still in the settings is due; None: nothing ever."""
    row = connection.execute(
        f"""select min(due) from (select min(due) as due from ({_FEEDS} and f.due is not null)
            union all select min(due) from ({_ENTRIES} and e.due is not null)
            union all select min(due) from ({_ARTICLES} and a.due is not null))"""
    ).fetchone()
    return str(row[0]) if row[0] is not None else None


def ahead(connection: sqlite3.Connection, now: str) -> float:
    """Seconds by which the last time in the archive lies behind ``now``; negative where it lies before, as it should."""
    row = connection.execute(
        """select (julianday(max(c.started, coalesce(c.ended, ''), coalesce((select k.at from captures k
        where k.crawl = c.id order by k.id desc limit 1), ''))) - julianday(?)) * 86400.0 from crawls c order by c.id desc limit 1""",
        [now],
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def move_due(connection: sqlite3.Connection, seconds: float) -> None:
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


def hold(
    connection: sqlite3.Connection, origin: str, site: str, until: str, reason: str
) -> None:
    """Ask nothing of this site before ``until``; an earlier, longer hold stays."""
    connection.execute(
        """insert into hosts (origin, site, not_before, reason, failures) values (?, ?, ?, ?, 1)
        on conflict (origin) do update set not_before = max(coalesce(not_before, ''), excluded.not_before),
            reason = excluded.reason, failures = failures + 1""",
        [origin, site, until, reason],
    )


def holds(connection: sqlite3.Connection, now: str) -> dict[str, tuple[str, str]]:
    """Sites that are to be left alone: site → (until, reason)."""
    rows = connection.execute(
        "select site, max(not_before) as until, reason from hosts where not_before > ? group by site",
        [now],
    )
    return {row["site"]: (row["until"], row["reason"]) for row in rows}


def robots(
    connection: sqlite3.Connection, origin: str
) -> tuple[str | None, int | None, str | None, str | None]:
    """The robots.txt held of an origin: its text, the status and time of the last answer, and when the text was received."""
    row = connection.execute(
        "select robots, robots_status, robots_at, robots_read_at from hosts where origin = ?",
        [origin],
    ).fetchone()
    return tuple(row) if row else (None, None, None, None)


def keep_robots(
    connection: sqlite3.Connection,
    origin: str,
    site: str,
    status: int,
    text: str | None,
    now: str,
) -> None:
    """Remember an answer to a request for robots.txt; ``text`` None: what was received before stays."""
    connection.execute(
        """insert into hosts (origin, site, robots, robots_status, robots_at, robots_read_at) values (?1, ?2, ?4, ?3, ?5, iif(?4 is null, null, ?5))
        on conflict (origin) do update set robots = coalesce(?4, robots), robots_status = ?3, robots_at = ?5,
            robots_read_at = iif(?4 is null, robots_read_at, ?5)""",
        [origin, site, status, text, now],
    )


def begin_crawl(connection: sqlite3.Connection, now: str, program: str) -> int:
    """A row in ``crawls``; returns its number."""
    cursor = connection.execute(
        "insert into crawls (started, program) values (?, ?)", [now, program]
    )
    return int(cursor.lastrowid or 0)


def note_crawl(
    connection: sqlite3.Connection,
    crawl: int,
    visits: int,
    captures: int,
    counts: Mapping[str, int],
    ended: str | None,
) -> None:
    """What the crawl has done so far; ``ended`` closes it."""
    connection.execute(
        "update crawls set visits = ?, captures = ?, counts = ?, ended = coalesce(?, ended) where id = ?",
        [visits, captures, json.dumps(counts), ended, crawl],
    )


def add_capture(connection: sqlite3.Connection, row: Mapping[str, object]) -> int:
    """A row in ``captures``; returns its number."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    cursor = connection.execute(
        f"insert into captures ({names}) values ({marks})", list(row.values())
    )
    return int(cursor.lastrowid or 0)


def note_page(
    connection: sqlite3.Connection, capture: int, kind: str, text: str
) -> None:
    """What a captured page turned out to be; ``text``: what was read of it, where no version carries that."""
    connection.execute(
        "update captures set page = ?, text = ? where id = ?", [kind, text, capture]
    )


def last_record(connection: sqlite3.Connection) -> tuple[str, int] | None:
    """File and end of the newest WARC record that a row points at; of a file that is appended to (``warcs`` writes others)."""
    row = connection.execute(
        "select file, offset + length as ending from captures where file is not null and file not like 'merged-%' order by id desc limit 1"
    ).fetchone()
    return (row["file"], row["ending"]) if row else None


def drop_body(connection: sqlite3.Connection, capture: int) -> None:
    """Forget a body that is kept in the archive itself, and those of the article's other pages; not one that a person taught."""
    connection.execute(
        "update captures set body = null where (id = ?1 or first = ?1) and id not in (select capture from labels)",
        [capture],
    )
