"""Feeds as large as the limits allow are read in bounded time, and still read."""

from __future__ import annotations

import json
import time

import pytest

from harvester.errors import InvalidResponse
from harvester.model import Feed
from harvester.parse.feeds.feed import read_feed

# Processor time, on a busy machine; without limits each takes minutes.
SECONDS = 8.0
HEAD = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>'
    "http://a.example/</link>"
)
ITEM = "<item><title>The bridge</title><link>http://a.example/1</link></item>"


def read(body: str) -> Feed:
    started = time.process_time()
    feed = read_feed(body.encode(), "application/rss+xml", "http://a.example/feed")
    assert time.process_time() - started < SECONDS
    return feed


@pytest.mark.parametrize(
    "flood", ["<a/>", "<a>x</a>", "<category>x</category>", "<item/>"]
)
def test_a_flood_of_elements_does_not_hide_the_entries(flood: str) -> None:
    feed = read(
        f"{HEAD}{ITEM}{flood * 400_000}{ITEM.replace('/1', '/2')}</channel></rss>"
    )
    assert {entry.url for entry in feed.entries if entry.url} & {
        "http://a.example/1",
        "http://a.example/2",
    }
    assert len(feed.entries) <= 2_000


@pytest.mark.parametrize("reference", ["&x;", "&#0;", "&", "&amp;"])
def test_a_flood_of_references_is_cut_and_that_is_said(reference: str) -> None:
    for flood in (
        reference * 1_500_000,
        f"<item><title>{reference * 1_500_000}</title></item>",
    ):
        feed = read(f"{HEAD}{ITEM}{flood}{ITEM.replace('/1', '/2')}</channel></rss>")
        assert {"http://a.example/1", "http://a.example/2"} <= {
            entry.url for entry in feed.entries
        }
        assert "characters in the middle of the feed are not read" in feed.missing
    assert read(f"{HEAD}{ITEM}</channel></rss>").missing == ""


@pytest.mark.parametrize("flood", ["\0" * 8_000_000, "\1a" * 2_000_000])
def test_a_flood_of_control_characters(flood: str) -> None:
    feed = read(f"{HEAD}{ITEM}{flood}{ITEM.replace('/1', '/2')}</channel></rss>")
    assert [entry.url for entry in feed.entries] == [
        "http://a.example/1",
        "http://a.example/2",
    ]


@pytest.mark.parametrize("attribute", ["a{}='1'", "a{}=1"])
def test_a_flood_of_attributes(attribute: str) -> None:
    many = " ".join(attribute.format(n) for n in range(300_000))
    feed = read(
        f"{HEAD}{ITEM.replace('<item', f'<item {many}')}"
        f"{ITEM.replace('/1', '/2')}</channel></rss>"
    )
    assert [entry.url for entry in feed.entries] == [
        "http://a.example/1",
        "http://a.example/2",
    ]


def test_a_url_is_bounded_however_its_characters_are_encoded() -> None:
    feed = read(f"{HEAD}{ITEM.replace('/1', '/' + '% a ' * 5_000)}</channel></rss>")
    assert len(feed.entries[0].url) <= 12_000


def test_empty_entries_are_counted_and_cut() -> None:
    feed = read(f"{HEAD}{'<item/>' * 400_000}</channel></rss>")
    assert len(feed.entries) + feed.cut == 400_000


def test_the_newest_entries_of_a_huge_json_feed_in_their_order() -> None:
    items = [
        {
            "id": n,
            "url": f"/{n}",
            "date_published": f"2025-{n % 12 + 1:02}-01T00:00:00Z",
        }
        for n in range(30_000)
    ]
    feed = read(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    )
    assert (len(feed.entries), feed.cut) == (2_000, 28_000)
    assert {entry.published for entry in feed.entries} == {
        "2025-11-01T00:00:00Z",
        "2025-12-01T00:00:00Z",
    }
    numbers = [int(entry.id) for entry in feed.entries]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    "reference",
    [
        "&#xD800;",
        "&#55296;",
        "&#1;",
        "&#x110000;",
        f"&#{'9' * 150};",
        "&#²;",
        "&#xzz;",
        "&#;",
        "\ufffe",
        "\x01",
        "&nosuch;",
    ],
)
def test_references_to_invalid_characters(reference: str) -> None:
    for body in (
        (
            f"{HEAD}<item><title>The{reference} bridge</title><link>"
            "http://a.example/1</link></item></channel></rss>"
        ),
        (
            f"{HEAD}<item><title><![CDATA[The</title><title>The{reference} "
            "bridge</title>"
            "<link>http://a.example/1</link></item></channel></rss>"
        ),
        (
            f"<urlset x='{reference}'><url><loc>http://a.example/1</loc><news><title>"
            f"The{reference} bridge</title></news></url></urlset>"
        ),
        (
            f"<urlset xmlns='{reference}'><url><loc>"
            f"http://a.example/{reference}</loc></url>"
            "</urlset>"
        ),
    ):
        try:
            feed = read(body)
        except InvalidResponse:
            continue
        assert all(
            entry.title.isprintable() and entry.url.isprintable()
            for entry in feed.entries
        )
        assert all(
            entry.title.encode() and entry.url.encode()
            for entry in feed.entries
            if entry.title
        )


@pytest.mark.parametrize(
    "flood",
    [
        "&" * 4_000_000,
        "<" * 4_000_000,
        "".join(f"<p{number}:a/>" for number in range(400_000)),
        "<a b:c='d'/>" * 400_000,
        "<![CDATA[" * 400_000,
        "<url>" * 800_000,
        "<url><loc>" + "<b>x</b>" * 400_000,
        "<url>" + "<b/>://" * 400_000,
    ],
    ids=[
        "references",
        "signs",
        "prefixes",
        "attributes",
        "sections",
        "open",
        "loc",
        "text",
    ],
)
def test_a_flood_in_a_sitemap(flood: str) -> None:
    page = "<url><loc>http://a.example/1</loc></url>"
    feed = read(f"<urlset>{page}{flood}&</urlset>")
    assert feed.entries[0].url == "http://a.example/1"


def test_a_flood_of_entries_within_an_entry_or_of_inherited_authors() -> None:
    feed = read(
        f"{HEAD}{'<item>' * 100_000}{'</item>' * 100_000}{ITEM}</channel></rss>"
    )
    assert len(feed.entries) <= 2_000
    author, entry = "<author><name>Ann Lee, Bob Ray</name></author>", "<entry/>"
    feed = read(
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{author * 5_000}{entry * 2_000}</feed>"
    )
    assert {entry.authors for entry in feed.entries} == {("Ann Lee", "Bob Ray")}
