"""One article becomes two: some of its addresses and versions become an article of their own, for good.

What can be told apart is: a version goes with the captures that it was read from. One that was read at both stays, and is
copied. Not for: which addresses and versions these are (``ingest.parting``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harvester.archive.merging import timeline
from harvester.archive.records import addresses, joins


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """What becomes an article of its own."""

    new_key: str
    addresses: tuple[str, ...]
    capture_ids: tuple[int, ...]  # that were received there
    moved_version_ids: tuple[int, ...]  # versions.id
    copied_version_ids: tuple[int, ...]  # versions that were read at both
    sightings: tuple[
        tuple[int, str, str], ...
    ] = ()  # of the copied ones: version, since, until


def get_last_join(
    connection: sqlite3.Connection, article_key: str
) -> sqlite3.Row | None:
    """The last time that another article became part of this one, and was not parted again."""
    return connection.execute(  # type: ignore[no-any-return]
        "select * from joins where article = ? and undone is null order by at desc, id desc limit 1",
        [article_key],
    ).fetchone()


def list_addresses(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """The addresses of an article, the one seen last first."""
    return connection.execute(
        "select * from urls where article = ? and kind <> 'shared' order by stood desc, last_seen desc, address",
        [article_key],
    ).fetchall()


def list_captures(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """All captures of an article's pages: those that were read, and those of its addresses."""
    return connection.execute(
        """select id, url, reached, at from captures where kind = 'article' and (id in (
            select capture from readings where article = ?1 union select capture from versions where article = ?1)
        or url in (select url from urls where article = ?1)) order by id""",
        [article_key],
    ).fetchall()


def list_version_captures(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """The versions of an article (``id, number, sha256``), each with every capture that it was read from."""
    return connection.execute(
        """select v.id, v.number, v.sha256, v.wording, r.capture from versions v
        join (select version, capture from readings where article = ?1 and capture is not null
            union select id, capture from versions where article = ?1) r on r.version = v.id
        where v.article = ?1 order by v.number""",
        [article_key],
    ).fetchall()


def list_sightings(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """When each version stood there."""
    return connection.execute(
        "select version, since, until from sightings where article = ? order by id",
        [article_key],
    ).fetchall()


def split_article(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> list[timeline.Transition]:
    """Make two of one. Returns the neighbours that nobody has compared yet."""
    connection.execute("delete from aliases where key = ?", [plan.new_key])
    _add_article(connection, article_key, plan, now)
    _move_versions(connection, plan)
    for version in plan.copied_version_ids:
        _copy_version(connection, version, plan)
    chosen = json.dumps(plan.addresses)
    for table in ("urls", "entries"):
        connection.execute(
            f"update {table} set article = ? where article = ? and address in (select value from json_each(?))",
            [plan.new_key, article_key, chosen],
        )
    connection.execute(
        "update labels set article = ? where article = ? and capture in (select value from json_each(?))",
        [plan.new_key, article_key, json.dumps(plan.capture_ids)],
    )
    addresses.mark_distinct(connection, article_key, plan.new_key, now)
    connection.execute(
        "update joins set undone = ? where article = ? and joined = ?",
        [now, article_key, plan.new_key],
    )
    timeline.select_articles(connection, [article_key, plan.new_key])
    steps = timeline.rebuild_timelines(connection)
    _update_split_articles(connection, article_key, plan, now)
    return steps


def _add_article(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> None:
    """The row of the new article: as the old one, but for what is to be found out anew."""
    row = dict(
        connection.execute(
            "select * from articles where key = ?", [article_key]
        ).fetchone()
    )
    del row["id"]
    row |= {
        "key": plan.new_key, "state": "live", "looked": now, "misses": 0, "missed": None, "attempts": 0, "prompted": 1,
        "outcome": "new", "reason": f"parted from {article_key}", "copy_of": None, "version": 1, "versions": 1,
    }  # fmt: skip
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"insert into articles ({names}) values ({marks})", list(row.values())
    )


def _move_versions(connection: sqlite3.Connection, plan: SplitPlan) -> None:
    """Versions with all that is about them."""
    moved = json.dumps(plan.moved_version_ids)
    for table, column in joins.list_references(connection, "versions"):
        if (table, column) not in (
            ("changes", "before"),
            ("changes", "after"),
        ) and _has_article_column(connection, table):
            connection.execute(
                f"update {table} set article = ? where {column} in (select value from json_each(?))",
                [plan.new_key, moved],
            )
    connection.execute(
        """update changes set article = ?1 where before in (select value from json_each(?2))
        and after in (select value from json_each(?2))""",
        [plan.new_key, moved],
    )
    connection.execute(
        "update events set article = ?1 where change in (select id from changes where article = ?1)",
        [plan.new_key],
    )
    connection.execute(
        "update versions set article = ?, number = -id where id in (select value from json_each(?))",
        [plan.new_key, moved],
    )


def _has_article_column(connection: sqlite3.Connection, table: str) -> bool:
    return any(
        row["name"] == "article"
        for row in connection.execute(f'pragma main.table_info("{table}")')
    )


def _copy_version(
    connection: sqlite3.Connection, version_id: int, plan: SplitPlan
) -> None:
    """A version that was read at both: the new article has it too, with the readings of its own captures."""
    row = dict(
        connection.execute(
            "select * from versions where id = ?", [version_id]
        ).fetchone()
    )
    mine = [(since, until) for one, since, until in plan.sightings if one == version_id]
    del row["id"]
    row |= {"article": plan.new_key, "number": -version_id}
    if mine:
        row |= {
            "first_seen": min(one[0] for one in mine),
            "last_seen": max(one[1] for one in mine),
        }
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    number = connection.execute(
        f"insert into versions ({names}) values ({marks})", list(row.values())
    ).lastrowid
    connection.execute(
        "update readings set article = ?, version = ? where version = ? and capture in (select value from json_each(?))",
        [plan.new_key, number, version_id, json.dumps(plan.capture_ids)],
    )
    connection.execute(
        """update versions set capture = coalesce((select min(capture) from readings where version = ?1), capture)
        where id = ?1""",
        [number],
    )
    connection.executemany(
        "insert into sightings (article, version, since, until) values (?, ?, ?, ?)",
        [
            (plan.new_key, number, *one)
            for one in mine or [(row["first_seen"], row["last_seen"])]
        ],
    )


def _update_split_articles(
    connection: sqlite3.Connection, article_key: str, plan: SplitPlan, now: str
) -> None:
    """Where each of the two is asked from now on, and since when it is known; both are looked at next."""
    for key in (article_key, plan.new_key):
        found = list_addresses(connection, key)
        url = found[0]["url"] if found else None
        row = connection.execute(
            "select reached from articles where key = ?", [key]
        ).fetchone()
        held = [one["url"] for one in found]
        reached = row["reached"] if row["reached"] in held else url or row["reached"]
        changed: dict[str, Any] = {
            "reached": reached,
            "due": now if url else None,
            "etag": "",
            "last_modified": "",
            "sha256": "",
        }
        if key == plan.new_key or row["reached"] != reached:
            changed["url"] = reached
        names = ", ".join(f"{name} = ?" for name in changed)
        connection.execute(
            f"update articles set {names} where key = ?", [*changed.values(), key]
        )
        connection.execute(
            """update articles set first_seen = (select min(first_seen) from versions where article = ?1),
            last_seen = (select max(last_seen) from versions where article = ?1),
            reading = (select max(id) from readings where article = ?1 and source <> 'feed-compared'),
            capture = coalesce((select capture from readings where article = ?1 and capture is not null order by id desc limit 1), capture)
            where key = ?1""",
            [key],
        )


def list_article_summaries(
    connection: sqlite3.Connection, article_keys: Iterable[str]
) -> list[dict[str, Any]]:
    """Articles in short: key, addresses, versions."""
    found = []
    for key in article_keys:
        urls: Sequence[sqlite3.Row] = list_addresses(connection, key)
        rows = connection.execute(
            "select number, sha256, title from versions where article = ? order by number",
            [key],
        )
        found.append(
            {
                "article": key,
                "urls": [row["url"] for row in urls],
                "versions": [dict(row) for row in rows],
            }
        )
    return found
