"""Absolute URLs: as RFC 3986 says, by the fast way and the slow one."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvester.parse.html.absolute import MAX_URL_LENGTH, absolute_url

BASE = "http://a.example/b/c/d;p?q"
# RFC 3986, 5.4.1 and 5.4.2
NORMAL = {
    "g": "http://a.example/b/c/g",
    "./g": "http://a.example/b/c/g",
    "g/": "http://a.example/b/c/g/",
    "/g": "http://a.example/g",
    "//g.example": "http://g.example",
    "?y": "http://a.example/b/c/d;p?y",
    "g?y": "http://a.example/b/c/g?y",
    "#s": "http://a.example/b/c/d;p?q#s",
    "g#s": "http://a.example/b/c/g#s",
    "g?y#s": "http://a.example/b/c/g?y#s",
    ";x": "http://a.example/b/c/;x",
    "..": "http://a.example/b/",
    "../g": "http://a.example/b/g",
    "../..": "http://a.example/",
    "../../g": "http://a.example/g",
    "../../../g": "http://a.example/g",
    "/./g": "http://a.example/g",
    "/../g": "http://a.example/g",
    "g.": "http://a.example/b/c/g.",
    "..g": "http://a.example/b/c/..g",
    "./g/.": "http://a.example/b/c/g/",
    "g/../h": "http://a.example/b/c/h",
    "g?y/../x": "http://a.example/b/c/g?y/../x",
}


@pytest.mark.parametrize("href", NORMAL)
def test_references_resolve_as_the_standard_says(href: str) -> None:
    assert absolute_url(href, BASE) == NORMAL[href]


PIECES = st.sampled_from(
    [
        "http://",
        "https://",
        "HTTP://",
        "ftp://",
        "//",
        "/",
        ".",
        "..",
        "./",
        "a",
        "paper.example",
        "é",
        "%20",
        ":",
        ":80",
        "@",
        "?",
        "#",
        "&b=c",
        ";p",
        "-",
        "_",
        "[",
        "]",
        "\\",
        "=",
        "+",
        "~",
        "//x",
    ]
)
URLS = st.sampled_from(
    [
        "https://paper.example/news/a?b=c#d",
        "http://paper.example:8080",
        "https://paper.example",
        "https://müller.example/a/",
        "about:blank",
        "",
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join), URLS)
@settings(max_examples=400, deadline=None)
@example("https://paper.example/a/../b", BASE)
@example("/a/./b", BASE)
@example("http://paper.example", "")
def test_the_fast_way_gives_what_urljoin_gives(href: str, url: str) -> None:
    try:
        joined = urljoin(url, href)
        parts = urlsplit(joined)
        expected = (
            joined
            if href and parts.scheme in ("http", "https") and parts.hostname
            else ""
        )
    except ValueError:
        expected = ""
    assert absolute_url(href, url) == expected


def test_too_long_urls_are_dropped() -> None:
    assert absolute_url("/" + "a" * (MAX_URL_LENGTH - 1), BASE) != ""
    assert absolute_url("/" + "a" * MAX_URL_LENGTH, BASE) == ""
