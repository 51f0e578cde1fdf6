"""The feeds that pages announce."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from harvester.parse.feeds.discovery import find_feed_urls
from harvester.parse.feeds.sniff import sniff_kind
from harvester.parse.html.charset import decode
from harvester.parse.html.dom import parse_html

URL = "https://paper.example/a/b.html"
# Its page gives an absolute URL beside a base, which a base never changes (RFC 3986,
# 5.2.2); the corpus expects otherwise.
MISTAKEN = "autodiscovery/html4-051"


def test_the_corpus(corpora: Path) -> None:
    folder, wrong = corpora / "feeds", {}
    for case in json.loads((folder / "autodiscovery.json").read_text()):
        tree = parse_html(
            decode((folder / case["file"]).read_bytes(), case["content_type"])
        )
        urls = find_feed_urls(tree, case["url"])
        if set(urls) != set(case["expect"]["feeds"]):
            wrong[case["id"]] = urls
    assert set(wrong) <= {MISTAKEN}


@pytest.mark.parametrize(
    ("head", "urls"),
    [
        (
            "<link rel='alternate' type='application/rss+xml' href='/feed/'>",
            ["https://paper.example/feed/"],
        ),
        (
            (
                "<LINK TYPE=' Application/RSS+XML; charset=utf-8 ' REL='nofollow "
                "ALTERNATE' HREF=' feed.xml '>"
            ),
            ["https://paper.example/a/feed.xml"],
        ),
        (
            (
                "<base href='//cdn.example/x/'><link rel=alternate "
                "type=application/atom+xml href=f>"
            ),
            ["https://cdn.example/x/f"],
        ),
        (
            (
                "<link rel='alternate' type='application/feed+json' href='/f.json'>"
                "<link rel='alternate' type='application/json' href='/feed.json'>"
            ),
            ["https://paper.example/f.json", "https://paper.example/feed.json"],
        ),
        (
            (
                "<link rel='alternate' type='application/json' "
                "href='/wp-json/wp/v2/posts/1'><link rel='alternate' "
                "type='application/json+oembed' "
                "href='/wp-json/oembed/1.0/embed?url=feed'>"
            ),
            [],
        ),
        (
            (
                "<link rel='alternate' type='application/rss+xml' href='/feed/'>"
                "<link rel='alternate' type='application/rss+xml' "
                "href='/comments/feed/'>"
            ),
            ["https://paper.example/feed/", "https://paper.example/comments/feed/"],
        ),
        (
            (
                "<link rel='alternate' type='application/rss+xml' href='/feed/'>"
                "<link rel='alternate' type='application/rss+xml' "
                "href='https://paper.example/feed/'>"
            ),
            ["https://paper.example/feed/"],
        ),
        (
            (
                "<link rel='stylesheet' type='application/rss+xml' href='/a'><link "
                "rel='alternate' hreflang='fr' href='/fr'><link rel='search' "
                "type='application/opensearchdescription+xml' href='/o.xml'>"
            ),
            [],
        ),
        (
            (
                "<link rel='alternate stylesheet' type='text/css' href='/a.css'>"
                "<link rel='alternate' type='application/rss+xml' "
                "href='javascript:x'>"
            ),
            [],
        ),
        (
            (
                "<link rel='alternate' type='application/rss+xml' "
                "href='feed:https://paper.example/f'><link rel='feed' href='/g'>"
            ),
            ["https://paper.example/f", "https://paper.example/g"],
        ),
        (
            (
                "<link rel='alternate' type='text/xml' href='/rss.xml'><link "
                "rel='alternate' type='application/xml' href='/sitemap.xml'>"
            ),
            ["https://paper.example/rss.xml"],
        ),
        (
            (
                "<title>x</title></head><body><p><a rel='alternate' "
                "type='application/rss+xml' href='/r'>RSS</a><a href='/feed/'>"
                "feed</a>"
            ),
            ["https://paper.example/r"],
        ),
    ],
)
def test_announced_feeds(head: str, urls: list[str]) -> None:
    assert list(find_feed_urls(parse_html(f"<html><head>{head}"), URL)) == urls


@pytest.mark.parametrize(
    ("attributes", "is_feed"),
    [
        ("rel='alternate' title='RSS 1.0' href='/index.rdf'", True),
        ("rel='alternate' href='/news.rdf'", True),
        ("rel='alternate' href='/data/rss.rdf'", True),
        ("rel='meta' title='FOAF' href='/foaf.rdf'", False),
        ("rel='alternate meta' href='/me.rdf'", False),
        ("rel='alternate' title='FOAF' href='/me.rdf'", False),
        ("rel='alternate' href='/doap.rdf'", False),
        ("rel='alternate' href='/index.php?title=Special:ExportRDF/Rain'", False),
        ("rel='describedby alternate' href='/about.rdf'", False),
    ],
)
def test_rdf_that_is_no_feed(attributes: str, is_feed: bool) -> None:
    page = f"<html><head><link type='application/rdf+xml' {attributes}>"
    assert bool(find_feed_urls(parse_html(page), URL)) == is_feed


def test_pages_and_feeds_are_told_apart(corpora: Path) -> None:
    pages = sorted((corpora / "pages").glob("*/*.html.gz"))[::4]
    assert [
        page.name
        for page in pages
        if sniff_kind(gzip.decompress(page.read_bytes()), "") == "feed"
    ] == []
    cases = json.loads((corpora / "feeds" / "cases.json").read_text())
    cases = cases["cases"] if isinstance(cases, dict) else cases
    feeds_of = [case for case in cases if not case["expect"].get("reject")]
    bodies = {
        case["id"]: (corpora / "feeds" / case["file"]).read_bytes() for case in feeds_of
    }
    assert [
        name for name, body in bodies.items() if sniff_kind(body, "") == "page"
    ] == []


def test_a_feed_after_a_warning() -> None:
    warning = b"<div class='x'><p>Warning: cannot modify header</p></div>\n"
    assert (
        sniff_kind(warning + b"<?xml version='1.0'?><rss version='2.0'>", "text/html")
        == "feed"
    )
    assert (
        sniff_kind(
            b"<html><body>" + warning + b"<?xml version='1.0'?><rss version='2.0'>",
            "text/html",
        )
        == "page"
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<entry xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<a:entry xmlns:a='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<entry><title>x</title>", "page"),
        (b"https://a.example/1\nhttps://a.example/2\n", "feed"),
        (b"\xef\xbb\xbfHTTPS://a.example/1\r\n\r\n", "feed"),
        (b"https://a.example/1\n" * 10_000, "feed"),
        (b"https://a.example/1 moved\n", "page"),
        (b"https://a.example/1\nand more\n", "page"),
        (b"User-agent: *\nSitemap: https://a.example/s.xml\n", "page"),
        (b"httpd is running\n", "page"),
    ],
)
def test_entries_and_lists_of_urls(body: bytes, kind: str) -> None:
    assert sniff_kind(body, "text/plain") == kind


def test_a_url_that_is_too_long_is_not_a_feed() -> None:
    long, short = (
        f"<link rel=alternate type=application/rss+xml href='/feed{'<' * count}'>"
        for count in (9_000, 9)
    )
    tree = parse_html(f"<html><head>{long}{short}</head><body><p>x</p></body></html>")
    assert [len(url) < 100 for url in find_feed_urls(tree, "https://a.example/")] == [
        True
    ]
