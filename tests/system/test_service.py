"""The systemd unit and the Dockerfile name what exists, and give no more rights than are needed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from harvester.cli import cli
from tests.support import ROOT

DOCKER = (ROOT / "Dockerfile").read_text()
UNIT = (ROOT / "docs" / "harvester.service").read_text()
PROGRAMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def said(name: str) -> list[str]:
    """All values of a line of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def understood(arguments: list[str]) -> None:
    """The program knows this command and its options; nothing is run."""
    context = cli.make_context("harvest", list(arguments), resilient_parsing=True)
    name, command, rest = cli.resolve_command(
        context, [*context._protected_args, *context.args]
    )
    assert name and command
    command.make_context(name, rest, parent=click.Context(cli)).close()


def test_the_unit_runs_a_command_that_exists_where_it_may_write() -> None:
    [start] = said("ExecStart")
    program, *arguments = start.split()
    assert Path(program).name in PROGRAMS
    understood(arguments)
    state = Path("/var/lib") / said("StateDirectory")[0]
    settings = Path(arguments[arguments.index("--settings") + 1])
    assert settings.is_relative_to(
        state
    )  # paths in it are relative to it, and all else is read-only
    assert said("WorkingDirectory") == [str(state)]


def test_the_unit_gives_no_rights_that_are_not_needed() -> None:
    assert (
        said("User") == ["harvester"]
        and said("NoNewPrivileges") == ["yes"]
        and said("CapabilityBoundingSet") == [""]
    )
    assert (
        said("ProtectSystem") == ["strict"]
        and said("MemoryMax")
        and said("UMask") == ["0077"]
    )
    assert int(said("TimeoutStopSec")[0]) > 10  # it ends within ten seconds


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze")
    unit = tmp_path / "harvester.service"
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    wrong = [line for line in done.stderr.splitlines() if unit.name in line]
    assert not wrong


def test_the_image_runs_commands_that_exist_as_nobody_in_particular() -> None:
    [entry] = [
        json.loads(one)
        for one in re.findall(r"^ENTRYPOINT (.*)$", DOCKER, re.MULTILINE)
    ]
    [command] = [
        json.loads(one) for one in re.findall(r"^CMD (.*)$", DOCKER, re.MULTILINE)
    ]
    [health] = [
        json.loads(one)
        for one in re.findall(r"^HEALTHCHECK .*?CMD (.*)$", DOCKER, re.MULTILINE)
    ]
    assert Path(entry[0]).name in PROGRAMS and health[0] == entry[0]
    understood([*entry[1:], *command])
    understood(health[1:])
    stages = DOCKER.split("\nFROM ")
    assert re.search(r"^USER (?!0|root)\d+$", stages[-1], re.MULTILINE)
    assert re.search(
        rf"--uid {re.findall(r'^USER (.+)$', DOCKER, re.MULTILINE)[-1]}\b", DOCKER
    )


def test_what_the_image_copies_is_there() -> None:
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKER, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split()[:-1]), line
