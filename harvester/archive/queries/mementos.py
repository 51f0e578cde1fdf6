"""Earlier states of an article that can be looked at: captures, and versions."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from harvester.archive.records import origins

MAX_MEMENTOS = 1_000  # of each sort, the newest


@dataclass(frozen=True, slots=True)
class Memento:
    """A state of an article at a time; a capture, or a version where none is stored."""

    at: str
    capture: int | None = None  # captures.id
    version: int | None = None  # its number
    received_by: str = ""  # in words, if it was imported


def list_mementos(
    connection: sqlite3.Connection, key: str, with_files: bool
) -> list[Memento]:
    """The states of an article, oldest first.

    Its pages as received with status 200 and stored; and each version whose capture is
    not. ``with_files``: whether WARC files can be read.
    """
    stored = "(c.body is not null or (c.file is not null and :with_files))"
    parameters = {"key": key, "with_files": with_files, "limit": MAX_MEMENTOS}
    captures = connection.execute(
        f"""
        with own(id) as (
            select capture from versions where article = :key
            union select capture from readings where article = :key
            union select capture from articles where key = :key
            union
            select c.id from urls u cross join captures c on c.url = u.url
            where u.article = :key and u.kind <> 'shared')
        select c.at, c.id
        from own
        cross join captures c on c.id = own.id
        where c.kind = 'article' and c.status = 200 and {stored}
        order by c.at desc, c.id desc
        limit :limit""",
        parameters,
    ).fetchall()
    versions = connection.execute(
        f"""
        select v.first_seen, v.number, v.capture
        from versions v
        left join captures c on c.id = v.capture and c.kind = 'article'
        where v.article = :key and (c.id is null or not {stored})
        order by v.number desc
        limit :limit""",
        parameters,
    ).fetchall()
    received_by = origins.describe_origins(
        connection,
        [row[key] for rows, key in ((captures, 1), (versions, 2)) for row in rows],
    )
    mementos = [
        Memento(at, capture=capture_id, received_by=received_by.get(capture_id, ""))
        for at, capture_id in captures
    ]
    mementos += [
        Memento(at, version=number, received_by=received_by.get(capture_id, ""))
        for at, number, capture_id in versions
    ]
    return sorted(mementos, key=lambda one: (one.at, one.version or 0))
