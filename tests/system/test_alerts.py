"""Alerts as a reader uses them: added, delivered by `once` and `run`, killed on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harvester.newsroom import Newsroom, Outlet
from tests.support import ROOT
from tests.support.harvest_command import Harvest
from tests.support.webhook_receiver import Receiver, receive

MAX_SECONDS_TO_WEBHOOK = 5.0
WORDS = (
    "The council met on Monday and spoke for three hours about the harbour wall.",
    "The harbour wall was built in 1911, and two of its stones fell into the water in "
    "the storm of last winter, as the harbour master told the council.",
    "The repair is to cost forty thousand, of which the county pays a third; the rest "
    "is to come from the fees of the boats that lie there in summer.",
)
GRACE = (
    "The mayor said in the end that the town was in a state of grace, and that nobody "
    "had to fear for the boats this winter."
)
EMERGENCY = (
    "The mayor said in the end that the town was in a state of emergency, and that "
    "everybody had to fear for the boats this winter."
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver


@pytest.fixture
def gazette(newsroom: Newsroom, tmp_path: Path) -> Outlet:
    """A newspaper, and settings that harvest it."""
    outlet = newsroom.add_outlet("gazette", "plain")
    outlet.publish("A new mayor", [*WORDS, GRACE], slug="mayor")
    (tmp_path / "settings.toml").write_text(
        f"# our settings\n{newsroom.settings_toml(tmp_path)}"
    )
    return outlet


@contextmanager
def run_daemon(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", "run"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_told_within_a_poll_when_a_phrase_appears_and_disappears(
    tmp_path: Path, gazette: Outlet, receiver: Receiver
) -> None:
    harvest = Harvest(tmp_path)
    told = harvest(
        *("alerts", "add", 'added:"state of emergency" OR removed:"state of grace"'),
        *("--on", "edit", "--to", f"{receiver.url}/hook", "--to", "file:rang.jsonl"),
    )
    name = "added-state-of-emergency-or-removed"
    assert f"alert {name}" in told.stdout
    settings = (tmp_path / "settings.toml").read_text()
    assert settings.startswith("# our settings\n")
    assert f"[alerts.{name}]" in settings
    harvest("once")
    assert not receiver.requests
    gazette.edit(gazette.find_article("mayor"), [*WORDS, EMERGENCY])
    counts = harvest.json("once")
    assert counts["alerts"] == {
        "delivered": 2,
        "failed": 0,
        "given_up": 0,
        "errors": {},
    }
    (record,) = [request.record for request in receiver.requests]
    assert record["on"] == "edit"
    assert record["change"]["changed"] == [[GRACE, EMERGENCY]]
    (line,) = (tmp_path / "rang.jsonl").read_text().splitlines()
    assert json.loads(line)["article"] == record["article"]
    (first, second) = harvest.json("alerts", "log")
    assert {first["state"], second["state"]} == {"delivered"}
    assert harvest.json("alerts", "list")[0]["deliveries"] == {"delivered": 2}


def test_once_tries_what_failed_once_more_and_says_so(
    tmp_path: Path, gazette: Outlet, receiver: Receiver
) -> None:
    harvest = Harvest(tmp_path)
    harvest("alerts", "add", "--name", "all", "--to", receiver.url)
    receiver.statuses = [500]
    assert "alerts: 1 delivered" in harvest("once").stderr
    assert len(set(receiver.ids)) == 1 and len(receiver.ids) == 2
    gazette.publish("A second story", list(WORDS), slug="second")
    receiver.statuses = [500] * 9
    told = harvest("once").stderr
    assert "alert all: http://127.0.0.1" in told and "HTTP 500" in told
    assert "failed (" in harvest("alerts", "log", "--failing").stdout
    receiver.statuses = []
    assert "1 delivery due now" in harvest("alerts", "retry").stdout
    harvest("once")
    assert len(set(receiver.ids)) == 2
    assert "nothing failed" in harvest("alerts", "log", "--failing").stderr


@pytest.mark.timeout(180)
def test_the_daemon_delivers_within_seconds_and_after_a_kill(
    tmp_path: Path, gazette: Outlet, receiver: Receiver, newsroom: Newsroom
) -> None:
    settings = newsroom.settings_toml(tmp_path, every="1 second")
    (tmp_path / "settings.toml").write_text(settings)
    harvest = Harvest(tmp_path)
    harvest("alerts", "add", "--name", "all", "--on", "new", "--to", receiver.url)
    with run_daemon(tmp_path) as process:
        assert receiver.wait_for(1)
        published = time.monotonic()
        gazette.publish("A second story", list(WORDS), slug="second")
        assert receiver.wait_for(2)
        # The interval of the poll is within it.
        assert time.monotonic() - published < MAX_SECONDS_TO_WEBHOOK + 1.0
        receiver.answering.clear()  # the third is being sent when it is killed
        gazette.publish("A third story", list(WORDS), slug="third")
        deadline = time.monotonic() + 20
        while harvest.json("alerts", "log")[0]["state"] != "waiting":
            assert time.monotonic() < deadline
        os.killpg(process.pid, signal.SIGKILL)
    receiver.answering.set()
    harvest("once")
    titles = {request.record["article"]["title"] for request in receiver.requests}
    assert titles == {"A new mayor", "A second story", "A third story"}
    assert len(set(receiver.ids)) == 3
