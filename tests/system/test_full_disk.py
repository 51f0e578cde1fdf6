"""A full disk stops the crawl with a message; nothing is lost, and the next one resumes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harvester.newsroom import Newsroom
from tests.support.many_outlets import create_outlets

if TYPE_CHECKING:
    from tests.support.crawled_archive import Harvest

pytestmark = pytest.mark.long


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of little more than a megabyte; skips if it cannot be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)],
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(newsroom: Newsroom, harvest: Harvest, small_disk: Path) -> None:
    create_outlets(
        newsroom, outlet_count=3, article_count=40, seed=5, page_bytes=20_000
    )
    harvest.folder = small_disk
    harvest.settings.write_text(
        newsroom.settings_toml(small_disk, crawl="concurrency = 4")
    )
    failed = harvest.run("once", "--json", code=1)
    assert str(small_disk) in failed.stderr
    assert len(failed.stderr.strip().splitlines()) <= 3
    held = {row["sha256"] for row in harvest.rows("select sha256 from versions")}
    assert harvest.run("stats", code=0)
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    harvest.once()
    harvest.once()
    harvest.check()
    assert held <= {
        row["sha256"] for row in harvest.rows("select sha256 from versions")
    }
    assert len(harvest.rows("select 1 from articles")) == sum(
        len(outlet.articles) for outlet in newsroom.outlets.values()
    )
