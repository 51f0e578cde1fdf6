"""What no reader sees is not among a page's blocks; what scripts will show is."""

from __future__ import annotations

import html
import time

import pytest

from harvester.parse.content.page_blocks import split_into_blocks
from harvester.parse.html.dom import parse_html

SEEN = "Everybody who opens the page can read this sentence about the old lighthouse."
MORE = "The lamp was lit for the first time in the year in which the harbour was dug."
UNSEEN = (
    "Nobody who opens the page is shown this sentence, which is for machines alone."
)
TEXT = f"<p>{SEEN}</p><p>{MORE}</p>"


def texts(body: str) -> list[str]:
    tree = parse_html(f"<html><body>{body}</body></html>")
    assert tree is not None
    return [block.text for block in split_into_blocks(tree).blocks]


@pytest.mark.parametrize(
    "hidden",
    [
        f"<p style='display:none'>{UNSEEN}</p>",
        f"<p style='color: red; DISPLAY : none !important'>{UNSEEN}</p>",
        f"<div style='visibility: hidden'><p>{UNSEEN}</p></div>",
        f"<p hidden>{UNSEEN}</p>",
        f"<section hidden='hidden'><p>{UNSEEN}</p></section>",
        f"<dialog><p>{UNSEEN}</p></dialog>",
        f"<div popover>{UNSEEN}</div>",
        f"<p class='lead visually-hidden'>{UNSEEN}</p>",
        f"<p class='d-none'>{UNSEEN}</p>",
        f"<style>.box {{ margin: 0; display: none }}</style><p class='a box'>{UNSEEN}</p>",
        f"<style>p.x, #note {{display:none!important}}</style><p id='note'>{UNSEEN}</p>",
        f"<p style='position:absolute; left: -9999px'>{UNSEEN}</p>",
        f"<p style='clip: rect(0 0 0 0); width: 1px'>{UNSEEN}</p>",
        f"<style>@media screen {{ .x {{ display: none }} }}</style><p class='x'>{UNSEEN}</p>",
        f"<style>main > .a.b, #c {{display:none}}</style><main><p class='b x a'>{UNSEEN}</p></main>",
        f"<style>aside {{ visibility: hidden; }}</style><aside>{UNSEEN}</aside>",
        f"<style>.t{{display:none}}.t.on{{display:block}}</style><p class='t'>{UNSEEN}</p>",
        f"<style>.t{{display:none}}.m:hover .t{{display:block}}</style><p class='t'>{UNSEEN}</p>",
        "<style>.t{display:none}@media print{.t{display:block}}</style>"
        f"<p class='t'>{UNSEEN}</p>",
        "<style>.t{display:none}@media (max-width: 600px){.t{display:block}}</style>"
        f"<p class='t'>{UNSEEN}</p>",
        f"<noscript><p>{UNSEEN}</p></noscript>",
        f"<template><p>{UNSEEN}</p></template>",
    ],
)
def test_what_is_hidden_is_no_text(hidden: str) -> None:
    assert texts(f"<p>{SEEN}</p>{hidden}<p>{MORE}</p>") == [SEEN, MORE]


@pytest.mark.parametrize(
    "shown",
    [
        f"<p aria-hidden='true'>{UNSEEN}</p>",
        f"<p hidden='until-found'>{UNSEEN}</p>",
        f"<dialog open><p>{UNSEEN}</p></dialog>",
        f"<details><p>{UNSEEN}</p></details>",
        f"<p class='hidden md:block'>{UNSEEN}</p>",
        f"<p class='d-none d-lg-block'>{UNSEEN}</p>",
        f"<p style='display:nonesuch-none; overflow:hidden'>{UNSEEN}</p>",
        f"<style>@media print {{ .b {{ display: none }} }}</style><p class='b'>{UNSEEN}</p>",
        f"<style>@media (max-width:9em){{.b{{display:none}}}}</style><p class='b'>{UNSEEN}</p>",
        f"<style>.js .b, .b::after {{ display: none }}</style><p class='b'>{UNSEEN}</p>",
        f"<style>.q .faq-answer{{display:none}}</style><div class='q'><p class='faq-answer'>{UNSEEN}</p></div>",
        f"<style>/* .b {{ display: none }} */</style><p class='b'>{UNSEEN}</p>",
        f"<style>.b{{display:none}} .js .b{{display:block}}</style><p class='b'>{UNSEEN}</p>",
        f"<style>.b{{display:none}} .b.on{{display:block}}</style><p class='b on'>{UNSEEN}</p>",
        "<style>.b{display:none}@media (min-width:40em){.b{display:block}}</style>"
        f"<p class='b'>{UNSEEN}</p>",
        "<style>.bb{display:none} .b-b{display:none}</style>"
        f"<p class='b'>{UNSEEN}</p>",
    ],
)
def test_what_is_not_hidden_stays(shown: str) -> None:
    assert texts(f"<p>{SEEN}</p>{shown}<p>{MORE}</p>") == [SEEN, UNSEEN, MORE]


def test_hidden_words_inside_a_sentence() -> None:
    body = (
        "<p>The lamp <span style='display:none'>not this</span>was <a hidden "
        "href='/a'>nor this</a><b class='sr-only'>nor that</b>lit <i>again</i>.</p>"
        "<p>One<div hidden>between</div>two</p>"
    )
    assert texts(f"{TEXT}{body}")[2:] == ["The lamp was lit again.", "One", "two"]


@pytest.mark.parametrize(
    "page",
    [
        "<div style='display:none'>{}</div>",
        "<style>body {{ visibility: hidden }}</style>{}",
        "<style>article {{ display: none }}</style><article>{}</article><p>Menu</p>",
        "<p>A line that is seen before scripts run, and no more.</p><div hidden>{}</div>",
        "<noscript>{}{}{}</noscript><p>Loading …</p>",
        "<script type='text/template'>{}{}{}{}</script><p>Loading …</p>",
        "<template shadowrootmode='open'>{}</template>",
    ],
)
def test_a_page_that_is_hidden_as_a_whole_is_read(page: str) -> None:
    found = texts(page.replace("{}", TEXT).replace("{{", "{").replace("}}", "}"))
    assert {SEEN, MORE} <= set(found)


def test_an_escaped_noscript_is_read() -> None:
    assert SEEN in texts(f"<noscript>{html.escape(TEXT * 4)}</noscript>")


def test_a_note_that_scripts_are_needed_is_no_text() -> None:
    note = "You need to enable JavaScript in your browser to see what this page has."
    assert texts(f"<div id='app'></div><noscript><p>{note}</p></noscript>") == []


def test_what_was_streamed_later_is_where_it_belongs() -> None:
    assert texts(
        "<p>First</p><template id='B:0'></template><p>Last</p>"
        "<div hidden id='S:0'><p>Second</p><template id='P:1'></template></div>"
        "<div hidden id='S:1'><p>Third</p></div>"
    ) == ["First", "Second", "Third", "Last"]


def test_parts_that_hold_each_other_are_read_once() -> None:
    found = texts(
        "<div hidden id='S:0'><p>One</p><template id='B:1'></template></div>"
        "<div hidden id='S:1'><p>Two</p><template id='B:0'></template></div>"
    )
    assert sorted(found) == ["One", "Two"]


@pytest.mark.parametrize(
    "markup",
    [
        "<p hidden>w</p>",
        "<span style='display:none'>w</span>w ",
        "<div hidden>",
        "<style>.a{display:none}</style><p class='a'>w</p>",
        "<noscript><p>w</p></noscript>",
        "<p class='sr-only'>w</p>",
    ],
)
def test_hostile_pages_cost_no_more_than_they_are_long(markup: str) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        texts(markup * count + "<p>end</p>")
        return time.process_time() - started

    assert seconds(20_000) < 40 * max(seconds(2_000), 0.02)


def test_a_style_sheet_of_many_rules_is_read_fast() -> None:
    sheet = "".join(
        f".c{n}{{display:none}} .c{n} .x{{display:block}}" for n in range(9_000)
    )
    started = time.process_time()
    texts(
        f"<style>{sheet}</style>"
        + "".join(f"<p class='c{n} x'>w</p>" for n in range(3_000))
    )
    assert time.process_time() - started < 5


def test_deep_elements_and_selectors_of_their_ancestors_are_read_fast() -> None:
    sheet = "".join(f".a{n} .b .c .x{{display:none}}" for n in range(60))
    body = "<div class='b'>" * 150 + "<p class='x c'>w</p>" * 20_000
    started = time.process_time()
    texts(f"<style>{sheet}</style>{body}")
    assert time.process_time() - started < 6


def test_pages_with_the_same_style_sheet_are_each_read_by_it() -> None:
    sheet = "<style>.box {display: none} .in .note {display: none}</style>"
    first = f"{sheet}<p class='box'>{UNSEEN}</p><p class='note'>{SEEN}</p>{TEXT}"
    second = f"{sheet}<div class='in'><p class='note'>{UNSEEN}</p></div>{TEXT}"
    for _ in range(2):  # the second time, the sheet is known
        assert texts(first) == [SEEN, SEEN, MORE]
        assert texts(second) == [SEEN, MORE]


def test_a_class_that_is_shown_again_is_looked_for_on_each_page() -> None:
    sheet = (
        "<style>.menu .item {display: none} .menu.open {color: red}"
        " .item.lead {display: block}</style>"
    )
    for _ in range(2):
        assert texts(
            f"{sheet}<div class='menu'><p class='item'>{UNSEEN}</p></div>{TEXT}"
        ) == [
            SEEN,
            MORE,
        ]
        shown = f"{sheet}<div class='menu'><p class='item lead'>{MORE}</p></div>"
        assert texts(f"{shown}{TEXT}") == [MORE, SEEN, MORE]
