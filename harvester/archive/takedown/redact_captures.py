"""Redact or empty captures: rewrite their WARC files, and update their rows.

Does not decide which captures; see ``purge``. Other rows are up to ``execute``.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harvester.archive.connection import Archive
from harvester.archive.records.compression import compress_body, decompress_body
from harvester.archive.takedown import origin_names, redact_body, warc_rewrite
from harvester.archive.takedown.purge import PurgePlan
from harvester.archive.takedown.shared_bodies import (
    SharedBody,
    has_record,
    list_captures,
)
from harvester.archive.takedown.warc_rewrite import RecordEdit, RewrittenFile


def drop_record(record_block: bytes) -> bytes:
    """Remove a record."""
    return b""


def rewrite_files(
    archive: Archive,
    plan: PurgePlan,
    bodies: dict[int, SharedBody],
    renamed: set[int],
    now: str,
) -> list[RewrittenFile]:
    """Rewrite the WARC files that hold any of the captures.

    ``renamed``: captures whose records lose the name of their origin. Until rows point
    to them, the new files are listed as leftovers.
    """
    connection, folder = archive.connection, archive.captures_folder
    if folder is None:
        return []
    changes: dict[str, list[tuple[int, int, RecordEdit]]] = {}
    for row in list_captures(connection, {*plan.own_captures, *bodies, *renamed}):
        if has_record(folder, row):
            edit = _choose_edit(folder, row["id"], plan, bodies, renamed)
            changes.setdefault(row["file"], []).append(
                (row["offset"], row["length"], edit)
            )
            if row["request"]:  # it would name another record than the new one
                changes[row["file"]].append(
                    (row["offset"] + row["length"], row["request"], drop_record)
                )
    for file_name, offset, length in plan.unreferenced_records:
        changes.setdefault(file_name, []).append((offset, length, drop_record))
    new_names = {
        file_name: warc_rewrite.choose_new_name(folder, file_name)
        for file_name in changes
    }
    archive.begin()
    warc_rewrite.add_leftovers(connection, list(new_names.values()), now)
    archive.commit()
    return [
        warc_rewrite.write_file(
            folder,
            file_name,
            new_names[file_name],
            file_changes,
            get_last_record_end(connection, file_name),
        )
        for file_name, file_changes in sorted(changes.items())
    ]


def _choose_edit(
    folder: Path,
    capture_id: int,
    plan: PurgePlan,
    bodies: dict[int, SharedBody],
    renamed: set[int],
) -> RecordEdit:
    body = bodies.get(capture_id)
    edit = body.edit_for(folder, capture_id) if body else None
    if capture_id in plan.own_captures and body is None:
        return drop_record
    if capture_id in renamed:
        return origin_names.redacting(edit)
    assert edit is not None
    return edit


def has_captures_in_file(connection: sqlite3.Connection, file_name: str) -> bool:
    """Whether any capture is in a WARC file; without, the file need not be kept."""
    row = connection.execute(
        "select 1 from captures where file = ? limit 1", [file_name]
    ).fetchone()
    return row is not None


def get_last_record_end(connection: sqlite3.Connection, file_name: str) -> int:
    """Return where the last record ends that a row points to; 0 if there is none."""
    row = connection.execute(
        "select max(offset + length) from captures where file = ?", [file_name]
    ).fetchone()
    return int(row[0] or 0)


def update_record_locations(
    connection: sqlite3.Connection, rewritten: RewrittenFile
) -> dict[int, str]:
    """Point captures to the rewritten file.

    Returns the digests of changed records by capture; "" if the record was removed.
    """
    new_offset = rewritten.offset_mapper()
    new_lengths = {offset: length for offset, _, length in rewritten.edits}
    record_digests: dict[int, str] = {}
    rows = connection.execute(
        "select id, offset, length from captures where file = ?", [rewritten.old_name]
    ).fetchall()
    for capture_id, offset, old_length in rows:
        length = new_lengths.get(offset, old_length)
        location: tuple[str | None, int | None, int | None] = (
            (rewritten.new_name, new_offset(offset), length)
            if length
            else (None, None, None)
        )
        connection.execute(
            "update captures set file = ?, offset = ?, length = ? where id = ?",
            [*location, capture_id],
        )
        if offset in new_lengths:
            record_digests[capture_id] = (
                rewritten.record_digests[offset] if length else ""
            )
    return record_digests


def redact_stored_bodies(
    connection: sqlite3.Connection, bodies: dict[int, SharedBody]
) -> dict[int, str]:
    """Redact bodies that are stored in the archive itself.

    Returns by capture whether its body remains: "stored", or "" if it was removed.
    """
    results: dict[int, str] = {}
    for row in list_captures(connection, bodies):
        if row["body"] is None:
            continue
        body = bodies[row["id"]].redact(decompress_body(row["body"]))
        stored = compress_body(body) if body is not None else None
        connection.execute(
            "update captures set body = ? where id = ?", [stored, row["id"]]
        )
        results[row["id"]] = "stored" if stored else ""
    return results


def update_record_digests(
    connection: sqlite3.Connection,
    capture_ids: set[int],
    record_digests: dict[int, str],
) -> None:
    """Update the digests of records that were rewritten with the body that they had."""
    connection.executemany(
        "update captures set record = ?, request = null where id = ?",
        [
            (record_digests[capture_id], capture_id)
            for capture_id in sorted(capture_ids)
            if capture_id in record_digests
        ],
    )


def update_captures(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    bodies: dict[int, SharedBody],
    record_digests: dict[int, str],
    folder: Path | None,
) -> None:
    """Update the rows of captures whose record was rewritten.

    Where the words could not be redacted, the whole body was removed.
    """
    for row in list_captures(connection, bodies):
        body = bodies[row["id"]]
        record_digest = record_digests.get(row["id"], "")
        text = "" if redact_body.contains_run(plan.terms, row["text"]) else row["text"]
        if record_digest:
            holder_id = body.holder_id(folder)
            connection.execute(
                """
                update captures set sha256 = ?, bytes = ?, record = ?, body_of = ?, text = ?,
                    request = null
                where id = ?
                """,
                [
                    body.sha256,
                    body.length,
                    record_digest if row["file"] else "",
                    holder_id if holder_id != row["id"] else None,
                    text,
                    row["id"],
                ],
            )
        else:
            connection.execute(
                """
                update captures set
                    file = null, offset = null, length = null, record = '', body = null,
                    body_of = null, request = null, text = ?
                where id = ?
                """,
                [text, row["id"]],
            )
