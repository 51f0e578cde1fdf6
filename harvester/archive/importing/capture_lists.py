"""What web archives list of an outlet, and what became of each capture that is wanted.

A SQLite file of its own in a workspace. The part of a list that is read, its captures
and the counts of what was left out of it are one transaction, so that a list continues
where it was interrupted. Does not read lists (``harvester.importing.wayback``).
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path

LISTED, WANTED, LEFT_OUT = "listed", "wanted", "left out"
OBTAINED, FAILED = "obtained", "failed"

# ``captures.known``: an article of the archive has its URL. ``tries``: requests so far.
# ``parts.position``: lines that were read of a file, or requests; ``next``: the server's
# key of what comes next. ``files.bytes``: what is committed of a WARC file.
_SCHEMA = """
create table if not exists captures (
    id integer primary key, key text not null, url text not null, at text not null,
    status integer not null, mime text not null, digest text not null,
    length integer not null, offset integer not null, filename text not null,
    known integer not null default 0, state text not null, reason text not null default '',
    tries integer not null default 0, unique (key, at, url));
create index if not exists captures_wanted on captures(known, at) where state = 'wanted';
create table if not exists parts (
    id integer primary key, source text not null, since text not null, until text not null,
    position integer not null default 0, next text not null default '',
    done integer not null default 0, unique (source, since, until));
create table if not exists left_out (
    reason text primary key, count integer not null) without rowid;
create table if not exists files (
    name text primary key, bytes integer not null, records integer not null,
    receiver text not null default '') without rowid;
create table if not exists stages (name text primary key) without rowid;
"""


@dataclass(frozen=True, slots=True)
class NewCapture:
    """A capture as a list has it; ``key``: equal for all forms of its URL."""

    key: str
    url: str
    at: str
    status: int
    mime: str
    digest: str
    length: int
    offset: int
    filename: str


@dataclass(frozen=True, slots=True)
class CaptureRow(NewCapture):
    """The same as stored."""

    id: int
    known: int
    tries: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a list: a file, or what a server has between two times."""

    id: int
    source: str
    since: str
    until: str
    position: int
    next: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """A WARC file of the workspace as far as it is committed."""

    name: str
    bytes: int
    records: int
    receiver: str


_NEW_COLUMNS = tuple(field.name for field in fields(NewCapture))
_new_values = attrgetter(*_NEW_COLUMNS)
_COLUMNS = ", ".join(field.name for field in fields(CaptureRow))
_PART_COLUMNS = ", ".join(field.name for field in fields(PartRow))


def open_lists(path: Path) -> sqlite3.Connection:
    """The lists of a workspace, created if missing."""
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


def has_stage(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a stage is done."""
    sql = "select 1 from stages where name = ?"
    return connection.execute(sql, [name]).fetchone() is not None


def add_stage(connection: sqlite3.Connection, name: str) -> None:
    """Record that a stage is done."""
    connection.execute("insert or ignore into stages values (?)", [name])


# ---- lists


def add_part(
    connection: sqlite3.Connection, source: str, since: str = "", until: str = ""
) -> None:
    """Add a part that is to be read, unless it is there."""
    connection.execute(
        "insert or ignore into parts (source, since, until) values (?, ?, ?)",
        [source, since, until],
    )


def get_next_part(connection: sqlite3.Connection) -> PartRow | None:
    """The newest part that is not read to its end, or None."""
    row = connection.execute(
        f"""
        select {_PART_COLUMNS} from parts where not done
        order by until = '' desc, until desc, id limit 1
        """
    ).fetchone()
    return PartRow(*row) if row else None


def update_part(
    connection: sqlite3.Connection, part_id: int, position: int, following: str
) -> None:
    """Record how far a part is read."""
    connection.execute(
        "update parts set position = ?, next = ? where id = ?",
        [position, following, part_id],
    )


def close_part(connection: sqlite3.Connection, part_id: int) -> None:
    """Record that a part is read to its end."""
    connection.execute("update parts set done = 1 where id = ?", [part_id])


def count_parts(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many parts are done, and how many there are."""
    row = connection.execute("select total(done), count(*) from parts").fetchone()
    return int(row[0]), int(row[1])


def add_captures(
    connection: sqlite3.Connection, captures: Iterable[NewCapture]
) -> tuple[int, int]:
    """Add captures; returns how many are new, and how many were listed before."""
    names = ", ".join(_NEW_COLUMNS)
    marks = ", ".join("?" * len(_NEW_COLUMNS))
    values = list(map(_new_values, captures))
    added = connection.executemany(
        f"insert or ignore into captures ({names}, state) values ({marks}, '{LISTED}')",
        values,
    ).rowcount
    return added, len(values) - added


def count_left_out(connection: sqlite3.Connection, counts: Counter[str]) -> None:
    """Add to the counts of lines that are no captures to be stored, by reason."""
    connection.executemany(
        """
        insert into left_out values (?, ?)
        on conflict (reason) do update set count = count + excluded.count
        """,
        counts.items(),
    )


def get_left_out(connection: sqlite3.Connection) -> Counter[str]:
    """Reason → lines that were left out when the lists were read."""
    return Counter(dict(connection.execute("select reason, count from left_out")))


# ---- what is wanted


def list_by_key(connection: sqlite3.Connection) -> Iterator[list[CaptureRow]]:
    """The captures of each key, in order of time."""
    group: list[CaptureRow] = []
    for values in connection.execute(
        f"select {_COLUMNS} from captures order by key, at, url"
    ):
        row = CaptureRow(*values)
        if group and group[0].key != row.key:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def set_choices(
    connection: sqlite3.Connection, choices: Iterable[tuple[int, bool, str]]
) -> None:
    """Record what is wanted: (id, known, reason why it is left out or "")."""
    connection.executemany(
        f"""
        update captures set known = :known, reason = :reason,
            state = iif(:reason = '', '{WANTED}', '{LEFT_OUT}')
        where id = :id
        """,
        (
            {"id": capture_id, "known": is_known, "reason": reason}
            for capture_id, is_known, reason in choices
        ),
    )


def list_wanted(
    connection: sqlite3.Connection, limit: int, max_tries: int
) -> list[CaptureRow]:
    """Captures still to be obtained: known articles', then others'; the newest first.

    Those that failed come after those not tried yet.
    """
    rows = connection.execute(
        f"""
        select {_COLUMNS} from captures where state = '{WANTED}' and tries < ?
        order by tries, known desc, at desc, id limit ?
        """,
        [max_tries, limit],
    )
    return [CaptureRow(*row) for row in rows]


def list_wanted_by_file(connection: sqlite3.Connection, limit: int) -> list[CaptureRow]:
    """Captures still to be obtained, by their place in WARC files."""
    rows = connection.execute(
        f"""
        select {_COLUMNS} from captures where state = '{WANTED}'
        order by filename, offset, id limit ?
        """,
        [limit],
    )
    return [CaptureRow(*row) for row in rows]


def limit_wanted(connection: sqlite3.Connection, limit: int, reason: str) -> None:
    """Leave out what is wanted beyond a number."""
    connection.execute(
        f"""
        update captures set state = '{LEFT_OUT}', reason = ?
        where state = '{WANTED}' and id not in (
            select id from captures where state = '{WANTED}'
            order by known desc, at desc, id limit ?
        )
        """,
        [reason, limit],
    )


def set_outcome(
    connection: sqlite3.Connection, capture_id: int, state: str, reason: str
) -> None:
    """Record what became of a request; each counts as a try."""
    connection.execute(
        "update captures set state = ?, reason = ?, tries = tries + 1 where id = ?",
        [state, reason, capture_id],
    )


def move_capture(connection: sqlite3.Connection, capture_id: int, at: str) -> bool:
    """Give a capture the time that it has in truth; false if that one is listed too."""
    return bool(
        connection.execute(
            "update or ignore captures set at = ? where id = ?", [at, capture_id]
        ).rowcount
    )


def count_states(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """(state, reason) → captures."""
    rows = connection.execute(
        "select state, reason, count(*) from captures group by state, reason"
    )
    return {(state, reason): count for state, reason, count in rows}


def count_wanted(
    connection: sqlite3.Connection,
) -> tuple[int, int, int, str, str]:
    """Wanted or obtained: captures, articles, known ones; the first and last time."""
    row = connection.execute(
        f"""
        select count(*), count(distinct key), count(distinct iif(known, key, null)),
            coalesce(min(at), ''), coalesce(max(at), '')
        from captures where state in ('{WANTED}', '{OBTAINED}', '{FAILED}')
        """
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2]), str(row[3]), str(row[4])


def count_to_obtain(connection: sqlite3.Connection, max_tries: int) -> int:
    """How many captures are still to be obtained."""
    row = connection.execute(
        f"select count(*) from captures where state = '{WANTED}' and tries < ?",
        [max_tries],
    ).fetchone()
    return int(row[0])


def give_up(connection: sqlite3.Connection) -> None:
    """What is still wanted has failed, for the reason of its last try."""
    connection.execute(
        f"update captures set state = '{FAILED}' where state = '{WANTED}'"
    )


# ---- WARC files of the workspace


def get_files(connection: sqlite3.Connection) -> dict[str, FileRow]:
    """Name → WARC file."""
    rows = connection.execute(
        "select name, bytes, records, receiver from files order by name"
    )
    return {row[0]: FileRow(*row) for row in rows}


def set_file(connection: sqlite3.Connection, file: FileRow) -> None:
    """Record how much of a WARC file is committed."""
    connection.execute(
        "insert or replace into files values (?, ?, ?, ?)",
        [file.name, file.bytes, file.records, file.receiver],
    )


# ---- what the archive has


def list_known_keys(
    connection: sqlite3.Connection, keys: Sequence[str]
) -> frozenset[str]:
    """Those keys of URLs that are an article's in an archive."""
    rows = connection.execute(
        "select address from urls where address in (select value from json_each(?))",
        [json.dumps(keys)],
    )
    return frozenset(row[0] for row in rows)


def list_capture_times(
    connection: sqlite3.Connection, urls: Iterable[str]
) -> frozenset[str]:
    """When an archive received what it has of some URLs, to the second."""
    rows = connection.execute(
        """
        select substr(at, 1, 19) || 'Z' from captures
        where url in (select value from json_each(?))
        """,
        [json.dumps(list(urls))],
    )
    return frozenset(row[0] for row in rows)
