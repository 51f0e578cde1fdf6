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


def test_a_url_that_is_too_long_is_not_a_feed() -> None:
    long, short = (
        f"<link rel=alternate type=application/rss+xml href='/feed{'<' * count}'>"
        for count in (9_000, 9)
    )
    tree = parse_html(f"<html><head>{long}{short}</head><body><p>x</p></body></html>")
    assert [len(url) < 100 for url in find_feed_urls(tree, "https://a.example/")] == [
        True
    ]
