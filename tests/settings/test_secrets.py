"""Logins of the settings: given in the file, by the environment, or in another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.errors import SettingsError
from harvester.settings import load_settings

OUTLET = '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\nlogin = %s\n'


def _write(folder: Path, login: str, mode: int = 0o600) -> Path:
    file = folder / "settings.toml"
    file.write_text(OUTLET % login)
    file.chmod(mode)
    return file


@pytest.mark.parametrize(
    ("login", "problem"),
    [
        ('{ env = "NO_SUCH_VARIABLE" }', "NO_SUCH_VARIABLE is not set"),
        ('{ file = "missing.txt" }', r"missing\.txt cannot be read: No such file"),
        ('{ file = "empty.txt" }', r"empty\.txt is empty"),
        ('{ env = "A", file = "b" }', "must be a text"),
        ('{ word = "A" }', "must be a text"),
        ("17", "must be a text"),
    ],
)
def test_where_no_login_is(tmp_path: Path, login: str, problem: str) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(SettingsError, match=problem) as caught:
        load_settings(_write(tmp_path, login))
    assert "settings.toml:3" in str(caught.value)


def test_it_is_not_shown(tmp_path: Path) -> None:
    settings = load_settings(_write(tmp_path, '"reader:key"'))
    assert settings.outlets["paper"].login == "reader:key"
    assert "reader:key" not in repr(settings)


@pytest.mark.parametrize(("mode", "is_exposed"), [(0o600, False), (0o644, True)])
def test_a_file_that_all_may_read_is_named(
    tmp_path: Path, mode: int, is_exposed: bool
) -> None:
    warnings = load_settings(_write(tmp_path, '"reader:key"', mode)).warnings
    assert any("chmod 600" in warning for warning in warnings) is is_exposed
    assert all("reader:key" not in warning for warning in warnings)
    (tmp_path / "login.txt").write_text("reader:key")
    file = _write(tmp_path, '{ file = "login.txt" }', mode)
    assert load_settings(file).warnings == ()
