"""Taking one article out: its words from every table, from the full-text index, the WARC files and the free pages.

What stays is a tombstone without content, the digests of the chain, and digests of its addresses that keep it from coming back.
Feeds and pages of the same outlet that carried its words are kept with these words blanked out. ``carry_out`` does it, ``finish``
makes it last, and can be called again at any time. Not for: finding what there is to do (``purge``).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter

from harvester.archive.connection import Archive, translate_sqlite_errors
from harvester.archive.integrity import proof
from harvester.archive.takedown import (
    article_rows,
    blocklist,
    purge,
    redact_body,
    redact_captures,
    traces,
    warc_rewrite,
)
from harvester.archive.takedown.purge import PurgePlan, parse_charset
from harvester.archive.takedown.traces import WordingAndTextDigester
from harvester.archive.takedown.warc_rewrite import RecordEdit, RewrittenFile
from harvester.errors import DiskFull


def execute_purge(
    archive: Archive,
    plan: PurgePlan,
    reason: str,
    now: str,
    digest_wording: WordingAndTextDigester,
) -> dict[str, int]:
    """Take it out: files first, then, in one transaction, all rows. Returns what was removed → how many. ``finish`` comes next.

    ``names``: as ``identity.wording.names``, for other articles' texts that lose a line."""
    connection = archive.connection
    becoming = {
        row["id"]: redact_captures.BodyRedactor(
            plan.other_captures[row["id"]], parse_charset(row["type"])
        )
        for row in redact_captures.list_captures(connection, plan.other_captures)
    }
    archive.begin()
    proof.seal_all(connection, now)
    archive.commit()
    files = redact_captures.rewrite_files(archive, plan, becoming, now)
    archive.begin()
    connection.execute("pragma secure_delete = on")
    counts = _purge_rows(connection, plan, becoming, files, reason, now, digest_wording)
    warc_rewrite.delete_leftovers(
        connection,
        [
            one.new_name
            for one in files
            if redact_captures.has_captures_in_file(connection, one.new_name)
        ],
    )
    whole = (
        [""] if plan.article["key"] else []
    )  # the archive's own file is to be written anew as well
    warc_rewrite.add_leftovers(
        connection, [*whole, *(one.old_name for one in files)], now
    )
    archive.commit()
    return counts


def purge_reappearance(
    archive: Archive,
    plan: PurgePlan,
    reason: str,
    now: str,
    digest_wording: WordingAndTextDigester,
) -> None:
    """Blank the words of an article that came again at another address, in what was kept before that could be known."""
    plan.terms = purge.exclude_outlet_words(
        archive.connection, archive.captures_folder, plan
    )
    plan.teasers = [
        line for line in plan.teasers if redact_body.contains_run(plan.terms, line)
    ]
    purge.find_other_captures(
        archive.connection, archive.captures_folder, plan, lambda done, total: None
    )
    if plan.other_captures or plan.unreferenced_records:
        execute_purge(archive, plan, reason, now, digest_wording)
        archive.connection.execute("pragma wal_checkpoint(truncate)")


def _purge_rows(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    redactors: dict[int, redact_captures.BodyRedactor],
    files: list[RewrittenFile],
    reason: str,
    now: str,
    digest_wording: WordingAndTextDigester,
) -> dict[str, int]:
    """All rows, in one transaction."""
    key = plan.article["key"]
    changed = redact_captures.redact_stored_bodies(connection, redactors)
    for one in files:
        changed |= redact_captures.update_record_locations(connection, one)
    counts: Counter[str] = Counter()
    counts["captures"] = len(plan.own_captures)
    counts["captures blanked"] = sum(
        1 for capture in plan.other_captures if changed.get(capture, "")
    )
    counts["captures emptied"] = len(plan.other_captures) - counts["captures blanked"]
    counts["loose records"] = len(plan.unreferenced_records)
    counts["entries"] = len(plan.entry_keys)
    touched = sorted({*plan.own_captures, *plan.other_captures})
    _empty_captures(connection, plan)
    redact_captures.update_captures(connection, plan, redactors, changed)
    _empty_entries(connection, plan.entry_keys, now)
    counts["traces"] = traces.remove_traces(connection, plan, digest_wording, now)
    if key:
        counts.update(article_rows.delete_article(connection, key))
    removed = {name: count for name, count in sorted(counts.items()) if count}
    tombstone = {
        "article": key, "kind": "purge" if key else "again", "outlet": plan.article["outlet"], "at": now, "why": reason, "removed": json.dumps(removed),
    }  # fmt: skip
    number = proof.add_tombstone(
        connection, tombstone, {"capture": touched, "version": plan.version_ids}
    )
    proof.reseal_captures(connection, touched, now)
    connection.executemany(
        "insert or ignore into barred (digest, tombstone) values (?, ?)",
        [(one, number) for one in plan.blocklist_digests],
    )
    return removed


def _empty_captures(connection: sqlite3.Connection, plan: PurgePlan) -> None:
    """What the article's own captures leave: that there was an answer, and when."""
    connection.executemany(
        f"{warc_rewrite.EMPTY_CAPTURE_SQL} where id = ?",
        [(capture,) for capture in sorted(plan.own_captures)],
    )


def _empty_entries(
    connection: sqlite3.Connection, entry_keys: list[str], now: str
) -> None:
    connection.executemany(
        """update entries set guid = '', url = '', address = '', title = '', summary = '', published = null, updated = null,
        extra = '{}', article = null, due = null, outcome = 'refused', reason = ? where key = ?""",
        [(blocklist.format_reason(now), key) for key in entry_keys],
    )


# ---- making it last


def finish_purge(archive: Archive, now: str) -> list[str]:
    """Delete what must not be there, and leave no free page and no log that could hold it. What is still to be done, in words."""
    clear_leftovers(archive, now)
    if not any(
        row["file"] == "" for row in warc_rewrite.list_leftovers(archive.connection)
    ):
        return []
    with translate_sqlite_errors(archive.path):
        return _vacuum_archive(archive)


def has_leftover_files(connection: sqlite3.Connection) -> bool:
    """Whether there are files, or records in them, that must not be there."""
    return any(row["file"] for row in warc_rewrite.list_leftovers(connection))


def clear_leftovers(archive: Archive, now: str) -> None:
    """Delete files that must not be there, and cut out records. Nothing may have the files open for writing."""
    archive.begin()
    warc_rewrite.delete_leftover_files(archive.connection, archive.captures_folder)
    archive.commit()
    _cut_leftover_records(archive, now)


def _cut_leftover_records(archive: Archive, now: str) -> None:
    """Records that no row points at, and that must not be there."""
    if archive.captures_folder is None:
        return
    files: dict[str, list[tuple[int, int, RecordEdit]]] = {}
    for row in warc_rewrite.list_leftovers(archive.connection):
        if row["file"] and row["offset"] >= 0:
            files.setdefault(row["file"], []).append(
                (row["offset"], row["length"], redact_captures.drop_record)
            )
    for old, changes in files.items():
        if not (archive.captures_folder / old).exists():
            archive.begin()
            warc_rewrite.delete_leftovers(archive.connection, [old])
            archive.commit()
            continue
        name = warc_rewrite.choose_new_name(archive.captures_folder, old)
        archive.begin()
        warc_rewrite.add_leftovers(archive.connection, [name], now)
        archive.commit()
        one = warc_rewrite.write_file(
            archive.captures_folder,
            old,
            name,
            changes,
            redact_captures.get_last_record_end(archive.connection, old),
        )
        archive.begin()
        redact_captures.update_record_locations(archive.connection, one)
        warc_rewrite.delete_leftovers(
            archive.connection,
            [
                old,
                *(
                    [name]
                    if redact_captures.has_captures_in_file(archive.connection, name)
                    else []
                ),
            ],
        )
        warc_rewrite.add_leftovers(archive.connection, [old], now)
        archive.commit()
        archive.begin()
        warc_rewrite.delete_leftover_files(archive.connection, archive.captures_folder)
        archive.commit()


def _vacuum_archive(archive: Archive) -> list[str]:
    """The archive's file written anew: the full-text index in one piece, no free pages, no log."""
    connection, size = archive.connection, archive.path.stat().st_size
    free = shutil.disk_usage(archive.path.parent).free
    if free < 2 * size + 10_000_000:
        words = f"{archive.path} has to be written anew, which takes {2 * size // 10**6 + 10} MB; {free // 10**6} MB are free"
        raise DiskFull(
            words, "the rows are gone; make room, then `harvest purge --finish`"
        )
    archive.begin()
    for (name,) in connection.execute(
        "select name from sqlite_master where sql like 'create virtual table%using fts5%'"
    ).fetchall():
        connection.execute(f'insert into "{name}" ("{name}") values (\'optimize\')')
    if connection.execute(
        "select 1 from sqlite_master where name = 'sqlite_stat4'"
    ).fetchone():
        connection.execute("delete from sqlite_stat4")
    archive.commit()
    connection.execute(
        "pragma temp_store = file"
    )  # not in memory: it is as large as the archive
    connection.execute("vacuum")
    connection.execute("pragma temp_store = memory")
    busy = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if busy:
        return [
            "another program is reading, and keeps the old pages; end it (`harvest browse`?), then `harvest purge --finish`"
        ]
    archive.begin()
    warc_rewrite.delete_leftovers(connection, [""])
    archive.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    return []
