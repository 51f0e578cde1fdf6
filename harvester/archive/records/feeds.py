"""Outlets, feeds and the entries that they announce."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from harvester.model import Entry, Outcome


def upsert_outlet(
    connection: sqlite3.Connection,
    key: str,
    name: str,
    home: str,
    language: str,
    previous_key: str,
    now: str,
) -> None:
    """An outlet of the settings; ``was`` is the key that it had before."""
    if (
        previous_key
        and connection.execute(
            "select 1 from outlets where key = ?", [previous_key]
        ).fetchone()
    ):
        if not connection.execute(
            "select 1 from outlets where key = ?", [key]
        ).fetchone():
            connection.execute(
                "update outlets set key = ? where key = ?", [key, previous_key]
            )
            connection.execute(
                "update events set outlet = ? where outlet = ?", [key, previous_key]
            )
            connection.execute(
                "update captures set outlet = ? where outlet = ?", [key, previous_key]
            )
    connection.execute(
        """insert into outlets (key, name, home, language, active, first_seen) values (?, ?, ?, ?, 1, ?)
        on conflict (key) do update set name = excluded.name, home = excluded.home, language = excluded.language, active = 1""",
        [key, name, home, language, now],
    )


def upsert_feed(
    connection: sqlite3.Connection,
    url: str,
    outlet: str,
    section: str,
    site: str,
    now: str,
) -> None:
    """A feed of the settings; new ones are due at once."""
    connection.execute(
        """insert into feeds (url, outlet, section, site, first_seen, due, since) values (?1, ?2, ?3, ?4, ?5, ?5, ?5)
        on conflict (url) do update set outlet = excluded.outlet, section = excluded.section, site = excluded.site,
            active = 1, due = coalesce(due, excluded.due)""",
        [url, outlet, section, site, now],
    )


def deactivate_removed(
    connection: sqlite3.Connection, outlet_keys: Iterable[str], feed_urls: Iterable[str]
) -> None:
    """What is no longer in the settings is kept, and no longer visited."""
    connection.execute(
        "update outlets set active = key in (select value from json_each(?))",
        [json.dumps(list(outlet_keys))],
    )
    connection.execute(
        "update feeds set active = url in (select value from json_each(?))",
        [json.dumps(list(feed_urls))],
    )


def bring_forward_feeds(
    connection: sqlite3.Connection, outlet: str, latest_due: str
) -> None:
    """Feeds of an outlet in good health are due at ``latest``: the settings may now say a shorter interval."""
    connection.execute(
        "update feeds set due = min(due, ?) where outlet = ? and active and failures = 0 and due is not null",
        [latest_due, outlet],
    )


def get_feed(connection: sqlite3.Connection, url: str) -> sqlite3.Row:
    """The row of a feed."""
    row: sqlite3.Row = connection.execute(
        "select * from feeds where url = ?", [url]
    ).fetchone()
    return row


def update_feed_after_poll(
    connection: sqlite3.Connection,
    url: str,
    column_values: Mapping[str, Any],
    outcome: Outcome,
    reason: str,
    now: str,
) -> None:
    """What became of a poll; ``since`` moves only where outcome or reason do."""
    columns = "".join(f"{name} = ?, " for name in column_values)
    connection.execute(
        f"""update feeds set {columns} polled = ?, since = iif(outcome = ? and reason = ?, since, ?),
        outcome = ?, reason = ? where url = ?""",
        [*column_values.values(), now, outcome, reason, now, outcome, reason, url],
    )


def list_feed_reasons(connection: sqlite3.Connection, outlet: str) -> list[str]:
    """What became of the last polls of an outlet's feeds, in words."""
    rows = connection.execute(
        "select distinct reason from feeds where outlet = ? and active", [outlet]
    )
    return [str(row[0]) for row in rows]


def list_feeds_read_since(
    connection: sqlite3.Connection, since: str, excluded_outlet: str
) -> list[str]:
    """Some feeds that were read later than that, newest first; not those of the outlet ``apart``."""
    rows = connection.execute(
        "select url from feeds where read_at > ? and outlet <> ? order by read_at desc limit 50",
        [since, excluded_outlet],
    )
    return [str(row[0]) for row in rows]


def has_feeds_of_other_outlets(connection: sqlite3.Connection, outlet: str) -> bool:
    """Whether feeds of another outlet are polled."""
    rows = connection.execute(
        "select 1 from feeds where outlet <> ? and active limit 1", [outlet]
    )
    return rows.fetchone() is not None


def entry_key(feed_url: str, entry: Entry) -> str:
    """16 hexadecimal digits, of the feed and the entry's guid, else its address, else its title and date."""
    name = entry.id or entry.url or f"{entry.title}\n{entry.published}"
    return hashlib.sha256(
        f"{feed_url}\n{name}".encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


def get_entry(connection: sqlite3.Connection, key: str) -> sqlite3.Row | None:
    """The row of an entry."""
    row: sqlite3.Row | None = connection.execute(
        "select * from entries where key = ?", [key]
    ).fetchone()
    return row


def get_entry_by_url(
    connection: sqlite3.Connection, feed_url: str, url: str
) -> sqlite3.Row | None:
    """An entry of that feed with that address: for outlets whose guids change at every fetch."""
    row: sqlite3.Row | None = connection.execute(
        "select * from entries where feed = ? and url = ? limit 1", [feed_url, url]
    ).fetchone()
    return row


def add_entry(connection: sqlite3.Connection, row: Mapping[str, Any]) -> None:
    """A new entry."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(
        f"insert into entries ({names}) values ({marks})", list(row.values())
    )


def update_entry(
    connection: sqlite3.Connection, key: str, **column_values: Any
) -> None:
    """Set columns of an entry."""
    columns = ", ".join(f"{name} = ?" for name in column_values)
    connection.execute(
        f"update entries set {columns} where key = ?", [*column_values.values(), key]
    )


def resolve_waiting_entries(
    connection: sqlite3.Connection,
    addresses: Iterable[str],
    article_key: str,
    reason: str,
) -> None:
    """Other entries that wait for a page at these addresses: it is held now."""
    connection.execute(
        """update entries set article = ?, outcome = 'unchanged', reason = ?, due = null
        where outcome = 'waiting' and article is null and address in (select value from json_each(?))""",
        [article_key, reason, json.dumps(sorted(addresses))],
    )


def get_announcing_entry(
    connection: sqlite3.Connection, article_key: str
) -> sqlite3.Row | None:
    """The entry that announced an article last."""
    row: sqlite3.Row | None = connection.execute(
        "select * from entries where article = ? order by id desc limit 1",
        [article_key],
    ).fetchone()
    return row


def get_newest_publication(
    connection: sqlite3.Connection, feed_url: str, before: str
) -> str | None:
    """The newest stated publication of what a feed had announced before a time; dates in the future aside."""
    row = connection.execute(
        "select max(published) from entries where feed = ? and first_seen < ? and published <= first_seen",
        [feed_url, before],
    ).fetchone()
    return row[0] if row else None


def parse_entry_extra(row: sqlite3.Row | None) -> dict[str, Any]:
    """What else an entry announced: authors, tags, content."""
    return json.loads(row["extra"]) if row is not None else {}


def get_unread_page(connection: sqlite3.Connection, key: str) -> list[str]:
    """Extractor and digest of the page of an entry that could not be read; empty where there is none."""
    row = connection.execute(
        "select extra ->> '$.unread' as unread from entries where key = ?", [key]
    ).fetchone()
    return list(json.loads(row["unread"])) if row is not None and row["unread"] else []


def mark_page_unread(
    connection: sqlite3.Connection, key: str, extractor: str, page_digest: str
) -> None:
    """The page of an entry could not be read by this extractor."""
    connection.execute(
        "update entries set extra = json_set(extra, '$.unread', json_array(?, ?)) where key = ?",
        [extractor, page_digest, key],
    )


def retry_unread_pages(
    connection: sqlite3.Connection, extractor: str, now: str
) -> None:
    """Pages that another extractor could not read are due again."""
    connection.execute(
        """update entries set due = ?1, attempts = 0, extra = json_remove(extra, '$.unread')
        where outcome = 'failed' and article is null and extra ->> '$.unread' is not null and extra ->> '$.unread[0]' <> ?2""",
        [now, extractor],
    )


def has_due_entries(connection: sqlite3.Connection, outlet: str, now: str) -> bool:
    """Whether entries of an outlet are due, and not settled."""
    row = connection.execute(
        "select 1 from feeds f cross join entries e on e.feed = f.url where f.outlet = ? and e.due <= ? limit 1",
        [outlet, now],
    ).fetchone()
    return row is not None
