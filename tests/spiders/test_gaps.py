"""What a feed dropped is fetched over HTTP, within robots.txt and the crawl delay."""

from __future__ import annotations

from collections.abc import Iterator
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


def test_dropped_posts_are_found_and_stored(
    site: WordPress, harness: CrawlHarness
) -> None:
    site.publish(0)
    assert harness.once().counts["new"] == WINDOW
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


def test_robots_txt_is_obeyed(site: WordPress, harness: CrawlHarness) -> None:
    site.disallowed = "/*?"
    site.publish(0)
    harness.once()
    site.publish(8)
    harness.once()
    assert not [path for path in site.requested_paths if "?" in path]
    [(reason,)] = harness.rows("select reason from gaps")
    assert "robots.txt" in reason
