"""Features of blocks: one row of numbers for each block, and some whose meaning is plain."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.parse.content import features
from harvester.parse.content.families import families_of_names
from harvester.parse.content.features import FEATURE_INDEX, FEATURE_NAMES
from harvester.parse.content.page_blocks import Page, split_into_blocks
from harvester.parse.html.dom import parse_html

SENTENCE = (
    "The council of the town voted last night on the bridge, after a long debate."
)


def page_of(body: str) -> Page:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return split_into_blocks(tree)


def rows_of(body: str, title: str = "", description: str = "", stated: str = "") -> Any:
    return features.feature_matrix(page_of(body), title, description, stated)


def test_every_column_has_a_name_of_its_own() -> None:
    assert len(set(FEATURE_NAMES)) == len(FEATURE_NAMES)


_PART = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<div class='comments article'>",
        "</div>",
        "<a href='/x'>link",
        "</a>",
        "<br>",
        "<h1>Head</h1>",
        "<ul><li>",
        "</ul>",
        "<table><tr><td>",
        "</table>",
        SENTENCE,
        "short",
        "…",
        "東京都は今日。",
        " ",
        "<h2>",
        "</h2>",
        "<img src='/x'>",
        "0",
        "<figure><figcaption>c</figure>",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(_PART, max_size=30),
    st.sampled_from(["", "Head", SENTENCE]),
    st.sampled_from(["", SENTENCE * 5]),
)
def test_any_page_gives_a_row_of_numbers_for_each_block(
    parts: list[str], title: str, stated: str
) -> None:
    page = page_of("".join(["<p>x</p>", *parts]))
    rows = features.feature_matrix(page, title, SENTENCE, stated)
    assert rows.shape == (len(page.blocks), len(FEATURE_NAMES))
    assert np.isfinite(rows).all()
    assert (rows == features.feature_matrix(page, title, SENTENCE, stated)).all()
    for name in (
        "linked",
        "place_by_length",
        "in_title",
        "of_title",
        "share_own",
        "echo_before",
        "linked_below_parent",
    ):
        assert (
            (rows[:, FEATURE_INDEX[name]] >= 0) & (rows[:, FEATURE_INDEX[name]] <= 1)
        ).all(), name


def test_what_is_cut_off_is_no_prose() -> None:
    cut = SENTENCE[:-1] + "..."
    rows = rows_of(f"<p>{SENTENCE}</p><ul><li>{cut}</li><li>{cut[:-3]} […]</li></ul>")
    cut_code = features.CUT_CODE
    assert rows[:, FEATURE_INDEX["end"]].tolist() == [1, cut_code, cut_code]
    assert rows[:, FEATURE_INDEX["share_own"]].tolist() == [1, 0, 0]


def test_plain_meanings() -> None:
    rows = rows_of(
        "<nav class='menu'><a href='/'>Home</a></nav><article><h1>The bridge is open</h1>"
        f"<p>{SENTENCE}</p><p>{SENTENCE} <a href='/x'>More</a></p></article>"
        "<div class='comments'><p>Nice bridge!</p></div>",
        title="The bridge is open",
        description=SENTENCE,
    )
    home, head, first, second, comment = (
        {name: row[column] for name, column in FEATURE_INDEX.items()} for row in rows
    )
    assert (
        home["linked"] == 1
        and home["links"] == 1
        and home["in_nav"]
        and not first["in_nav"]
    )
    assert head["is_title"] and head["of_title"] == 1 and not first["is_title"]
    assert first["in_description"] > 0.7 and first["end"] == 1 and first["words"] >= 15
    assert 0 < second["linked"] < 0.1
    assert (home["past_title"], head["past_title"], first["past_title"]) == (-1, 0, 1)
    assert comment["apart_comment"] and comment["suspect"] and not first["suspect"]
    assert first["heading_before"] and not second["heading_before"]


def test_names_of_elements_around_the_headline_say_nothing_of_the_article() -> None:
    inside = f"<h1>Head</h1><p>{SENTENCE}</p>"
    assert not rows_of(f"<div class='comments-open'>{inside}</div>")[
        1, FEATURE_INDEX["suspect"]
    ]
    assert rows_of(f"<h1>Head</h1><div class='comments-open'><p>{SENTENCE}</p></div>")[
        1, FEATURE_INDEX["suspect"]
    ]


def test_copies_on_the_page_are_seen() -> None:
    rows = rows_of(
        f"<p>{SENTENCE} {SENTENCE[::-1]}</p><p>Something else that is long "
        f"enough to count here, is it not?</p><p>{SENTENCE}</p>"
    )
    assert (
        rows[:, FEATURE_INDEX["echo_after"]].tolist()[1:] == [0, 0]
        and rows[0, FEATURE_INDEX["echo_after"]] > 0
    )
    assert rows[:, FEATURE_INDEX["echo_before"]].tolist() == [0, 0, 1]
    assert rows_of("<p>twice here</p><p>twice here</p>")[
        :, FEATURE_INDEX["twins"]
    ].tolist() == [
        2,
        2,
    ]


def test_a_stated_text_counts_where_it_is_this_pages() -> None:
    other = (
        "Nothing of this stands on the page, though it is as long as an article would have to be. "
        * 4
    )
    body = (
        "".join(f"<p>{SENTENCE} It was night number {n}.</p>" for n in range(4))
        + "<p>Subscribe to our letter</p>"
    )
    stated = " ".join(f"{SENTENCE} It was night number {n}." for n in range(4))
    assert rows_of(body, stated=stated)[:, FEATURE_INDEX["stated"]].tolist() == [
        1,
        1,
        1,
        1,
        0,
    ]
    assert rows_of(body, stated=other)[:, FEATURE_INDEX["stated"]].tolist() == [-1] * 5
    assert rows_of(body, stated="")[:, FEATURE_INDEX["stated"]].tolist() == [-1] * 5


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("articleBody", ["content", "body"]),
        ("related-posts", ["related"]),
        ("NewsletterSignup", ["subscribe"]),
        ("xyzzy", []),
        ("wp-caption", ["caption"]),
    ],
)
def test_families_of_names(names: str, expected: list[str]) -> None:
    families = [
        name
        for bit, name in enumerate(features.CSS_FAMILIES)
        if families_of_names(names) >> bit & 1
    ]
    assert set(expected) <= set(families) and (expected or not families)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>word</p>",
        f"<p>{SENTENCE}</p>",
        "<div><h2 class='x'>w</h2></div>",
        "w<br>",
        f"{SENTENCE} ",
    ],
)
def test_hostile_pages_cost_no_more_than_they_are_long(markup: str) -> None:
    def seconds(times: int) -> float:
        page = page_of(markup * times)
        started = time.process_time()
        features.feature_matrix(page, "the town", SENTENCE, SENTENCE * 50)
        return time.process_time() - started

    assert seconds(10_000) < 40 * max(
        seconds(1_000), 0.02
    )  # ten times the page; a hundred times, were it quadratic
