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
from harvester.archive.takedown.purge import list_article_captures
from harvester.errors import ArchiveError

JSON_COLUMNS = (
    "authors",
    "sections",
    "tags",
    "sources",
    "fields",
    "sentences",
    "extract",
)  # columns that hold JSON
ROW_ID_COLUMNS = (
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
class CaptureEvidence:
    """One capture. ``block``: its WARC record as it stands in the file, b"" where only the body is kept, or nothing."""

    capture_id: int  # captures.id
    row: dict[str, Any]
    warc_record: bytes
    body: bytes
    headers: tuple[tuple[str, str], ...]
    missing_reason: str = ""  # why there is no body


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One row of the chain. ``form``: its canonical form; ``day``: number of its day, 0 while that is not over."""

    kind: str
    label: str  # of the article: version 2, capture 17
    day_number: int
    digest: str
    canonical_form: str


@dataclass(slots=True)
class Evidence:
    """One article, whole."""

    article: dict[str, Any]
    urls: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    capture_ids: list[int] = field(default_factory=list)
    sealed_rows: list[SealedRow] = field(default_factory=list)
    days: list[dict[str, Any]] = field(
        default_factory=list
    )  # from the first that is needed to the head
    day_digest_lists: dict[int, str] = field(
        default_factory=dict
    )  # number of a day → the list of its digests


def get_evidence(connection: sqlite3.Connection, key: str) -> Evidence:
    """All but the captures' bytes (``answer``), which are asked for one by one."""
    article = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    found = Evidence(_row_to_dict(article))
    found.urls = _fetch_dicts(
        connection,
        "select url, kind, first_seen, last_seen from urls where article = ? order by first_seen, url",
        key,
    )
    found.versions = _list_versions(connection, key)
    found.changes = _list_changes(connection, key)
    found.history = _list_history(connection, key)
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
    found.capture_ids = sorted(list_article_captures(connection, article, urls))
    _add_proof(connection, found, key)
    return found


def _row_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A row without numbers of rows, which mean nothing outside, and with its JSON read."""
    return {
        name: json.loads(row[name]) if name in JSON_COLUMNS and row[name] else row[name]
        for name in row.keys()  # noqa: SIM118 (a row iterates over its values)
        if name not in ROW_ID_COLUMNS
    }


def _fetch_dicts(
    connection: sqlite3.Connection, sql: str, *values: object
) -> list[dict[str, Any]]:
    return [_row_to_dict(row) for row in connection.execute(sql, values)]


def _list_versions(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    found = []
    for row in connection.execute(
        "select * from versions where article = ? order by number", [key]
    ).fetchall():
        stood = _fetch_dicts(
            connection,
            "select since, until from sightings where version = ? order by since, id",
            row["id"],
        )
        readings = _fetch_dicts(
            connection,
            "select source, extractor, rules, profile, wording, at from readings where version = ? order by id",
            row["id"],
        )
        found.append(
            {
                **_row_to_dict(row),
                "capture_number": row["capture"],
                "sightings": stood,
                "readings": readings,
            }
        )
    return found


def _list_changes(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        """select c.*, b.number as from_version, v.number as to_version from changes c join versions b on b.id = c.before
        join versions v on v.id = c.after where c.article = ? order by c.id""",
        [key],
    )
    return [_row_to_dict(row) for row in rows]


def _list_history(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    """Every further look, and every event, in order of time."""
    looks = connection.execute(
        "select *, capture as capture_number from looks where article = ? order by at, id",
        [key],
    )
    events = connection.execute(
        "select at, kind, note from events where article = ? order by at, id", [key]
    )
    found = [{"what": "look", **_row_to_dict(row)} for row in looks] + [
        {"what": "event", **_row_to_dict(row)} for row in events
    ]
    return sorted(found, key=lambda one: str(one["at"]))


def get_capture_evidence(
    connection: sqlite3.Connection, folder: Path | None, capture_id: int
) -> CaptureEvidence:
    """One capture with its bytes."""
    row = connection.execute(
        "select * from captures where id = ?", [capture_id]
    ).fetchone()
    record = {
        name: value
        for name, value in _row_to_dict(row).items()
        if name not in ("body", "file", "offset", "length")
    }
    block = b""
    try:
        body, headers, _ = captures.get_response(connection, folder, capture_id)
        if row["file"] and folder is not None:
            with (folder / row["file"]).open("rb") as file:
                file.seek(row["offset"])
                block = file.read(row["length"])
    except (ArchiveError, OSError) as error:
        return CaptureEvidence(capture_id, record, b"", b"", (), str(error))
    return CaptureEvidence(capture_id, record, block, body, headers)


# ---- the chain


def _add_proof(connection: sqlite3.Connection, evidence: Evidence, key: str) -> None:
    """The canonical forms of its rows, the lists of digests of their days, and all days from the first of these to the head."""
    for row in connection.execute(
        """select s.*, v.number as version, v.sha256 from seals s join versions v on s.kind = 'version' and s.row = v.id
        where v.article = ? order by s.id""",
        [key],
    ):
        form = proof.canonical_version(
            row["article"], row["sha256"], row["at"], row["said"]
        )
        evidence.sealed_rows.append(
            _to_sealed_row(row, f"version {row['version']}", form)
        )
    for row in connection.execute(
        "select * from seals where kind = 'capture' and row in (select value from json_each(?)) order by id",
        [json.dumps(evidence.capture_ids)],
    ):
        held = connection.execute(
            f"{proof.ROW_QUERIES['capture']} where id = ?", [row["row"]]
        ).fetchone()
        evidence.sealed_rows.append(
            _to_sealed_row(row, f"capture {row['row']}", proof.canonical_capture(held))
        )
    numbers = sorted({one.day_number for one in evidence.sealed_rows if one.day_number})
    if not numbers:
        return
    days = connection.execute(
        "select * from days where number >= ? order by number", [numbers[0]]
    )
    evidence.days = [dict(row) for row in days]
    for number in numbers:
        rows = connection.execute(
            "select kind, digest from seals where number = ? order by id", [number]
        )
        evidence.day_digest_lists[number] = proof.canonical_row_list(
            (row["kind"], row["digest"]) for row in rows
        ).decode("ascii")


def _to_sealed_row(row: sqlite3.Row, label: str, canonical_form: bytes) -> SealedRow:
    return SealedRow(
        row["kind"],
        label,
        row["number"] or 0,
        row["digest"].hex(),
        canonical_form.decode("ascii"),
    )
