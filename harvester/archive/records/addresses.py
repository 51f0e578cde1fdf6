"""Which article an address belongs to, and which other articles a page might be.

An address belongs to the article whose page was received there (``urls.stood``). An
address that a page only claims for itself (canonical, alias), or that redirects
elsewhere, belongs to an article as long as no page was received there and no other text
claims it. Does not decide (``ingest.identify``), nor join two articles (``joins``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from harvester.archive.records.record_sql import column_list

# Articles compared with one page: more share a number only where somebody makes them.
MAX_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class PageAddress:
    """One address of a page, with what it is looked up by."""

    address: str
    url: str
    kind: str  # canonical, entry, reached, redirect, alias
    stood: bool  # the page was received there
    tail: str  # equal for other forms of the same address
    story: str  # the outlet's number of the article; "" if the address has none


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A row of ``urls``, as far as ingesting needs it."""

    address: str
    url: str
    article: str
    kind: str  # as of PageAddress; "shared": different texts claim it
    stood: int


_COLUMNS = column_list(AddressRow, "u")


def get_address(connection: sqlite3.Connection, address: str) -> AddressRow | None:
    """The row of an address, whoever it belongs to, or None."""
    row = connection.execute(
        f"select {_COLUMNS} from urls u where u.address = ?", [address]
    ).fetchone()
    return AddressRow(*row) if row else None


def get_addresses(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> dict[str, AddressRow]:
    """Address → its row, for those that belong to an article."""
    rows = connection.execute(
        f"""
        select {_COLUMNS} from urls u
        where u.kind <> 'shared' and u.address in (select value from json_each(?))
        """,
        [json.dumps(list(addresses))],
    )
    return {row["address"]: AddressRow(*row) for row in rows}


def add_address(
    connection: sqlite3.Connection,
    page_address: PageAddress,
    article_key: str,
    now: str,
) -> bool:
    """Record that an article was seen at an address; whether it belongs to the article.

    It belongs to the article whose page was received there, else to the first.
    """
    connection.execute(
        """
        insert into urls
            (address, url, article, kind, first_seen, last_seen, stood, tail, story)
        values (:address, :url, :article, :kind, :now, :now, :stood, :tail, :story)
        on conflict (address) do update set last_seen = max(last_seen, :now),
            tail = :tail, story = :story,
            kind = iif(kind = 'shared' or article <> :article, :kind, kind), article = :article,
            stood = max(iif(article = :article, stood, 0), :stood)
        where (article = :article and kind <> 'shared') or (:stood and not stood)
        """,
        {
            "address": page_address.address,
            "url": page_address.url,
            "article": article_key,
            "kind": page_address.kind,
            "now": now,
            "stood": page_address.stood,
            "tail": page_address.tail,
            "story": page_address.story,
        },
    )
    row = get_address(connection, page_address.address)
    return row is not None and row.article == article_key and row.kind != "shared"


def mark_address_shared(connection: sqlite3.Connection, address: str) -> None:
    """Different texts claim an address where none was received: it names none."""
    connection.execute(
        """
        update articles set url = reached
        where key = (select article from urls where address = ?)
        """,
        [address],
    )
    connection.execute("update urls set kind = 'shared' where address = ?", [address])


def revert_article_url(connection: sqlite3.Connection, address: str) -> None:
    """An article that only claimed this address is shown at its own again."""
    connection.execute(
        """
        update articles set url = reached
        where key = (select article from urls where address = ? and not stood)
        """,
        [address],
    )


def list_related_addresses(
    connection: sqlite3.Connection, outlet: str, page_address: PageAddress
) -> list[AddressRow]:
    """Addresses of an outlet's articles with the same tail or number, newest first."""
    # A cross join, and an explicit "<> ''": else all the outlet's articles are scanned.
    related: list[AddressRow] = []
    for column, value in (("tail", page_address.tail), ("story", page_address.story)):
        if len(value) > 1:
            rows = connection.execute(
                f"""
                select {_COLUMNS}
                from urls u cross join articles a on a.key = u.article
                where u.{column} = ? and u.{column} <> '' and a.outlet = ?
                    and u.kind <> 'shared' and u.address <> ?
                order by u.rowid desc limit ?
                """,
                [value, outlet, page_address.address, MAX_CANDIDATES],
            )
            related += [AddressRow(*row) for row in rows]
    return related


def is_read_as_further_page(
    connection: sqlite3.Connection, article_key: str, url: str
) -> bool:
    """Whether a URL was fetched as a further page of an article, by a link on its page."""
    row = connection.execute(
        """
        select 1
        from captures c
        join captures f on f.id = c.first
        join urls u on u.article = :article and u.url in (f.url, f.reached)
        where c.url = :url
        limit 1
        """,
        {"article": article_key, "url": url},
    ).fetchone()
    return row is not None


def has_address_with_path(connection: sqlite3.Connection, path: str) -> bool:
    """Whether an address is stored that has this path, with or without a query."""
    rows = connection.execute(
        """
        select 1 from (
            select 1 from urls where tail = :path and tail <> '' limit 1)
        union all select 1 from (
            select 1 from urls
            where tail > :path || '?' and tail < :path || '@' and tail <> '' limit 1)
        """,
        {"path": path},
    )
    return rows.fetchone() is not None


def list_article_urls(
    connection: sqlite3.Connection, article_key: str, limit: int = MAX_CANDIDATES
) -> list[str]:
    """The URLs where an article was received last, newest first."""
    rows = connection.execute(
        """
        select url from urls where article = ? and stood and kind <> 'shared'
        order by last_seen desc, rowid desc limit ?
        """,
        [article_key, limit],
    )
    return [row[0] for row in rows]


def list_articles_with_text(
    connection: sqlite3.Connection,
    outlet: str,
    text_sha256: str,
    limit: int = MAX_CANDIDATES,
) -> list[tuple[str, str]]:
    """Key and URL of the outlet's first articles that have or had exactly this text."""
    rows = connection.execute(
        """
        select distinct a.key, a.reached
        from versions v cross join articles a on a.key = v.article
        where v.text_sha256 = :text_sha256 and v.text_sha256 <> '' and a.outlet = :outlet
        limit :limit
        """,
        {"text_sha256": text_sha256, "outlet": outlet, "limit": limit},
    )
    return [(key, url) for key, url in rows]


def list_recent_versions(
    connection: sqlite3.Connection, article_key: str
) -> list[tuple[str, str]]:
    """Title and text of an article's last three versions, and of its current one."""
    rows = connection.execute(
        """
        select title, text from versions
        where article = :article and (
            number > (select versions - 3 from articles where key = :article)
            or number = (select version from articles where key = :article))
        order by number desc
        """,
        {"article": article_key},
    )
    return [(title, text) for title, text in rows]


def get_article_outlet(connection: sqlite3.Connection, article_key: str) -> str:
    """The outlet of an article."""
    row = connection.execute(
        "select outlet from articles where key = ?", [article_key]
    ).fetchone()
    return str(row[0])


def find_later_address(
    connection: sqlite3.Connection, article_key: str, address: str
) -> str:
    """URL where an article was received later than at ``address``; "" if nowhere."""
    row = connection.execute(
        """
        select url from urls
        where article = :article and stood and address <> :address and kind <> 'shared'
            and last_seen > (select last_seen from urls where address = :address)
        order by last_seen desc limit 1
        """,
        {"article": article_key, "address": address},
    ).fetchone()
    return str(row["url"]) if row else ""


def is_page_due(connection: sqlite3.Connection, address: str, now: str) -> bool:
    """Whether a page was announced at an address and is to be fetched by now."""
    row = connection.execute(
        """
        select 1 from entries
        where address = ? and article is null and due <= ? limit 1
        """,
        [address, now],
    ).fetchone()
    return row is not None


def count_redirects(
    connection: sqlite3.Connection, article_key: str, limit: int
) -> int:
    """How many addresses redirect to an article; counts up to ``limit``."""
    row = connection.execute(
        """
        select count(*) from (
            select 1 from urls where article = ? and kind = 'redirect' limit ?)
        """,
        [article_key, limit],
    ).fetchone()
    return int(row[0])


# ---- keys


def has_article_key(connection: sqlite3.Connection, key: str) -> bool:
    """Whether an article has, or had, that key."""
    return get_current_key(connection, key) is not None


def get_current_key(connection: sqlite3.Connection, key: str) -> str | None:
    """Today's key of the article that has, or had, this key, or None."""
    row = connection.execute(
        """
        select key from articles where key = :key
        union all select article from aliases where key = :key
        """,
        {"key": key},
    ).fetchone()
    return str(row[0]) if row else None


def are_marked_distinct(
    connection: sqlite3.Connection, first_key: str, second_key: str
) -> bool:
    """Whether a person said that two articles are not the same."""
    row = connection.execute(
        "select 1 from apart where one = ? and other = ?",
        [min(first_key, second_key), max(first_key, second_key)],
    ).fetchone()
    return row is not None


def mark_distinct(
    connection: sqlite3.Connection, first_key: str, second_key: str, now: str
) -> None:
    """Record that two articles are not the same."""
    connection.execute(
        "insert or ignore into apart (one, other, at) values (?, ?, ?)",
        [min(first_key, second_key), max(first_key, second_key), now],
    )


# ---- addresses of an older program


def list_incomplete_addresses(
    connection: sqlite3.Connection, limit: int
) -> list[tuple[str, str]]:
    """(address, URL) of rows without tail and story: an older program wrote them."""
    rows = connection.execute(
        "select address, url from urls where tail = '' limit ?", [limit]
    )
    return [(address, url) for address, url in rows]


def update_address_parts(
    connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str]]
) -> None:
    """Store (tail, story, address)."""
    connection.executemany(
        "update urls set tail = ?, story = ? where address = ?", rows
    )
