"""Tables fit a terminal: keys and digests give way first, titles last."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.cli.table_layout import display_width, layout_table, truncate

KEY = "fe00085343aa42c6"
HEADERS = ("at", "article", "sha256", "title")
ROW = ("2025-09-06 07:00", KEY, "ab" * 6, "L’église de Trévignac retrouvera sa flèche")

cells = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60
)


def _columns(text: str) -> int:
    """What a terminal takes, by Unicode's own tables."""
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _lines(width: int | None) -> list[str]:
    return layout_table([ROW], HEADERS, width=width, cut_column=3).splitlines()


def test_without_a_terminal_nothing_is_cut() -> None:
    assert all(cell in _lines(None)[2] for cell in ROW)
    assert _lines(None) == _lines(200)


def test_what_gives_way_and_in_which_order() -> None:
    assert KEY[:8] in _lines(86)[2] and KEY not in _lines(86)[2]
    assert ROW[2] in _lines(86)[2] and ROW[3] in _lines(86)[2]
    assert "sha256" not in _lines(80)[0] and ROW[3] in _lines(80)[2]
    assert KEY[:8] in _lines(60)[2] and _lines(60)[2].endswith("…")
    assert "article" not in _lines(40)[0]
    assert ROW[3][:15] in _lines(40)[2]


def test_wide_characters_take_two_columns() -> None:
    assert display_width("東京") == 4
    assert display_width("e\u0301") == 1
    assert truncate("東京都議会", 6) == "東京…"
    lines = layout_table(
        [("東京", "x"), ("ab", "y")], ("place", "z"), width=40, cut_column=1
    ).splitlines()
    assert [_columns(line[: line.index(mark)]) for line, mark in zip(lines[2:], "xy", strict=True)] == [7, 7]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(*[cells] * 6), max_size=4),
    st.permutations(["at", "article", "sha256", "title", "outlet", "other"]),
    st.integers(20, 200),
    st.integers(0, 5),
)
def test_no_line_is_wider_than_the_terminal(
    rows: list[tuple[str, ...]], headers: list[str], width: int, cut: int
) -> None:
    table = layout_table(rows, headers, width=width, cut_column=cut)
    lines = table.split("\n")
    assert len(lines) == len(rows) + 2
    assert max(map(_columns, lines)) <= width
