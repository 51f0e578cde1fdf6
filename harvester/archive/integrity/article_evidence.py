"""Everything stored about one article, with its proof in the chain of days, as records.

Does not pack or present it; see ``export.bundle``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harvester.archive import stored_json
from harvester.archive.integrity import proof
from harvester.archive.records import captures, origins
from harvester.archive.records.article_captures import list_article_captures
from harvester.archive.regular_files import read_record
from harvester.errors import ArchiveError

# Files about a whole host: kind of their captures → path.
SITE_FILES = {"robots": "/robots.txt", "tdmrep": "/.well-known/tdmrep.json"}
JSON_COLUMNS = (
    "authors",
    "sections",
    "tags",
    "sources",
    "fields",
    "sentences",
    "extract",
)
# Columns that hold row ids, which mean nothing outside the archive.
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
    "origin",
)


@dataclass(frozen=True, slots=True)
class CaptureEvidence:
    """One capture with its bytes.

    ``warc_record`` is the record as it is in the file; b"" if only the body is stored.
    Where the row's ``body_of`` names another capture, it is a revisit record, and the
    body is in that one's.
    """

    capture_id: int  # captures.id
    row: dict[str, Any]
    warc_record: bytes
    body: bytes
    headers: tuple[tuple[str, str], ...]
    missing_reason: str = ""  # why there is no body
    request_record: bytes = b""  # the WARC record of its request, if that is kept


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One row of the chain; ``day_number`` is 0 while its day is not over."""

    kind: str
    label: str  # for people: "version 2", "capture 17"
    day_number: int
    digest: str
    canonical_form: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything stored about one article, except the bytes of its captures."""

    article: dict[str, Any]
    urls: list[dict[str, Any]]
    versions: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    history: list[dict[str, Any]]
    capture_ids: list[int]  # of its pages, then those of ``site_file_ids``
    site_file_ids: list[int]  # robots.txt and tdmrep.json as they were at those times
    sealed_rows: list[SealedRow]
    origins: list[dict[str, Any]]  # where captures are from that were imported
    days: list[dict[str, Any]]  # from the first that is needed to the head
    day_digest_lists: dict[int, str]  # number of a day → the list of its digests


def get_evidence(connection: sqlite3.Connection, key: str) -> Evidence:
    """The evidence of an article; ``get_capture_evidence`` adds each capture."""
    article = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    urls = _fetch_dicts(
        connection,
        """
        select url, kind, first_seen, last_seen from urls
        where article = ?
        order by first_seen, url""",
        key,
    )
    announced = connection.execute(
        "select url from entries where article = ? and url <> ''", [key]
    )
    known_urls = [
        article["url"],
        article["reached"],
        *(url["url"] for url in urls if url["kind"] != "shared"),
        *(row["url"] for row in announced),
    ]
    capture_ids = _with_holders(
        connection, list_article_captures(connection, article, known_urls)
    )
    site_file_ids = _with_holders(
        connection, set(list_site_files(connection, capture_ids))
    )
    sealed_rows = [
        *_list_sealed_versions(connection, key),
        *_list_sealed_origins(connection, [*capture_ids, *site_file_ids]),
        *_list_sealed_captures(connection, [*capture_ids, *site_file_ids]),
    ]
    day_numbers = sorted({row.day_number for row in sealed_rows if row.day_number})
    return Evidence(
        article=_row_to_dict(article),
        urls=urls,
        versions=_list_versions(connection, key),
        changes=_list_changes(connection, key),
        history=_list_history(connection, key),
        capture_ids=[*capture_ids, *site_file_ids],
        site_file_ids=site_file_ids,
        sealed_rows=sealed_rows,
        origins=_list_origins(connection, [*capture_ids, *site_file_ids]),
        days=_list_days(connection, day_numbers),
        day_digest_lists={
            number: _get_digest_list(connection, number) for number in day_numbers
        },
    )


def _with_holders(connection: sqlite3.Connection, capture_ids: set[int]) -> list[int]:
    """The captures, and those whose records hold the bodies of some of them."""
    rows = connection.execute(
        """
        select body_of from captures
        where body_of is not null and id in (select value from json_each(?))""",
        [json.dumps(list(capture_ids))],
    )
    return sorted(capture_ids | {row["body_of"] for row in rows})


def _row_to_dict(row: sqlite3.Row) -> dict[str, Any]:
    """A row without row ids, and with its JSON columns parsed."""
    return {
        name: _value(row, name)
        for name in row.keys()  # noqa: SIM118 (a row iterates over its values)
        if name not in ROW_ID_COLUMNS
    }


def _value(row: sqlite3.Row, name: str) -> Any:
    """A value; JSON parsed, or as it is where it is none."""
    value = row[name]
    if name not in JSON_COLUMNS or not value:
        return value.hex() if isinstance(value, bytes) else value
    parsed = stored_json.parse_json(value)
    return value if parsed is None else parsed


def _fetch_dicts(
    connection: sqlite3.Connection, sql: str, *parameters: object
) -> list[dict[str, Any]]:
    return [_row_to_dict(row) for row in connection.execute(sql, parameters)]


def _list_versions(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    versions = []
    for row in connection.execute(
        "select * from versions where article = ? order by number", [key]
    ).fetchall():
        sightings = _fetch_dicts(
            connection,
            """
            select since, until from sightings
            where version = ?
            order by since, id""",
            row["id"],
        )
        readings = _fetch_dicts(
            connection,
            """
            select source, extractor, rules, profile, wording, at from readings
            where version = ?
            order by id""",
            row["id"],
        )
        versions.append(
            {
                **_row_to_dict(row),
                "capture_number": row["capture"],
                "sightings": sightings,
                "readings": readings,
            }
        )
    return versions


def _list_changes(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    return _fetch_dicts(
        connection,
        """
        select c.*, b.number as from_version, v.number as to_version
        from changes c
        join versions b on b.id = c.before
        join versions v on v.id = c.after
        where c.article = ?
        order by c.id""",
        key,
    )


def _list_history(connection: sqlite3.Connection, key: str) -> list[dict[str, Any]]:
    """Every check and every event of an article, in order of time."""
    checks = _fetch_dicts(
        connection,
        """
        select *, capture as capture_number from looks
        where article = ?
        order by at, id""",
        key,
    )
    events = _fetch_dicts(
        connection,
        "select at, kind, note from events where article = ? order by at, id",
        key,
    )
    history = [{"what": "look", **check} for check in checks]
    history += [{"what": "event", **event} for event in events]
    return sorted(history, key=lambda entry: str(entry["at"]))


def get_capture_evidence(
    connection: sqlite3.Connection, folder: Path | None, capture_id: int
) -> CaptureEvidence:
    """One capture with its bytes, or with the reason why they are missing."""
    row = connection.execute(
        "select * from captures where id = ?", [capture_id]
    ).fetchone()
    columns = {
        name: value
        for name, value in _row_to_dict(row).items()
        if name not in ("body", "file", "offset", "length", "request")
    }
    columns["received_by"] = origins.describe_origins(connection, [capture_id]).get(
        capture_id, ""
    )
    record, request = b"", b""
    try:
        if row["file"] and folder is not None:
            record = read_record(folder, row["file"], row["offset"], row["length"])
            if row["request"]:
                end = row["offset"] + row["length"]
                request = read_record(folder, row["file"], end, row["request"])
        body, headers, _ = captures.get_response(connection, folder, capture_id)
    except (ArchiveError, OSError) as error:
        return CaptureEvidence(capture_id, columns, b"", b"", (), str(error))
    return CaptureEvidence(
        capture_id, columns, record, body, headers, request_record=request
    )


def list_site_files(
    connection: sqlite3.Connection, capture_ids: Sequence[int]
) -> list[int]:
    """Captures of robots.txt and tdmrep.json as they were when these were received.

    The last before each of these captures; of tdmrep.json, which is fetched right after
    the first article of a host, else the first one after it.
    """
    captures = connection.execute(
        """
        select iif(kind = 'redirect', url, reached) as sender, at from captures
        where id in (select value from json_each(?))""",
        [json.dumps(list(capture_ids))],
    ).fetchall()
    found = set()
    for sender, at in captures:
        try:
            parts = urlsplit(sender)
        except ValueError:
            continue  # somebody else's row
        origin = f"{parts.scheme}://{parts.netloc}"
        for kind, path in SITE_FILES.items():
            row = connection.execute(
                """
                select id from captures
                where url = :url and kind = :kind and (at <= :at or :kind = 'tdmrep')
                order by at > :at, iif(at > :at, at, null), at desc, id desc
                limit 1""",
                {"url": f"{origin}{path}", "kind": kind, "at": at},
            ).fetchone()
            if row is not None:
                found.add(row["id"])
    return sorted(found)


# ---- the chain


def _list_sealed_versions(
    connection: sqlite3.Connection, key: str
) -> Iterator[SealedRow]:
    for row in connection.execute(
        """
        select s.*, v.number as version, v.sha256
        from seals s
        join versions v on s.kind = 'version' and s.row = v.id
        where v.article = ?
        order by s.id""",
        [key],
    ):
        canonical_form = proof.canonical_version(
            row["article"], row["sha256"], row["at"], row["said"]
        )
        yield _to_sealed_row(row, f"version {row['version']}", canonical_form)


_ORIGINS_OF_CAPTURES_SQL = """(
    select origin from captures where id in (select value from json_each(?)))"""


def _list_sealed_origins(
    connection: sqlite3.Connection, capture_ids: Sequence[int]
) -> Iterator[SealedRow]:
    for seal in connection.execute(
        f"""
        select * from seals where kind = 'origin' and row in {_ORIGINS_OF_CAPTURES_SQL}
        order by id""",
        [json.dumps(capture_ids)],
    ).fetchall():
        origin = connection.execute(
            f"{proof.ROW_QUERIES['origin']} where id = ?", [seal["row"]]
        ).fetchone()
        label = f"origin {seal['row']}"
        yield _to_sealed_row(seal, label, proof.canonical_origin(origin))


def _list_origins(
    connection: sqlite3.Connection, capture_ids: Sequence[int]
) -> list[dict[str, Any]]:
    rows = connection.execute(
        f"select * from origins where id in {_ORIGINS_OF_CAPTURES_SQL} order by id",
        [json.dumps(capture_ids)],
    )
    return [{"number": row["id"], **_row_to_dict(row)} for row in rows]


def _list_sealed_captures(
    connection: sqlite3.Connection, capture_ids: Sequence[int]
) -> Iterator[SealedRow]:
    for seal in connection.execute(
        """
        select * from seals
        where kind = 'capture' and row in (select value from json_each(?))
        order by id""",
        [json.dumps(capture_ids)],
    ):
        capture = connection.execute(
            f"{proof.ROW_QUERIES['capture']} where id = ?", [seal["row"]]
        ).fetchone()
        canonical_form = proof.canonical_capture(capture)
        yield _to_sealed_row(seal, f"capture {seal['row']}", canonical_form)


def _to_sealed_row(seal: sqlite3.Row, label: str, canonical_form: bytes) -> SealedRow:
    return SealedRow(
        seal["kind"],
        label,
        seal["number"] or 0,
        seal["digest"].hex(),
        canonical_form.decode("ascii"),
    )


def _list_days(
    connection: sqlite3.Connection, day_numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """All days from the first of these to the head of the chain."""
    if not day_numbers:
        return []
    rows = connection.execute(
        "select * from days where number >= ? order by number", [day_numbers[0]]
    )
    return [dict(row) for row in rows]


def _get_digest_list(connection: sqlite3.Connection, day_number: int) -> str:
    rows = connection.execute(
        "select kind, digest from seals where number = ? order by id", [day_number]
    )
    digests = ((row["kind"], row["digest"]) for row in rows)
    return proof.canonical_row_list(digests).decode("ascii")
