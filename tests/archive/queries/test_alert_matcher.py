"""Alerts match where a search finds: the same queries, asked of what came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive.queries import happenings
from harvester.archive.queries.alert_matcher import AlertMatcher
from harvester.archive.queries.happenings import Happening, Position
from harvester.archive.queries.search import search
from harvester.archive.records import word_forms
from harvester.errors import QueryError
from harvester.query import parse_query
from harvester.query.triggers import may_concern_outlet
from tests.support.small_archive import Building

NOW = "2025-09-07T00:00:00Z"
MOMENT = datetime(2025, 9, 7, tzinfo=UTC)
WORDS = (
    *(
        "flood",
        "floods",
        "flooding",
        "valley",
        "Église",
        "eglise",
        "l'eau",
        "d'Ormesson",
    ),
    *(
        "œuvre",
        "10:30",
        "U.S.",
        "naïve",
        "STRASSE",
        "straße",
        "洪水",
        "洪水の谷",
        "не",
        "été",
    ),
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


def quoted(words: list[str]) -> str:
    return f'"{" ".join(words)}"'


LEAVES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f"{word[:3]}*"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(quoted),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=2).map(
        lambda words: f"NEAR({' '.join(words)}, 2)"
    ),
    st.sampled_from(WORDS).map(lambda word: f"title:{word}"),
    st.sampled_from(WORDS).map(lambda word: f"author:{word}"),
    st.sampled_from(
        (
            *("outlet:mpi", "outlet:courier", "lang:fr", "lang:en", "words:>3"),
            *("is:edited", "is:online", "is:removed", "kind:article", "url:mpi"),
            *("seen:2025-09-06", "seen:<2025-09-06", "versions:>1", "section:sport"),
        )
    ),
)
QUERIES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(
            lambda each: f"({' OR '.join(each)})"
        ),
        st.lists(parts, min_size=2, max_size=3).map(lambda each: f"({' '.join(each)})"),
        st.tuples(parts, parts).map(lambda pair: f"({pair[0]} -{pair[1]})"),
    ),
    max_leaves=6,
)
ARTICLES = st.lists(
    st.tuples(
        TEXTS, TEXTS, st.sampled_from(WORDS), st.sampled_from(("mpi", "courier"))
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ARTICLES, st.lists(QUERIES, min_size=1, max_size=8, unique=True))
def test_new_articles_match_as_a_search_finds_them(
    articles: list[tuple[str, str, str, str]], queries: list[str]
) -> None:
    trees = {}
    for query in queries:
        try:
            trees[query] = parse_query(query, MOMENT)
        except QueryError:
            continue
    with TemporaryDirectory() as folder:
        made = Building(Path(folder))
        keys = []
        for number, (title, text, author, outlet) in enumerate(articles):
            key = made.article(f"https://{outlet}.example/{number}", outlet)
            made.version(
                key,
                title,
                text,
                authors=json.dumps([author], ensure_ascii=False),
                language="fr" if number % 2 else "en",
                sections='["Sport"]' if number % 3 else "[]",
            )
            keys.append(key)
        came = happenings.list_happenings(made.connection, Position(0, 0), "2025")
        assert [each.article for each in came] == keys
        matched = AlertMatcher(trees).match(made.connection, came, NOW)
        word_forms.WordIndex(made.connection).index_pending(10)  # as a crawl does later
        for query, tree in trees.items():
            found = {hit.article for hit in search(made.connection, tree, NOW)}
            rang = {keys[number] for number in matched.get(query, ())}
            assert rang == found - {""}, query
        made.archive.close()


def test_a_word_matches_in_forms_that_the_archive_has_not_seen(tmp_path: Path) -> None:
    made = Building(tmp_path)
    trees = {
        query: parse_query(query, MOMENT)
        for query in ("floods", '"floods"', "added:floods", "inonder", "l'inondation")
    }
    matcher = AlertMatcher(trees)
    matched = []
    for number, (text, language) in enumerate(
        (("the valley", "en"), ("it flooded", "en"), ("des inondations", "fr"))
    ):
        position = happenings.get_position(made.connection)
        key = made.article(f"https://mpi.example/{number}")
        made.version(key, "Title", text, language=language)
        came = happenings.list_happenings(made.connection, position, "2025")
        matched.append(sorted(matcher.match(made.connection, came, NOW)))
    assert matched == [[], ["floods"], ["inonder", "l'inondation"]]


EDITED = (
    ("added:bridge", True),
    ("removed:bridge", False),
    ('removed:"old mill"', True),
    ('added:"old mill"', False),
    ("added:bridge removed:mill", True),  # of one edit
    ("removed:council", False),  # it stands there still
    ("removed:mill -bridge", True),
    ("bridge", True),
    ("mill", True),  # before the edit
    ("class:substantive", True),
    ("class:typo", False),
    ("is:silent", True),
    ("added:floods", False),  # an earlier edit did
    ("outlet:courier mill", False),
)


@pytest.mark.parametrize(("query", "rings"), EDITED)
def test_an_edit_matches_by_its_own_words(
    query: str, rings: bool, tmp_path: Path
) -> None:
    made = Building(tmp_path)
    key = made.article("https://mpi.example/1")
    first = made.version(key, "The council", "the council meets in the hall")
    second = made.version(key, "The council", "floods: the council left the old mill")
    third = made.version(key, "The council", "floods: the council left the new bridge")
    for before, after in ((first, second), (second, third)):
        position = happenings.get_position(made.connection)
        made.edit(key, before, after, NOW, **{"class": "substantive", "silent": 1})
    came = happenings.list_happenings(made.connection, position, "2025")
    assert [(each.kind, each.before, each.version) for each in came] == [
        ("edit", second, third)
    ]
    matched = AlertMatcher({"it": parse_query(query, MOMENT)}).match(
        made.connection, came, NOW
    )
    assert bool(matched) == rings


@pytest.mark.parametrize(
    ("query", "outlet", "concerned"),
    [
        ("outlet:mpi", "mpi", True),
        ("outlet:mpi", "courier", False),
        ("flood outlet:mpi", "courier", False),
        ("flood outlet:mpi", "mpi", True),
        ("flood", "mpi", True),
        ("flood -outlet:mpi", "mpi", False),
        ("flood -outlet:mpi", "courier", True),
        ("outlet:mpi OR flood", "courier", True),
        ("outlet:(mpi OR courier)", "gone", False),
    ],
)
def test_of_an_outlet_only_its_key_is_compared(
    query: str, outlet: str, concerned: bool, tmp_path: Path
) -> None:
    tree = parse_query(query, MOMENT)
    assert may_concern_outlet(tree, outlet) == concerned
    made = Building(tmp_path)
    event = Happening("missed", NOW, outlet, feed="https://f.example/")
    matched = AlertMatcher({"it": tree}).match(made.connection, [event], NOW)
    assert bool(matched) == concerned


def test_queries_that_cannot_match_are_not_asked(tmp_path: Path) -> None:
    made = Building(tmp_path)
    made.version(made.article("https://mpi.example/1"), "Floods", "in the valley")
    came = happenings.list_happenings(made.connection, Position(0, 0), "2025")
    asked: list[str] = []
    made.connection.set_trace_callback(asked.append)
    trees = {
        f"a{number}": parse_query(f"lang:fr absent{number}", MOMENT)
        for number in range(500)
    }
    assert not AlertMatcher(trees).match(made.connection, came, NOW)
    assert len(asked) <= 2  # the versions are read, and no query is asked
