"""One capture to be looked at: what its row says, and its body as received."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.records import captures, origins
from harvester.errors import ArchiveError, NotInArchive
from harvester.identity.urls import url_key

# Of a record beside its body: headers, and those of the record itself.
_RECORD_OVERHEAD_BYTES = 1_000_000


class CaptureGone(NotInArchive):
    """A capture was in the archive, and was taken out of it."""


class CaptureTooLarge(ArchiveError):
    """A body is larger than what was asked for."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """What the archive says of a response."""

    id: int
    kind: str  # article, redirect, feed, robots …
    url: str  # as requested
    reached: str
    at: str
    status: int
    type: str  # its Content-Type as stated
    bytes: int
    article: str  # key of the article that was read from it, "" if none was
    received_by: str = ""  # in words, if it was imported


def get_capture(
    connection: sqlite3.Connection,
    folder: Path | None,
    capture_id: int,
    max_bytes: int,
) -> tuple[CaptureRow, bytes]:
    """A capture with its body, of at most so many bytes.

    Raises NotInArchive, CaptureGone, CaptureTooLarge, and ArchiveError where its record
    cannot be read.
    """
    row = _get_row(connection, capture_id)
    if row["kind"] == "purged":
        raise CaptureGone(f"Capture {capture_id} was taken out of this archive.")
    if row["thinned"] and not row["file"] and not row["has_body"]:
        raise CaptureGone(
            f"The body of capture {capture_id} was thinned out to save space; its "
            "digest and its length are kept."
        )
    if not row["has_body"] and (not row["file"] or folder is None):
        raise NotInArchive(f"The body of capture {capture_id} is not stored.")
    if not isinstance(row["bytes"], int) or row["bytes"] > max_bytes:
        raise CaptureTooLarge(f"Capture {capture_id} has {row['bytes']} bytes.")
    body, _, _ = captures.get_response(
        connection, folder, capture_id, max_bytes + _RECORD_OVERHEAD_BYTES
    )
    capture = CaptureRow(
        row["id"],
        row["kind"],
        str(row["url"]),
        str(row["reached"]),
        str(row["at"]),
        row["status"],
        str(row["type"]),
        row["bytes"],
        _find_article(connection, row),
        origins.describe_origins(connection, [capture_id]).get(capture_id, ""),
    )
    return capture, body


def _get_row(connection: sqlite3.Connection, capture_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        """
        select id, kind, url, reached, at, status, type, bytes, file, thinned,
            body is not null as has_body
        from captures where id = ?""",
        [capture_id],
    ).fetchone()
    if row is None:
        raise NotInArchive(f"There is no capture {capture_id} in this archive.")
    return row


def _find_article(connection: sqlite3.Connection, row: sqlite3.Row) -> str:
    """The article that was read from a capture, or whose page was fetched there."""
    addresses = [
        url_key(row[name]) for name in ("reached", "url") if isinstance(row[name], str)
    ]
    found = connection.execute(
        """
        select article from versions where capture = :id
        union all
        select article from looks where capture = :id
        union all
        select article from urls
        where address in (select value from json_each(:addresses)) and kind <> 'shared'
        limit 1""",
        {"id": row["id"], "addresses": json.dumps(addresses)},
    ).fetchone()
    return str(found["article"]) if found else ""
