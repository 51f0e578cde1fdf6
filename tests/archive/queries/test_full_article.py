"""Everything an article's page shows, from one call."""

from __future__ import annotations

import sqlite3

import pytest

from harvester.archive.queries.full_article import get_full_article
from harvester.errors import NotInArchive
from tests.support import small_archive

CHURCH, WIRE = (
    small_archive.key_of(url) for url in (small_archive.CHURCH, small_archive.WIRE)
)


def test_the_newest_versions_have_their_texts(reading: sqlite3.Connection) -> None:
    article = get_full_article(reading, CHURCH[:8], None, text_count=1)
    assert article.row["key"] == CHURCH and article.outlet_name == "MPI"
    assert article.shown["version"] == 3
    assert [bool(version["text"]) for version in article.history] == [
        False,
        False,
        True,
    ]
    compared = get_full_article(reading, CHURCH, None, 1, other_numbers=[2])
    assert all(version["text"] for version in compared.history)


def test_duplicates_urls_and_seal(reading: sqlite3.Connection) -> None:
    article = get_full_article(reading, CHURCH, None, text_count=1)
    assert [duplicate.key for duplicate in article.duplicates] == [WIRE]
    assert article.duplicates[0].share is None  # not compared by shingles
    assert article.urls
    assert article.seal is None and article.watched_until == ""
    assert not article.cluster


def test_a_version_that_does_not_exist(reading: sqlite3.Connection) -> None:
    with pytest.raises(NotInArchive):
        get_full_article(reading, CHURCH, None, 1, other_numbers=[9])
