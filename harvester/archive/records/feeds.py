"""Outlets, feeds and the entries that feeds announce."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
from harvester.model import Entry, Outcome

# Polls in a row answered 410 (RFC 9110, 15.5.11: likely to be permanent), after which a
# feed counts as gone for good.
GONE_POLLS = 3

# Looks prompted by later dates of change alone, before these are judged, and the share
# of them that must find a new version.
DATED_TRIAL_LOOKS = 20
MIN_DATED_EDIT_SHARE = 0.2
MAX_DATED_LOOKS = 100  # that are remembered: sites change their habits

MAX_INDEX_DEPTH = 2  # of sitemaps behind an index: one may be an index itself
SITEMAP_INDEX = "sitemap index"  # begins the reason of a feed that is one
EMPTY_FEED = "lists no entries"  # the same of a feed that can be read and is empty


def dates_prove_true(dated_looks: int, dated_edits: int) -> bool | None:
    """Whether a feed's dates of change are true; None: not tried often enough."""
    if dated_looks < DATED_TRIAL_LOOKS:
        return None
    return dated_edits >= MIN_DATED_EDIT_SHARE * dated_looks


# ---- outlets and feeds


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A row of ``feeds``; the schema explains each column."""

    url: str
    outlet: str
    active: int
    sha256: str
    read_at: str | None
    listed: str | None
    failures: int
    reason: str
    since: str
    moved_to: str
    moved_polls: int
    gone_polls: int
    wished_seconds: float
    asked: str = ""
    kind: str = ""
    progress: str = ""
    dated_looks: int = 0
    dated_edits: int = 0
    first_seen: str = ""
    new_at: str | None = None
    rhythm: str = "{}"
    parent: str = ""
    lastmod: str = ""
    watched_since: str | None = None


@dataclass(frozen=True, slots=True)
class FeedUpdate(RowUpdate):
    """Columns of a feed to be set after a poll."""

    failures: int | Unset = UNSET
    due: str | Unset = UNSET
    read_at: str | Unset = UNSET
    listed: str | Unset = UNSET
    new_at: str | Unset = UNSET
    kind: str | Unset = UNSET
    title: str | Unset = UNSET
    etag: str | Unset = UNSET
    last_modified: str | Unset = UNSET
    sha256: str | Unset = UNSET
    answered_by: str | Unset = UNSET
    moved_to: str | Unset = UNSET
    moved_polls: int | Unset = UNSET
    moved_since: str | Unset | None = UNSET
    asked: str | Unset = UNSET
    site: str | Unset = UNSET
    gone_polls: int | Unset = UNSET
    full_at: str | Unset = UNSET
    wished_seconds: float | Unset = UNSET
    wished: str | Unset = UNSET
    progress: str | Unset = UNSET
    rhythm: str | Unset = UNSET
    watched_since: str | Unset = UNSET


def upsert_outlet(
    connection: sqlite3.Connection,
    key: str,
    name: str,
    home: str,
    language: str,
    previous_key: str,
    now: str,
) -> None:
    """Add or update an outlet of the settings; ``previous_key``: it was renamed."""
    if (
        previous_key
        and _has_outlet(connection, previous_key)
        and not _has_outlet(connection, key)
    ):
        for statement in (
            "update outlets set key = ? where key = ?",
            "update events set outlet = ? where outlet = ?",
            "update captures set outlet = ? where outlet = ?",
        ):
            connection.execute(statement, [key, previous_key])
    connection.execute(
        """
        insert into outlets (key, name, home, language, active, first_seen)
        values (?, ?, ?, ?, 1, ?)
        on conflict (key) do update set name = excluded.name, home = excluded.home,
            language = excluded.language, active = 1
        """,
        [key, name, home, language, now],
    )


def _has_outlet(connection: sqlite3.Connection, key: str) -> bool:
    row = connection.execute("select 1 from outlets where key = ?", [key]).fetchone()
    return row is not None


def upsert_feed(
    connection: sqlite3.Connection,
    url: str,
    outlet: str,
    section: str,
    site: str,
    now: str,
) -> None:
    """Add or update a feed of the settings; a new one is due at once."""
    connection.execute(
        """
        insert into feeds (url, outlet, section, site, first_seen, due, since)
        values (:url, :outlet, :section, :site, :now, :now, :now)
        on conflict (url) do update set outlet = excluded.outlet,
            section = excluded.section, active = 1, parent = '', lastmod = '',
            site = iif(asked = '', excluded.site, site),
            due = coalesce(due, excluded.due)
        """,
        {"url": url, "outlet": outlet, "section": section, "site": site, "now": now},
    )


def deactivate_removed(
    connection: sqlite3.Connection, outlet_keys: Iterable[str], feed_urls: Iterable[str]
) -> None:
    """Deactivate what is no longer in the settings: it is kept, and not visited."""
    connection.execute(
        "update outlets set active = key in (select value from json_each(?))",
        [json.dumps(list(outlet_keys))],
    )
    connection.execute(
        """
        update feeds set active = url in (select value from json_each(?))
        where parent = ''
        """,
        [json.dumps(list(feed_urls))],
    )
    for _ in range(MAX_INDEX_DEPTH):
        connection.execute(
            """
            update feeds set active = 0
            where active and parent <> ''
                and parent not in (select url from feeds where active)
            """
        )
    # An index that comes back is read again, also if it is unchanged.
    connection.execute(
        """
        update feeds set etag = '', last_modified = '', sha256 = ''
        where not active and url in (select parent from feeds where parent <> '')
        """
    )


def set_sitemaps_of_index(
    connection: sqlite3.Connection,
    index_url: str,
    sitemaps: Sequence[tuple[str, str, str]],
    now: str,
) -> None:
    """Poll these sitemaps of an index: (URL, site, date of change), and no others.

    One that is new, or states another date, is due at once. What the settings name, or
    another index, stays as it is.
    """
    for url, site, lastmod in sitemaps:
        connection.execute(
            """
            insert into feeds
                (url, outlet, section, site, first_seen, due, since, parent, lastmod)
            select :url, outlet, section, :site, :now, :now, :now, url, :lastmod
            from feeds where url = :index
            on conflict (url) do update set
                due = iif(active and lastmod = :lastmod, coalesce(due, :now), :now),
                active = 1, lastmod = :lastmod, outlet = excluded.outlet
            where parent = :index
            """,
            {
                "url": url,
                "site": site,
                "now": now,
                "lastmod": lastmod,
                "index": index_url,
            },
        )
    connection.execute(
        """
        update feeds set active = 0
        where parent = ? and url not in (select value from json_each(?))
        """,
        [index_url, json.dumps([url for url, _, _ in sitemaps])],
    )


def bring_forward_feeds(
    connection: sqlite3.Connection, outlet: str, latest_due: str
) -> None:
    """Make an outlet's healthy feeds due by then: its interval may be shorter now."""
    connection.execute(
        """
        update feeds set due = min(due, ?)
        where outlet = ? and active and failures = 0 and due is not null
        """,
        [latest_due, outlet],
    )


def get_feed(connection: sqlite3.Connection, url: str) -> FeedRow:
    """The feed with a URL; it must exist."""
    row = connection.execute(
        f"select {column_list(FeedRow)} from feeds where url = ?", [url]
    ).fetchone()
    return FeedRow(*row)


def update_feed_after_poll(
    connection: sqlite3.Connection,
    url: str,
    update: FeedUpdate,
    outcome: Outcome,
    reason: str,
    now: str,
) -> None:
    """Record a poll; ``since`` moves only where the outcome or its reason changed."""
    values = column_values(update)
    columns = "".join(f"{name} = ?, " for name in values)
    connection.execute(
        f"""
        update feeds set {columns} polled = ?,
            since = iif(outcome = ? and reason = ?, since, ?), outcome = ?, reason = ?
        where url = ?
        """,
        [*values.values(), now, outcome, reason, now, outcome, reason, url],
    )


def list_feed_reasons(connection: sqlite3.Connection, outlet: str) -> list[str]:
    """The reasons recorded at the last polls of an outlet's active feeds."""
    rows = connection.execute(
        "select distinct reason from feeds where outlet = ? and active", [outlet]
    )
    return [str(row[0]) for row in rows]


def list_feeds_read_since(
    connection: sqlite3.Connection, since: str, excluded_outlet: str
) -> list[str]:
    """URLs of some feeds of other outlets that were read after a time, newest first."""
    rows = connection.execute(
        """
        select url from feeds where read_at > ? and outlet <> ?
        order by read_at desc limit 50
        """,
        [since, excluded_outlet],
    )
    return [str(row[0]) for row in rows]


def has_feeds_of_other_outlets(connection: sqlite3.Connection, outlet: str) -> bool:
    """Whether feeds of another outlet are polled."""
    rows = connection.execute(
        "select 1 from feeds where outlet <> ? and active limit 1", [outlet]
    )
    return rows.fetchone() is not None


# ---- entries


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of ``entries``; the schema explains each column."""

    key: str
    feed: str
    guid: str
    url: str
    address: str
    title: str
    summary: str
    published: str | None
    updated: str | None
    first_seen: str
    last_seen: str
    outcome: str
    reason: str
    article: str | None
    due: str | None
    attempts: int
    extra: str  # JSON, see EntryExtra
    place: int | None
    unkept: int
    backfill: int | None = None  # that found it


@dataclass(frozen=True, slots=True)
class EntryExtra:
    """What else an entry announced."""

    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published_local: str = ""
    content: str = ""  # full text as HTML


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A row of ``entries`` to be added; the defaults are those of the table."""

    key: str
    feed: str
    first_seen: str
    last_seen: str
    guid: str = ""
    url: str = ""
    address: str = ""
    site: str = ""
    title: str = ""
    summary: str = ""
    published: str | None = None
    updated: str | None = None
    extra: str = "{}"
    outcome: str = Outcome.WAITING
    reason: str = ""
    article: str | None = None
    due: str | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class EntryUpdate(RowUpdate):
    """Columns of an entry to be set."""

    guid: str | Unset = UNSET
    url: str | Unset = UNSET
    address: str | Unset = UNSET
    site: str | Unset = UNSET
    title: str | Unset = UNSET
    summary: str | Unset = UNSET
    published: str | Unset | None = UNSET
    updated: str | Unset | None = UNSET
    extra: str | Unset = UNSET
    last_seen: str | Unset = UNSET
    outcome: str | Unset = UNSET
    reason: str | Unset = UNSET
    article: str | Unset | None = UNSET
    due: str | Unset | None = UNSET
    attempts: int | Unset = UNSET
    place: int | Unset = UNSET
    unkept: int | Unset = UNSET
    backfill: int | Unset | None = UNSET


_ENTRY_COLUMNS = column_list(EntryRow)


def entry_key(feed_url: str, entry: Entry) -> str:
    """16 hexadecimal digits of feed and guid, or its URL, or its title and date."""
    return _key(feed_url, entry.id or entry.url or f"{entry.title}\n{entry.published}")


def entry_keys(feed_url: str, entries: Sequence[Entry]) -> list[str]:
    """The key of each entry of a feed, in order; those that are one entry share it.

    Some feeds give all entries one guid, or no guid and one URL. Where entries of one
    name differ in their URLs, or without guids in their titles, each has its own key;
    so has each text without a URL (``Entry.url`` "") where it has the name of another.
    """
    urls_by_id: dict[str, set[str]] = {}
    titles_by_url: dict[str, set[str]] = {}
    texts_by_name: dict[str, set[str]] = {}
    for entry in entries:
        if entry.id:
            urls_by_id.setdefault(entry.id, set()).add(entry.url)
        elif entry.url:
            titles_by_url.setdefault(entry.url, set()).add(entry.title)
        if not entry.url:
            texts_by_name.setdefault(_name(entry), set()).add(_text(entry))
    keys = []
    for entry in entries:
        if not entry.url and (len(texts_by_name[_name(entry)]) > 1 or not _name(entry)):
            keys.append(_key(feed_url, f"{_name(entry)}\n{_text(entry)}"))
        elif len(urls_by_id.get(entry.id, ())) > 1:
            keys.append(_key(feed_url, f"{entry.id}\n{entry.url or entry.title}"))
        elif not entry.id and len(titles_by_url.get(entry.url, ())) > 1:
            keys.append(_key(feed_url, f"{entry.url}\n{entry.title}"))
        else:
            keys.append(entry_key(feed_url, entry))
    return keys


def _name(entry: Entry) -> str:
    """What names an entry without a URL: its guid, else its title and date, if any."""
    if entry.id or not (entry.title or entry.published):
        return entry.id
    return f"{entry.title}\n{entry.published}"


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.content or entry.summary}"


def _key(feed_url: str, name: str) -> str:
    content = f"{feed_url}\n{name}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:16]


def get_entry(connection: sqlite3.Connection, key: str) -> EntryRow | None:
    """The entry with a key, or None."""
    row = connection.execute(
        f"select {_ENTRY_COLUMNS} from entries where key = ?", [key]
    ).fetchone()
    return EntryRow(*row) if row else None


def get_entry_by_url(
    connection: sqlite3.Connection, feed_url: str, url: str
) -> EntryRow | None:
    """An entry of a feed by its URL, for outlets whose guids change at every fetch."""
    row = connection.execute(
        f"select {_ENTRY_COLUMNS} from entries where feed = ? and url = ? limit 1",
        [feed_url, url],
    ).fetchone()
    return EntryRow(*row) if row else None


def get_entry_by_text(
    connection: sqlite3.Connection,
    feed_url: str,
    urls: tuple[str, str],
    title: str,
    summary: str,
    since: str,
) -> EntryRow | None:
    """An entry of a feed by its text, with one of two URLs, if listed since a time."""
    row = connection.execute(
        f"""
        select {_ENTRY_COLUMNS} from entries
        where feed = ? and url in (?, ?) and title = ? and summary = ?
            and last_seen >= ?
        order by id desc limit 1
        """,
        [feed_url, *urls, title, summary, since],
    ).fetchone()
    return EntryRow(*row) if row else None


def list_articles_without_url(
    connection: sqlite3.Connection, feed_url: str, since: str
) -> list[str]:
    """Keys of the articles of a feed's entries without a URL, listed since a time."""
    rows = connection.execute(
        """
        select article from entries
        where feed = ? and url = '' and last_seen >= ? and article is not null
            and place is not null
        """,
        [feed_url, since],
    )
    return [str(row["article"]) for row in rows]


def list_entries_since(
    connection: sqlite3.Connection, feed_url: str, since: str
) -> list[EntryRow]:
    """The entries of a feed that it listed at a time or later, in their order."""
    rows = connection.execute(
        f"""
        select {_ENTRY_COLUMNS} from entries
        where feed = ? and last_seen >= ? and backfill is null order by place, id
        """,
        [feed_url, since],
    )
    return [EntryRow(*row) for row in rows]


def count_known_entries(connection: sqlite3.Connection, keys: Iterable[str]) -> int:
    """How many of these keys are those of stored entries."""
    row = connection.execute(
        "select count(*) from entries where key in (select value from json_each(?))",
        [json.dumps(sorted(keys))],
    ).fetchone()
    return int(row[0])


def get_announcing_entry(
    connection: sqlite3.Connection, article_key: str
) -> EntryRow | None:
    """The entry that announced an article last, or None."""
    row = connection.execute(
        f"""
        select {_ENTRY_COLUMNS} from entries where article = ?
        order by id desc limit 1
        """,
        [article_key],
    ).fetchone()
    return EntryRow(*row) if row else None


def add_entry(connection: sqlite3.Connection, entry: NewEntry) -> None:
    """Add an entry."""
    insert_row(connection, "entries", column_values(entry))


def postpone_new_entries(
    connection: sqlite3.Connection, due: Mapping[str, str], now: str
) -> None:
    """Make entries due later that are due now: key → when."""
    connection.executemany(
        "update entries set due = ? where key = ? and due = ? and article is null",
        [(at, key, now) for key, at in due.items()],
    )


def update_entry(connection: sqlite3.Connection, key: str, update: EntryUpdate) -> None:
    """Set columns of an entry."""
    update_row(connection, "entries", column_values(update), "key", key)


def resolve_waiting_entries(
    connection: sqlite3.Connection,
    addresses: Iterable[str],
    article_key: str,
    reason: str,
    visited_key: str,
) -> list[str]:
    """Settle entries that wait for a page at these addresses: it is stored now.

    But for the entry that is being visited, which gets the outcome of its visit. Returns
    the keys of the others.
    """
    rows = connection.execute(
        """
        update entries set article = ?, outcome = 'unchanged', reason = ?, due = null
        where outcome = 'waiting' and article is null and key <> ?
            and address in (select value from json_each(?))
        returning key
        """,
        [article_key, reason, visited_key, json.dumps(sorted(addresses))],
    ).fetchall()
    return [str(row["key"]) for row in rows]


def count_unvisited_entries(
    connection: sqlite3.Connection, since: str, reason: str
) -> int:
    """Entries first seen since a time that still wait for their first visit."""
    row = connection.execute(
        """
        select count(*) from entries
        where outcome = 'waiting' and first_seen >= ? and reason = ?
        """,
        [since, reason],
    ).fetchone()
    return int(row[0])


def get_newest_publication(
    connection: sqlite3.Connection, feed_url: str, before: str
) -> str | None:
    """The newest publication date a feed stated before a time; future ones aside."""
    row = connection.execute(
        """
        select max(published) from entries
        where feed = ? and first_seen < ? and published <= first_seen
        """,
        [feed_url, before],
    ).fetchone()
    return row[0] if row else None


def has_dropped_entries(
    connection: sqlite3.Connection, feed_url: str, since: str, now: str
) -> bool:
    """Whether a feed listed an entry since a time, and does not now."""
    row = connection.execute(
        """
        select 1 from entries
        where feed = ? and last_seen >= ? and last_seen < ? and place is not null
        limit 1
        """,
        [feed_url, since, now],
    ).fetchone()
    return row is not None


def parse_entry_extra(entry: EntryRow | None) -> EntryExtra:
    """What else an entry announced; nothing where there is no entry."""
    if entry is None:
        return EntryExtra()
    extra = stored_json.parse_object(entry.extra)
    return EntryExtra(
        stored_json.texts_of(extra.get("authors")),
        stored_json.texts_of(extra.get("tags")),
        str(extra.get("published_local") or ""),
        str(extra.get("content", "")),
    )


def has_due_entries(connection: sqlite3.Connection, outlet: str, now: str) -> bool:
    """Whether entries of an outlet are due."""
    row = connection.execute(
        """
        select 1 from feeds f cross join entries e on e.feed = f.url
        where f.outlet = ? and e.due <= ? limit 1
        """,
        [outlet, now],
    ).fetchone()
    return row is not None


def list_known_posts(
    connection: sqlite3.Connection, feed_url: str, below_id: int, limit: int, since: str
) -> list[tuple[int, int]]:
    """(entries.id, guid) of a feed's entries whose article is online, newest first.

    Of those with a number as guid that the feed announced after a time; ``below_id``: of
    entries with a smaller id, 0 for all.
    """
    rows = connection.execute(
        """
        select e.id, cast(e.guid as integer) from entries e
        join articles a on a.key = e.article
        where e.feed = ? and (? = 0 or e.id < ?) and e.first_seen > ?
            and e.backfill is null
            and e.guid <> '' and e.guid not glob '*[^0-9]*' and length(e.guid) < 19
            and a.state in ('live', 'returned')
        order by e.id desc limit ?
        """,
        [feed_url, below_id, below_id, since, limit],
    )
    return [(int(row[0]), int(row[1])) for row in rows]


def list_articles_of_posts(
    connection: sqlite3.Connection, feed_url: str, guids: Iterable[int]
) -> list[str]:
    """Keys of the articles that a feed's entries with these guids announced."""
    rows = connection.execute(
        """
        select distinct article from entries
        where feed = ? and article is not null
            and guid in (select value from json_each(?))
        """,
        [feed_url, json.dumps([str(guid) for guid in guids])],
    )
    return [str(row[0]) for row in rows]


def list_refused_urls(
    connection: sqlite3.Connection, feed_url: str, limit: int
) -> list[str]:
    """URLs of a feed's newest entries whose pages are no articles."""
    rows = connection.execute(
        """
        select url from entries
        where feed = ? and article is null and outcome in ('refused', 'empty', 'gone')
        order by id desc limit ?
        """,
        [feed_url, limit],
    )
    return [str(row[0]) for row in rows]


def count_dated_prompts(connection: sqlite3.Connection, feed_url: str) -> int:
    """Looks that a later date of change in a feed prompts, and that are not made yet."""
    row = connection.execute(
        "select count(*) from articles where dated_by = ? and dated_by <> ''",
        [feed_url],
    ).fetchone()
    return int(row[0])


def count_dated_look(
    connection: sqlite3.Connection, feed_url: str, is_edit: bool
) -> None:
    """Count a look that a later date of change in a feed prompted."""
    connection.execute(
        f"""
        update feeds set
            dated_looks = iif(dated_looks < {MAX_DATED_LOOKS}, dated_looks,
                dated_looks / 2) + 1,
            dated_edits = iif(dated_looks < {MAX_DATED_LOOKS}, dated_edits,
                dated_edits / 2) + ?
        where url = ?
        """,
        [int(is_edit), feed_url],
    )


def brings_news(connection: sqlite3.Connection, feed_url: str, since: str) -> bool:
    """Whether a feed was the first to announce a page since a time."""
    row = connection.execute(
        """
        select 1 from entries
        where feed = ? and first_seen > ? and outcome not in ('unchanged', 'refused')
            and backfill is null
        limit 1
        """,
        [feed_url, since],
    ).fetchone()
    return row is not None


# ---- entries whose page could not be read


def get_unread_page(connection: sqlite3.Connection, key: str) -> list[str]:
    """Extractor and digest of an entry's page that could not be read; else empty."""
    row = connection.execute(
        "select extra from entries where key = ?", [key]
    ).fetchone()
    if row is None:
        return []
    return list(
        stored_json.texts_of(stored_json.parse_object(row["extra"]).get("unread"))
    )


def mark_page_unread(
    connection: sqlite3.Connection, key: str, extractor: str, page_digest: str
) -> None:
    """Record that an extractor could not read the page of an entry."""
    connection.execute(
        """
        update entries set extra = json_set(
            iif(json_valid(extra), extra, '{}'), '$.unread', json_array(?, ?))
        where key = ?
        """,
        [extractor, page_digest, key],
    )


def retry_unread_pages(
    connection: sqlite3.Connection, extractor: str, now: str
) -> None:
    """Make pages due again that another extractor could not read."""
    connection.execute(
        """
        update entries
        set due = :now, attempts = 0, extra = json_remove(extra, '$.unread')
        where outcome = 'failed' and article is null
            and json_valid(extra)
            and extra ->> '$.unread' is not null and extra ->> '$.unread[0]' <> :extractor
        """,
        {"now": now, "extractor": extractor},
    )
