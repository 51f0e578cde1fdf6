"""A body as text, and as UTF-8."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvester.parse.html.charset import clean_line, decode, decode_to_utf_8

PAGE = '<meta charset="{}"><p>Über die Brücke — „heute“</p>'


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["", "text/html; charset=iso-2022-jp"]))
@example(PAGE.format("utf-8").encode(), "text/html")
@example(PAGE.format("windows-1252").encode("cp1252"), "text/html")
@example(PAGE.format("utf-8").encode("utf-16"), "text/html")
@example(PAGE.format("utf-8").encode()[:-9] + b"\xe2\x80", "text/html")
@example("<?xml version='1.0'?><p>a</p>".encode("cp037"), "text/xml")
@example(b"\x1b$B%F%9%H\x1b(B", "text/html; charset=iso-2022-jp")
def test_the_bytes_are_those_of_the_text(body: bytes, content_type: str) -> None:
    text, encoded = decode_to_utf_8(body, content_type)
    assert text == decode(body, content_type)
    assert encoded == text.encode("utf-8", "replace")


@settings(max_examples=300, deadline=None)
@given(st.text("aé \t\n\r\x0b\x0c\x1c\x85\xa0\xad\u200b\u0301\u2028.", max_size=60))
@example("Two  spaces")
@example(" around ")
def test_a_line_has_single_spaces_and_nothing_that_cannot_be_seen(text: str) -> None:
    line = clean_line(text, 50)
    assert line == " ".join(line.split())
    assert line.isprintable()
    assert len(line) <= 50
    assert clean_line(line, 50) == line
    visible = [character for character in text if character in "aé."]
    kept = [character for character in line if character in "aé."]
    assert kept == visible[: len(kept)]
    assert line.endswith("…") or kept == visible
