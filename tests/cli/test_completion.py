"""Where an outlet is named, a shell completes the outlets of the settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.harvest_command import Harvest

SETTINGS = """
[outlets.courier]
name = "The Courier"
feeds = ["https://courier.example/f"]
[outlets.chronicle]
feeds = ["https://chronicle.example/f"]
[outlets.gazette]
feeds = ["https://gazette.example/f"]
"""


def completions(
    harvest: Harvest, line: str, shell: str = "bash", **environment: str
) -> set[str]:
    """What a shell offers for the last word of a line; may be an empty word."""
    words = line.split(" ")
    done = harvest(
        _HARVEST_COMPLETE=f"{shell}_complete",
        COMP_WORDS=words[-1] if shell == "fish" else line,
        COMP_CWORD=words[-1] if shell == "fish" else str(len(words) - 1),
        **environment,
    )
    assert not done.stderr
    return {
        text.partition(",")[2]
        for text in done.stdout.splitlines()
        if text.startswith("plain,")
    }


@pytest.mark.parametrize(
    "command",
    [
        "once",
        "status",
        "remove",
        "reread",
        "looks",
        "profiles",
        "rules test",
        "search --outlet",
        "changes --outlet",
        "check --outlet",
    ],
)
def test_keys_of_outlets(bare: Harvest, command: str) -> None:
    (bare.folder / "settings.toml").write_text(SETTINGS)
    assert completions(bare, f"harvest {command} c") == {"courier", "chronicle"}


def test_none_twice(bare: Harvest) -> None:
    (bare.folder / "settings.toml").write_text(SETTINGS)
    assert completions(bare, "harvest once courier ") == {"chronicle", "gazette"}


def test_the_settings_that_are_named(bare: Harvest) -> None:
    (bare.folder / "other.toml").write_text("[outlets.other]\nfeeds = []\n")
    assert completions(bare, "harvest --settings other.toml once ") == {"other"}
    assert completions(bare, "harvest once ", HARVESTER_SETTINGS="other.toml") == {
        "other"
    }


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (SETTINGS + "feeds = [", {"courier", "chronicle", "gazette"}),
        ("outlets = 7", set()),
        ("[outlets]\ncourier = 1", {"courier"}),
        ("\xff\xfe", set()),
        ("", set()),
    ],
)
def test_settings_that_are_being_edited(
    bare: Harvest, text: str, offered: set[str]
) -> None:
    (bare.folder / "settings.toml").write_bytes(text.encode("latin-1"))
    assert completions(bare, "harvest once ") == offered


def test_an_archive_without_settings(harvest: Harvest) -> None:
    (harvest.folder / "settings.toml").rename(harvest.folder / "kept.toml")
    offered = completions(harvest, "harvest search --outlet ")
    assert offered
    assert (
        completions(harvest, f"harvest --archive {harvest.folder}/archive.db status ")
        == offered
    )
    (harvest.folder / "broken.db").write_bytes(b"no archive")
    assert not completions(harvest, "harvest --archive broken.db status ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(bare: Harvest, shell: str) -> None:
    script = bare(_HARVEST_COMPLETE=f"{shell}_source").stdout
    assert "_HARVEST_COMPLETE" in script
    if found := shutil.which(shell):
        file = bare.folder / "script"
        file.write_text(script)
        subprocess.run([found, "-n", str(file)], check=True)


def test_nothing_expensive_is_imported(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(SETTINGS)
    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "harvester.cli"],
        cwd=tmp_path,
        env={
            **os.environ,
            "_HARVEST_COMPLETE": "bash_complete",
            "COMP_WORDS": "harvest once c",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "courier" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not {"pydantic", "scrapy", "lxml", "trafilatura"} & imported
