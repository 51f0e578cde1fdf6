"""Split an article: some of its addresses and versions become an article of their own.

A version goes with the captures that it was read from. One that was read at both
articles stays, and is copied. Does not decide which addresses and versions these are;
see ``ingest.split_article``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harvester.archive.merging import joins, timeline
from harvester.archive.merging.rows import list_columns
from harvester.archive.records import addresses


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What becomes an article of its own."""

    new_key: str
    addresses: tuple[str, ...]
    capture_ids: tuple[int, ...]  # received at these addresses
    moved_version_ids: tuple[int, ...]  # versions.id
    copied_version_ids: tuple[int, ...]  # versions that were read at both articles
    # Of the copied versions: version, since, until.
    sightings: tuple[tuple[int, str, str], ...] = ()


def get_last_join(
    connection: sqlite3.Connection, article_key: str
) -> sqlite3.Row | None:
    """Return the latest join of another article into this one that was not undone."""
    return connection.execute(  # type: ignore[no-any-return]
        """
        select * from joins where article = ? and undone is null
        order by at desc, id desc limit 1
        """,
        [article_key],
    ).fetchone()


def list_addresses(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """List the addresses of an article, the one seen last first."""
    return connection.execute(
        """
        select * from urls where article = ? and kind <> 'shared'
        order by stood desc, last_seen desc, address
        """,
        [article_key],
    ).fetchall()


def list_captures(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """List all captures of an article: those that were read, and of its addresses."""
    return connection.execute(
        """
        select id, url, reached, at from captures
        where kind = 'article' and (
            id in (
                select capture from readings where article = :article_key
                union select capture from versions where article = :article_key
            )
            or url in (select url from urls where article = :article_key)
        )
        order by id
        """,
        {"article_key": article_key},
    ).fetchall()


def list_version_captures(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """List the versions of an article, a row for each capture that they were read from.

    Columns are ``id, number, sha256, wording, capture``.
    """
    return connection.execute(
        """
        select v.id, v.number, v.sha256, v.wording, r.capture
        from versions v
        join (
            select version, capture from readings
            where article = :article_key and capture is not null
            union select id, capture from versions where article = :article_key
        ) r on r.version = v.id
        where v.article = :article_key
        order by v.number
        """,
        {"article_key": article_key},
    ).fetchall()


def list_sightings(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """List the sightings of an article's versions: ``version, since, until``."""
    return connection.execute(
        "select version, since, until from sightings where article = ? order by id",
        [article_key],
    ).fetchall()


def split_article(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> list[timeline.Transition]:
    """Make two articles of one.

    Returns the neighbouring versions that have not been compared yet.
    """
    connection.execute("delete from aliases where key = ?", [plan.new_key])
    _add_article(connection, article_key, plan, now)
    _move_versions(connection, plan)
    for version_id in plan.copied_version_ids:
        _copy_version(connection, version_id, plan)
    for table in ("urls", "entries"):
        connection.execute(
            f"""
            update {table} set article = ?
            where article = ? and address in (select value from json_each(?))
            """,
            [plan.new_key, article_key, json.dumps(plan.addresses)],
        )
    connection.execute(
        """
        update labels set article = ?
        where article = ? and capture in (select value from json_each(?))
        """,
        [plan.new_key, article_key, json.dumps(plan.capture_ids)],
    )
    addresses.mark_distinct(connection, article_key, plan.new_key, now)
    connection.execute(
        "update joins set undone = ? where article = ? and joined = ?",
        [now, article_key, plan.new_key],
    )
    timeline.select_articles(connection, [article_key, plan.new_key])
    transitions = timeline.rebuild_timelines(connection)
    for key in (article_key, plan.new_key):
        _update_address(connection, key, plan, now)
        _update_times(connection, key)
    return transitions


def _get_row(
    connection: sqlite3.Connection, table: str, column: str, value: object
) -> dict[str, Any]:
    row = connection.execute(
        f"select * from {table} where {column} = ?", [value]
    ).fetchone()
    return dict(row)


def _insert_row(
    connection: sqlite3.Connection, table: str, row: Mapping[str, Any]
) -> int | None:
    columns, placeholders = ", ".join(row), ", ".join("?" * len(row))
    return connection.execute(
        f"insert into {table} ({columns}) values ({placeholders})", list(row.values())
    ).lastrowid


def _add_article(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> None:
    """Add the row of the new article: like the old one, with a fresh history."""
    row = _get_row(connection, "articles", "key", article_key)
    del row["id"]
    row |= {
        "key": plan.new_key,
        "state": "live",
        "looked": now,
        "misses": 0,
        "missed": None,
        "attempts": 0,
        "prompted": 1,
        "outcome": "new",
        "reason": f"split from {article_key}",
        "copy_of": None,
        "version": 1,
        "versions": 1,
    }
    _insert_row(connection, "articles", row)


def _move_versions(connection: sqlite3.Connection, plan: SplitPlan) -> None:
    """Move versions with everything about them."""
    moved_ids = json.dumps(plan.moved_version_ids)
    for table, column in joins.list_references(connection, "versions"):
        if table != "changes" and "article" in list_columns(connection, table):
            connection.execute(
                f"""
                update {table} set article = ?
                where {column} in (select value from json_each(?))
                """,
                [plan.new_key, moved_ids],
            )
    connection.execute(
        """
        update changes set article = :new_key
        where before in (select value from json_each(:moved_ids))
            and after in (select value from json_each(:moved_ids))
        """,
        {"new_key": plan.new_key, "moved_ids": moved_ids},
    )
    connection.execute(
        """
        update events set article = :new_key
        where change in (select id from changes where article = :new_key)
        """,
        {"new_key": plan.new_key},
    )
    connection.execute(
        """
        update versions set article = ?, number = -id
        where id in (select value from json_each(?))
        """,
        [plan.new_key, moved_ids],
    )


def _copy_version(
    connection: sqlite3.Connection, version_id: int, plan: SplitPlan
) -> None:
    """Copy a version to the new article, with the readings of its own captures."""
    row = _get_row(connection, "versions", "id", version_id)
    spans = [
        (since, until)
        for sighted_id, since, until in plan.sightings
        if sighted_id == version_id
    ]
    del row["id"]
    row |= {"article": plan.new_key, "number": -version_id}
    if spans:
        row["first_seen"] = min(since for since, _ in spans)
        row["last_seen"] = max(until for _, until in spans)
    else:
        spans = [(row["first_seen"], row["last_seen"])]
    copy_id = _insert_row(connection, "versions", row)
    connection.execute(
        """
        update readings set article = ?, version = ?
        where version = ? and capture in (select value from json_each(?))
        """,
        [plan.new_key, copy_id, version_id, json.dumps(plan.capture_ids)],
    )
    connection.execute(
        """
        update versions set capture = coalesce(
            (select min(capture) from readings where version = :copy_id), capture
        )
        where id = :copy_id
        """,
        {"copy_id": copy_id},
    )
    connection.executemany(
        "insert into sightings (article, version, since, until) values (?, ?, ?, ?)",
        [(plan.new_key, copy_id, *span) for span in spans],
    )


def _update_address(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> None:
    """Set where an article is fetched from after the split; it is checked next."""
    urls = [row["url"] for row in list_addresses(connection, article_key)]
    reached_before = connection.execute(
        "select reached from articles where key = ?", [article_key]
    ).fetchone()["reached"]
    reached = urls[0] if urls and reached_before not in urls else reached_before
    update: dict[str, Any] = {
        "reached": reached,
        "due": now if urls else None,
        "etag": "",
        "last_modified": "",
        "sha256": "",
    }
    if article_key == plan.new_key or reached != reached_before:
        update["url"] = reached
    assignments = ", ".join(f"{column} = ?" for column in update)
    connection.execute(
        f"update articles set {assignments} where key = ?",
        [*update.values(), article_key],
    )


def _update_times(connection: sqlite3.Connection, article_key: str) -> None:
    """Set an article's times, reading and capture from the versions that it has."""
    connection.execute(
        """
        update articles set
            first_seen = (select min(first_seen) from versions where article = :article_key),
            last_seen = (select max(last_seen) from versions where article = :article_key),
            reading = (
                select max(id) from readings
                where article = :article_key and source <> 'feed-compared'
            ),
            capture = coalesce((
                select capture from readings
                where article = :article_key and capture is not null order by id desc limit 1
            ), capture)
        where key = :article_key
        """,
        {"article_key": article_key},
    )


def list_article_summaries(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> list[dict[str, Any]]:
    """Summarise articles: key, addresses, versions."""
    summaries = []
    for key in article_keys:
        versions = connection.execute(
            """
            select number, sha256, title from versions
            where article = ? order by number
            """,
            [key],
        )
        summaries.append(
            {
                "article": key,
                "urls": [row["url"] for row in list_addresses(connection, key)],
                "versions": [dict(row) for row in versions],
            }
        )
    return summaries
