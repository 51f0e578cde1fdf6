"""The README tells the truth: its commands, settings and exit codes are the program's."""

from __future__ import annotations

import re
import tomllib

from harvester import errors
from harvester.cli import COMMANDS
from harvester.settings.tables import (
    ArchiveTable,
    CrawlTable,
    LimitsTable,
    OutletTable,
    RulesTable,
)
from tests.support import ROOT

README = (ROOT / "README.md").read_text()


def test_every_command_stands_in_the_readme() -> None:
    listed = set(re.findall(r"^\| `harvest ([a-z]+)", README, re.MULTILINE))
    assert listed == set(COMMANDS)


def test_every_setting_stands_in_the_readme() -> None:
    rows = "\n".join(line for line in README.splitlines() if line.startswith("| `["))
    for model in (ArchiveTable, CrawlTable, LimitsTable, OutletTable, RulesTable):
        for name in model.model_fields:
            assert re.search(rf"\b{name}\b", rows), name


def test_the_two_commands() -> None:
    commands = re.findall(r"<!-- command: (\w+) -->\n```sh\n(.+)\n```", README)
    assert [name for name, _ in commands] == ["demo", "tests"]
    assert commands[0][1].endswith("harvest demo")
    assert all(
        command.startswith("python3 -m venv .venv && ") for _, command in commands
    )


def test_every_exit_code_is_named() -> None:
    codes = {
        one.exit_code
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.HarvesterError)
    }
    line = next(
        line for line in README.splitlines() if line.startswith("**Exit codes.**")
    )
    place = README.index(line)
    assert all(
        re.search(rf"\b{code} ", README[place : place + 400]) for code in {0, *codes}
    )


def test_the_example_names_every_setting() -> None:
    text = (ROOT / "settings.toml").read_text()
    for model in (ArchiveTable, CrawlTable, LimitsTable, RulesTable):
        for name in model.model_fields:
            assert re.search(rf"^(?:# )?{name} =", text, re.MULTILINE), name


def test_no_path_of_a_machine_stands_in_the_project() -> None:
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"][
        "build"
    ]["targets"]["wheel"]["packages"]
    for folder in (*packaged, "docs", "benchmarks"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".md", ".toml", ".html", ".css", ".service"):
                assert not re.search(
                    r"(?<![\w.])/(?:root|work|home)/", path.read_text()
                ), path


def test_every_test_that_the_list_of_faults_names_is_there() -> None:
    named = re.findall(
        r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "faults.md").read_text()
    )
    assert len(named) > 50
    for file, name in named:
        assert re.search(
            rf"^(?:async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE
        ), f"{file}::{name}"
