"""The words that are marked as copied add up to the share of the copy."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.identity import copied_words, near_duplicates

FIRST = """By our correspondent
The harbour board said on Tuesday that the ferry line would close for good.
Fishing crews had asked for a later boat in winter, and were told there is no money.
The mayor called the decision a disgrace and promised to take the board to court.
About four thousand people live on the island, most of them older than fifty years."""
COPY = """By our correspondent
The mayor called the decision a disgrace and promised to take the board to court.
The harbour board said on Tuesday that the ferry line would close for good.
Our readers on the island wrote to us that they had expected nothing else from it."""

WORDS = st.sampled_from(
    "the mayor l'église co\u00adoperate e\u0301té İstanbul ﬁn 東京都は 12,5 ½ a.b «non» "
    "ไทยแลนด์ हिन्दी x".split(" ")
)
TEXTS = st.lists(st.lists(WORDS, max_size=9).map(" ".join), max_size=6).map("\n".join)


def mark(one: str, other: str) -> tuple[copied_words.MarkedText, ...]:
    return copied_words.mark_copied(
        near_duplicates.tokenise("title", one), near_duplicates.tokenise("title", other)
    )


def test_moved_paragraphs_are_copied_and_own_sentences_are_not() -> None:
    copy, first = mark(COPY, FIRST)
    own = [text for line in copy.lines for is_own, text in line if is_own]
    assert own == [
        "Our readers",  # "on the island" is in both, and three words
        "wrote to us that they had expected nothing else from it",
    ]
    left_out = [text for line in first.lines for is_own, text in line if is_own]
    assert left_out[0].startswith("Fishing crews had asked")
    assert left_out[-1].endswith("most of them older than fifty years")
    assert (copy.words, copy.own_words) == (len(COPY.split()) - 3, 13)


def test_the_share_is_that_of_the_comparison() -> None:
    one = near_duplicates.tokenise("Ferry closes", COPY)
    other = near_duplicates.tokenise("Ferry closes", FIRST)
    compared = near_duplicates.compare(one, other)
    copy, first = copied_words.mark_copied(one, other)
    assert compared.is_near_duplicate
    assert copy.share == compared.share_of_first
    assert first.share == compared.share_of_second


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_no_text_is_lost_whatever_its_script(one: str, other: str) -> None:
    for marked, text in zip(mark(one, other), (one, other), strict=True):
        written = ["".join(piece for _, piece in line) for line in marked.lines]
        assert written == [line for line in text.split("\n") if line.strip()]
        assert 0 <= marked.own_words <= marked.words
