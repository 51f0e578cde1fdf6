"""Pages split into blocks: no visible word is lost or doubled, and lines break as marked up."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from harvester.parse.content import page_blocks
from harvester.parse.content.page_blocks import (
    MAX_BLOCKS,
    TAG_BITS,
    block_lines,
    split_into_blocks,
)
from harvester.parse.html.dom import parse_html


def page_of(body: str) -> page_blocks.Page:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return split_into_blocks(tree)


def texts(body: str) -> list[str]:
    return [block.text for block in page_of(body).blocks]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("<p>One <b>and</b> <a href='/x'>two</a>, three.</p>", ["One and two, three."]),
        ("One<br>two<br/><br>three", ["One", "two", "three"]),
        ("<div>Before<p>inside</p>after</div>", ["Before", "inside", "after"]),
        ("<a href='/x'><h3>Head</h3><p>text</p></a>tail", ["Head", "text", "tail"]),
        (
            "<p>One<script>var x = 'no';</script><style>p {}</style> two</p>",
            ["One two"],
        ),
        ("<p>a<!-- not this -->b<?php nor this ?>c</p>", ["abc"]),
        (
            "<noscript>no</noscript><template>no</template><svg><text>no</text></svg><p>yes</p>",
            ["yes"],
        ),
        ("<p> \n </p><p>…</p><p>—</p><p>*</p><p>x</p>", ["x"]),  # no letter, no block
        ("<p>  wide \n\t spaces\u00a0here </p>", ["wide spaces here"]),
        (
            "<select><option>no</option></select><textarea>no</textarea><p>yes</p>",
            ["yes"],
        ),
        (
            "<p><q>Quoted</q> <unknown-element>own</unknown-element></p>",
            ["Quoted", "own"],
        ),
        (
            "<p>中文文章。</p><p>مرحبا بالعالم</p><p>ภาษาไทย</p>",
            ["中文文章。", "مرحبا بالعالم", "ภาษาไทย"],
        ),
    ],
)
def test_where_blocks_end(body: str, expected: list[str]) -> None:
    assert texts(body) == expected


def test_rows_of_tables_are_lines() -> None:
    page = page_of(
        "<table><tr><th>Team</th><th>Points</th></tr><tr><td>Rovers</td>"
        "<td>3</td></tr></table><p>After.</p>"
        "<table><tr><td>One</td></tr></table>"
    )
    assert block_lines(page.blocks) == ["Team Points", "Rovers 3", "After.", "One"]


_WORD = st.text(alphabet="abcdefgh", min_size=1, max_size=6)
_TAGS = [
    "p",
    "div",
    "span",
    "b",
    "a",
    "h2",
    "ul",
    "li",
    "table",
    "td",
    "em",
    "section",
    "blockquote",
    "time",
    "article",
]


@st.composite
def _markup(draw: st.DrawFn, depth: int = 4) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(
            st.sampled_from(
                ["word", "br", "skipped", *(["element"] * 3 if depth else [])]
            )
        )
        if kind == "word":
            parts.append(f" {draw(_WORD)} ")
        elif kind == "br":
            parts.append("<br>")
        elif kind == "skipped":
            parts.append(" <script>zzz</script><!-- zzz --> ")
        else:
            tag = draw(st.sampled_from(_TAGS))
            parts.append(
                f"<{tag} class='x{draw(st.integers(0, 9))}'>{draw(_markup(depth - 1))}</{tag}>"
            )
    return "".join(parts)


@settings(max_examples=150, deadline=None)
@given(_markup())
def test_no_word_is_lost_doubled_or_moved(body: str) -> None:
    whole = html.document_fromstring(f"<html><body>x{body}</body></html>")
    for element in whole.xpath("//script | //comment()"):
        element.drop_tree()
    for element in whole.iter(
        "br", *(tag for tag in _TAGS if tag not in ("span", "b", "a", "em", "time"))
    ):
        element.tail = f" {element.tail or ''}"
        element.text = f" {element.text or ''}"
    truth = re.findall(r"\w+", whole.text_content())
    page = page_of(f"x{body}")
    assert [
        word for block in page.blocks for word in re.findall(r"\w+", block.text)
    ] == truth
    assert [word for block in page.blocks for word in block.words] == truth
    for block in page.blocks:
        assert 0 <= block.linked_chars <= len(block.text)
        assert block.node is page.nodes[block.node.index]
        assert block.word_count == len(block.words)


def test_what_is_known_of_a_block() -> None:
    page = page_of(
        "<article itemprop='articleBody'><p class='standfirst'>Half <a "
        "href='/there'>is linked</a></p>"
        "<aside><p><strong>Loud</strong></p></aside>"
        "<p>a<br>b</p><table><tr><td>c</td></tr></table></article>"
    )
    first, loud, a, b, cell = page.blocks
    assert (first.link_count, first.linked_chars, first.bold_chars) == (
        1,
        len("is linked"),
        0,
    )
    assert (
        first.node.tags & TAG_BITS["article"]
        and first.node.tags & TAG_BITS["body-of-article"]
    )
    assert not first.node.tags & TAG_BITS["aside"]
    assert loud.bold_chars == 4 and loud.node.tags & TAG_BITS["aside"]
    assert (a.follows_break, b.follows_break, a.run_index, b.run_index) == (
        False,
        True,
        0,
        1,
    )
    assert cell.table_row and not b.table_row
    assert page.links == [(0, "/there", "is linked")]


def test_links_and_images_know_their_blocks() -> None:
    page = page_of(
        "<p>One</p><img src='/a.jpg'><p>two <a href='/b'>three</a> <a "
        "href='/c'>four</a></p><a name='d'>five</a>"
    )
    assert [(index, element.get("src")) for index, element, _ in page.images] == [
        (1, "/a.jpg")
    ]
    assert page.links == [(1, "/b", "three"), (1, "/c", "four")]


def test_unspaced_words_count_by_character() -> None:
    spaced, unspaced, mixed = page_of(
        "<p>four words stand here</p><p>東京都は今日。</p><p>新しい iPhone を</p>"
    ).blocks
    assert spaced.word_count == 4
    assert unspaced.word_count == len("東京都は今日")
    assert mixed.word_count == len("新しいを") + 1


def test_the_same_position_has_the_same_signature_on_another_page() -> None:
    def signature(number: int) -> str:
        body = (
            f"<div id='post-{number}' class='entry post-{number}'><div class='text'>"
            f"<p>Words {number}.</p></div></div>"
        )
        return page_of(body).blocks[0].node.signature

    assert signature(17) == signature(40_512)
    other = page_of(
        "<div id='post-17' class='entry post-17'><div class='more'><p>Words.</p></div></div>"
    )
    assert other.blocks[0].node.signature != signature(17)


def seconds(body: str) -> tuple[float, int]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    started = time.process_time()
    page = split_into_blocks(tree)
    return time.process_time() - started, len(page.blocks)


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='/x'>word here</a> ",
        "word<br>",
        "<span class='a b c'>w</span>",
        "<p>some words</p>",
        "<td>w</td>",
        "<img src='/a'>",
        "<a href='/x'><p>word</p></a>",
        "<br>",
        "&amp;w ",
        "<b>w</b>",
    ],
)
def test_hostile_pages_cost_no_more_than_they_are_long(markup: str) -> None:
    small, _ = seconds(markup * 4_000)
    large, count = seconds(markup * 40_000)
    assert count <= MAX_BLOCKS
    assert large < 40 * max(
        small, 0.02
    )  # ten times the page; a hundred times, were it quadratic


def test_what_comes_after_too_many_blocks_is_skipped() -> None:
    page = page_of("<p>w</p>" * (MAX_BLOCKS + 50))
    assert page.truncated and len(page.blocks) == MAX_BLOCKS


@pytest.mark.parametrize(
    "wrapper", ["<div>", "<span>", "<ul><li>", "<b>", "<font>", "<a href='/x'>"]
)
def test_what_is_nested_deep_is_read(wrapper: str) -> None:
    assert "deep down" in " ".join(texts(f"{wrapper * 3_000}<p>deep down</p>"))
