"""``harvest demo``, as users run it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.harvest_command import Harvest

KEPT = "my demo"  # a name that a shell must be given in quotes
TWO_MINUTES = 120.0


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the demo ran and kept its archive, and what it printed."""
    folder = tmp_path_factory.mktemp("kept")
    return folder, Harvest(folder)("demo", "--keep", KEPT).stdout


def test_it_shows_all_of_it_and_leaves_nothing(bare: Harvest) -> None:
    began = time.monotonic()
    done = bare("demo", TMPDIR=str(bare.folder))
    assert time.monotonic() - began < TWO_MINUTES
    for words in (
        "harvest search eglise",
        "an earlier version",
        "[-",
        "{+",
        "removed: answered",
        "headline",
        "harvest once",
    ):
        assert words in done.stdout, words
    assert list(bare.folder.iterdir()) == []


def test_what_is_kept_is_an_archive_like_any_other(
    kept: tuple[Path, str], tmp_path: Path
) -> None:
    moved = Harvest(shutil.copytree(kept[0] / KEPT, tmp_path / "moved"))
    names = {path.name for path in moved.folder.iterdir()}
    assert {"archive.db", "captures", "settings.toml"} <= names
    assert not [name for name in names if "demo" in name]
    verified = moved.json("verify")
    assert verified["ok"]
    assert verified["checked"]["records"] == verified["checked"]["captures"] > 0
    assert "invented" in (moved.folder / "settings.toml").read_text("utf-8")


def test_what_it_says_to_type_next_works(kept: tuple[Path, str]) -> None:
    folder, printed = kept
    typed = re.findall(r"^  ((?:cd|harvest) .+?)(?:   .*)?$", printed, re.MULTILINE)
    steps = [shlex.split(line) for line in typed[-5:]]
    assert steps[0] == ["cd", KEPT]
    harvest = Harvest(folder / steps[0][1])
    for _, *arguments in steps[1:3]:
        assert "Trévign" in harvest(*arguments).stdout, arguments
    assert [step[1] for step in steps[3:]] == ["browse", "COMMAND"]


def test_a_folder_with_something_in_it_is_left_alone(bare: Harvest) -> None:
    (bare.folder / "letters").mkdir()
    letter = bare.folder / "letters" / "letter.txt"
    letter.write_text("mine")
    began = time.monotonic()
    assert "letters is not empty" in bare("demo", "--keep", "letters", code=1).stderr
    assert "directory" in bare("demo", "--keep", str(letter), code=2).stderr.lower()
    assert time.monotonic() - began < TWO_MINUTES / 4  # before the newspapers opened
    assert (letter.read_text(), list(letter.parent.iterdir())) == ("mine", [letter])


def test_what_is_interrupted_leaves_an_empty_folder(bare: Harvest) -> None:
    """So the same can be typed again."""
    command = [sys.executable, "-P", "-m", "harvester.cli", "demo", "--keep", "again"]
    process = subprocess.Popen(
        command,
        cwd=bare.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "harvest once" in line:  # the newspapers are open, the crawl begins
            process.send_signal(signal.SIGINT)
            break
    _, said = process.communicate(timeout=TWO_MINUTES)
    assert (process.returncode, "Traceback" in said) == (130, False), said
    assert list((bare.folder / "again").iterdir()) == []


def test_a_shell_completes_its_options(bare: Harvest) -> None:
    completed = bare(
        _HARVEST_COMPLETE="bash_complete",
        COMP_WORDS="harvest demo --",
        COMP_CWORD="2",
    ).stdout
    assert {"plain,--keep", "plain,--browse"} <= set(completed.split())
