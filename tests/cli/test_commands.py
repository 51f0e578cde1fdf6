"""The program on a system that it does not run on."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support import ROOT


def test_windows_is_refused_with_what_to_do() -> None:
    """Before anything is imported that Windows lacks."""
    code = (
        "import click, os, sys\n"
        "for name in ('fcntl', 'grp', 'pwd', 'resource', 'termios'):\n"
        "    sys.modules[name] = None\n"
        "from harvester.cli import main\n"
        "os.name = 'nt'\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert "Windows is not supported" in first and "WSL" in second
