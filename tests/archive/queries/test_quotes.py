"""Versions that may contain a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries.quotes import find_candidate_versions
from tests.support import small_archive

CHURCH = small_archive.key_of(small_archive.CHURCH)


def test_versions_with_a_phrase_are_found_first_seen_first(
    reading: sqlite3.Connection,
) -> None:
    rows = list(find_candidate_versions(reading, ["maire se tait"], []))
    assert CHURCH in {row["article"] for row in rows}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert list(find_candidate_versions(reading, [], [])) == []


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_search_may_end_at_its_limit(built: small_archive.Building) -> None:
    """The generator is abandoned, and the connection closed before it."""
    with closing(open_reader(built.archive.path)) as connection:
        candidates = find_candidate_versions(connection, ["maire se tait"], [])
        next(candidates)
    candidates.close()  # type: ignore[attr-defined]
