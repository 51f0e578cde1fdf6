"""`harvest once URL`: one address, whatever it is, and an answer that says what to do."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.support.crawl_harness import Site
from tests.support.harvest_command import Harvest


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    for number in range(1, 5):
        opened.article(f"/news/{number}", f"Le pont {number} ferme")
    opened.feed("/feed", [opened.url("/news/1"), opened.url("/news/2")])
    opened.respond("/robots.txt", b"User-agent: *\nDisallow: /private/\n")
    yield opened
    opened.close()


@pytest.fixture
def paper(bare: Harvest, site: Site) -> Harvest:
    """Settings with one outlet, the site."""
    (bare.folder / "settings.toml").write_text(
        '[crawl]\ndelay = "0 seconds"\nallow_networks = ["127.0.0.0/8"]\n'
        f'[outlets.paper]\nfeeds = ["{site.url("/feed")}"]\n'
    )
    return bare


def rows(harvest: Harvest, sql: str) -> list[Any]:
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        return connection.execute(sql).fetchall()


def visit_of(harvest: Harvest, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What one address gave, as JSON."""
    done = harvest("once", "--json", *arguments, code=code)
    (visit,) = json.loads(done.stdout)["addresses"]
    return dict(visit)


def test_a_page_that_no_feed_announced_becomes_an_article_and_is_then_checked(
    paper: Harvest, site: Site
) -> None:
    done = paper("once", site.url("/news/3#top"))
    assert done.stdout.startswith("new: Le pont 3 ferme\n  `harvest show ")
    assert set(site.page_paths()) == {"/news/3"}  # nothing else that is due
    site.article("/news/3", "Le pont 3 est fermé")
    changed = visit_of(paper, site.url("/news/3"))
    assert (changed["outcome"], changed["version"]) == ("changed", 2)
    assert changed["title"] == "Le pont 3 est fermé"
    # An address that differs in a number is another page.
    assert visit_of(paper, site.url("/news/4"))["outcome"] == "new"
    assert rows(paper, "select count(*) from articles where due is not null") == [(2,)]
    assert rows(paper, "select count(*) from entries") == [(0,)]
    assert paper("verify").returncode == 0


def test_a_feed_is_polled_alone_and_what_it_announced_is_visited_by_its_entry(
    paper: Harvest, site: Site
) -> None:
    polled = paper("once", site.url("/feed"))
    assert polled.stdout.startswith("polled: ")
    assert "`harvest once paper` fetches what is new" in polled.stdout
    assert set(site.page_paths()) == {"/feed"}
    assert visit_of(paper, site.url("/news/2"))["outcome"] == "new"
    assert set(rows(paper, "select url, outcome from entries")) == {
        (site.url("/news/1"), "waiting"),
        (site.url("/news/2"), "new"),
    }


def test_what_gives_no_article(paper: Harvest, site: Site) -> None:
    site.article("/private/1")
    site.respond("/a.pdf", b"%PDF-1.4", Content_Type="application/pdf")
    items = "".join(
        f"<li><a href='/news/{n}'>Le pont {n} ferme au public lundi</a></li>"
        for n in range(40)
    )
    body = f"<html><title>Politique</title><h1>Politique</h1><ul>{items}</ul></html>"
    site.respond("/section", body.encode(), Content_Type="text/html")
    for path, words, hint in (
        ("/private/1", "refused: disallowed by robots.txt", "ask the outlet"),
        ("/a.pdf", "refused: no page: application/pdf", "HTML or plain text"),
        ("/section", "refused: not an article", "`pages` of its outlet"),
        ("/none", "gone: answered 404 Not Found", "check the address"),
    ):
        done = paper("once", site.url(path), code=1)
        assert words in done.stderr and hint in done.stderr, done.stderr
        assert not done.stdout
    assert rows(paper, "select count(*) from articles") == [(0,)]
    both = paper("once", site.url("/none"), site.url("/news/1"), code=1)
    assert "1 of 2 addresses gave no article" in both.stderr
    assert "new: Le pont 1 ferme" in both.stdout and "gone: " in both.stdout


def test_a_site_that_is_no_outlet_yet_is_added(paper: Harvest) -> None:
    other = Site("127.0.0.2")
    link = other.article("/a/rue", "Une rue ouvre")
    other.feed("/feed", [link, other.article("/a/2", "Un autre")])
    head = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    page = f"<html><head><title>Le Phare</title>{head}</head><body>x</body></html>"
    other.respond("/", page.encode(), Content_Type="text/html")
    done = paper("once", link.removeprefix("http://"))
    other.close()
    assert "looking for its feeds, to add it" in done.stderr
    assert "new: Une rue ouvre" in done.stdout
    text = (paper.folder / "settings.toml").read_text()
    assert other.url("/feed") in text and "[outlets.paper]" in text
    assert rows(paper, "select count(*) from articles") == [(1,)]


def test_without_settings_they_are_made(bare: Harvest) -> None:
    done = bare("once", "https://no-such-paper.invalid/article", code=1)
    assert "no feed found" in done.stderr
    assert not (bare.folder / "settings.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("paper", "SITE/news/1"), "name either outlets or addresses"),
        (("SITE/",), "`harvest once paper` checks the outlet"),
        (("ftp://paper.example/a",), "is not a URL that can be fetched"),
        (("https://",), "is not a URL that can be fetched"),
        (("settings.toml",), "is a file: `harvest check FILE`"),
        (("papr",), "did you mean 'paper'?"),
        (tuple(f"paper.example/{n}" for n in range(51)), "more than 50 addresses"),
    ],
)
def test_typed_wrong(
    paper: Harvest, site: Site, arguments: tuple[str, ...], words: str
) -> None:
    here = site.url("")
    typed = [argument.replace("SITE", here) for argument in arguments]
    done = paper("once", *typed, code=2)
    assert words in done.stderr
    assert not site.requested_paths


def test_what_was_purged_or_disabled_is_not_fetched(paper: Harvest, site: Site) -> None:
    url = site.url("/news/1")
    key = visit_of(paper, url)["article"]
    paper("purge", key, "--why", "court order", "--yes")
    count = len(site.requested_paths)
    assert "was purged on" in paper("once", url, code=1).stderr
    paper("remove", "paper")
    assert "outlet 'paper' is disabled" in paper("once", url, code=2).stderr
    assert len(site.requested_paths) == count


def test_no_secret_of_an_address_is_told(paper: Harvest, site: Site) -> None:
    url = site.url("/none?token=hush").replace("//", "//me:hidden@")
    done = paper("once", url, code=1)
    assert not {"hush", "hidden"} & set(
        done.stderr.replace("=", ":").replace("@", ":").split(":")
    )
