"""Facets: counted as a plain loop over the versions counts them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from harvester.archive.queries import facets
from harvester.archive.queries.facets import FACETS, Facets, count_facets
from harvester.errors import QueryError
from harvester.schedule.times import format_time
from tests.support import small_archive
from tests.support.queries import NOW, parse

ARTICLES = 50
LISTS = {"author": "authors", "section": "sections"}


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[sqlite3.Connection]:
    builder = small_archive.Building(tmp_path_factory.mktemp("facets"))
    chance = random.Random(3)
    for number in range(ARTICLES):
        outlet = chance.choice(("mpi", "courier"))
        key = builder.article(f"https://{outlet}.example/{number}", outlet)
        for _ in range(chance.randrange(1, 4)):
            month = chance.randrange(1, 9)
            builder.version(
                key,
                f"Number {number}",
                f"{chance.choice(('flood', 'river'))} {chance.random()}",
                at=f"2025-0{month}-01T00:00:00Z",
                published=chance.choice((None, f"2025-0{max(1, month - 1)}-03")),
                language=chance.choice(("fr", "en", "")),
                authors=json.dumps(
                    chance.sample(["Anne", "Yves", "Zoé"], chance.randrange(3))
                ),
                sections=json.dumps(
                    chance.choice(([], ["Sport"], ["Sport", "Économie"]))
                ),
            )
    with closing(builder.archive) as opened:
        yield opened.connection


def count(
    connection: sqlite3.Connection, query: str, *names: str, **options: str
) -> Facets:
    return count_facets(connection, parse(query), format_time(NOW), names, **options)  # type: ignore[arg-type]


def count_plainly(
    connection: sqlite3.Connection, facet: str, current: bool
) -> Counter[str]:
    """Of the articles with the word flood."""
    pairs = set()
    for row in connection.execute(
        """
        select v.*, a.outlet, a.version as current
        from versions v
        join articles a on a.key = v.article"""
    ):
        if "flood" not in row["text"] or (current and row["number"] != row["current"]):
            continue
        if facet in LISTS:
            values = json.loads(row[LISTS[facet]]) or [""]
        elif facet == "month":
            values = [(row["published"] or row["first_seen"])[:7]]
        else:
            values = [row["outlet" if facet == "outlet" else "language"]]
        pairs.update((row["article"], value) for value in values)
    return Counter(value for _, value in pairs)


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("scope", ["articles", "current", "all"])
def test_each_value_has_its_articles(
    archive: sqlite3.Connection, facet: str, scope: str
) -> None:
    found = count(archive, "flood", facet, scope=scope)
    expected = count_plainly(archive, facet, scope == "current")
    assert {value.value: value.articles for value in found.values} == expected
    numbers = [value.articles for value in found.values]
    if facet == "month":
        months = [value.value for value in found.values]
        assert months == sorted(months, reverse=True)
    else:
        assert numbers == sorted(numbers, reverse=True)
    assert found.is_complete and not found.further and len(numbers) > 1


def test_several_at_once_and_without_words(archive: sqlite3.Connection) -> None:
    both = count(archive, "flood outlet:mpi", "outlet", "lang")
    assert both.values[0].to_dict() == {
        "facet": "outlet",
        "value": "mpi",
        "articles": both.values[0].articles,
    }
    assert {value.facet for value in both.values} == {"outlet", "lang"}
    everything = count(archive, "published:2025", "outlet")
    assert sum(value.articles for value in everything.values) == ARTICLES
    assert count(archive, "nowhere", "outlet").values == ()


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("outlet:mpi", "outlet = 'mpi'"),
        ("outlet:mpi published:2025-04", "outlet = 'mpi' and shown like '2025-04%'"),
        ("published:2025-02..2025-05", "shown between '2025-02' and '2025-06'"),
        ("is:suspect", "state = 'suspect'"),
        ("versions:>0", "1"),
    ],
)
def test_without_words_all_are_counted(
    archive: sqlite3.Connection, query: str, condition: str
) -> None:
    archive.execute("update articles set state = 'suspect' where id % 3 = 0")
    rows = archive.execute(
        f"""
        select * from (
            select a.id, a.key, a.outlet, a.state,
                min(coalesce(v.published, v.first_seen), v.first_seen) as shown
            from versions v join articles a on a.key = v.article)
        where {condition}"""
    ).fetchall()
    found = count(archive, query, "outlet")
    assert (found.versions, found.is_complete) == (len(rows), True)
    assert found.articles == len({row["key"] for row in rows})
    assert sum(value.articles for value in found.values) == found.articles


def test_of_many_the_last_published_are_counted(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = archive.execute(
        "select min(coalesce(published, first_seen), first_seen) from versions"
    ).fetchall()
    monkeypatch.setattr(facets, "MAX_COUNTED_VERSIONS", 6)
    months = [value.value for value in count(archive, "versions:>0", "month").values]
    newest = sorted((row[0] for row in times), reverse=True)[:6]
    assert months == sorted({time[:7] for time in newest}, reverse=True)


def test_large_results_are_counted_in_part(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "MAX_COUNTED_VERSIONS", 5)
    monkeypatch.setattr(facets, "MAX_VALUES", 2)
    found = count(archive, "flood", "month")
    assert (found.versions, found.is_complete) == (5, False)
    assert len(found.values) == 2


def test_an_interrupted_count_says_so(archive: sqlite3.Connection) -> None:
    archive.set_progress_handler(lambda: 1, 1)
    try:
        found = count_facets(archive, parse('"flood"'), format_time(NOW), ["outlet"])
    finally:
        archive.set_progress_handler(None, 0)
    assert not found.is_complete


def test_unknown_outlet(archive: sqlite3.Connection) -> None:
    with pytest.raises(QueryError, match="unknown outlet"):
        count(archive, "flood outlet:none", "month")
