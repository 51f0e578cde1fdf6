"""Articles, their addresses, versions, readings, sightings, changes and events: what is written of them.

Not for: deciding (``identity``), nor reading for people (``read``, ``search``, ``report``).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harvester.model import Extract

_LIST_FIELDS = ("authors", "sections", "tags")
_VERSION_FIELDS = (
    "title", "authors", "text", "published", "published_local", "modified", "modified_local", "language", "sections",
    "tags", "image", "description", "kind", "access",
)  # fmt: skip
_FIELDS_STORED_IN_VERSION = ("title", "text", "sources", "extractor")
_READING_FIELDS = tuple(
    name for name in Extract.__slots__ if name not in _FIELDS_STORED_IN_VERSION
)


def get_article(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The row of an article."""
    row: sqlite3.Row | None = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    return row


def get_article_key(connection: sqlite3.Connection, address: str) -> str | None:
    """Key of the article at an address, None where none is held. Addresses claimed for different texts belong to nobody."""
    row = connection.execute(
        "select article from urls where address = ? and kind <> 'shared'", [address]
    ).fetchone()
    return row["article"] if row else None


def is_address_shared(connection: sqlite3.Connection, address: str) -> bool:
    """Whether different texts claimed that address."""
    return (
        connection.execute(
            "select 1 from urls where address = ? and kind = 'shared'", [address]
        ).fetchone()
        is not None
    )


def add_address(
    connection: sqlite3.Connection,
    address: str,
    url: str,
    key: str,
    kind: str,
    now: str,
) -> None:
    """Remember that an article was seen at an address; the first to have it keeps it."""
    connection.execute(
        """insert into urls (address, url, article, kind, first_seen, last_seen) values (?1, ?2, ?3, ?4, ?5, ?5)
        on conflict (address) do update set last_seen = ?5 where article = ?3 and last_seen < ?5""",
        [address, url, key, kind, now],
    )


def mark_address_shared(connection: sqlite3.Connection, address: str) -> None:
    """An address that different texts claimed names none of them."""
    connection.execute(
        """update articles set url = reached where key = (select article from urls where address = ?)""",
        [address],
    )
    connection.execute("update urls set kind = 'shared' where address = ?", [address])


def add_article(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """A new article."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"insert into articles ({names}) values ({marks})", list(row.values())
    )


def update_article(
    connection: sqlite3.Connection, key: str, **column_values: Any
) -> None:
    """Set columns of an article."""
    columns = ", ".join(f"{name} = ?" for name in column_values)
    connection.execute(
        f"update articles set {columns} where key = ?", [*column_values.values(), key]
    )


def list_versions(connection: sqlite3.Connection, key: str) -> list[sqlite3.Row]:
    """All versions of an article, each with its latest reading's source, extractor and rules, and the address
    of the page that was not read (``unread``), where there is one."""
    return connection.execute(
        """select v.*, r.source, r.extractor, r.rules, r.profile, coalesce(json_extract(r.extract, '$.next_page'), '') as unread,
            r.extract ->> '$.method' as method, r.extract ->> '$.inserts' as inserts, r.extract ->> '$.left_out' as left_out, r.extract ->> '$.links' as links
        from versions v
        left join readings r on r.id = (select max(id) from readings where version = v.id and source <> 'feed-compared')
        where v.article = ? order by v.number""",
        [key],
    ).fetchall()


def _version_columns(extract: Extract) -> dict[str, Any]:
    fields = {name: getattr(extract, name) for name in _VERSION_FIELDS}
    fields |= {
        name: json.dumps(list(fields[name]), ensure_ascii=False)
        for name in _LIST_FIELDS
    }
    return {
        **fields,
        "sources": json.dumps(
            dict(sorted(extract.sources.items())), ensure_ascii=False
        ),
        "words": len(extract.text.split()),
    }


def add_version(
    connection: sqlite3.Connection,
    key: str,
    number: int,
    extract: Extract,
    wording_sha256: str,
    text_sha256: str,
    capture_id: int,
    now: str,
) -> int:
    """A wording not held before. ``text`` is the digest of the text alone. Returns its row."""
    row = {
        "article": key, "number": number, "sha256": _unique_version_digest(connection, key, wording_sha256), "wording": wording_sha256, "text_sha256": text_sha256, **_version_columns(extract),
        "first_seen": now, "last_seen": now, "capture": capture_id,
    }  # fmt: skip
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    cursor = connection.execute(
        f"insert into versions ({names}) values ({marks})", list(row.values())
    )
    return int(cursor.lastrowid or 0)


def _unique_version_digest(
    connection: sqlite3.Connection, key: str, wording_sha256: str
) -> str:
    """The digest of a wording; of it and a count where another version has that name, and reads differently today."""
    name, count = wording_sha256, 1
    while connection.execute(
        "select 1 from versions where article = ? and sha256 = ?", [key, name]
    ).fetchone():
        count += 1
        name = hashlib.sha256(f"{wording_sha256} {count}".encode()).hexdigest()
    return name


def update_version(
    connection: sqlite3.Connection,
    version_id: int,
    extract: Extract,
    wording_sha256: str,
    text_sha256: str,
) -> None:
    """Show a version as it is read today; its number, its name (``sha256``) and its times stay."""
    row = {
        "wording": wording_sha256,
        "text_sha256": text_sha256,
        **_version_columns(extract),
    }
    names = ", ".join(f"{name} = ?" for name in row)
    connection.execute(
        f"update versions set {names} where id = ?", [*row.values(), version_id]
    )


def update_version_fields(
    connection: sqlite3.Connection, version_id: int, extract: Extract
) -> None:
    """Fields beside title and text as they are stated now; what is no longer stated stays."""
    row = _version_columns(extract)
    for name in ("title", "text", "words", "kind"):
        del row[name]
    if extract.access == "unknown":
        del row["access"]
    stated = {
        name: value for name, value in row.items() if value not in ("", "[]", None)
    }
    names = ", ".join(f"{name} = ?" for name in stated)
    connection.execute(
        f"update versions set {names} where id = ?", [*stated.values(), version_id]
    )


def parse_version_fields(row: sqlite3.Row) -> dict[str, Any]:
    """The fields of a version row as an extract has them, for comparing."""
    return {
        name: tuple(json.loads(row[name])) if name in _LIST_FIELDS else row[name]
        for name in _VERSION_FIELDS
    }


def add_reading(
    connection: sqlite3.Connection,
    key: str,
    version_id: int,
    capture_id: int | None,
    extract: Extract,
    source: str,
    rules: str,
    wording_sha256: str,
    now: str,
) -> int:
    """How a capture was read: everything of the extract but title and text, which stand in the version."""
    rest = {name: getattr(extract, name) for name in _READING_FIELDS}
    cursor = connection.execute(
        """insert into readings (article, version, capture, source, extractor, rules, profile, wording, extract, at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            key,
            version_id,
            capture_id,
            source,
            extract.extractor,
            rules,
            extract.profile,
            wording_sha256,
            json.dumps(rest, ensure_ascii=False, default=_record_to_dict),
            now,
        ],
    )
    return int(cursor.lastrowid or 0)


def _record_to_dict(record: Any) -> dict[str, Any]:
    """A record in another as an object: what ``asdict`` gives, without copying all of it twice."""
    return {name: getattr(record, name) for name in record.__slots__}


def add_sighting(
    connection: sqlite3.Connection,
    key: str,
    version_id: int,
    now: str,
    force_new: bool = False,
) -> None:
    """The wording stood there at ``now``; ``again`` begins a new sighting, else the last one goes on."""
    row = None if force_new else connection.execute(
        "select id, version, until from sightings where article = ? order by id desc limit 1", [key]
    ).fetchone()  # fmt: skip
    if row is None or row["version"] != version_id:
        connection.execute(
            "insert into sightings (article, version, since, until) values (?1, ?2, ?3, ?3)",
            [key, version_id, now],
        )
    else:
        connection.execute(
            "update sightings set until = max(until, ?) where id = ?", [now, row["id"]]
        )
    connection.execute(
        "update versions set last_seen = max(last_seen, ?) where id = ?",
        [now, version_id],
    )


def add_change(
    connection: sqlite3.Connection,
    key: str,
    kind: str,
    before_id: int,
    after_id: int,
    changed_fields: Mapping[str, Any],
    sentences: Mapping[str, Sequence[Any]],
    is_revert: bool,
    now: str,
) -> int:
    """What differs between two wordings, or, with ``kind`` fields, within one. Returns its row."""
    cursor = connection.execute(
        """insert into changes (article, at, kind, before, after, fields, sentences, back) values (?, ?, ?, ?, ?, ?, ?, ?)""",
        [
            key,
            now,
            kind,
            before_id,
            after_id,
            json.dumps(changed_fields, ensure_ascii=False),
            json.dumps(sentences, ensure_ascii=False),
            is_revert,
        ],
    )
    return int(cursor.lastrowid or 0)


def get_last_field_value(connection: sqlite3.Connection, key: str, field: str) -> Any:
    """What a field beside title and text became at its last change; None where it never changed."""
    row = connection.execute(
        "select json_extract(fields, ?1) as value from changes where article = ?2 and json_extract(fields, ?1) is not null"
        " order by id desc limit 1",
        [f"$.{field}[1]", key],
    ).fetchone()
    return row["value"] if row else None


def add_event(
    connection: sqlite3.Connection,
    kind: str,
    outlet: str,
    now: str,
    note: str = "",
    article_key: str | None = None,
    feed_url: str | None = None,
    change_id: int | None = None,
) -> None:
    """Something worth telling."""
    connection.execute(
        "insert into events (at, kind, outlet, article, feed, change, note) values (?, ?, ?, ?, ?, ?, ?)",
        [now, kind, outlet, article_key, feed_url, change_id, note],
    )


def has_event(connection: sqlite3.Connection, kind: str, key: str) -> bool:
    """Whether that was told of an article."""
    row = connection.execute(
        "select 1 from events where article = ? and kind = ? limit 1", [key, kind]
    ).fetchone()
    return row is not None


def find_first_article_with_text(
    connection: sqlite3.Connection, text_sha256: str, excluded_key: str
) -> str | None:
    """Key of the article first held with exactly this text, other than ``but``."""
    row = connection.execute(
        """select coalesce(a.copy_of, a.key) as key from versions v join articles a on a.key = v.article
        where v.text_sha256 = ? and v.text_sha256 <> '' and v.article <> ? order by v.id limit 1""",
        [text_sha256, excluded_key],
    ).fetchone()
    return row["key"] if row and row["key"] != excluded_key else None


def get_article_keys(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> dict[str, str]:
    """Address → key, for those addresses that are held."""
    rows = connection.execute(
        "select address, article from urls where kind <> 'shared' and address in (select value from json_each(?))",
        [json.dumps(list(addresses))],
    )
    return {row["address"]: row["article"] for row in rows}
