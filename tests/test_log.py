"""Lines of the log, and what is cleared before them."""

from __future__ import annotations

import subprocess
import sys

from tests.support import ROOT


def test_a_line_of_progress_is_cleared_before_each_line_of_the_log() -> None:
    code = (
        "import logging, sys\n"
        "from harvester.log import configure_logging\n"
        "clear = lambda: sys.stderr.write('<cleared>')\n"
        "configure_logging(before_line=clear)\n"
        "logging.getLogger('harvester').info('started')\n"
        "logging.getLogger('harvester').info('ended')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    first, second = done.stderr.splitlines()
    assert first.startswith("<cleared>2") and first.endswith("started")
    assert second.startswith("<cleared>2") and second.endswith("ended")
