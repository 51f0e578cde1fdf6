"""All that is held of one article, and what of the chain proves it; as records, for whoever packs them.

Not for: packing and showing (``export``).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvester.archive.integrity import proof
from harvester.archive.records import captures
from harvester.archive.takedown.purge import captures_of
from harvester.errors import ArchiveError

JSON = (
    "authors",
    "sections",
    "tags",
    "sources",
    "fields",
    "sentences",
    "extract",
)  # columns that hold JSON
INNER = (
    "id",
    "version",
    "capture",
    "reading",
    "before",
    "after",
    "row",
    "first",
    "crawl",
    "change",
)  # numbers of rows


@dataclass(frozen=True, slots=True)
class Answer:
    """One capture. ``block``: its WARC record as it stands in the file, b"" where only the body is kept, or nothing."""

    number: int  # captures.id
    row: dict[str, Any]
    block: bytes
    body: bytes
    headers: tuple[tuple[str, str], ...]
    missing: str = ""  # why there is no body


@dataclass(frozen=True, slots=True)
class Sealed:
    """One row of the chain. ``form``: its canonical form; ``day``: number of its day, 0 while that is not over."""

    kind: str
    what: str  # of the article: version 2, capture 17
    day: int
    digest: str
    form: str


@dataclass(slots=True)
class Evidence:
    """One article, whole."""

    article: dict[str, Any]
    urls: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    captures: list[int] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    days: list[dict[str, Any]] = field(
        default_factory=list
    )  # from the first that is needed to the head
    rows: dict[int, str] = field(
        default_factory=dict
    )  # number of a day → the list of its digests


def gather(connection: sqlite3.Connection, key: str) -> Evidence:
    """All but the captures' bytes (``answer``), which are asked for one by one."""
    article = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    found = Evidence(_record(article))
    found.urls = _all(
        connection,
        "select url, kind, first_seen, last_seen from urls where article = ? order by first_seen, url",
        key,
    )
    found.versions = _versions(connection, key)
    found.changes = _changes(connection, key)
    found.ledger = _ledger(connection, key)
    urls = [
        article["url"],
        article["reached"],
        *(one["url"] for one in found.urls if one["kind"] != "shared"),
    ]
    urls += [
        row["url"]
        for row in connection.execute(
            "select url from entries where article = ? and url <> ''", [key]
        )
    ]
    found.captures = sorted(captures_of(connection, article, urls))
    _prove(connection, found, key)
    return found


def _record(row: sqlite3.Row) -> dict[str, Any]:
    """A row without numbers of rows, which mean nothing outside, and with its JSON read."""
    return {
        name: json.loads(row[name]) if name in JSON and row[name] else row[name]
        for name in row.keys()  # noqa: SIM118 (a row iterates over its values)
        if name not in INNER
    }


def _all(
    connection: sqlite3.Connection, sql: str, *values: object
) -> list[dict[str, Any]]:
    return [_record(row) for row in connection.execute(sql, values)]


def _versions(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    found = []
    for row in connection.execute(
        "select * from versions where article = ? order by number", [key]
    ).fetchall():
        stood = _all(
            connection,
            "select since, until from sightings where version = ? order by since, id",
            row["id"],
        )
        readings = _all(
            connection,
            "select source, extractor, rules, profile, wording, at from readings where version = ? order by id",
            row["id"],
        )
        found.append(
            {
                **_record(row),
                "capture_number": row["capture"],
                "sightings": stood,
                "readings": readings,
            }
        )
    return found


def _changes(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        """select c.*, b.number as from_version, v.number as to_version from changes c join versions b on b.id = c.before
        join versions v on v.id = c.after where c.article = ? order by c.id""",
        [key],
    )
    return [_record(row) for row in rows]


def _ledger(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    """Every further look, and every event, in order of time."""
    looks = connection.execute(
        "select *, capture as capture_number from looks where article = ? order by at, id",
        [key],
    )
    events = connection.execute(
        "select at, kind, note from events where article = ? order by at, id", [key]
    )
    found = [{"what": "look", **_record(row)} for row in looks] + [
        {"what": "event", **_record(row)} for row in events
    ]
    return sorted(found, key=lambda one: str(one["at"]))


def answer(connection: sqlite3.Connection, folder: Path | None, number: int) -> Answer:
    """One capture with its bytes."""
    row = connection.execute("select * from captures where id = ?", [number]).fetchone()
    record = {
        name: value
        for name, value in _record(row).items()
        if name not in ("body", "file", "offset", "length")
    }
    block = b""
    try:
        body, headers, _ = captures.response(connection, folder, number)
        if row["file"] and folder is not None:
            with (folder / row["file"]).open("rb") as file:
                file.seek(row["offset"])
                block = file.read(row["length"])
    except (ArchiveError, OSError) as error:
        return Answer(number, record, b"", b"", (), str(error))
    return Answer(number, record, block, body, headers)


# ---- the chain


def _prove(connection: sqlite3.Connection, found: Evidence, key: str) -> None:
    """The canonical forms of its rows, the lists of digests of their days, and all days from the first of these to the head."""
    for row in connection.execute(
        """select s.*, v.number as version, v.sha256 from seals s join versions v on s.kind = 'version' and s.row = v.id
        where v.article = ? order by s.id""",
        [key],
    ):
        form = proof.of_version(row["article"], row["sha256"], row["at"], row["said"])
        found.sealed.append(_sealed(row, f"version {row['version']}", form))
    for row in connection.execute(
        "select * from seals where kind = 'capture' and row in (select value from json_each(?)) order by id",
        [json.dumps(found.captures)],
    ):
        held = connection.execute(
            f"{proof.ROWS['capture']} where id = ?", [row["row"]]
        ).fetchone()
        found.sealed.append(
            _sealed(row, f"capture {row['row']}", proof.of_capture(held))
        )
    numbers = sorted({one.day for one in found.sealed if one.day})
    if not numbers:
        return
    days = connection.execute(
        "select * from days where number >= ? order by number", [numbers[0]]
    )
    found.days = [dict(row) for row in days]
    for number in numbers:
        rows = connection.execute(
            "select kind, digest from seals where number = ? order by id", [number]
        )
        found.rows[number] = proof.of_rows(
            (row["kind"], row["digest"]) for row in rows
        ).decode("ascii")


def _sealed(row: sqlite3.Row, what: str, form: bytes) -> Sealed:
    return Sealed(
        row["kind"], what, row["number"] or 0, row["digest"].hex(), form.decode("ascii")
    )
