"""``harvest`` as users run it: a process, in a folder with settings."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import forked_program


@dataclass
class Harvest:
    """Runs ``harvest`` in a folder."""

    folder: Path

    def __call__(
        self, *arguments: str | bytes, code: int | None = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; checks its exit code, and that it shows no traceback."""
        process = forked_program.run(
            "harvester.cli",
            arguments,
            cwd=self.folder,
            environment=environment,
            timeout=120,
        )
        assert code is None or process.returncode == code, process.stderr
        assert "Traceback" not in process.stderr, process.stderr
        return process

    def json(self, *arguments: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self(*arguments, "--json").stdout)
