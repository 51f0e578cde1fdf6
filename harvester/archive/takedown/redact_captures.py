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
from harvester.archive.takedown.purge import Plan
from harvester.archive.takedown.warc_rewrite import Change, Rewritten


@dataclass(slots=True)
class Becomes:
    """What a capture with the words becomes: it is told the body, and says what is written."""

    known: redact_body.Known
    charset: str
    sha256: str = ""
    length: int = 0

    def __call__(self, block: bytes) -> bytes:
        """The record as it is to be; b"": it goes."""
        try:
            body = self.body(warc_check.payload(block))
        except ValueError:
            body = None
        return captures.written_anew(block, body) if body is not None else b""

    def body(self, body: bytes) -> bytes | None:
        """The body with the words blanked; None where that cannot be done."""
        found = redact_body.blanked(self.known, body, self.charset)
        if found is not None:
            self.sha256, self.length = hashlib.sha256(found).hexdigest(), len(found)
        return found


def gone(block: bytes) -> bytes:
    return b""


def rows_of(connection: sqlite3.Connection, ids: Iterable[int]) -> list[sqlite3.Row]:
    return connection.execute(
        "select * from captures where id in (select value from json_each(?)) order by id",
        [json.dumps(list(ids))],
    ).fetchall()


def write_anew(
    archive: Archive, plan: Plan, becoming: dict[int, Becomes], now: str
) -> list[Rewritten]:
    """Write the files anew that hold any of it. Until rows point at them, they are what must not be there."""
    if archive.captures is None:
        return []
    changes: dict[str, list[tuple[int, int, Change]]] = {}
    for row in rows_of(archive.connection, [*plan.own, *plan.carrying]):
        if row["file"] and (archive.captures / row["file"]).exists():
            change = becoming.get(row["id"], gone)
            changes.setdefault(row["file"], []).append(
                (row["offset"], row["length"], change)
            )
    for file, offset, length in plan.loose:
        changes.setdefault(file, []).append((offset, length, gone))
    names = {old: warc_rewrite.new_name(archive.captures, old) for old in changes}
    archive.begin()
    warc_rewrite.note(archive.connection, list(names.values()), now)
    archive.commit()
    return [
        warc_rewrite.write(
            archive.captures, old, names[old], found, known_end(archive.connection, old)
        )
        for old, found in sorted(changes.items())
    ]


def pointed_at(connection: sqlite3.Connection, file: str) -> bool:
    """Whether any capture is in a file; one that says only of itself need not be kept."""
    return (
        connection.execute(
            "select 1 from captures where file = ? limit 1", [file]
        ).fetchone()
        is not None
    )


def known_end(connection: sqlite3.Connection, file: str) -> int:
    row = connection.execute(
        "select max(offset + length) from captures where file = ?", [file]
    ).fetchone()
    return int(row[0] or 0)


def point_at(connection: sqlite3.Connection, one: Rewritten) -> dict[int, str]:
    """Rows of captures in a file written anew. Capture → digest of its record, "" where there is none any more."""
    moved, lengths = one.moved(), {offset: became for offset, _, became in one.edits}
    found: dict[int, str] = {}
    rows = connection.execute(
        "select id, offset, length from captures where file = ?", [one.old]
    ).fetchall()
    for row in rows:
        length = lengths.get(row["offset"], row["length"])
        file = (
            (one.name, moved(row["offset"]), length) if length else (None, None, None)
        )
        connection.execute(
            "update captures set file = ?, offset = ?, length = ? where id = ?",
            [*file, row["id"]],
        )
        if row["offset"] in lengths:
            found[row["id"]] = one.digests[row["offset"]] if length else ""
    return found


def bodies_here(
    connection: sqlite3.Connection, becoming: dict[int, Becomes]
) -> dict[int, str]:
    """Bodies that are kept in the archive itself."""
    found: dict[int, str] = {}
    for row in rows_of(connection, becoming):
        if row["body"] is None:
            continue
        body = becoming[row["id"]].body(zlib.decompress(row["body"]))
        kept = zlib.compress(body, captures.LEVEL) if body is not None else None
        connection.execute(
            "update captures set body = ? where id = ?", [kept, row["id"]]
        )
        found[row["id"]] = "here" if kept else ""
    return found


def change_captures(
    connection: sqlite3.Connection,
    plan: Plan,
    becoming: dict[int, Becomes],
    changed: dict[int, str],
) -> None:
    """Captures that carried its words, as they are without. Where the words could not be blanked, the whole body went."""
    for row in rows_of(connection, becoming):
        known, record = becoming[row["id"]], changed.get(row["id"], "")
        text = row["text"] if not redact_body.holds(plan.known, row["text"]) else ""
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
