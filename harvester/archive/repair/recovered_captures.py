"""Restore rows of captures from their WARC records.

The chain holds the digest of each row, so a row with that digest is the one that was
lost. A record does not say what the capture was for, nor where a redirect led: the few
possibilities are tried.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.records import warc_records
from harvester.archive.regular_files import is_capture_file_name
from harvester.archive.repair import files, losses
from harvester.archive.repair.indexes import has_table

CAPTURE_KINDS = ("article", "feed", "redirect", "robots", "tdmrep")
MAX_ORIGINS = 50  # URLs that redirect to one
MAX_REDIRECTS = 20


@dataclass(frozen=True, slots=True)
class UnreferencedRecord:
    """A record that no row points to."""

    row: dict[str, Any]  # the capture's row that it would make
    redirect_target: str
    origin_name: str  # of an imported one, as its header has it; "" if it is none
    # Of a revisit record: URL and time of the one that holds its body.
    refers_to: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class RestoredCaptures:
    """What was restored, and what was not."""

    count: int = 0
    revisit_ids: tuple[int, ...] = ()  # of them, those whose body another record holds
    lost: tuple[str, ...] = ()


def restore_captures(
    connection: sqlite3.Connection, folder: Path, chain_damaged: bool
) -> RestoredCaptures:
    """Restore the rows of captures whose record exists.

    Also names those that are lost for good. If the chain is
    damaged too, records without a row are all that is left of some captures, and are
    named as well.
    """
    lost = losses.list_lost_captures(connection)
    if not lost and not chain_damaged:
        return RestoredCaptures()
    ids_by_digest = {digest: capture_id for capture_id, _, digest in lost}
    records = [
        record
        for path, offset, length in files.find_unreferenced_records(connection, folder)
        if (record := _read_record(path, offset, length))
    ]
    redirects = {
        record.row["url"]: record.redirect_target
        for record in records
        if record.redirect_target
    }
    redirects |= _get_known_redirects(connection)
    origins = _list_origins(connection)
    restored: dict[int, bool] = {}  # capture → whether its record is a revisit record
    unidentified: list[str] = []
    # What revisit records refer to is restored before them.
    for record in sorted(records, key=lambda record: record.refers_to is not None):
        if record.refers_to is not None:
            record.row.update(_find_original(connection, *record.refers_to))
        for row in _possible_rows(record, redirects, origins):
            canonical_form = proof.canonical_capture(row)
            capture_id = ids_by_digest.get(proof.digest(canonical_form))
            if capture_id is not None and capture_id not in restored:
                restored[capture_id] = record.refers_to is not None
                _insert_capture(connection, capture_id, row)
                break
        else:
            if chain_damaged:
                unidentified.append(
                    f"{record.row['url']}, received at {record.row['at']}: "
                    "its record exists, its row is lost"
                )
    unidentified += [
        f"capture {capture_id}, received at {at}"
        for capture_id, at, _ in lost
        if capture_id not in restored
    ]
    revisit_ids = (number for number, is_revisit in restored.items() if is_revisit)
    return RestoredCaptures(len(restored), tuple(revisit_ids), tuple(unidentified))


def _read_record(path: Path, offset: int, length: int) -> UnreferencedRecord | None:
    with path.open("rb") as file:
        file.seek(offset)
        block = file.read(length)
    try:
        record, body = warc_records.read_record(block)
    except ValueError:
        return None
    is_revisit = warc_records.is_revisit(record)
    if (record.rec_type != "response" and not is_revisit) or (
        record.http_headers is None
    ):
        return None
    warc_headers, http_headers = record.rec_headers, record.http_headers
    status = http_headers.get_statuscode()
    row = {
        "kind": "",
        "url": warc_headers.get_header("WARC-Target-URI"),
        "reached": "",
        "at": warc_headers.get_header("WARC-Date"),
        "status": int(status) if status.isdecimal() and len(status) < 4 else 0,
        "type": (http_headers.get_header("Content-Type") or "")[:200],
        "sha256": hashlib.sha256(body).hexdigest(),
        "bytes": len(body),
        "truncated": int(warc_headers.get_header("WARC-Truncated") is not None),
        "record": hashlib.sha256(block).hexdigest(),
        "ip": warc_headers.get_header("WARC-IP-Address") or "",
        "file": path.name,
        "offset": offset,
        "length": length,
    }
    location = http_headers.get_header("Location") or ""
    refers_to = (
        (
            warc_headers.get_header("WARC-Refers-To-Target-URI") or "",
            warc_headers.get_header("WARC-Refers-To-Date") or "",
        )
        if is_revisit
        else None
    )
    origin_name = warc_headers.get_header(warc_records.ORIGIN_HEADER) or ""
    return UnreferencedRecord(row, location, origin_name, refers_to)


def _list_origins(connection: sqlite3.Connection) -> dict[str, list[dict[str, Any]]]:
    """What a capture says of its origin, by the origin's name as in WARC headers."""
    origins: dict[str, list[dict[str, Any]]] = {}
    if not has_table(connection, "origins"):
        return origins
    for origin_id, name, row in connection.execute(
        """
        select id, name, json_array(kind, name, receiver, sha256, bytes, at)
        from origins order by id
        """
    ):
        header = warc_records.origin_headers(name, "").get(
            warc_records.ORIGIN_HEADER, ""
        )
        origins.setdefault(header, []).append({"origin": origin_id, "origin_row": row})
    return origins


def _find_original(connection: sqlite3.Connection, url: str, at: str) -> dict[str, Any]:
    """Digest and length of the body that a revisit record refers to, if it is known."""
    row = connection.execute(
        """
        select sha256, bytes from captures
        where url = :url and at = :at and body_of is null
        union all
        select sha256, bytes from captures
        where reached = :url and reached <> url and at = :at and body_of is null
        """,
        {"url": url, "at": at},
    ).fetchone()
    return {"sha256": row[0], "bytes": row[1]} if row else {}


def _get_known_redirects(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute(
        "select url, reached from captures where kind = 'redirect' and url <> reached"
    )
    return {row[0]: row[1] for row in rows}


def _possible_rows(
    record: UnreferencedRecord,
    redirects: dict[str, str],
    origins: dict[str, list[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """Yield the rows that a record may have had; several origins may have one name."""
    candidates = [{"origin": None, "origin_row": None}]
    if record.origin_name:
        candidates = origins.get(record.origin_name, [])
    for row in _possible_requests(record, redirects):
        for origin in candidates:
            yield {**row, **origin}


def _possible_requests(
    record: UnreferencedRecord, redirects: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the rows that a record may have had, without its origin.

    The body after redirects stands at the URL that sent it; an older program put it at
    the URL that was requested.
    """
    url = record.row["url"]
    for kind in CAPTURE_KINDS:
        for requested in _find_origins(url, redirects):
            yield {**record.row, "kind": kind, "url": requested, "reached": url}
    reached = [url]
    for _ in range(MAX_REDIRECTS):
        url = redirects.get(url, "")
        if not url or url in reached:
            break
        reached.append(url)
    if record.redirect_target:
        reached.append(record.redirect_target)
    for kind in CAPTURE_KINDS:
        for url in reached:
            yield {**record.row, "kind": kind, "reached": url}


def _find_origins(url: str, redirects: dict[str, str]) -> list[str]:
    """The URLs that redirect to this one, directly or by others."""
    origins: list[str] = []
    pending = [url]
    while pending and len(origins) < MAX_ORIGINS:
        target = pending.pop()
        sources = [one for one, reached in redirects.items() if reached == target]
        new = [one for one in sources if one != url and one not in origins]
        origins += new
        pending += new
    return origins


def _insert_capture(
    connection: sqlite3.Connection, capture_id: int, row: dict[str, Any]
) -> None:
    outlet_row = connection.execute(
        """
        select outlet from feeds where url = :url
        union all
        select a.outlet from versions v join articles a on a.key = v.article
        where v.capture = :capture_id
        union all
        select f.outlet from entries e join feeds f on f.url = e.feed
        where e.url = :url
        limit 1
        """,
        {"url": row["url"], "capture_id": capture_id},
    ).fetchone()
    outlet = outlet_row[0] if outlet_row else ""
    page = "article" if row["kind"] == "article" and outlet_row else ""
    capture = {"id": capture_id, **row, "outlet": outlet, "page": page}
    del capture["origin_row"]
    if capture["origin"] is None:  # an older archive has no such column
        del capture["origin"]
    columns, placeholders = ", ".join(capture), ", ".join("?" * len(capture))
    connection.execute(
        f"insert into captures ({columns}) values ({placeholders})",
        list(capture.values()),
    )


def repoint_captures(connection: sqlite3.Connection, folder: Path) -> int:
    """Point captures whose file is missing or too short to equal records elsewhere.

    Returns how many were found.
    """
    ids_by_record = {}
    rows = connection.execute(
        """
        select file, offset, length, record, id from captures
        where file is not null and record <> ''
        """
    )
    for file_name, offset, length, record_digest, capture_id in rows:
        if not is_capture_file_name(file_name):
            continue
        path = folder / file_name
        if not path.is_file() or path.stat().st_size < offset + length:
            ids_by_record[record_digest] = capture_id
    if not ids_by_record:
        return 0
    count = 0
    for path, offset, length in files.find_unreferenced_records(connection, folder):
        with path.open("rb") as file:
            file.seek(offset)
            record_digest = hashlib.sha256(file.read(length)).hexdigest()
        if record_digest in ids_by_record:
            connection.execute(
                """
                update captures set file = ?, offset = ?, length = ?, request = null
                where id = ?
                """,
                [path.name, offset, length, ids_by_record.pop(record_digest)],
            )
            count += 1
    return count
