"""The systemd unit and the Dockerfile name what exists, and grant minimal rights."""

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


def unit_values(name: str) -> list[str]:
    """Return all values of a setting of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def check_arguments(arguments: list[str]) -> None:
    """Check that the program knows this command and its options, without running it."""
    context = cli.make_context("harvest", list(arguments), resilient_parsing=True)
    name, command, rest = cli.resolve_command(
        context, [*context._protected_args, *context.args]
    )
    assert name and command
    command.make_context(name, rest, parent=click.Context(cli)).close()


def test_the_unit_runs_an_existing_command_in_a_writable_folder() -> None:
    [start] = unit_values("ExecStart")
    program, *arguments = start.split()
    assert Path(program).name in PROGRAMS
    check_arguments(arguments)
    state = Path("/var/lib") / unit_values("StateDirectory")[0]
    settings = Path(arguments[arguments.index("--settings") + 1])
    # Paths in it are relative to it, and everything else is read-only.
    assert settings.is_relative_to(state)
    assert unit_values("WorkingDirectory") == [str(state)]


def test_the_unit_grants_minimal_rights() -> None:
    assert unit_values("User") == ["harvester"]
    assert unit_values("NoNewPrivileges") == ["yes"]
    assert unit_values("CapabilityBoundingSet") == [""]
    assert unit_values("ProtectSystem") == ["strict"]
    assert unit_values("MemoryMax")
    assert unit_values("UMask") == ["0077"]
    assert int(unit_values("TimeoutStopSec")[0]) > 10  # it stops within ten seconds


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
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


def test_the_image_runs_existing_commands_without_root() -> None:
    entry, command, health = (
        json.loads(re.findall(rf"^{line}(\[.*)$", DOCKER, re.MULTILINE)[0])
        for line in ("ENTRYPOINT ", "CMD ", "HEALTHCHECK .*?CMD ")
    )
    assert Path(entry[0]).name in PROGRAMS and health[0] == entry[0]
    check_arguments([*entry[1:], *command])
    check_arguments(health[1:])
    stages = DOCKER.split("\nFROM ")
    assert re.search(r"^USER (?!0|root)\d+$", stages[-1], re.MULTILINE)
    user_id = re.findall(r"^USER (.+)$", DOCKER, re.MULTILINE)[-1]
    assert re.search(rf"--uid {user_id}\b", DOCKER)


def test_files_that_the_image_copies_exist() -> None:
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKER, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split()[:-1]), line
