"""Plots: well-formed, to scale, readable without colour, bounded."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.export.plots import MAX_SERIES, OTHERS, Point, draw

SVG = "{http://www.w3.org/2000/svg}"


def _parse(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg" and root.find(f"{SVG}title") is not None
    assert "script" not in svg and "http" not in svg.replace(SVG[1:-1], "")
    return root


def _texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def _bars(root: ElementTree.Element, size: str) -> list[float]:
    return [float(bar.get(size, "")) for bar in root.iter(f"{SVG}rect")]


def test_bars_over_time_are_to_scale_and_gaps_are_zero() -> None:
    points = [Point("2025-11", "", 10), Point("2026-02", "", 5)]
    root = _parse(draw(points, "Articles <by> month", "articles", "month"))
    heights = _bars(root, "height")
    assert heights[1:3] == [0, 0]
    assert heights[0] == pytest.approx(2 * heights[3], abs=0.2)
    names = [bar.findtext(f"{SVG}title") for bar in root.iter(f"{SVG}rect")]
    assert names == ["2025-11: 10 articles", "2025-12: 0 articles", "2026-01: 0 articles", "2026-02: 5 articles"]  # fmt: skip
    assert "Articles <by> month" in _texts(root)


def test_bars_of_values_carry_their_numbers() -> None:
    points = [Point("mpi", "", 1_234), Point("courier", "", 617), Point("", "", 1)]
    root = _parse(draw(points, "Articles by outlet", "articles"))
    texts = _texts(root)
    for text in ("mpi", "courier", "(none)", "1,234", "617"):
        assert text in texts
    first, second, _ = _bars(root, "width")
    assert first == pytest.approx(2 * second, rel=0.01)


def test_lines_differ_without_colour_and_small_series_become_one() -> None:
    points = [
        Point(f"2025-0{month}", f"outlet {number}", 100 - number)
        for month in range(1, 5)
        for number in range(9)
    ]
    svg = draw(points, "t", "articles", "month")
    texts = _texts(_parse(svg))
    assert texts.count(OTHERS) == 1
    assert [text for text in texts if text.startswith("outlet")] == [
        f"outlet {number}" for number in range(MAX_SERIES - 1)
    ]
    lines = re.findall(r'class="line s(\d)"[^>]*?(stroke-dasharray="[^"]+")?/>', svg)
    assert len({dashes for _, dashes in lines}) == MAX_SERIES
    assert "prefers-color-scheme: dark" in svg


def test_medians_are_not_added_up() -> None:
    points = [Point("2025", f"o{number}", 5.5) for number in range(9)]
    texts = _texts(_parse(draw(points, "t", "hours", "year", are_sums=False)))
    assert OTHERS not in texts
    assert sum(text.startswith("o") for text in texts) == MAX_SERIES


def test_nothing_and_too_much_are_refused() -> None:
    for points in ([], [Point("", "", 1)]):
        with pytest.raises(ValueError, match="nothing to draw"):
            draw(points, "t", "articles", "month")
    with pytest.raises(ValueError, match="periods"):
        draw([Point("1900-01-01", "", 1), Point("2025-01-01", "", 1)], "t", "a", "day")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(min_value=date(2020, 1, 1), max_value=date(2024, 1, 1)),
            st.text(st.characters(blacklist_categories=("Cs",))),
            st.floats(0, 1e12),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["", "day", "week", "month", "year"]),
    st.text(st.characters(blacklist_categories=("Cs",))),
)  # fmt: skip
def test_whatever_outlets_are_called_it_is_well_formed(
    rows: list[tuple[object, str, float]], period: str, title: str
) -> None:
    length = {"month": 7, "year": 4}.get(period, 10)
    points = [Point(str(day)[:length], name, value) for day, name, value in rows]
    ElementTree.fromstring(draw(points, title, "articles", period))
