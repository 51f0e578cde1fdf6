"""The small archive of ``tests/support/small_archive.py`` as a fixture."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from tests.support import small_archive


@pytest.fixture
def built(tmp_path: Path) -> Iterator[small_archive.Building]:
    """The archive still open for writing."""
    made = small_archive.village(tmp_path)
    yield made
    made.archive.close()


@pytest.fixture
def reading(built: small_archive.Building) -> Iterator[sqlite3.Connection]:
    """A read-only connection to it."""
    with closing(open_reader(built.archive.path)) as connection:
        yield connection
