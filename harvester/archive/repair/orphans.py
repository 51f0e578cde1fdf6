"""Repair rows that reference missing rows.

What they say about the missing rows is used first, then they are deleted. If the row of
an article is lost but its versions are not, the row is restored from them; an article
without any version is deleted, so that its entries are fetched again. Works in the
caller's transaction. Does not find out what is lost; see ``losses``.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvester.archive.repair.indexes import has_table
from harvester.archive.repair.row_samples import RowSample, quote_identifier

MAX_ROUNDS = 10  # deleting rows may leave others without their parent
JSON_COLUMNS = (  # table, column, value if empty
    ("versions", "authors", "[]"),
    ("versions", "sections", "[]"),
    ("versions", "tags", "[]"),
    ("versions", "sources", "{}"),
    ("readings", "extract", "{}"),
    ("changes", "fields", "{}"),
    ("changes", "sentences", "{}"),
    ("entries", "extra", "{}"),
    ("crawls", "counts", "{}"),
    ("gaps", "progress", "{}"),
    ("backfill_requests", "progress", "{}"),
    ("tombstones", "removed", "{}"),
    ("joins", "before", "{}"),
)
REREAD_MARK = "damaged"  # in place of an extractor: the version is to be read again
REQUEUE_ENTRIES_SQL = """
update entries set
    article = null,
    outcome = 'waiting',
    reason = 'its article was lost and is fetched again',
    due = ?,
    attempts = 0
where address <> '' and (
    article not in (select key from articles)
    or article is null and outcome in ('new', 'duplicate', 'changed')
)
"""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column that references rows of another table."""

    table: str
    column: str
    parent_table: str
    parent_column: str
    is_required: bool


def list_foreign_keys(connection: sqlite3.Connection) -> list[ForeignKey]:
    """List all columns that reference rows."""
    foreign_keys = []
    tables = connection.execute(
        "select name from sqlite_master where type = 'table' order by name"
    ).fetchall()
    for (table,) in tables:
        quoted = quote_identifier(table)
        columns = {
            row[1]: row for row in connection.execute(f"pragma table_info({quoted})")
        }
        references = connection.execute(f"pragma foreign_key_list({quoted})")
        for _, _, parent, name, parent_column, *_ in references.fetchall():
            column = columns.get(name)
            if column is not None and parent_column:
                is_required = bool(column[3] or column[5])  # not null, primary key
                foreign_keys.append(
                    ForeignKey(table, name, parent, parent_column, is_required)
                )
    return foreign_keys


def count_dangling_rows(
    connection: sqlite3.Connection, foreign_key: ForeignKey, sample: RowSample
) -> int:
    """Count the rows of a sample that reference a missing row."""
    row = connection.execute(
        f"""
        select count(*) from {sample.source(foreign_key.table)} t
        where {_dangling_condition(foreign_key)}"""
    ).fetchone()
    return int(row[0])


def list_invalid_json(
    connection: sqlite3.Connection, sample: RowSample
) -> list[tuple[str, str, int]]:
    """List the columns with invalid JSON: table, column, number of rows of a sample."""
    columns: dict[str, list[str]] = {}
    for table, column, _ in JSON_COLUMNS:
        if connection.execute(
            f"select 1 from pragma_table_info('{table}') where name = ?", [column]
        ).fetchone():
            columns.setdefault(table, []).append(column)
    invalid = []
    for table, names in columns.items():  # one pass: texts lie before some columns
        sums = ", ".join(f"total(not json_valid({name}))" for name in names)
        counts = connection.execute(f"select {sums} from {sample.source(table)}")
        for name, count in zip(names, counts.fetchone(), strict=True):
            if count:
                invalid.append((table, name, int(count)))
    return invalid


def list_versions_to_reread(connection: sqlite3.Connection) -> list[int]:
    """List the ids of versions whose fields were damaged."""
    rows = connection.execute(
        "select distinct version from readings where extractor = ?", [REREAD_MARK]
    )
    return [row[0] for row in rows]


def mark_for_reread(connection: sqlite3.Connection, version_id: int) -> None:
    """Mark a version as one that is to be read again."""
    connection.execute(
        """
        update readings set extractor = ?
        where id = (
            select max(id) from readings
            where version = ? and source <> 'feed-compared'
        )
        """,
        [REREAD_MARK, version_id],
    )


def repair_orphans(
    connection: sqlite3.Connection, outlets_by_feed: Mapping[str, str], now: str
) -> Counter[str]:
    """Make all rows fit together; return each kind of repair with its count.

    ``outlets_by_feed`` maps feed URLs to outlets, as in the settings.
    """
    repair_counts: Counter[str] = Counter()
    connection.execute("pragma foreign_keys = off")
    _reset_invalid_json(connection, repair_counts)
    _restore_feeds(connection, outlets_by_feed, now, repair_counts)
    _restore_outlets(connection, now, repair_counts)
    _restore_origins(connection, now, repair_counts)
    _restore_articles(connection, now, repair_counts)
    foreign_keys = list_foreign_keys(connection)
    for _ in range(MAX_ROUNDS):
        deleted = connection.execute(
            "delete from articles where key not in (select article from versions)"
        ).rowcount
        repair_counts["deleted articles without any version"] += deleted
        repair_counts["entries whose article is fetched again"] += connection.execute(
            REQUEUE_ENTRIES_SQL, [now]
        ).rowcount
        released = sum(
            _release_rows(connection, foreign_key, repair_counts)
            for foreign_key in foreign_keys
        )
        if not deleted and not released:
            break
    _repair_numbers(connection, repair_counts)
    repair_counts["waiting entries made due"] += connection.execute(
        """
        update entries set due = ?
        where outcome = 'waiting' and due is null and address <> ''
        """,
        [now],
    ).rowcount
    return +repair_counts


def _reset_invalid_json(
    connection: sqlite3.Connection, repair_counts: Counter[str]
) -> None:
    """Replace invalid JSON by an empty value."""
    empty_values = {(table, column): empty for table, column, empty in JSON_COLUMNS}
    for table, column, count in list_invalid_json(connection, RowSample(connection)):
        if table == "versions":
            rows = connection.execute(
                f"select id from versions where not json_valid({column})"
            )
            for (version_id,) in rows.fetchall():
                mark_for_reread(connection, version_id)
        connection.execute(
            f"update {table} set {column} = ? where not json_valid({column})",
            [empty_values[table, column]],
        )
        repair_counts[f"emptied invalid JSON ({table}.{column})"] += count


def _dangling_condition(foreign_key: ForeignKey) -> str:
    column = f"t.{quote_identifier(foreign_key.column)}"
    parent_table = quote_identifier(foreign_key.parent_table)
    parent_column = f"p.{quote_identifier(foreign_key.parent_column)}"
    return f"""{column} is not null and not exists (
        select 1 from {parent_table} p where {parent_column} = {column}
    )"""


def _release_rows(
    connection: sqlite3.Connection, foreign_key: ForeignKey, repair_counts: Counter[str]
) -> int:
    """Delete rows whose parent is missing, or clear the reference if it is optional."""
    table = quote_identifier(foreign_key.table)
    column = quote_identifier(foreign_key.column)
    condition = _dangling_condition(foreign_key)
    parent_table = foreign_key.parent_table
    if foreign_key.is_required:
        count = connection.execute(
            f"delete from {table} as t where {condition}"
        ).rowcount
        repair = f"deleted rows of {foreign_key.table} whose {parent_table} row is lost"
    else:
        count = connection.execute(
            f"update {table} as t set {column} = null where {condition}"
        ).rowcount
        repair = (
            f"cleared references from {foreign_key.table} to lost rows of "
            f"{parent_table}"
        )
    repair_counts[repair] += count
    return count


# ---- outlets, feeds and origins


def _restore_origins(
    connection: sqlite3.Connection, now: str, repair_counts: Counter[str]
) -> None:
    """Restore lost origins, without their names: an import stays an import."""
    if not has_table(connection, "origins"):
        return
    count = connection.execute(
        """
        insert into origins (id, kind, name, at)
        select distinct origin, 'warc', 'lost, its number was ' || origin, ?
        from captures
        where origin is not null and origin not in (select id from origins)
        """,
        [now],
    ).rowcount
    repair_counts["restored origins of imported captures, without their names"] += count


def _restore_feeds(
    connection: sqlite3.Connection,
    outlets_by_feed: Mapping[str, str],
    now: str,
    repair_counts: Counter[str],
) -> None:
    """Restore feeds that only entries, gaps or backfills still name."""
    naming = "select feed from entries"
    for table in ("gaps", "backfill_requests"):
        if has_table(connection, table):
            naming += f" union select feed from {table}"
    rows = connection.execute(
        f"""
        select distinct feed from ({naming})
        where feed <> '' and feed not in (select url from feeds)
        """
    )
    for (url,) in rows.fetchall():
        outlet = outlets_by_feed.get(url) or _find_feed_outlet(connection, url)
        connection.execute(
            """
            insert into feeds (url, outlet, site, first_seen, due, since)
            values (
                :url,
                :outlet,
                (select coalesce(max(site), '') from entries where feed = :url),
                :now,
                :now,
                :now
            )
            """,
            {"url": url, "outlet": outlet, "now": now},
        )
        repair_counts["restored feeds from their entries"] += 1


def _restore_outlets(
    connection: sqlite3.Connection, now: str, repair_counts: Counter[str]
) -> None:
    """Restore outlets that only other rows still name."""
    tables = ["feeds", "articles"]
    if has_table(connection, "rhythms"):
        tables += ["profiles", "rhythms"]
    named = " union ".join(f"select outlet from {table}" for table in tables)
    repair_counts["restored outlets from rows that name them"] += connection.execute(
        f"""
        insert or ignore into outlets (key, name, first_seen)
        select outlet, outlet, ? from ({named}) where outlet <> ''
        """,
        [now],
    ).rowcount


def _find_feed_outlet(connection: sqlite3.Connection, url: str) -> str:
    row = connection.execute(
        """
        select a.outlet from entries e join articles a on a.key = e.article
        where e.feed = ? limit 1
        """,
        [url],
    ).fetchone()
    return str(row[0]) if row else "unknown"


# ---- articles


def _restore_articles(
    connection: sqlite3.Connection, now: str, repair_counts: Counter[str]
) -> None:
    """Restore the rows of articles from their versions."""
    rows = connection.execute(
        """
        select distinct article from versions
        where article not in (select key from articles)
        """
    )
    for (key,) in rows.fetchall():
        known = {
            column: value
            for column, value in _infer_article_columns(connection, key)
            if value is not None
        }
        url = known.get("url") or f"https://lost.invalid/{key}"
        article = {
            "key": key,
            "url": url,
            "reached": url,
            "outlet": "unknown",
            "site": "",
            "outcome": "unchanged",
            "due": now if "url" in known else None,
            "reason": "its row was lost and restored from its versions",
            **known,
        }
        columns, placeholders = ", ".join(article), ", ".join("?" * len(article))
        connection.execute(
            f"insert into articles ({columns}) values ({placeholders})",
            list(article.values()),
        )
        outlet = article["outlet"]
        connection.execute(
            """
            insert or ignore into outlets (key, name, first_seen, active)
            values (:outlet, :outlet, :now, :active)
            """,
            {"outlet": outlet, "now": now, "active": int(outlet != "unknown")},
        )
        repair_counts["restored articles from their versions"] += 1


def _infer_article_columns(
    connection: sqlite3.Connection, key: str
) -> Iterator[tuple[str, object]]:
    """Yield what other rows say about an article: column, value."""
    first_seen, last_seen, number, count = connection.execute(
        """
        select min(first_seen), max(last_seen), max(number), count(*)
        from versions where article = ?
        """,
        [key],
    ).fetchone()
    yield "first_seen", first_seen
    yield "last_seen", last_seen
    yield "version", number
    yield "versions", count
    yield "looked", last_seen
    capture_id, capture_url, capture_outlet = connection.execute(
        """
        select v.capture, c.reached, c.outlet
        from versions v left join captures c on c.id = v.capture
        where v.article = ? order by number desc limit 1
        """,
        [key],
    ).fetchone()
    yield "capture", capture_id if capture_url is not None else None
    (reading_id,) = connection.execute(
        "select max(id) from readings where article = ?", [key]
    ).fetchone()
    yield "reading", reading_id
    entry_url, entry_site, feed_outlet = connection.execute(
        """
        select e.url, e.site, f.outlet
        from entries e left join feeds f on f.url = e.feed
        where e.article = ? order by e.id desc limit 1
        """,
        [key],
    ).fetchone() or (None, None, None)
    address = connection.execute(
        """
        select url from urls where article = ?
        order by kind = 'canonical' desc, last_seen desc limit 1
        """,
        [key],
    ).fetchone()
    yield "url", (address[0] if address else None) or entry_url or capture_url
    outlet = feed_outlet or capture_outlet or None
    yield "outlet", outlet
    sibling = connection.execute(
        "select site from articles where outlet = ? and site <> '' limit 1", [outlet]
    ).fetchone()
    yield "site", entry_site or (sibling[0] if sibling else None)


def _repair_numbers(
    connection: sqlite3.Connection, repair_counts: Counter[str]
) -> None:
    """Set current versions, counts and times that do not fit the versions left."""
    repair_counts["articles set to their newest version"] += connection.execute(
        """
        update articles set version = (
            select max(number) from versions v where v.article = articles.key
        )
        where not exists (
            select 1 from versions v
            where v.article = articles.key and v.number = articles.version
        )
        """
    ).rowcount
    repair_counts["corrected version counts of articles"] += connection.execute(
        """
        update articles set versions = (
            select count(*) from versions v where v.article = articles.key
        )
        where versions <> (
            select count(*) from versions v where v.article = articles.key
        )
        """
    ).rowcount
    repair_counts["restored sightings from their versions"] += connection.execute(
        """
        insert into sightings (article, version, since, until)
        select article, id, first_seen, last_seen from versions
        where id not in (select version from sightings)
        """
    ).rowcount
    repair_counts["articles whose page is fetched again"] += connection.execute(
        """
        update articles set etag = '', last_modified = '', sha256 = ''
        where capture is null and etag || last_modified || sha256 <> ''
        """
    ).rowcount
