"""What the texts of blocks are made of."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.parse.content.families import TEXT_FAMILIES
from harvester.parse.content.page_blocks import split_into_blocks, tokenise_blocks
from harvester.parse.content.text_features import (
    count_characters,
    count_twins,
    families_of_words,
    short_block_columns,
)
from harvester.parse.html.dom import parse_html


def families_in(bits: int) -> set[str]:
    return {name for bit, name in enumerate(TEXT_FAMILIES) if bits >> bit & 1}


def test_families_of_words() -> None:
    bits, counts = families_of_words(
        [
            ["pont"],
            "lire aussi notre newsletter".split(),
            ["abonnez", "x", "newsletter"],
        ]
    )
    assert counts.tolist() == [0, 3, 2]
    assert [families_in(int(one)) >= {"subscribe"} for one in bits] == [
        False,
        True,
        True,
    ]
    assert families_in(int(bits[1])) >= {"read", "subscribe"}
    assert bits[0] == 0


def test_what_short_blocks_have_of_the_headline() -> None:
    tree = parse_html(
        "<body><h1>Bridge closed again</h1><p>Bridge closed</p><p>Weather</p>"
        f"<p>{'bridge ' * 61}</p>"
    )
    assert tree is not None
    blocks = split_into_blocks(tree).blocks
    tokenise_blocks(blocks)
    _, _, in_title, of_title, is_title, in_description = short_block_columns(
        blocks, "Bridge closed again", "The weather"
    )
    assert in_title.tolist() == [1, 1, 0, 0]  # a long block is not looked at
    assert of_title.tolist() == [1, 2 / 3, 0, 0]
    assert is_title.tolist() == [1, 0, 0, 0]
    assert in_description.tolist() == [0, 0, 1, 0]


def test_twins_are_counted_before_and_in_all() -> None:
    assert count_twins(["a", "b", "a", "a"]) == ([0, 0, 1, 2], [3, 1, 3, 3])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("aZÉ9 ,.!|…”»。、•\U0001f600", min_size=1), min_size=1))
def test_characters_are_counted_text_by_text(texts: list[str]) -> None:
    sentences, commas, digits, capitals, bars = count_characters(texts)
    assert commas.tolist() == [sum(c in ",、" for c in text) for text in texts]
    assert digits.tolist() == [text.count("9") for text in texts]
    assert capitals.tolist() == [sum(c in "ZÉ" for c in text) for text in texts]
    assert bars.tolist() == [sum(c in "|•·" for c in text) for text in texts]
    assert sentences.tolist() == [sentence_ends(text) for text in texts]


def sentence_ends(text: str) -> int:
    """Marks before a space, with a closing quotation mark between them or not."""
    return sum(
        character == "。"
        or (
            character in ".!…"
            and (
                text[position + 1 : position + 2] == " "
                or (
                    text[position + 1 : position + 2] in ("”", "»")
                    and text[position + 2 : position + 3] == " "
                )
            )
        )
        for position, character in enumerate(text)
    )
