"""Captures with some words blanked out, or emptied: their WARC files written anew, and their rows made to fit.

Not for: deciding which (``purge``), nor for other rows (``takeout``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.archive.connection import Archive
from harvester.archive.integrity import warc_check
from harvester.archive.records import captures
from harvester.archive.takedown import redact_body, warc_rewrite
from harvester.archive.takedown.purge import PurgePlan
from harvester.archive.takedown.warc_rewrite import RecordEdit, RewrittenFile


@dataclass(slots=True)
class BodyRedactor:
    """What a capture with the words becomes: it is told the body, and says what is written."""

    terms: redact_body.RedactionTerms
    charset: str
    sha256: str = ""
    length: int = 0

    def __call__(self, block: bytes) -> bytes:
        """The record as it is to be; b"": it goes."""
        try:
            body = self.redact_body(warc_check.read_payload(block))
        except ValueError:
            body = None
        return captures.replace_record_body(block, body) if body is not None else b""

    def redact_body(self, body: bytes) -> bytes | None:
        """The body with the words blanked; None where that cannot be done."""
        found = redact_body.redact_body(self.terms, body, self.charset)
        if found is not None:
            self.sha256, self.length = hashlib.sha256(found).hexdigest(), len(found)
        return found


def drop_record(record_block: bytes) -> bytes:
    return b""


def list_captures(
    connection: sqlite3.Connection, capture_ids: Iterable[int]
) -> list[sqlite3.Row]:
    return connection.execute(
        "select * from captures where id in (select value from json_each(?)) order by id",
        [json.dumps(list(capture_ids))],
    ).fetchall()


def rewrite_files(
    archive: Archive, plan: PurgePlan, redactors: dict[int, BodyRedactor], now: str
) -> list[RewrittenFile]:
    """Write the files anew that hold any of it. Until rows point at them, they are what must not be there."""
    if archive.captures_folder is None:
        return []
    changes: dict[str, list[tuple[int, int, RecordEdit]]] = {}
    for row in list_captures(
        archive.connection, [*plan.own_captures, *plan.other_captures]
    ):
        if row["file"] and (archive.captures_folder / row["file"]).exists():
            change = redactors.get(row["id"], drop_record)
            changes.setdefault(row["file"], []).append(
                (row["offset"], row["length"], change)
            )
    for file, offset, length in plan.unreferenced_records:
        changes.setdefault(file, []).append((offset, length, drop_record))
    names = {
        old: warc_rewrite.choose_new_name(archive.captures_folder, old)
        for old in changes
    }
    archive.begin()
    warc_rewrite.add_leftovers(archive.connection, list(names.values()), now)
    archive.commit()
    return [
        warc_rewrite.write_file(
            archive.captures_folder,
            old,
            names[old],
            found,
            get_last_record_end(archive.connection, old),
        )
        for old, found in sorted(changes.items())
    ]


def has_captures_in_file(connection: sqlite3.Connection, file_name: str) -> bool:
    """Whether any capture is in a file; one that says only of itself need not be kept."""
    return (
        connection.execute(
            "select 1 from captures where file = ? limit 1", [file_name]
        ).fetchone()
        is not None
    )


def get_last_record_end(connection: sqlite3.Connection, file_name: str) -> int:
    row = connection.execute(
        "select max(offset + length) from captures where file = ?", [file_name]
    ).fetchone()
    return int(row[0] or 0)


def update_record_locations(
    connection: sqlite3.Connection, rewritten: RewrittenFile
) -> dict[int, str]:
    """Rows of captures in a file written anew. Capture → digest of its record, "" where there is none any more."""
    moved, lengths = (
        rewritten.offset_mapper(),
        {offset: became for offset, _, became in rewritten.edits},
    )
    found: dict[int, str] = {}
    rows = connection.execute(
        "select id, offset, length from captures where file = ?", [rewritten.old_name]
    ).fetchall()
    for row in rows:
        length = lengths.get(row["offset"], row["length"])
        file = (
            (rewritten.new_name, moved(row["offset"]), length)
            if length
            else (None, None, None)
        )
        connection.execute(
            "update captures set file = ?, offset = ?, length = ? where id = ?",
            [*file, row["id"]],
        )
        if row["offset"] in lengths:
            found[row["id"]] = rewritten.record_digests[row["offset"]] if length else ""
    return found


def redact_stored_bodies(
    connection: sqlite3.Connection, redactors: dict[int, BodyRedactor]
) -> dict[int, str]:
    """Bodies that are kept in the archive itself."""
    found: dict[int, str] = {}
    for row in list_captures(connection, redactors):
        if row["body"] is None:
            continue
        body = redactors[row["id"]].redact_body(zlib.decompress(row["body"]))
        kept = zlib.compress(body, captures.GZIP_LEVEL) if body is not None else None
        connection.execute(
            "update captures set body = ? where id = ?", [kept, row["id"]]
        )
        found[row["id"]] = "here" if kept else ""
    return found


def update_captures(
    connection: sqlite3.Connection,
    plan: PurgePlan,
    redactors: dict[int, BodyRedactor],
    record_digests: dict[int, str],
) -> None:
    """Captures that carried its words, as they are without. Where the words could not be blanked, the whole body went."""
    for row in list_captures(connection, redactors):
        known, record = redactors[row["id"]], record_digests.get(row["id"], "")
        text = (
            row["text"] if not redact_body.contains_run(plan.terms, row["text"]) else ""
        )
        if record:
            digests = (known.sha256, known.length, record if row["file"] else "")
            connection.execute(
                "update captures set sha256 = ?, bytes = ?, record = ?, text = ? where id = ?",
                [*digests, text, row["id"]],
            )
        else:
            connection.execute(
                """update captures set file = null, offset = null, length = null, record = '', body = null, text = ?
                where id = ?""",
                [text, row["id"]],
            )
