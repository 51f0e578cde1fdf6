"""Words, comparisons and markup without a server: properties that hold for whatever outlets write."""

from __future__ import annotations

import csv
import io
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.queries.search import HIGHLIGHT_END, HIGHLIGHT_START
from harvester.browse import phrasing, safe_html, side_by_side
from harvester.browse.security_headers import spreadsheet_safe

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


LINES = st.lists(
    st.sampled_from(["a b c d", "a b c e", "x y z", "one two three", "one two", ""]),
    max_size=8,
)


@given(LINES, LINES)
def test_compared_lines_keep_the_order_of_both_texts(
    before: list[str], after: list[str]
) -> None:
    lines = side_by_side.compare_texts("\n".join(before), "\n".join(after))
    new = [
        "".join(text for sign, text in line.runs if sign != "-")
        for line in lines
        if line.kind != "-"
    ]
    old = [
        "".join(text for sign, text in line.runs if sign != "+")
        for line in lines
        if line.kind != "+"
    ]
    assert "\n".join(new) == "\n".join(after)
    assert "\n".join(old) == "\n".join(before)
    folded = side_by_side.fold_unchanged(lines)
    assert [line for line in folded if line.kind in "-+~"] == [
        line for line in lines if line.kind in "-+~"
    ]
    assert sum(line.unchanged_count or 1 for line in folded) == len(lines)


def test_changes_with_only_a_space_between_them_are_one() -> None:
    assert side_by_side.compare_words("it will cost two small coins", "it will cost three large coins") == [
        ("=", "it will cost "), ("-", "two small"), ("+", "three large"), ("=", " coins"),
    ]  # fmt: skip


def test_texts_made_to_be_slow_are_compared_in_time() -> None:
    before = time.process_time()
    side_by_side.compare_texts("a b\n" * 50_000, "b a\n" * 50_000)
    side_by_side.compare_texts("a " * 500_000, "b " * 500_000)
    side_by_side.compare_texts(
        "\n".join(f"a b {n}" for n in range(700)),
        "\n".join(f"b a {n}" for n in range(700)),
    )
    side_by_side.compare_texts("a b a b\n" * 700, "b a b\n" * 700)
    assert time.process_time() - before < 30


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


@given(
    st.lists(
        st.lists(TEXT.filter(lambda one: "\x00" not in one), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_csv_stays_csv_and_nothing_begins_like_a_formula(rows: list[list[str]]) -> None:
    for row in rows:
        out = io.StringIO(newline="")
        csv.writer(out).writerow(row)
        safe = next(
            csv.reader(
                io.StringIO(
                    spreadsheet_safe(out.getvalue().encode()).decode(), newline=""
                )
            )
        )
        assert len(safe) == len(row)
        for before, after in zip(row, safe, strict=True):
            assert after in (before, "'" + before)
            assert (
                not after.startswith(("=", "+", "@"))
                or after.replace("+", "").replace(".", "").isdigit()
            )


def test_csv_keeps_numbers_and_guards_formulas() -> None:
    assert spreadsheet_safe("\uff1d1+1,a\r\n".encode()).decode() == "'\uff1d1+1,a\r\n"
    assert spreadsheet_safe(b'-5,=1+1,"=HYPERLINK(""x"",1)",a-b,@x,+33 1\r\n') == (
        b'-5,\'=1+1,"\'=HYPERLINK(""x"",1)",a-b,\'@x,\'+33 1\r\n'
    )


def test_times_in_words() -> None:
    assert phrasing.format_datetime("2026-11-24T15:57:01Z") == "24 Nov 2026, 15:57"
    assert phrasing.format_datetime("2025-09-06") == "6 Sep 2025"
    assert phrasing.format_datetime("no time") == "no time"
    assert (
        phrasing.format_age("2026-11-24T15:00:00Z", "2026-11-24T15:57:01Z")
        == "57 minutes ago"
    )
    assert (
        phrasing.format_age("2026-11-24T14:00:00Z", "2026-11-24T15:57:01Z")
        == "1 hour ago"
    )
    assert (
        phrasing.format_age("2026-11-01T14:00:00Z", "2026-11-24T15:57:01Z")
        == "1 November 2026"
    )
    assert phrasing.format_age(None, "2026-11-24T15:57:01Z") == "never"


@given(st.text(max_size=30))
def test_only_a_language_code_stands_in_markup(code: str) -> None:
    assert phrasing.safe_language_tag(code) in ("", code)
    assert not set(phrasing.safe_language_tag(code)) & set("\"'<> &")


def test_a_paragraph_that_was_moved_is_neither_gone_nor_come() -> None:
    one, two, three = (
        "The ferry sails again.",
        "Its engine was mended in the yard.",
        "Tickets stay valid until June.",
    )
    lines = side_by_side.compare_texts(
        f"{one}\n{two}\n{three}", f"{three}\n{one}\n{two}"
    )
    assert [(line.kind, line.moved) for line in lines] == [
        ("+", True),
        ("=", False),
        ("=", False),
        ("-", True),
    ]
    assert side_by_side.count_changed_words(lines) == (0, 0)
