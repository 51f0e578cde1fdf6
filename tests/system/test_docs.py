"""The documents agree with the program and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from harvester.cli import COMMANDS
from harvester.settings.tables import (
    ArchiveTable,
    CrawlTable,
    LimitsTable,
    RulesTable,
)
from tests.support import ROOT

DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text()
MAX_README_BYTES = 7_000


def test_the_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "make_reference.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{done.stderr}run docs/make_reference.py"


def test_every_command_and_option_is_in_the_reference() -> None:
    text = (DOCS / "reference" / "commands.md").read_text()
    for command in COMMANDS:
        assert f"\n## harvest {command}\n" in text, command
    assert text.count("--json") > 15


def test_every_setting_is_explained() -> None:
    text = (DOCS / "reference" / "settings.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| .*? \| (.*) \|$", text, re.MULTILINE)
    unexplained = {name for name, explanation in rows if not explanation.strip()}
    assert rows and not unexplained


def test_the_example_has_every_setting() -> None:
    text = (ROOT / "settings.toml").read_text()
    for model in (ArchiveTable, CrawlTable, LimitsTable, RulesTable):
        for name in model.model_fields:
            assert re.search(rf"^(?:# )?{name} =", text, re.MULTILINE), name


def test_the_readme_is_a_front_page() -> None:
    assert len(README.encode()) <= MAX_README_BYTES
    pictures = re.findall(r"!\[.+?\]\(([^)]+)\)", README)
    assert len(pictures) == 2
    for link in (*pictures, *re.findall(r"(?<!!)\[.+?\]\(([^)#]+)", README)):
        assert "://" in link or (ROOT / link).exists(), link


def test_the_two_commands_of_the_readme() -> None:
    commands = re.findall(r"<!-- command: (\w+) -->\n```sh\n(.+)\n```", README)
    assert [name for name, _ in commands] == ["demo", "tests"]
    assert commands[0][1].endswith("harvest demo")
    assert all(
        command.startswith("python3 -m venv .venv && ") for _, command in commands
    )


def test_the_architecture_names_files_that_exist() -> None:
    text = (DOCS / "architecture.md").read_text()
    named = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.py)?)`", text)
    assert len(named) > 30
    for name in named:
        places = (ROOT / "harvester" / name, ROOT / name, ROOT / "harvester/archive")
        assert (
            places[0].exists() or places[1].exists() or (places[2] / name).exists()
        ), name


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text()
    for page in DOCS.rglob("*.md"):
        assert f" {page.relative_to(DOCS)}\n" in navigation, page


def test_no_path_of_a_machine_is_in_the_project() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"][
        "build"
    ]
    for folder in (*build["targets"]["wheel"]["packages"], "docs", "benchmarks"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".toml", ".html", ".css", ".service"):
                assert not re.search(
                    r"(?<![\w.])/(?:root|work|home)/", path.read_text()
                ), path


def test_every_test_that_the_list_of_faults_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (DOCS / "faults.md").read_text())
    assert len(named) > 50
    for file, name in named:
        assert re.search(
            rf"^(?:async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE
        ), f"{file}::{name}"
