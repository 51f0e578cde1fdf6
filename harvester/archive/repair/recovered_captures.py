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

KINDS = ("article", "feed", "redirect", "robots")


@dataclass(frozen=True, slots=True)
class Found:
    """A record that no row points at: the row that it would make, and where a redirect leads."""

    row: dict[str, Any]
    to: str


def again(
    connection: sqlite3.Connection, folder: Path, name_all: bool
) -> tuple[int, list[str]]:
    """Put back the rows of captures whose record is there. How many, and what is lost for good. ``name_all``: the chain is damaged
    too, so that records without a row are all that tells of some."""
    lost = losses.captures(connection)
    if not lost and not name_all:
        return 0, []
    by_digest = {digest: number for number, _, digest in lost}
    found = [
        one
        for path, at, length in files.unpointed(connection, folder)
        if (one := _found(path, at, length))
    ]
    leads = {one.row["url"]: one.to for one in found if one.to}
    leads |= _known_redirects(connection)
    back: set[int] = set()
    nameless: list[str] = []
    for one in found:
        for row in _possible(one, leads):
            number = by_digest.get(proof.digest(proof.of_capture(row)))  # type: ignore[arg-type]
            if number is not None and number not in back:
                back.add(number)
                _put(connection, number, row)
                break
        else:
            if name_all:
                nameless.append(
                    f"{one.row['url']}, received at {one.row['at']}: the record is there, its row is not"
                )
    return len(back), nameless + [
        f"capture {number}, received at {at}"
        for number, at, _ in lost
        if number not in back
    ]


def _found(path: Path, at: int, length: int) -> Found | None:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        file.seek(at)
        block = file.read(length)
        file.seek(at)
        try:
            record = next(iter(ArchiveIterator(file)))
            if record.rec_type != "response" or record.http_headers is None:
                return None
            body = warc_check.payload(block)
        except (ArchiveLoadFailed, StopIteration, ValueError, EOFError):
            return None
    names, http = record.rec_headers, record.http_headers
    status = http.get_statuscode()
    row = {
        "kind": "", "url": names.get_header("WARC-Target-URI"), "reached": "", "at": names.get_header("WARC-Date"),
        "status": int(status) if status.isdecimal() and len(status) < 4 else 0, "type": (http.get_header("Content-Type") or "")[:200],
        "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body),
        "truncated": int(names.get_header("WARC-Truncated") is not None), "record": hashlib.sha256(block).hexdigest(),
        "file": path.name, "offset": at, "length": length,
    }  # fmt: skip
    return Found(row, http.get_header("Location") or "")


def _known_redirects(connection: sqlite3.Connection) -> dict[str, str]:
    rows = connection.execute(
        "select url, reached from captures where kind = 'redirect' and url <> reached"
    )
    return {row[0]: row[1] for row in rows}


def _possible(one: Found, leads: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The rows that a record can have had."""
    reached, place = [one.row["url"]], one.row["url"]
    for _ in range(20):
        place = leads.get(place, "")
        if not place or place in reached:
            break
        reached.append(place)
    if one.to:
        reached.append(one.to)
    for kind in KINDS:
        for address in reached:
            yield {**one.row, "kind": kind, "reached": address}


def _put(connection: sqlite3.Connection, number: int, row: dict[str, Any]) -> None:
    outlet = connection.execute(
        """select outlet from feeds where url = ?1 union all
        select a.outlet from versions v join articles a on a.key = v.article where v.capture = ?2 union all
        select f.outlet from entries e join feeds f on f.url = e.feed where e.url = ?1 limit 1""",
        [row["url"], number],
    ).fetchone()
    whole = {"id": number, **row, "outlet": outlet[0] if outlet else "", "page": "article" if row["kind"] == "article" and outlet else ""}  # fmt: skip
    connection.execute(
        f"insert into captures ({', '.join(whole)}) values ({', '.join('?' * len(whole))})",
        list(whole.values()),
    )


def point_again(connection: sqlite3.Connection, folder: Path) -> int:
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
    for path, at, length in files.unpointed(connection, folder):
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
