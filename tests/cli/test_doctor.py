"""What ``harvest doctor`` says it checked of an archive, small or large."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harvester.archive.repair import diagnosis, row_samples
from harvester.cli import cli
from tests.support import small_archive


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    small_archive.copy_village(tmp_path)
    return tmp_path / "settings.toml"


def doctor(settings: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["--settings", str(settings), "doctor", *options])


def test_a_large_archive_is_checked_in_part_and_it_is_said(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--full" not in doctor(settings).stdout  # it is small: all of it
    monkeypatch.setattr(diagnosis, "MAX_WHOLE_BYTES", 1_000)
    monkeypatch.setattr(row_samples, "NEWEST_ROWS", 3)
    result = doctor(settings)
    assert result.exit_code == 0
    assert "the newest 3 rows of each table" in result.stdout
    assert "`harvest doctor --full` checks every page and row" in result.stdout
    assert "3 articles, 5 versions" in result.stdout


@pytest.mark.parametrize("option", ["--full", "--fix"])
def test_on_request_all_of_it_is_checked(
    settings: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(diagnosis, "MAX_WHOLE_BYTES", 1_000)
    result = doctor(settings, option)
    assert result.exit_code == 0
    assert "checked: the newest" not in result.stdout
    assert "1 of 7: checking pages and indexes" in result.stderr
    assert "7 of 7: checking full-text index" in result.stderr


def test_a_check_of_a_large_archive_says_how_long_it_takes(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "minute" not in doctor(settings, "--full").stderr
    size = settings.with_name("archive.db").stat().st_size
    monkeypatch.setattr(
        "harvester.cli.doctor.FULL_SECONDS_PER_GIGABYTE", 150 / (size / 1e9)
    )
    assert "takes about 2 minutes" in doctor(settings, "--full").stderr


def test_json_says_it_too_and_names_no_steps(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "MAX_WHOLE_BYTES", 1_000)
    found = json.loads(doctor(settings, "--json").stdout)["found"]
    assert any("--full" in result["words"] for result in found)
    result = doctor(settings, "--json", "--full")
    assert not any(
        "--full" in part["words"] for part in json.loads(result.stdout)["found"]
    )
    assert result.stderr == ""
