"""Finding the text: the best selection of blocks, and what else is used when in doubt."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.parse.content import body, profile
from harvester.parse.content.body import MainContent, find_content
from harvester.parse.content.decoding import (
    MAX_F1_LOSS,
    STANDFIRST_SCORE,
    boost_standfirsts,
    lower_improbable,
    move_towards,
    select_blocks,
)
from harvester.parse.html.dom import parse_html
from tests.support.block_rows import rows_of

PROSE = (
    (
        "The council of the town voted last night on the bridge, after a long "
        "debate that nobody had expected."
    ),
    (
        "It will be closed for three months, said the mayor, and the buses will go "
        "by the mill until October."
    ),
    (
        "Shopkeepers on the left bank fear for their customers; a petition has "
        "found nine hundred signatures so far."
    ),
    (
        "The works cost four million, of which the region pays one half and the "
        "state, in the end, a quarter."
    ),
    (
        "In 1911 the bridge had been opened by a minister who arrived late because "
        "the ferry did not wait for him."
    ),
)
ARTICLE = "".join(f"<p>{one}</p>" for one in PROSE)
PAGE = (
    "<html><head><title>The bridge is closed</title></head><body><nav><ul><li>"
    "<a href='/'>Home</a></li><li><a href='/s'>Sport</a></li></ul></nav>"
    f"<article><h1>The bridge is closed</h1>{ARTICLE}</article>"
    "<aside class='related'><h2>Read also</h2><ul><li>"
    "<a href='/x'>The mill burns</a></li><li><a href='/y'>The ferry again</a>"
    "</li></ul></aside>"
    "<div class='newsletter'><p>Subscribe to our newsletter</p></div><footer>"
    "<p>© The Courier 2025. All rights reserved.</p></footer></body></html>"
)


def tree(text: str) -> Any:
    found = parse_html(text)
    assert found is not None
    return found


def expected_f1(selected: Any, scores: Any, counts: Any) -> float:
    """2 · expected matches / (words selected + words expected to be article)."""
    chosen = (counts * selected).sum()
    return float(
        2
        * (counts * scores * selected).sum()
        / max(chosen + (counts * scores).sum(), 1.0)
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1, width=32), st.integers(1, 200)),
        min_size=1,
        max_size=9,
    )
)
def test_no_other_selection_is_expected_to_be_much_better(
    blocks: list[tuple[float, int]],
) -> None:
    scores, counts = (
        np.array([one for one, _ in blocks], dtype=float),
        np.array([one for _, one in blocks], dtype=float),
    )
    selected, expected = select_blocks(scores, counts)
    assert expected_f1(selected, scores, counts) >= expected - MAX_F1_LOSS - 1e-9
    every = (
        np.array(choice)
        for choice in itertools.product((0, 1), repeat=len(blocks))
        if any(choice)
    )
    assert expected == pytest.approx(
        max(expected_f1(choice, scores, counts) for choice in every)
    )


def test_certain_scores_are_followed() -> None:
    selected, expected = select_blocks(
        np.array([0.0, 1.0, 1.0, 0.0]), np.array([50.0, 3.0, 400.0, 7.0])
    )
    assert selected.tolist() == [False, True, True, False] and expected == 1
    assert select_blocks(np.zeros(0), np.zeros(0))[1] == 0


def test_the_score_of_a_standfirst_is_raised_if_it_reads_like_one() -> None:
    scores = np.array([0.0, 0.2, 0.9, 0.9, 0.9])
    assert boost_standfirsts(rows_of(), scores).tolist() == [
        0.0,
        STANDFIRST_SCORE,
        0.9,
        0.9,
        0.9,
    ]
    for more in (
        {"linked": [0, 0.9, 0, 0, 0]},
        {"suspect": [0, 1, 0, 0, 0]},
        {"in_figure": [0, 1, 0, 0, 0]},
        {"words": [4, 5, 40, 40, 40]},
        {"end": [0, 0, 1, 1, 1]},
    ):
        assert boost_standfirsts(rows_of(**more), scores).tolist() == scores.tolist(), (
            more
        )
    nothing = np.array([0.0, 0.2, 0.1, 0.1, 0.1])  # no paragraph after it
    assert boost_standfirsts(rows_of(), nothing).tolist() == nothing.tolist()


def test_the_scores_of_comments_and_of_what_is_before_the_headline_are_lowered() -> (
    None
):
    scores = np.array([0.5, 0.9, 0.9, 0.0, 1.0])
    unchanged = lower_improbable(rows_of(), scores)
    assert unchanged.tolist() == scores.tolist()
    comments = lower_improbable(rows_of(apart_comment=[0, 0, 1, 1, 1]), scores)
    assert comments[:2].tolist() == [0.5, 0.9] and 0.5 < comments[2] < 0.7
    assert comments[3:].tolist() == [0.0, 1.0]  # what is certain stays so
    beside = lower_improbable(rows_of(parent_comment=[0, 0, 1, 0, 0]), scores)
    assert beside[2] == comments[2]
    # On an element that holds the headline too, the name says nothing.
    around = rows_of(parent_comment=[1] * 5, with_title_comment=[1] * 5)
    assert lower_improbable(around, scores).tolist() == scores.tolist()
    before = lower_improbable(rows_of(past_title=[-2, -1, 0, 1, 2]), scores)
    assert before[0] == 0.25 and before[1] < 0.9 and before[2] == 0.9
    nowhere = rows_of(past_title=[-100] * 5)  # a page without a headline
    assert lower_improbable(nowhere, scores).tolist() == scores.tolist()


def test_an_article_and_what_is_around_it() -> None:
    found = find_content(tree(PAGE), "The bridge is closed", "", "", None)
    assert found.method == "model" and found.uncertainty < 0.1
    assert [one for one in found.text_lines() if one != "The bridge is closed"] == list(
        PROSE
    )
    assert (
        len(found.selected)
        == len(found.scores)
        == len(found.reasons)
        == len(found.page.blocks)
    )


def test_a_reliable_profile_decides_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    first = find_content(tree(PAGE), "The bridge is closed", "", "", None)
    blocks = first.page.blocks
    labels = profile.labels_from_text(blocks, "\n".join(PROSE), first.selected)
    known = profile.learn_profile(
        [profile.LabelledPage(blocks, first.scores, first.selected, labels)] * 5
    )
    monkeypatch.setattr(
        body, "score_blocks", lambda *_: pytest.fail("the model was run")
    )
    found = find_content(tree(PAGE), "The bridge is closed", "", "", known)
    assert found.method == "profile" and found.text_lines() == list(PROSE)


def test_trafilatura_is_asked_if_the_model_is_very_uncertain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def other(text: list[str]) -> Any:
        return lambda *_, **__: calls.append(1) or text

    def scores_of(score: float) -> Any:
        return lambda page, *_: np.full(len(page.blocks), score)

    monkeypatch.setattr(body, "trafilatura_lines", other(list(PROSE[:2])))
    monkeypatch.setattr(body, "score_blocks", scores_of(0.5))
    found = find_content(tree(PAGE), "", "", "", None)
    assert found.method == "model" and found.text_lines() == list(PROSE[:2])
    assert len(calls) == 1
    # What it finds and no block has is taken as it is.
    elsewhere = ["A sentence that the tree of the page has in none of its blocks."] * 5
    monkeypatch.setattr(body, "trafilatura_lines", other(elsewhere))
    found = find_content(tree(PAGE), "", "", "", None)
    assert found.method == "trafilatura" and found.text_lines() == elsewhere
    assert len(calls) == 2
    # As certain as this, trafilatura is not even run: it costs more than all the rest.
    monkeypatch.setattr(body, "score_blocks", scores_of(0.9))
    assert find_content(tree(PAGE), "", "", "", None).method == "model"
    assert len(calls) == 2
    monkeypatch.setattr(body, "trafilatura_lines", other(["Too short to be a text."]))
    monkeypatch.setattr(body, "score_blocks", scores_of(0.5))
    assert find_content(tree(PAGE), "", "", "", None).method == "model"
    assert len(calls) == 3


def test_the_opinion_of_trafilatura_moves_scores_and_keeps_their_order() -> None:
    scores = np.array([0.0, 0.2, 0.6, 1.0, 0.2, 0.6])
    has_block = np.array([True, True, True, True, False, False])
    moved = move_towards(scores, has_block, 0.4)
    assert moved[0] == 0 and moved[3] == 1  # of what is certain it changes nothing
    assert 0.5 < moved[1] < moved[2] < 1
    assert 0 < moved[4] < 0.1 < moved[5] < 0.5
    # The opinion counts the more, the less certain the scores are.
    further = move_towards(scores, has_block, 0.8)
    assert further[1] > moved[1] and further[5] < moved[5]
    assert move_towards(scores, has_block, 0.0).tolist() == scores.tolist()


def test_a_page_without_blocks() -> None:
    found = find_content(
        tree("<html><body><script>all of it</script></body></html>"), "", "", "", None
    )
    assert (found.method, found.text_lines(), found.uncertainty) == (
        "baseline",
        [],
        1.0,
    )


def text_of(found: MainContent) -> str:
    return "\n".join(found.text_lines())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div>",
                "</div>",
                PROSE[0],
                PROSE[1],
                "<br>",
                "<a href='x'>",
                "</a>",
                "<table><tr><td>",
                "€",
                "東京",
            ]
        ),
        max_size=25,
    )
)
def test_any_page_reads_the_same_twice_and_without_an_error(parts: list[str]) -> None:
    page = f"<html><body>{''.join(parts)}</body></html>"
    first, second = (
        find_content(tree(page), "The bridge", "", "", None) for _ in range(2)
    )
    assert text_of(first) == text_of(second) and first.uncertainty == second.uncertainty
    assert 0 <= first.uncertainty <= 1
