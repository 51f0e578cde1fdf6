"""What outlets write does nothing on a terminal: every command on an archive in which every field carries an attack."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harvester.cli import commands
from tests.support import small_archive

ATTACK = "\x1b]0;pwned\x07\x1b[31m\x9b2J\x9d0;x\x9c\x90q\x9c\u202eevil\u2066\u200f\r\x08\x7f\u2028\ufeff\x1b"
FORMULA = '=HYPERLINK("http://evil.example","x")'
OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
PLAIN = {
    "feeds": ("title", "reason"), "articles": ("url", "reached", "reason"), "urls": ("url",),
    "entries": ("title", "summary", "guid", "url", "reason"), "events": ("note",), "captures": ("type", "url", "reached", "robots", "text"),
    "versions": ("title", "text", "language", "published_local", "modified_local", "image", "description", "kind", "access"),
    "looks": ("saw", "note"), "hosts": ("origin", "robots", "reason"), "joins": ("why",), "tombstones": ("why",), "outlets": ("home",),
}  # fmt: skip
LISTS = {"versions": ("authors", "sections", "tags")}
CHURCH = small_archive.key_of(small_archive.CHURCH)
COMMANDS = (
    "search eglise", "search eglise --all-versions --rank", "show KEY", "show KEY --version 1", "history KEY", "diff KEY", "diff KEY 1 2",
    "changes", "changes --silent", "changes --by outlet", "similar KEY", "similar --all", "quote eglise", "status", "stats", "looks",
    "watch KEY", "watch --list", "profiles", "health", "doctor", "split KEY --dry-run", "purge KEY --dry-run", "purge --list", "verify --quick",
    "evidence KEY -o out.zip", "reread --dry-run", "show https://nowhere.example/ATTACK", "show ATTACK", "search ATTACK", "search (ATTACK",
    "ATTACK", "show --ATTACK", "changes --kind ATTACK", "status ATTACK", "once ATTACK", "check ATTACK", "check page.html", "check page.html --explain",
    "check feed.xml", "check page.html --json", "--settings ATTACK.toml status", "--settings bad.toml status", "merge ATTACK.db", "restore ATTACK", "teach mpi --json",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small archive with an attack in every field that outlets fill."""
    small_archive.copy_village(tmp_path)
    database = next(path for path in tmp_path.iterdir() if path.suffix == ".db")
    with closing(sqlite3.connect(database)) as connection:
        for table, columns in PLAIN.items():
            for column in columns:
                connection.execute(
                    f"update {table} set {column} = {column} || ?", [ATTACK]
                )
        for table, columns in LISTS.items():
            for column in columns:
                connection.execute(
                    f"update {table} set {column} = ?",
                    [json.dumps([FORMULA, f"an{ATTACK}author"])],
                )
        connection.execute(
            "update versions set title = ? || title where number > 1", [FORMULA]
        )
        connection.execute(
            "update changes set fields = ?",
            [json.dumps({"title": [f"a{ATTACK}", f"b{ATTACK}"]})],
        )
        connection.execute("update changes set sentences = ?", [json.dumps({
            "added": [f"a{ATTACK}"], "removed": [f"b{ATTACK}"], "changed": [[f"c{ATTACK}", f"d{ATTACK}"]], "moved": [ATTACK]})])  # fmt: skip
        connection.commit()
    page = (
        f"<html><head><title>A{ATTACK}</title></head><body><article><h1>A{ATTACK}</h1>"
        + f"<p>Long {ATTACK} words here.</p>" * 20
    )
    (tmp_path / "page.html").write_text(page, "utf-8")
    item = f"<item><title>T{ATTACK}</title><link>https://x.example/a{ATTACK}</link><guid>{ATTACK}</guid></item>"
    (tmp_path / "feed.xml").write_text(
        f"<rss version='2.0'><channel><title>{ATTACK}</title>{item}</channel></rss>",
        "utf-8",
    )
    (tmp_path / "bad.toml").write_bytes(
        f"[outlets.a]\n# {ATTACK[:3]}\nname = '{ATTACK.replace(chr(13), '')}'\n".encode()
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """A command in this process: exit code, what it printed, what it said."""
    monkeypatch.setattr(sys, "argv", ["harvest", *arguments])
    code = commands.run()
    said = capsys.readouterr()
    return code, said.out, said.err


def test_no_command_lets_a_terminal_obey(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "")
    for command in COMMANDS:
        arguments = [
            word.replace("KEY", CHURCH).replace("ATTACK", ATTACK.replace("\x00", ""))
            for word in command.split()
        ]
        for further in (
            ([], ["--json"], ["--nl"]) if "check" not in command else ([],)
        ):  # which starts processes
            code, out, err = ran(
                monkeypatch,
                capsys,
                *arguments,
                *(one for one in further if one not in arguments),
            )
            assert code in (0, 1, 2, 4), (command, code)
            for text in (out, err):
                found = OBEYED.search(text)
                assert found is None, (
                    command,
                    further,
                    text[max(0, found.start() - 80) : found.end() + 80],
                )
            if further == ["--json"] and code == 0 and out:
                json.loads(out)


def test_no_field_of_csv_begins_like_a_formula(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("search eglise --csv", "changes --csv"):
        code, out, err = ran(monkeypatch, capsys, *command.split())
        if code == 2 and "--csv" in err:
            continue
        rows = list(csv.reader(io.StringIO(out)))
        assert len(rows) > 1 and len({len(row) for row in rows}) == 1
        assert any(field.startswith("'=HYPERLINK") for row in rows for field in row)
        assert not [
            field
            for row in rows
            for field in row
            if field.startswith(("=", "+", "-", "@", "\t", "\r"))
        ]


def test_the_feed_of_changes_is_xml_whatever_they_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("edited", "headline", "removed"):
        code, out, err = ran(monkeypatch, capsys, "changes", "--kind", kind, "--atom")
        assert code == 0, err
        feed = ElementTree.fromstring(out)
        assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
        for link in feed.iter("{http://www.w3.org/2005/Atom}link"):
            assert link.get("href", "").startswith(("http://", "https://"))


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(harvest: Any, closed: str) -> None:
    command = (
        f"exec {shlex.quote(sys.executable)} -P -m harvester.cli search pont {closed}"
    )
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=harvest.folder,
        env={**os.environ, "PYTHONPATH": str(Path(commands.__file__).parents[2])},
        capture_output=True,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)


@pytest.mark.parametrize("columns", ["1", "0", "-5", "many", "999999"])
def test_terminals_of_any_width(harvest: Any, columns: str) -> None:
    for command in (["status"], ["show", CHURCH], ["search", "church"], ["changes"]):
        harvest(*command, COLUMNS=columns)
