"""``harvest search --follow`` as it runs: what comes is printed, Ctrl-C ends it well."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harvester.cli.follow import FOLLOWING_NOTE
from tests.support import ROOT, small_archive


@contextmanager
def _follower(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, once it follows."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "harvester.cli", "search", "ferry", "--follow", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    try:
        assert process.stderr.readline().strip() == FOLLOWING_NOTE
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def _add(building: small_archive.Building, number: int) -> str:
    key = building.article(f"https://mpi.example/ferry/{number}")
    building.version(key, f"Ferry {number}", f"The ferry number {number}")
    building.archive.commit()
    return key


@pytest.mark.parametrize("form", ["--nl", "--json"])
def test_what_comes_is_printed_as_it_comes(form: str, tmp_path: Path) -> None:
    building = small_archive.village(tmp_path)
    _add(building, 0)
    with _follower(tmp_path, form) as process:
        assert process.stdout is not None
        for number in range(1, 4):
            key = _add(building, number)
            line: dict[str, Any] = json.loads(process.stdout.readline())
            assert (line["article"], line["title"]) == (key, f"Ferry {number}")
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=60)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_a_file_is_complete_at_the_end(tmp_path: Path) -> None:
    building = small_archive.village(tmp_path)
    with _follower(tmp_path, "-o", "ferries.csv") as process:
        _add(building, 1)
        draft = tmp_path / ".ferries.csv.part"
        while "Ferry 1" not in draft.read_text("utf-8"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ferries.csv").read_text())))
    assert [row["title"] for row in rows] == ["Ferry 1"]


def test_a_terminal_gets_them_as_search_shows_them(tmp_path: Path) -> None:
    building = small_archive.village(tmp_path)
    with _follower(tmp_path) as process:
        assert process.stdout is not None
        _add(building, 1)
        assert process.stdout.readline() == "Ferry 1\n"


@pytest.mark.parametrize("option", [["--unique"], ["--current"], ["--all-versions"]])
def test_what_cannot_be_followed(option: list[str], harvest: Any) -> None:
    assert "--follow" in harvest("search", "ferry", "--follow", *option, code=2).stderr
