"""The one place where these tests reach into the program: its entry point ``harvest``.

Everything else goes through what the program offers to people: the command line, the
tree of commands, SQL on the archive.
"""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click
import time_machine

START = (
    "import sys; from importlib.metadata import entry_points; sys.argv[0] = 'harvest'; "
    "next(iter(entry_points(group='console_scripts', name='harvest'))).load()()"
)
CLOCK = """
import os
import time_machine
if os.environ.get("GOLDEN_AT"):
    import datetime
    at = datetime.datetime.fromisoformat(os.environ["GOLDEN_AT"])
    time_machine.travel(at, tick=False).start()
"""
COMMAND = (sys.executable, "-P", "-c", START)  # in a process of its own


@dataclass(frozen=True)
class Ran:
    """A call that has ended."""

    code: int
    out: str
    err: str


def entry() -> EntryPoint:
    """The console script."""
    return next(iter(entry_points(group="console_scripts", name="harvest")))


def group() -> click.Group:
    """The group of all commands, which stands beside the entry point."""
    module = importlib.import_module(entry().module)
    groups = [one for one in vars(module).values() if isinstance(one, click.Group)]
    assert len(groups) == 1, groups
    return groups[0]


def environment() -> dict[str, str]:
    """Ours, without what would stand for settings."""
    every = os.environ.items()
    kept = {name: value for name, value in every if "HARVEST" not in name}
    return {**kept, "COLUMNS": "100", "NO_COLOR": "1"}


def process(
    folder: Path, *arguments: str, typed: str = "", more: dict[str, str] | None = None
) -> Ran:
    """``harvest …`` in a folder, in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=environment() | (more or {}),
        timeout=240,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def at_time(folder: Path, at: str, *arguments: str, typed: str = "") -> Ran:
    """The same at a time that stands still, also for the processes that it starts."""
    with tempfile.TemporaryDirectory(prefix="clock-") as clock:
        (Path(clock) / "sitecustomize.py").write_text(CLOCK)
        before = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([clock, *([before] if before else [])])
        more = {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "GOLDEN_AT": at}
        return process(folder, *arguments, typed=typed, more=more)


def call(folder: Path, at: str, arguments: Sequence[str], typed: str = "") -> Ran:
    """The same in this process, which is quicker, at a time that stands still."""
    main = entry().load()
    out, err = (_stream() for _ in range(2))
    held = sys.argv, sys.stdin, sys.stdout, sys.stderr, Path.cwd(), dict(os.environ)
    code: object = 0
    os.environ.clear()
    os.environ.update(environment())
    os.chdir(folder)
    sys.argv = ["harvest", *arguments]
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8")
    sys.stdout, sys.stderr = out, err
    try:
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            main()
    except SystemExit as error:
        code = error.code
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr, before, names = held
        os.chdir(before)
        os.environ.clear()
        os.environ.update(names)
    number = code if isinstance(code, int) else int(code is not None)
    return Ran(number, _said(out), _said(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)


def _said(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
