"""Texts compared: properties that hold for whatever outlets write."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from harvester.render import side_by_side

LINES = st.lists(
    st.sampled_from(["a b c d", "a b c e", "x y z", "one two three", "one two", ""]),
    max_size=8,
)


@given(LINES, LINES)
def test_compared_lines_keep_the_order_of_both_texts(
    before: list[str], after: list[str]
) -> None:
    lines = side_by_side.compare_texts("\n".join(before), "\n".join(after))
    new = [
        "".join(text for sign, text in line.runs if sign != "-")
        for line in lines
        if line.kind != "-"
    ]
    old = [
        "".join(text for sign, text in line.runs if sign != "+")
        for line in lines
        if line.kind != "+"
    ]
    assert "\n".join(new) == "\n".join(after)
    assert "\n".join(old) == "\n".join(before)
    folded = side_by_side.fold_unchanged(lines)
    assert [line for line in folded if line.kind in "-+~"] == [
        line for line in lines if line.kind in "-+~"
    ]
    assert sum(line.unchanged_count or 1 for line in folded) == len(lines)


def test_changes_with_only_a_space_between_them_are_one() -> None:
    assert side_by_side.compare_words("it will cost two small coins", "it will cost three large coins") == [
        ("=", "it will cost "), ("-", "two small"), ("+", "three large"), ("=", " coins"),
    ]  # fmt: skip


def test_texts_made_to_be_slow_are_compared_in_time() -> None:
    before = time.process_time()
    side_by_side.compare_texts("a b\n" * 50_000, "b a\n" * 50_000)
    side_by_side.compare_texts("a " * 500_000, "b " * 500_000)
    side_by_side.compare_texts(
        "\n".join(f"a b {n}" for n in range(700)),
        "\n".join(f"b a {n}" for n in range(700)),
    )
    side_by_side.compare_texts("a b a b\n" * 700, "b a b\n" * 700)
    assert time.process_time() - before < 30


def test_a_paragraph_that_was_moved_is_neither_gone_nor_come() -> None:
    one, two, three = (
        "The ferry sails again.",
        "Its engine was mended in the yard.",
        "Tickets stay valid until June.",
    )
    lines = side_by_side.compare_texts(
        f"{one}\n{two}\n{three}", f"{three}\n{one}\n{two}"
    )
    assert [(line.kind, line.moved) for line in lines] == [
        ("+", True),
        ("=", False),
        ("=", False),
        ("-", True),
    ]
    assert side_by_side.count_changed_words(lines) == (0, 0)
