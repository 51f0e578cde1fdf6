"""kill -9 at any instant loses and duplicates nothing, and nothing needs repair.

``benchmarks/kill.py`` does the same some hundred times.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.machine.kills import CHECKS, Kills
from harvester.newsroom import Newsroom

pytestmark = pytest.mark.long

TARGETS = (
    "crawl", "tree", "worker", "crawl", "tree of the daemon", "crawl", "fork server", "tree",
    "daemon", "crawl of the daemon",
)  # fmt: skip


@pytest.mark.timeout(
    1_500
)  # some 40 seconds of processor time, and many starts of programs
def test_twenty_kills_lose_and_duplicate_nothing(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    kills = Kills(tmp_path, newsroom, int(os.environ.get("KILL_SEED", "1")))
    for target in TARGETS * 2:
        kills.case(target)
    assert kills.faults + kills.complete() == []
    assert (
        kills.killed.total() + kills.early.total() == 20 and kills.killed.total() >= 10
    )
    assert all(kills.held[check] >= 10 for check in CHECKS) and kills.versions
