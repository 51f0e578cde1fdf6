"""Fixtures for all tests: the corpora where they are present."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from harvester.newsroom import Newsroom
from tests.support import ROOT
from tests.support.crawled_archive import Harvest

settings.register_profile(
    "ours", deadline=None
)  # what a case takes on the clock says what else the machine does
settings.load_profile("ours")


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real pages, feeds and copies with known truth; skips where it is absent."""
    folder = Path(os.environ.get("CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set CORPORA to their folder")
    return folder


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A real newspaper on loopback."""
    with Newsroom() as room:
        yield room


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    """An empty archive."""
    return Harvest(tmp_path)
