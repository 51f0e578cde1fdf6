"""``harvest import wayback`` as people run it: from a web archive and from pywb."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.importing.wayback.cdx import read_timestamp
from harvester.newsroom.response_body import join_parts
from tests.importing.wayback.past import Past
from tests.support.harvest_command import Harvest
from tests.support.pywb_server import PYWB, Replay, needs_pywb, run_in


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Past]:
    made = Past(tmp_path)
    yield made
    made.close()


def test_from_an_address_by_our_own_fetcher(past: Past, tmp_path: Path) -> None:
    past.harvest()
    harvest = Harvest(tmp_path)
    command = ("import", "wayback", "courier", "--archive", past.web.address)
    command = (*command, "--cdx", past.web.list_address)
    plan = harvest(*command, "--dry-run").stdout
    assert (
        "7 captures of 2 pages, from 2025-09-06 to 2025-09-11; 1 of them known" in plan
    )
    assert "7 requests, 7 seconds at 1 s each" in plan
    past.web.outlet.add_fault("/web/*", "status", status=429, retry_after=1, times=1)
    done = harvest(*command, "--delay", "0")
    assert "waiting 1 s for the web archive" in done.stderr
    assert past.versions() == ["two", "three", "five", "nine"]
    requests = past.web.outlet.requests
    paths = [request.path for request in requests]
    # The second command has the list of the dry run, and its own robots.txt.
    assert sum(path.startswith("/cdx/") for path in paths) == 1
    assert paths.count("/robots.txt") == 2
    assert sum("id_/" in path for path in paths) == 8
    agents = {request.headers["user-agent"] for request in requests}
    assert agents == {"harvester/1.0 (+https://example.org/newsroom)"}
    [article] = past.rows("select * from articles where url like '%bridge%'")
    told = harvest.json("history", article["key"])
    assert [version["version"] for version in told] == [1, 2, 3, 4]
    assert article["first_seen"] == past.first_seen  # ours


def test_robots_txt_of_the_web_archive_holds(past: Past, tmp_path: Path) -> None:
    past.web.outlet.robots_response = (200, "User-agent: *\nDisallow: /\n")
    command = ("import", "wayback", "courier", "--archive", past.web.address)
    told = Harvest(tmp_path)(*command, "--delay", "0", code=1).stderr
    assert "robots.txt" in told
    assert {request.path for request in past.web.outlet.requests} == {"/robots.txt"}


@pytest.mark.long
def test_killed_and_interrupted_it_continues(past: Past, tmp_path: Path) -> None:
    past.harvest()
    command = ["import", "wayback", "courier", "--archive", past.web.address]
    command += ["--cdx", past.web.list_address, "--delay", "0.3"]

    def replayed() -> int:
        with past.room.lock:
            return sum("id_" in request.path for request in past.web.outlet.requests)

    for count, number in ((1, signal.SIGKILL), (3, signal.SIGINT), (5, signal.SIGKILL)):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "harvester.cli", *command],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while replayed() < count and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr and process.stderr.read()
            threading.Event().wait(0.02)
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
        assert process.returncode != 0 and "Traceback" not in told
        if number == signal.SIGINT:
            assert "the same command continues" in told
    done = Harvest(tmp_path).json(*command)["outlets"][0]
    assert done["obtained"] == 7 and not done["failed"]
    assert past.versions() == ["two", "three", "five", "nine"]
    # One request that was under way at each kill may be sent again.
    assert 7 <= replayed() <= 10
    assert sum(r.path.startswith("/cdx/") for r in past.web.outlet.requests) == 1


@pytest.mark.long
@needs_pywb
def test_from_pywb(past: Past, tmp_path: Path) -> None:
    past.harvest()
    folder = tmp_path / "pywb"
    folder.mkdir()
    past.write_warc(folder / "ashby.warc.gz")
    opened = Replay(folder, [str(folder / "ashby.warc.gz")])
    try:
        opened.wait()
        address = f"http://127.0.0.1:{opened.port}/news"
        command = ("import", "wayback", "courier", "--archive", address, "--delay", "0")
        told = Harvest(tmp_path).json(*command)
        [outlet] = told["outlets"]
        assert outlet["obtained"] == outlet["wanted"] == 7, told
        assert not outlet["failed"]
        assert past.versions() == ["two", "three", "five", "nine"]
        [origin] = past.rows("select * from origins")
        assert origin["name"] == address
        # What was captured is what we have, byte for byte, with its status.
        digests = {
            (row["at"], row["status"], row["bytes"])
            for row in past.rows("select * from captures where origin is not null")
        }
        assert digests == {
            (
                read_timestamp(capture.timestamp),
                capture.response.status,
                len(join_parts(capture.response.parts)),
            )
            for capture in past.web.captures[:-1]  # gone: once is enough
        }
        again = Harvest(tmp_path).json(*command)["outlets"][0]
        assert again["wanted"] == 0
    finally:
        opened.close()


@pytest.mark.long
@needs_pywb
def test_a_cdxj_list_of_pywbs_indexer_is_read(past: Past, tmp_path: Path) -> None:
    past.write_warc(tmp_path / "ashby.warc.gz")
    lines = run_in(tmp_path, str(PYWB / "bin" / "cdxj-indexer"), "ashby.warc.gz")
    (tmp_path / "list.cdxj").write_text(lines)
    command = ("import", "wayback", "courier", "--from", "list.cdxj")
    told = Harvest(tmp_path).json(*command, "--warc", "ashby.warc.gz")
    assert told["outlets"][0]["obtained"] == 7
    assert past.versions() == ["two", "three", "five"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["courier"], "name where the captures are"),
        (["courier", "--from", "settings.toml"], "name where the captures are"),
        (["nobody", "--archive", "http://x.example"], "unknown outlet 'nobody'"),
        (["http://other.example/", "--archive", "http://x.example"], "of no outlet"),
        (["courier", "--archive", "file:///etc"], "not the address of a web archive"),
        (["courier", "--archive", "http://x.example?q=1"], "not the address"),
    ],
)
def test_what_is_missing_is_said(
    past: Past, tmp_path: Path, arguments: list[str], message: str
) -> None:
    told = Harvest(tmp_path)("import", "wayback", *arguments, code=None)
    assert told.returncode in (1, 2) and message in told.stderr
