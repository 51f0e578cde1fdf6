"""Feeds: the corpora's own expectations, and what is no feed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from harvester.errors import BadAnswer
from harvester.parse.feed import read_feed

URL = "https://paper.example/feed"
ITEM = "<item><title>{title}</title><link>/a?utm=1</link><guid isPermaLink='false'>7</guid><pubDate>Sat, 06 Sep 2025 08:12:45 +0200</pubDate>{more}</item>"
RSS = "<?xml version='1.0'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>P</title><link>https://paper.example/</link>{}</channel></rss>"


def rss(title: str = "A", more: str = "", count: int = 1) -> bytes:
    return RSS.format(ITEM.format(title=title, more=more) * count).encode()


def test_mpi(corpora: Path) -> None:
    body = (corpora / "mpi" / "feed.xml").read_bytes()
    expected = json.loads((corpora / "mpi" / "expected.json").read_text())
    feed = read_feed(body, "application/rss+xml", "https://www.medias-presse.info/feed/")
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


def test_most_of_the_corpus(corpora: Path) -> None:
    """XML feeds whose entries come out as their authors say; the rest (JSON, dates in words, …) is known and counted."""
    folder = corpora / "feeds"
    cases = [
        case
        for case in json.loads((folder / "cases.json").read_text())["cases"]
        if not case["file"].endswith((".json", ".bin"))
    ]
    right = 0
    for case in cases:
        try:
            feed = read_feed(
                (folder / case["file"]).read_bytes(), case.get("content_type") or "", case.get("url") or URL
            )
        except BadAnswer:
            continue
        right += len(feed.entries) == case["expect"].get("n", len(feed.entries))
    assert right >= 0.9 * len(cases)


def test_an_entry() -> None:
    (entry,) = read_feed(rss("L&amp;#8217;&lt;b&gt;été&lt;/b&gt;"), "application/rss+xml", URL).entries
    assert entry.title == "L’été"
    assert entry.url == "https://paper.example/a?utm=1"
    assert entry.id == "7"
    assert entry.published == "2025-09-06T06:12:45Z"
    assert entry.published_local == "2025-09-06T08:12:45+02:00"


@pytest.mark.parametrize(
    "body", [b"", b"<!DOCTYPE html><html><body>Sign in</body></html>", b"{}", b"\x89PNG\r\n", b"hello", b"<html><head></head></html>"]
)  # fmt: skip
def test_what_is_no_feed(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        read_feed(body, "application/rss+xml", URL)


def test_dates_that_are_none() -> None:
    for text in ("0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""):
        body = rss().replace(b"Sat, 06 Sep 2025 08:12:45 +0200", text.encode())
        assert read_feed(body, "", URL).entries[0].published is None


def test_full_text_is_taken_and_teasers_are_not() -> None:
    full = "<p>" + "Une phrase du texte. " * 60 + "</p>"
    more = f"<description>x</description><content:encoded><![CDATA[{full}]]></content:encoded>"
    assert read_feed(rss(more=more), "", URL).entries[0].content.count("phrase") == 60
    teaser = "<content:encoded><![CDATA[<p>Une phrase […]</p>]]></content:encoded>"
    assert read_feed(rss(more=teaser), "", URL).entries[0].content == ""


def test_the_number_of_entries_is_bounded() -> None:
    feed = read_feed(rss(count=30), "", URL, limit=20)
    assert len(feed.entries) == 20 and feed.cut == 10


def test_nothing_outside_is_loaded_and_no_entity_expands(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    declared = (
        f'<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file://{secret}">]>'
    )
    body = rss("T&b;&c;").replace(b"<rss", declared.encode() + b"<rss")
    try:
        titles = [entry.title for entry in read_feed(body, "", URL).entries]
    except BadAnswer:
        return
    assert all("SECRET" not in title and "lollol" not in title for title in titles)


def test_hostile_summaries_take_no_time() -> None:
    body = rss(more="<description>" + "a@a." + "a." * 100_000 + "</description>" + "<!--" * 50_000)
    started = time.process_time()
    try:
        read_feed(body, "", URL)
    except BadAnswer:
        pass
    assert time.process_time() - started < 5


def test_control_characters_and_lone_surrogates() -> None:
    body = rss("A&#xD83D;B\x07C")
    assert "\x07" not in read_feed(body, "", URL).entries[0].title
