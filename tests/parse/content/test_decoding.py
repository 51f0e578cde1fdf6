"""Which blocks are selected, compared with what a reader would select."""

from __future__ import annotations

import numpy as np

from harvester.parse.content.decoding import (
    MIN_SURE_SCORE,
    STANDFIRST_SCORE,
    add_table_cells,
    boost_standfirsts,
    remove_pull_quotes,
    select_blocks,
)
from harvester.parse.content.page_blocks import split_into_blocks
from harvester.parse.html.dom import parse_html
from tests.support.block_rows import rows_of

PARAGRAPHS = [
    (
        "The committee met on Monday, and its chair said that we have to stop "
        "thinking that we are alone in the room, before leaving."
    ),
    (
        "Later in the day the minister answered that nobody had been told of the "
        "plan, which was first proposed eleven years ago."
    ),
    (
        "A vote is expected in the spring, when both houses will have read the "
        "report that the auditors handed in last week."
    ),
]
QUOTE = "We have to stop thinking that we are alone in the room"


def without_pull_quotes(body: str) -> list[str]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    blocks = split_into_blocks(tree).blocks
    every = np.ones(len(blocks), dtype=bool)
    return [
        block.text
        for block, keep in zip(
            blocks, remove_pull_quotes(blocks, every, every), strict=True
        )
        if keep
    ]


def page(quoted: str) -> str:
    first, *rest = (f"<p>{one}</p>" for one in PARAGRAPHS)
    return first + quoted + "".join(rest)


def test_a_pull_quote_is_removed() -> None:
    assert without_pull_quotes(page(f"<div class='pull'>“{QUOTE}”</div>")) == PARAGRAPHS


def test_what_the_text_itself_repeats_stays() -> None:
    for quoted in (
        f"<h2>{QUOTE}</h2>",
        f"<p>{QUOTE}</p>",
        "<div class='pull'>We have to stop</div>",
        "<div>Nobody else had ever said it like this</div>",
    ):
        assert (
            len(without_pull_quotes(page(quoted) + "<p>One more.</p>"))
            == len(PARAGRAPHS) + 2
        ), quoted


def test_repetition_alone_makes_no_pull_quote() -> None:
    lines = [f"<div class='a{number}'>{QUOTE}</div>" for number in range(4)]
    assert (
        len(
            without_pull_quotes(
                "".join(f"<p>{one}</p>" for one in PARAGRAPHS) + "".join(lines)
            )
        )
        == len(PARAGRAPHS) + 4
    )


def test_only_certain_blocks_where_they_are_as_good() -> None:
    word_counts = np.array([100.0, 100.0, 5.0])
    kept, expected = select_blocks(
        np.array([0.99, 0.98, MIN_SURE_SCORE - 0.05]), word_counts
    )
    assert kept.tolist() == [True, True, False] and expected > 0.98
    kept, _ = select_blocks(
        np.array([0.99, 0.5, 0.5]), word_counts
    )  # half of the text is uncertain: the expected F1 decides
    assert kept.all()
    assert not select_blocks(np.array([]), np.array([]))[0].any()


def test_a_standfirst_that_repeats_the_description_needs_no_full_stop() -> None:
    scores = np.array([0.0, 0.3, 0.9, 0.9, 0.9])
    columns = {"since_title": [0, 1, 2, 3, 4], "end": [0, 0, 1, 1, 1]}
    assert (
        boost_standfirsts(rows_of(**columns, in_description=[0, 0.8, 0, 0, 0]), scores)[
            1
        ]
        == STANDFIRST_SCORE
    )
    assert boost_standfirsts(rows_of(**columns), scores)[1] == 0.3
    far = {**columns, "since_title": [0, 9, 10, 11, 12]}
    assert (
        boost_standfirsts(rows_of(**far, in_description=[0, 0.8, 0, 0, 0]), scores)[1]
        == 0.3
    )


def test_a_table_row_is_whole_where_most_of_it_is_text() -> None:
    tree = parse_html(
        "<html><body><table>"
        "<tr><td>Marlow</td><td>12</td><td>7</td></tr>"
        "<tr><td>Menu</td><td>Home</td><td>News</td></tr>"
        "<tr><td>Henley</td><td>3</td><td>9</td></tr>"
        "</table></body></html>"
    )
    assert tree is not None
    blocks = split_into_blocks(tree).blocks
    assert [block.text for block in blocks[:3]] == ["Marlow", "12", "7"]
    scores = np.array([0.4, 0.6, 0.6, 0.3, 0.45, 0.3, 0.1, 0.1, 0.1])
    selected = np.array([False, True, False, False, True, *[False] * 4])
    assert add_table_cells(blocks, selected, scores).tolist() == [
        *[True] * 3,  # two are likely: so is the name
        *[False, True, False],  # one of three: nothing comes with it
        *[False] * 3,  # none
    ]
