"""Redirects: cookies within a chain, refreshes, validators, and feeds that moved."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from scrapy.http import Response
from warcio.archiveiterator import ArchiveIterator

from spiders.redirects import find_refresh_url
from tests.support.crawl_harness import SITE_FILES, CannedResponse, CrawlHarness, Site

PAGE = "https://paper.example/a"


@pytest.fixture
def other_site() -> Iterator[Site]:
    site = Site("127.0.0.2")
    yield site
    site.close()


def _moved(location: str, status: int = 302, **headers: str) -> CannedResponse:
    return CannedResponse(b"", status, {"Location": location, **headers})


def _cookies(handler: BaseHTTPRequestHandler) -> str:
    return handler.headers.get("Cookie", "")


def test_a_cookie_is_sent_back_within_its_chain_of_redirects_and_then_forgotten(
    harness: CrawlHarness, site: Site
) -> None:
    link = site.article("/a")
    page = site.canned_response("/a")
    site.paths["/a"] = lambda handler: (
        page
        if "seen=1" in _cookies(handler)
        else _moved(link, **{"Set-Cookie": "seen=1; Path=/"})
    )
    site.feed("/feed", [link])
    harness.crawl["revisit"] = ["0 seconds"]
    assert harness.once().counts["new"] == 1
    assert harness.once().counts["unchanged"] == 1
    cookies = [
        headers.get("cookie")
        for path, headers in zip(
            site.requested_paths, site.request_headers, strict=True
        )
        if path == "/a"
    ]
    assert cookies == [None, "seen=1", None, "seen=1"]


def test_a_cookie_is_sent_to_no_other_origin(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    target = other_site.article("/b")
    site.paths["/a"] = _moved(target, **{"Set-Cookie": "secret=1; Path=/"})
    site.feed("/feed", [site.url("/a")])
    assert harness.once().counts["new"] == 1
    assert all("cookie" not in headers for headers in other_site.request_headers)


def test_a_circle_that_sets_the_same_cookie_again_is_a_loop(
    harness: CrawlHarness, site: Site
) -> None:
    site.paths["/a"] = _moved(site.url("/a"), **{"Set-Cookie": "seen=1; Path=/"})
    site.feed("/feed", [site.url("/a")])
    harness.once()
    assert harness.entries()["/a"] == ("failed", "redirect loop")
    assert site.page_paths().count("/a") == 2


@pytest.mark.parametrize("permanent", [301, 302])
def test_validators_are_sent_to_the_url_that_sent_them(
    harness: CrawlHarness, site: Site, permanent: int
) -> None:
    site.paths["/feed"] = _moved(site.url("/feed/"), permanent)
    site.feed("/feed/", [], ETag='"one"')
    for _ in range(2):
        harness.once()
    requests = list(zip(site.requested_paths, site.request_headers, strict=True))
    sent = {
        path: [headers.get("if-none-match") for p, headers in requests if p == path]
        for path in ("/feed", "/feed/")
    }
    assert sent == {"/feed": [None, None], "/feed/": [None, '"one"']}


def test_a_validator_is_renewed_by_a_304(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [], ETag='"one"')
    harness.once()
    for tag in ('"two"', '"three"'):
        site.respond("/feed", status=304, ETag=tag)
        harness.once()
    sent = [headers.get("if-none-match") for headers in site.request_headers[-2:]]
    assert sent == ['"one"', '"two"']


def test_a_server_that_answers_304_for_ever_is_found_out(
    harness: CrawlHarness, site: Site
) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> CannedResponse:
        is_conditional = "If-None-Match" in handler.headers
        return CannedResponse(status=304) if is_conditional else feed

    site.feed("/feed", [site.article("/a")], ETag='"stuck"')
    feed = site.canned_response("/feed")
    site.paths["/feed"] = answer
    assert harness.once().counts["new"] == 1
    site.feed("/feed", [site.url("/a"), site.article("/b")], ETag='"stuck"')
    feed = site.canned_response("/feed")
    site.paths["/feed"] = answer
    assert harness.once().counts["new"] == 0
    assert harness.once("--fresh").counts["new"] == 1


def test_a_login_of_a_feed_is_for_the_articles_of_its_origin_alone(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    link = site.article("/a")
    site.feed("/feed", [link, other_site.article("/b", "Ailleurs")])
    harness.outlets["paper"] = [site.url("/feed").replace("//", "//reader:key@")]
    assert harness.once().counts["new"] == 2
    sent = dict(zip(site.requested_paths, site.request_headers, strict=True))
    assert {sent[path].get("authorization") for path in ("/feed", "/a")} == {
        "Basic cmVhZGVyOmtleQ=="
    }
    assert all("authorization" not in one for one in other_site.request_headers)
    assert harness.rows("select count(*) from captures where url like '%key%'") == [
        (0,)
    ]


@pytest.mark.parametrize(
    "setting", ['"reader:key"', '{ env = "PAPER_LOGIN" }', '{ file = "login.txt" }']
)
def test_a_login_of_the_settings_is_for_the_origins_of_the_outlet(
    harness: CrawlHarness, site: Site, other_site: Site, setting: str
) -> None:
    (harness.folder / "login.txt").write_text("reader:key\n")
    site.feed("/feed", [site.article("/a"), other_site.article("/b", "Ailleurs")])
    harness.outlet_lines["paper"] = f"login = {setting}"
    assert harness.once(PAPER_LOGIN="reader:key").counts["new"] == 2
    sent = dict(zip(site.requested_paths, site.request_headers, strict=True))
    assert {sent[path].get("authorization") for path in ("/feed", "/a")} == {
        "Basic cmVhZGVyOmtleQ=="
    }
    assert all("authorization" not in one for one in other_site.request_headers)


def test_a_feed_that_moved_for_good_is_asked_at_its_new_url(
    harness: CrawlHarness, site: Site, other_site: Site
) -> None:
    other_site.feed("/rss", [])
    site.paths["/feed"] = _moved(other_site.url("/rss"), 301)
    for _ in range(4):
        assert harness.once().counts["feeds"] == 1
    assert site.page_paths().count("/feed") == 3  # then it is believed
    other_site.paths.clear()
    harness.once()  # the new one fails: its own is asked again
    site.feed("/feed", [site.article("/a")])
    harness.rows("select 1")
    assert harness.once("--force").counts["new"] == 1
    assert harness.rows("select asked, moved_polls from feeds") == [("", 0)]


@pytest.mark.parametrize(
    ("header", "meta", "target"),
    [
        ("", '<meta http-equiv="refresh" content="0; url=/b">', "/b"),
        ("", "<META HTTP-EQUIV=refresh content='1;URL=https://paper.example/b'>", "/b"),
        ("0; url=/b", "", "/b"),
        ("3;URL='https://paper.example/b'", "", "/b"),
        ("", '<meta http-equiv="refresh" content="300; url=/b">', ""),
        ("", '<meta http-equiv="refresh" content="0; url=/a#top">', ""),
        ("", '<meta http-equiv="refresh" content="5">', ""),
        ("0", "", ""),
        ("0; url=javascript:alert(1)", "", ""),
        (
            "",
            '<noscript><meta http-equiv="refresh" content="0; url=/b"></noscript>',
            "",
        ),
        ("", '<!-- <meta http-equiv="refresh" content="0; url=/b"> -->', ""),
    ],
)
def test_what_sends_readers_on(header: str, meta: str, target: str) -> None:
    response = Response(
        PAGE,
        headers={"Refresh": header} if header else {},
        body=f"<html><head>{meta}</head><body>x</body></html>".encode(),
    )
    expected = f"https://paper.example{target}" if target else ""
    assert find_refresh_url(response) == expected


def test_each_redirect_has_a_record_and_the_body_is_at_the_url_that_sent_it(
    harness: CrawlHarness, site: Site
) -> None:
    site.paths["/a"] = _moved(site.url("/b"), 301)  # without a body
    site.paths["/b"] = _moved("/c", 302)
    site.article("/c")
    site.feed("/feed", [site.url("/a")])
    harness.once()
    assert harness.rows(
        """
        select kind, url, reached, status from captures
        where kind in ('article', 'redirect') order by id
        """
    ) == [
        ("redirect", site.url("/a"), site.url("/b"), 301),
        ("redirect", site.url("/b"), site.url("/c"), 302),
        ("article", site.url("/a"), site.url("/c"), 200),
    ]
    [warc] = (harness.folder / "captures").glob("*.warc.gz")
    with warc.open("rb") as stream:
        records = [
            (
                record.rec_headers.get_header("WARC-Target-URI"),
                record.http_headers.get_statuscode(),
                record.http_headers.get_header("Location"),
            )
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
            and not record.rec_headers.get_header("WARC-Target-URI").endswith(
                SITE_FILES
            )
        ]
    assert records[-3:] == [
        (site.url("/a"), "301", site.url("/b")),
        (site.url("/b"), "302", "/c"),
        (site.url("/c"), "200", None),
    ]


def test_a_refresh_is_followed_and_recorded(harness: CrawlHarness, site: Site) -> None:
    target = site.article("/b")
    site.respond(
        "/a",
        f'<meta http-equiv="refresh" content="0; url={target}">'.encode(),
        Content_Type="text/html",
    )
    site.feed("/feed", [site.url("/a")])
    assert harness.once().counts["new"] == 1
    kinds = harness.rows("select kind from captures where url = ?", site.url("/a"))
    assert ("redirect",) in kinds
