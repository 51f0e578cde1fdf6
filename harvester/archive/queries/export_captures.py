"""The WARC records of some articles, as they lie in the files of captures."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harvester.archive.records.article_captures import list_article_captures
from harvester.archive.regular_files import read_record
from harvester.errors import ArchiveError

GROUP_CAPTURES = 200  # whose rows are read at a time


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One capture's record and that of its request, byte for byte; b"": there is none."""

    id: int
    at: str
    record: bytes
    request: bytes


@dataclass(frozen=True, slots=True)
class PageCapture:
    """A capture from which a version of an article was read."""

    id: int
    url: str
    at: str
    title: str


def list_capture_ids(
    connection: sqlite3.Connection,
    article_ids: Iterable[int],
    with_feeds: bool = False,
) -> array[int]:
    """Captures of articles, and those whose records hold bodies of them; ascending.

    ``with_feeds``: also feeds, of articles that are in a feed alone. Their URLs may
    carry secrets.
    """
    found: set[int] = set()
    for article_id in article_ids:
        article = connection.execute(
            "select * from articles where id = ?", [article_id]
        ).fetchone()
        urls = connection.execute(
            """
            select url from urls where article = :key and kind <> 'shared'
            union
            select url from entries where article = :key and url <> ''""",
            {"key": article["key"]},
        )
        known_urls = [article["url"], article["reached"], *(row[0] for row in urls)]
        found |= list_article_captures(connection, article, known_urls, with_feeds)
    holders: set[int] = set()
    for group in _split(sorted(found)):
        rows = connection.execute(
            """
            select body_of from captures
            where body_of is not null and id in (select value from json_each(?))""",
            [json.dumps(group)],
        )
        holders.update(row[0] for row in rows)
    return array("q", sorted(found | holders))


def get_last_time(connection: sqlite3.Connection, capture_ids: array[int]) -> str:
    """When the last of some captures was received."""
    row = connection.execute(
        "select at from captures where id = ?", [max(capture_ids, default=0)]
    ).fetchone()
    return str(row["at"]) if row else "1970-01-01T00:00:00Z"


def list_records(
    connection: sqlite3.Connection, folder: Path | None, capture_ids: array[int]
) -> Iterator[CaptureRecord]:
    """The records of captures, as they were written; empty where they are not so.

    A revisit record whose body's record is missing is empty too: it would replay as
    nothing.
    """
    for group in _split(capture_ids):
        for row in connection.execute(
            """
            select c.id, c.at, c.file, c.offset, c.length, c.record, c.request,
                c.body_of is not null and h.file is null as is_lost
            from captures c
            left join captures h on h.id = c.body_of
            where c.id in (select value from json_each(?))
            order by c.id""",
            [json.dumps(list(group))],
        ).fetchall():
            record = b"" if row["is_lost"] else _read_intact(folder, row)
            request = _read_request(folder, row) if record else b""
            yield CaptureRecord(row["id"], row["at"], record, request)


def list_page_captures(
    connection: sqlite3.Connection, capture_ids: array[int]
) -> Iterator[PageCapture]:
    """Those of captures from which versions were read first, with their titles."""
    for group in _split(capture_ids):
        for row in connection.execute(
            """
            select c.id, iif(c.reached = '', c.url, c.reached) as url, c.at, v.title
            from captures c
            join versions v on v.id = (
                select min(id) from versions where capture = c.id)
            where c.id in (select value from json_each(?)) and c.kind = 'article'
                and c.file is not null
            order by c.id""",
            [json.dumps(list(group))],
        ):
            yield PageCapture(row["id"], row["url"], row["at"], row["title"])


def _split(ids: array[int] | list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), GROUP_CAPTURES):
        yield list(ids[start : start + GROUP_CAPTURES])


def _read_intact(folder: Path | None, row: sqlite3.Row) -> bytes:
    """A record; b"" if its file does not hold it as it was written."""
    if folder is None or not row["file"]:
        return b""
    try:
        block = read_record(folder, row["file"], row["offset"], row["length"])
    except (ArchiveError, OSError):
        return b""
    if len(block) != row["length"]:
        return b""
    if row["record"] and hashlib.sha256(block).hexdigest() != row["record"]:
        return b""
    return block


def _read_request(folder: Path | None, row: sqlite3.Row) -> bytes:
    if folder is None or not isinstance(row["request"], int):
        return b""
    try:
        end = row["offset"] + row["length"]
        block = read_record(folder, row["file"], end, row["request"])
    except (ArchiveError, OSError):
        return b""
    return block if len(block) == row["request"] else b""
