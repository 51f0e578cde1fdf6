"""The small archive of ``tests/support/small_archive.py``, and the real program to look at it with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import small_archive
from tests.support.harvest_command import Harvest


@pytest.fixture
def harvest(tmp_path: Path) -> Harvest:
    """The program beside the small archive."""
    small_archive.copy_village(tmp_path)
    return Harvest(tmp_path)


@pytest.fixture
def bare(tmp_path: Path) -> Harvest:
    """The program where there is nothing yet."""
    return Harvest(tmp_path)
