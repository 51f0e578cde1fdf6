"""How much of a block occurs in a text."""

from __future__ import annotations

import time

from harvester.parse.content.page_blocks import Page, split_into_blocks
from harvester.parse.content.text_overlap import shares_in_text
from harvester.parse.html.dom import parse_html


def page_of(body: str) -> Page:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return split_into_blocks(tree)


def test_shares_in_a_text() -> None:
    blocks = page_of(
        "<p>One “two”, three!</p><p>Not there at all</p><p>ab</p>"
        "<p>This sentence stands there, word for word. But this other one, of "
        "about the same length, does not.</p>"
    ).blocks
    share = shares_in_text(
        blocks, "One two three. This sentence stands there word for word."
    )
    assert share[:3].tolist() == [1, 0, 0]
    assert 0.3 < share[3] < 0.6
    assert shares_in_text(blocks, "").tolist() == [0, 0, 0, 0]


def test_a_long_text_and_a_long_page_that_share_nothing() -> None:
    page = page_of("".join(f"<p>{'a' * 99}b</p>" for _ in range(4_000)))
    started = time.process_time()
    assert not shares_in_text(page.blocks, "a" * 1_000_000).any()
    assert time.process_time() - started < 6  # a minute, were all of it searched
