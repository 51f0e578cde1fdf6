"""Whatever is typed in place of a value: a result, or an error in words with its exit code; never a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import click
import pytest

from harvester.cli import commands

TYPED = (
    "9" * 23,
    "-1",
    "²",
    "",
    "\udcff",
    "x" * 5_000,
    "2025-99-99",
    "1e999",
    "\x1b[2J",
    "' or 1=1",
    '"',
)
READING = ("search", "show", "history", "diff", "changes", "similar", "quote", "status", "stats", "looks", "health", "verify", "profiles")  # fmt: skip


def calls(name: str, key: str) -> list[list[str]]:
    command = commands.cli.get_command(click.Context(commands.cli), name)
    needed = {"search": ["pont"], "quote": ["le pont"]}.get(name, [key])
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usual = needed if arguments else []
    options = [
        one.opts[-1]
        for one in command.params
        if isinstance(one, click.Option) and not one.is_flag
    ]
    found = [[*usual, option, typed] for option in options for typed in TYPED]
    if arguments:
        found += [[typed] for typed in TYPED]
    if len(arguments) > 1:
        found += [[*usual, typed, typed] for typed in TYPED]
    return found


@pytest.mark.parametrize("name", READING)
def test_whatever_is_typed(
    name: str,
    harvest: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with closing(sqlite3.connect(harvest.folder / "archive.db")) as connection:
        [key] = connection.execute(
            "select key from articles order by versions desc limit 1"
        ).fetchone()
    monkeypatch.chdir(harvest.folder)
    tried = calls(name, key)
    for arguments in tried:
        monkeypatch.setattr("sys.argv", ["harvest", name, *arguments])
        try:
            code = commands.run()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = "".join(capsys.readouterr())
        assert code in (0, 1, 2, 3, 4, 5), arguments
        assert "\x1b[2J" not in said
        assert code == 0 or said.strip(), arguments
    assert tried or name in ("stats", "status")
