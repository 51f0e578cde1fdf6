"""Each field of a query, on the archive of ``tests/support/small_archive.py``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from harvester.archive.connection import open_reader
from harvester.archive.queries import no_matches
from harvester.errors import QueryError
from tests.support import small_archive
from tests.support.queries import find, parse

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)
ALL = {CHURCH, MARKET, WIRE}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    built = small_archive.village(tmp_path_factory.mktemp("conditions"))
    connection = built.connection
    connection.executescript(
        f"""
        update versions set published = '2025-09-05', sections = '["Société", "Sport"]', tags = '["vente"]'
            where article = '{CHURCH}';
        update versions set published = '2999-01-01T00:00:00Z', kind = 'live', access = 'paywalled'
            where article = '{MARKET}';
        update changes set class = 'substantive', silent = 1 where kind = 'edited';
        update changes set class = 'headline', silent = 0 where kind = 'headline';
        insert into clusters values ('{CHURCH}', '{CHURCH}', 'AFP'), ('{WIRE}', '{CHURCH}', '');
        insert into watches values ('{MARKET}', '2026-01-01T00:00:00Z', '2026-04-01T00:00:00Z'),
            ('{WIRE}', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z');
        """
    )
    with closing(open_reader(built.done())) as reader:
        yield reader


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("outlet:courier", {MARKET, WIRE}),
        ("outlet:courier,mpi", ALL),
        ("outlet:courier -is:removed", {WIRE}),
        ("église outlet:courier", {WIRE}),
        ("market OR outlet:mpi", {MARKET, CHURCH}),
        ("section:société", {CHURCH}),
        ("section:SPORT", {CHURCH}),
        ("section:soc", set()),
        ("section:%", set()),
        ("tag:vente", {CHURCH}),
        ("lang:en", {MARKET}),
        ("lang:FR", {CHURCH, WIRE}),
        ("site:www.courier.example", {MARKET, WIRE}),
        ("url:/2025/09/", {CHURCH}),
        ("url:https://courier.example/wire", {WIRE}),
        ("https://courier.example/wire?utm_source=x", {WIRE}),
        ("courier.example/wire?referrer=home", {WIRE}),
        ("https://m.courier.example/market?outputType=amp", {MARKET}),
        ("https://mpi.example/?p=7", {CHURCH}),
        ("https://nowhere.example/market", set()),
        (f"key:{CHURCH[:7]}", {CHURCH}),
        ("agency:afp", {CHURCH}),
        ("kind:live", {MARKET}),
        ("access:paywalled", {MARKET}),
        ("published:2025-09-05", {CHURCH}),
        ("published:2025-09-06..", {MARKET, WIRE}),  # where none is known: first seen
        ("published:2999", set()),  # nothing is published after it was seen
        ("seen:2025-09-06", {CHURCH, MARKET}),
        ("seen:2025-09-06T07:30..2025-09-06T08:30", {MARKET}),
        ("seen:>2025-09-07", {WIRE}),
        ("seen:24h", set()),
        ("edited:2025-09-07", {CHURCH}),
        ("edited:2025-09-08", set()),
        ("words:>12", {CHURCH, WIRE}),
        ("words:<=9", {MARKET}),
        ("versions:>1", {CHURCH}),
        ("versions:1", {MARKET, WIRE}),
        ("is:edited", {CHURCH}),
        ("is:removed", {MARKET}),
        ("is:returned", set()),
        ("is:suspect", set()),
        ("is:online", {CHURCH, WIRE}),
        ("is:silent", {CHURCH}),
        ("is:unique", {CHURCH, MARKET}),
        ("is:duplicate", {WIRE}),
        ("is:watched", {MARKET}),  # no longer the other
        ("class:headline", {CHURCH}),
        ("class:typo", set()),
        (f"similar:{WIRE}", {CHURCH, WIRE}),
        ("added:enquête", {CHURCH}),
        ("removed:enquête", set()),
        ('removed:"10 000 euros"', {CHURCH}),
        ('added:"10 000 euros"', set()),
        ('added:"12 000 euros" outlet:courier', set()),
        ("added:bradée is:silent", {CHURCH}),
        ("-added:enquête outlet:mpi", {CHURCH}),  # its first version
        ("église -removed:vendue", {CHURCH, WIRE}),
    ],
)
def test_a_field_finds(archive: sqlite3.Connection, query: str, keys: set[str]) -> None:
    assert {hit.article for hit in find(archive, query)} == keys
    assert {hit.article for hit in find(archive, query, rank=True)} == keys


def test_an_edit_is_shown_by_the_version_that_has_the_words(
    archive: sqlite3.Connection,
) -> None:
    assert [hit.version for hit in find(archive, "added:enquête", scope="all")] == [2]
    [hit] = find(archive, 'removed:"10 000 euros"')
    assert (hit.version, hit.latest) == (1, False)
    assert "10 000 euros" in hit.snippet and hit.highlighted != hit.snippet


def test_without_words_the_current_version_is_the_hit(
    archive: sqlite3.Connection,
) -> None:
    [hit] = find(archive, "outlet:mpi")
    assert (hit.version, hit.latest) == (3, True)
    assert hit.snippet.startswith("L'église")
    assert [hit.version for hit in find(archive, "outlet:mpi", scope="all")] == [
        3,
        2,
        1,
    ]


def test_hits_are_sorted_by_publication(archive: sqlite3.Connection) -> None:
    """The market is stated to be published in 2999, so the time when it was seen counts."""
    expected = [WIRE, MARKET, CHURCH]
    assert [hit.article for hit in find(archive, "outlet:mpi,courier")] == expected
    assert [hit.article for hit in find(archive, "is:online OR is:removed")] == expected
    assert [
        hit.article for hit in find(archive, "market OR church OR bradée")
    ] == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "outlet:corier",
            "unknown outlet 'corier': character 8; did you mean courier?",
        ),
        ("oil outlet:zzz", "the archive has courier, gone, mpi"),
    ],
)
def test_an_unknown_outlet_is_named(
    archive: sqlite3.Connection, query: str, message: str
) -> None:
    with pytest.raises(QueryError) as raised:
        find(archive, query)
    assert message in str(raised.value)


def test_what_took_the_last_match_away_is_named(archive: sqlite3.Connection) -> None:
    tree = parse("église outlet:mpi published:2025-10")
    explanation = no_matches.explain(archive, tree, "2026-03-04T12:30:00Z")
    assert [type(part).__name__ for part in explanation.blocking] == ["Times"]
    tree = parse("eglsie enquete zzzz")
    explanation = no_matches.explain(archive, tree, "2026-03-04T12:30:00Z")
    assert explanation.proposals == {"eglsie": ("eglise",)}


@pytest.mark.parametrize(
    "value",
    [
        "'",
        "%",
        "_",
        "\\",
        "a' or '1'='1",
        "): match",
        "NEAR",
        "*",
        "{x}",
        "[",
        "église",
    ],
)
@pytest.mark.parametrize(
    "field", ["section", "tag", "lang", "site", "key", "agency", "similar"]
)
def test_values_are_not_syntax(
    archive: sqlite3.Connection, field: str, value: str
) -> None:
    assert find(archive, f'{field}:"{value}"') == []
