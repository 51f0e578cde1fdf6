"""settings.toml is changed by the program: what was not meant stays, byte for byte."""

from __future__ import annotations

import os
import threading
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import SettingsError
from harvester.settings import toml_edit
from harvester.settings.edit import create_settings, edit_settings
from tests.support import ROOT

EXAMPLE = (ROOT / "settings.toml").read_text("utf-8")
NEW = {"name": "L'“Écho\"", "feeds": ["https://echo.example/feed"]}
FEED = {"url": "https://echo.example/sport", "section": "Sport"}

# Settings as people write them, each with an outlet "a".
WRITTEN = {
    "example": EXAMPLE.replace("outlets.mpi", "outlets.a"),
    "tables": '# mine\n[outlets.a] # a\nfeeds = ["https://a.example/f"] # one\n\n# two\n\n',
    "dotted": 'outlets.a.feeds = ["https://a.example/f"]\n[crawl]\ndelay = "3 s"\n',
    "inline": 'outlets = { a = { feeds = ["https://a.example/f"] } } # all\n',
    "quoted": "[ outlets . 'a' ]\nfeeds = ['https://a.example/f']",
    "super": '[outlets]\n[outlets.a]\nfeeds = ["https://a.example/f",]\n[upkeep]\n',
    "rules first": (
        '[outlets.a.rules]\ndeny = ["/v/"]\n\n[crawl]\ndelay = "3 s"\n'
        '[outlets.a]\nfeeds = [\n  "https://a.example/f", # it\n  # no more\n]\n'
    ),
    "inside a string": (
        '[crawl]\nuser_agent = """x (+https://a.example)"""\n'
        '[outlets.b]\nname = """\n[outlets.a]\n"""\nfeeds = ["https://b.example/f"]\n'
        '[outlets.a]\nfeeds = ["https://a.example/f"]\n'
    ),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("name", WRITTEN)
def test_only_what_was_meant_changes(name: str, ends: str) -> None:
    text = WRITTEN[name].replace("\n", ends)
    document = tomllib.loads(WRITTEN[name])
    table = document["outlets"]["a"]

    added = toml_edit.add_outlets(text, {"echo": NEW})
    disabled = toml_edit.set_outlet_key(text, "a", "disabled", True)
    fed = toml_edit.add_feeds(text, "a", ["https://a.example/2", FEED])
    enabled = toml_edit.remove_outlet_key(disabled, "a", "disabled")

    for edited, key, expected in (
        (added, "echo", NEW),
        (disabled, "a", {**table, "disabled": True}),
        (fed, "a", {**table, "feeds": [*table["feeds"], "https://a.example/2", FEED]}),
        (enabled, "a", table),
    ):
        outlets = {**document["outlets"], key: expected}
        assert tomllib.loads(edited.replace("\r\n", "\n")) == {
            **document,
            "outlets": outlets,
        }
        assert "\r" not in edited.replace("\r\n", "")
        if ends == "\r\n":
            assert "\n" not in edited.replace("\r\n", "")
    for comment in (line for line in text.split(ends) if line.startswith("#")):
        for edited in (added, disabled, fed, enabled):
            assert comment in edited.split(ends)
    if name not in ("inline", "dotted"):
        assert added.startswith(text)
        assert set(text.split(ends)) - set(disabled.split(ends)) == set()


def test_a_table_is_written_as_people_write_it() -> None:
    table = {
        "name": "Echo",
        "feeds": ["https://echo.example/feed", FEED],
        "rules": {"deny": ["/video/"]},
    }
    assert toml_edit.render_outlet("echo", table) == (
        '[outlets.echo]\nname = "Echo"\nfeeds = [\n    "https://echo.example/feed",\n'
        '    {url = "https://echo.example/sport", section = "Sport"},\n]\n\n'
        '[outlets.echo.rules]\ndeny = ["/video/"]\n'
    )


def test_mixed_line_ends_stay_where_they_are() -> None:
    text = '# a\r\n# b\n[outlets.a]\r\nfeeds = ["https://a.example/f"]\n# c\r\n'
    edited = toml_edit.set_outlet_key(text, "a", "disabled", True)
    assert edited == text.replace("a]\r\n", "a]\r\ndisabled = true\r\n")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_site_calls_itself(name: str, section: str) -> None:
    name, section = (
        text.encode("utf-8", "ignore").decode() for text in (name, section)
    )
    feed = {"url": "https://a.example/", "section": section}
    table = {"name": name, "feeds": ["https://a.example/f", feed]}
    text = toml_edit.add_outlets(WRITTEN["tables"], {"echo": table})
    assert tomllib.loads(text)["outlets"]["echo"] == table


def test_faults_are_said() -> None:
    with pytest.raises(SettingsError, match="already"):
        toml_edit.add_outlets(WRITTEN["tables"], {"a": NEW})
    with pytest.raises(SettingsError, match="no outlet 'x'"):
        toml_edit.set_outlet_key(WRITTEN["tables"], "x", "disabled", True)
    with pytest.raises(SettingsError, match="TOML"):
        toml_edit.add_outlets("[outlets", {"b": NEW})


# ---- the file


def _add(key: str):  # type: ignore[no-untyped-def]
    table = {"feeds": [f"https://{key}.example/feed"]}
    return lambda text: toml_edit.add_outlets(text, {key: table})


def test_mode_symlink_and_bom_are_kept(tmp_path: Path) -> None:
    real = tmp_path / "etc" / "real.toml"
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf" + WRITTEN["tables"].encode())
    real.chmod(0o640)
    file = tmp_path / "settings.toml"
    file.symlink_to("etc/real.toml")
    settings = edit_settings(file, _add("echo"))
    assert list(settings.outlets) == ["a", "echo"]
    assert file.is_symlink() and file.readlink() == Path("etc/real.toml")
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes().startswith(b"\xef\xbb\xbf" + WRITTEN["tables"].encode())
    assert [path.name for path in real.parent.iterdir()] == ["real.toml"]


def test_nothing_is_written_that_is_not_valid(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN["tables"])
    before = file.stat()
    with pytest.raises(SettingsError, match="a feed of a already"):
        edit_settings(
            file,
            lambda text: toml_edit.add_outlets(
                text, {"b": {"feeds": ["https://a.example/f"]}}
            ),
        )
    assert file.read_text() == WRITTEN["tables"]
    assert file.stat().st_ino == before.st_ino
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]


def test_what_an_editor_saved_meanwhile_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN["tables"])

    def change(text: str) -> str:
        file.write_text(f"# saved by hand\n{text}")
        return str(_add("echo")(text))

    with pytest.raises(SettingsError, match="changed meanwhile"):
        edit_settings(file, change)
    assert file.read_text() == f"# saved by hand\n{WRITTEN['tables']}"


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN["tables"])
    keys = [f"k{number}" for number in range(12)]
    threads = [
        threading.Thread(target=edit_settings, args=(file, _add(key))) for key in keys
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(tomllib.loads(file.read_text())["outlets"]) == {"a", *keys}


@pytest.mark.skipif(os.getuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(WRITTEN["tables"])
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SettingsError, match="cannot be written"):
            edit_settings(file, _add("echo"))
    finally:
        tmp_path.chmod(0o700)


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.toml"
    create_settings(file, "# mine\n")
    other = tmp_path / "other"
    other.touch()  # what the umask of whoever runs this makes of a new file
    assert (file.read_text(), file.stat().st_mode) == ("# mine\n", other.stat().st_mode)
    with pytest.raises(SettingsError, match="exists already"):
        create_settings(file, "# other\n")
    assert [path.read_text() for path in file.parent.iterdir()] == ["# mine\n"]
