"""The program that fetches single URLs is as polite and as careful as a crawl."""

from __future__ import annotations

import itertools
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.records.hosts import add_rate_limit
from harvester.daemon.fetch_process import FetchProcess
from harvester.errors import HarvesterError
from harvester.identity.urls import own_domain
from harvester.model import Outcome
from harvester.newsroom import Newsroom, Outlet
from harvester.settings import Settings, parse_settings

TEXT = """
[archive]
path = "a.db"
captures = ""
[crawl]
delay = "{delay}"
user_agent = "looker/1 (+https://looker.net)"
allow_networks = ["127.0.0.0/8"]
"""


def settings_in(folder: Path, delay: str = "0 seconds") -> Settings:
    return parse_settings(
        TEXT.format(delay=delay), folder / "settings.toml", require_outlets=False
    )


@pytest.fixture
def gazette(newsroom: Newsroom) -> Outlet:
    paper = newsroom.add_outlet("gazette")
    paper.publish("Le pont", ["Le pont est fermé."])
    return paper


def test_responses_come_in_order_with_what_robots_txt_names(
    tmp_path: Path, gazette: Outlet
) -> None:
    gazette.robots_response = (
        200,
        "User-agent: looker\nDisallow: /secret\n"
        f"Sitemap: {gazette.url}news.xml\nSitemap: /relative\n",
    )
    with FetchProcess(settings_in(tmp_path), 9) as process:
        home = process.fetch(gazette.url, "page")
        feed = process.fetch(gazette.feed_url, "feed")
        secret = process.fetch(f"{gazette.url}secret/x", "page")
        missing = process.fetch(f"{gazette.url}missing", "page")
        moved = process.fetch(f"{gazette.url}?p={gazette.articles[0].number}", "page")
    assert (home.capture.status, home.sitemaps) == (200, (f"{gazette.url}news.xml",))
    assert b"<rss" in feed.capture.body and feed.request_count == 3
    assert secret.capture.outcome is Outcome.REFUSED
    assert "robots.txt" in secret.capture.error and secret.request_count == 3
    assert missing.capture.status == 404
    assert moved.capture.reached == gazette.articles[0].url and moved.is_permanent
    assert moved.request_count == 6
    assert not (tmp_path / "a.db").exists()


def test_no_more_requests_are_sent_than_allowed(
    tmp_path: Path, gazette: Outlet
) -> None:
    with FetchProcess(settings_in(tmp_path), 3) as process:
        counts = [process.fetch(f"{gazette.url}{n}", "page") for n in range(5)]
    assert [fetched.request_count for fetched in counts] == [2, 3, 3, 3, 3]
    assert "used up" in counts[-1].capture.error
    assert len(gazette.requests) == 3


def test_the_delay_is_kept(tmp_path: Path, gazette: Outlet) -> None:
    with FetchProcess(settings_in(tmp_path, "0.4 seconds"), 5) as process:
        for path in ("", "a", "b"):
            process.fetch(f"{gazette.url}{path}", "page")
    times = [request.received_at for request in gazette.requests]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 3 and min(gaps) > 0.35


def test_a_rate_limit_in_the_archive_is_kept(tmp_path: Path, gazette: Outlet) -> None:
    settings = settings_in(tmp_path)
    with closing(Archive.open(settings.archive, None)) as archive:
        archive.begin()
        site = own_domain(gazette.url)
        until = "2099-01-01T00:00:00Z"
        add_rate_limit(archive.connection, gazette.url[:-1], site, until, "HTTP 429")
        archive.commit()
    with FetchProcess(settings, 5) as process:
        fetched = process.fetch(gazette.url, "page")
    assert fetched.capture.outcome is Outcome.WAITING
    assert "rate-limited until 2099" in fetched.capture.error
    assert not gazette.requests


def test_what_must_not_be_fetched(tmp_path: Path) -> None:
    settings = replace(settings_in(tmp_path), allow_networks=())
    with FetchProcess(settings, 9) as process:
        for url, words in (
            ("http://127.0.0.1:9/", "private address"),
            ("http://localhost:9/", "private address"),
            ("http://[::1]:9/", "private address"),
            ("file:///etc/passwd", "only http"),
            ("http://x.example/" + "a" * 3_000, "longer than"),
        ):
            fetched = process.fetch(url, "page")
            assert words in fetched.capture.error, (url, fetched.capture.error)
            assert not fetched.capture.body


def test_a_program_that_has_ended_is_an_error(tmp_path: Path) -> None:
    process = FetchProcess(settings_in(tmp_path), 9)
    process.close()
    with pytest.raises((HarvesterError, ValueError)):
        process.fetch("https://x.example/", "page")
