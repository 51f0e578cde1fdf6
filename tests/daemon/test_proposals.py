"""The daemon looks for another feed where one is dead, over HTTP on loopback."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from harvester.cli.commands import cli
from harvester.daemon.proposals import SearchStoppedError, find_proposal
from harvester.schedule.times import add_seconds
from harvester.settings import load_settings
from tests.spiders.conftest import harness, site  # noqa: F401 (fixtures)
from tests.support.crawl_harness import CrawlHarness, Site

DAY = 86_400.0


@pytest.fixture
def dead(harness: CrawlHarness, site: Site) -> CrawlHarness:  # noqa: F811
    """A paper whose feed was read once, and is gone since."""
    site.feed(
        "/feed", [site.article(f"/a{number}", f"A {number}") for number in range(3)]
    )
    harness.outlet_lines["paper"] = f'home = "{site.url("/")}"'
    harness.outlets = {"paper": [site.url("/feed")]}
    harness.once()
    site.feed("/rss/new", [site.url(f"/a{number}") for number in range(3)])
    link = "<link rel=alternate type='application/rss+xml' href='/rss/new'>"
    site.respond(
        "/",
        f"<html><head><title>Paper</title>{link}</head><body></body></html>".encode(),
        Content_Type="text/html",
    )
    site.respond("/feed", b"gone", 404)
    harness.once("--force")
    return harness


def _now(harness: CrawlHarness, days: float) -> str:  # noqa: F811
    ((polled,),) = harness.rows("select max(polled) from feeds")
    return add_seconds(polled, days * DAY)


def _search(harness: CrawlHarness, days: float) -> bool:  # noqa: F811
    return find_proposal(load_settings(harness.settings), _now(harness, days))


def _status(harness: CrawlHarness) -> str:  # noqa: F811
    done = CliRunner().invoke(cli, ["--settings", str(harness.settings), "status"])
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def test_another_feed_is_found_told_and_taken(
    dead: CrawlHarness,
    site: Site,  # noqa: F811
) -> None:
    with closing(sqlite3.connect(dead.folder / "archive.db")) as connection:
        # Read last so long ago.
        connection.execute("update feeds set read_at = '2025-01-01T00:00:00Z'")
        connection.commit()
    assert not _search(dead, 1), "somebody may mend it"
    before = len(site.requested_paths)
    assert _search(dead, 3)
    assert len(site.requested_paths) - before <= 15
    ((note, feed),) = dead.rows(
        "select note, feed from events where kind = 'feed found'"
    )
    assert feed == site.url("/feed")
    assert f"{site.url('/rss/new')}, 3 entries, 3 of them known" in note
    command = f"harvest add --replace --key paper {site.url('/rss/new')}"
    assert f"3 of them articles of the archive: `{command}` takes it" in _status(dead)
    # Once a week.
    before = len(site.requested_paths)
    assert not _search(dead, 9)
    assert len(site.requested_paths) == before
    assert _search(dead, 11)
    taken = CliRunner().invoke(
        cli, ["--settings", str(dead.settings), *command.split()[1:], "--no-poll"]
    )
    assert taken.exit_code == 0, taken.output
    (paper,) = load_settings(dead.settings).outlets.values()
    assert [one.url for one in paper.feeds] == [site.url("/rss/new")]


def test_nothing_is_proposed_where_nothing_is_found(
    dead: CrawlHarness,
    site: Site,  # noqa: F811
) -> None:
    with closing(sqlite3.connect(dead.folder / "archive.db")) as connection:
        connection.execute("update feeds set read_at = null")
        connection.commit()
    site.respond("/", b"<html><title>Domain for sale</title></html>")
    assert _search(dead, 3)
    assert dead.rows("select proposal from feeds") == [("{}",)]
    assert "another feed was found" not in _status(dead)


def test_a_search_that_is_stopped_is_made_another_time(
    dead: CrawlHarness,
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(dead.folder / "archive.db")) as connection:
        connection.execute("update feeds set read_at = null")
        connection.commit()

    def stop(_: str) -> None:
        raise SearchStoppedError("the search was stopped")

    with pytest.raises(SearchStoppedError):
        find_proposal(load_settings(dead.settings), _now(dead, 3), stop)
    assert dead.rows("select searched from feeds") == [(None,)]


@pytest.mark.long
def test_the_daemon_searches_by_itself(
    dead: CrawlHarness,
    site: Site,  # noqa: F811
) -> None:
    with closing(sqlite3.connect(dead.folder / "archive.db")) as connection:
        connection.execute(
            "update feeds set read_at = null, since = '2025-01-01T00:00:00Z', due = since"
        )
        connection.commit()
    dead.crawl["every"] = "auto"
    dead.write_settings()
    command = [sys.executable, "-P", "-m", "harvester.cli"]
    process = subprocess.Popen(
        [*command, "--settings", str(dead.settings), "run"],
        env=dead.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        query = "select count(*) from events where kind = 'feed found'"
        while dead.rows(query) == [(0,)] and time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        assert dead.rows(query) == [(1,)]
    finally:
        process.terminate()
        process.wait(30)
