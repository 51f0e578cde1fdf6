"""Markup without a server: properties that hold for whatever outlets write."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
from harvester.browse import safe_html
from harvester.render import side_by_side

NASTY = st.text(
    st.sampled_from(
        "<>\"'&/= abscript:jonerx\n" + HIGHLIGHT_START + HIGHLIGHT_END + "\u202e\u00e9"
    ),
    max_size=80,
)
TEXT = st.one_of(st.text(max_size=80), NASTY)


class Tags(HTMLParser):
    """Every element and attribute that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Tags:
    """Read and check that all that was opened is closed."""
    tags = Tags(html)
    assert tags.open == []
    return tags


@given(TEXT)
def test_a_text_becomes_paragraphs_and_nothing_else(text: str) -> None:
    tags = read(safe_html.render_text(text))
    assert tags.seen <= {"p"}
    assert not tags.attributes


@given(TEXT)
def test_a_snippet_has_marks_that_are_closed_and_nothing_else(text: str) -> None:
    tags = read(safe_html.render_snippet(text))
    assert tags.seen <= {"mark"}
    assert not tags.attributes


def test_the_words_found_are_marked() -> None:
    assert (
        safe_html.render_snippet(f"the {HIGHLIGHT_START}bridge{HIGHLIGHT_END} & <b>")
        == "the <mark>bridge</mark> &amp; &lt;b&gt;"
    )


@given(TEXT, TEXT)
def test_a_comparison_holds_both_texts(before: str, after: str) -> None:
    runs = side_by_side.compare_words(before, after)
    assert "".join(text for sign, text in runs if sign != "+") == before
    assert "".join(text for sign, text in runs if sign != "-") == after
    assert read(safe_html.render_runs(runs)).seen <= {"ins", "del"}


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://courier.example/a?b=1", True),
        ("http://courier.example/", True),
        ("HTTPS://courier.example/", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("vbscript:x", False),
        ("file:///etc/passwd", False),
        ("//courier.example/", False),
        ("https:", False),
        ('https://courier.example/"onclick="x', False),
        ("https://user:pass@courier.example/", False),
        ("https://courier.example/feed?token=abc", False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_harmless_addresses_are_linked_to(url: str | None, good: bool) -> None:
    html = safe_html.render_link(url, "words")
    assert bool(safe_html.safe_href(url)) is good
    assert ("href=" in html) is good
    if good:
        assert 'rel="noreferrer nofollow noopener"' in html


@given(TEXT, TEXT)
def test_a_link_is_one_element(url: str, shown: str) -> None:
    tags = read(safe_html.render_link(f"https://x.example/{url}", shown))
    assert len(tags.seen) == 1 and tags.seen <= {"a", "span"}
    assert {name for name, _ in tags.attributes} <= {"class", "href", "rel"}


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in safe_html.render_link(
        "https://me:s3cret@x.example/feed?token=s3cret"
    )


def test_marks_that_turn_the_direction_are_taken_out() -> None:
    assert safe_html.render_runs([("=", "a\u202eb\u2066c")]) == "abc"
