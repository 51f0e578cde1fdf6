"""Decide where bodies are from now on that captures share, when some lose words.

Captures with the same body refer to the one whose record holds it. Where that one is
removed or redacted, the first of those that stay holds the body from then on, and the
others refer to it; those that lose the same words share the redacted body. Does not
write files; see ``redact_captures``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harvester.archive.records import warc_records
from harvester.archive.records.warc_records import OriginalRecord
from harvester.archive.regular_files import is_capture_file_name, read_record
from harvester.archive.takedown import redact_body
from harvester.archive.takedown.purge import parse_charset
from harvester.archive.takedown.redact_body import RedactionTerms
from harvester.archive.takedown.warc_rewrite import RecordEdit
from harvester.errors import ArchiveError


@dataclass(slots=True)
class SharedBody:
    """A body as some captures have it from now on; one of them holds it."""

    source: sqlite3.Row  # the capture whose record holds it so far
    terms: RedactionTerms | None  # None: it keeps its words
    charset: str
    captures: list[sqlite3.Row] = field(default_factory=list)
    sha256: str = ""  # of the body as it is from now on
    length: int = 0
    _original: OriginalRecord | None = None  # what the others refer to

    def holder_id(self, folder: Path | None) -> int:
        """The capture that holds it from now on: the first whose file is there."""
        for row in self.captures:
            if has_record(folder, row):
                return int(row["id"])
        return int(self.captures[0]["id"])

    def redact(self, body: bytes) -> bytes | None:
        """The body without the words; None if they cannot be removed."""
        redacted: bytes | None = body
        if self.terms is not None:
            redacted = redact_body.redact_body(self.terms, body, self.charset)
        if redacted is not None:
            self.sha256 = hashlib.sha256(redacted).hexdigest()
            self.length = len(redacted)
        return redacted

    def edit_for(self, folder: Path, capture_id: int) -> RecordEdit:
        """The edit of a capture's record; it returns b"" where the body is lost."""
        is_redacted = self.terms is not None

        def hold_body(block: bytes) -> bytes:
            try:
                body = self._load(folder)
                if body is None:
                    return b""
                return warc_records.replace_body(block, body, is_redacted)
            except (ArchiveError, OSError, ValueError):
                return b""

        def refer_to_holder(block: bytes) -> bytes:
            try:
                original = self._describe_original(folder)
                if original is None:
                    return b""
                return warc_records.replace_by_revisit(
                    block, self.length, original, is_redacted
                )
            except (ArchiveError, OSError, ValueError):
                return b""

        return hold_body if capture_id == self.holder_id(folder) else refer_to_holder

    def _load(self, folder: Path) -> bytes | None:
        _, body = _read(folder, self.source)
        return self.redact(body)

    def _describe_original(self, folder: Path) -> OriginalRecord | None:
        """What a revisit record says of the holder's; its body may be another one now."""
        if self._original is None:
            holder_id = self.holder_id(folder)
            (holder,) = (row for row in self.captures if row["id"] == holder_id)
            record, _ = _read(folder, holder)
            body = self._load(folder)
            if body is None:
                return None
            self._original = OriginalRecord.from_record(
                record, warc_records.payload_digest(body)
            )
        return self._original


def _read(folder: Path, row: sqlite3.Row) -> tuple[object, bytes]:
    block = read_record(folder, row["file"], row["offset"], row["length"])
    return warc_records.read_record(block)


def has_record(folder: Path | None, row: sqlite3.Row) -> bool:
    """Whether the file of a capture's record is there."""
    return (
        folder is not None
        and is_capture_file_name(row["file"])
        and (folder / row["file"]).is_file()
    )


def list_captures(
    connection: sqlite3.Connection, capture_ids: Iterable[int]
) -> list[sqlite3.Row]:
    """List captures by id."""
    return connection.execute(
        """
        select * from captures where id in (select value from json_each(?)) order by id
        """,
        [json.dumps(list(capture_ids))],
    ).fetchall()


def list_dependents(
    connection: sqlite3.Connection, capture_ids: Iterable[int]
) -> set[int]:
    """Return the captures whose body is in the record of one of these."""
    rows = connection.execute(
        "select id from captures where body_of in (select value from json_each(?))",
        [json.dumps(list(capture_ids))],
    )
    return {row["id"] for row in rows}


def share_bodies(
    connection: sqlite3.Connection,
    terms: Mapping[int, RedactionTerms],
    dependents: Iterable[int],
) -> dict[int, SharedBody]:
    """Return the body of each capture that stays and whose record is rewritten.

    ``terms``: what captures lose, by id. ``dependents``: those that lose nothing but the
    record that they refer to.
    """
    by_source: dict[int, list[SharedBody]] = {}
    bodies: dict[int, SharedBody] = {}
    for row in list_captures(connection, {*terms, *dependents}):
        source_id = row["id"] if row["body_of"] is None else row["body_of"]
        charset, wanted = parse_charset(row["type"]), terms.get(row["id"])
        shared = by_source.setdefault(source_id, [])
        body = next(
            (
                body
                for body in shared
                if body.charset == charset and body.terms == wanted
            ),
            None,
        )
        if body is None:
            (source,) = list_captures(connection, [source_id])
            body = SharedBody(source, wanted, charset)
            shared.append(body)
        body.captures.append(row)
        bodies[row["id"]] = body
    return bodies
