"""Sitemap indexes are followed to their newest sitemaps."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from harvester.model import Capture
from harvester.schedule.times import add_seconds
from tests.support.observer import FEED, Observer

START = "2025-09-06T06:00:00Z"
HOUR = 3_600.0
SITE = "https://paper.example"
XML = (("Content-Type", "application/xml"),)


class Indexed(Observer):
    """A paper whose feed is a sitemap index; ``files`` has XML by URL."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.files: dict[str, str] = {}
        self.requested: list[str] = []

    def index(self, url: str, *sitemaps: tuple[str, str]) -> None:
        """Serve an index of (URL, date of change)."""
        entries = "".join(
            f"<sitemap><loc>{loc}</loc>"
            + (f"<lastmod>{date}</lastmod>" if date else "")
            + "</sitemap>"
            for loc, date in sitemaps
        )
        self.files[url] = f"<sitemapindex>{entries}</sitemapindex>"

    def sitemap(self, url: str, *pages: str) -> None:
        """Serve a sitemap of these pages."""
        entries = "".join(f"<url><loc>{SITE}/{page}</loc></url>" for page in pages)
        self.files[url] = f"<urlset>{entries}</urlset>"

    def poll(self, hour: float) -> list[str]:
        """Make all visits that are due; returns the sitemaps that were requested."""
        self.requested = []
        self.crawl(add_seconds(START, hour * HOUR), force=False)
        self.check()
        return self.requested

    def _fetch(self, url: str, now: str) -> Capture:
        if url not in self.files:
            return Capture(url, url, now, 404)
        self.requested.append(url)
        body = self.files[url].encode()
        if url.endswith(".gz"):
            body = gzip.compress(body)
        return Capture(url, url, now, 200, XML, body)

    def entries(self) -> list[str]:
        rows = self.rows("select url from entries order by url")
        return [row["url"].removeprefix(f"{SITE}/") for row in rows]

    def followed(self) -> list[str]:
        rows = self.rows("select url from feeds where active and parent <> ''")
        return sorted(row["url"] for row in rows)


@pytest.fixture
def paper(tmp_path: Path) -> Indexed:
    return Indexed(tmp_path)


def test_the_newest_sitemaps_are_polled_and_no_others(paper: Indexed) -> None:
    months = [f"{SITE}/2025-{month:02}.xml.gz" for month in range(1, 10)]
    for number, url in enumerate(months, 1):
        paper.sitemap(url, f"page-{number}")
    dates = [(url, f"2025-{month:02}-28") for month, url in enumerate(months, 1)]
    paper.index(FEED, *dates)
    assert paper.poll(0) == [FEED, *paper.requested[1:]]
    assert sorted(paper.requested[1:]) == months[4:]
    assert paper.entries() == [f"page-{number}" for number in range(5, 10)]
    status = " ".join(paper.run("status").split())  # wherever lines are broken
    assert "sitemap index of 9 sitemaps; followed: https://paper" in status
    assert "in its place in the settings" not in status
    # A new month begins: the oldest of the five is kept, and not polled.
    paper.sitemap(f"{SITE}/2025-10.xml.gz", "page-10")
    paper.index(FEED, *dates, (f"{SITE}/2025-10.xml.gz", "2025-10-01"))
    assert paper.poll(3) == [FEED, f"{SITE}/2025-10.xml.gz"]
    assert paper.followed() == [*months[5:], f"{SITE}/2025-10.xml.gz"]


def test_what_has_not_changed_is_not_asked_for(paper: Indexed) -> None:
    one, two = f"{SITE}/one.xml", f"{SITE}/two.xml"
    paper.sitemap(one, "a")
    paper.sitemap(two, "b")
    paper.index(FEED, (one, "2025-09-01"), (two, "2025-09-02"))
    paper.poll(0)
    assert paper.poll(3) == [FEED]
    paper.sitemap(one, "a", "c")
    paper.index(FEED, (one, "2025-09-06"), (two, "2025-09-02"))
    assert paper.poll(6) == [FEED, one]
    assert paper.entries() == ["a", "b", "c"]
    assert set(paper.poll(40)) == {FEED, one, two}  # once a day all the same


def test_of_those_without_dates_the_last_ones_are_polled(paper: Indexed) -> None:
    urls = [f"{SITE}/{number}.xml" for number in range(8)]
    for url in urls:
        paper.sitemap(url, url[-5:-4])
    paper.index(FEED, *((url, "") for url in urls))
    paper.poll(0)
    assert paper.followed() == urls[3:]


def test_an_index_within_an_index_but_no_deeper(paper: Indexed) -> None:
    inner, innermost, deep = (f"{SITE}/{name}.xml" for name in ("b", "c", "d"))
    paper.index(FEED, (inner, ""), (FEED, ""))
    paper.index(inner, (innermost, ""), (FEED, ""))
    paper.index(innermost, (deep, ""), (inner, ""))
    paper.sitemap(deep, "too-deep")
    paper.poll(0)
    assert paper.followed() == [inner, innermost]
    assert paper.entries() == []


def test_sitemaps_of_other_sites_are_named_and_not_followed(paper: Indexed) -> None:
    other = "https://elsewhere.example/sitemap.xml"
    paper.files[other] = "<urlset></urlset>"
    paper.index(FEED, (other, ""), ("ftp://paper.example/a.xml", ""))
    assert paper.poll(0) == [FEED]
    status = " ".join(paper.run("status").split())  # wherever lines are broken
    assert "sitemap index of 1 sitemaps, which are not followed" in status
    assert "in its place in the settings" in status


def test_where_the_index_leaves_the_settings_its_sitemaps_do(paper: Indexed) -> None:
    inner, leaf = f"{SITE}/b.xml", f"{SITE}/c.xml"
    paper.index(FEED, (inner, ""))
    paper.index(inner, (leaf, ""))
    paper.sitemap(leaf, "a")
    paper.poll(0)
    before = paper.settings.read_text()
    paper.settings.write_text(before.replace(FEED, f"{SITE}/other.xml"))
    assert paper.poll(48) == []
    assert paper.followed() == []
    paper.settings.write_text(before)
    assert paper.poll(96)[:3] == [FEED, inner, leaf]
    assert paper.followed() == [inner, leaf]


def test_what_the_settings_name_stays_theirs(paper: Indexed) -> None:
    leaf = f"{SITE}/c.xml"
    text = paper.settings.read_text().replace(f'["{FEED}"]', f'["{FEED}", "{leaf}"]')
    paper.settings.write_text(text)
    paper.index(FEED, (leaf, "2025-09-01"))
    paper.sitemap(leaf, "a")
    paper.poll(0)
    assert paper.followed() == []
    assert paper.entries() == ["a"]
