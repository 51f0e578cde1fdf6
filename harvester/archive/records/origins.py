"""Origins: where captures are from that were imported, and who received them.

A capture without one was received by this archive. Does not read what is imported, nor
write captures (``captures``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from harvester.archive.records.record_sql import (
    column_list,
    column_values,
    insert_row,
)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
OriginKind = Literal["warc", "wayback"]


@dataclass(frozen=True, slots=True)
class NewOrigin:
    """A row of ``origins`` to be added; the schema explains each column."""

    kind: OriginKind
    name: str
    receiver: str
    sha256: str
    at: str
    bytes: int = 0  # last: it hides the type of that name


@dataclass(frozen=True, slots=True)
class Origin:
    """A row of ``origins``."""

    id: int
    kind: OriginKind
    name: str
    receiver: str
    sha256: str
    at: str
    bytes: int


@dataclass(frozen=True, slots=True)
class OriginCounts:
    """An origin and the captures that are from it."""

    origin: Origin
    captures: int
    first_at: str | None  # when the earliest of them was received; None: there is none
    last_at: str | None


@dataclass(frozen=True, slots=True)
class OriginOfResponse:
    """Where a response is imported from."""

    id: int  # of the row of ``origins``
    name: str  # its name
    record_id: str  # WARC-Record-ID of the response there; "": unknown
    redirect_record_ids: tuple[str, ...] = ()  # of the redirects that led to it

    def of_redirect(self, number: int) -> OriginOfResponse:
        """The same, of one of the redirects, counted from 0."""
        ids = self.redirect_record_ids
        return replace(self, record_id=ids[number] if number < len(ids) else "")


def add_origin(connection: sqlite3.Connection, origin: NewOrigin) -> int:
    """Add an origin, unless it is there; returns its id.

    An origin is known by kind, name and digest: the row that is there stays as it is.
    """
    row = connection.execute(
        "select id from origins where kind = ? and name = ? and sha256 = ?",
        [origin.kind, origin.name, origin.sha256],
    ).fetchone()
    if row is not None:
        return int(row[0])
    return insert_row(connection, "origins", column_values(origin))


def get_origin(connection: sqlite3.Connection, origin_id: int) -> Origin | None:
    """An origin by its id, or None."""
    row = connection.execute(
        f"select {column_list(Origin)} from origins where id = ?", [origin_id]
    ).fetchone()
    return Origin(*row) if row else None


def describe_origins(
    connection: sqlite3.Connection, capture_ids: Iterable[int | None]
) -> dict[int, str]:
    """Who received captures that were imported, in words; without all others."""
    rows = connection.execute(
        f"""
        select c.id, {column_list(Origin, "o")}
        from captures c join origins o on o.id = c.origin
        where c.id in (select value from json_each(?))""",
        [json.dumps([each for each in capture_ids if each is not None])],
    )
    return {int(row[0]): describe_origin(Origin(*row[1:])) for row in rows}


def describe_origin(origin: Origin) -> str:
    """Who received what is from an origin, in words, and when it was imported."""
    receiver = origin.receiver or "others"
    year, month, day = origin.at[:10].split("-")
    date = f"{int(day)} {MONTHS[int(month) - 1]} {year}"
    return f"received by {receiver} ({origin.name}), imported on {date}"


def count_captures(connection: sqlite3.Connection) -> int:
    """How many captures were imported; read from an index of those alone."""
    row = connection.execute(
        "select count(*) from captures where origin is not null"
    ).fetchone()
    return int(row[0])


def list_origins(connection: sqlite3.Connection) -> list[OriginCounts]:
    """All origins in the order of their import, with the captures of each.

    Takes time in proportion to the captures that were imported.
    """
    rows = connection.execute(
        f"""
        select {column_list(Origin, "o")}, count(c.id), min(c.at), max(c.at)
        from origins o left join captures c on c.origin = o.id
        group by o.id order by o.id
        """
    )
    return [OriginCounts(Origin(*row[:-3]), *row[-3:]) for row in rows]


def list_file_digests(connection: sqlite3.Connection) -> set[str]:
    """The SHA-256 of all files that were imported."""
    rows = connection.execute("select sha256 from origins where sha256 <> ''")
    return {str(row[0]) for row in rows}
