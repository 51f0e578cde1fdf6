"""The small archive of ``build.py`` as a fixture."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).parent)
)  # build.py is found by its name, from other folders of tests too
import build

from harvester.archive.connection import open_reader


@pytest.fixture
def built(tmp_path: Path) -> Iterator[build.Building]:
    """The archive still open for writing."""
    made = build.village(tmp_path)
    yield made
    made.archive.close()


@pytest.fixture
def reading(built: build.Building) -> Iterator[sqlite3.Connection]:
    """A read-only connection to it."""
    with closing(open_reader(built.archive.path)) as connection:
        yield connection
