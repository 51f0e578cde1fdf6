"""Pages of plain text: wires, press releases, Markdown."""

from __future__ import annotations

import textwrap
import time

import pytest

from harvester.model import Extract, Rules
from harvester.parse.article import is_other_media, read_article
from tests.support.observer import BUDGET, FERRY

AT = "2025-09-06T10:00:00Z"
RELEASE = """\
FOR IMMEDIATE RELEASE

Harbour of Marlow closes for three weeks
========================================

MARLOW, Sept. 6 (Lantern) -- The harbour of Marlow will be closed to
all ships from Monday, because the ramp on the mainland was damaged in
the storm, the harbour master said on Friday.

   Some 140 people wait in the school hall, where the fire brigade has
put up beds and serves soup at night.
   A spare part is being brought by lorry from a yard 600 kilometres
away.

What is closed:

- the ferry to the islands, in both
  directions
- the slipway

Contact: press@marlow.example
Phone: 0 12 34
###
"""


def read(
    body: str | bytes, content_type: str = "text/plain", rules: Rules | None = None
) -> Extract:
    data = body.encode() if isinstance(body, str) else body
    headers = (("Content-Type", content_type),)
    return read_article(data, "https://paper.example/a", headers, rules or Rules(), AT)


def test_a_press_release() -> None:
    extract = read(RELEASE)
    assert extract.title == "Harbour of Marlow closes for three weeks"
    assert extract.text.split("\n") == [
        "MARLOW, Sept. 6 (Lantern) -- The harbour of Marlow will be closed to all ships "
        "from Monday, because the ramp on the mainland was damaged in the storm, the "
        "harbour master said on Friday.",
        "Some 140 people wait in the school hall, where the fire brigade has put up beds "
        "and serves soup at night.",
        "A spare part is being brought by lorry from a yard 600 kilometres away.",
        "What is closed:",
        "- the ferry to the islands, in both directions",
        "- the slipway",
        "Contact: press@marlow.example",
        "Phone: 0 12 34",
    ]
    assert (extract.language, extract.kind, extract.method) == (
        "en",
        "article",
        "plain",
    )


@pytest.mark.parametrize("width", [50, 66, 72, 80, 100])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("words", [BUDGET, FERRY])
def test_wrapped_at_any_width_it_is_the_same_text(
    words: tuple[str, ...], width: int, line_end: str
) -> None:
    wrapped = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in words)
    body = f"The headline\n\n{wrapped}\n".replace("\n", line_end)
    assert read(body).text == "\n".join(words)
    indented = "\n".join(
        textwrap.fill(paragraph, width, initial_indent="    ") for paragraph in words
    )
    assert read(f"The headline\n\n{indented}\n").text == "\n".join(words)


def test_lines_that_are_not_wrapped_are_paragraphs() -> None:
    assert read("The headline\n" + "\n".join(BUDGET)).text == "\n".join(BUDGET)


def test_verse_and_lists_keep_their_lines() -> None:
    verse = "The curfew tolls the knell of parting day,\nThe lowing herd wind slowly\nThe ploughman homeward plods his weary way,"
    names = "Ann Lee, Bay City\nBob Roe, Marlow\nCleo Moss, Trevignac"
    assert read(f"Elegy\n\n{verse}\n\n{names}").text == f"{verse}\n{names}"


def test_the_pages_of_a_printed_text_are_joined() -> None:
    body = (
        "Request for comments\n\n   One paragraph of it that is not long.\n\n"
        "Author                     Informational                    [Page 1]\n\f\n"
        "RFC 1234                     Comments                  September 2025\n\n"
        "   Another paragraph of it.\n"
    )
    assert read(body).text.split("\n") == [
        "One paragraph of it that is not long.",
        "Another paragraph of it.",
    ]


@pytest.mark.parametrize(
    ("charset", "declared"),
    [("utf-8", ""), ("utf-8", "utf-8"), ("windows-1252", ""), ("utf-16", "")],
)
def test_charsets(charset: str, declared: str) -> None:
    text = (
        "L’écluse\n\nL’écluse de Trévignac, fermée depuis l’été, rouvrira lundi à midi."
    )
    suffix = f"; charset={declared}" if declared else ""
    extract = read(text.encode(charset), f"text/plain{suffix}")
    assert f"{extract.title}\n\n{extract.text}" == text


def test_markdown() -> None:
    body = (
        "# The budget of *Marlow*\n\nThe **council** has voted [the budget](https://a.example/b).\n"
        "![A hall](hall.jpg)\n\n## What it gives\n\n- `4.2` million\n> A quotation_with_marks\n"
    )
    extract = read(body, "text/markdown; charset=utf-8")
    assert extract.title == "The budget of Marlow"
    assert extract.text.split("\n") == [
        "The council has voted the budget.",
        "What it gives",
        "- 4.2 million",
        "A quotation_with_marks",
    ]


@pytest.mark.parametrize(
    "body", [b"\x89PNG\r\n\x1a\n" + bytes(200), b'{"a": [1, 2]}', bytes(range(32)) * 9]
)
def test_what_is_no_text_is_no_article(body: bytes) -> None:
    extract = read(body)
    assert extract.text == ""
    assert is_other_media(extract.error)


def test_a_page_served_as_plain_text_is_read_as_a_page() -> None:
    body = "".join(f"<p>{words}</p>" for words in BUDGET)
    page = (
        f"<!doctype html><html><title>The budget</title><body><article>{body}</article>"
    )
    assert read(page).text == "\n".join(BUDGET)


@pytest.mark.parametrize("body", ["", " \n\t\n", "-----\n"])
def test_nothing(body: str) -> None:
    extract = read(body)
    assert (extract.text, bool(extract.error)) == ("", True)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 1_000_000,
        "*" * 1_000_000,
        "a\n" * 500_000,
        "[a](" * 300_000,
        "** a" * 300_000,
        " \n\t" * 300_000,
        "<!--" * 300_000,
        "_a " * 400_000,
    ],
)
def test_hostile_texts_take_no_time(body: str) -> None:
    for media_type in ("text/plain", "text/markdown"):
        started = time.process_time()
        read(body, media_type)
        assert time.process_time() - started < 3
