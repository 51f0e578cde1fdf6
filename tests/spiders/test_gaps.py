"""What a feed dropped is fetched over HTTP, within robots.txt and the crawl delay."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.crawl_harness import CannedResponse, CrawlHarness, Site

WINDOW = 4


class WordPress(Site):
    """A site on WordPress whose feed lists the four newest of its posts."""

    def __init__(self) -> None:
        super().__init__()
        self.newest = WINDOW
        self.disallowed = ""

    def publish(self, count: int) -> None:
        """Publish some posts more."""
        for number in range(self.newest - WINDOW + 1, self.newest + count + 1):
            self.article(f"/{number}/", f"Le titre numéro {number} de la mairie")
        self.newest += count
        for page in range(1, 9):
            first = self.newest - WINDOW * (page - 1)
            numbers = [one for one in range(first, first - WINDOW, -1) if one > 0]
            path = "/feed/" if page == 1 else f"/feed/?paged={page}"
            if numbers:
                self.paths[path] = self._page(numbers)
        self.respond(
            "/robots.txt", f"User-agent: *\nDisallow: {self.disallowed}".encode()
        )

    def _page(self, numbers: list[int]) -> CannedResponse:
        entries = "".join(
            f"<item><title>Post {one}</title><link>{self.url(f'/{one}/')}</link>"
            f"<guid isPermaLink='false'>{self.url(f'/?p={one}')}</guid></item>"
            for one in numbers
        )
        body = (
            "<rss version='2.0'><channel><title>T</title>"
            f"<link>{self.url()}</link><description>d</description>{entries}"
            "</channel></rss>"
        )
        headers = {"Content-Type": "application/rss+xml"}
        return CannedResponse(body.encode(), headers=headers)


@pytest.fixture
def site() -> Iterator[WordPress]:
    site = WordPress()
    yield site
    site.close()


@pytest.fixture
def harness(tmp_path: Path, site: WordPress) -> CrawlHarness:
    harness = CrawlHarness(tmp_path)
    harness.outlets = {"mairie": [site.url("/feed/")]}
    return harness


def let_pass(harness: CrawlHarness) -> None:
    """Some seconds pass: no feed is polled twice in one, though two crawls fit in it."""
    with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
        for table, column in (
            ("feeds", "read_at"),
            ("entries", "first_seen"),
            ("entries", "last_seen"),
        ):
            connection.execute(
                f"update {table} set {column} = "
                f"strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '-5 seconds')"
            )
        connection.commit()


def test_dropped_posts_are_found_and_stored(
    site: WordPress, harness: CrawlHarness
) -> None:
    site.publish(0)
    assert harness.once().counts["new"] == WINDOW
    let_pass(harness)
    site.publish(8)
    result = harness.once()
    assert result.exit_code == 0
    assert result.counts["new"] == 8
    pages = [path for path in site.requested_paths if "paged" in path]
    assert pages == ["/feed/?paged=2", "/feed/?paged=3"]
    gaps = harness.rows("select state, source, entries, requests from gaps")
    assert gaps == [("filled", "WordPress feed", 4, 2)]
    # The pages are in the archive, as the feed is.
    captures = harness.rows(
        "select count(*) from captures where kind = 'feed' and url like '%paged%'"
    )
    assert captures == [(2,)]
    assert harness.once().counts["new"] == 0
    assert len(harness.rows("select 1 from gaps")) == 1


@pytest.mark.parametrize("path", ["/feed/?paged=2", "/feed/?paged=3", "/7/"])
def test_a_killed_crawl_is_made_good(
    site: WordPress, harness: CrawlHarness, path: str
) -> None:
    """The process is killed as it asks for a page of the feed, or for a missed post."""
    site.publish(0)
    harness.once()
    let_pass(harness)
    site.publish(8)
    page = site.canned_response(path)
    processes: list[subprocess.Popen[bytes]] = []

    def kill(_: object) -> CannedResponse:
        processes[0].kill()
        return page

    site.paths[path] = kill
    processes.append(
        subprocess.Popen(
            harness.command("--once"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=harness.environment(),
        )
    )
    assert processes[0].wait(60) < 0
    site.paths[path] = page
    assert harness.once().exit_code == 0
    [(articles,)] = harness.rows("select count(*) from articles")
    assert articles == WINDOW + 8
    gaps = harness.rows("select state, source, entries from gaps")
    assert gaps == [("filled", "WordPress feed", 4)]


def test_robots_txt_is_obeyed(site: WordPress, harness: CrawlHarness) -> None:
    site.disallowed = "/*?"
    site.publish(0)
    harness.once()
    let_pass(harness)
    site.publish(8)
    harness.once()
    assert not [path for path in site.requested_paths if "?" in path]
    [(reason,)] = harness.rows("select reason from gaps")
    assert "robots.txt" in reason


def hours_ago(hours: float) -> str:
    return f"{datetime.now(UTC) - timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


def list_posts(site: Site, path: str, hours: range) -> None:
    """A feed of posts that were published so many hours ago."""
    entries = ""
    for hour in hours:
        link = site.article(f"/{hour}/", f"Le titre numéro {hour} de la mairie")
        entries += (
            f"<entry><id>{link}</id><title>Post {hour}</title><link href='{link}'/>"
            f"<published>{hours_ago(hour)}</published></entry>"
        )
    site.respond(
        path,
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{entries}</feed>".encode(),
        Content_Type="application/atom+xml",
    )


def list_news(site: Site, path: str, hours: range) -> None:
    """A news sitemap of such posts."""
    urls = "".join(
        f"<url><loc>{site.url(f'/{hour}/')}</loc><n:news><n:publication_date>"
        f"{hours_ago(hour)}</n:publication_date><n:title>Post {hour}</n:title></n:news></url>"
        for hour in hours
    )
    site.respond(
        path,
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n="
        f"'http://www.google.com/schemas/sitemap-news/0.9'>{urls}</urlset>".encode(),
        Content_Type="application/xml",
    )


def test_a_news_sitemap_that_robots_txt_names(
    site: WordPress, harness: CrawlHarness
) -> None:
    """The feed has no pages; a sitemap of another site is not asked for."""
    harness.outlets = {"mairie": [site.url("/posts.xml")]}
    elsewhere = Site()
    try:
        robots = (
            f"User-agent: *\nAllow: /\nSitemap: {elsewhere.url('/news.xml')}\n"
            f"Sitemap: {site.url('/all.xml')}\nSitemap: {site.url('/news.xml')}\n"
        )
        site.respond("/robots.txt", robots.encode())
        list_posts(site, "/posts.xml", range(7, 11))
        assert harness.once().counts["new"] == 4
        let_pass(harness)
        with closing(sqlite3.connect(harness.folder / "archive.db")) as connection:
            connection.execute("update feeds set read_at = ?", [hours_ago(6.5)])
            connection.commit()
        list_posts(site, "/posts.xml", range(4))
        list_news(site, "/news.xml", range(11))
        for hour in (4, 5, 6):
            site.article(f"/{hour}/", f"Le titre numéro {hour} de la mairie")
        assert harness.once().counts["new"] == 4 + 3
        gaps = harness.rows("select state, source, entries, requests from gaps")
        assert gaps == [("filled", "sitemap", 3, 1)]
        assert not elsewhere.requested_paths
        assert "/all.xml" not in site.requested_paths
    finally:
        elsewhere.close()
