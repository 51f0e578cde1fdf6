"""URLs: examples of the standards, and properties of all URLs."""

from __future__ import annotations

import hashlib
import re
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.identity import urls

ALPHABET = st.text("abcXYZ09-._~%/?&=#:@+ é日", max_size=40)
URLS = st.builds(
    lambda host, rest: f"https://{host}.example/{rest}",
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    ALPHABET,
)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://Example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org/a#top", "https://example.org/a"),
        ("https://example.org/a?b=1&a=2", "https://example.org/a?a=2&b=1"),
        (
            "https://example.org/a?utm_source=rss&utm_medium=rss",
            "https://example.org/a",
        ),
        ("https://example.org/a?id=3&fbclid=xyz", "https://example.org/a?id=3"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org", "https://example.org/"),
        ("http:\\\\example.org\\a?b=\\c", "http://example.org/a?b=%5Cc"),
        ("http://example.org\\@other.example/a", "http://example.org/@other.example/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("https://example.org/%7Euser", "https://example.org/~user"),
        ("https://example.org/caf%c3%a9", "https://example.org/café"),
        ("http://[2001:DB8:0:0:0:0:0:1]/a", "http://[2001:db8::1]/a"),  # RFC 5952
        (" https://example.org/a\n", "https://example.org/a"),
    ],
)
def test_one_address_in_two_spellings(url: str, other: str) -> None:
    assert urls.normalise_url(url) == urls.normalise_url(other) != ""


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://example.org/a", "https://example.org/a"),
        ("https://example.org/a/", "https://example.org/a"),
        ("https://example.org/a/amp/", "https://example.org/a/"),
        ("https://example.org/a?amp", "https://example.org/a"),
        ("https://example.org/a?outputType=amp", "https://example.org/a"),
        ("https://me:secret@example.org/a", "https://example.org/a"),
    ],
)
def test_equal_keys(url: str, other: str) -> None:
    assert urls.url_key(url) == urls.url_key(other) != ""


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.org/?p=1", "https://example.org/?p=2"),
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://www.example.org/a"),
        ("https://example.org/a", "https://example.org/b"),
        ("https://example.org:8080/a", "https://example.org/a"),
        ("https://example.org/A", "https://example.org/a"),
    ],
)
def test_different_keys(url: str, other: str) -> None:
    assert urls.url_key(url) != urls.url_key(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mailto:a@b.c",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://x/y",
        "//x/y",
        "http://",
        "http://a b/",
        "http://x:99999999/",
        "http://[::1",
        "http://[2001:db8::g]/",
        "https://bücher..example/",  # a label of no characters
        "data:text/html,x",
    ],
)
def test_what_is_not_an_http_url(text: str) -> None:
    assert urls.normalise_url(text) == "" == urls.url_key(text)


@given(URLS)
def test_normalising_twice_changes_nothing(url: str) -> None:
    once = urls.normalise_url(url)
    assert urls.normalise_url(once) == once
    assert urls.url_key(once) == urls.url_key(url)


@given(st.text(max_size=60))
def test_any_text_is_accepted(text: str) -> None:
    urls.normalise_url(text)
    urls.url_key("http://" + text)
    urls.site("http://" + text)
    urls.mask_secrets(text)


@given(URLS, st.sampled_from(["utm_source=x", "fbclid=1", "gclid=abc", "xtor=RSS-1"]))
def test_a_tracking_parameter_identifies_nothing(url: str, tracking: str) -> None:
    base = url.partition("#")[0]
    joined = f"{base}{'&' if '?' in base else '?'}{tracking}"
    assert urls.url_key(joined) == urls.url_key(base)


def test_kept_parameters() -> None:
    assert (
        urls.normalise_url("https://example.org/a?share=3", ("share",))
        == "https://example.org/a?share=3"
    )
    assert (
        urls.normalise_url("https://example.org/a?share=3") == "https://example.org/a"
    )


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.medias-presse.info/a", "medias-presse.info"),
        ("https://news.bbc.co.uk/a", "bbc.co.uk"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000"),
        ("http://localhost/a", "localhost:80"),
        ("http://[::1]:90/a", "[::1]:90"),
    ],
)
def test_site(url: str, site: str) -> None:
    assert urls.site(url) == site


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        # The Public Suffix List's private part: each blog has an owner of its own.
        ("https://anna.github.io/post", "anna.github.io"),
        ("https://www.ben.blogspot.com/2024/05/a.html", "ben.blogspot.com"),
        ("https://github.io/", "github.io"),
        ("https://www.paper.co.uk/a", "paper.co.uk"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000"),
        ("http://[::1", ""),
    ],
)
def test_what_a_retry_after_silences(url: str, scope: str) -> None:
    assert urls.retry_after_scope(url) == scope


def test_blogs_of_one_platform_share_its_rate_limit_but_not_its_silence() -> None:
    one, other = "https://anna.github.io/a", "https://ben.github.io/b"
    assert urls.site(one) == urls.site(other)
    assert urls.retry_after_scope(one) != urls.retry_after_scope(other)


@given(URLS, st.integers(2, 99))
def test_the_articles_of_a_reused_url_have_different_keys(
    url: str, number: int
) -> None:
    keys = {
        urls.article_key(url),
        urls.numbered_article_key(url, number),
        urls.numbered_article_key(url, number + 1),
    }
    assert len(keys) == 3
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in keys)


@pytest.mark.parametrize(
    ("url", "requested"),
    [
        ("https://anna:secret@a.example/x@y", "https://a.example/x@y"),
        ("HTTP://anna@a.example", "HTTP://a.example"),
        ("https://a.example/?to=x@y.example", "https://a.example/?to=x@y.example"),
        ("https://a.example#@b.example", "https://a.example#@b.example"),
    ],
)
def test_a_login_is_not_part_of_what_is_requested(url: str, requested: str) -> None:
    assert urls.strip_login(url) == requested


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://a.example/?p=210001", "210001"),
        ("https://a.example/?lang=fr&page_id=7&x=1", "7"),
        ("https://a.example/?cap=12", None),
        ("https://a.example/?p=12a", None),
        ("https://a.example/p=12", None),
    ],
)
def test_the_number_of_a_wordpress_post(url: str, number: str | None) -> None:
    assert urls.wordpress_id(url) == number


def test_plausible_canonical_urls() -> None:
    page = "https://www.paper.example/news/a?x=1"
    assert urls.is_plausible_canonical("https://paper.example/news/a", page)
    assert not urls.is_plausible_canonical("https://paper.example/", page)
    assert not urls.is_plausible_canonical("https://other.example/news/a", page)
    assert not urls.is_plausible_canonical("javascript:x", page)
    assert urls.is_plausible_canonical("http://127.0.0.1:81/b", "http://127.0.0.1:81/a")
    assert not urls.is_plausible_canonical(
        "http://127.0.0.1:82/b", "http://127.0.0.1:81/a"
    )
    assert not urls.is_plausible_canonical(
        "https://paper.example/en/", page, home="https://paper.example/en/"
    )


def test_secrets_are_not_shown() -> None:
    shown = urls.mask_secrets(
        "https://me:pass@example.org/feed?token=abc&a=1&api_key=z"
    )
    assert shown == "https://***@example.org/feed?token=***&a=1&api_key=***"


def test_a_key_is_made_of_the_url_alone() -> None:
    expected = hashlib.sha256(b"example.org/a").hexdigest()[:16]
    assert (
        urls.article_key("https://example.org/a/")
        == urls.article_key("http://example.org/a?utm_source=x")
        == expected
    )


def test_secrets_are_masked_in_linear_time() -> None:
    started = time.process_time()
    for part in ("?", "&", "?a", ";token", "#a=", "//a@"):
        assert len(urls.mask_secrets("https://a.example/" + part * 200_000)) > 200_000
    assert time.process_time() - started < 6  # quadratic took hours


def test_the_short_way_for_normalised_urls_gives_what_the_long_one_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts = "a.example", "a", "A.example", "a.example.", "127.0.0.1", "-.example"
    ports = "", ":80", ":443", ":8080", ":65535", ":65536", ":08080"
    paths = "", "/", "/a", "/A_b-c.html", "/a/", "/a//b", "/./a", "/a/..", "/a../b"
    ends = "", "?", "?a=1", "#a", ";a", "%41", "~", "\n", "é"
    candidates = [
        f"{scheme}://{host}{port}{path}{end}"
        for scheme in ("http", "https", "HTTP")
        for host, port, path, end in product(hosts, ports, paths, ends)
    ]
    normalise = urls.normalise_url.__wrapped__
    by_short_way = [url for url in candidates if urls._NORMALISED_URL.fullmatch(url)]
    assert "https://127.0.0.1:8080/A_b-c.html" in by_short_way
    made = [normalise(url) for url in candidates]
    monkeypatch.setattr(urls, "_NORMALISED_URL", re.compile("(?!)"))
    assert made == [normalise(url) for url in candidates]
