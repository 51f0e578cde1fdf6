"""Logins, headers and cookies of the settings: given in the file, by the environment, or in another file."""

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


SECRET = "s3cret"
HEADERS = '[outlets.paper]\nfeeds = ["https://paper.example/feed"]\n%s\n'


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('headers = { Host = "x" }', r"headers\.Host: this header cannot be set"),
        ('headers = { content-length = "1" }', "content-length: this header cannot"),
        ('headers = { Connection = "close" }', "Connection: this header cannot be set"),
        ('headers = { User-Agent = "x" }', "write user_agent"),
        ('headers = { If-None-Match = "x" }', "If-None-Match: this header cannot"),
        ('headers = { "X Y" = "x" }', "is not the name of a header"),
        ('headers = { "X\\r\\nHost" = "x" }', "is not the name of a header"),
        ('headers = { X = "s3cret\\r\\nHost: a" }', "is not one line of ASCII"),
        ('headers = { X = "s3cret " }', "is not one line of ASCII"),
        ('headers = { X = "" }', "is empty"),
        ('headers = { X = ["s3cret"] }', "must be a text"),
        ('headers = { X = { env = "BROKEN" } }', "what BROKEN has is not one line"),
        ('headers = { X = { env = "NO_SUCH" } }', "NO_SUCH is not set"),
        ('headers = { X = "a", x = "s3cret" }', "is there twice, as case is ignored"),
        ('headers = { env = "NAME" }', r'write \{ NAME = \{ env = "NAME" \} \}'),
        ('headers = "X: s3cret"', "must be a table, as"),
        ('cookies = "a=s3cret"', "must be a table, as"),
        ('cookies = { a = "s3cret; b=c" }', "without semicolon"),
        ('cookies = { "a=b" = "s3cret" }', "is not the name of a cookie"),
        ('cookies = { a = { file = "none.txt" } }', "cannot be read"),
        ('timeout = "0 seconds"', 'must be from "1 second" to "10 minutes"'),
        ('timeout = "1 hour"', 'must be from "1 second" to "10 minutes"'),
        ("timeout = 30", 'write "30 seconds"'),
        ('user_agent = "a\\nb"', "one line of ASCII"),
        ('cookie = { a = "s3cret" }', "did you mean 'cookies'"),
        ('user-agent = "x"', "did you mean 'user_agent'"),
        ('header = { a = "s3cret" }', "did you mean 'headers'"),
    ],
)
def test_what_no_request_can_carry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, problem: str
) -> None:
    monkeypatch.setenv("BROKEN", f"{SECRET}\nHost: a")
    file = tmp_path / "settings.toml"
    file.write_text(HEADERS % line)
    with pytest.raises(SettingsError, match=problem) as caught:
        load_settings(file)
    assert "settings.toml:3" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_one_authorization(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    lines = 'headers = { Authorization = "Bearer s3cret" }\nlogin = "a:s3cret"'
    file.write_text(HEADERS % lines)
    with pytest.raises(SettingsError, match="have an Authorization too") as caught:
        load_settings(file)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "has_secrets", "is_warned"),
    [
        ('headers = { Accept-Language = "fr" }', False, False),
        ('headers = { X-Api-Key = "s3cret" }', True, True),
        ('headers = { X-Api-Key = { env = "KEY" } }', True, False),
        ('cookies = { session = "s3cret" }', True, True),
        ('cookies = { session = { file = "c.txt" } }', True, False),
    ],
)
def test_which_of_them_are_secrets(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    has_secrets: bool,
    is_warned: bool,
) -> None:
    monkeypatch.setenv("KEY", SECRET)
    (tmp_path / "c.txt").write_text(f"{SECRET}\n")
    file = tmp_path / "settings.toml"
    file.write_text(HEADERS % line)
    file.chmod(0o644)
    settings = load_settings(file)
    assert settings.outlets["paper"].has_secrets is has_secrets
    assert any("chmod 600" in one for one in settings.warnings) is is_warned
    assert SECRET not in repr(settings)
