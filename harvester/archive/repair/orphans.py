"""Rows that point at others that are not there: what they tell of these is made use of, then they are let go.

Where an article's row is lost and its versions are not, the row is made anew from them; an article of which no version is left is
forgotten, so that its announcement is followed again. In the transaction of who calls. Not for: finding out what is lost (``losses``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_ROUNDS = 10  # what is let go may leave others behind
JSON_COLUMNS = (
    ("versions", "authors", "[]"), ("versions", "sections", "[]"), ("versions", "tags", "[]"), ("versions", "sources", "{}"),
    ("readings", "extract", "{}"), ("changes", "fields", "{}"), ("changes", "sentences", "{}"), ("entries", "extra", "{}"),
    ("crawls", "counts", "{}"), ("tombstones", "removed", "{}"), ("joins", "before", "{}"),
)  # fmt: skip
REREAD_MARK = (
    "damaged"  # in the place of an extractor's name: the version is to be read again
)
REQUEUE_ENTRIES_SQL = """
update entries set article = null, outcome = 'waiting', reason = 'its article was lost, and is asked for again', due = ?, attempts = 0
where address <> '' and (article not in (select key from articles) or article is null and outcome in ('new', 'duplicate', 'changed'))"""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that names rows of another table."""

    table: str
    column: str
    parent_table: str
    parent_column: str
    is_required: bool


def list_foreign_keys(connection: sqlite3.Connection) -> list[ForeignKey]:
    """All columns that name rows."""
    found = []
    for (table,) in connection.execute(
        "select name from sqlite_master where type = 'table' order by name"
    ).fetchall():
        quoted = _quote_identifier(table)
        columns = {
            row[1]: row for row in connection.execute(f"pragma table_info({quoted})")
        }
        for row in connection.execute(f"pragma foreign_key_list({quoted})").fetchall():
            column = columns.get(row[3])
            if column is not None and row[4]:
                found.append(
                    ForeignKey(
                        table, row[3], row[2], row[4], bool(column[3] or column[5])
                    )
                )
    return found


def count_dangling_rows(connection: sqlite3.Connection, foreign_key: ForeignKey) -> int:
    """How many rows name one that is not there."""
    return int(
        connection.execute(
            f"select count(*) from {_quote_identifier(foreign_key.table)} t where {_dangling_condition(foreign_key)}"
        ).fetchone()[0]
    )


def list_invalid_json(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Columns of JSON that is none: table, column, how many."""
    found = []
    for table, column, _ in JSON_COLUMNS:
        if connection.execute(
            f"select 1 from pragma_table_info('{table}') where name = ?", [column]
        ).fetchone():
            count = connection.execute(
                f"select count(*) from {table} where not json_valid({column})"
            ).fetchone()[0]
            found += [(table, column, count)] if count else []
    return found


def list_versions_to_reread(connection: sqlite3.Connection) -> list[int]:
    """Versions whose fields were damaged, and that are to be read again."""
    return [
        row[0]
        for row in connection.execute(
            "select distinct version from readings where extractor = ?", [REREAD_MARK]
        )
    ]


def mark_for_reread(connection: sqlite3.Connection, version_id: int) -> None:
    """This version is to be read again."""
    connection.execute(
        """update readings set extractor = ? where id = (select max(id) from readings
        where version = ? and source <> 'feed-compared')""",
        [REREAD_MARK, version_id],
    )


def _reset_invalid_json(
    connection: sqlite3.Connection, repair_counts: Counter[str]
) -> None:
    """Nothing in the place of JSON that is none."""
    nothing = {(table, column): empty for table, column, empty in JSON_COLUMNS}
    for table, column, count in list_invalid_json(connection):
        if table == "versions":
            for (row,) in connection.execute(
                f"select id from versions where not json_valid({column})"
            ).fetchall():
                mark_for_reread(connection, row)
        connection.execute(
            f"update {table} set {column} = ? where not json_valid({column})",
            [nothing[table, column]],
        )
        repair_counts[f"rows of {table} whose {column} could not be read"] += count


def repair_orphans(
    connection: sqlite3.Connection, outlets_by_feed: Mapping[str, str], now: str
) -> Counter[str]:
    """Make all rows fit together. ``outlets``: feed → outlet, as the settings say. What was done → how often."""
    done: Counter[str] = Counter()
    connection.execute("pragma foreign_keys = off")
    _reset_invalid_json(connection, done)
    _restore_parents(connection, outlets_by_feed, now, done)
    _restore_articles(connection, now, done)
    known = list_foreign_keys(connection)
    for _ in range(MAX_ROUNDS):
        bare = connection.execute(
            "delete from articles where key not in (select article from versions)"
        ).rowcount
        done["articles without any version let go"] += bare
        done["entries whose article is asked for again"] += connection.execute(
            REQUEUE_ENTRIES_SQL, [now]
        ).rowcount
        loose = sum(_release_rows(connection, link, done) for link in known)
        if not bare and not loose:
            break
    _repair_numbers(connection, done)
    done["entries that waited for nothing"] += connection.execute(
        "update entries set due = ? where outcome = 'waiting' and due is null and address <> ''",
        [now],
    ).rowcount
    return +done


def _quote_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _dangling_condition(foreign_key: ForeignKey) -> str:
    column, named = (
        _quote_identifier(foreign_key.column),
        _quote_identifier(foreign_key.parent_column),
    )
    return f"t.{column} is not null and not exists (select 1 from {_quote_identifier(foreign_key.parent_table)} p where p.{named} = t.{column})"


def _release_rows(
    connection: sqlite3.Connection, foreign_key: ForeignKey, repair_counts: Counter[str]
) -> int:
    table = _quote_identifier(foreign_key.table)
    if foreign_key.is_required:
        count = connection.execute(
            f"delete from {table} as t where {_dangling_condition(foreign_key)}"
        ).rowcount
        repair_counts[
            f"rows of {foreign_key.table} let go whose row in {foreign_key.parent_table} is lost"
        ] += count
    else:
        count = connection.execute(
            f"update {table} as t set {_quote_identifier(foreign_key.column)} = null where {_dangling_condition(foreign_key)}"
        ).rowcount
        repair_counts[
            f"rows of {foreign_key.table} that named a lost row of {foreign_key.parent_table}"
        ] += count
    return count


def _restore_parents(
    connection: sqlite3.Connection,
    outlets_by_feed: Mapping[str, str],
    now: str,
    repair_counts: Counter[str],
) -> None:
    """Outlets and feeds that only others name any more."""
    for (url,) in connection.execute(
        "select distinct feed from entries where feed not in (select url from feeds)"
    ).fetchall():
        outlet = outlets_by_feed.get(url) or _find_feed_outlet(connection, url)
        connection.execute(
            "insert into feeds (url, outlet, site, first_seen, due, since) values (?1, ?2, (select coalesce(max(site), '') from entries where feed = ?1), ?3, ?3, ?3)",
            [url, outlet, now],
        )
        repair_counts["feeds made anew from their entries"] += 1
    named = "select outlet from feeds union select outlet from articles union select outlet from profiles union select outlet from rhythms"
    if not connection.execute(
        "select 1 from sqlite_master where name = 'rhythms'"
    ).fetchone():
        named = "select outlet from feeds union select outlet from articles"
    repair_counts["outlets made anew from what names them"] += connection.execute(
        f"insert or ignore into outlets (key, name, first_seen) select outlet, outlet, ? from ({named}) where outlet <> ''",
        [now],
    ).rowcount


def _find_feed_outlet(connection: sqlite3.Connection, url: str) -> str:
    row = connection.execute(
        "select a.outlet from entries e join articles a on a.key = e.article where e.feed = ? limit 1",
        [url],
    ).fetchone()
    return str(row[0]) if row else "unknown"


# ---- articles


def _restore_articles(
    connection: sqlite3.Connection, now: str, repair_counts: Counter[str]
) -> None:
    """The rows of articles of which versions are there."""
    keys = "select distinct article from versions where article not in (select key from articles)"
    for (key,) in connection.execute(keys).fetchall():
        row = {
            name: value
            for name, value in _infer_article_columns(connection, key)
            if value is not None
        }
        url = row.get("url") or f"https://lost.invalid/{key}"
        made = {"key": key, "url": url, "reached": url, "outlet": "unknown", "site": "", "outcome": "unchanged", "due": now,
                "reason": "its row was lost, and made anew from its versions", **row}  # fmt: skip
        if "url" not in row:
            made["due"] = None  # nobody knows where to look
        names = ", ".join(made)
        connection.execute(
            f"insert into articles ({names}) values ({', '.join('?' * len(made))})",
            list(made.values()),
        )
        connection.execute(
            "insert or ignore into outlets (key, name, first_seen, active) values ('unknown', 'unknown', ?, 0)"
            if made["outlet"] == "unknown"
            else "insert or ignore into outlets (key, name, first_seen) values (?2, ?2, ?1)",
            [now] if made["outlet"] == "unknown" else [now, made["outlet"]],
        )
        repair_counts["articles made anew from their versions"] += 1


def _infer_article_columns(
    connection: sqlite3.Connection, key: str
) -> Iterator[tuple[str, object]]:
    """What other rows tell of an article: column, value."""
    seen = connection.execute(
        "select min(first_seen), max(last_seen), max(number), count(*) from versions where article = ?",
        [key],
    ).fetchone()
    yield from zip(
        ("first_seen", "last_seen", "version", "versions"), seen, strict=True
    )
    yield "looked", seen[1]
    newest = connection.execute(
        "select v.capture, c.reached, c.outlet from versions v left join captures c on c.id = v.capture where v.article = ? order by number desc limit 1",
        [key],
    ).fetchone()
    yield "capture", newest[0] if newest[1] is not None else None
    reading = connection.execute(
        "select max(id) from readings where article = ?", [key]
    ).fetchone()
    yield "reading", reading[0]
    entry = connection.execute(
        "select e.url, e.site, f.outlet from entries e left join feeds f on f.url = e.feed where e.article = ? order by e.id desc limit 1",
        [key],
    ).fetchone() or (None, None, None)
    known = connection.execute(
        "select url from urls where article = ? order by kind = 'canonical' desc, last_seen desc limit 1",
        [key],
    ).fetchone()
    yield "url", (known[0] if known else None) or entry[0] or newest[1]
    outlet = entry[2] or newest[2] or None
    yield "outlet", outlet
    site = connection.execute(
        "select site from articles where outlet = ? and site <> '' limit 1", [outlet]
    ).fetchone()
    yield "site", entry[1] or (site[0] if site else None)


def _repair_numbers(
    connection: sqlite3.Connection, repair_counts: Counter[str]
) -> None:
    """Counts and current versions that are not those of the versions held."""
    repair_counts[
        "articles whose current version was lost show the newest that is held"
    ] += connection.execute(
        """update articles set version = (select max(number) from versions v where v.article = articles.key)
        where not exists (select 1 from versions v where v.article = articles.key and v.number = articles.version)"""
    ).rowcount
    repair_counts["articles whose count of versions was wrong"] += connection.execute(
        """update articles set versions = (select count(*) from versions v where v.article = articles.key)
        where versions <> (select count(*) from versions v where v.article = articles.key)"""
    ).rowcount
    repair_counts["times of versions made anew from their rows"] += connection.execute(
        """insert into sightings (article, version, since, until) select article, id, first_seen, last_seen from versions
        where id not in (select version from sightings)"""
    ).rowcount
    repair_counts["captures that are to be asked for again"] += connection.execute(
        "update articles set etag = '', last_modified = '', sha256 = '' where capture is null and etag || last_modified || sha256 <> ''"
    ).rowcount
