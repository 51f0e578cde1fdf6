"""``harvest`` as users start it: in a folder with its settings, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import ROOT


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
