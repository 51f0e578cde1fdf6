"""Rows of captures made anew from their WARC records. The chain holds the digest of each row: what has it is the row that was lost.

A record does not say what a capture was for, nor where a redirect led: the few possibilities are tried.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof, warc_check
from harvester.archive.repair import files, losses

CAPTURE_KINDS = ("article", "feed", "redirect", "robots")


@dataclass(frozen=True, slots=True)
class UnreferencedRecord:
    """A record that no row points at: the row that it would make, and where a redirect leads."""

    row: dict[str, Any]
    redirect_target: str


def restore_captures(
    connection: sqlite3.Connection, folder: Path, chain_damaged: bool
) -> tuple[int, list[str]]:
    """Put back the rows of captures whose record is there. How many, and what is lost for good. ``name_all``: the chain is damaged
    too, so that records without a row are all that tells of some."""
    lost = losses.list_lost_captures(connection)
    if not lost and not chain_damaged:
        return 0, []
    by_digest = {digest: number for number, _, digest in lost}
    found = [
        one
        for path, at, length in files.find_unreferenced_records(connection, folder)
        if (one := _read_record(path, at, length))
    ]
    leads = {
        one.row["url"]: one.redirect_target for one in found if one.redirect_target
    }
    leads |= _get_known_redirects(connection)
    back: set[int] = set()
    nameless: list[str] = []
    for one in found:
        for row in _possible_rows(one, leads):
            number = by_digest.get(proof.digest(proof.canonical_capture(row)))  # type: ignore[arg-type]
            if number is not None and number not in back:
                back.add(number)
                _insert_capture(connection, number, row)
                break
        else:
            if chain_damaged:
                nameless.append(
                    f"{one.row['url']}, received at {one.row['at']}: the record is there, its row is not"
                )
    return len(back), nameless + [
        f"capture {number}, received at {at}"
        for number, at, _ in lost
        if number not in back
    ]


def _read_record(path: Path, offset: int, length: int) -> UnreferencedRecord | None:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        file.seek(offset)
        block = file.read(length)
        file.seek(offset)
        try:
            record = next(iter(ArchiveIterator(file)))
            if record.rec_type != "response" or record.http_headers is None:
                return None
            body = warc_check.read_payload(block)
        except (ArchiveLoadFailed, StopIteration, ValueError, EOFError):
            return None
    names, http = record.rec_headers, record.http_headers
    status = http.get_statuscode()
    row = {
        "kind": "", "url": names.get_header("WARC-Target-URI"), "reached": "", "at": names.get_header("WARC-Date"),
        "status": int(status) if status.isdecimal() and len(status) < 4 else 0, "type": (http.get_header("Content-Type") or "")[:200],
        "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body),
        "truncated": int(names.get_header("WARC-Truncated") is not None), "record": hashlib.sha256(block).hexdigest(),
        "file": path.name, "offset": offset, "length": length,
    }  # fmt: skip
    return UnreferencedRecord(row, http.get_header("Location") or "")


def _get_known_redirects(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute(
        "select url, reached from captures where kind = 'redirect' and url <> reached"
    )
    return {row[0]: row[1] for row in rows}


def _possible_rows(
    record: UnreferencedRecord, redirects: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """The rows that a record can have had."""
    reached, place = [record.row["url"]], record.row["url"]
    for _ in range(20):
        place = redirects.get(place, "")
        if not place or place in reached:
            break
        reached.append(place)
    if record.redirect_target:
        reached.append(record.redirect_target)
    for kind in CAPTURE_KINDS:
        for address in reached:
            yield {**record.row, "kind": kind, "reached": address}


def _insert_capture(
    connection: sqlite3.Connection, capture_id: int, row: dict[str, Any]
) -> None:
    outlet = connection.execute(
        """select outlet from feeds where url = ?1 union all
        select a.outlet from versions v join articles a on a.key = v.article where v.capture = ?2 union all
        select f.outlet from entries e join feeds f on f.url = e.feed where e.url = ?1 limit 1""",
        [row["url"], capture_id],
    ).fetchone()
    whole = {"id": capture_id, **row, "outlet": outlet[0] if outlet else "", "page": "article" if row["kind"] == "article" and outlet else ""}  # fmt: skip
    connection.execute(
        f"insert into captures ({', '.join(whole)}) values ({', '.join('?' * len(whole))})",
        list(whole.values()),
    )


def repoint_captures(connection: sqlite3.Connection, folder: Path) -> int:
    """Rows whose file is not there, or too short: where a record with the very digest of theirs lies elsewhere, they point at that.
    How many."""
    astray = {}
    for file, offset, length, record, number in connection.execute(
        "select file, offset, length, record, id from captures where file is not null and record <> ''"
    ):
        path = folder / file
        if not path.is_file() or path.stat().st_size < offset + length:
            astray[record] = number
    if not astray:
        return 0
    done = 0
    for path, at, length in files.find_unreferenced_records(connection, folder):
        with path.open("rb") as opened:
            opened.seek(at)
            digest = hashlib.sha256(opened.read(length)).hexdigest()
        if digest in astray:
            place = [path.name, at, length, astray.pop(digest)]
            connection.execute(
                "update captures set file = ?, offset = ?, length = ? where id = ?",
                place,
            )
            done += 1
    return done
