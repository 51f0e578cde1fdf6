"""A crawl that may open few files says so, and hangs nowhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.crawl_harness import CrawlHarness, Site


@pytest.mark.parametrize("open_files", [16, 24, 32])
def test_too_few_open_files_are_an_error(
    harness: CrawlHarness, site: Site, open_files: int
) -> None:
    site.feed("/feed", [site.article(f"/news/{number}") for number in range(4)])
    code = (
        "import os, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({open_files}, {open_files}))\n"
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    harness.write_settings()
    for command in (
        harness.command("--once"),
        [
            *(sys.executable, "-m", "harvester.cli"),
            *("--settings", str(harness.settings), "once"),
        ],
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *command],
            env=harness.environment(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 1
        assert f"only {open_files} files may be open" in done.stderr
        assert "ulimit -n" in done.stderr and "Traceback" not in done.stderr
    assert site.requested_paths == []
