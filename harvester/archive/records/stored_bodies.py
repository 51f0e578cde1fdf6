"""Find the capture whose record holds a body already, so that it is stored once.

Bodies are shared by captures of one URL, outlet and kind that are the same byte for
byte. The one that is found always holds the body itself. Does not write records; see
``captures``.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from harvester.archive.records import warc_records
from harvester.archive.records.captures import WarcFiles
from harvester.errors import ArchiveError

# A revisit record takes 400 to 600 bytes: for a shorter body it saves little or nothing.
MIN_REVISIT_BYTES = 2_000
# The latest captures of a URL among which a body is looked up: enough for two or three
# that alternate, and a bounded number of reads however often a feed is polled.
MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class OriginalCapture:
    """A capture whose record holds the same body as a new response."""

    capture_id: int
    record: warc_records.OriginalRecord


def find_original(
    connection: sqlite3.Connection,
    warc: WarcFiles,
    kind: str,
    outlet: str,
    urls: tuple[str, str],
    body: bytes,
    sha256: str,
) -> OriginalCapture | None:
    """The capture whose record holds this body already, sent by the same URL.

    ``urls``: the one that was requested, and the one that sent the body. The record is
    read and compared: a reference to one that is missing or damaged would lose the body.
    """
    requested, sender = urls
    candidates = " union all ".join(
        f"""
        select * from (
            select id, sha256, body_of from captures where {condition}
            order by id desc limit :limit
        )"""
        for condition in (
            "url = :sender",
            "reached = :sender and reached <> url",
            *(["url = :requested"] if requested != sender else []),
        )
    )
    row = connection.execute(
        f"""
        select o.id, o.file, o.offset, o.length
        from ({candidates}) latest
        join captures o on o.id = coalesce(latest.body_of, latest.id)
        where latest.sha256 = :sha256 and o.sha256 = :sha256 and o.kind = :kind
            and o.outlet = :outlet and iif(o.kind = 'redirect', o.url, o.reached) = :sender
            and o.file is not null and o.body_of is null and o.truncated = 0
        order by o.id desc
        limit 1
        """,
        {
            "requested": requested,
            "sender": sender,
            "sha256": sha256,
            "kind": kind,
            "outlet": outlet,
            "limit": MAX_CANDIDATES,
        },
    ).fetchone()
    if row is None:
        return None
    try:
        block = warc.read_record(row["file"], row["offset"], row["length"])
        record, stored_body = warc_records.read_record(block)
    except (ArchiveError, OSError, ValueError):
        return None
    original = warc_records.OriginalRecord.from_record(record)
    if stored_body != body or not all(
        (original.url, original.at, original.payload_digest)
    ):
        return None
    return OriginalCapture(row["id"], original)
