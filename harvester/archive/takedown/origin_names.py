"""Names of origins that name a purged article: the file that was imported may be called so.

Taken out of the table and of the WARC headers of the captures that are from there. The
digest of the name stays, so that the seals stay too (``proof.canonical_origin``).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from urllib.parse import unquote

from harvester.archive.integrity import proof
from harvester.archive.records import warc_records
from harvester.archive.takedown.warc_rewrite import RecordEdit

MIN_SLUG_CHARACTERS = 10  # shorter ones, and those of one word, name nothing
_WORDS = re.compile(r"[^\W_]+")


def find_named_origins(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> dict[int, str]:
    """Origins whose name has the slug of one of these addresses: id → name."""
    slugs = {slug for address in addresses if (slug := _slug(address))}
    if not slugs:
        return {}
    rows = connection.execute("select id, name from origins order by id").fetchall()
    return {
        int(row["id"]): str(row["name"])
        for row in rows
        if any(f" {slug} " in f" {_join_words(row['name'])} " for slug in slugs)
    }


def _slug(address: str) -> str:
    """The words of an address that its last part has; "" if they tell nothing."""
    last = unquote(address).rstrip("/").rpartition("/")[2]
    words = _join_words(re.sub(r"\.\w{2,5}$", "", last))
    is_telling = len(words) >= MIN_SLUG_CHARACTERS and " " in words
    return words if is_telling else ""


def _join_words(text: str) -> str:
    return " ".join(_WORDS.findall(unquote(text).casefold()))


def list_captures(
    connection: sqlite3.Connection, origin_ids: Iterable[int]
) -> set[int]:
    """The captures from these origins."""
    rows = connection.execute(
        """
        select id from captures
        where origin is not null and origin in (select value from json_each(?))""",
        [json.dumps(list(origin_ids))],
    )
    return {int(row["id"]) for row in rows}


def redact(connection: sqlite3.Connection, names: dict[int, str]) -> int:
    """Take the names out of the table; returns how many."""
    connection.executemany(
        "update origins set name = ? where id = ?",
        [(proof.redact_name(name), origin_id) for origin_id, name in names.items()],
    )
    return len(names)


def redacting(edit: RecordEdit | None = None) -> RecordEdit:
    """The edit that takes the name out of a record, after another edit of it."""

    def redact_record(block: bytes) -> bytes:
        if edit is not None:
            block = edit(block)
        return warc_records.redact_origin(block) if block else b""

    return redact_record
