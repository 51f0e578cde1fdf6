"""``harvest`` as users run it: a process, in a folder with settings."""

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
    """Runs ``harvest`` in a folder."""

    folder: Path

    def __call__(
        self, *arguments: str | bytes, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; checks its exit code, and that it shows no traceback."""
        process = subprocess.run(
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
        assert code is None or process.returncode == code, process.stderr
        assert "Traceback" not in process.stderr, process.stderr
        return process

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self(*arguments, "--json").stdout)
