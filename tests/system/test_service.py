"""The units, the image and the compose file name what exists, and grant minimal rights."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from harvester.cli import cli
from harvester.errors import SettingsError
from harvester.model import Limits
from harvester.workers.pool import FAST_LANE_MEMORY_SHARE
from tests.support import ROOT
from tests.support.harvest_command import Harvest

DOCKER = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKER_GUIDE = (ROOT / "docs" / "guides" / "docker.md").read_text()
UNITS = {
    name: (ROOT / "docs" / name).read_text()
    for name in ("harvester.service", "harvester-browse.service")
}
PROGRAMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
MAX_DEFAULT_WORKERS = 4
OTHER_PROCESSES_BYTES = 400_000_000  # the crawl and `harvest run`
BYTES_PER_UNIT = {"m": 1024**2, "g": 1024**3}
INVALID_SETTINGS = "[crawl]\ndealy = '2 seconds'\n"

each_unit = pytest.mark.parametrize("name", UNITS)


def unit_values(name: str, key: str) -> list[str]:
    """Return all values of a setting of a unit."""
    return re.findall(rf"^{key}=(.*)$", UNITS[name], re.MULTILINE)


def start_arguments(name: str) -> list[str]:
    """The arguments with which a unit starts the program."""
    [start] = unit_values(name, "ExecStart")
    program, *arguments = shlex.split(start)
    assert Path(program).name in PROGRAMS
    return arguments


def check_arguments(arguments: list[str]) -> None:
    """Check that the program knows this command and its options, without running it."""
    context = cli.make_context("harvest", list(arguments), resilient_parsing=True)
    name, command, rest = cli.resolve_command(
        context, [*context._protected_args, *context.args]
    )
    assert name and command
    command.make_context(name, rest, parent=click.Context(cli)).close()


def needed_bytes() -> float:
    """What the processes of a crawl may take by the default settings."""
    share = FAST_LANE_MEMORY_SHARE * MAX_DEFAULT_WORKERS + 1  # and one reads slow pages
    return share * Limits().read_memory + OTHER_PROCESSES_BYTES


def size_bytes(text: str) -> int:
    return int(text[:-1]) * BYTES_PER_UNIT[text[-1].lower()]


# ---- systemd


@each_unit
def test_a_unit_runs_an_existing_command_in_a_writable_folder(name: str) -> None:
    arguments = start_arguments(name)
    check_arguments(arguments)
    state = Path("/var/lib") / unit_values(name, "StateDirectory")[0]
    settings = Path(arguments[arguments.index("--settings") + 1])
    # Paths in it are relative to it, and everything else is read-only.
    assert settings.is_relative_to(state)
    assert unit_values(name, "WorkingDirectory") == [str(state)]


@each_unit
def test_a_unit_grants_minimal_rights(name: str) -> None:
    assert unit_values(name, "User") == ["harvester"]
    assert unit_values(name, "NoNewPrivileges") == ["yes"]
    assert unit_values(name, "CapabilityBoundingSet") == [""]
    assert unit_values(name, "ProtectSystem") == ["strict"]
    assert unit_values(name, "MemoryMax")
    assert unit_values(name, "UMask") == ["0077"]
    # It stops within ten seconds.
    assert int(unit_values(name, "TimeoutStopSec")[0]) > 10


@each_unit
def test_a_unit_is_not_restarted_for_ever_with_invalid_settings(
    tmp_path: Path, name: str
) -> None:
    assert unit_values(name, "Restart") == ["on-failure"]
    assert unit_values(name, "RestartPreventExitStatus") == [
        str(SettingsError.exit_code)
    ]
    settings = tmp_path / "settings.toml"
    settings.write_text(INVALID_SETTINGS)
    arguments = start_arguments(name)
    arguments[arguments.index("--settings") + 1] = str(settings)
    done = Harvest(tmp_path)(*arguments, code=SettingsError.exit_code)
    assert "dealy" in done.stderr


@each_unit
def test_systemd_understands_a_unit(tmp_path: Path, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    text = UNITS[name]
    unit = tmp_path / name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    wrong = [line for line in done.stderr.splitlines() if unit.name in line]
    assert not wrong
    # Of 10 (no restrictions at all), in tenths.
    exposure = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
    done = subprocess.run(exposure, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 or "unrecognized option" in done.stderr, done.stdout


# ---- memory


def test_memory_limits_cover_what_the_workers_may_take() -> None:
    limits = [
        *unit_values("harvester.service", "MemoryMax"),
        COMPOSE["services"]["run"]["mem_limit"],
        *re.findall(r"--memory (\S+)", DOCKER_GUIDE),
    ]
    assert len(limits) == 3
    for limit in limits:
        # Not much more either: the limit is there to hold.
        assert needed_bytes() <= size_bytes(limit) < 1.2 * needed_bytes()


# ---- the image, and the containers


def docker_instruction(pattern: str) -> list[str]:
    """The JSON list of an instruction's arguments."""
    [arguments] = re.findall(rf"^{pattern}(\[.*\])$", DOCKER, re.MULTILINE)
    words: list[str] = json.loads(arguments)
    return words


def test_the_image_runs_existing_commands_without_root() -> None:
    entry, command = docker_instruction("ENTRYPOINT "), docker_instruction("CMD ")
    health = docker_instruction(r"  CMD ")
    assert entry == [health[0]] and entry[0] in PROGRAMS
    check_arguments(command)
    check_arguments(health[1:])
    last_stage = DOCKER.split("\nFROM ")[-1]
    user, group = re.findall(r"^USER (\d+):(\d+)$", last_stage, re.MULTILINE)[-1]
    assert int(user) and int(group)
    assert re.search(rf"--uid {user}\b", last_stage)


def test_the_program_is_on_the_path_of_the_image() -> None:
    [target] = re.findall(r"^COPY --from=build (\S+) \1$", DOCKER, re.MULTILINE)
    assert re.search(rf'^ENV PATH="{target}/bin:\$PATH"', DOCKER, re.MULTILINE)
    assert f"python -m venv {target} " in DOCKER


def test_files_that_the_image_copies_exist() -> None:
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKER, re.MULTILINE):
        assert all((ROOT / name).exists() for name in line.split()[:-1]), line


def test_hadolint_has_nothing_against_the_dockerfile() -> None:
    hadolint = shutil.which("hadolint", path=tool_path())
    if hadolint is None:
        pytest.skip("no hadolint: pip install -e '.[container]'")
    done = subprocess.run(
        [hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_containers_share_one_folder_and_have_no_rights() -> None:
    services: dict[str, dict[str, Any]] = COMPOSE["services"]
    assert set(services) == {"run", "browse"}
    for service in services.values():
        check_arguments(service["command"])
        assert service["volumes"] == ["./archive:/archive"]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        # Not root, unless somebody says so.
        assert service["user"] == "${ARCHIVE_OWNER:-10001:10001}"
    # To this machine alone; who is further away needs a proxy with TLS.
    assert services["browse"]["ports"] == ["127.0.0.1:8001:8001"]
    assert "healthcheck" not in services["run"]  # the image's


def test_compose_understands_the_file() -> None:
    compose = next(
        (
            command
            for command in (["docker", "compose"], ["docker-compose"])
            if shutil.which(command[0], path=tool_path())
            and subprocess.run(
                [*command, "version"], capture_output=True, timeout=60
            ).returncode
            == 0
        ),
        None,
    )
    if compose is None:
        pytest.skip("no Docker Compose: pip install -e '.[container]'")
    done = subprocess.run(
        [*compose, "--file", ROOT / "compose.yaml", "config", "--quiet"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_of_the_docker_guide_exist() -> None:
    text = DOCKER_GUIDE.replace("\\\n", " ")
    runs = re.findall(r"^docker run .* harvester (\S.*)$", text, re.M)
    executed = re.findall(r"^docker (?:compose )?exec \S+ harvest (.+)$", text, re.M)
    assert len(runs) == 3 and len(executed) == 4
    for command in (*runs, *executed):
        check_arguments(shlex.split(command, comments=True))


def tool_path() -> str:
    """Where tools are looked for: beside this Python too."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
