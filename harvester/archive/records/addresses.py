"""Which article an address names, and which other articles might be the one that a page is.

An address belongs to the article whose page was received there (``urls.stood``). One that a page only claims for itself
(canonical, alias) or that leads elsewhere belongs to it while nobody stands there and no other text claims it.
Not for: deciding (``ingest.addresses``), joining two articles (``joins``).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CANDIDATES = 8  # articles compared with a page: more share a number only where somebody makes them


@dataclass(frozen=True, slots=True)
class PageAddress:
    """One address of a page, with what it is looked up by."""

    address: str
    url: str
    kind: str  # canonical, entry, reached, redirect, alias
    stood: bool
    tail: str
    story: str


def get_address(connection: sqlite3.Connection, address: str) -> sqlite3.Row | None:
    """The row of an address, whoever it belongs to."""
    row: sqlite3.Row | None = connection.execute(
        "select * from urls where address = ?", [address]
    ).fetchone()
    return row


def add_address(
    connection: sqlite3.Connection,
    page_address: PageAddress,
    article_key: str,
    now: str,
) -> bool:
    """Remember that an article was seen at an address; whether it is its. Who stands there has it, else who had it first."""
    connection.execute(
        """insert into urls (address, url, article, kind, first_seen, last_seen, stood, tail, story)
        values (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)
        on conflict (address) do update set last_seen = max(last_seen, ?5), tail = ?7, story = ?8,
            kind = iif(kind = 'shared' or article <> ?3, ?4, kind), article = ?3, stood = max(iif(article = ?3, stood, 0), ?6)
        where (article = ?3 and kind <> 'shared') or (?6 and not stood)""",
        [
            page_address.address,
            page_address.url,
            article_key,
            page_address.kind,
            now,
            page_address.stood,
            page_address.tail,
            page_address.story,
        ],
    )
    row = get_address(connection, page_address.address)
    return row is not None and row["article"] == article_key and row["kind"] != "shared"


def mark_address_shared(connection: sqlite3.Connection, address: str) -> None:
    """An address that different texts claim, and at which none of them stands, names none of them."""
    connection.execute(
        "update articles set url = reached where key = (select article from urls where address = ?)",
        [address],
    )
    connection.execute("update urls set kind = 'shared' where address = ?", [address])


def revert_article_url(connection: sqlite3.Connection, address: str) -> None:
    """An article claimed an address at which another one stands: it is shown at its own."""
    connection.execute(
        "update articles set url = reached where key = (select article from urls where address = ? and not stood)",
        [address],
    )


def list_related_addresses(
    connection: sqlite3.Connection, outlet: str, page_address: PageAddress
) -> list[sqlite3.Row]:
    """Articles of an outlet that stand at another form of that address, or under its number; the newest first."""
    # A cross join, and "not empty" in so many words: else all articles of the outlet are gone through.
    found: list[sqlite3.Row] = []
    for column, wanted in (("tail", page_address.tail), ("story", page_address.story)):
        if len(wanted) > 1:
            found += connection.execute(
                f"""select u.article, u.url, u.stood from urls u cross join articles a on a.key = u.article
                where u.{column} = ? and u.{column} <> '' and a.outlet = ? and u.kind <> 'shared' and u.address <> ?
                order by u.rowid desc limit ?""",
                [wanted, outlet, page_address.address, MAX_CANDIDATES],
            ).fetchall()
    return found


def has_address_with_path(connection: sqlite3.Connection, path: str) -> bool:
    """Whether any address is held that differs from that path in its parameters alone."""
    row = connection.execute(
        """select 1 from (select 1 from urls where tail = ?1 and tail <> '' limit 1) union all
        select 1 from (select 1 from urls where tail > ?1 || '?' and tail < ?1 || '@' and tail <> '' limit 1)""",
        [path],
    )
    return row.fetchone() is not None


def list_articles_with_text(
    connection: sqlite3.Connection,
    outlet: str,
    text_sha256: str,
    limit: int = MAX_CANDIDATES,
) -> list[sqlite3.Row]:
    """Articles of an outlet that have, or had, exactly this text: the first of them."""
    return connection.execute(
        """select distinct a.key as article, a.reached as url from versions v cross join articles a on a.key = v.article
        where v.text_sha256 = ?1 and v.text_sha256 <> '' and a.outlet = ?2 limit ?3""",
        [text_sha256, outlet, limit],
    ).fetchall()


def list_recent_versions(
    connection: sqlite3.Connection, article_key: str
) -> list[sqlite3.Row]:
    """Title and text of an article's last wordings, and of the one that stands there now."""
    return connection.execute(
        """select title, text from versions where article = ?1 and (number > (select versions - 3 from articles where key = ?1)
        or number = (select version from articles where key = ?1)) order by number desc""",
        [article_key],
    ).fetchall()


def get_article_outlet(connection: sqlite3.Connection, article_key: str) -> str:
    """The outlet of an article."""
    return str(
        connection.execute(
            "select outlet from articles where key = ?", [article_key]
        ).fetchone()[0]
    )


def find_later_address(
    connection: sqlite3.Connection, article_key: str, address: str
) -> str:
    """An address at which an article was received later than at ``address``; "" where there is none."""
    row = connection.execute(
        """select url from urls where article = ?1 and stood and address <> ?2 and kind <> 'shared'
        and last_seen > (select last_seen from urls where address = ?2) order by last_seen desc limit 1""",
        [article_key, address],
    ).fetchone()
    return str(row["url"]) if row else ""


def is_page_due(connection: sqlite3.Connection, address: str, now: str) -> bool:
    """Whether a page was announced at an address, and is to be fetched by now."""
    return (
        connection.execute(
            "select 1 from entries where address = ? and article is null and due <= ? limit 1",
            [address, now],
        ).fetchone()
        is not None
    )


def count_redirects(
    connection: sqlite3.Connection, article_key: str, limit: int
) -> int:
    """How many addresses lead to an article by redirects; counted up to ``most``."""
    row = connection.execute(
        "select count(*) from (select 1 from urls where article = ? and kind = 'redirect' limit ?)",
        [article_key, limit],
    ).fetchone()
    return int(row[0])


def has_article_key(connection: sqlite3.Connection, key: str) -> bool:
    """Whether an article has, or had, that key."""
    return (
        connection.execute(
            "select 1 from articles where key = ?1 union all select 1 from aliases where key = ?1",
            [key],
        ).fetchone()
        is not None
    )


def get_current_key(connection: sqlite3.Connection, key: str) -> str | None:
    """The key under which an article goes now; None where there is none."""
    row = connection.execute(
        "select key from articles where key = ?1 union all select article from aliases where key = ?1",
        [key],
    ).fetchone()
    return str(row[0]) if row else None


def are_marked_distinct(
    connection: sqlite3.Connection, first_key: str, second_key: str
) -> bool:
    """Whether a person said that these two articles are not one."""
    return (
        connection.execute(
            "select 1 from apart where one = ? and other = ?",
            [min(first_key, second_key), max(first_key, second_key)],
        ).fetchone()
        is not None
    )


def mark_distinct(
    connection: sqlite3.Connection, first_key: str, second_key: str, now: str
) -> None:
    """These two are not one."""
    connection.execute(
        "insert or ignore into apart (one, other, at) values (?, ?, ?)",
        [min(first_key, second_key), max(first_key, second_key), now],
    )


def list_incomplete_addresses(
    connection: sqlite3.Connection, limit: int
) -> list[sqlite3.Row]:
    """Addresses of which tail and number were not worked out: an older program wrote them."""
    return connection.execute(
        "select address, url from urls where tail = '' limit ?", [limit]
    ).fetchall()


def update_address_parts(
    connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str]]
) -> None:
    """Keep (tail, story, address)."""
    connection.executemany(
        "update urls set tail = ?, story = ? where address = ?", rows
    )


def get_addresses(
    connection: sqlite3.Connection, addresses: Iterable[str]
) -> dict[str, sqlite3.Row]:
    """Address → its row, for those that belong to an article."""
    rows = connection.execute(
        "select * from urls where kind <> 'shared' and address in (select value from json_each(?))",
        [json.dumps(list(addresses))],
    )
    return {row["address"]: row for row in rows}
