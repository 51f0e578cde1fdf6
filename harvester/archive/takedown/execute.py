"""Purge one article: remove its words from tables, full-text index, files and disk.

What remains is a tombstone without content, the digests of the chain, and digests of
its addresses that keep it from coming back. Feeds and pages of the same outlet that
carried its words are kept with these words redacted. ``execute_purge`` does it;
``finish_purge`` makes it permanent, and can be called again at any time. Does not find
what to remove; see ``purge``.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter

from harvester.archive.connection import Archive
from harvester.archive.integrity import proof
from harvester.archive.records import announcements, word_forms
from harvester.archive.regular_files import is_capture_file_name
from harvester.archive.sqlite_errors import translate_sqlite_errors
from harvester.archive.takedown import (
    article_rows,
    blocklist,
    origin_names,
    purge,
    redact_body,
    redact_captures,
    shared_bodies,
    traces,
    warc_rewrite,
)
from harvester.archive.takedown.purge import PurgePlan
from harvester.archive.takedown.redact_captures import drop_record
from harvester.archive.takedown.shared_bodies import SharedBody
from harvester.archive.takedown.traces import WordingAndTextDigester
from harvester.archive.takedown.warc_rewrite import ARCHIVE_FILE
from harvester.errors import DiskFull

SPARE_BYTES = 10_000_000  # besides twice the archive's size, to rewrite it


def execute_purge(
    archive: Archive,
    plan: PurgePlan,
    reason: str,
    now: str,
    digest_wording: WordingAndTextDigester,
) -> dict[str, int]:
    """Purge the article: rewrite files first, then change all rows in one transaction.

    ``digest_wording`` digests texts of other articles that lose a line. Returns what
    was removed, with counts. Call ``finish_purge`` next.
    """
    connection = archive.connection
    changed = {*plan.own_captures, *plan.other_captures}
    dependents = shared_bodies.list_dependents(connection, changed) - changed
    bodies = shared_bodies.share_bodies(connection, plan.other_captures, dependents)
    origins = origin_names.find_named_origins(connection, plan.terms.addresses)
    renamed = origin_names.list_captures(connection, origins)
    archive.begin()
    proof.seal_all(connection, now)
    archive.commit()
    files = redact_captures.rewrite_files(archive, plan, bodies, renamed, now)
    archive.begin()
    connection.execute("pragma secure_delete = on")
    record_digests = redact_captures.redact_stored_bodies(connection, bodies)
    for file in files:
        record_digests |= redact_captures.update_record_locations(connection, file)
    removed = _purge_rows(archive, plan, bodies, record_digests, now, digest_wording)
    if origins:
        kept = renamed - {*plan.own_captures, *bodies}
        redact_captures.update_record_digests(connection, kept, record_digests)
        removed["origins"] = origin_names.redact(connection, origins)
        changed |= kept & record_digests.keys()
    _add_tombstone(connection, plan, {*changed, *bodies}, removed, reason, now)
    # New files may stay, unless no capture is in them.
    used_names = [
        file.new_name
        for file in files
        if redact_captures.has_captures_in_file(connection, file.new_name)
    ]
    warc_rewrite.delete_leftovers(connection, used_names)
    leftovers = [file.old_name for file in files]
    if plan.article["key"]:
        leftovers.insert(0, ARCHIVE_FILE)
    warc_rewrite.add_leftovers(connection, leftovers, now)
    archive.commit()
    return removed


def purge_reappearance(
    archive: Archive,
    plan: PurgePlan,
    reason: str,
    now: str,
    digest_wording: WordingAndTextDigester,
) -> None:
    """Redact a purged article that reappeared, in what was stored before."""
    plan.terms = purge.exclude_outlet_words(
        archive.connection, archive.captures_folder, plan
    )
    plan.teasers = [
        line for line in plan.teasers if redact_body.contains_run(plan.terms, line)
    ]
    purge.find_other_captures(
        archive.connection, archive.captures_folder, plan, lambda count, total: None
    )
    if plan.other_captures or plan.unreferenced_records:
        execute_purge(archive, plan, reason, now, digest_wording)
        archive.connection.execute("pragma wal_checkpoint(truncate)")


def _purge_rows(
    archive: Archive,
    plan: PurgePlan,
    bodies: dict[int, SharedBody],
    record_digests: dict[int, str],
    now: str,
    digest_wording: WordingAndTextDigester,
) -> dict[str, int]:
    """Remove or redact all rows; return what was removed, with counts."""
    connection = archive.connection
    redacted = sum(
        1 for capture_id in plan.other_captures if record_digests.get(capture_id, "")
    )
    counts = Counter(
        {
            "captures": len(plan.own_captures),
            "captures blanked": redacted,
            "captures emptied": len(plan.other_captures) - redacted,
            # Whose body was in the record of one of these.
            "captures rewritten": len(bodies) - len(plan.other_captures),
            "loose records": len(plan.unreferenced_records),
            "entries": len(plan.entry_keys),
        }
    )
    _empty_captures(connection, plan)
    redact_captures.update_captures(
        connection, plan, bodies, record_digests, archive.captures_folder
    )
    counts["announcements"] = announcements.delete_of_entries(
        connection, plan.entry_keys
    )
    _empty_entries(connection, plan.entry_keys, now)
    counts["traces"] = traces.remove_traces(connection, plan, digest_wording, now)
    if plan.article["key"]:
        counts.update(article_rows.delete_article(connection, plan.article["key"]))
    word_forms.delete_unused(connection)
    return {name: count for name, count in sorted(counts.items()) if count}


def _add_tombstone(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    changed: set[int],
    removed: dict[str, int],
    reason: str,
    now: str,
) -> None:
    """Record the purge in the chain, and what the article is recognised by.

    ``changed``: the captures whose rows or records are not what they were.
    """
    key = plan.article["key"]
    capture_ids = sorted(changed)
    tombstone = {
        "article": key,
        "kind": "purge" if key else "again",
        "outlet": plan.article["outlet"],
        "at": now,
        "why": reason,
        "removed": json.dumps(removed),
    }
    tombstone_id = proof.add_tombstone(
        connection, tombstone, {"capture": capture_ids, "version": plan.version_ids}
    )
    proof.reseal_captures(connection, capture_ids, now)
    connection.executemany(
        "insert or ignore into barred (digest, tombstone) values (?, ?)",
        [(digest, tombstone_id) for digest in plan.blocklist_digests],
    )


def _empty_captures(connection: sqlite3.Connection, plan: PurgePlan) -> None:
    """Empty the article's own captures."""
    connection.executemany(
        f"{warc_rewrite.EMPTY_CAPTURE_SQL} where id = ?",
        [(capture_id,) for capture_id in sorted(plan.own_captures)],
    )


def _empty_entries(
    connection: sqlite3.Connection, entry_keys: list[str], now: str
) -> None:
    connection.executemany(
        """
        update entries set
            guid = '', url = '', address = '', title = '', summary = '',
            published = null, updated = null, extra = '{}', article = null, due = null,
            unkept = 0,
            outcome = 'refused', reason = ?
        where key = ?
        """,
        [(blocklist.format_reason(now), key) for key in entry_keys],
    )


# ---- making it permanent


def finish_purge(archive: Archive, now: str) -> list[str]:
    """Delete what must not remain, and free pages and logs that may hold it.

    Returns messages about what is still to be done.
    """
    clear_leftovers(archive, now)
    leftovers = warc_rewrite.list_leftovers(archive.connection)
    if not any(row["file"] == ARCHIVE_FILE for row in leftovers):
        return []
    with translate_sqlite_errors(archive.path):
        return _vacuum_archive(archive)


def has_leftover_files(connection: sqlite3.Connection) -> bool:
    """Whether there are files, or records in them, that must not remain."""
    return any(row["file"] for row in warc_rewrite.list_leftovers(connection))


def clear_leftovers(archive: Archive, now: str) -> None:
    """Delete files and records that must not remain.

    Nothing may have the files open for writing.
    """
    archive.begin()
    warc_rewrite.delete_leftover_files(archive.connection, archive.captures_folder)
    archive.commit()
    changes: dict[str, list[tuple[int, int, warc_rewrite.RecordEdit]]] = {}
    for row in warc_rewrite.list_leftovers(archive.connection):
        if row["file"] and row["offset"] >= 0:
            change = (row["offset"], row["length"], drop_record)
            changes.setdefault(row["file"], []).append(change)
    for file_name, file_changes in changes.items():
        _remove_records(archive, file_name, file_changes, now)


def _remove_records(
    archive: Archive,
    file_name: str,
    changes: list[tuple[int, int, warc_rewrite.RecordEdit]],
    now: str,
) -> None:
    """Remove records that no row points to from a WARC file."""
    connection, folder = archive.connection, archive.captures_folder
    if folder is None:
        return
    if not is_capture_file_name(file_name) or not (folder / file_name).is_file():
        archive.begin()
        warc_rewrite.delete_leftovers(connection, [file_name])
        archive.commit()
        return
    new_name = warc_rewrite.choose_new_name(folder, file_name)
    archive.begin()
    warc_rewrite.add_leftovers(connection, [new_name], now)
    archive.commit()
    file = warc_rewrite.write_file(
        folder,
        file_name,
        new_name,
        changes,
        redact_captures.get_last_record_end(connection, file_name),
    )
    archive.begin()
    redact_captures.update_record_locations(connection, file)
    done = [file_name]
    if redact_captures.has_captures_in_file(connection, new_name):
        done.append(new_name)
    warc_rewrite.delete_leftovers(connection, done)
    warc_rewrite.add_leftovers(connection, [file_name], now)
    archive.commit()
    archive.begin()
    warc_rewrite.delete_leftover_files(connection, folder)
    archive.commit()


def _vacuum_archive(archive: Archive) -> list[str]:
    """Rewrite the archive's file: full-text index merged, no free pages, no log."""
    connection, size = archive.connection, archive.path.stat().st_size
    free = shutil.disk_usage(archive.path.parent).free
    needed = 2 * size + SPARE_BYTES
    if free < needed:
        raise DiskFull(
            f"{archive.path} must be rewritten, which needs {needed // 10**6} MB; "
            f"{free // 10**6} MB are free",
            "the rows are gone; free some space, then run `harvest purge --finish`",
        )
    archive.begin()
    fts_tables = connection.execute(
        """
        select name from sqlite_master
        where sql like 'create virtual table%using fts5%'
        """
    ).fetchall()
    for (name,) in fts_tables:
        connection.execute(f'insert into "{name}" ("{name}") values (\'optimize\')')
    if connection.execute(
        "select 1 from sqlite_master where name = 'sqlite_stat4'"
    ).fetchone():
        connection.execute("delete from sqlite_stat4")  # it holds samples of values
    archive.commit()
    # The temporary copy is as large as the archive.
    connection.execute("pragma temp_store = file")
    connection.execute("vacuum")
    connection.execute("pragma temp_store = memory")
    is_busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if is_busy:
        return [
            "another program is reading and keeps the old pages; end it "
            "(`harvest browse`?), then run `harvest purge --finish`"
        ]
    archive.begin()
    warc_rewrite.delete_leftovers(connection, [ARCHIVE_FILE])
    archive.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    return []
