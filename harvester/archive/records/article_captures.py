"""Find the captures of one article."""

from __future__ import annotations

import json
import sqlite3


def list_article_captures(
    connection: sqlite3.Connection,
    article: sqlite3.Row,
    urls: list[str],
    with_feeds: bool = True,
) -> set[int]:
    """Return the ids of the captures of an article's pages.

    Those that it was read from, their further pages, and all responses at its URLs.
    ``with_feeds``: also feeds, of an article that stands in a feed alone.
    """
    rows = connection.execute(
        """
        with read (id) as (
            select capture from versions where article = :article
            union select capture from readings where article = :article
            union select capture from labels where article = :article
            union select capture from articles where key = :article
        )
        select id from captures
        where (kind <> 'feed' or :with_feeds) and (
            id in (select id from read)
            or first in (select id from read)
            or (
                kind in ('article', 'redirect') and outlet = :outlet and (
                    url in (select value from json_each(:urls))
                    or reached in (select value from json_each(:urls))
                )
            )
        )
        """,
        {
            "article": article["key"],
            "outlet": article["outlet"],
            "urls": json.dumps([*urls, *map(_swap_scheme, urls)]),
            "with_feeds": with_feeds,
        },
    )
    return {row["id"] for row in rows}


def _swap_scheme(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}://{rest}"
