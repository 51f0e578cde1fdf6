"""The index of an import: its files, their records, and what was left out of them.

A SQLite file of its own in the workspace; it is made anew from the files at any time.
Does not read WARC files (``harvester.importing``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

# ``done`` of a file: all of its records are in the index. ``moment``: a time with six
# decimals. ``role``: feed, redirect, page (2xx), check (any other status). ``next``: the
# response that a redirect led to, which has ``joined`` then. ``turn``: the order of the
# replay, of those that have one. ``spooled``: it is in the workspace's own file.
_SCHEMA = """
create table if not exists files (
    id integer primary key, path text not null unique, kind text not null,
    name text not null, receiver text not null, sha256 text not null,
    bytes integer not null, status text not null, problem text not null default '',
    own integer not null default 0, done integer not null default 0);
create table if not exists records (
    id integer primary key, file integer not null, offset integer not null,
    length integer not null, spooled integer not null, record text not null,
    url text not null, moment text not null, status integer not null,
    role text not null, outlet text not null, feed text not null, target text not null,
    original text not null, original_url text not null, original_at text not null,
    digest text not null, reason text not null, domain text not null, next integer,
    joined integer not null default 0, turn integer);
create table if not exists left_out (
    file integer not null, kind text not null, name text not null, count integer not null,
    primary key (file, kind, name)) without rowid;
create table if not exists stages (name text primary key) without rowid;
create table if not exists made_outlets (
    domain text primary key, key text not null) without rowid;
create table if not exists counts (
    kind text not null, name text not null, count integer not null,
    primary key (kind, name)) without rowid;
"""
_INDEXES = """
create index if not exists records_url on records(url, moment);
create index if not exists records_record on records(record) where record <> '';
create index if not exists records_turn on records(turn) where turn is not null;
create index if not exists records_digest on records(digest) where digest <> '';
"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of an import; ``status`` as in ``importing.types.FileResult``."""

    id: int
    path: str
    kind: str
    name: str
    receiver: str
    sha256: str
    bytes: int
    status: str
    problem: str
    own: int  # 1: a program of ours has written it
    done: int


@dataclass(frozen=True, slots=True)
class NewRecord:
    """One response that may be replayed."""

    file: int
    offset: int
    length: int
    spooled: int
    record: str  # WARC-Record-ID
    url: str
    moment: str
    status: int
    role: str
    outlet: str
    feed: str
    target: str  # of a redirect: the absolute URL
    original: (
        str  # of a revisit record: the record that holds its body, and URL and time
    )
    original_url: str
    original_at: str
    digest: str  # WARC-Payload-Digest
    reason: str = ""  # why it is replayed only if a redirect led to it
    domain: str = ""  # of such a response, if it is no outlet's


@dataclass(frozen=True, slots=True)
class RecordRow(NewRecord):
    """The same as stored."""

    id: int = 0
    next: int | None = None
    turn: int | None = None


_NEW_COLUMNS = ", ".join(f.name for f in fields(NewRecord))
_COLUMNS = ", ".join(f.name for f in fields(RecordRow))
_FILE_COLUMNS = ", ".join(f.name for f in fields(FileRow))


def open_index(path: Path) -> sqlite3.Connection:
    """The index of a workspace, created if missing."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")
    connection.executescript(_SCHEMA)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit at the end, or undo after an error."""
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


# ---- stages


def has_stage(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a stage of the import is done."""
    sql = "select 1 from stages where name = ?"
    return connection.execute(sql, [name]).fetchone() is not None


def add_stage(connection: sqlite3.Connection, name: str) -> None:
    """Record that a stage is done."""
    connection.execute("insert or ignore into stages values (?)", [name])


def store_counts(
    connection: sqlite3.Connection, counts: Counter[tuple[str, str]]
) -> None:
    """Store what became of all that was replayed: (kind, name) → count."""
    connection.executemany(
        "insert or replace into counts values (?, ?, ?)",
        [(kind, name, count) for (kind, name), count in counts.items()],
    )


def load_counts(connection: sqlite3.Connection) -> Counter[tuple[str, str]]:
    """What ``store_counts`` stored."""
    rows = connection.execute("select kind, name, count from counts")
    return Counter({(kind, name): count for kind, name, count in rows})


def add_made_outlets(
    connection: sqlite3.Connection, outlets: Iterable[tuple[str, str]]
) -> None:
    """Record outlets that were made of domains: (domain, key)."""
    connection.executemany("insert or ignore into made_outlets values (?, ?)", outlets)


def list_made_outlets(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The outlets that were made: (domain, key)."""
    return connection.execute("select domain, key from made_outlets").fetchall()


# ---- files


def add_file(
    connection: sqlite3.Connection,
    path: str,
    kind: str,
    name: str,
    receiver: str,
    sha256: str,
    size: int,
    status: str,
) -> None:
    """Add a file, unless it is there."""
    connection.execute(
        """
        insert or ignore into files
            (path, kind, name, receiver, sha256, bytes, status)
        values (?, ?, ?, ?, ?, ?, ?)
        """,
        [path, kind, name, receiver, sha256, size, status],
    )


def set_file_status(connection: sqlite3.Connection, file_id: int, status: str) -> None:
    """Set what is done with a file."""
    connection.execute("update files set status = ? where id = ?", [status, file_id])


def list_files(connection: sqlite3.Connection) -> list[FileRow]:
    """All files, in the order in which they were added."""
    rows = connection.execute(f"select {_FILE_COLUMNS} from files order by id")
    return [FileRow(*row) for row in rows]


def finish_file(
    connection: sqlite3.Connection,
    file_id: int,
    receiver: str,
    is_own: bool,
    problem: str,
    left_out: Counter[tuple[str, str]],
) -> None:
    """Record that a file is in the index, and what was left out of it."""
    connection.execute(
        "update files set done = 1, receiver = ?, own = ?, problem = ? where id = ?",
        [receiver, is_own, problem, file_id],
    )
    connection.executemany(
        "insert into left_out values (?, ?, ?, ?)",
        [(file_id, kind, name, count) for (kind, name), count in left_out.items()],
    )


def sum_left_out(connection: sqlite3.Connection) -> Counter[tuple[str, str]]:
    """What was left out of all files: (kind, name) → count."""
    rows = connection.execute(
        "select kind, name, sum(count) from left_out group by 1, 2"
    )
    return Counter({(kind, name): count for kind, name, count in rows})


# ---- records


def add_records(connection: sqlite3.Connection, records: Iterable[NewRecord]) -> None:
    """Add responses of a file."""
    marks = ", ".join("?" * len(fields(NewRecord)))
    connection.executemany(
        f"insert into records ({_NEW_COLUMNS}) values ({marks})", map(astuple, records)
    )


def create_indexes(connection: sqlite3.Connection) -> None:
    """Create the indexes of the records, once all are there."""
    connection.executescript(_INDEXES)


def list_redirects(connection: sqlite3.Connection) -> list[RecordRow]:
    """All redirects, in the order of time."""
    return _list(
        connection, "where role = 'redirect' order by moment, file, offset, id"
    )


def list_near(
    connection: sqlite3.Connection, url: str, first: str, last: str
) -> list[RecordRow]:
    """The responses of a URL between two moments, none of them joined to another."""
    return _list(
        connection,
        "where url = ? and moment between ? and ? and joined = 0 order by moment, id",
        url,
        first,
        last,
    )


def join_record(connection: sqlite3.Connection, record_id: int, next_id: int) -> None:
    """Record that a redirect led to a response."""
    connection.execute("update records set next = ? where id = ?", [next_id, record_id])
    connection.execute("update records set joined = 1 where id = ?", [next_id])


def number_turns(connection: sqlite3.Connection) -> None:
    """Give all that is replayed its turn: by the time of the response it led to."""
    connection.execute(
        """
        with recursive chain(head, id, next, depth) as (
            select id, id, next, 0 from records where joined = 0 and reason = ''
            union all
            select c.head, r.id, r.next, c.depth + 1
            from chain c join records r on r.id = c.next where c.depth < 50
        ),
        turns as (
            select c.head, row_number() over (
                order by r.moment, r.file, r.offset, r.id) as turn
            from chain c join records r on r.id = c.id where c.next is null
        )
        update records set turn = turns.turn from turns where turns.head = records.id
        """
    )


def get_first_moment(connection: sqlite3.Connection) -> str:
    """When the first response was received; "" if there is none."""
    row = connection.execute(
        "select coalesce(min(moment), '') from records where turn is not null"
    ).fetchone()
    return str(row[0])


def count_turns(connection: sqlite3.Connection) -> int:
    """How many responses are replayed."""
    row = connection.execute("select coalesce(max(turn), 0) from records").fetchone()
    return int(row[0])


def list_turns(
    connection: sqlite3.Connection, after: int, limit: int
) -> list[RecordRow]:
    """The responses whose turn comes after one, in order."""
    return _list(connection, "where turn > ? order by turn limit ?", after, limit)


def get_record(connection: sqlite3.Connection, record_id: int) -> RecordRow:
    """The record with an id."""
    return _list(connection, "where id = ?", record_id)[0]


def find_original(
    connection: sqlite3.Connection, record: RecordRow
) -> RecordRow | None:
    """The record that holds the body of a revisit record, if it is in the files."""
    conditions: list[tuple[str, tuple[object, ...]]] = [
        ("record = ?", (record.original,)),
        ("url = ? and moment = ?", (record.original_url, record.original_at)),
        ("digest = ? and url = ?", (record.digest, record.original_url or record.url)),
        ("digest = ?", (record.digest,)),
    ]
    for condition, values in conditions:
        if not all(values):
            continue
        rows = _list(
            connection,
            f"where {condition} and original = '' and id <> ? limit 1",
            *values,
            record.id,
        )
        if rows:
            return rows[0]
    return None


def count_unused(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """Responses that no redirect led to and that are nothing by themselves.

    By reason and domain.
    """
    rows = connection.execute(
        """
        select reason, domain, count(*) from records
        where reason <> '' and joined = 0 group by 1, 2
        """
    )
    return [(reason, domain, count) for reason, domain, count in rows]


def count_records(connection: sqlite3.Connection) -> int:
    """How many responses there are."""
    return int(connection.execute("select count(*) from records").fetchone()[0])


def count_days(
    connection: sqlite3.Connection,
) -> list[tuple[str, str, int]]:
    """How many responses there are of an outlet and day."""
    rows = connection.execute(
        """
        select outlet, substr(moment, 1, 10), count(*) from records where reason = ''
        group by 1, 2 order by 1, 2
        """
    )
    return [(outlet, day, count) for outlet, day, count in rows]


def _list(connection: sqlite3.Connection, tail: str, *values: Any) -> list[RecordRow]:
    rows = connection.execute(f"select {_COLUMNS} from records {tail}", values)
    return [RecordRow(*row) for row in rows]
