"""What is typed becomes a tree, or one line that points at the position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import QueryError
from harvester.query.text import to_text
from harvester.query.tree import (
    Address,
    And,
    Edited,
    Near,
    Node,
    Numbers,
    Or,
    Times,
    Value,
    Words,
    walk,
)
from tests.support.queries import parse


def strip_positions(node: Node) -> object:
    """The tree without positions, so that trees can be compared."""
    match node:
        case Words():
            return ("words", node.text, node.prefix, node.column)
        case Near():
            return ("near", [one.text for one in node.words], node.distance)
        case Value():
            return (node.field, node.value)
        case Times():
            return (node.field, node.start, node.end)
        case Numbers():
            return (node.field, node.least, node.most)
        case Edited():
            return (node.direction, strip_positions(node.words))
        case Address():
            return ("address", node.url)
        case Or():
            return ("or", *map(strip_positions, node.parts))
        case And():
            return (
                "and",
                [strip_positions(part) for part in node.wanted],
                [strip_positions(part) for part in node.unwanted],
            )


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("title:oil", ("words", "oil", False, "title")),
        ("author:dup*", ("words", "dup", True, "authors")),
        ('text:"a phrase"', ("words", "a phrase", False, "text")),
        ("TITLE:oil", ("words", "oil", False, "title")),
        ("outlet:mpi", ("outlet", "mpi")),
        ("outlet:mpi,courier", ("or", ("outlet", "mpi"), ("outlet", "courier"))),
        ("outlet:(mpi OR courier)", ("or", ("outlet", "mpi"), ("outlet", "courier"))),
        ('section:"Foreign, affairs"', ("section", "Foreign, affairs")),
        ("is:Edited", ("is", "edited")),
        ("class:date-line", ("class", "date line")),
        ("words:>500", ("words", 501, None)),
        ("words:<=500", ("words", None, 500)),
        ("words:100..200", ("words", 100, 200)),
        ("versions:2", ("versions", 2, 2)),
        ('removed:"no comment"', ("removed", ("words", "no comment", False, ""))),
        ("added:flood*", ("added", ("words", "flood", True, ""))),
        ("NEAR(flood valley)", ("near", ["flood", "valley"], 10)),
        ('NEAR("old bridge" valley, 3)', ("near", ["old bridge", "valley"], 3)),
        ("https://a.example/b?c=d", ("address", "https://a.example/b?c=d")),
        ("www.a.example/b", ("address", "www.a.example/b")),
        ("urn:harvester:0123456789abcdef", ("address", "urn:harvester:0123456789abcdef")),
        ("url:a.example/b", ("address", "a.example/b")),
        ("url:/sport/", ("url", "/sport/")),
        ("10:30", ("words", "10:30", False, "")),  # no field begins with a digit
        ("l'enquête:bilan", ("words", "l'enquête:bilan", False, "")),
        ('Macron: "oui"', ("and", [("words", "Macron:", False, ""), ("words", "oui", False, "")], [])),
        ("oil -outlet:mpi", ("and", [("words", "oil", False, "")], [("outlet", "mpi")])),
        ("-is:removed oil", ("and", [("words", "oil", False, "")], [("is", "removed")])),
        ("oil -(gas OR coal)", ("and", [("words", "oil", False, "")], [("or", ("words", "gas", False, ""), ("words", "coal", False, ""))])),
        ("a OR b c", ("or", ("words", "a", False, ""), ("and", [("words", "b", False, ""), ("words", "c", False, "")], []))),
    ],
)  # fmt: skip
def test_a_query_becomes_a_tree(query: str, tree: object) -> None:
    assert strip_positions(parse(query)) == tree


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("titel:oil", "unknown field 'titel': character 1; did you mean title:"),
        ("oil headline:gas", "character 5; did you mean title:"),
        ("zzz:oil", "known are title"),
        ("is:edit", "character 4; did you mean edited"),
        ("is:purple", "it is one of edited"),
        ("kind:zzzz", "it is one of article, live"),
        ("published:2025-13", "published: cannot be read: character 11"),
        ("published:soon", "'soon' is not a time"),
        ("published:2025-10..2025-09", "ends before it begins"),
        ("words:many", "needs a number: character 7"),
        ("outlet:,", "outlet: has no value: character 8"),
        ("title:…", "title: has no word to search for"),
        ("outlet:(mpi OR title:oil)", "cannot stand in the parentheses of outlet"),
        ("NEAR(flood)", "NEAR needs two words"),
        ("-is:edited", "NOT needs something"),
        ("oil OR -gas", "NOT needs something"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(query: str, message: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse(query)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://[a", "https://[::1/x", "http://[]/"])
def test_a_url_that_is_none_is_no_error(url: str) -> None:
    assert isinstance(parse(url), Address)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/news/x?referrer=home",
        "http://a.example/news/x?_r=0",
        "a.example/news/x",
        "https://a.example/news/x?utm_source=mail#comments",
        "https://a.example/news/x/",
    ],
)
def test_all_forms_of_a_url_have_the_key_of_the_article(url: str) -> None:
    node = parse(url)
    assert isinstance(node, Address)
    assert "a.example/news/x" in node.keys
    assert node.site == "a.example"


def test_mobile_and_amp_pages_share_the_tail_and_the_site() -> None:
    tails = set()
    for url in (
        "https://www.a.example/news/a-long-headline",
        "a.example/news/a-long-headline",
        "https://m.a.example/news/a-long-headline",
        "https://www.a.example/amp/news/a-long-headline",
        "https://www.a.example/news/a-long-headline?outputType=amp",
    ):
        node = parse(url)
        assert isinstance(node, Address)
        tails.add((node.tail, node.site))
    assert len(tails) == 1


LEAVES = st.sampled_from(
    [
        "oil", "l'église", '"a phrase"', "flood*", "title:oil", 'author:"Jean Dupré"', "outlet:mpi", "is:edited",
        "published:2025-09", "published:2025-09-01..2025-09-06", "published:>=2025-09-06T10:00", "seen:..2025",
        "edited:2025-09-06T10:00..2025-09-06T12:30", "words:>500", "words:<10", "versions:2", 'removed:"no comment"',
        "added:flood*", "NEAR(a b, 3)", "https://a.example/b", "section:sport", 'class:"date line"', "AND*", '"OR"',
    ]
)  # fmt: skip
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) OR ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) -({pair[1]})"),
    ),
    max_leaves=8,
)


@given(QUERIES)
def test_a_tree_is_written_as_a_query_that_is_read_as_the_same_tree(query: str) -> None:
    try:
        tree = parse(query)
    except QueryError:
        return  # "AND*" alone, and the like
    assert strip_positions(parse(to_text(tree))) == strip_positions(tree)


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_one_line(query: str) -> None:
    try:
        tree = parse(query)
    except QueryError as error:
        assert "\n" not in str(error)
        return
    positions = [node.position for node in walk(tree)]
    assert all(1 <= position <= len(query) for position in positions)
