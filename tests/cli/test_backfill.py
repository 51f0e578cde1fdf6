"""``harvest backfill``: where backfills stand, what is refused, and what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harvester.archive.records import backfills
from harvester.archive.records.backfills import BackfillRow, Standing
from harvester.cli import cli
from harvester.cli.backfill_progress import BackfillProgress, format_seconds
from harvester.cli.commands import COMMANDS
from harvester.daemon.backfill_estimate import Estimator
from harvester.daemon.fetch_process import Fetched
from tests.support import ROOT
from tests.support.backfilled_outlet import KEY, SINCE, BackfilledOutlet

COUNT = 12


@pytest.fixture
def world(tmp_path: Path) -> Iterator[BackfilledOutlet]:
    world = BackfilledOutlet(tmp_path, COUNT)
    yield world
    world.close()


def run(world: BackfilledOutlet, *arguments: str) -> Result:
    settings = str(world.folder / "settings.toml")
    return CliRunner().invoke(cli, ["--settings", settings, "backfill", *arguments])


def record(world: BackfilledOutlet) -> dict[str, Any]:
    result = run(world, "--json")
    assert result.exit_code == 0, result.output
    [one] = json.loads(result.stdout)
    return dict(one)


def test_where_a_backfill_stands(world: BackfilledOutlet) -> None:
    assert "no backfills" in run(world).stderr
    world.begin()
    world.run(4, pages=False)
    standing = record(world)
    assert standing["state"] == "running"
    assert (standing["new"], standing["waiting"]) == (7, 7)
    assert "7 pages to fetch" in run(world).stdout
    settings = str(world.folder / "settings.toml")
    status = CliRunner().invoke(cli, ["--settings", settings, "status"])
    assert f"backfill of {KEY}: 7 pages to fetch" in status.stderr
    world.run()
    standing = record(world)
    assert standing["state"] == "finished"
    assert standing["outcomes"] == {"new": 7}
    by_source = {each["source"]: each for each in standing["sources"]}
    assert by_source["WordPress REST"]["new"] == 7
    assert by_source["sitemap"]["reason"] == "another source listed it"
    line = run(world, "--csv").stdout.splitlines()[1]
    assert line.startswith(f"1,{KEY},2019-01-01T00:00:00Z")


def test_what_is_refused(world: BackfilledOutlet) -> None:
    world.keeper.close()
    for arguments, words in (
        (("gazete", "--since", "2019"), "did you mean 'gazette'?"),
        (("--since", "2019"), "name an outlet"),
        ((KEY,), "give --since DATE"),
        ((KEY, "--dry-run"), "--dry-run needs --since DATE"),
        ((KEY, "--since", "nonsense"), "invalid time"),
    ):
        result = run(world, *arguments)
        assert result.exit_code == 2, result.output
        assert words in result.output
    result = run(world, KEY, "--stop")
    assert result.exit_code != 0
    assert "has no backfill" in str(result.exception)
    result = run(world, KEY, "--since", "2199")
    assert "is yet to come" in str(result.exception)
    world.open()


def test_progress_in_words() -> None:
    row = BackfillRow(
        1, KEY, SINCE, SINCE, "running", 90, 80, 10, 0, 3, 400, "", SINCE, None
    )
    progress = BackfillProgress(Path("a.db"), KEY, 2.0)
    listing = Standing(row, 80, None, 2, "sitemap")
    assert progress.describe(listing, 0.0) == (
        "listing: 90 of about 400 found with 3 requests, sitemap next"
    )
    fetching = Standing(row, 80, None, 0, "")
    assert progress.describe(fetching, 0.0) == (
        "0 of 80 pages fetched, about 3 minutes to go"
    )
    later = Standing(row, 50, None, 0, "")
    assert progress.describe(later, 300.0) == (
        "30 of 80 pages fetched, about 8 minutes to go"
    )
    assert format_seconds(3 * 86_400) == "about 3 days"


# ---- estimates


def fetched(world: BackfilledOutlet, url: str) -> Fetched:
    return Fetched(world.fetch(url), False, (), len(world.outlet.requests))


def test_an_estimate_by_wordpress_asks_a_request_a_year(
    world: BackfilledOutlet,
) -> None:
    outlet = world.settings.outlets[KEY]
    estimate = Estimator(
        outlet, lambda url: fetched(world, url), "2018-01-01T00:00:00Z", world.now
    ).run()
    assert estimate.source == "WordPress REST"
    assert dict(estimate.by_year) == {"2019": COUNT}
    assert len(world.outlet.requests) == 3  # the feed, all, 2019
    assert not world.rows("select 1 from captures")


def test_an_estimate_by_sitemaps(world: BackfilledOutlet) -> None:
    world.outlet.rest_quirks = frozenset(["closed"])
    outlet = world.settings.outlets[KEY]
    estimate = Estimator(
        outlet, lambda url: fetched(world, url), SINCE, world.now
    ).run()
    assert (estimate.source, estimate.total) == ("", 0)
    assert any("401" in note for note in estimate.notes)
    world.outlet.lists = frozenset(["sitemaps"])
    estimate = Estimator(
        outlet, lambda url: fetched(world, url), SINCE, world.now
    ).run()
    assert (estimate.source, dict(estimate.by_year)) == ("sitemap", {"2019": COUNT})


# ---- the real command


def start(world: BackfilledOutlet, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "harvester.cli", *arguments]
    return subprocess.Popen(
        command,
        cwd=world.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for(world: BackfilledOutlet, path: str, seconds: float = 60.0) -> None:
    """Wait until a request was received whose path has these words."""
    end = time.monotonic() + seconds
    while not any(path in request.path for request in world.outlet.requests):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.long
def test_killed_stopped_and_finished(world: BackfilledOutlet) -> None:
    """The command itself: killed as it lists, stopped as it fetches, and gone on with."""
    world.keeper.close()
    arguments = ("backfill", KEY, "--since", "2019-01-01", "--wait")
    world.outlet.latency_seconds = 0.2
    process = start(world, *arguments)
    wait_for(world, "wp-json")
    process.kill()
    process.communicate()
    world.outlet.latency_seconds = 0.05
    process = start(world, *arguments)
    wait_for(world, world.outlet.articles[4].path)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode:  # else it was faster
        assert process.returncode == 130, said
        assert f"`harvest backfill {KEY}` goes on" in said
        assert record_of(world)["state"] == "stopped"
    process = start(world, "backfill", KEY, "--since", "2019-01-01")
    answer, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "finished" in answer
    world.open()
    assert world.found() == world.online()
    assert len(world.rows("select 1 from entries")) == COUNT
    assert len(world.rows("select 1 from articles")) == COUNT


def record_of(world: BackfilledOutlet) -> dict[str, Any]:
    process = start(world, "backfill", "--json")
    answer, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return dict(json.loads(answer)[0])


@pytest.mark.long
def test_the_daemon_goes_on_with_it(world: BackfilledOutlet) -> None:
    """The command begins it and returns; `harvest run` does the rest."""
    world.keeper.close()
    daemon = start(world, "run")
    try:
        wait_for(world, world.outlet.articles[-1].path)
        process = start(world, "backfill", KEY, "--since", "2019-01-01")
        answer, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "running" in answer
        assert "`harvest run`" in said
        wait_for(world, world.outlet.articles[0].path)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=60)
    world.open()
    assert backfills.list_backfills(world.archive.connection)[0].new > 0
    assert len(world.found()) > world.outlet.feed_size


def test_it_is_a_command() -> None:
    assert COMMANDS["backfill"] == "backfill"
