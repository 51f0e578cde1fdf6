"""Pages of results by relevance: together they are the list of the first one's moment."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harvester.archive.connection import Archive
from harvester.archive.queries import matches, ranking
from harvester.archive.queries.ranking import RankedCursor
from harvester.archive.records.word_forms import WordIndex
from harvester.errors import QueryError
from harvester.ingest import word_index
from tests.support import small_archive
from tests.support.queries import find

ARTICLES = 60
WORDS = ["flood", "floods", "flooded", "valley", "river", "bridge", "mayor", "council"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    builder = small_archive.Building(tmp_path)
    chance = random.Random(5)
    for number in range(ARTICLES):
        add_article(builder, chance, number)
    word_index.index_all_pending(builder.archive, WordIndex(builder.connection))
    with closing(builder.archive) as opened:
        yield opened


def add_article(
    builder: small_archive.Building, chance: random.Random, number: int
) -> None:
    key = builder.article(f"https://mpi.example/{number}")
    for _ in range(chance.choice((1, 1, 2))):
        text = " ".join(chance.choices(WORDS, k=chance.randrange(4, 40)))
        builder.version(key, f"Number {number}", f"{text}.", language="en")


def read_pages(
    connection: sqlite3.Connection, query: str, size: int, **options: object
) -> Iterator[list[tuple[str, int]]]:
    """The hits of each page, until one is not full."""
    cursor = None
    while True:
        hits = find(connection, query, rank=True, limit=size, after=cursor, **options)
        yield [(hit.article, hit.version) for hit in hits]
        if len(hits) < size:
            return
        cursor = RankedCursor.parse(hits[-1].cursor)


@pytest.mark.parametrize(
    "query", ["flood", "flooded river", "flood*", "valley OR floods"]
)
@pytest.mark.parametrize("scope", ["articles", "all", "current"])
@pytest.mark.parametrize("outlets", [(), ("mpi",)])
def test_pages_make_the_whole_list(
    archive: Archive, query: str, scope: str, outlets: tuple[str, ...]
) -> None:
    connection = archive.connection
    whole = find(connection, query, outlets, rank=True, limit=1_000, scope=scope)
    expected = [(hit.article, hit.version) for hit in whole]
    assert len(expected) > 20
    pages = read_pages(connection, query, 7, scope=scope, outlets=outlets)
    assert [hit for page in pages for hit in page] == expected


@pytest.mark.parametrize("query", ["flood", "valley OR floods", "flood*"])
def test_a_filter_that_all_pass_changes_no_ranking(
    archive: Archive, query: str
) -> None:
    """With filters other tables are read before versions are ranked, without after it."""
    ranked, filtered = (
        find(archive.connection, text, rank=True, limit=1_000)
        for text in (query, f"({query}) words:1..")
    )
    assert len(ranked) > 20
    assert [(hit.article, hit.version) for hit in ranked] == [
        (hit.article, hit.version) for hit in filtered
    ]


def test_pages_do_not_know_what_is_stored_in_the_meantime(archive: Archive) -> None:
    """A new article with the word, and a new version of one that comes later."""
    connection = archive.connection
    hits = find(connection, "flood", rank=True, limit=1_000)
    whole = [(hit.article, hit.version) for hit in hits]
    read: list[tuple[str, int]] = []
    for number, page in enumerate(read_pages(connection, "flood", 5)):
        if number == 0:
            add_version(connection, "new")
            add_version(connection, whole[-1][0])
        read += page
    assert read == whole
    now = {hit.article for hit in find(connection, "flood", rank=True, limit=1_000)}
    assert now == {article for article, _ in whole} | {"new"}


def add_version(connection: sqlite3.Connection, key: str) -> None:
    connection.execute(
        """
        insert or ignore into articles (key, url, reached, outlet, first_seen, last_seen,
            looked, outcome, site)
        values (?1, ?1, ?1, 'mpi', '2026', '2026', '2026', 'new', 'mpi.example')""",
        [key],
    )
    connection.execute(
        """
        insert into versions (article, number, sha256, wording, text_sha256, title, text,
            words, first_seen, last_seen, language)
        select ?1, count(*) + 1, ?2, ?2, '', 'Number 1', 'flood' || replace(hex(zeroblob(9)), '00', ' word'), 10, '2026', '2026', 'en'
        from versions where article = ?1""",
        [key, "of the new version"],
    )
    connection.execute(
        """
        update articles set versions = versions + 1,
            version = (select max(number) from versions where article = ?1)
        where key = ?1""",
        [key],
    )


def test_pages_of_a_short_prefix(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They go on among the newest versions, as they began."""
    monkeypatch.setattr(matches, "MIN_MANY_VERSIONS", 10)
    monkeypatch.setattr(matches, "NEWEST_VERSIONS", 30)
    connection = archive.connection
    pages = list(read_pages(connection, "fl*", 4, scope="all"))
    read = [hit for page in pages for hit in page]
    assert len(pages) > 3 and len(read) == len(set(read)) <= 30


def test_words_as_typed_come_first(archive: Archive) -> None:
    connection = archive.connection
    hits = find(connection, "flooded", rank=True, limit=1_000, scope="all")
    typed = {
        (hit.article, hit.version)
        for hit in find(connection, '"flooded"', limit=1_000, scope="all")
    }
    order = [(hit.article, hit.version) in typed for hit in hits]
    assert 0 < sum(order) < len(order) and order == sorted(order, reverse=True)


def test_newest_matches_alone_are_ranked(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MAX_RANKED_HITS", 10)
    assert (
        len(find(archive.connection, '"flood"', rank=True, limit=99, scope="all")) == 10
    )


@pytest.mark.parametrize(
    "text",
    ["", "best", "best_1", "best_1_2x", "2025_1", "best_x_1", f"best_{'9' * 30}_1"],
)
def test_other_texts_are_no_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        RankedCursor.parse(text)


def test_cursor_of_another_order_is_refused(archive: Archive) -> None:
    with pytest.raises(QueryError, match="another order"):
        find(archive.connection, "flood", after=RankedCursor(9, 1))
