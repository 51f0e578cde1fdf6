"""Fixtures for all tests: the corpora where they are present."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from harvester.newsroom import Newsroom
from tests.support import ROOT
from tests.support.crawled_archive import Harvest

if TYPE_CHECKING:
    from tests.support.simulated_week import Week

settings.register_profile(
    "ours", deadline=None
)  # what a case takes on the clock says what else the machine does
settings.load_profile("ours")

# Folders whose tests start crawls and other programs: they go first, since a file of
# theirs that comes last would keep one process of ``-n 2`` busy while the other is idle.
SLOW_FOLDERS = ("system", "golden", "browse", "spiders", "cli", "ingest", "workers")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of the files: xdist would begin with those of most tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of the slow folders first; else nothing changes place."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        return (*SLOW_FOLDERS, folder).index(folder)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real pages, feeds and copies with known truth; skips where it is absent."""
    folder = Path(os.environ.get("CORPORA") or ROOT.parent / "shared" / "corpora")
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}: set CORPORA to their folder")
    return folder


@pytest.fixture(scope="session")
def simulated_week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """An archive of a week with everything that pages show, which ends now.

    Made once for all processes of the tests; it is read only. The variable
    ``SIMULATED_WEEK`` names a folder in which it is kept from run to run for a day.
    """
    from tests.support.simulated_week import build_once

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = os.environ.get("SIMULATED_WEEK")
    return build_once(Path(kept) if kept else shared / "week", datetime.now(UTC))


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    """A real newspaper on loopback."""
    with Newsroom() as room:
        yield room


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    """An empty archive."""
    return Harvest(tmp_path)
