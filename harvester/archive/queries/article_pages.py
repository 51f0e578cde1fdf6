"""One article: which one a name means, its wordings, what changed; and the changes of all.

Records are as the commands print them with ``--json``. Not for: comparing two texts (``identity.diff``), nor for searching.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from harvester.archive.records.changes import change_to_dict
from harvester.errors import NotInArchive

MIN_KEY_CHARACTERS = 6  # characters of the beginning of a key
SNIPPET_CHARACTERS = 200  # characters of the text that stand for a snippet
MAX_CANDIDATES = 10
CHANGE_KINDS = ("edited", "headline", "back", "removed", "returned", "paywalled")


def _article_row(connection: sqlite3.Connection, key: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        "select * from articles where key = ?", [key]
    ).fetchone()
    return row


def begin_snapshot(connection: sqlite3.Connection) -> None:
    """From here on this connection sees the archive as it stands now, whatever is written meanwhile."""
    connection.execute("begin")


def list_outlet_keys(connection: sqlite3.Connection) -> list[str]:
    """All outlets that were ever in the settings."""
    return [
        row["key"] for row in connection.execute("select key from outlets order by key")
    ]


def get_article_by_key(connection: sqlite3.Connection, key_prefix: str) -> sqlite3.Row:
    """The article whose key begins like that. Raises NotHeld: none, or several, which are then named."""
    key_prefix = key_prefix.lower()
    if len(key_prefix) < MIN_KEY_CHARACTERS:
        raise NotInArchive(
            f"{key_prefix!r} is too short: write at least {MIN_KEY_CHARACTERS} characters of an article's key, or one of its addresses"
        )
    rows = []
    if re.fullmatch(r"[0-9a-f]+", key_prefix):
        rows = connection.execute(
            """select * from articles where key >= ?1 and key < ?2
            union select a.* from aliases l join articles a on a.key = l.article where l.key >= ?1 and l.key < ?2
            order by key limit ?3""",
            [key_prefix, key_prefix + "g", MAX_CANDIDATES + 1],
        ).fetchall()
    if not rows:
        raise NotInArchive(
            f"no article has a key that begins with {key_prefix!r}",
            "`harvest search` shows keys",
        )
    if len(rows) > 1:
        listed = "\n".join(
            f"  {row['key']}  {row['outlet']}  {_get_title(connection, row)}"
            for row in rows[:MAX_CANDIDATES]
        )
        more = "\n  …" if len(rows) > MAX_CANDIDATES else ""
        raise NotInArchive(
            f"{key_prefix!r} is the beginning of several keys:\n{listed}{more}",
            "write more of it",
        )
    row: sqlite3.Row = rows[0]
    return row


def get_article_by_address(
    connection: sqlite3.Connection, address: str, displayed_address: str
) -> sqlite3.Row:
    """The article at an address (``identity.url.address``). Raises NotHeld, with what became of it if it was announced."""
    row = connection.execute(
        "select a.*, u.kind from urls u join articles a on a.key = u.article where u.address = ?",
        [address],
    ).fetchone()
    if row is not None and row["kind"] != "shared":
        return _article_row(connection, row["key"])
    if row is not None:
        raise NotInArchive(
            f"{displayed_address} was claimed by different texts, so it names no article",
            "use a key instead",
        )
    entry = connection.execute(
        "select outcome, reason, feed, article from entries where address = ? order by id desc limit 1",
        [address],
    ).fetchone()
    if entry is None:
        raise NotInArchive(
            f"no article is held at {displayed_address}",
            "`harvest search` finds articles by their words",
        )
    if entry["article"]:
        return _article_row(connection, entry["article"])
    raise NotInArchive(
        f"{displayed_address} was announced, but no article is held: {entry['outcome']}, {entry['reason']}"
    )


def _get_title(connection: sqlite3.Connection, article: sqlite3.Row) -> str:
    return str(get_version(connection, article)["title"])


def get_version(
    connection: sqlite3.Connection, article: sqlite3.Row, number: int | None = None
) -> sqlite3.Row:
    """A version of an article, the current one by default. Raises NotHeld."""
    wanted = article["version"] if number is None else number
    row: sqlite3.Row | None = connection.execute(
        "select * from versions where article = ? and number = ?",
        [article["key"], wanted],
    ).fetchone()
    if row is None:
        count = article["versions"]
        raise NotInArchive(
            f"{article['key']} has no version {wanted}: there {'is' if count == 1 else 'are'} {count}"
        )
    return row


def get_article_details(
    connection: sqlite3.Connection, article: sqlite3.Row, number: int | None = None
) -> dict[str, Any]:
    """Everything about an article in one of its wordings, as ``harvest show --json`` prints it."""
    row = get_version(connection, article, number)
    text = row["text"]
    return {
        "article": article["key"],
        "version": row["number"],
        "outlet": article["outlet"],
        "url": article["url"],
        "title": row["title"],
        "authors": json.loads(row["authors"]),
        "published": row["published"],
        "published_local": row["published_local"],
        "modified": row["modified"],
        "modified_local": row["modified_local"],
        "first_seen": row["first_seen"],
        "last_seen": row["last_seen"],
        "language": row["language"],
        "snippet": " ".join(text[:SNIPPET_CHARACTERS].split())
        + ("…" if len(text) > SNIPPET_CHARACTERS else ""),
        "latest": row["number"] == article["version"],
        "state": article["state"],
        "kind": row["kind"],
        "access": row["access"],
        "sections": json.loads(row["sections"]),
        "tags": json.loads(row["tags"]),
        "image": row["image"],
        "description": row["description"],
        "text": text,
        "words": row["words"],
        "sha256": row["sha256"],
        "urls": _list_urls(connection, article),
        "versions": article["versions"],
        "duplicates": list_duplicates(connection, article["key"], row["text_sha256"]),
        "sources": json.loads(row["sources"]),
    }


def _list_urls(connection: sqlite3.Connection, article: sqlite3.Row) -> list[str]:
    rows = connection.execute(
        "select url from urls where article = ? and kind <> 'shared' order by first_seen, rowid",
        [article["key"]],
    )
    return list(dict.fromkeys([article["url"], *(row["url"] for row in rows)]))


def list_duplicates(
    connection: sqlite3.Connection, key: str, text_sha256: str
) -> list[str]:
    """Keys of other articles that have, or had, exactly this text."""
    if not text_sha256:
        return []
    rows = connection.execute(
        """select v.article, min(v.id) as first from versions v
        where v.text_sha256 = ? and v.text_sha256 <> '' and v.article <> ? group by v.article order by first""",
        [text_sha256, key],
    )
    return [row["article"] for row in rows]


def list_version_history(
    connection: sqlite3.Connection, article: sqlite3.Row
) -> list[dict[str, Any]]:
    """All wordings of an article, oldest first, each with when it stood there."""
    classes: dict[int, str] = {}
    for row in connection.execute(
        "select after, kind from changes where article = ? and kind <> 'fields' order by id",
        [article["key"]],
    ):
        classes.setdefault(row["after"], row["kind"])
    stood: dict[int, list[dict[str, str]]] = {}
    for row in connection.execute(
        "select version, since, until from sightings where article = ? order by id",
        [article["key"]],
    ):
        stood.setdefault(row["version"], []).append(
            {"from": row["since"], "to": row["until"]}
        )
    return [
        {
            "version": row["number"],
            "first_seen": row["first_seen"],
            "last_seen": row["last_seen"],
            "title": row["title"],
            "sha256": row["sha256"],
            "class": "first"
            if row["number"] == 1
            else classes.get(row["id"], "edited"),
            "words": row["words"],
            "latest": row["number"] == article["version"],
            "sightings": stood.get(row["id"], []),
        }
        for row in connection.execute(
            "select * from versions where article = ? order by number", [article["key"]]
        )
    ]


def list_state_changes(
    connection: sqlite3.Connection, article: sqlite3.Row
) -> list[dict[str, Any]]:
    """When an article was found gone, and when it came back, oldest first."""
    rows = connection.execute(
        """select at, kind, note from events where article = ? and kind in ('suspect', 'removed', 'returned') order by id""",
        [article["key"]],
    )
    return [dict(row) for row in rows]


def get_change(
    connection: sqlite3.Connection, before_id: int, after_id: int
) -> dict[str, Any] | None:
    """What was recorded when one wording (its row) became another; None where they never followed each other."""
    row = connection.execute(
        "select * from changes where before = ? and after = ? and kind <> 'fields' order by id desc",
        [before_id, after_id],
    ).fetchone()
    return (
        {**change_to_dict(row), "sentences": json.loads(row["sentences"])}
        if row is not None
        else None
    )


def list_changes(
    connection: sqlite3.Connection,
    *,
    limit: int = 20,
    since: str = "",
    kind: str = "",
    outlet: str = "",
    classes: Sequence[str] = (),
    silent: bool | None = None,
) -> list[dict[str, Any]]:
    """Edits, removals, returns and new paywalls of all articles, newest first; one row each. ``classes``, ``silent``: only edits
    of these classes, or that were admitted or not."""
    chosen = " and e.at >= :since" if since else ""
    chosen += " and e.outlet = :outlet" if outlet else ""
    chosen += (
        " and c.class in (select value from json_each(:classes))" if classes else ""
    )
    chosen += " and c.silent = :silent" if silent is not None else ""
    kinds = [kind] if kind else list(CHANGE_KINDS)
    rows = connection.execute(
        f"""select e.article, e.outlet, coalesce(c.kind, e.kind) as kind, c.class, c.size, c.silent, e.at,
            coalesce(n.title, v.title) as title, a.url, b.number as before, n.number as after, coalesce(c.back, 0) as back, e.note
        from events e join articles a on a.key = e.article
        join versions v on v.article = a.key and v.number = a.version
        left join changes c on c.id = e.change left join versions b on b.id = c.before left join versions n on n.id = c.after
        where e.kind in (select value from json_each(:kinds)){chosen} order by e.id desc limit :limit""",
        {
            "kinds": json.dumps(kinds), "since": since, "outlet": outlet, "limit": limit,
            "classes": json.dumps(list(classes)), "silent": silent,
        },
    )  # fmt: skip
    return [
        {
            **dict(row),
            "silent": None if row["silent"] is None else bool(row["silent"]),
            "back": bool(row["back"]),
        }
        for row in rows
    ]
