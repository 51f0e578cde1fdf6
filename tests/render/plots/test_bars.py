"""Bars: as tall as their values, with the numbers behind."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from harvester.render.plots.bars import Bar, draw_bars, format_value, round_up

BARS = [
    Bar("2026-11-02", 10, 4),
    Bar("2026-11-09", 0),
    Bar("2026-11-16", 20, 20, "/-/x?a=1&b=2"),
]


def draw(bars: list[Bar] = BARS, **options: object) -> ElementTree.Element:
    plot = draw_bars(
        "Edits", "Edits a week.", bars, names=("Edits", "Unacknowledged"), **options
    )  # type: ignore[arg-type]
    return ElementTree.fromstring(plot.svg)


def heights(root: ElementTree.Element, style: str) -> list[float]:
    return [
        float(one.get("height", ""))
        for one in root.iter("rect")
        if one.get("class") == style
    ]


def test_bars_and_parts_are_as_tall_as_their_values() -> None:
    root = draw()
    low, tall = heights(root, "bar")
    assert tall == pytest.approx(2 * low)
    assert heights(root, "part") == pytest.approx([0.4 * low, tall])
    assert all(float(one.get("y", "0")) >= 0 for one in root.iter("rect"))


def test_each_bar_says_its_numbers_and_leads_somewhere() -> None:
    root = draw()
    titles = [one.text for one in root.iter("title")]
    assert titles[0] == "2026-11-02: 10, Unacknowledged 4"
    (link,) = root.iter("a")
    assert link.get("href") == "/-/x?a=1&b=2"
    assert link.get("aria-label") == "2026-11-16: 20, Unacknowledged 20"
    assert root.get("role") == "group"


def test_the_numbers_are_a_table_newest_first() -> None:
    plot = draw_bars(
        "Edits", "", BARS, names=("Edits", "Unacknowledged"), first_column="Week"
    )
    assert plot.columns == ("Week", "Edits", "Unacknowledged")
    assert plot.rows == (
        ("2026-11-16", 20, 20),
        ("2026-11-09", 0, 0),
        ("2026-11-02", 10, 4),
    )
    plot = draw_bars("Edits", "", BARS, names=("Edits", ""))
    assert plot.rows[0] == ("2026-11-16", 20)
    assert 'class="part"' not in plot.svg


def test_a_guide_is_within_the_drawing() -> None:
    root = draw(guide=60.0, guide_name="median")
    (guide,) = (one for one in root.iter("line") if one.get("class") == "guide")
    assert 0 <= float(guide.get("y1", "")) < 20
    assert "median" in [one.text for one in root.iter("text")]


@pytest.mark.parametrize(
    ("count", "width"), [(1, 360), (12, 360), (24, 360), (84, 640)]
)
def test_labels_do_not_run_into_each_other(count: int, width: int) -> None:
    root = draw(
        [Bar(f"2026-11-{day:02}", day) for day in range(1, count + 1)], width=width
    )
    labels = [one for one in root.iter("text") if (one.text or "").startswith("2026")]
    places = [float(one.get("x", "")) for one in labels]
    assert places
    assert all(b - a >= 58 for a, b in pairwise(places))
    assert max(places) + 29 <= width + 1


@pytest.mark.parametrize("bars", [[], [Bar("a", 0)]])
def test_nothing_is_drawn_of_nothing(bars: list[Bar]) -> None:
    assert heights(draw(bars), "bar") == []


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0, 1),
        (0.2, 1),
        (1, 1),
        (1.2, 1.5),
        (3, 3),
        (7, 8),
        (10, 10),
        (11, 15),
        (999, 1000),
        (1001, 1500),
    ],
)
def test_the_axis_ends_at_a_round_number(value: float, rounded: float) -> None:
    assert round_up(value) == rounded
    assert round_up(0.013, least=0) == 0.015
    assert round_up(0, least=0) == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (1234, "1,234"), (2.55, "2.5"), (0.0333, "0.033"), (12.0, "12")],
)
def test_values_are_written_for_people(value: float, words: str) -> None:
    assert format_value(value) == words
