"""A program that tests fork is the one that a person starts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support import forked_program, small_archive
from tests.support.crawl_harness import CrawlHarness, Site
from tests.support.harvest_command import Harvest

COMMANDS = (
    (["--version"], 0),
    (["search", "église"], 0),
    (["search", "--no-such-option"], 2),
    (["show", "https://mpi.example/never"], 1),
)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("village")
    small_archive.copy_village(folder)
    return folder


def run_both(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str, **environment: str
) -> list[tuple[int, str, str]]:
    """(exit code, output, messages) of a command that is forked, and of one started."""
    results = []
    for start in ("", "1"):
        monkeypatch.setenv("START_PROGRAMS", start)
        done = forked_program.run(
            "harvester.cli", arguments, cwd=folder, environment=environment, timeout=60
        )
        results.append((done.returncode, done.stdout, done.stderr))
    return results


@pytest.mark.parametrize(("arguments", "code"), COMMANDS)
def test_it_says_and_ends_as_one_that_is_started(
    village: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    forked, started = run_both(monkeypatch, village, *arguments)
    assert forked == started
    assert forked[0] == code
    assert forked[1] or forked[2]


def test_it_has_the_environment_that_it_is_given(
    village: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"TZ": "Asia/Tokyo", "COLUMNS": "50"}
    forked, started = run_both(monkeypatch, village, "search", "--help", **options)
    assert forked == started
    assert forked != run_both(monkeypatch, village, "search", "--help")[0]


def test_one_that_takes_too_long_is_killed(village: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        forked_program.run(
            "harvester.cli", ["search", "église", "--follow"], cwd=village, timeout=0.5
        )
    assert Harvest(village)("--version").stdout.startswith("harvest")


def test_a_command_that_starts_a_crawl_leaves_no_process(tmp_path: Path) -> None:
    site = Site()
    try:
        site.feed("/feed", [site.article("/a")])
        harness = CrawlHarness(tmp_path)
        harness.outlets = {"paper": [site.url("/feed")]}
        harness.write_settings()
        counts = Harvest(tmp_path).json("once")
    finally:
        site.close()
    assert (counts["new"], counts["feeds"]) == (1, 1)
    here = {
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cwd")
        if _reads_as(path, str(tmp_path))
    }
    assert here == set()


def _reads_as(link: Path, folder: str) -> bool:
    try:
        return str(link.readlink()) == folder
    except OSError:  # another's, or ended meanwhile
        return False
