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

MAX_SEALED_ROWS = 20_000  # rows sealed at a time: an archive of an older program is caught up with in steps
GENESIS_DIGEST = "0" * 64  # the day before the first

_CAPTURES_SQL = "select id, kind, url, reached, at, status, type, sha256, bytes, truncated, record from captures"
ROW_QUERIES = {
    "capture": _CAPTURES_SQL,
    "version": "select sha256 from versions",
    "tombstone": "select * from tombstones",
    "chain": "select * from chains",
}
_VERSIONS_SQL = "select id, article, sha256, first_seen, title, text from versions"


def canonical_row(kind: str, *values: object) -> bytes:
    """The canonical form of a row: a JSON array in ASCII without spaces, its kind first."""
    return json.dumps([kind, *values], ensure_ascii=True, separators=(",", ":")).encode(
        "ascii"
    )


def digest(canonical_form: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(canonical_form).digest()


def to_hex(value: bytes | str | None) -> str:
    """A digest as text; what somebody put in the place of one, as it is."""
    return value.hex() if isinstance(value, bytes) else str(value or "")


def canonical_capture(row: sqlite3.Row) -> bytes:
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
    return canonical_row("capture", *(row[name] for name in names))


def canonical_version(
    article_key: str, version_digest: str, first_seen: str, text_digest: bytes
) -> bytes:
    """The canonical form of a version. ``name``: its lasting name; ``said``: see ``words``."""
    return canonical_row(
        "version", article_key, version_digest, first_seen, to_hex(text_digest)
    )


def digest_text(title: str, text: str) -> bytes:
    """SHA-256 of a version's title, a line break, and its text, in UTF-8."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).digest()


def canonical_tombstone(
    row: Mapping[str, Any] | sqlite3.Row, removed_digests: Iterable[str]
) -> bytes:
    """The canonical form of a tombstone; ``gone``: the digests that it stands for, hexadecimal, in the order of the chain."""
    names = ("article", "kind", "outlet", "at", "why", "removed")
    return canonical_row(
        "tombstone", *(row[name] for name in names), list(removed_digests)
    )


def canonical_chain_head(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of the head of another archive's chain."""
    return canonical_row("chain", row["head"], row["first"], row["days"], row["at"])


def canonical_row_list(digests: Iterable[tuple[str, bytes]]) -> bytes:
    """The list of a day's rows: a line each, kind and digest."""
    return b"".join(
        f"{kind} {to_hex(one)}\n".encode("utf-8", "replace") for kind, one in digests
    )


def canonical_day(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
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


def seal_rows(
    connection: sqlite3.Connection,
    now: str,
    as_of: str = "",
    limit: int = MAX_SEALED_ROWS,
) -> int:
    """Seal what came since, at most ``most`` captures, and close the days that are over at ``now``. How many rows were sealed.

    ``as_of``: the day to which all of it belongs, whatever its times say (what was merged in belongs to the day of the merge).
    """
    sealed, more = _seal_captures(connection, now, as_of, limit)
    if not more:
        sealed += _seal_versions(connection, None, limit)
        started = _get_open_day(connection)
        if started is not None and started != now[:10]:
            close_day(connection, started, now)
    return sealed


def seal_all(connection: sqlite3.Connection, now: str, as_of: str = "") -> None:
    """Seal all that is there."""
    while seal_rows(connection, now, as_of):
        pass


def _seal_captures(
    connection: sqlite3.Connection, now: str, as_of: str, limit: int
) -> tuple[int, bool]:
    """How many captures were sealed, and whether there are more. A row with a later day than the one that is open closes it; one
    with an earlier day came late, and belongs to it."""
    rows = connection.execute(
        f"{_CAPTURES_SQL} where id > {_LAST_SEALED_SQL.format(kind='capture')} order by id limit ?",
        [limit],
    ).fetchall()
    day = _get_open_day(connection) if rows else None
    for row in rows:
        own = as_of or row["at"][:10]
        if day is not None and own > day:
            _seal_versions(connection, row["id"], limit)
            close_day(connection, day, now)
            day = None
        day = day or own
        _add_seal(
            connection, "capture", row["id"], canonical_capture(row), as_of or row["at"]
        )
    return len(rows), len(rows) == limit


def _seal_versions(
    connection: sqlite3.Connection, before_capture_id: int | None, limit: int
) -> int:
    """Seal versions, those read from captures before a capture only."""
    rows = connection.execute(
        f"""{_VERSIONS_SQL} where id > {_LAST_SEALED_SQL.format(kind="version")} and (?1 is null or id <= (select max(id) from versions
        where id > {_LAST_SEALED_SQL.format(kind="version")} and capture < ?1)) order by id limit ?2""",
        [before_capture_id, limit * 2],
    ).fetchall()
    for row in rows:
        said = digest_text(row["title"], row["text"])
        form = canonical_version(row["article"], row["sha256"], row["first_seen"], said)
        _add_seal(
            connection,
            "version",
            row["id"],
            form,
            row["first_seen"],
            row["article"],
            said,
        )
    return len(rows)


_LAST_SEALED_SQL = "(select coalesce(max(row), 0) from seals where kind = '{kind}')"


def _add_seal(
    connection: sqlite3.Connection,
    kind: str,
    row_id: int,
    canonical_form: bytes,
    at: str,
    article: str | None = None,
    text_digest: bytes | None = None,
) -> None:
    connection.execute(
        "insert into seals (kind, row, digest, at, article, said) values (?, ?, ?, ?, ?, ?)",
        [kind, row_id, digest(canonical_form), at, article, text_digest],
    )


def _get_open_day(connection: sqlite3.Connection) -> str | None:
    """The day that is not closed: that of its first row."""
    row = connection.execute(
        "select at from seals where number is null order by id limit 1"
    ).fetchone()
    return str(row["at"])[:10] if row else None


def close_day(connection: sqlite3.Connection, day: str, now: str) -> None:
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
        "rows": digest(
            canonical_row_list((row["kind"], row["digest"]) for row in rows)
        ).hex(),
        "before": last["digest"] if last else GENESIS_DIGEST,
    }
    found["digest"] = digest(canonical_day(found)).hex()
    names, marks = ", ".join(found), ", ".join("?" * len(found))
    connection.execute(
        f"insert into days ({names}) values ({marks})", list(found.values())
    )
    connection.execute(
        "update seals set number = ? where number is null", [found["number"]]
    )


# ---- what is taken out


def add_tombstone(
    connection: sqlite3.Connection,
    tombstone: Mapping[str, Any],
    row_ids: Mapping[str, Iterable[int]],
) -> int:
    """Write a tombstone, and seal it. ``rows``: kind → ids of the captures and versions that it stands for; they must be sealed
    (``seal_all``), and are the caller's to delete, or to change and to ``reseal``. Returns the tombstone's row."""
    names, marks = ", ".join(tombstone), ", ".join("?" * len(tombstone))
    cursor = connection.execute(
        f"insert into tombstones ({names}) values ({marks})", list(tombstone.values())
    )
    number = int(cursor.lastrowid or 0)
    for kind, ids in row_ids.items():
        connection.execute(
            """update seals set gone = ?, row = null, said = null
            where kind = ? and row in (select value from json_each(?))""",
            [number, kind, json.dumps(list(ids))],
        )
    row = connection.execute(
        "select * from tombstones where id = ?", [number]
    ).fetchone()
    _add_seal(
        connection,
        "tombstone",
        number,
        canonical_tombstone(row, list_removed_digests(connection, number)),
        row["at"],
    )
    return number


def reseal_captures(
    connection: sqlite3.Connection, capture_ids: Iterable[int], now: str
) -> None:
    """Seal captures as they are after what they held was taken out."""
    ids = json.dumps(list(capture_ids))
    for row in connection.execute(
        f"{_CAPTURES_SQL} where id in (select value from json_each(?)) order by id",
        [ids],
    ):
        _add_seal(connection, "capture", row["id"], canonical_capture(row), now)


def list_removed_digests(
    connection: sqlite3.Connection, tombstone_id: int
) -> list[str]:
    """The digests that a tombstone stands for, in the order of the chain."""
    rows = connection.execute(
        "select digest from seals where gone = ? order by id", [tombstone_id]
    )
    return [to_hex(row["digest"]) for row in rows]


def add_join_tombstone(
    connection: sqlite3.Connection, version_ids: Iterable[int], reason: str, now: str
) -> None:
    """Versions that are deleted because another article's version has the same words: their digests stay, with the reason.

    To be called before they are deleted, for each article apart.
    """
    rows = connection.execute(
        """select v.id, v.article, a.outlet from versions v join articles a on a.key = v.article
        join seals s on s.kind = 'version' and s.row = v.id where v.id in (select value from json_each(?))""",
        [json.dumps(list(version_ids))],
    ).fetchall()
    if rows:
        removed = json.dumps({"versions": len(rows)})
        tombstone = {
            "article": rows[0]["article"], "kind": "join", "outlet": rows[0]["outlet"], "at": now, "why": reason, "removed": removed,
        }  # fmt: skip
        add_tombstone(connection, tombstone, {"version": [row["id"] for row in rows]})


def add_chain_head(connection: sqlite3.Connection, schema: str, now: str) -> None:
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
    _add_seal(connection, "chain", kept["id"], canonical_chain_head(kept), now)


def get_last_day(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """The last day of the chain."""
    row: sqlite3.Row | None = connection.execute(
        "select * from days order by number desc limit 1"
    ).fetchone()
    return row


def is_in_chain(connection: sqlite3.Connection, head_digest: str) -> bool:
    """Whether a day of the chain, or the head of a chain that was merged in, has that digest."""
    row = connection.execute(
        "select 1 from days where digest = ?1 union all select 1 from chains where head = ?1",
        [head_digest],
    )
    return row.fetchone() is not None
