"""``harvest add``: a newspaper by its address, into settings and archive."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harvester.discovery.search import MAX_REQUESTS
from harvester.newsroom import Newsroom, Outlet
from tests.support import ROOT
from tests.support.harvest_command import Harvest
from tests.support.sites import news_sitemap

MINE = """\
# my settings
[crawl]
delay = "0 seconds"                  # loopback
allow_networks = ["127.0.0.0/8"]
"""


@pytest.fixture
def mine(bare: Harvest) -> Harvest:
    """The program beside settings without an outlet."""
    (bare.folder / "settings.toml").write_text(MINE)
    return bare


def open_paper(newsroom: Newsroom, key: str = "gazette", **options: Any) -> Outlet:
    paper = newsroom.add_outlet(key, **options)
    for number in range(3):
        text = f"Le pont numéro {number} sera fermé dès lundi pour des travaux. " * 9
        paper.publish(f"Le pont {number} ferme", [text, text])
        newsroom.advance(hours=1)
    return paper


def outlets(harvest: Harvest) -> dict[str, Any]:
    document = tomllib.loads((harvest.folder / "settings.toml").read_text())
    tables: dict[str, Any] = document.get("outlets", {})
    return tables


def test_a_site_is_written_polled_and_shown(mine: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom, name="La Gazette")
    done = mine("add", paper.url, COLUMNS="200")  # so that nothing is cut
    text = (mine.folder / "settings.toml").read_text()
    assert text.startswith(MINE)
    assert outlets(mine) == {
        "la-gazette": {
            "name": "La Gazette",
            "home": paper.url,
            "language": "fr",
            "feeds": [paper.feed_url],
        }
    }
    assert "take" in done.stdout and paper.feed_url in done.stdout
    assert "added outlet la-gazette (La Gazette) with 1 feed" in done.stdout
    assert "Le pont 2 ferme" in done.stdout and "3 new" in done.stdout
    before_crawl = [request.path for request in paper.requests].index("/feed/") + 1
    assert before_crawl <= 4
    assert {request.path for request in paper.requests[:3]} == {
        "/robots.txt",
        "/",
        "/feed/",
    }

    again = mine("add", paper.url.rstrip("/"))
    assert "outlet la-gazette has these feeds already" in again.stderr
    assert (mine.folder / "settings.toml").read_text() == text


def test_settings_are_made_where_there_are_none(
    bare: Harvest, newsroom: Newsroom
) -> None:
    paper = open_paper(newsroom)
    networks = {"HARVESTER_CRAWL_ALLOW_NETWORKS": "127.0.0.0/8"}
    done = bare(
        "add", paper.url, "--no-poll", HARVESTER_CRAWL_DELAY="0 seconds", **networks
    )
    text = (bare.folder / "settings.toml").read_text()
    assert "Say who you are" in text and list(outlets(bare)) == ["gazette"]
    assert "wrote settings.toml: say in it who you are" in done.stderr
    assert not (bare.folder / "archive.db").exists()


def test_a_private_address_is_refused(bare: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom)
    error = bare("add", paper.url, code=1).stderr
    assert "private address" in error and "[crawl] allow_networks" in error
    assert list(bare.folder.iterdir()) == [] and not paper.requests


def test_a_dry_run_writes_nothing(mine: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom)
    article = paper.articles[1]
    done = mine(
        "add", article.url, "--dry-run", "--name", "Ma Gazette", "--key", "mine"
    )
    assert '[outlets.mine]\nname = "Ma Gazette"' in done.stdout
    assert f'feeds = ["{paper.feed_url}"]' in done.stdout
    assert (mine.folder / "settings.toml").read_text() == MINE
    assert not (mine.folder / "archive.db").exists()


def test_several_sites_in_one_command(mine: Harvest, newsroom: Newsroom) -> None:
    papers = [
        open_paper(newsroom, "gazette"),
        open_paper(newsroom, "lantern", kind="atom"),
    ]
    addresses = [papers[0].feed_url, papers[1].url.removeprefix("http://")]
    nowhere = newsroom.add_outlet("nowhere", "files")
    done = mine("add", *addresses, nowhere.url, "--json", code=1)
    records = json.loads(done.stdout)
    assert [record["added"] for record in records] == [True, True, False]
    assert [record.get("outlet") for record in records] == ["gazette", "lantern", None]
    assert "no feed of articles found" in records[2]["error"]
    assert "1 of 3 addresses could not be added" in done.stderr
    assert list(outlets(mine)) == ["gazette", "lantern"]
    assert len(mine.json("search", "pont")) >= 2


def test_nothing_is_found(mine: Harvest, newsroom: Newsroom) -> None:
    paper = newsroom.add_outlet("empty", "files")
    paper.serve(
        "/", b"<html><body><nav><a href='/sport/'>Sport</a></nav></body></html>"
    )
    error = mine("add", paper.url, code=1).stderr
    assert "no feed of articles found at" in error
    assert f"{paper.url}rss.xml: HTTP 404" in error
    assert "its sections" in error and "Sport" in error
    assert len(paper.requests) <= MAX_REQUESTS
    assert (mine.folder / "settings.toml").read_text() == MINE


def test_robots_txt_is_obeyed(mine: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom)
    paper.robots_response = (200, "User-agent: *\nDisallow: /\n")
    error = mine("add", paper.url, code=1).stderr
    assert "disallowed by robots.txt" in error and "permission" in error
    assert [request.path for request in paper.requests] == ["/robots.txt"]


def test_a_news_sitemap_that_robots_txt_names(
    mine: Harvest, newsroom: Newsroom
) -> None:
    paper = newsroom.add_outlet("mapped", "files", name="Mapped")
    body = news_sitemap(range(9)).replace("https://www.courier.example/", paper.url)
    packed = gzip.compress(body.encode())
    url = paper.serve("/news-map.xml.gz", packed, "application/gzip")
    paper.serve("/", b"<html lang='en'><title>Mapped</title><p>Hello</p></html>")
    paper.robots_response = (200, f"User-agent: *\nSitemap: {url}\n")
    (record,) = json.loads(mine("add", paper.url, "--json", "--no-poll").stdout)
    assert record["feeds"] == [url] and record["found"][0]["kind"] == "sitemap"


def test_feeds_are_added_to_the_outlet_of_the_site(
    mine: Harvest, newsroom: Newsroom
) -> None:
    paper = open_paper(newsroom, sections=("Sport", "Culture"))
    paper.publish(
        "Le match", ["Le match a eu lieu hier soir au stade."], section="Sport"
    )
    sport, culture = paper.feed_urls
    mine("add", sport, "--no-poll", "--key", "paper")
    mine("add", culture, "--no-poll")
    assert outlets(mine)["paper"]["feeds"] == [sport, culture]
    assert list(outlets(mine)) == ["paper"]


@contextmanager
def running(harvest: Harvest) -> Iterator[subprocess.Popen[str]]:
    """``harvest run``, until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", "run"],
        cwd=harvest.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    """Read its log until a line has these words."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"{words!r} was never logged")


def test_a_running_daemon_takes_it_up(mine: Harvest, newsroom: Newsroom) -> None:
    first = open_paper(newsroom, "gazette")
    mine("add", first.url, "--no-poll")
    second = open_paper(newsroom, "lantern", kind="atom")
    wanted = second.articles[0].path
    with running(mine) as daemon:
        wait_for(daemon, "started")
        done = mine("add", second.url)
        assert "`harvest run` (process" in done.stderr
        assert "takes it up within seconds" in done.stderr
        wait_for(daemon, "reloaded the settings: outlets 2")
        deadline = time.monotonic() + 60
        while not any(request.path == wanted for request in second.requests):
            assert time.monotonic() < deadline, "the article was never fetched"
            time.sleep(0.1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument"),
        (("paper",), "not the address of a site or feed"),
        (("ftp://paper.example",), "not the address of a site or feed"),
        (("https://me:secret@",), "not the address"),
        (("a.example", "b.example", "--key", "x"), "for a single URL"),
        (("a.example", "--key", "Ä"), "made of a-z"),
        (("a.example", "--choose"), "--choose asks on a terminal"),
        (("subscriptions.opml",), "harvest import subscriptions.opml"),
    ],
)
def test_what_is_typed_wrong(
    mine: Harvest, arguments: tuple[str, ...], words: str
) -> None:
    (mine.folder / "subscriptions.opml").write_text("<opml/>")
    error = mine("add", *arguments, code=2).stderr
    assert words in error and "secret" not in error
    assert (mine.folder / "settings.toml").read_text() == MINE


def test_invalid_settings_are_said_before_anything_is_fetched(
    mine: Harvest, newsroom: Newsroom
) -> None:
    paper = open_paper(newsroom)
    (mine.folder / "settings.toml").write_text(f"{MINE}dealy = 3\n")
    assert "did you mean 'delay'" in mine("add", paper.url, code=2).stderr
    assert not paper.requests


def test_a_name_that_does_not_resolve(mine: Harvest) -> None:
    error = mine("add", "no-such-paper.invalid", code=1).stderr
    assert "check the spelling" in error or "offline" in error


def test_it_does_not_depend_on_the_folder(mine: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom)
    elsewhere = Harvest(Path("/"))
    settings = mine.folder / "settings.toml"
    elsewhere("--settings", str(settings), "add", paper.url, "--no-poll")
    assert list(outlets(mine)) == ["gazette"]


def test_a_site_without_a_feed_is_followed_by_its_front_page(
    mine: Harvest, newsroom: Newsroom
) -> None:
    paper = newsroom.add_outlet("pages", "files", name="Pages")
    text = "<p>Le pont de pierre sera fermé dès lundi pour des travaux.</p>" * 9
    links = ""
    for number in range(6):
        path = f"/2025/09/06/le-pont-numero-{number}-sera-ferme"
        title = f"Le pont numéro {number} sera fermé dès lundi"
        paper.serve(path, f"<title>{title}</title><h1>{title}</h1>{text}".encode())
        links += f'<h2><a href="{path}">{title}</a></h2>'
    paper.serve("/", f"<html lang='fr'><title>Pages</title>{links}</html>".encode())
    done = mine("add", paper.url)
    assert "with 1 section page to settings.toml" in done.stdout
    table = outlets(mine)["pages"]
    assert table["pages"] == [paper.url] and "feeds" not in table
    assert mine.json("stats")["articles"]["total"] >= 1
    assert "has these feeds already" in mine("add", paper.url).stderr
    mine("remove", "pages")
    mine("--settings", "copy.toml", "import", "-", code=1)
    copy = mine("export", "opml").stdout
    (mine.folder / "copy.opml").write_text(copy)
    mine("--settings", "copy.toml", "import", "copy.opml")
    assert paper.url in (mine.folder / "copy.toml").read_text()


def test_another_address_of_a_known_feed_is_not_added(
    mine: Harvest, newsroom: Newsroom
) -> None:
    paper = open_paper(newsroom)
    mine("add", paper.url, "--no-poll")
    settings = mine.folder / "settings.toml"
    other = f"{paper.url}feed/?from=elsewhere"
    settings.write_text(settings.read_text().replace(paper.feed_url, other))
    done = mine("add", paper.url, "--no-poll")
    assert "has these feeds already" in done.stderr and "the same as" in done.stdout
    assert outlets(mine)["gazette"]["feeds"] == [other]


def test_a_dead_feed_is_replaced(mine: Harvest, newsroom: Newsroom) -> None:
    paper = open_paper(newsroom)
    dead = f"{paper.url}old-feed.xml"
    with (mine.folder / "settings.toml").open("a") as file:
        file.write(f'\n[outlets.paper] # old\nfeeds = [\n  "{dead}", # gone\n]\n')
    done = mine("add", paper.url, "--dry-run")
    assert f"{dead} is no feed any more: --replace takes it out" in done.stderr
    assert "1 feed would be added to outlet paper" in done.stdout
    done = mine("add", paper.url, "--replace", "--no-poll")
    assert f"{dead} is no feed any more: replaced" in done.stderr
    assert outlets(mine) == {"paper": {"feeds": [paper.feed_url]}}
    assert "[outlets.paper] # old" in (mine.folder / "settings.toml").read_text()
