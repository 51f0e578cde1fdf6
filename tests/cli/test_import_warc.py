"""``harvest import warc`` and ``harvest import list``: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.importing import foreign_files as files
from tests.support.harvest_command import Harvest
from tests.support.papers import Story

SETTINGS = f"""
[crawl]
user_agent = "test/1 (+mailto:test@lantern.example)"
[outlets.lantern]
home = "{files.HOME}/"
feeds = ["{files.HOME}/feed"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Settings, and a folder of files."""
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "warc").mkdir()
    files.write(
        tmp_path / "warc" / "news.warc.gz",
        [
            files.info(),
            *(
                files.response(
                    f"{files.HOME}{Story(number).path}",
                    f"2026-09-0{1 + number}T10:00:00Z",
                    Story(number).page(),
                )
                for number in range(3)
            ),
            files.response("https://x.example/a", "2026-09-01T10:00:00Z", b"<p>x</p>"),
        ],
    )
    return tmp_path


def test_an_import_is_told_from_its_dry_run_to_the_list(folder: Path) -> None:
    harvest = Harvest(folder)
    planned = harvest("import", "warc", "warc", "--dry-run")
    assert planned.stdout.count("lantern") == 3 and "4 responses" in planned.stdout
    assert "x.example (1)" in planned.stderr and "--all-outlets" in planned.stderr
    assert not (folder / "archive.db").exists()
    done = harvest("import", "warc", "warc")
    assert "3  new articles" in done.stdout
    assert "1  left out: of no outlet of the settings" in done.stdout
    assert "added to the archive: 3 articles, 3 versions, 3 captures" in done.stdout
    again = harvest("import", "warc", "warc")
    assert "1 file was imported before" in again.stderr
    listed = harvest("import", "list").stdout
    assert "news.warc.gz" in listed and "Common Crawl" in listed
    (record,) = json.loads(harvest("import", "list", "--json").stdout)["imports"]
    assert record["captures"] == 3 and record["first"] == "2026-09-01T10:00:00Z"
    told = json.loads(harvest("import", "warc", "warc", "--again", "--json").stdout)
    assert told["responses"] == 4 and told["outcomes"] == {"new": 3}
    assert told["left_out"] == {"of no outlet of the settings": 1}


def test_settings_without_outlets_are_enough_for_all_outlets(folder: Path) -> None:
    """Who studies what others received has nobody to crawl."""
    (folder / "settings.toml").write_text("[archive]\n")
    harvest = Harvest(folder)
    assert "no archive" in harvest("import", "list", code=1).stderr
    assert "--all-outlets" in harvest("import", "warc", "warc", "--dry-run").stderr
    assert "no outlet" in harvest("import", "warc", "warc", code=2).stderr
    done = harvest("import", "warc", "warc", "--all-outlets")
    assert "3  new articles" in done.stdout
    assert "lantern-example" in harvest("stats").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("import", "warc"), 2, "Missing argument"),
        (("import", "warc", "nothing"), 2, "does not exist"),
        (("import", "warc", "warc", "--outlet", "lanter"), 2, "lantern"),
        (
            ("import", "warc", "warc", "--outlet", "lantern", "--all-outlets"),
            2,
            "exclude",
        ),
        (("import", "warc", "warc", "--since", "x"), 2, "invalid time"),
        (("import", "warc", "settings.toml"), 1, "not a WARC file"),
        (("import", "warc", "."), 1, "not a WARC file"),
        (("import", "list"), 1, "no archive"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: tuple[str, ...], code: int, words: str, folder: Path
) -> None:
    (folder / "notes.warc").write_text("a list")
    done = Harvest(folder)(*arguments, code=code)
    assert words in done.stderr and "Traceback" not in done.stderr


def test_a_merge_waits_for_nobody_and_is_made_up_for(folder: Path) -> None:
    """Where another program writes, what was replayed stays for the next time."""
    from harvester.archive.writer_lock import Lock, LockHolder

    lock = Lock(folder / "archive.db")
    lock.acquire(LockHolder(1, "harvest run", "2026-12-01T00:00:00Z"))
    harvest = Harvest(folder)
    refused = harvest("import", "warc", "warc", code=4)
    assert "in use by" in refused.stderr
    lock.release()
    assert "3  new articles" in harvest("import", "warc", "warc").stdout
    assert not list(folder.glob("*.importing-*"))
