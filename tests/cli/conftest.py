"""The small archive of ``tests/archive/build.py``, and the real program to look at it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "archive"))
import build

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Harvest:
    """``harvest``, run in a folder with its settings."""

    folder: Path

    def __call__(
        self, *arguments: str | bytes, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command and check its exit code."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "harvester.cli", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(
                    [str(ROOT), os.environ.get("PYTHONPATH", "")]
                ),
                **environment,
            },
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        assert code is None or done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        """What it prints, understood."""
        return json.loads(self(*arguments, "--json").stdout)


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    """The program beside the small archive."""
    build.village(tmp_path).done()
    return Harvest(tmp_path)


@pytest.fixture
def bare(tmp_path: Path) -> Harvest:
    """The program where there is nothing yet."""
    return Harvest(tmp_path)
