"""What servers of feeds may expect of a reader that polls them, on loopback.

The cases are those of the Feed Reader Behavior Project (rachelbythebay.com/fs): requests
are conditional with validators exactly as they were sent, nothing is added to them, they
are not made too often, one after another, and errors are believed.
"""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest

from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

pytestmark = pytest.mark.long


def _polls(site: Site) -> list[dict[str, str]]:
    """The headers of each poll of the feed."""
    return [
        headers
        for path, headers in zip(
            site.requested_paths, site.request_headers, strict=True
        )
        if path == "/feed"
    ]


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        ('"6a0-61f2"', "Sat, 06 Sep 2025 06:12:45 GMT"),
        ('W/"weak"', ""),
        ("no-quotes", ""),
        ('"with, a comma and = signs"', ""),
        ("", "Sat, 06 Sep 2025 06:12:45 GMT"),
        ("", "06-Sep-25, in no form at all"),
        ('"a"', "Thu, 01 Jan 1970 00:00:00 GMT"),
    ],
)
def test_validators_are_sent_back_as_they_came(
    harness: CrawlHarness, site: Site, etag: str, last_modified: str
) -> None:
    validators = {"ETag": etag, "Last-Modified": last_modified}
    site.feed(
        "/feed", [], **{name: value for name, value in validators.items() if value}
    )
    harness.once()
    harness.once("--force")
    first, second = _polls(site)
    assert "if-none-match" not in first and "if-modified-since" not in first
    assert second.get("if-none-match", "") == etag
    assert second.get("if-modified-since", "") == last_modified


def test_only_the_newest_validators_are_sent(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [], **{"ETag": '"one"', "Last-Modified": "x"})
    harness.once()
    site.feed("/feed", [site.article("/a")], ETag='"two"')
    harness.once("--force")
    site.feed("/feed", [site.article("/a"), site.article("/b")])
    harness.once("--force")
    harness.once("--force")
    sent = [headers.get("if-none-match") for headers in _polls(site)]
    assert sent == [None, '"one"', '"two"', None]
    assert "if-modified-since" not in _polls(site)[-1]


def test_validators_of_an_error_are_not_remembered(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [], ETag='"good"')
    harness.once()
    site.respond("/feed", b"<html>maintenance</html>", 500, ETag='"bad"')
    harness.once("--force")
    harness.once("--force")
    assert [headers.get("if-none-match") for headers in _polls(site)] == [
        None,
        '"good"',
        '"good"',
    ]


def test_nothing_is_added_to_a_request(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [], **{"Set-Cookie": "id=1; Path=/"})
    harness.once()
    harness.once("--force")
    for headers in _polls(site):
        assert not {"cookie", "referer", "pragma", "cache-control"} & set(headers)
        assert "+http" in headers["user-agent"]  # says who asks
        assert "gzip" in headers["accept-encoding"]
    assert set(site.page_paths()) == {"/feed"}  # no query, no favicon, no front page


def test_it_is_not_polled_sooner_for_a_restart_or_a_second_crawl(
    harness: CrawlHarness, site: Site
) -> None:
    harness.crawl["every"] = "auto"
    site.feed("/feed", [], **{"Cache-Control": "max-age=86400"})
    for _ in range(2):
        harness.once()
    assert len(_polls(site)) == 1
    ((wait,),) = harness.rows(
        "select (julianday(due) - julianday(polled)) * 24 from feeds"
    )
    assert 24 <= wait <= 26.4


@pytest.mark.parametrize("status", [401, 404, 410, 500])
def test_an_error_is_believed(harness: CrawlHarness, site: Site, status: int) -> None:
    harness.crawl["every"] = "auto"
    site.respond("/feed", b"no", status)
    for _ in range(2):
        harness.once()
    assert len(_polls(site)) == 1


def test_a_retry_after_is_kept_whatever_is_forced(
    harness: CrawlHarness, site: Site
) -> None:
    site.respond("/feed", b"", 429, Retry_After="7200")
    harness.once()
    ((wait,),) = harness.rows(
        "select (julianday(due) - julianday(polled)) * 86400 from feeds"
    )
    assert wait >= 7_190
    harness.once("--force")
    assert len(_polls(site)) == 1


def test_one_request_at_a_time(harness: CrawlHarness, site: Site) -> None:
    harness.crawl |= {"concurrency": 1}
    busy, overlaps = threading.Lock(), []

    def respond(handler: BaseHTTPRequestHandler) -> CannedResponse:
        if not busy.acquire(blocking=False):
            overlaps.append(handler.path)
            return CannedResponse(b"", 500)
        deadline = time.monotonic() + 0.02
        while time.monotonic() < deadline:
            pass
        busy.release()
        return CannedResponse(
            b"<rss version='2.0'><channel><title>T</title></channel></rss>",
            headers={"Content-Type": "application/rss+xml"},
        )

    paths = [f"/feed{number}" for number in range(6)]
    site.paths |= dict.fromkeys(paths, respond)
    harness.outlets = {"paper": [site.url(path) for path in paths]}
    harness.once()
    assert set(site.page_paths()) == set(paths) and not overlaps


def test_a_temporary_redirect_is_followed_each_time(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/moved", [])
    site.respond("/feed", b"", 302, Location="/moved")
    for _ in range(2):
        harness.once("--force")
    assert site.page_paths() == ["/feed", "/moved"] * 2


def test_not_modified_keeps_the_validators(harness: CrawlHarness, site: Site) -> None:
    """A 304 without validators of its own does not make the next request whole."""
    site.feed("/feed", [], **{"ETag": '"one"', "Last-Modified": "x"})
    harness.once()
    site.respond("/feed", b"", 304)
    for _ in range(3):
        harness.once("--force")
    sent = [
        (headers.get("if-none-match"), headers.get("if-modified-since"))
        for headers in _polls(site)
    ]
    assert sent == [(None, None)] + [('"one"', "x")] * 3


def test_a_permanent_redirect_is_remembered(harness: CrawlHarness, site: Site) -> None:
    site.feed("/new", [])
    site.respond("/feed", b"", 301, Location="/new")
    for _ in range(6):
        harness.once("--force")
    assert site.page_paths() == ["/feed", "/new"] * 3 + ["/new"] * 3


def test_validators_are_not_sent_to_another_url(
    harness: CrawlHarness, site: Site
) -> None:
    site.feed("/feed", [], ETag='"of the feed"')
    harness.once()
    site.feed("/new", [])
    site.respond("/feed", b"", 302, Location="/new")
    harness.once("--force")
    sent = dict(zip(site.requested_paths, site.request_headers, strict=True))
    assert "if-none-match" not in sent["/new"]


def test_robots_txt_is_not_asked_for_at_each_poll(
    harness: CrawlHarness, site: Site
) -> None:
    site.respond("/robots.txt", b"User-agent: *\nAllow: /\n")
    site.feed("/feed", [])
    for _ in range(4):
        harness.once("--force")
    assert site.requested_paths.count("/robots.txt") == 1
    assert len(_polls(site)) == 4


def test_there_is_one_user_agent(harness: CrawlHarness, site: Site) -> None:
    site.feed("/feed", [site.article("/a")])
    harness.once()
    harness.once("--force")
    assert len(site.request_headers) >= 4  # robots.txt, feed, article
    assert len({headers["user-agent"] for headers in site.request_headers}) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("stated", [True, False])
def test_too_many_requests_slow_it_down(
    harness: CrawlHarness, site: Site, status: int, stated: bool
) -> None:
    harness.crawl["every"] = "auto"
    headers = {"Retry_After": "1800"} if stated else {}
    site.respond("/feed", b"", status, **headers)
    for _ in range(3):
        harness.once()
    assert len(_polls(site)) == 1
    ((wait,),) = harness.rows(
        "select (julianday(due) - julianday(polled)) * 86400 from feeds"
    )
    assert wait >= (1_790 if stated else 59)


def test_requests_are_spaced_by_the_delay(harness: CrawlHarness, site: Site) -> None:
    harness.crawl |= {"delay": "0.3 seconds", "concurrency": 1}
    times: list[float] = []

    def respond(handler: BaseHTTPRequestHandler) -> CannedResponse:
        times.append(time.monotonic())
        return CannedResponse(b"no", 404)

    paths = [f"/feed{number}" for number in range(4)]
    site.paths |= dict.fromkeys(paths, respond)
    harness.outlets = {"paper": [site.url(path) for path in paths]}
    harness.once()
    gaps = [later - at for at, later in pairwise(times)]
    assert len(gaps) == 3 and min(gaps) >= 0.29
