"""The chain: a digest a row, a digest a day over these, each day naming the one before. ``docs/proof.md`` has the canonical forms.

Rows are sealed in the order in which they came, by their ids, whatever the clock says; what is sealed is never sealed anew. A row
that is taken out on purpose leaves its digest, with the tombstone that says why. Not for: checking (``verify``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

MOST = 20_000  # rows sealed at a time: an archive of an older program is caught up with in steps
FIRST = "0" * 64  # the day before the first

_CAPTURES = "select id, kind, url, reached, at, status, type, sha256, bytes, truncated, record from captures"
ROWS = {
    "capture": _CAPTURES,
    "version": "select sha256 from versions",
    "tombstone": "select * from tombstones",
    "chain": "select * from chains",
}
_VERSIONS = "select id, article, sha256, first_seen, title, text from versions"


def canonical(kind: str, *values: object) -> bytes:
    """The canonical form of a row: a JSON array in ASCII without spaces, its kind first."""
    return json.dumps([kind, *values], ensure_ascii=True, separators=(",", ":")).encode(
        "ascii"
    )


def digest(form: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(form).digest()


def hexadecimal(value: bytes | str | None) -> str:
    """A digest as text; what somebody put in the place of one, as it is."""
    return value.hex() if isinstance(value, bytes) else str(value or "")


def of_capture(row: sqlite3.Row) -> bytes:
    """The canonical form of a capture; where its body lies is no part of it."""
    names = (
        "kind",
        "url",
        "reached",
        "at",
        "status",
        "type",
        "sha256",
        "bytes",
        "truncated",
        "record",
    )
    return canonical("capture", *(row[name] for name in names))


def of_version(article: str, name: str, first_seen: str, said: bytes) -> bytes:
    """The canonical form of a version. ``name``: its lasting name; ``said``: see ``words``."""
    return canonical("version", article, name, first_seen, hexadecimal(said))


def words(title: str, text: str) -> bytes:
    """SHA-256 of a version's title, a line break, and its text, in UTF-8."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).digest()


def of_tombstone(row: Mapping[str, Any] | sqlite3.Row, gone: Iterable[str]) -> bytes:
    """The canonical form of a tombstone; ``gone``: the digests that it stands for, hexadecimal, in the order of the chain."""
    names = ("article", "kind", "outlet", "at", "why", "removed")
    return canonical("tombstone", *(row[name] for name in names), list(gone))


def of_chain(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of the head of another archive's chain."""
    return canonical("chain", row["head"], row["first"], row["days"], row["at"])


def of_rows(kinds: Iterable[tuple[str, bytes]]) -> bytes:
    """The list of a day's rows: a line each, kind and digest."""
    return b"".join(
        f"{kind} {hexadecimal(one)}\n".encode("utf-8", "replace") for kind, one in kinds
    )


def of_day(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of a day."""
    names = (
        "number",
        "day",
        "closed",
        "captures",
        "versions",
        "others",
        "rows",
        "before",
    )
    return b"harvester day 1\n" + b"".join(
        f"{name} {row[name]}\n".encode("utf-8", "replace") for name in names
    )


# ---- sealing


def seal(
    connection: sqlite3.Connection, now: str, as_of: str = "", most: int = MOST
) -> int:
    """Seal what came since, at most ``most`` captures, and close the days that are over at ``now``. How many rows were sealed.

    ``as_of``: the day to which all of it belongs, whatever its times say (what was merged in belongs to the day of the merge).
    """
    sealed, more = _seal_captures(connection, now, as_of, most)
    if not more:
        sealed += _seal_versions(connection, None, most)
        started = _open_day(connection)
        if started is not None and started != now[:10]:
            close(connection, started, now)
    return sealed


def seal_all(connection: sqlite3.Connection, now: str, as_of: str = "") -> None:
    """Seal all that is there."""
    while seal(connection, now, as_of):
        pass


def _seal_captures(
    connection: sqlite3.Connection, now: str, as_of: str, most: int
) -> tuple[int, bool]:
    """How many captures were sealed, and whether there are more. A row with a later day than the one that is open closes it; one
    with an earlier day came late, and belongs to it."""
    rows = connection.execute(
        f"{_CAPTURES} where id > {_LAST.format(kind='capture')} order by id limit ?",
        [most],
    ).fetchall()
    day = _open_day(connection) if rows else None
    for row in rows:
        own = as_of or row["at"][:10]
        if day is not None and own > day:
            _seal_versions(connection, row["id"], most)
            close(connection, day, now)
            day = None
        day = day or own
        _add(connection, "capture", row["id"], of_capture(row), as_of or row["at"])
    return len(rows), len(rows) == most


def _seal_versions(
    connection: sqlite3.Connection, before: int | None, most: int
) -> int:
    """Seal versions, those read from captures before a capture only."""
    rows = connection.execute(
        f"""{_VERSIONS} where id > {_LAST.format(kind="version")} and (?1 is null or id <= (select max(id) from versions
        where id > {_LAST.format(kind="version")} and capture < ?1)) order by id limit ?2""",
        [before, most * 2],
    ).fetchall()
    for row in rows:
        said = words(row["title"], row["text"])
        form = of_version(row["article"], row["sha256"], row["first_seen"], said)
        _add(
            connection,
            "version",
            row["id"],
            form,
            row["first_seen"],
            row["article"],
            said,
        )
    return len(rows)


_LAST = "(select coalesce(max(row), 0) from seals where kind = '{kind}')"


def _add(
    connection: sqlite3.Connection,
    kind: str,
    row: int,
    form: bytes,
    at: str,
    article: str | None = None,
    said: bytes | None = None,
) -> None:
    connection.execute(
        "insert into seals (kind, row, digest, at, article, said) values (?, ?, ?, ?, ?, ?)",
        [kind, row, digest(form), at, article, said],
    )


def _open_day(connection: sqlite3.Connection) -> str | None:
    """The day that is not closed: that of its first row."""
    row = connection.execute(
        "select at from seals where number is null order by id limit 1"
    ).fetchone()
    return str(row["at"])[:10] if row else None


def close(connection: sqlite3.Connection, day: str, now: str) -> None:
    """Close the day that is open."""
    rows = connection.execute(
        "select kind, digest from seals where number is null order by id"
    ).fetchall()
    counts = {"capture": 0, "version": 0, "other": 0}
    for row in rows:
        counts[row["kind"] if row["kind"] in counts else "other"] += 1
    last = connection.execute(
        "select number, digest from days order by number desc limit 1"
    ).fetchone()
    found = {
        "number": last["number"] + 1 if last else 1,
        "day": day,
        "closed": now,
        "captures": counts["capture"],
        "versions": counts["version"],
        "others": counts["other"],
        "rows": digest(of_rows((row["kind"], row["digest"]) for row in rows)).hex(),
        "before": last["digest"] if last else FIRST,
    }
    found["digest"] = digest(of_day(found)).hex()
    names, marks = ", ".join(found), ", ".join("?" * len(found))
    connection.execute(
        f"insert into days ({names}) values ({marks})", list(found.values())
    )
    connection.execute(
        "update seals set number = ? where number is null", [found["number"]]
    )


# ---- what is taken out


def entomb(
    connection: sqlite3.Connection,
    tombstone: Mapping[str, Any],
    rows: Mapping[str, Iterable[int]],
) -> int:
    """Write a tombstone, and seal it. ``rows``: kind → ids of the captures and versions that it stands for; they must be sealed
    (``seal_all``), and are the caller's to delete, or to change and to ``reseal``. Returns the tombstone's row."""
    names, marks = ", ".join(tombstone), ", ".join("?" * len(tombstone))
    cursor = connection.execute(
        f"insert into tombstones ({names}) values ({marks})", list(tombstone.values())
    )
    number = int(cursor.lastrowid or 0)
    for kind, ids in rows.items():
        connection.execute(
            """update seals set gone = ?, row = null, said = null
            where kind = ? and row in (select value from json_each(?))""",
            [number, kind, json.dumps(list(ids))],
        )
    row = connection.execute(
        "select * from tombstones where id = ?", [number]
    ).fetchone()
    _add(
        connection,
        "tombstone",
        number,
        of_tombstone(row, gone(connection, number)),
        row["at"],
    )
    return number


def reseal(connection: sqlite3.Connection, captures: Iterable[int], now: str) -> None:
    """Seal captures as they are after what they held was taken out."""
    ids = json.dumps(list(captures))
    for row in connection.execute(
        f"{_CAPTURES} where id in (select value from json_each(?)) order by id", [ids]
    ):
        _add(connection, "capture", row["id"], of_capture(row), now)


def gone(connection: sqlite3.Connection, tombstone: int) -> list[str]:
    """The digests that a tombstone stands for, in the order of the chain."""
    rows = connection.execute(
        "select digest from seals where gone = ? order by id", [tombstone]
    )
    return [hexadecimal(row["digest"]) for row in rows]


def let_go(
    connection: sqlite3.Connection, versions: Iterable[int], why: str, now: str
) -> None:
    """Versions that are deleted because another article's version has the same words: their digests stay, with the reason.

    To be called before they are deleted, for each article apart.
    """
    rows = connection.execute(
        """select v.id, v.article, a.outlet from versions v join articles a on a.key = v.article
        join seals s on s.kind = 'version' and s.row = v.id where v.id in (select value from json_each(?))""",
        [json.dumps(list(versions))],
    ).fetchall()
    if rows:
        removed = json.dumps({"versions": len(rows)})
        tombstone = {
            "article": rows[0]["article"], "kind": "join", "outlet": rows[0]["outlet"], "at": now, "why": why, "removed": removed,
        }  # fmt: skip
        entomb(connection, tombstone, {"version": [row["id"] for row in rows]})


def adopt(connection: sqlite3.Connection, schema: str, now: str) -> None:
    """Keep the head of the chain of an archive that is merged in (attached as ``schema``), and seal it; once."""
    row = connection.execute(
        f"""select (select digest from {schema}.days order by number desc limit 1) as head,
        (select digest from {schema}.days order by number limit 1) as first, (select count(*) from {schema}.days) as days"""
    ).fetchone()
    if (
        row["head"] is None
        or connection.execute(
            "select 1 from chains where head = ?", [row["head"]]
        ).fetchone()
    ):
        return
    cursor = connection.execute(
        "insert into chains (head, first, days, at) values (?, ?, ?, ?)",
        [row["head"], row["first"], row["days"], now],
    )
    kept = connection.execute(
        "select * from chains where id = ?", [cursor.lastrowid]
    ).fetchone()
    _add(connection, "chain", kept["id"], of_chain(kept), now)


def head(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """The last day of the chain."""
    row: sqlite3.Row | None = connection.execute(
        "select * from days order by number desc limit 1"
    ).fetchone()
    return row


def stands(connection: sqlite3.Connection, head: str) -> bool:
    """Whether a day of the chain, or the head of a chain that was merged in, has that digest."""
    row = connection.execute(
        "select 1 from days where digest = ?1 union all select 1 from chains where head = ?1",
        [head],
    )
    return row.fetchone() is not None
