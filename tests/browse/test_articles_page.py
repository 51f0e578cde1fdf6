"""The list of all articles, as the real Datasette serves it."""

from __future__ import annotations

import html
import re
import sqlite3
from contextlib import closing

from tests.support.datasette_server import Served
from tests.support.news_pages import get, list_links


def list_titles(page: str) -> list[str]:
    """The headlines of the list."""
    return [
        html.unescape(title)
        for title in re.findall(r"<h3 lang[^>]*><a [^>]*>([^<]*)", page)
    ]


def test_all_articles_are_there_the_last_published_first(served: Served) -> None:
    with closing(sqlite3.connect(served.path)) as archive:
        rows = archive.execute(
            """
            select v.title, min(coalesce(v.published, v.first_seen), v.first_seen)
            from articles a join versions v on v.article = a.key and v.number = a.version
            order by 2 desc, v.id desc"""
        ).fetchall()
    page = get(served, "/-/articles")
    assert list_titles(page) == [" ".join(title.split()) for title, _ in rows]
    assert f"<b>{len(rows)} articles</b>" in page
    assert '<span class="kind removed">removed</span>' in page
    assert "3 versions" in page and ">a copy</a>" in page
    assert re.findall(r"<h2>(\d+ \w+ \d+)</h2>", page) == ["20 November 2026"]
    assert "harvest alerts add" not in page


def test_it_is_narrowed_down_without_words(served: Served) -> None:
    for query, count in (
        ("state=removed", 2),
        ("state=removed&state=suspect", 3),
        ("q=lang:fr", 1),
        ("q=published:2026-11+versions:%3E1&outlet=courier", 2),
        ("from=2026-11-21", 0),
        ("to=2026-11-20&outlet=gazette", 6),
        ("q=ferry", 2),
    ):
        page = get(served, f"/-/articles?{query}")
        assert len(list_titles(page)) == count, query
        noun = "article" if count == 1 else "articles"
        assert f"<b>{count} {noun}</b>" in page, query
    assert "No matches." in get(served, "/-/articles?from=2026-11-21")


def test_what_cannot_be_read_is_a_message(served: Served) -> None:
    for query in ("q=%28a", "from=nonsense", "from=2026-02&to=2026-01", "outlet=x"):
        page = get(served, f"/-/articles?{query}", 400)
        assert 'role="alert"' in page and "<h1" in page
    get(served, "/-/articles?after=2026_1%00&state=%3Cb%3E&silent=2&class=%ff")


def test_its_feed_has_the_same_articles(served: Served) -> None:
    page = get(served, "/-/articles?outlet=gazette&to=2026-11-20")
    feed = get(served, list_links(page)["Feed"])
    assert feed.count("<entry") == len(list_titles(page)) == 6
    assert get(served, "/-/articles.feed.json?state=removed").count('"url"') >= 1
    everything = get(served, "/-/articles.atom")
    assert everything.count("<entry") == len(list_titles(get(served, "/-/articles")))
    ids = {
        re.findall("<id>([^<]*)</id>", get(served, f"/-/articles.atom?{query}"))[0]
        for query in (
            "",
            "outlet=gazette",
            "state=removed",
            "from=2026-11",
            "to=2026-12",
        )
    }
    assert len(ids) == 5
