"""One article by key or URL, its versions and changes; and the changes of all articles.

Records are as the commands print them with ``--json``. Does not compare texts; see
``identity.diff``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from harvester.archive import stored_json
from harvester.archive.records import origins
from harvester.archive.records.changes import change_to_dict
from harvester.errors import NotInArchive

MIN_KEY_CHARACTERS = 6  # of an abbreviated key
SNIPPET_CHARACTERS = 200  # of the beginning of a text
MAX_CANDIDATES = 10  # articles listed for an ambiguous key


def _article_row(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    return row


def begin_snapshot(connection: sqlite3.Connection) -> None:
    """Begin a read transaction: later writes stay invisible to this connection."""
    connection.execute("begin")


def list_outlet_keys(connection: sqlite3.Connection) -> list[str]:
    """The keys of all outlets that were ever in the settings."""
    return [
        row["key"] for row in connection.execute("select key from outlets order by key")
    ]


def get_article_by_key(connection: sqlite3.Connection, key_prefix: str) -> sqlite3.Row:
    """The article whose key starts with the prefix.

    Raises NotInArchive if there is none, or several; the message lists these.
    """
    key_prefix = key_prefix.lower()
    if len(key_prefix) < MIN_KEY_CHARACTERS:
        raise NotInArchive(
            f"{key_prefix!r} is too short: give at least {MIN_KEY_CHARACTERS} "
            "characters of an article's key, or one of its URLs"
        )
    rows = []
    if re.fullmatch(r"[0-9a-f]+", key_prefix):
        rows = connection.execute(
            """
            select * from articles
            where key >= :first_key and key < :end_key
            union
            select a.* from aliases l
            cross join articles a on a.key = l.article
            where l.key >= :first_key and l.key < :end_key
            order by key
            limit :limit""",
            {
                "first_key": key_prefix,
                "end_key": key_prefix + "g",
                "limit": MAX_CANDIDATES + 1,
            },
        ).fetchall()
    if not rows:
        raise NotInArchive(
            f"no article has a key that starts with {key_prefix!r}",
            "`harvest search` shows keys",
        )
    if len(rows) > 1:
        listed = "\n".join(
            f"  {row['key']}  {row['outlet']}  {_get_title(connection, row)}"
            for row in rows[:MAX_CANDIDATES]
        )
        more = "\n  …" if len(rows) > MAX_CANDIDATES else ""
        raise NotInArchive(
            f"several keys start with {key_prefix!r}:\n{listed}{more}",
            "give more characters",
        )
    row: sqlite3.Row = rows[0]
    return row


# The article at the best of several addresses, else at another form of them: a page of
# the same site whose path and parameters say the same (``urls.tail``).
ARTICLE_AT_SQL = """
    select article from (
        select u.article, k.key as rank
        from json_each({keys}) k
        join urls u on u.address = k.value
        where u.kind <> 'shared'
        union all
        select b.key, 100
        from urls u
        join articles b on b.key = u.article
        where u.tail = {tail} and u.tail <> '' and u.kind <> 'shared' and b.site = {site}
        order by 2
        limit 1)"""


def find_article_at(
    connection: sqlite3.Connection, keys: Sequence[str], tail: str, site: str
) -> sqlite3.Row | None:
    """The article at one of these addresses, the best first, or at another form of them.

    See ``identity.url_variants``.
    """
    sql = ARTICLE_AT_SQL.format(keys=":keys", tail=":tail", site=":site")
    row: sqlite3.Row | None = connection.execute(
        f"select * from articles where key in ({sql})",
        {"keys": json.dumps(list(keys)), "tail": tail, "site": site},
    ).fetchone()
    return row


def get_article_by_address(
    connection: sqlite3.Connection, address: str, displayed_address: str
) -> sqlite3.Row:
    """The article at an address (see ``identity.urls.url_key``).

    Raises NotInArchive, with the outcome of its entry if a feed announced it.
    """
    url = connection.execute(
        """
        select u.article, u.kind
        from urls u
        join articles a on a.key = u.article
        where u.address = ?""",
        [address],
    ).fetchone()
    if url is not None and url["kind"] != "shared":
        return _article_row(connection, url["article"])
    if url is not None:
        raise NotInArchive(
            f"different texts were found at {displayed_address}, "
            "so it does not identify an article",
            "use a key instead",
        )
    entry = connection.execute(
        """
        select outcome, reason, article from entries
        where address = ?
        order by id desc
        limit 1""",
        [address],
    ).fetchone()
    if entry is None:
        raise NotInArchive(
            f"no article is stored for {displayed_address}",
            "`harvest search` finds articles by their words",
        )
    if entry["article"]:
        return _article_row(connection, entry["article"])
    raise NotInArchive(
        f"{displayed_address} was announced, but no article is stored: "
        f"{entry['outcome']}, {entry['reason']}"
    )


def _get_title(connection: sqlite3.Connection, article: sqlite3.Row) -> str:
    return str(get_version(connection, article)["title"])


def get_version(
    connection: sqlite3.Connection, article: sqlite3.Row, number: int | None = None
) -> sqlite3.Row:
    """A version of an article, the current one by default. Raises NotInArchive."""
    if number is None:
        number = article["version"]
    row: sqlite3.Row | None = connection.execute(
        "select * from versions where article = ? and number = ?",
        [article["key"], number],
    ).fetchone()
    if row is None:
        count = article["versions"]
        raise NotInArchive(
            f"{article['key']} has no version {number}: "
            f"there {'is' if count == 1 else 'are'} {count}",
            "`harvest history` lists them",
        )
    return row


def find_version_by_digest(
    connection: sqlite3.Connection, article: sqlite3.Row, digest_prefix: str
) -> int | None:
    """The number of the version whose sha256 begins so; None if none or several do."""
    rows = connection.execute(
        """
        select number from versions
        where article = ? and substr(sha256, 1, length(?)) = ?
        limit 2""",
        [article["key"], digest_prefix, digest_prefix],
    ).fetchall()
    return int(rows[0]["number"]) if len(rows) == 1 else None


def find_version_at(
    connection: sqlite3.Connection, article: sqlite3.Row, before: str
) -> int | None:
    """The number of the version that was seen last before a time; None: none was yet."""
    row = connection.execute(
        """
        select v.number
        from sightings s
        join versions v on v.id = s.version
        where s.article = ? and s.since < ?
        order by s.since desc, s.id desc
        limit 1""",
        [article["key"], before],
    ).fetchone()
    return int(row["number"]) if row else None


def get_article_details(
    connection: sqlite3.Connection, article: sqlite3.Row, number: int | None = None
) -> dict[str, Any]:
    """An article in one of its versions, as ``harvest show --json`` prints it."""
    row = get_version(connection, article, number)
    text = row["text"]
    snippet = " ".join(text[:SNIPPET_CHARACTERS].split())
    if len(text) > SNIPPET_CHARACTERS:
        snippet += "…"
    return {
        "article": article["key"],
        "version": row["number"],
        "outlet": article["outlet"],
        "url": article["url"],
        "title": row["title"],
        "authors": stored_json.parse_texts(row["authors"]),
        "published": row["published"],
        "published_local": row["published_local"],
        "modified": row["modified"],
        "modified_local": row["modified_local"],
        "first_seen": row["first_seen"],
        "last_seen": row["last_seen"],
        "language": row["language"],
        "snippet": snippet,
        "latest": row["number"] == article["version"],
        "state": article["state"],
        "kind": row["kind"],
        "access": row["access"],
        "sections": stored_json.parse_texts(row["sections"]),
        "tags": stored_json.parse_texts(row["tags"]),
        "image": row["image"],
        "description": row["description"],
        "text": text,
        "words": row["words"],
        "sha256": row["sha256"],
        "urls": _list_urls(connection, article),
        "versions": article["versions"],
        "duplicates": _list_duplicates(connection, article["key"], row["text_sha256"]),
        "sources": stored_json.parse_object(row["sources"]),
        "back": _list_returns(connection, row["id"]),
        "reserved": _get_reserved(connection, article, row),
        "backfilled": _was_backfilled(connection, article["key"]),
        "received_by": origins.describe_origins(connection, [row["capture"]]).get(
            row["capture"], ""
        ),
    }


def _was_backfilled(connection: sqlite3.Connection, key: str) -> bool:
    """Whether a backfill found an article, before any feed announced it."""
    row = connection.execute(
        "select backfill from entries where article = ? order by id limit 1", [key]
    ).fetchone()
    return row is not None and row[0] is not None


def _list_returns(connection: sqlite3.Connection, version_id: int) -> list[str]:
    """When a version came back after another one, oldest first."""
    rows = connection.execute(
        "select since from sightings where version = ? order by since, id limit -1 offset 1",
        [version_id],
    )
    return [row["since"] for row in rows]


def _get_reserved(
    connection: sqlite3.Connection, article: sqlite3.Row, version: sqlite3.Row
) -> str:
    """What the outlet reserved for the page, in words, as it was read last."""
    is_latest = version["number"] == article["version"]
    capture_id = (article["capture"] if is_latest else None) or version["capture"]
    row = connection.execute(
        "select reserved from captures where id = ?", [capture_id]
    ).fetchone()
    return str(row["reserved"]) if row else ""


def _list_urls(connection: sqlite3.Connection, article: sqlite3.Row) -> list[str]:
    rows = connection.execute(
        """
        select url from urls
        where article = ? and kind <> 'shared'
        order by first_seen, rowid""",
        [article["key"]],
    )
    return list(dict.fromkeys([article["url"], *(row["url"] for row in rows)]))


def _list_duplicates(
    connection: sqlite3.Connection, key: str, text_sha256: str
) -> list[str]:
    """Keys of other articles with a version that has exactly this text."""
    if not text_sha256:
        return []
    rows = connection.execute(
        """
        select v.article, min(v.id) as first
        from versions v
        where v.text_sha256 = ? and v.text_sha256 <> '' and v.article <> ?
        group by v.article
        order by first""",
        [text_sha256, key],
    )
    return [row["article"] for row in rows]


def list_version_history(
    connection: sqlite3.Connection, article: sqlite3.Row
) -> list[dict[str, Any]]:
    """All versions of an article, oldest first, each with its sightings."""
    kinds: dict[int, str] = {}
    for change in connection.execute(
        """
        select after, kind from changes
        where article = ? and kind <> 'fields'
        order by id""",
        [article["key"]],
    ):
        kinds.setdefault(change["after"], change["kind"])
    sightings: dict[int, list[dict[str, str]]] = {}
    for sighting in connection.execute(
        "select version, since, until from sightings where article = ? order by id",
        [article["key"]],
    ):
        sightings.setdefault(sighting["version"], []).append(
            {"from": sighting["since"], "to": sighting["until"]}
        )
    versions = connection.execute(
        "select * from versions where article = ? order by number", [article["key"]]
    ).fetchall()
    received_by = origins.describe_origins(
        connection, [row["capture"] for row in versions]
    )
    return [
        {
            "version": row["number"],
            "first_seen": row["first_seen"],
            "last_seen": row["last_seen"],
            "title": row["title"],
            "sha256": row["sha256"],
            "class": "first" if row["number"] == 1 else kinds.get(row["id"], "edited"),
            "words": row["words"],
            "latest": row["number"] == article["version"],
            "sightings": sightings.get(row["id"], []),
            "received_by": received_by.get(row["capture"], ""),
        }
        for row in versions
    ]


def list_state_changes(
    connection: sqlite3.Connection, article: sqlite3.Row
) -> list[dict[str, Any]]:
    """When an article was not found, was removed, and returned; oldest first."""
    rows = connection.execute(
        """
        select at, kind, note from events
        where article = ? and kind in ('suspect', 'removed', 'returned')
        order by at, id""",
        [article["key"]],
    )
    return [dict(row) for row in rows]


def get_change(
    connection: sqlite3.Connection, before_id: int, after_id: int
) -> dict[str, Any] | None:
    """The change recorded from one version (its row id) to another; None if none was."""
    row = connection.execute(
        """
        select * from changes
        where before = ? and after = ? and kind <> 'fields'
        order by id desc""",
        [before_id, after_id],
    ).fetchone()
    if row is None:
        return None
    return {
        **change_to_dict(row),
        "sentences": stored_json.parse_sentences(row["sentences"]),
    }
