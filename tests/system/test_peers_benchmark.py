"""The benchmark against another program, where that program is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support import ROOT


def test_it_is_skipped_with_a_reason(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            ROOT / "benchmarks" / "peers.py",
            "--news-please",
            tmp_path / "none",
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("skipped: news-please is not installed")
