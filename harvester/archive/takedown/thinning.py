"""Thin out old captures: remove bodies that differ from their neighbours in no word.

Of each sighting of a version the first and the last capture stay, and all that anything
refers to. What is removed leaves its row, with the digest and the length of the body and
the digest of the record, so that its seal stays valid; a tombstone says that it was done
on purpose. Takes one WARC file at a time, and is safe to be killed at any instant, as a
purge is (see ``warc_rewrite``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof, warc_check
from harvester.archive.regular_files import is_capture_file_name
from harvester.archive.takedown import redact_captures, warc_rewrite
from harvester.archive.takedown.warc_rewrite import RecordEdit

# A file is written again once so much of it can go: each costs as much as it is long.
MIN_REMOVED_SHARE = 0.1

# Checks (``l``) whose capture (``c``) shows a version between two other captures of the
# same sighting, and that nothing refers to: no version, reading, label, article, other
# check or capture. What was changed or told then keeps its evidence.
_THINNABLE_SQL = """
select c.id
from captures c
join looks l on l.capture = c.id
where c.id >= :first and c.id < :end and c.file = :file
    and c.at < :before and c.kind = 'article' and c.first is null
    and c.body_of is null and c.text = '' and l.outcome = 'unchanged' and l.saw = ''
    and l.note = '' and l.missed = 0
    and exists (
        select 1 from sightings s
        where s.article = l.article and s.since < l.at and l.at < s.until
            and exists (
                select 1 from looks n
                where n.article = l.article and n.at > l.at and n.at <= s.until
                    and n.capture is not null and n.saw = ''
            )
            and (
                exists (
                    select 1 from looks p
                    where p.article = l.article and p.at >= s.since and p.at < l.at
                        and p.capture is not null and p.saw = ''
                )
                or exists (
                    select 1 from versions v join captures o on o.id = v.capture
                    where v.id = s.version and v.first_seen >= s.since
                        and o.kind = 'article'
                )
            )
    )
    and not exists (select 1 from looks o where o.capture = c.id and o.id <> l.id)
    and not exists (
        select 1 from changes o where o.article = l.article and o.at = l.at)
    and not exists (
        select 1 from events o where o.article = l.article and o.at = l.at)
    and not {is_referenced}
    and not exists (
        select 1 from captures f where f.first = c.id and {further_is_referenced})
order by c.id
"""
_REFERENCED_SQL = """(
    exists (select 1 from captures r where r.body_of = {id})
    or {id} in (select capture from labels)
    or exists (select 1 from versions r where r.capture = {id})
    or {id} in (select capture from readings where capture >= :first and capture < :end)
    or {id} in (select capture from articles where capture >= :first and capture < :end)
)"""


@dataclass(frozen=True, slots=True)
class ThinnedFile:
    """What was done to one WARC file."""

    next_id: int  # where to go on: the first capture that was not looked at
    captures: int = 0  # that were thinned out
    bytes: int = 0  # by which the file is shorter


def thin_next_file(
    archive: Archive, first_id: int, before: str, now: str
) -> ThinnedFile | None:
    """Thin out captures received before a time, in the file of the first from an id on.

    None: there is none. Nothing may have the files open for writing. ``clear_leftovers``
    of ``execute`` completes it where it was interrupted.
    """
    connection, folder = archive.connection, archive.captures_folder
    chosen = _choose_file(connection, first_id, before)
    if folder is None or chosen is None:
        return None
    first_id, end_id, file_name = chosen
    path = folder / file_name
    if not is_capture_file_name(file_name) or not path.is_file():
        return ThinnedFile(end_id)
    rows = _list_thinnable(connection, chosen, before)
    if sum(row["length"] for row in rows) < MIN_REMOVED_SHARE * path.stat().st_size:
        return ThinnedFile(end_id)
    thinned = _rewrite_file(archive, folder, file_name, rows, now)
    return ThinnedFile(end_id, *thinned)


def _choose_file(
    connection: sqlite3.Connection, first_id: int, before: str
) -> tuple[int, int, str] | None:
    """A file with the range of captures that are in it: records are added in order."""
    first = connection.execute(
        """
        select id, file, at from captures where id >= ? and file is not null
        order by id limit 1
        """,
        [first_id],
    ).fetchone()
    if first is None or first["at"] >= before:
        return None
    end = connection.execute(
        """
        select id from captures where id > ? and file is not null and file <> ?
        order by id limit 1
        """,
        [first["id"], first["file"]],
    ).fetchone()
    last = connection.execute("select max(id) from captures").fetchone()[0]
    return first["id"], end["id"] if end else last + 1, first["file"]


def _list_thinnable(
    connection: sqlite3.Connection, chosen: tuple[int, int, str], before: str
) -> list[sqlite3.Row]:
    """The captures of a file to thin out, with those of the articles' further pages."""
    first_id, end_id, file_name = chosen
    sql = _THINNABLE_SQL.format(
        is_referenced=_REFERENCED_SQL.format(id="c.id"),
        further_is_referenced=_REFERENCED_SQL.format(id="f.id"),
    )
    ids = connection.execute(
        sql, {"first": first_id, "end": end_id, "file": file_name, "before": before}
    )
    return connection.execute(
        """
        select id, outlet, offset, length, sha256, request from captures
        where file = :file and body_of is null and id >= :first and id < :end and (
            id in (select value from json_each(:ids))
            or first in (select value from json_each(:ids))
        )
        order by id
        """,
        {
            "file": file_name,
            "first": first_id,
            "end": end_id,
            "ids": json.dumps([row["id"] for row in ids]),
        },
    ).fetchall()


def _rewrite_file(
    archive: Archive,
    folder: Path,
    file_name: str,
    rows: Sequence[sqlite3.Row],
    now: str,
) -> tuple[int, int]:
    """Write a file without the records; returns how many are gone, and their bytes."""
    connection = archive.connection
    new_name = warc_rewrite.choose_new_name(folder, file_name)
    archive.begin()
    proof.seal_all(connection, now)
    warc_rewrite.add_leftovers(connection, [new_name], now)
    archive.commit()
    file = warc_rewrite.write_file(
        folder,
        file_name,
        new_name,
        [
            *(
                (row["offset"], row["length"], _drop_if_intact(row["sha256"]))
                for row in rows
            ),
            *(
                (
                    row["offset"] + row["length"],
                    row["request"],
                    redact_captures.drop_record,
                )
                for row in rows
                if row["request"]
            ),
        ],
        redact_captures.get_last_record_end(connection, file_name),
    )
    archive.begin()
    redact_captures.update_record_locations(connection, file)
    gone = _mark_thinned(connection, [row["id"] for row in rows], now)
    _add_tombstones(connection, gone, now)
    done = [file_name]
    if redact_captures.has_captures_in_file(connection, new_name):
        done.append(new_name)
    warc_rewrite.delete_leftovers(connection, done)
    warc_rewrite.add_leftovers(connection, [file_name], now)
    archive.commit()
    archive.begin()
    warc_rewrite.delete_leftover_files(connection, folder)
    archive.commit()
    removed = {row["id"] for row in gone}
    return len(gone), sum(row["length"] for row in rows if row["id"] in removed)


def _drop_if_intact(sha256: str) -> RecordEdit:
    """The edit that removes a record; a damaged one stays, to be found by ``verify``."""

    def edit(block: bytes) -> bytes:
        try:
            body = warc_check.read_payload(block)
        except ValueError:
            return block
        return b"" if hashlib.sha256(body).hexdigest() == sha256 else block

    return edit


def _mark_thinned(
    connection: sqlite3.Connection, capture_ids: list[int], now: str
) -> list[sqlite3.Row]:
    """Say of captures without a record when it was removed; returns these."""
    connection.execute(
        """
        update captures set request = null, thinned = iif(file is null, :now, thinned)
        where id in (select value from json_each(:ids))
        """,
        {"now": now, "ids": json.dumps(capture_ids)},
    )
    return connection.execute(
        """
        select id, outlet, bytes from captures
        where file is null and id in (select value from json_each(?))
        """,
        [json.dumps(capture_ids)],
    ).fetchall()


def _add_tombstones(
    connection: sqlite3.Connection, gone: Sequence[sqlite3.Row], now: str
) -> None:
    """Record in the chain that bodies of an outlet were removed, and how many."""
    for outlet in sorted({row["outlet"] for row in gone}):
        sizes = [row["bytes"] for row in gone if row["outlet"] == outlet]
        tombstone = {
            "article": "",
            "kind": "thin",
            "outlet": outlet,
            "at": now,
            "why": "thinned out: between two captures of the same wording",
            "removed": json.dumps({"bodies": len(sizes), "bytes": sum(sizes)}),
        }
        proof.add_tombstone(connection, tombstone, {})
