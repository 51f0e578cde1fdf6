"""Whichever way the versions are found, by day, outlet or prefix, the hits are the same."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import facets, matches, ranking, search
from harvester.archive.queries.conditions import Cursor
from harvester.query.tree import narrow
from tests.support import small_archive
from tests.support.queries import find, parse, to_fts_expression

ARTICLES = 150
WORDS = "flood valley river mayor flüssig floor flow council bridge flames".split()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Articles of three outlets; ids do not follow the times, as after a merge."""
    folder: Path = tmp_path_factory.mktemp("matches")
    building = small_archive.Building(folder)
    chance = random.Random(4)
    building.archive.begin()
    for number in range(ARTICLES):
        outlet = chance.choices(("mpi", "courier", "gone"), (20, 5, 1))[0]
        at = f"2026-01-{chance.randrange(1, 29):02}T07:00:00Z"
        key = building.article(f"https://{outlet}.example/{number}", outlet, at)
        for _ in range(chance.choice((1, 1, 2, 3))):
            text = " ".join(chance.choices(WORDS, k=8))
            building.version(key, f"Title {number}", f"{text} {chance.random()}", at)
        if chance.random() < 0.5:
            published = f"2026-01-{chance.randrange(1, 29):02}"
            building.connection.execute(
                "update versions set published = ? where article = ?", [published, key]
            )
        if chance.random() < 0.3:
            building.connection.execute(
                "update articles set version = 1 where key = ?", [key]
            )
    building.archive.commit()
    with open_reader(building.done()) as connection:
        yield connection
    connection.close()


QUERIES = ("flood", "valley river", "fl*", "flo* -mayor", '"flood valley"', "bridg*")
FILTERS: tuple[dict[str, object], ...] = (
    {},
    {"outlets": ["mpi"]},
    {"outlets": ["gone"]},
    {"outlets": ["courier", "gone"]},
    {"since": "2026-01-20T00:00:00Z"},
    {"since": "2026-03-01T00:00:00Z"},
    {"outlets": ["mpi"], "since": "2026-01-05T00:00:00Z", "scope": "current"},
    {"outlets": ["courier"], "scope": "all"},
)


def find_naively(
    connection: sqlite3.Connection, query: str, filters: dict[str, object]
) -> list[tuple[str, int]]:
    """Every version tested by itself, in a plain query."""
    rows = connection.execute(
        """
        select
            v.id, v.article, v.number, v.first_seen, a.outlet, a.version,
            min(coalesce(v.published, v.first_seen), v.first_seen) as shown
        from versions v join articles a on a.key = v.article
        where v.id in (select rowid from versions_fts where versions_fts match ?)
        order by shown desc, v.id desc""",
        [to_fts_expression(query)],
    ).fetchall()
    outlets, scope = filters.get("outlets"), filters.get("scope", "articles")
    kept = [
        row
        for row in rows
        if (not outlets or row["outlet"] in outlets)  # type: ignore[operator]
        and row["shown"] >= filters.get("since", "")
        and (scope != "current" or row["number"] == row["version"])
    ]
    if scope != "articles":
        return [(row["article"], row["number"]) for row in kept]
    chosen: dict[str, sqlite3.Row] = {}
    for row in kept:
        best = chosen.setdefault(row["article"], row)
        if best["number"] != best["version"] and (
            row["number"] == row["version"] or row["number"] > best["number"]
        ):
            chosen[row["article"]] = row
    ordered = sorted(
        chosen.values(), key=lambda row: (row["shown"], row["id"]), reverse=True
    )
    return [(row["article"], row["number"]) for row in ordered]


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("small", "walked"), [(20_000, 30_000), (5, 20), (5, 30_000)])
def test_all_ways_find_what_a_plain_query_finds(
    archive: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    query: str,
    filters: dict[str, object],
    small: int,
    walked: int,
) -> None:
    monkeypatch.setattr(matches, "MAX_SMALL_VERSIONS", small)
    monkeypatch.setattr(ranking, "MAX_SMALL_RANKED_VERSIONS", small)
    monkeypatch.setattr(matches, "MAX_WALKED_HITS", walked)
    expected = find_naively(archive, query, filters)
    newest = find(archive, query, limit=1_000, **filters)  # type: ignore[arg-type]
    assert [(hit.article, hit.version) for hit in newest] == expected
    best = find(archive, query, limit=1_000, rank=True, **filters)  # type: ignore[arg-type]
    assert sorted((hit.article, hit.version) for hit in best) == sorted(expected)
    first = find(archive, query, limit=7, **filters)  # type: ignore[arg-type]
    assert first == newest[:7]
    pages, after = [], None
    while page := find(archive, query, limit=40, after=after, **filters):  # type: ignore[arg-type]
        pages += page
        after = Cursor.parse(page[-1].cursor)
    assert pages == newest
    tree = narrow(parse(query), filters.get("outlets", ()), filters.get("since", ""))  # type: ignore[arg-type]
    scope: search.SearchScope = filters.get("scope", "articles")  # type: ignore[assignment]
    assert search.count_hits(archive, tree, "", scope) == len(newest)


def test_of_a_large_outlet_enough_of_the_newest_are_ranked(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its versions are not listed, which takes seconds for half a million of them."""
    outlet = archive.execute(
        "select outlet from articles group by 1 order by count(*) desc limit 1"
    ).fetchone()[0]
    query, statements = "flood", list[str]()
    newest = find(archive, query, limit=1_000, outlets=(outlet,))
    monkeypatch.setattr(ranking, "MAX_SMALL_RANKED_VERSIONS", 5)
    monkeypatch.setattr(ranking, "MIN_RANKED_HITS", 2)
    monkeypatch.setattr(matches, "MAX_WALKED_HITS", 30)
    archive.set_trace_callback(statements.append)
    best = find(archive, query, limit=1_000, rank=True, outlets=(outlet,))
    archive.set_trace_callback(None)
    assert 2 <= len(best) < len(newest)
    assert {hit.article for hit in best} <= {hit.article for hit in newest}
    assert not any("join versions w" in statement for statement in statements)


@pytest.mark.parametrize("query", ["fl*", "b*", "fl* -mayor", "xy*", '"flood va"*'])
def test_a_short_prefix_finds_the_newest_without_the_whole_index(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    expected = find(archive, query, limit=5)
    monkeypatch.setattr(matches, "MIN_MANY_VERSIONS", 1)
    assert find(archive, query, limit=5) == expected
    statements: list[str] = []
    archive.set_trace_callback(statements.append)
    ranked = find(archive, query, limit=5, rank=True)
    archive.set_trace_callback(None)
    asks_index = any("from versions_fts" in statement for statement in statements)
    assert asks_index == (query == "xy*" or len(ranked) < 5)


@pytest.mark.parametrize("query", QUERIES)
def test_ranks_are_the_same_with_and_without_an_outlet(
    archive: sqlite3.Connection, query: str
) -> None:
    outlets = ["mpi", "courier", "gone"]
    assert find(archive, query, rank=True) == find(
        archive, query, rank=True, outlets=outlets
    )


@pytest.mark.parametrize("query", [query for query in QUERIES if "*" in query])
def test_snippets_of_a_prefix_are_those_of_the_whole_index(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    own = find(archive, query)
    monkeypatch.setattr(search, "MAX_INDEXED_HITS", 0)
    assert own == find(archive, query)
    assert any(search.HIGHLIGHT_START in hit.highlighted for hit in own)


@pytest.mark.parametrize("outlets", [["mpi"], ["gone"], ["courier", "gone"], []])
@pytest.mark.parametrize(
    ("sorted_versions", "new_articles"), [(0, 1), (0, 999), (999, 1)]
)
def test_lists_without_words_are_the_same_by_outlet_and_by_time(
    archive: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    outlets: list[str],
    sorted_versions: int,
    new_articles: int,
) -> None:
    monkeypatch.setattr(matches, "MAX_SORTED_VERSIONS", sorted_versions)
    monkeypatch.setattr(matches, "MIN_NEW_ARTICLES", new_articles)
    monkeypatch.setattr(matches, "WALKED_VERSIONS", 20)
    rows = archive.execute(
        """
        select v.article, v.number, a.outlet,
            min(coalesce(v.published, v.first_seen), v.first_seen) as shown
        from versions v join articles a on a.key = v.article
        order by shown desc, v.id desc"""
    )
    expected = [
        (row["article"], row["number"])
        for row in rows
        if not outlets or row["outlet"] in outlets
    ]
    found: list[tuple[str, int]] = []
    after = None
    for _ in range(len(expected) + 1):
        page = find(archive, "versions:>0", outlets, limit=7, scope="all", after=after)
        found += [(hit.article, hit.version) for hit in page]
        if len(page) < 7:
            break
        after = Cursor.parse(page[-1].cursor)
    assert found == expected


def test_the_first_page_does_not_wait_for_all_articles(
    archive: sqlite3.Connection,
) -> None:
    """With statistics, SQLite would make a Bloom filter of all articles first."""
    copy = sqlite3.connect(":memory:")
    copy.row_factory = sqlite3.Row
    archive.backup(copy)
    copy.executescript(
        """
        analyze;
        delete from sqlite_stat1;
        insert into sqlite_stat1 values
            ('versions', 'versions_shown', '391440 2'),
            ('articles', 'sqlite_autoindex_articles_1', '285323 1');
        analyze sqlite_master;"""
    )
    statements: list[str] = []
    for query, outlets in (("versions:>0", []), ("is:edited", ["mpi", "courier"])):
        copy.set_trace_callback(statements.append)
        find(copy, query, outlets)
        facets.count_facets(copy, parse(query), "2026-03-04T12:30:00Z", ["month"])
        copy.set_trace_callback(None)
    plans = [
        row["detail"]
        for statement in statements
        if "from versions v" in statement
        for row in copy.execute(f"explain query plan {statement}")
    ]
    assert any("SCAN v USING INDEX versions_shown" in plan for plan in plans)
    assert not [plan for plan in plans if "BLOOM" in plan or "TEMP B-TREE" in plan]
    copy.close()
