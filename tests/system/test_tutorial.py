"""The tutorial, as a reader types it: its commands run, and print what it shows."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest

from harvester.identity.urls import article_key
from harvester.newsroom import Newsroom, Outlet, storyline
from tests.support import ROOT

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
REAL_SITE = "https://www.medias-presse.info/"
WIDTH = "88"  # of the terminal in which the tutorial was written
PARAGRAPHS = [
    "Le conseil a voté mardi la réouverture de la bibliothèque, fermée depuis six ans.",
    "Trente mille livres y attendent leurs lecteurs ; deux bibliothécaires sont nommées.",
    "« Nous n’y croyions plus », dit une lectrice. Le toit sera refait pendant l’été.",
]


@dataclass(frozen=True)
class Step:
    """What is typed, and what is shown below it."""

    typed: str
    shown: str = ""


def steps() -> Iterator[Step]:
    """The steps of the tutorial, in order."""
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
    for (kind, typed), (following, shown) in zip(
        fences, [*fences[1:], ("", "")], strict=True
    ):
        if kind == "sh":
            yield Step(typed, shown if following == "text" else "")


@dataclass
class Reader:
    """Somebody at a terminal. The folder stays what the last ``cd`` made of it."""

    home: Path
    folder: Path = field(init=False)
    # Keys that the tutorial shows, where the demo's own ports are taken here.
    keys: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder = self.home
        program = self.home / "bin" / "harvest"
        program.parent.mkdir()
        python = f"PYTHONPATH='{ROOT}' exec '{sys.executable}' -P"
        program.write_text(f'#!/bin/sh\n{python} -m harvester.cli "$@"\n')
        program.chmod(0o755)

    def environment(self) -> dict[str, str]:
        """That of a reader whose newspaper is on this machine and edits at once."""
        return {
            **{
                name: text for name, text in os.environ.items() if "HARVEST" not in name
            },
            "HOME": str(self.home),
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": WIDTH,
            "BROWSER": "true",
            "HARVESTER_CRAWL_ALLOW_NETWORKS": "127.0.0.0/8",
            "HARVESTER_CRAWL_DELAY": "0 seconds",
            "HARVESTER_CRAWL_EVERY": "0 seconds",
            "HARVESTER_CRAWL_REVISIT": "0 seconds, 0 seconds, 0 seconds",
        }

    def local(self, text: str) -> str:
        """The tutorial's text with the keys that articles have here."""
        for documented, here in self.keys.items():
            text = re.sub(
                rf"\b{documented[:8]}(?:{documented[8:]})?\b",
                lambda match, here=here: here[: len(match[0])],
                text,
            )
        return text

    def types(self, commands: str) -> str:
        """Run commands; returns what they print, messages below results."""
        script = f"{self.local(commands)}\npwd >'{self.home}/.folder'"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{commands}{done.stdout}{done.stderr}"
        self.folder = Path((self.home / ".folder").read_text().strip())
        return done.stdout + done.stderr

    def browses(self, command: str) -> str:
        """Run ``harvest browse``; returns the first page that it serves."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command.strip()} --port 0"],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[0]
            with urlopen(address, timeout=60) as response:
                return str(response.read().decode())
        finally:
            process.terminate()
            process.communicate(timeout=60)


def learn_keys(reader: Reader) -> dict[str, str]:
    """From each key that the demo gives articles at its own ports to that of here."""
    settings = (reader.folder / "settings.toml").read_text("utf-8")
    ports = dict(
        re.findall(
            r'outlets\.(\w+)\][^\[]*?home = "http://127\.0\.0\.1:(\d+)', settings
        )
    )
    with closing(sqlite3.connect(reader.folder / "archive.db")) as archive:
        rows = archive.execute("select key, outlet, url from articles").fetchall()
    return {
        article_key(
            url.replace(f":{ports[outlet]}", f":{storyline.PORTS[outlet]}")
        ): key
        for key, outlet, url in rows
    }


def asks_in_passing(reader: Reader) -> None:
    """Run what the prose names: commands with an article's key, and SQL."""
    commands = re.findall(r"`(harvest \w+ [0-9a-f]{8}\b[^`\n]*)`", TUTORIAL)
    assert len(commands) > 1
    for command in commands:
        assert reader.types(command), command
    (query,) = re.findall(r"^```sql\n(.*?)^```$", TUTORIAL, re.MULTILINE | re.DOTALL)
    with closing(sqlite3.connect(reader.folder / "archive.db")) as archive:
        silent = {(row[0], row[1]): row[3] for row in archive.execute(query)}
    assert silent["ponant", "substantive"] == 1


LEFT_OUT, CUT, MINUTE = r"^…\n", r"…", r"\d{4}-\d\d-\d\d \d\d:\d\d"
# What is seen twice within a minute has one time.
TIME = f"{MINUTE}(?: to {MINUTE})?"


def pattern(shown: str) -> str:
    """A pattern for the output that is shown: "…" is anything left out, times vary."""
    parts = re.split(f"({LEFT_OUT}|{CUT}|{TIME})", shown, flags=re.MULTILINE)
    for number, part in enumerate(parts):
        if number % 2 == 0:
            parts[number] = re.escape(part)
        elif part == "…\n":
            parts[number] = r"(?:.*\n)*?"
        else:
            parts[number] = ".*" if part == "…" else TIME
    return "".join(parts)


@pytest.fixture
def gazette(newsroom: Newsroom) -> Outlet:
    """A newspaper in place of the real one that the tutorial watches."""
    outlet = newsroom.add_outlet("gazette", "wordpress", language="fr")
    outlet.publish("La bibliothèque rouvre", PARAGRAPHS, slug="bibliotheque")
    return outlet


def test_the_tutorial_leads_to_a_silent_edit(tmp_path: Path, gazette: Outlet) -> None:
    reader, told = Reader(tmp_path), ""
    edits = [("mille", "cents"), ("dit une lectrice", "dit-on dans la rue")]
    install, *others = steps()
    assert "pip install" in install.typed  # tests/system/test_packaging.py does that
    for step in others:
        typed = step.typed.replace(f"{REAL_SITE}feed/", gazette.feed_url)
        typed = typed.replace(REAL_SITE, gazette.url)
        if typed.startswith("harvest browse"):
            asks_in_passing(reader)
            assert "Substantive, unacknowledged" in reader.browses(typed)
            continue
        if typed.startswith("harvest run"):  # what it would do in the next hours
            article = gazette.find_article("bibliotheque")
            before, after = edits.pop(0)
            edited = [text.replace(before, after) for text in article.paragraphs]
            gazette.edit(article, edited, silent=True)
            typed = typed.replace("harvest run", "harvest once")
        told = reader.types(typed)
        if "harvest demo" in typed:
            reader.keys = learn_keys(reader)
        if step.shown:
            shown = reader.local(step.shown)
            assert re.fullmatch(pattern(shown), told), f"{shown}\nbut:\n{told}"
        if "harvest check" in typed:
            assert f"feeds           {gazette.feed_url}" in told
        if typed.startswith("harvest changes") and "--since" in typed:
            assert re.search(r"substantive, silent +mpi .* La bibliothèque", told)
    assert not edits
    lines = (tmp_path / "news" / "watch" / "told.jsonl").read_text().splitlines()
    test, event = map(json.loads, lines)
    assert (test["on"], event["on"]) == ("test", "edit")
    assert "dit une lectrice" in event["change"]["changed"][0][0]
    feed = (tmp_path / "news" / "watch" / "silent.xml").read_text("utf-8")
    assert "<title>Edited: La bibliothèque rouvre</title>" in feed


def test_the_lines_for_cron_are_what_was_typed() -> None:
    """They only add the folder and the path of the program."""
    lines = re.findall(r"^    0 \* \* \* \*  (.+)$", TUTORIAL, re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        folder, command = line.split(" && ~/harvester-env/bin/")
        assert folder == "cd ~/news/watch"
        assert command.startswith("harvest changes --silent --class substantive")
    assert "python3 -m venv ~/harvester-env\n" in TUTORIAL
