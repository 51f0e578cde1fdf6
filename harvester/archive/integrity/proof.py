"""The chain of days: a digest for each row, and for each day one over its digests.

Each day names the digest of the day before. ``docs/proof.md`` defines the canonical
forms. Rows are sealed in the order of their ids, whatever their times say, and never
sealed again. A row that is removed on purpose leaves its digest, and a tombstone that
says why. Does not check the chain; see ``verify``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MAX_SEALED_ROWS = 20_000  # at a time; the archive of an older program takes several
GENESIS_DIGEST = "0" * 64  # of the day before the first

_CAPTURES_SQL = """
    select id, kind, url, reached, at, status, type, sha256, bytes, truncated, record,
        origin, (
            select json_array(o.kind, o.name, o.receiver, o.sha256, o.bytes, o.at)
            from origins o where o.id = captures.origin
        ) as origin_row
    from captures"""
_ORIGINS_SQL = "select id, kind, name, receiver, sha256, bytes, at from origins"
# Before the digest of a name that was taken out.
REDACTED_NAME = "█ sha256:"
_VERSIONS_SQL = "select id, article, sha256, first_seen, title, text from versions"
_LAST_SEALED_SQL = "(select coalesce(max(row), 0) from seals where kind = '{kind}')"
ROW_QUERIES = {
    "capture": _CAPTURES_SQL,
    "version": "select sha256 from versions",
    "tombstone": "select * from tombstones",
    "chain": "select * from chains",
    "origin": _ORIGINS_SQL,
}


def canonical_row(kind: str, *values: object) -> bytes:
    """The canonical form of a row: a JSON array in ASCII without spaces, kind first."""
    return json.dumps([kind, *values], ensure_ascii=True, separators=(",", ":")).encode(
        "ascii"
    )


def digest(canonical_form: bytes) -> bytes:
    """The SHA-256 digest of a canonical form."""
    return hashlib.sha256(canonical_form).digest()


def to_hex(value: bytes | str | None) -> str:
    """A digest in hexadecimal; a value that is not one (tampered with), as it is."""
    return value.hex() if isinstance(value, bytes) else str(value or "")


def canonical_capture(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of a capture; the location of its body is not part of it.

    That of an imported one (``origin``, ``origin_row``: see ``ROW_QUERIES``) ends with
    the digest of its origin's row.
    """
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
    values = [row[name] for name in names]
    if row["origin"] is not None:
        values.append(_digest_origin(row["origin_row"]))
    return canonical_row("capture", *values)


@lru_cache(maxsize=64)
def _digest_origin(row: str | None) -> str:
    """The digest of an origin, as a JSON array; "" if its row is missing."""
    if row is None:
        return ""
    names = ("kind", "name", "receiver", "sha256", "bytes", "at")
    return digest(
        canonical_origin(dict(zip(names, json.loads(row), strict=True)))
    ).hex()


def canonical_origin(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of an origin; its name stands there as its digest.

    So the name can be taken out (``redact_name``), and all digests stay.
    """
    name = str(row["name"])
    if name.startswith(REDACTED_NAME):
        name_digest = name.removeprefix(REDACTED_NAME)
    else:
        name_digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    names = ("receiver", "sha256", "bytes", "at")
    return canonical_row(
        "origin", row["kind"], name_digest, *(row[name] for name in names)
    )


def redact_name(name: str) -> str:
    """What stays of an origin's name that is taken out: its digest."""
    if name.startswith(REDACTED_NAME):
        return name
    encoded = name.encode("utf-8", "surrogatepass")
    return f"{REDACTED_NAME}{hashlib.sha256(encoded).hexdigest()}"


def canonical_version(
    article_key: str, version_digest: str, first_seen: str, text_digest: bytes
) -> bytes:
    """The canonical form of a version; ``text_digest``: see ``digest_text``."""
    return canonical_row(
        "version", article_key, version_digest, first_seen, to_hex(text_digest)
    )


def digest_text(title: str, text: str) -> bytes:
    """The SHA-256 digest of a version's title, a line break, and its text, in UTF-8."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).digest()


def canonical_tombstone(
    row: Mapping[str, Any] | sqlite3.Row, removed_digests: Iterable[str]
) -> bytes:
    """The canonical form of a tombstone.

    ``removed_digests``: those of the rows it replaces, in hexadecimal, in the order of
    the chain.
    """
    names = ("article", "kind", "outlet", "at", "why", "removed")
    return canonical_row(
        "tombstone", *(row[name] for name in names), list(removed_digests)
    )


def canonical_chain_head(row: Mapping[str, Any] | sqlite3.Row) -> bytes:
    """The canonical form of the head of another archive's chain."""
    return canonical_row("chain", row["head"], row["first"], row["days"], row["at"])


def canonical_row_list(digests: Iterable[tuple[str, bytes]]) -> bytes:
    """The list of a day's rows: kind and digest, one line each."""
    return b"".join(
        f"{kind} {to_hex(value)}\n".encode("utf-8", "replace")
        for kind, value in digests
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
    """Seal new rows, at most ``limit`` captures, and close the days that are over.

    ``as_of``: the time that decides the day of all these rows, whatever their own times
    say (merged rows belong to the day of the merge). Returns how many rows were sealed.
    """
    origins = _seal_origins(connection, as_of)
    sealed, more = _seal_captures(connection, now, as_of, limit)
    sealed += origins
    if not more:
        sealed += _seal_versions(connection, None, limit)
        open_day = _get_open_day(connection)
        if open_day is not None and open_day != now[:10]:
            _close_day(connection, open_day, now)
    return sealed


def seal_all(connection: sqlite3.Connection, now: str, as_of: str = "") -> None:
    """Seal all rows that are not sealed yet."""
    while seal_rows(connection, now, as_of):
        pass


def _seal_origins(connection: sqlite3.Connection, as_of: str) -> int:
    """Seal origins, before the captures that are from them. Returns how many."""
    rows = connection.execute(
        f"""
        {_ORIGINS_SQL}
        where id > {_LAST_SEALED_SQL.format(kind="origin")}
        order by id"""
    ).fetchall()
    for row in rows:
        at = as_of or row["at"]
        _add_seal(connection, "origin", row["id"], canonical_origin(row), at)
    return len(rows)


def _seal_captures(
    connection: sqlite3.Connection, now: str, as_of: str, limit: int
) -> tuple[int, bool]:
    """Seal captures. Returns how many, and whether there are more.

    A capture of a later day than the open one closes it; a capture of an earlier day
    came late, and belongs to the open day.
    """
    rows = connection.execute(
        f"""
        {_CAPTURES_SQL}
        where id > {_LAST_SEALED_SQL.format(kind="capture")}
        order by id
        limit ?""",
        [limit],
    ).fetchall()
    day = _get_open_day(connection) if rows else None
    for row in rows:
        own_day = as_of or row["at"][:10]
        if day is not None and own_day > day:
            _seal_versions(connection, row["id"], limit)
            _close_day(connection, day, now)
            day = None
        day = day or own_day
        _add_seal(
            connection, "capture", row["id"], canonical_capture(row), as_of or row["at"]
        )
    return len(rows), len(rows) == limit


def _seal_versions(
    connection: sqlite3.Connection, before_capture_id: int | None, limit: int
) -> int:
    """Seal versions: all, or those read from captures before a capture."""
    last_sealed = _LAST_SEALED_SQL.format(kind="version")
    rows = connection.execute(
        f"""
        {_VERSIONS_SQL}
        where id > {last_sealed}
        and (:before_capture is null or id <= (
            select max(id) from versions where id > {last_sealed} and capture < :before_capture))
        order by id
        limit :limit""",
        {"before_capture": before_capture_id, "limit": limit * 2},
    ).fetchall()
    for row in rows:
        text_digest = digest_text(row["title"], row["text"])
        canonical_form = canonical_version(
            row["article"], row["sha256"], row["first_seen"], text_digest
        )
        _add_seal(
            connection,
            "version",
            row["id"],
            canonical_form,
            row["first_seen"],
            article=row["article"],
            text_digest=text_digest,
        )
    return len(rows)


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
        """
        insert into seals (kind, row, digest, at, article, said)
        values (?, ?, ?, ?, ?, ?)""",
        [kind, row_id, digest(canonical_form), at, article, text_digest],
    )


def _get_open_day(connection: sqlite3.Connection) -> str | None:
    """The day that is not closed yet, by its first row; None if nothing is open."""
    row = connection.execute(
        "select at from seals where number is null order by id limit 1"
    ).fetchone()
    return str(row["at"])[:10] if row else None


def _close_day(connection: sqlite3.Connection, day: str, now: str) -> None:
    """Write the digest of the open day into the chain."""
    rows = connection.execute(
        "select kind, digest from seals where number is null order by id"
    ).fetchall()
    counts = {"capture": 0, "version": 0, "other": 0}
    for row in rows:
        counts[row["kind"] if row["kind"] in counts else "other"] += 1
    last = connection.execute(
        "select number, digest from days order by number desc limit 1"
    ).fetchone()
    values = {
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
    values["digest"] = digest(canonical_day(values)).hex()
    _insert(connection, "days", values)
    connection.execute(
        "update seals set number = ? where number is null", [values["number"]]
    )


def _insert(
    connection: sqlite3.Connection, table: str, values: Mapping[str, Any]
) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(
        f"insert into {table} ({names}) values ({marks})", list(values.values())
    )
    return int(cursor.lastrowid or 0)


# ---- rows that are removed


def add_tombstone(
    connection: sqlite3.Connection,
    tombstone: Mapping[str, Any],
    row_ids: Mapping[str, Iterable[int]],
) -> int:
    """Write a tombstone and seal it. Returns its row id.

    ``row_ids``: kind → ids of the captures and versions that it replaces. They must be
    sealed (``seal_all``). The caller deletes them, or changes them and calls
    ``reseal_captures``.
    """
    tombstone_id = _insert(connection, "tombstones", tombstone)
    for kind, ids in row_ids.items():
        connection.execute(
            """
            update seals set gone = ?, row = null, said = null
            where kind = ? and row in (select value from json_each(?))""",
            [tombstone_id, kind, json.dumps(list(ids))],
        )
    row = connection.execute(
        "select * from tombstones where id = ?", [tombstone_id]
    ).fetchone()
    canonical_form = canonical_tombstone(
        row, list_removed_digests(connection, tombstone_id)
    )
    _add_seal(connection, "tombstone", tombstone_id, canonical_form, row["at"])
    return tombstone_id


def reseal_captures(
    connection: sqlite3.Connection, capture_ids: Iterable[int], now: str
) -> None:
    """Seal captures again, whose content was redacted."""
    ids = json.dumps(list(capture_ids))
    for row in connection.execute(
        f"""
        {_CAPTURES_SQL}
        where id in (select value from json_each(?))
        order by id""",
        [ids],
    ):
        _add_seal(connection, "capture", row["id"], canonical_capture(row), now)


def list_removed_digests(
    connection: sqlite3.Connection, tombstone_id: int
) -> list[str]:
    """The digests of the rows a tombstone replaces, in the order of the chain."""
    rows = connection.execute(
        "select digest from seals where gone = ? order by id", [tombstone_id]
    )
    return [to_hex(row["digest"]) for row in rows]


def add_join_tombstone(
    connection: sqlite3.Connection, version_ids: Iterable[int], reason: str, now: str
) -> None:
    """Add a tombstone for versions that another version of the same wording replaces.

    Call it before they are deleted, once for each article.
    """
    rows = connection.execute(
        """
        select v.id, v.article, a.outlet
        from versions v
        join articles a on a.key = v.article
        join seals s on s.kind = 'version' and s.row = v.id
        where v.id in (select value from json_each(?))""",
        [json.dumps(list(version_ids))],
    ).fetchall()
    if not rows:
        return
    tombstone = {
        "article": rows[0]["article"],
        "kind": "join",
        "outlet": rows[0]["outlet"],
        "at": now,
        "why": reason,
        "removed": json.dumps({"versions": len(rows)}),
    }
    add_tombstone(connection, tombstone, {"version": [row["id"] for row in rows]})


def add_chain_head(connection: sqlite3.Connection, schema: str, now: str) -> None:
    """Store and seal the head of the chain of another archive, unless it is known.

    The archive, which is being merged into this one, is attached as ``schema``.
    """
    chain = connection.execute(
        f"""
        select (select digest from {schema}.days order by number desc limit 1) as head,
            (select digest from {schema}.days order by number limit 1) as first,
            (select count(*) from {schema}.days) as days"""
    ).fetchone()
    if chain["head"] is None:
        return
    known = connection.execute("select 1 from chains where head = ?", [chain["head"]])
    if known.fetchone():
        return
    chain_id = _insert(connection, "chains", {**dict(chain), "at": now})
    row = connection.execute("select * from chains where id = ?", [chain_id]).fetchone()
    _add_seal(connection, "chain", chain_id, canonical_chain_head(row), now)


def get_last_day(connection: sqlite3.Connection) -> sqlite3.Row | None:
    """The last day of the chain; None while no day is closed."""
    row: sqlite3.Row | None = connection.execute(
        "select * from days order by number desc limit 1"
    ).fetchone()
    return row


def is_in_chain(connection: sqlite3.Connection, head_digest: str) -> bool:
    """Whether a day of the chain, or the head of a merged chain, has that digest."""
    rows = connection.execute(
        """
        select 1 from days where digest = :head_digest
        union all
        select 1 from chains where head = :head_digest""",
        {"head_digest": head_digest},
    )
    return rows.fetchone() is not None
