"""Strips: cells of feeds, days that were watched, and the panels of outlets."""

from __future__ import annotations

import re

import lxml.etree
from hypothesis import given
from hypothesis import strategies as st

from harvester.render.plots import strips
from harvester.render.plots.strips import Cell
from harvester.schedule.coverage import DayCoverage

SVG = "{http://www.w3.org/2000/svg}"
STYLES = st.sampled_from(["failing", "silent", "waiting", "well"])


def parse(svg: str) -> lxml.etree._Element:
    """The drawing as XML: so that what is not escaped is no drawing."""
    return lxml.etree.fromstring(
        svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


@given(st.lists(st.tuples(STYLES, st.booleans()), max_size=40), st.text(max_size=20))
def test_each_cell_is_drawn_once_in_its_style(
    cells: list[tuple[str, bool]], words: str
) -> None:
    drawing = parse(
        strips.draw_states(
            words, [Cell(style, words, "/x" if leads else "") for style, leads in cells]
        )
    )
    drawn: dict[str, int] = {}
    for path in drawing.iter(f"{SVG}path"):
        style = path.get("class", "")
        drawn[style] = drawn.get(style, 0) + path.get("d", "").count("M")
    for box in drawing.iter(f"{SVG}rect"):
        style = box.get("class", "")
        drawn[style] = drawn.get(style, 0) + 1
    assert drawn == {
        style: [name for name, _ in cells].count(style) for style, _ in cells
    }
    assert len(list(drawing.iter(f"{SVG}a"))) == sum(leads for _, leads in cells)


def test_hundreds_of_feeds_are_a_few_shapes() -> None:
    many = [Cell("failing", "")] * 50 + [Cell("well", "")] * 950
    svg = strips.draw_states("50 of 1,000 feeds fail", many)
    assert len(svg) < 500
    widths = re.findall(r"h([\d.]+)v", svg)
    assert [float(width) for width in widths] == [32.0, 608.0]


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=60),
    st.lists(st.integers(0, 24), min_size=1, max_size=60),
)
def test_a_panel_keeps_within_its_frame(counts: list[int], watched: list[int]) -> None:
    days = [DayCoverage("2026-11-01", 24.0, float(h), 0.0, 0) for h in watched]
    usual = [count * 1.5 for count in counts]
    drawing = parse(strips.draw_panel("words", counts, usual, [days] * 9))
    _, _, width, height = map(float, drawing.get("viewBox", "").split())
    paths = {
        path.get("class"): path.get("d", "") for path in drawing.iter(f"{SVG}path")
    }
    assert paths.get("bar", "").count("M") == sum(count > 0 for count in counts)
    for path in paths.values():
        for x, y, w, h in re.findall(r"M([\d.-]+) ([\d.-]+)h([\d.]+)v([\d.]+)", path):
            assert float(x) >= -0.01 and float(x) + float(w) <= width + 0.05
            assert float(y) >= -0.01 and float(y) + float(h) <= height + 0.05
    frames = [box for box in drawing.iter(f"{SVG}rect") if box.get("class") == "frame"]
    assert len(frames) == strips.MAX_STRIPS


def test_nothing_usual_is_known() -> None:
    assert "guide" not in strips.draw_panel("words", [1, 2], [0.0, 0.0], [])
    assert "guide" in strips.draw_panel("words", [0, 0], [2.0, 0.0], [])


def test_a_share_is_never_rounded_to_all() -> None:
    assert strips.format_share(0.99999) == "99.99 %"
    assert strips.format_share(1.0) == "100 %" and strips.format_share(None) == "–"
