"""JSON Feed, sitemaps, news sitemaps and sitemap indexes."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest

from harvester.errors import InvalidResponse
from harvester.parse.feeds.feed import read_feed

URL = "https://news.example.org/feed.json"
ENTRY = {
    "id": "g-0",
    "url": "https://news.example.org/a/0",
    "title": "T",
    "date_published": "2023-09-04T12:00:00+02:00",
    "content_html": "<p>x</p>",
}


def feed(*entries: Any, **more: Any) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "N",
            "items": entries,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (feed(ENTRY), "id", "g-0"),
        (feed({**ENTRY, "id": 7}), "id", "7"),
        (feed({**ENTRY, "id": 7.50}), "id", "7.5"),
        (feed({**ENTRY, "id": None}), "id", ""),
        (feed(ENTRY), "url", "https://news.example.org/a/0"),
        (feed({**ENTRY, "url": "/b"}), "url", "https://news.example.org/b"),
        (
            feed({**ENTRY, "url": None, "external_url": "https://o.example/"}),
            "url",
            "https://o.example/",
        ),
        (feed({**ENTRY, "url": "javascript:x"}), "url", ""),
        (
            feed({**ENTRY, "external_url": "https://o.example/"}),
            "url",
            "https://news.example.org/a/0",
        ),
        (feed({**ENTRY, "title": "A &amp; B <b>c</b>"}), "title", "A & B c"),
        (feed({**ENTRY, "title": None}), "title", ""),
        (feed(ENTRY), "published", "2023-09-04T10:00:00Z"),
        (feed({**ENTRY, "date_published": None}), "published", None),
        (
            feed({"id": "1", "date_modified": "2023-09-04T10:00:00Z"}),
            "published",
            "2023-09-04T10:00:00Z",
        ),
        (feed({**ENTRY, "author": {"name": "A"}}), "authors", ("A",)),
        (
            feed({**ENTRY, "authors": [{"name": "B"}, {"name": "B"}, {"name": "A"}]}),
            "authors",
            ("B", "A"),
        ),
        (feed(ENTRY, authors=[{"name": "C"}]), "authors", ("C",)),
        (feed({**ENTRY, "authors": {"name": "Ann Lee"}}), "authors", ("Ann Lee",)),
        (feed({**ENTRY, "authors": "Ann Lee"}), "authors", ("Ann Lee",)),
        (
            feed({**ENTRY, "authors": ["Ann Lee, Bob Ray"]}),
            "authors",
            ("Ann Lee", "Bob Ray"),
        ),
        (
            feed({**ENTRY, "author": [{"name": "Ann Lee"}, "Bob Ray", None, []]}),
            "authors",
            ("Ann Lee", "Bob Ray"),
        ),
        (feed({**ENTRY, "authors": [{"url": "/ann"}]}), "authors", ()),
        (feed(ENTRY, author={"name": "By Ann Lee"}), "authors", ("Ann Lee",)),
        (feed({**ENTRY, "tags": ["x", "y", 1]}), "tags", ("x", "y", "1")),
        (feed({**ENTRY, "tags": "x"}), "tags", ("x",)),
        (feed({**ENTRY, "title": "Use <b> here"}), "title", "Use <b> here"),
        (feed({**ENTRY, "title": "</b1>"}), "title", "</b1>"),
        (feed({**ENTRY, "title": "<![CDATA[Rain]]>"}), "title", "Rain"),
        (
            feed({**ENTRY, "url": "https://www.google.com/url?q=https://o.example/a"}),
            "url",
            "https://o.example/a",
        ),
        (feed({**ENTRY, "content_text": "x < y\nz"}), "summary", "x < y z"),
        (feed(ENTRY), "summary", "x"),
        (feed(ENTRY).replace('"T"', '"T\t\\ud83d"'), "title", "T"),
        ("\ufeff\n " + feed(ENTRY) + "\n\n", "id", "g-0"),
        (json.dumps({"items": [ENTRY]}), "id", "g-0"),
    ],
)
def test_entries_of_json_feeds(body: str, field: str, value: Any) -> None:
    read = read_feed(body.encode("utf-8"), "application/feed+json", URL)
    assert read.kind == "json"
    assert getattr(read.entries[0], field) == value


def test_what_a_json_feed_states_about_itself() -> None:
    read = read_feed(
        feed(ENTRY, home_page_url="/", language="en-GB").encode("utf-16"), "", URL
    )
    assert (read.title, read.url, read.language) == (
        "N",
        "https://news.example.org/",
        "en-gb",
    )
    full = read_feed(
        feed(
            {**ENTRY, "content_html": "<p>" + "A sentence of the text. " * 60}
        ).encode(),
        "",
        URL,
    )
    assert full.entries[0].content.startswith("<p>")
    assert read_feed(b'{"version": "1.1", "title": "N"}', "", URL).title == "N"
    assert (
        read_feed(
            feed(*[{"id": str(n)} for n in range(30)]).encode(), "", URL, limit=10
        ).cut
        == 20
    )


SENTENCES = "A sentence of the text. " * 20


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        (
            {"content_text": f"x < y & z.\n\n{SENTENCES}"},
            "<p>x &lt; y &amp; z.</p>\n<p>A",
        ),
        ({"content_text": SENTENCES, "content_html": "<p>Short</p>"}, "<p>A sentence"),
        ({"content_text": SENTENCES, "content_html": None}, "<p>A sentence"),
        ({"content_text": SENTENCES, "content_html": {"x": 1}}, "<p>A sentence"),
        ({"content_text": "x", "content_html": f"<h2>{SENTENCES}</h2>"}, "<h2>A"),
        ({"content_html": f"&lt;p&gt;{SENTENCES}&lt;/p&gt;"}, "<p>A sentence"),
        ({"content_text": "Short"}, ""),
        ({"content_text": 7, "content_html": ["x"]}, ""),
    ],
)
def test_the_text_of_json_entries(fields: dict[str, Any], content: str) -> None:
    (entry,) = read_feed(feed({"id": "1", **fields}).encode(), "", URL).entries
    assert entry.content.startswith(content)
    assert bool(entry.content) == bool(content)


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"items":[]}',
        '{"items":[1,2]}',
        '{"items":[{"name":"x"}]}',
        "[]",
        '{"version":1',
        "{" * 100_000,
    ],
)
def test_json_that_is_not_a_feed(body: str) -> None:
    with pytest.raises(InvalidResponse):
        read_feed(body.encode(), "application/json", URL)


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://news.example.org/a/0 </loc><lastmod>2023-09-06</lastmod>
 <image:image><image:loc>https://i.example/x.png</image:loc>
 <image:title>no</image:title></image:image>
 <n:news>
 <n:publication><n:name>The News</n:name><n:language>en</n:language></n:publication>
 <n:publication_date>2023-09-04T12:00:00+02:00</n:publication_date>
 <n:title>Rain &amp; wind</n:title><n:keywords>a, b</n:keywords></n:news></url>
<url><loc>/a/1</loc><lastmod>2023-09-07T10:00:00Z</lastmod></url>
<url><lastmod>2023-09-07</lastmod></url><url><loc>mailto:x</loc></url>
</urlset>"""


def test_news_sitemaps() -> None:
    read = read_feed(
        SITEMAP.encode(), "application/xml", "https://news.example.org/sitemap.xml"
    )
    first, second = read.entries
    assert (read.kind, read.title, read.language, read.index) == (
        "sitemap",
        "The News",
        "en",
        False,
    )
    assert (first.url, first.title, first.tags) == (
        "https://news.example.org/a/0",
        "Rain & wind",
        ("a", "b"),
    )
    assert (first.published, first.published_local, first.updated) == (
        "2023-09-04T10:00:00Z",
        "2023-09-04T12:00:00+02:00",
        "2023-09-06",
    )
    assert (second.url, second.published, second.updated) == (
        "https://news.example.org/a/1",
        None,
        "2023-09-07T10:00:00Z",
    )


def test_a_sitemap_index_has_no_pages() -> None:
    body = (
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap>"
        "<loc>https://x.example/s1.xml</loc></sitemap></sitemapindex>"
    )
    read = read_feed(body.encode(), "", "https://x.example/sitemap.xml")
    assert (read.kind, read.index, [entry.url for entry in read.entries]) == (
        "sitemap",
        True,
        ["https://x.example/s1.xml"],
    )


def test_a_large_sitemap_is_cut_to_its_newest() -> None:
    urls = [
        f"<url><loc>https://x.example/{n}</loc><lastmod>2023-01-{n % 28 + 1:02}</lastmod></url>"
        for n in range(50_000)
    ]
    started = time.process_time()
    read = read_feed(
        f"<urlset>{''.join(urls)}</urlset>".encode(),
        "",
        "https://x.example/",
        limit=100,
    )
    assert time.process_time() - started < 4
    assert (len(read.entries), read.cut) == (100, 49_900)
    assert {entry.updated for entry in read.entries} == {"2023-01-28"}


NEWS = (
    "<{0}:news><{0}:publication><{0}:name>The News</{0}:name></{0}:publication>"
    "<{0}:publication_date>2023-09-04T12:00:00+02:00</{0}:publication_date>"
    "<{0}:title>&lt;![CDATA[Rain &amp; wind]]&gt;</{0}:title></{0}:news>"
)


@pytest.mark.parametrize(
    "sitemap",
    [
        f"<urlset><url><loc>/a</loc>{NEWS.format('news')}</url></urlset>",
        f"<urlset><url><loc>/a</loc>{NEWS.format('n')}</url></urlset>",
        (
            "<urlset><url><loc>/a</loc><image:image><image:loc>/i</image:loc>"
            f"<image:title>no</image:title></image:image>{NEWS.format('news')}</url>"
            "</urlset>"
        ),
        (f"<m:urlset><m:url><m:loc>/a</m:loc>{NEWS.format('news')}</m:url></m:urlset>"),
        (
            "<urlset><url><image:loc>/i</image:loc><video:loc>/v</video:loc>"
            f"<loc>/a</loc>{NEWS.format('news')}</url><url><image:loc>/i</image:loc>"
            "</url></urlset>"
        ),
        f"<urlset><url>{NEWS.format('news')}<loc>&lt;![CDATA[/a]]&gt;</loc></url></urlset>",
    ],
)
def test_undeclared_prefixes_in_sitemaps(sitemap: str) -> None:
    read = read_feed(sitemap.encode(), "", "https://news.example.org/sitemap.xml")
    (entry,) = read.entries
    assert (read.title, entry.url, entry.title, entry.published) == (
        "The News",
        "https://news.example.org/a",
        "Rain & wind",
        "2023-09-04T10:00:00Z",
    )


PLAIN_NEWS = "<url><loc>/a?b=1{}copy=2</loc><news:news><news:title>{}</news:title></news:news></url>"


@pytest.mark.parametrize(
    ("ampersand", "stated", "title"),
    [
        ("&", "Rain", "Rain"),
        ("&amp;", "Rain & wind, R&D", "Rain & wind, R&D"),
        ("&amp;amp;", "Caf&eacute;&nbsp;&mdash; wind", "Café — wind"),
        ("&amp;", "Caf&amp;eacute; &amp;#8211; wind", "Café – wind"),
        ("&amp;", "1 < 2", "1 < 2"),
        ("&amp;", "Ra\x02in &#xD83D;", "Rain"),
    ],
)
def test_sitemaps_whose_xml_is_broken(ampersand: str, stated: str, title: str) -> None:
    page = PLAIN_NEWS.format(ampersand, stated)
    body = f"<urlset>{page}<url><loc>/c</loc></url></urlset>"
    entries = read_feed(body.encode(), "", "https://x.example/sitemap.xml").entries
    assert [(entry.url, entry.title) for entry in entries] == [
        ("https://x.example/a?b=1&copy=2", title),
        ("https://x.example/c", ""),
    ]


def test_what_sitemaps_are_called() -> None:
    for body, is_index in (
        ("<URLSET><URL><LOC>/a</LOC></URL></URLSET>", False),
        ("<urlset><sitemap><loc>/a</loc></sitemap></urlset>", True),
        ("<sitemapindex><url><loc>/a</loc></url></sitemapindex>", False),
        (
            (
                "<!DOCTYPE urlset [<!ENTITY site 'https://x.example'>]><urlset><url>"
                "<loc>&site;/a</loc></url></urlset>"
            ),
            False,
        ),
    ):
        read = read_feed(body.encode(), "", "https://x.example/sitemap.xml")
        assert [entry.url for entry in read.entries] == ["https://x.example/a"]
        assert read.index == is_index
    assert read_feed(b"<sitemapindex/>", "", URL).index


def test_urls_in_sitemaps_without_their_element() -> None:
    body = (
        "<sitemapindex><sitemap>\n https://x.example/1.xml?p=2&amp;q=3 \n</sitemap>"
        "<sitemap><lastmod>2023-01-02</lastmod>https://x.example/2.xml</sitemap>"
        "<sitemap><loc><a href='x'>https://x.example/3.xml</a></loc></sitemap>"
        "<sitemap><loc>/4.xml</loc><loc>/other.xml</loc></sitemap>"
        "<sitemap>see above</sitemap><sitemap/><sitemap>ftp://x.example/</sitemap>"
        "</sitemapindex>"
    )
    read = read_feed(body.encode(), "", "https://x.example/sitemap.xml")
    assert read.index
    assert [entry.url for entry in read.entries] == [
        "https://x.example/1.xml?p=2&q=3",
        "https://x.example/2.xml",
        "https://x.example/3.xml",
        "https://x.example/4.xml",
    ]
    assert read.entries[1].updated == "2023-01-02"


TWO = "https://x.example/a\nhttps://x.example/b?c=1&d=2\n"


@pytest.mark.parametrize(
    ("body", "content_type", "url"),
    [
        (TWO.encode(), "text/plain", "https://x.example/pages"),
        (TWO.encode(), "text/plain; charset=utf-8", "https://x.example/sitemap.txt"),
        (TWO.encode(), "text/html", "https://x.example/sitemap.txt?v=1"),
        (TWO.encode(), "", "https://x.example/pages"),
        (TWO.encode("utf-8-sig"), "text/plain", "https://x.example/sitemap.txt"),
        (TWO.encode("utf-16"), "text/plain", "https://x.example/sitemap.txt"),
        (
            TWO.replace("\n", " \r\n\r\n").encode(),
            "text/plain",
            "https://x.example/sitemap.txt",
        ),
        ((TWO + TWO).encode(), "text/plain", "https://x.example/sitemap.txt"),
        (gzip.compress(TWO.encode(), mtime=0), "", "https://x.example/sitemap.txt.gz"),
    ],
)
def test_sitemaps_that_are_text(body: bytes, content_type: str, url: str) -> None:
    read = read_feed(body, content_type, url)
    assert (read.kind, read.index, read.cut) == ("sitemap", False, 0)
    assert [entry.url for entry in read.entries] == TWO.split()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("User-agent: *\nSitemap: https://x.example/s.xml", "text/plain"),
        ("See https://x.example/a\n", "text/plain"),
        ("https://x.example/a is down\n", "text/plain"),
        ("https://x.example/a\nand others\n", "text/plain"),
        ("https://x.example/a https://x.example/b\n", "text/plain"),
        ("https://x.example/a\n/b\n", "text/plain"),
        ("ftp://x.example/a\n", "text/plain"),
        ("https://x.example/a\n", "text/html"),
        ("https://x.example/<a>\n", "text/plain"),
        ("\n\n", "text/plain"),
    ],
)
def test_texts_that_are_no_sitemap(body: str, content_type: str) -> None:
    with pytest.raises(InvalidResponse):
        read_feed(body.encode(), content_type, "https://x.example/notes")


def test_a_long_sitemap_that_is_text_is_cut() -> None:
    body = "".join(f"https://x.example/{number}\n" for number in range(200_000))
    started = time.process_time()
    read = read_feed(body.encode(), "text/plain", URL, limit=100)
    assert time.process_time() - started < 2
    assert (len(read.entries), read.cut) == (100, 199_900)
