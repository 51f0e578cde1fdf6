"""The archive's path is found without the rest of the settings, or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harvester.settings import load_settings, tables
from harvester.settings.file import ARCHIVE_KEYS, SECTIONS, peek_archive, peek_captures

OUTLET = '[outlets.lantern]\nfeeds = ["https://lantern.example/feed"]\n'
FAULTY = "[outlets.lantern]\nfeeds = 3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("archive.db", "news.db", "other.db"):
        (tmp_path / name).touch()
    return tmp_path


def _peek(folder: Path, text: str) -> Path | None:
    (folder / "settings.toml").write_text(text)
    return peek_archive(folder / "settings.toml")


def test_the_names_are_those_that_are_validated() -> None:
    assert set(SECTIONS) == set(tables.SettingsFile.model_fields)
    assert set(ARCHIVE_KEYS) == set(tables.ArchiveTable.model_fields)


@pytest.mark.parametrize(
    ("text", "variable", "name"),
    [
        (OUTLET, "", "archive.db"),
        (f'[archive]\npath = "news.db"\n{OUTLET}', "", "news.db"),
        (f'archive = {{ captures = "" }}\n{OUTLET}', "", "archive.db"),
        (f'[archive]\npath = "news.db"\n{OUTLET}', "other.db", "other.db"),
    ],
)
def test_it_is_what_the_whole_settings_say(
    folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, variable: str, name: str
) -> None:
    if variable:
        monkeypatch.setenv("HARVESTER_ARCHIVE_PATH", variable)
    path = _peek(folder, text)
    assert path == load_settings(folder / "settings.toml").archive == folder / name


def test_faults_of_outlets_keep_nobody_from_reading(folder: Path) -> None:
    assert _peek(folder, FAULTY) == folder / "archive.db"


@pytest.mark.parametrize(
    "text",
    [
        '[archives]\npath = "news.db"\n',
        '[archive]\npth = "news.db"\n',
        "[archive]\npath = 3\n",
        '[archive]\npath = " "\n',
        '[archive]\npath = "no\\u0000such"\n',
        '[archive]\npath = "~nobody-of-this-name/a.db"\n',
        '[archive]\npath = "missing.db"\n',
        '[archive]\npath = "."\n',
        "archive = 1\n",
    ],
)
def test_with_any_doubt_the_whole_settings_are_needed(folder: Path, text: str) -> None:
    assert _peek(folder, text) is None


def test_the_package_does_not_import_pydantic_before_settings_are_loaded() -> None:
    code = (
        "import sys, harvester.settings as s; assert 'pydantic' not in sys.modules;"
        " s.parse_duration('1 day'); assert 'pydantic' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_folder_of_captures_is_known_without_the_other_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    for text, expected in (
        ("", tmp_path / "captures"),
        ("[archive]\ncaptures = 'warc'\n[outlets.x]\nbad = 1", tmp_path / "warc"),
        ("[archive]\ncaptures = ''", None),
        ("[archive]\ncaptures = 7", None),
        ("archive = 7", tmp_path / "captures"),
    ):
        file.write_text(text)
        assert peek_captures(file) == expected
    monkeypatch.setenv("HARVESTER_ARCHIVE_CAPTURES", str(tmp_path / "else"))
    assert peek_captures(file) == tmp_path / "else"
