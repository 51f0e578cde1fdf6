"""What is installed, under which name, and what people are told to install."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import harvester
from tests.support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
SHIPPED = (  # what the program reads at run time, and typing tools look for
    "harvester/py.typed",
    "spiders/py.typed",
    "harvester/settings.example.toml",
    "harvester/archive/migrations/001_first.sql",
    "harvester/browse/static/news.css",
    "harvester/browse/templates/news_base.html",
    "harvester/newsroom/stories/ponant.txt",
    "harvester/parse/content/blocks.json",
)
# Where people are told what to install: programs, documents, and the files at the top.
TELLING = ("harvester", "spiders", "docs", "benchmarks", "tests", ".ci", ".")
OTHERS = {"cdxj-indexer", "pip-audit", "pywb"}  # tools that are no dependency
HINT = re.compile(r"\bpip3? install ([^`&|;)\n]+)")


def text_files() -> Iterator[tuple[str, str]]:
    """The texts of the project in which a hint may be: path, content."""
    for folder in TELLING:
        paths = (ROOT / folder).glob("*" if folder == "." else "**/*")
        for path in paths:
            if path.is_file() and path.suffix in {
                "", ".md", ".py", ".toml", ".yaml", ".yml", ".service", ".html", ".sh",
            }:  # fmt: skip
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def told() -> Iterator[tuple[str, str]]:
    """What is to be installed by any hint: path, requirement."""
    for path, text in text_files():
        for hint in HINT.findall(text):
            words = iter(shlex.split(hint.replace('"', " ").replace("\\", " ")))
            for word in words:
                if word == "-r":
                    next(words)
                elif word[0] not in "-#${" and not re.match(r"\d?>", word):
                    yield path, word


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that a release would upload."""
    pytest.importorskip("hatchling", reason="pip install -e '.[test]'")
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment in which the wheel is installed, beside what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"))
    pip(folder, "install", "-q", "--no-index", "--no-deps", str(wheel))
    return folder


def pip(environment: Path, *arguments: str) -> str:
    """This environment's pip at work in another one, without a network."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", environment, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_has_what_the_program_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert set(SHIPPED) <= names
    sources = {
        str(path.relative_to(ROOT))
        for package in ("harvester", "spiders")
        for path in (ROOT / package).rglob("*.*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert sources <= names
    assert {name.split("/")[0] for name in names} == {
        "harvester",
        "spiders",
        f"news_harvester-{harvester.__version__}.dist-info",
    }


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    assert metadata["Name"] == harvester.DISTRIBUTION
    assert metadata["Version"] == harvester.__version__
    assert set(metadata.get_all("Provides-Extra", [])) == set(EXTRAS)
    classifiers = metadata.get_all("Classifier", [])
    assert "Typing :: Typed" in classifiers
    assert not [line for line in classifiers if "Windows" in line]


def test_the_wheel_installs_and_runs(installed: Path, tmp_path: Path) -> None:
    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    program = installed / "bin" / "harvest"
    assert harvester.__version__ in run(program, "--version")
    assert "wrote settings.toml" in run(program, "init")
    where = "import harvester, spiders; print(harvester.__file__, spiders.__file__)"
    for file in run(installed / "bin" / "python", "-P", "-c", where).split():
        assert Path(file).is_relative_to(installed)


def test_what_the_program_says_to_install_is_itself(installed: Path) -> None:
    """pip finds the distribution that is installed, and asks no index for it."""
    command = shlex.split(harvester.install_hint("proof"))
    assert command[:2] == ["pip", "install"]
    said = pip(installed, "install", "--no-index", "--dry-run", *command[2:])
    (ours,) = (line for line in said.splitlines() if f" {command[2]} in " in line)
    assert ours.startswith("Requirement already satisfied")
    assert "./lib/" in ours  # of that environment, where pip runs


def test_extras_bring_what_others_need() -> None:
    for extra, needed in EXTRAS.items():
        for text in needed:
            requirement = Requirement(text)
            if requirement.name == harvester.DISTRIBUTION:
                assert requirement.extras <= set(EXTRAS), extra


def test_the_lock_file_has_what_is_needed() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    locked = dict(line.split(" ")[0].split("==") for line in lines if "==" in line[:60])
    locked = {canonicalize_name(name): version for name, version in locked.items()}
    for text in PROJECT["dependencies"]:
        requirement = Requirement(text)
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), text


def test_every_hint_installs_what_is_ours() -> None:
    known = chain(PROJECT["dependencies"], *EXTRAS.values())
    theirs = {Requirement(text).name for text in known} | OTHERS
    hints = list(told())
    assert len({path for path, _ in hints}) > 8
    for path, text in hints:
        parts = re.fullmatch(r"([\w./-]+?)(?:\[([\w,]+)\])?(?:[<>=~!].*)?", text)
        assert parts, (path, text)
        name, extras = parts.groups()
        checkout = name == "." or name.startswith("./")
        assert checkout or name in theirs | {harvester.DISTRIBUTION}, (path, text)
        if extras and (checkout or name == harvester.DISTRIBUTION):
            assert set(extras.split(",")) <= set(EXTRAS), (path, text)


def test_the_code_names_extras_that_exist() -> None:
    named = [
        extra
        for path, text in text_files()
        if not path.startswith("tests/")
        for extra in re.findall(r"\binstall_hint\(\"(\w+)\"\)", text)
    ]
    assert named and set(named) <= set(EXTRAS)


def test_the_name_is_nowhere_that_of_somebody_else() -> None:
    for path, text in text_files():
        if path != "tests/system/test_packaging.py":
            assert not re.search(r"(?<![\w-])harvester\[\w", text), path


def test_each_hook_is_a_check_of_ci_too() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    programs = re.findall(r"^ +entry: (\S+)", hooks, re.MULTILINE)
    ci = (ROOT / ".ci" / "run").read_text()
    assert len(programs) == 5
    for program in programs:
        assert re.search(rf"(?m)(?:^|[;&] *|\bnice ){program}\b", ci), program
