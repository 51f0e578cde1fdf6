"""The query language, and the hits in the archive of ``tests/support/small_archive.py``."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
from harvester.errors import QueryError
from tests.support import small_archive
from tests.support.queries import find, to_fts_expression

CHURCH, MARKET, WIRE = (
    small_archive.key_of(url)
    for url in (small_archive.CHURCH, small_archive.MARKET, small_archive.WIRE)
)


def search_keys(
    connection: sqlite3.Connection, query: str, **options: object
) -> list[str]:
    return [hit.article for hit in find(connection, query, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("église vendue", [WIRE, CHURCH]),
        ("EGLISE", [WIRE, CHURCH]),
        ("l'église", [WIRE, CHURCH]),
        ("l’eglise", [WIRE, CHURCH]),
        ("covid-19", [MARKET]),
        ("19-covid", []),  # a phrase, so the order counts
        ("10:30", [MARKET]),
        ("U.S.", [MARKET]),
        ('"maire se tait"', [WIRE, CHURCH]),
        ("« maire se tait »", [WIRE, CHURCH]),
        ("“maire tait”", []),
        ("enquêt*", [WIRE, CHURCH]),
        ('"une enq"*', [WIRE, CHURCH]),
        ("market OR enquête", [WIRE, MARKET, CHURCH]),
        ("église NOT wire", [CHURCH]),
        ("église AND NOT wire", [CHURCH]),
        ("-wire église", [CHURCH]),
        ('église -"church is"', [CHURCH]),
        ("(market OR église) -(wire OR covid)", [CHURCH]),
        ("market OR église AND wire", [WIRE, MARKET]),  # AND binds before OR
        ("market église", []),
        ("Dupré market", [MARKET]),  # the authors are searched too
        (
            "-- église ++ !",
            [WIRE, CHURCH],
        ),  # punctuation that stands alone says nothing
        ('"OR" église', []),
        ("title:église", [CHURCH]),
        ("title:maire", []),
        ("author:Dupré market", [MARKET]),
        ("NEAR(église vendue)", [WIRE, CHURCH]),
        ("NEAR(église covid)", []),
        ("((((église))))", [WIRE, CHURCH]),
    ],
)
def test_hits_of_a_query(
    reading: sqlite3.Connection, query: str, keys: list[str]
) -> None:
    assert sorted(search_keys(reading, query)) == sorted(keys)
    assert sorted(search_keys(reading, query, rank=True)) == sorted(keys)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "no word"), ("   ", "no word"), ("… !?", "no word"), ('""', "no word"), ("NOT église", "NOT"), ("-église", "NOT"),
        ("a OR NOT b", "NOT"), ('"église', "character 1"), ("(église", "character 1"), ("église)", "character 7"),
        ("église AND", "AND"), ("OR église", "OR"), ("a AND OR b", "OR"), ("a ()", "bracket"), ("(" * 500 + "a" + ")" * 500, "deep"),
        ("a " * 1000, "words"), ("a" * 1_000_000, "long"),
    ],
)  # fmt: skip
def test_an_invalid_query_is_refused_in_one_line(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message) as raised:
        to_fts_expression(query)
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 2


def test_nesting_up_to_the_limit_is_understood_by_sqlite(
    reading: sqlite3.Connection,
) -> None:
    query = "a"
    refused = 0
    for depth in range(60):
        query = f"b ({query} OR c)" if depth % 2 else f"(c OR {query}) b NOT (d OR e)"
        try:
            find(reading, query)
        except QueryError as error:
            refused += 1
            assert "nested too deeply" in str(error)
    assert 0 < refused < 50


WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "AND",
            "OR",
            "NOT",
            "(",
            ")",
            '"',
            "*",
            "-",
            "-(",
            "église",
            "l'é",
            "NEAR",
            "^",
            ":",
            "+",
            "\0",
            "\ud800",
            "“",
            "{",
        ]
    ),
)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(WORDS, max_size=12).map(" ".join)
    | st.lists(WORDS, max_size=8).map("".join)
)
def test_any_text_gives_hits_or_one_line(
    reading: sqlite3.Connection, query: str
) -> None:
    try:
        for rank in (False, True):
            find(reading, query, rank=rank)
    except QueryError as error:
        assert "\n" not in str(error)
        str(error).encode()  # can be printed


TERM = st.sampled_from(["alpha", "beta", "gamma", "delta"])
TREE = st.recursive(
    TERM,
    lambda inner: st.one_of(
        st.tuples(st.just("and"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("not"), inner, inner),
    ),
    max_leaves=8,
)


def to_query(tree: object) -> str:
    if isinstance(tree, str):
        return tree
    kind, left, right = tree  # type: ignore[misc]
    return f"({to_query(left)}) {'' if kind == 'and' else kind.upper()} ({to_query(right)})"


def matches(tree: object, words: set[str]) -> bool:
    if isinstance(tree, str):
        return tree in words
    kind, left, right = tree  # type: ignore[misc]
    first, second = matches(left, words), matches(right, words)
    return {
        "and": first and second,
        "or": first or second,
        "not": first and not second,
    }[kind]


@settings(max_examples=150, deadline=None)
@given(TREE)
def test_and_or_not_mean_what_logic_says(tree: object) -> None:
    """On sixteen documents, one for each combination of four words."""
    words = ["alpha", "beta", "gamma", "delta"]
    documents = [
        {word for bit, word in enumerate(words) if number >> bit & 1}
        for number in range(16)
    ]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "create virtual table f using fts5(t, tokenize='unicode61 remove_diacritics 2')"
        )
        connection.executemany(
            "insert into f values (?)",
            [["x " + " ".join(sorted(document))] for document in documents],
        )
        rows = connection.execute(
            "select rowid from f where f match ? order by rowid",
            [to_fts_expression(to_query(tree))],
        )
        assert [row[0] - 1 for row in rows] == [
            number
            for number, document in enumerate(documents)
            if matches(tree, document)
        ]


def test_one_hit_an_article_its_current_version_first(
    reading: sqlite3.Connection,
) -> None:
    (hit,) = [hit for hit in find(reading, "église") if hit.article == CHURCH]
    assert (hit.version, hit.latest) == (3, True)
    assert hit.snippet.startswith("L'église du village")
    assert (
        f"{HIGHLIGHT_START}église{HIGHLIGHT_END}" in hit.highlighted
        and HIGHLIGHT_START not in hit.snippet
    )


def test_words_of_earlier_versions_are_found(reading: sqlite3.Connection) -> None:
    (hit,) = find(reading, '"10 000 euros"')
    assert (hit.article, hit.version, hit.latest) == (CHURCH, 1, False)
    assert find(reading, '"10 000 euros"', scope="current") == []


def test_scope_all_gives_every_version(reading: sqlite3.Connection) -> None:
    assert [
        hit.version
        for hit in find(reading, "église mpi OR bradée OR vendue", scope="all")
        if hit.article == CHURCH
    ] == [3, 2, 1]


def test_newest_first_limit_outlet_and_since(reading: sqlite3.Connection) -> None:
    assert search_keys(reading, "église") == [WIRE, CHURCH]
    assert search_keys(reading, "église", limit=1) == [WIRE]
    assert search_keys(reading, "église", outlets=["mpi"]) == [CHURCH]
    assert search_keys(reading, "église", since="2025-09-08") == [WIRE]
    assert search_keys(reading, "église", since="2025-09-08", rank=True) == [WIRE]


def test_an_earlier_version_that_came_back_is_current(
    built: small_archive.Building,
) -> None:
    built.connection.execute("update articles set version = 1 where key = ?", [CHURCH])
    (hit,) = find(built.connection, "église", outlets=["mpi"])
    assert (hit.version, hit.latest) == (1, True)
    (hit,) = find(built.connection, "enquête", outlets=["mpi"])
    assert (hit.version, hit.latest) == (3, False)


def test_a_word_in_the_title_ranks_before_one_in_the_text(
    built: small_archive.Building,
) -> None:
    in_title = built.article("https://mpi.example/a")
    built.version(in_title, "Zèbre", "rien d'autre " * 50)
    in_text = built.article("https://mpi.example/b")
    built.version(in_text, "Autre chose", "un zèbre " + "rien d'autre " * 50)
    assert search_keys(built.connection, "zebre") == [in_text, in_title]
    assert search_keys(built.connection, "zebre", rank=True) == [in_title, in_text]
