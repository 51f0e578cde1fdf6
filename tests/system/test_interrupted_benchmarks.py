"""Interrupted benchmarks leave neither processes nor files behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.machine.kills import below, gone, until
from tests.support import ROOT

PATIENCE = 60.0  # seconds on a busy machine


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
def test_an_interrupted_benchmark_leaves_nothing_behind(
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
        assert until(under_way, PATIENCE)
        process.send_signal(sign)
        process.wait(PATIENCE)
        assert until(lambda: all(map(gone, tree)), PATIENCE)
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
