"""A long search for faults that is told to end leaves neither processes nor files behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.machine.kills import below, gone, until
from tests.support import ROOT

LONG = 60.0  # seconds on a busy machine


@pytest.mark.parametrize(
    ("program", "begun", "sign"),
    [
        (
            ("kill.py", "--kills", "25", "--seed", "2"),
            "harvester.cli",
            signal.SIGTERM,
        ),  # its first is a daemon
        (("kill.py", "--kills", "25", "--seed", "2"), "harvester.cli", signal.SIGINT),
        (("fuzz.py", "--kinds", "warc,named"), "", signal.SIGTERM),
    ],
)
def test_nothing_is_left(
    tmp_path: Path, program: tuple[str, ...], begun: str, sign: signal.Signals
) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "benchmarks" / program[0]), *program[1:]],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    tree: list[int] = []

    def under_way() -> bool:
        tree[:] = below(process.pid)
        return any(tmp_path.iterdir()) and any(begun in _command(one) for one in tree)

    try:
        assert until(under_way, LONG)
        process.send_signal(sign)
        process.wait(LONG)
        assert until(lambda: all(map(gone, tree)), LONG)
        assert not list(tmp_path.iterdir())
    finally:
        process.kill()
        for one in tree:
            if not gone(one):
                os.kill(one, signal.SIGKILL)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
