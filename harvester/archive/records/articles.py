"""Articles with their versions, readings, sightings, changes and events.

Does not decide what is written (``identity``, ``ingest``). What people ask for is read
in ``archive.queries``.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harvester.archive import stored_json
from harvester.archive.records.record_sql import (
    UNSET,
    RowUpdate,
    Unset,
    column_list,
    column_values,
    insert_row,
    update_row,
)
from harvester.model import Extract

_LIST_FIELDS = ("authors", "sections", "tags")
_VERSION_FIELDS = (
    "title",
    "authors",
    "text",
    "published",
    "published_local",
    "modified",
    "modified_local",
    "language",
    "sections",
    "tags",
    "image",
    "description",
    "kind",
    "access",
)
_FIELDS_STORED_IN_VERSION = ("title", "text", "sources", "extractor")
_READING_FIELDS = tuple(
    name for name in Extract.__slots__ if name not in _FIELDS_STORED_IN_VERSION
)


# ---- articles


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A row of ``articles``; the schema explains each column."""

    key: str
    url: str
    reached: str
    outlet: str
    state: str
    first_seen: str
    last_seen: str
    looked: str
    due: str | None
    prompted: int
    looks: int
    attempts: int
    misses: int
    missed: str | None
    outcome: str
    reason: str
    version: int
    versions: int
    sha256: str
    capture: int | None
    copy_of: str | None
    born: str | None
    sign: str
    dated_by: str


@dataclass(frozen=True, slots=True)
class NewArticle:
    """A row of ``articles`` to be added; other columns have their defaults."""

    key: str
    url: str
    reached: str
    outlet: str
    first_seen: str
    last_seen: str
    looked: str
    outcome: str
    site: str = ""
    born: str | None = None
    due: str | None = None
    reason: str = ""
    copy_of: str | None = None
    capture: int | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True)
class ArticleUpdate(RowUpdate):
    """Columns of an article to be set."""

    reached: str | Unset = UNSET
    site: str | Unset = UNSET
    state: str | Unset = UNSET
    last_seen: str | Unset = UNSET
    looked: str | Unset = UNSET
    due: str | Unset | None = UNSET
    prompted: int | Unset = UNSET
    looks: int | Unset = UNSET
    attempts: int | Unset = UNSET
    misses: int | Unset = UNSET
    missed: str | Unset | None = UNSET
    outcome: str | Unset = UNSET
    reason: str | Unset = UNSET
    version: int | Unset = UNSET
    versions: int | Unset = UNSET
    etag: str | Unset = UNSET
    last_modified: str | Unset = UNSET
    sha256: str | Unset = UNSET
    capture: int | Unset | None = UNSET
    reading: int | Unset = UNSET
    sign: str | Unset = UNSET
    dated_by: str | Unset = UNSET
    full_at: str | Unset = UNSET


def get_article(connection: sqlite3.Connection, key: str) -> ArticleRow | None:
    """The article with a key, or None."""
    row = connection.execute(
        f"select {column_list(ArticleRow)} from articles where key = ?", [key]
    ).fetchone()
    return ArticleRow(*row) if row else None


def list_article_urls(
    connection: sqlite3.Connection, outlet: str, limit: int
) -> list[str]:
    """Where an outlet's newest articles were last read."""
    rows = connection.execute(
        """
        select reached from articles where outlet = ?
        order by first_seen desc, id desc limit ?""",
        [outlet, limit],
    )
    return [str(row[0]) for row in rows]


def get_article_key(connection: sqlite3.Connection, address: str) -> str | None:
    """Key of the article at an address, or None. A shared address has no article."""
    row = connection.execute(
        "select article from urls where address = ? and kind <> 'shared'", [address]
    ).fetchone()
    return row["article"] if row else None


def add_article(connection: sqlite3.Connection, article: NewArticle) -> None:
    """Add an article."""
    insert_row(connection, "articles", column_values(article))


def update_article(
    connection: sqlite3.Connection, key: str, update: ArticleUpdate
) -> None:
    """Set columns of an article."""
    update_row(connection, "articles", column_values(update), "key", key)


def find_first_article_with_text(
    connection: sqlite3.Connection, text_sha256: str, excluded_key: str
) -> str | None:
    """Key of the first other article with exactly this text, or of its original."""
    row = connection.execute(
        """
        select coalesce(a.copy_of, a.key) as key
        from versions v join articles a on a.key = v.article
        where v.text_sha256 = ? and v.text_sha256 <> '' and v.article <> ?
        order by v.id limit 1
        """,
        [text_sha256, excluded_key],
    ).fetchone()
    return row["key"] if row and row["key"] != excluded_key else None


# ---- versions and readings


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A row of ``versions`` with its latest reading; lists are JSON."""

    id: int
    number: int
    sha256: str
    wording: str
    text_sha256: str
    title: str
    authors: str
    text: str
    words: int
    published: str | None
    published_local: str | None
    modified: str | None
    modified_local: str | None
    language: str
    sections: str
    tags: str
    image: str
    description: str
    sources: str
    first_seen: str
    capture: int | None
    kind: str
    access: str
    # of the latest reading; None where there is none
    source: str | None
    extractor: str | None
    rules: str | None
    profile: str | None
    method: str | None
    inserts: str | None
    left_out: str | None
    links: str | None
    unread_page: str  # address of the next page, which was not read; "" if none


# The extract of a reading; an empty one where it is damaged.
_EXTRACT_SQL = "iif(json_valid(r.extract), r.extract, '{}')"
_VERSIONS_SQL = f"""
select v.id, v.number, v.sha256, v.wording, v.text_sha256, v.title, v.authors, v.text,
    v.words, v.published, v.published_local, v.modified, v.modified_local, v.language,
    v.sections, v.tags, v.image, v.description, v.sources, v.first_seen, v.capture,
    v.kind, v.access, r.source, r.extractor, r.rules, r.profile,
    {_EXTRACT_SQL} ->> '$.method', {_EXTRACT_SQL} ->> '$.inserts',
    {_EXTRACT_SQL} ->> '$.left_out', {_EXTRACT_SQL} ->> '$.links',
    coalesce({_EXTRACT_SQL} ->> '$.next_page', '')
from versions v
left join readings r on r.id = (
    select max(id) from readings where version = v.id and source <> 'feed-compared')
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a capture was read: an extract, its digests, and what it was read with."""

    extract: Extract
    wording_sha256: str
    text_sha256: str  # of the text alone
    source: str  # "page", "feed"; "feed-compared": kept only to compare it
    rules: str  # fingerprint of the outlet's rules
    capture: int | None
    at: str


def list_versions(connection: sqlite3.Connection, key: str) -> list[VersionRow]:
    """All versions of an article, in order."""
    rows = connection.execute(
        f"{_VERSIONS_SQL} where v.article = ? order by v.number", [key]
    )
    return [VersionRow(*row) for row in rows]


def get_version(connection: sqlite3.Connection, version_id: int) -> VersionRow:
    """One version."""
    row = connection.execute(f"{_VERSIONS_SQL} where v.id = ?", [version_id]).fetchone()
    return VersionRow(*row)


def get_current_version_id(connection: sqlite3.Connection, key: str) -> int | None:
    """versions.id of the version of an article that was online last."""
    row = connection.execute(
        """
        select v.id from versions v join articles a
            on a.key = v.article and a.version = v.number
        where a.key = ?
        """,
        [key],
    ).fetchone()
    return row["id"] if row else None


def get_first_version(connection: sqlite3.Connection, key: str) -> VersionRow:
    """The first version of an article."""
    row = connection.execute(
        f"{_VERSIONS_SQL} where v.article = ? order by v.number limit 1", [key]
    ).fetchone()
    return VersionRow(*row)


def add_version(
    connection: sqlite3.Connection, key: str, number: int, reading: Reading
) -> int:
    """Add a wording that the article did not have before; returns the version's id."""
    return insert_row(
        connection,
        "versions",
        {
            "article": key,
            "number": number,
            "sha256": _unique_version_digest(connection, key, reading.wording_sha256),
            "wording": reading.wording_sha256,
            "text_sha256": reading.text_sha256,
            **_version_columns(reading.extract),
            "first_seen": reading.at,
            "last_seen": reading.at,
            "capture": reading.capture or 0,
        },
    )


def _unique_version_digest(
    connection: sqlite3.Connection, key: str, wording_sha256: str
) -> str:
    """The digest of a wording, with a count where another version has that name.

    The other one was named when it read so, and reads differently today.
    """
    name, count = wording_sha256, 1
    while connection.execute(
        "select 1 from versions where article = ? and sha256 = ?", [key, name]
    ).fetchone():
        count += 1
        name = hashlib.sha256(f"{wording_sha256} {count}".encode()).hexdigest()
    return name


def update_version(
    connection: sqlite3.Connection, version_id: int, reading: Reading
) -> None:
    """Show a version as it is read today; its number, ``sha256`` and times stay."""
    values = {
        "wording": reading.wording_sha256,
        "text_sha256": reading.text_sha256,
        **_version_columns(reading.extract),
    }
    update_row(connection, "versions", values, "id", version_id)


def update_version_fields(
    connection: sqlite3.Connection, version_id: int, extract: Extract
) -> None:
    """Set the fields beside title and text; what is no longer stated stays."""
    values = _version_columns(extract)
    for name in ("title", "text", "words", "kind"):
        del values[name]
    if extract.access == "unknown":
        del values["access"]
    stated = {
        name: value for name, value in values.items() if value not in ("", "[]", None)
    }
    update_row(connection, "versions", stated, "id", version_id)


def _version_columns(extract: Extract) -> dict[str, Any]:
    values = {name: getattr(extract, name) for name in _VERSION_FIELDS}
    for name in _LIST_FIELDS:
        values[name] = json.dumps(list(values[name]), ensure_ascii=False)
    sources = dict(sorted(extract.sources.items()))
    return {
        **values,
        "sources": json.dumps(sources, ensure_ascii=False),
        "words": len(extract.text.split()),
    }


def parse_version_fields(version: VersionRow | sqlite3.Row) -> dict[str, Any]:
    """The fields of a version as an extract has them, for comparing."""
    values = {
        name: version[name]
        if isinstance(version, sqlite3.Row)
        else getattr(version, name)
        for name in _VERSION_FIELDS
    }
    for name in _LIST_FIELDS:
        values[name] = tuple(stored_json.parse_texts(values[name]))
    return values


def add_reading(
    connection: sqlite3.Connection, key: str, version_id: int, reading: Reading
) -> int:
    """Add a reading: all of the extract but what its version has; returns its id."""
    rest = {name: getattr(reading.extract, name) for name in _READING_FIELDS}
    return insert_row(
        connection,
        "readings",
        {
            "article": key,
            "version": version_id,
            "capture": reading.capture,
            "source": reading.source,
            "extractor": reading.extract.extractor,
            "rules": reading.rules,
            "profile": reading.extract.profile,
            "wording": reading.wording_sha256,
            "extract": json.dumps(rest, ensure_ascii=False, default=_record_to_dict),
            "at": reading.at,
        },
    )


def _record_to_dict(record: Any) -> dict[str, Any]:
    """What ``asdict`` gives, without its deep copy."""
    return {name: getattr(record, name) for name in record.__slots__}


def add_first_sighting(
    connection: sqlite3.Connection, key: str, version_id: int, now: str
) -> None:
    """Record that the version just added, the article's first, is online."""
    connection.execute(
        "insert into sightings (article, version, since, until) values (?, ?, ?, ?)",
        [key, version_id, now, now],
    )


def add_sighting(
    connection: sqlite3.Connection,
    key: str,
    version_id: int,
    now: str,
    force_new: bool = False,
) -> None:
    """Record that a version is online: extends the last sighting if it is the same."""
    last = None
    if not force_new:
        last = connection.execute(
            """
            select id, version from sightings where article = ?
            order by id desc limit 1
            """,
            [key],
        ).fetchone()
    if last is None or last["version"] != version_id:
        connection.execute(
            """
            insert into sightings (article, version, since, until)
            values (:article, :version, :now, :now)
            """,
            {"article": key, "version": version_id, "now": now},
        )
    else:
        connection.execute(
            "update sightings set until = max(until, ?) where id = ?", [now, last["id"]]
        )
    connection.execute(
        "update versions set last_seen = max(last_seen, ?) where id = ?",
        [now, version_id],
    )


# ---- changes and events


@dataclass(frozen=True, slots=True)
class NewChange:
    """A row of ``changes`` to be added. ``kind`` "fields": no new version."""

    article: str
    at: str
    kind: str
    before: int  # versions.id
    after: int  # versions.id
    fields: Mapping[str, Any]  # field → [before, after]
    sentences: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    back: bool = False  # an earlier version came back


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A row of ``events`` to be added."""

    kind: str
    outlet: str
    at: str
    note: str = ""
    article: str | None = None
    feed: str | None = None
    change: int | None = None  # changes.id
    announcement: int | None = None  # announcements.id
    since: str | None = None  # when what it tells began; None: at ``at``


def add_change(connection: sqlite3.Connection, change: NewChange) -> int:
    """Add a change, not classified yet; returns its id."""
    values = column_values(change)
    for name in ("fields", "sentences"):
        values[name] = json.dumps(values[name], ensure_ascii=False)
    return insert_row(connection, "changes", values)


def get_last_field_value(
    connection: sqlite3.Connection, key: str, field_name: str
) -> Any:
    """What a field became at its last change; None where it never changed."""
    row = connection.execute(
        """
        select json_extract(fields, :path) as value from changes
        where article = :article and json_valid(fields)
            and json_extract(fields, :path) is not null
        order by at desc, id desc limit 1
        """,
        {"path": f"$.{field_name}[1]", "article": key},
    ).fetchone()
    return row["value"] if row else None


def add_event(connection: sqlite3.Connection, event: NewEvent) -> None:
    """Add an event."""
    insert_row(connection, "events", column_values(event))


def has_event(connection: sqlite3.Connection, kind: str, key: str) -> bool:
    """Whether an article has an event of that kind."""
    row = connection.execute(
        "select 1 from events where article = ? and kind = ? limit 1", [key, kind]
    ).fetchone()
    return row is not None
