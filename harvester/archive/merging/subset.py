"""Copy some articles of an archive, with everything that belongs to them, into a new one.

Rows keep their ids, so what they reference stays right. The new archive has a chain of
days of its own, with the head of the chain that it was taken from. Nothing is decided
about texts, and no clock is read: the same articles give the same bytes.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.connection import open_reader
from harvester.archive.disk_sync import fsync_path
from harvester.archive.integrity import proof
from harvester.archive.merging import attach, merge
from harvester.archive.merging.rows import list_columns
from harvester.archive.merging.warc_copies import RecordCopier
from harvester.archive.queries.export_captures import list_records
from harvester.archive.records.counts import rebuild_counts
from harvester.archive.transactions import transaction

_CHOSEN = "(select key from temp.chosen_articles)"
_ENTRIES = f"(select key from other.entries where article in {_CHOSEN})"
_CAPTURES = "(select id from temp.chosen_captures)"
_BY_ARTICLE = f"o.article in {_CHOSEN}"

# Table → which of its rows belong to the articles.
COPIED_TABLES = {
    "outlets": f"""o.key in (
        select outlet from other.articles where key in {_CHOSEN}
        union select outlet from other.captures where id in {_CAPTURES}
        union select outlet from other.feeds where url in (
            select feed from other.entries where article in {_CHOSEN}))""",
    "feeds": f"""o.url in (
        select feed from other.entries where article in {_CHOSEN})""",
    "backfills": f"""o.id in (
        select backfill from other.entries where article in {_CHOSEN})""",
    "crawls": f"""o.id in (
        select crawl from other.captures where id in {_CAPTURES})""",
    "origins": f"""o.id in (
        select origin from other.captures where id in {_CAPTURES})""",
    "captures": f"o.id in {_CAPTURES}",
    "articles": f"o.key in {_CHOSEN}",
    "versions": _BY_ARTICLE,
    "readings": _BY_ARTICLE,
    "sightings": _BY_ARTICLE,
    "urls": _BY_ARTICLE,
    "entries": _BY_ARTICLE,
    "announcements": f"o.entry in {_ENTRIES}",
    "changes": _BY_ARTICLE,
    "events": f"""({_BY_ARTICLE} or o.announcement in (
        select id from other.announcements where entry in {_ENTRIES}))""",
    "looks": _BY_ARTICLE,
    "labels": f"{_BY_ARTICLE} and o.capture in {_CAPTURES}",
    "profiles": f"""o.outlet in (
        select outlet from other.articles where key in {_CHOSEN})""",
    "copies": f"{_BY_ARTICLE} and o.original in {_CHOSEN}",
    "clusters": _BY_ARTICLE,
    "joins": _BY_ARTICLE,
    "aliases": _BY_ARTICLE,
    "apart": f"o.one in {_CHOSEN} and o.other in {_CHOSEN}",
}
# Derived, or about the whole archive, its crawls and its owner.
EXCLUDED_TABLES = (
    *(table for table in merge.EXCLUDED_TABLES if table not in COPIED_TABLES),
    "tombstones",
    "barred",
    "hosts",
    "rhythms",
    "watches",
    "gaps",
    "backfill_requests",
)
# Where a record is, and what it refers to, is known once it is copied.
_UNSET_COLUMNS = ("file", "offset", "length", "body_of", "request")


@dataclass(frozen=True, slots=True)
class SubsetResult:
    """What was copied."""

    records: int
    missing: int  # captures whose record could not be copied


def write_subset(
    source: Path,
    source_captures: Path | None,
    article_ids: array[int],
    capture_ids: array[int],
    target: Path,
    target_captures: Path,
    report_progress: Callable[[int, int], None],
) -> SubsetResult:
    """Write a new archive, and the WARC files of its captures.

    ``capture_ids``: those of the articles; others that their rows name are added.
    Raises ArchiveError.
    """
    draft = target.with_name(f"{target.name}.draft")
    with attach.open_new_with_attached(draft, source) as connection:
        with transaction(connection):
            _choose(connection, article_ids, capture_ids)
            for table, where in COPIED_TABLES.items():
                _copy_rows(connection, table, where)
            _drop_dangling(connection)
        copied, missing = _copy_records(
            connection, source, source_captures, target_captures, report_progress
        )
        with transaction(connection):
            now = _get_last_time(connection)
            rebuild_counts(connection)
            proof.add_chain_head(connection, "other", now)
            proof.seal_all(connection, now)
            connection.execute(
                "update main._sqlite_migrations set applied_at = ?", [now]
            )
            attach.check_foreign_keys(connection)
    _compact(draft, target)
    return SubsetResult(copied, missing)


def _choose(
    connection: sqlite3.Connection, article_ids: array[int], capture_ids: array[int]
) -> None:
    """Fill ``temp.chosen_articles`` and ``temp.chosen_captures``."""
    connection.execute("create temp table chosen_articles (key text primary key)")
    connection.executemany(
        """
        insert into temp.chosen_articles
        select key from other.articles where id = ?""",
        ([article_id] for article_id in article_ids),
    )
    connection.execute("create temp table chosen_captures (id integer primary key)")
    connection.executemany(
        """
        insert into temp.chosen_captures
        select id from other.captures where id = ?""",
        ([capture_id] for capture_id in capture_ids),
    )
    for table in ("versions", "readings", "looks", "labels"):
        connection.execute(
            f"""
            insert or ignore into temp.chosen_captures
            select capture from other.{table}
            where article in {_CHOSEN} and capture is not null"""
        )
    connection.execute(
        f"""
        insert or ignore into temp.chosen_captures
        select capture from other.articles
        where key in {_CHOSEN} and capture is not null"""
    )
    connection.execute(
        f"""
        insert or ignore into temp.chosen_captures
        select body_of from other.captures
        where id in {_CAPTURES} and body_of is not null"""
    )


def _copy_rows(connection: sqlite3.Connection, table: str, where: str) -> None:
    columns = list_columns(connection, table)
    values = [
        "null" if table == "captures" and name in _UNSET_COLUMNS else f'o."{name}"'
        for name in columns
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(
        f"""
        insert into main.{table} ({names})
        select {", ".join(values)} from other.{table} o
        where {where}
        order by o.{"id" if "id" in columns else columns[0]}"""
    )


def _drop_dangling(connection: sqlite3.Connection) -> None:
    """Forget references to articles and captures that did not come along."""
    connection.execute(
        """
        update main.captures set first = null
        where first not in (select id from main.captures)"""
    )
    connection.execute(
        """
        update main.articles set copy_of = null
        where copy_of not in (select key from main.articles)"""
    )
    # A cluster is named by the article seen first, of those that are here.
    connection.execute(
        """
        update main.clusters set cluster = (
            select m.article from main.clusters m
            join main.articles a on a.key = m.article
            where m.cluster = clusters.cluster
            order by a.first_seen, a.id
            limit 1)
        where cluster not in (select key from main.articles)"""
    )


def _copy_records(
    connection: sqlite3.Connection,
    source: Path,
    source_captures: Path | None,
    target_captures: Path,
    report_progress: Callable[[int, int], None],
) -> tuple[int, int]:
    """Copy the records; how many, and how many captures have none.

    First those that revisit records refer to.
    """
    rows = connection.execute(
        f"select id, body_of from other.captures where id in {_CAPTURES} order by id"
    ).fetchall()
    holders = {row["id"]: row["body_of"] for row in rows}
    copier = RecordCopier(target_captures)
    copied: set[int] = set()
    done = 0
    try:
        with closing(open_reader(source, is_foreign=True)) as reader:
            for is_revisit in (False, True):
                ids = array(
                    "q", (id for id in holders if bool(holders[id]) == is_revisit)
                )
                for capture in list_records(reader, source_captures, ids):
                    done += 1
                    report_progress(done, len(holders))
                    holder = holders[capture.id]
                    if not capture.record or (holder and holder not in copied):
                        continue
                    copier.add_record(
                        connection, capture.id, capture.record, holder, capture.request
                    )
                    copied.add(capture.id)
        copier.finish_file(connection)
    finally:
        copier.discard_draft()
    return len(copied), len(holders) - len(copied)


def _get_last_time(connection: sqlite3.Connection) -> str:
    """When anything of the articles was last seen."""
    row = connection.execute(
        """
        select max(at) as at from (
            select max(at) as at from main.captures
            union all select max(looked) from main.articles
            union all select max(at) from main.events
            union all select max(last_seen) from main.versions)"""
    ).fetchone()
    return str(row["at"])


def _compact(draft: Path, target: Path) -> None:
    """Write the archive anew without what its making left in it; remove the draft."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("vacuum main into ?", [str(target)])
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
    target.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
    fsync_path(target)
    for suffix in ("", "-wal", "-shm"):
        draft.with_name(f"{draft.name}{suffix}").unlink(missing_ok=True)
