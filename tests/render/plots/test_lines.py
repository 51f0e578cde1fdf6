"""Lines: told apart without colour, light enough for a page, named at their ends."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from harvester.render.plots.lines import (
    MAX_LINES,
    MAX_LINKS,
    Line,
    draw_key,
    draw_lines,
)

LABELS = [f"2026-11-{day:02}" for day in range(1, 11)]


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def make(
    count: int, points: int = 10, has_links: bool = True
) -> tuple[list[str], list[Line]]:
    labels = [f"week {number}" for number in range(points)]
    lines = [
        Line(
            f"phrase {number}",
            tuple((number + 1) * place for place in range(points)),
            tuple(f"/-/search?q={number}&from={label}" for label in labels)
            if has_links
            else (),
        )
        for number in range(count)
    ]
    return labels, lines


def points_of(polyline: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = [point.split(",") for point in polyline.get("points", "").split()]
    return [(float(x), float(y)) for x, y in pairs]


def test_values_stand_where_they_should() -> None:
    plot = draw_lines("T", "W", LABELS, [Line("flood", (0, 5, 10, *[0] * 7))])
    (line,) = parse(plot.svg).iter("polyline")
    points = points_of(line)
    assert points[0][1] - points[1][1] == pytest.approx(points[1][1] - points[2][1])
    steps = {round(b[0] - a[0], 1) for a, b in pairwise(points)}
    assert max(steps) - min(steps) <= 0.11


def test_unknown_values_leave_a_gap() -> None:
    plot = draw_lines("T", "W", LABELS[:6], [Line("flood", (1, 2, None, 3, None, 4))])
    assert [len(points_of(line)) for line in parse(plot.svg).iter("polyline")] == [2]
    assert plot.rows[3] == ("2026-11-03", None)


def test_each_line_has_its_own_dashes_and_mark() -> None:
    labels, lines = make(7)
    root = parse(draw_lines("T", "W", labels, lines).svg)
    styles = [one.get("class") for one in root.iter("polyline")]
    assert styles == [f"line line-{number}" for number in range(1, MAX_LINES + 1)]
    shapes = [one.get("d") for one in root.iter("path")]
    assert len(set(shapes)) == MAX_LINES
    used = {one.get("href") for one in root.iter("use")}
    assert used == {f"#{one.get('id')}" for one in root.iter("path")}


def test_points_lead_to_what_they_count() -> None:
    labels, lines = make(2)
    root = parse(draw_lines("T", "W", labels, lines).svg)
    links = list(root.iter("a"))
    assert len(links) == 18  # a point with nothing leads nowhere
    assert links[0].get("href") == "/-/search?q=0&from=week 1"
    assert links[0].get("aria-label") == "phrase 0, week 1: 1"
    assert root.get("role") == "group"


@pytest.mark.parametrize(
    ("count", "points"), [(1, 10), (5, 27), (5, 61), (2, 61), (1, 100)]
)
def test_a_drawing_is_light(count: int, points: int) -> None:
    labels, lines = make(count, points)
    plot = draw_lines("T", "W", labels, lines)
    assert len(plot.svg) < 30_000
    assert ("<a " in plot.svg) == (count * points <= MAX_LINKS)
    marks = list(parse(plot.svg).iter("use"))
    assert len(marks) >= 10 * count  # enough to tell lines apart


def test_names_at_the_ends_do_not_overlap_and_are_short() -> None:
    lines = [Line(f"{number} a rather long phrase", (0, 1)) for number in range(5)]
    root = parse(draw_lines("T", "W", ["a", "b"], lines).svg)
    names = [
        one for one in root.iter("text") if (one.get("class") or "").endswith("end")
    ]
    heights = sorted(float(one.get("y", "")) for one in names)
    assert all(b - a >= 12 for a, b in pairwise(heights))
    assert max(heights) < 260
    assert all(len(one.text or "") <= 14 for one in names)


def test_the_numbers_are_a_table_newest_first() -> None:
    plot = draw_lines(
        "T", "W", ["a", "b"], [Line("x", (1, 2)), Line("y", (3, 4))], first_column="Day"
    )
    assert plot.columns == ("Day", "x", "y")
    assert plot.rows == (("b", 2, 4), ("a", 1, 3))


def test_small_rates_and_nothing_can_be_drawn() -> None:
    root = parse(draw_lines("T", "W", ["a", "b"], [Line("x", (0.01, 0.02))]).svg)
    assert "0.02" in [one.text for one in root.iter("text")]
    assert points_of(next(root.iter("polyline")))[1][1] < 20
    assert draw_lines("T", "W", [], []).rows == ()
    assert "<polyline" in draw_lines("T", "W", ["a", "b"], [Line("x", (0, 0))]).svg


def test_a_legend_shows_line_and_mark() -> None:
    key = parse(draw_key(2))
    assert key.get("aria-hidden") == "true"
    assert [one.get("class") for one in key] == ["line line-3", "mark mark-3"]


def test_hostile_phrases_are_escaped() -> None:
    plot = draw_lines(
        "T", "W", ["a", "b"], [Line("<script>&\"'", (1, 2), ("/?q=<&", '/?q="'))]
    )
    root = parse(plot.svg)
    assert "script" not in {one.tag for one in root.iter()}
    assert [one.get("href") for one in root.iter("a")] == ["/?q=<&", '/?q="']
