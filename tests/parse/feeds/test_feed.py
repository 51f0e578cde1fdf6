"""Feeds: the corpora's own expectations, and what is not a feed."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path

import pytest

from harvester.errors import InvalidResponse
from harvester.parse.feeds.feed import read_feed

URL = "https://paper.example/feed"
ITEM = (
    "<item><title>{title}</title><link>/a?utm=1</link><guid isPermaLink='false'>"
    "7</guid><pubDate>Sat, 06 Sep 2025 08:12:45 +0200</pubDate>{more}</item>"
)
RSS = (
    "<?xml version='1.0'?><rss version='2.0' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>"
    "P</title><link>https://paper.example/</link>{}</channel></rss>"
)


def rss(title: str = "A", more: str = "", count: int = 1) -> bytes:
    return RSS.format(ITEM.format(title=title, more=more) * count).encode()


def test_mpi(corpora: Path) -> None:
    body = (corpora / "mpi" / "feed.xml").read_bytes()
    expected = json.loads((corpora / "mpi" / "expected.json").read_text())
    feed = read_feed(
        body, "application/rss+xml", "https://www.medias-presse.info/feed/"
    )
    (entry,) = feed.entries
    assert feed.kind == "rss"
    assert entry.id == "https://www.medias-presse.info/?p=210001"
    assert entry.url.startswith(expected["url"])
    assert (entry.title, list(entry.authors), entry.published) == (
        expected["title"],
        expected["authors"],
        expected["published"],
    )
    assert list(entry.tags) == expected["sections"]


def test_the_corpus(corpora: Path) -> None:
    """Every feed reads as its authors say, by the corpus' own checker."""
    folder = corpora / "feeds"
    spec = importlib.util.spec_from_file_location("feed_checker", folder / "checker.py")
    assert spec is not None and spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    wrong = {}
    for case in checker.load(str(folder / "cases.json")):
        body, got, error = (folder / case["file"]).read_bytes(), None, None
        try:
            feed = read_feed(
                body, case.get("content_type") or "", case.get("url") or ""
            )
            got = [
                {
                    "id": one.id or None,
                    "url": one.url or None,
                    "title": one.title,
                    "published": one.published,
                }
                for one in feed.entries
            ]
        except InvalidResponse as reason:
            error = str(reason)
        missed = [found for found in checker.check(case, got, error) if not found[1]]
        if missed:
            wrong[case["id"]] = missed
    assert wrong == {}


def test_an_entry() -> None:
    (entry,) = read_feed(
        rss("L&amp;#8217;&lt;b&gt;été&lt;/b&gt;"), "application/rss+xml", URL
    ).entries
    assert entry.title == "L’été"
    assert entry.url == "https://paper.example/a?utm=1"
    assert entry.id == "7"
    assert entry.published == "2025-09-06T06:12:45Z"
    assert entry.published_local == "2025-09-06T08:12:45+02:00"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"{}",
        b"\x89PNG\r\n",
        b"hello",
        b"<html><head></head></html>",
    ],
)
def test_what_is_not_a_feed(body: bytes) -> None:
    with pytest.raises(InvalidResponse):
        read_feed(body, "application/rss+xml", URL)


def test_invalid_dates() -> None:
    for text in ("0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""):
        body = rss().replace(b"Sat, 06 Sep 2025 08:12:45 +0200", text.encode())
        assert read_feed(body, "", URL).entries[0].published is None


def test_full_text_is_kept_and_teasers_are_not() -> None:
    full = "<p>" + "Une phrase du texte. " * 60 + "</p>"
    more = (
        f"<description>x</description><content:encoded><![CDATA[{full}]]>"
        "</content:encoded>"
    )
    assert read_feed(rss(more=more), "", URL).entries[0].content.count("phrase") == 60
    teaser = "<content:encoded><![CDATA[<p>Une phrase […]</p>]]></content:encoded>"
    assert read_feed(rss(more=teaser), "", URL).entries[0].content == ""


@pytest.mark.parametrize("oldest_first", [False, True])
def test_the_newest_entries_are_kept(oldest_first: bool) -> None:
    items = [
        (
            f"<item><title>{n}</title><guid>{n}</guid><pubDate>Sat, {n:02} Mar 2025 "
            "08:00:00 +0000</pubDate></item>"
        )
        for n in range(31, 0, -1)
    ]
    feed = read_feed(
        RSS.format("".join(reversed(items) if oldest_first else items)).encode(),
        "",
        URL,
        limit=20,
    )
    assert sorted(int(entry.title) for entry in feed.entries) == list(range(12, 32))
    assert feed.cut == 11
    assert (feed.entries[0].title == "12") == oldest_first  # in document order


def test_ids_are_verbatim_and_urls_absolute() -> None:
    body = RSS.format(
        "<item><guid>/?p=1</guid><link>/a</link></item><item><guid>"
        "https://paper.example/b</guid></item>"
        "<item><guid>c</guid><link>javascript:alert(1)</link></item><item><guid "
        "isPermaLink='false'>https://paper.example/d</guid></item>"
    )
    entries = read_feed(body.encode(), "", "https://feeds.example/x").entries
    assert [entry.id for entry in entries] == [
        "/?p=1",
        "https://paper.example/b",
        "c",
        "https://paper.example/d",
    ]
    assert [entry.url for entry in entries] == [
        "https://paper.example/a",
        "https://paper.example/b",
        "",
        "",
    ]


def test_a_missing_time_is_none() -> None:
    (entry,) = read_feed(rss(), "", URL).entries
    assert entry.updated is None


def test_nothing_outside_is_loaded_and_no_entity_expands(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    declared = (
        '<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        f'<!ENTITY c SYSTEM "file://{secret}">]>'
    )
    body = rss("T&b;&c;").replace(b"<rss", declared.encode() + b"<rss")
    try:
        titles = [entry.title for entry in read_feed(body, "", URL).entries]
    except InvalidResponse:
        return
    assert all("SECRET" not in title and "lollol" not in title for title in titles)


@pytest.mark.parametrize(
    "flood",
    [
        "a@a." + "a." * 100_000,
        "&lt;script&gt;" * 50_000,
        "&amp;" * 300_000,
        "<![CDATA[" * 20_000,
        "&" * 100_000,
        "<!--" * 50_000,
        ("a" * 999 + " ") * 2_000,
    ],
    ids=["dots", "scripts", "ampersands", "sections", "bare", "comments", "words"],
)
def test_hostile_summaries_take_no_time(flood: str) -> None:
    body = RSS.format(
        ITEM.format(title="A", more="")
        + ITEM.format(title="B", more=f"<description>{flood}</description>")
    ).encode()
    started = time.process_time()
    feed = read_feed(body, "", URL)
    assert time.process_time() - started < 3
    assert feed.entries[0].title == "A"  # the rest of the feed is read
    assert all(len(entry.summary) <= 5_000 for entry in feed.entries)


def many(pattern: str, count: int = 10_000) -> str:
    return "".join(pattern.format(n) for n in range(count))


@pytest.mark.parametrize(
    "flood",
    [
        "<a" + many(" a{0}='x'") + "/>",
        many("<n{0}:a xmlns:n{0}='http://n/{0}'/>"),
        many("<n{0}:a/>"),
        "<a>" * 30_000,
        "<a>" * 50_000 + "</a>" * 50_000,
        many("<category>a{0}</category>"),
        "<author>" + "a@a." + "a." * 200_000 + "</author>",
        "<a xml:base='x/'>" * 2_000,
        "</" * 100_000,
        "<" * 200_000,
        "<title>" * 20_000,
        "<description>" * 20_000,
        many("<link>https://x.example/{0}</link>"),
        "<guid>" + "x" * 1_000_000 + "</guid>",
        '<a b="' * 20_000,
    ],
    ids=[
        "attributes",
        "namespaces",
        "prefixes",
        "open",
        "nested",
        "tags",
        "author",
        "bases",
        "ends",
        "signs",
        "titles",
        "descriptions",
        "links",
        "id",
        "quotes",
    ],
)
def test_floods_of_elements_take_no_time(flood: str) -> None:
    body = RSS.format(
        ITEM.format(title="A", more="") + ITEM.format(title="B", more=flood)
    ).encode()
    started = time.process_time()
    feed = read_feed(body, "", URL)
    assert time.process_time() - started < 4
    assert feed.entries[0].title == "A"


def test_entries_that_never_end_are_bounded() -> None:
    started = time.process_time()
    feed = read_feed(
        ("<rss><channel>" + "<item><title>x" * 50_000).encode(), "", URL, limit=100
    )
    assert time.process_time() - started < 4
    assert (len(feed.entries), feed.cut) == (100, 49_900)


def test_control_characters_and_lone_surrogates() -> None:
    body = rss("A&#xD83D;B\x07C")
    assert "\x07" not in read_feed(body, "", URL).entries[0].title
