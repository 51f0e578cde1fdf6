"""Bars over time: one a day or week, with a part that is hatched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.render.plots import svg
from harvester.render.plots.svg import Plot

WIDTH, HEIGHT = 640, 150
_LEFT, _TOP, _BOTTOM = 40, 10, 20
_MAX_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A value, and how much of it is of a part that is told apart (hatched)."""

    label: str  # of the day, week or hour: "2026-11-30"
    value: float
    part: float = 0
    href: str = ""  # where it leads, if anywhere


def draw_bars(
    title: str,
    words: str,
    bars: Sequence[Bar],
    *,
    names: tuple[str, str] = ("", ""),
    first_column: str = "Day",
    shorten: Callable[[str], str] = str,
    guide: float | None = None,
    guide_name: str = "",
    height: float = HEIGHT,
) -> Plot:
    """A plot of bars, with the numbers in a table.

    ``names``: of the value and of its part, as the table heads them; a part without a
    name is not drawn. ``shorten``: a label as it stands below the axis. ``guide``: a
    value that is marked by a dashed line, with its name (a median).
    """
    value_name, part_name = names
    most = max([bar.value for bar in bars] + [guide or 0], default=0)
    top_value = round_up(most)
    floor = height - _BOTTOM
    scale = (floor - _TOP) / top_value
    slot = (WIDTH - _LEFT) / max(len(bars), 1)
    parts = [
        svg.line(_LEFT, floor, WIDTH, floor, "axis"),
        svg.line(_LEFT, _TOP, WIDTH, _TOP, "grid"),
        svg.text(_LEFT - 6, _TOP + 4, format_value(top_value), "end"),
        svg.text(_LEFT - 6, floor, "0", "end"),
    ]
    every = -(-len(bars) // _MAX_LABELS) or 1
    for index, bar in enumerate(bars):
        x, width = _LEFT + index * slot + slot * 0.1, slot * 0.8
        parts.append(_draw_bar(bar, x, width, floor, scale, part_name))
        if index % every == 0:
            label = shorten(bar.label)
            parts.append(svg.text(x + width / 2, height - 5, label, "middle"))
    if guide is not None:
        y = floor - guide * scale
        parts.append(svg.line(_LEFT, y, WIDTH, y, "guide"))
        if guide_name:
            parts.append(svg.text(WIDTH, y - 4, guide_name, "end"))
    columns = tuple(name for name in (first_column, value_name, part_name) if name)
    rows = tuple(
        (bar.label, bar.value, bar.part)[: len(columns)] for bar in reversed(bars)
    )
    drawing = svg.draw(WIDTH, height, words, parts, "bars")
    return Plot(title, words, drawing, columns, rows)


def _draw_bar(
    bar: Bar, x: float, width: float, floor: float, scale: float, part_name: str
) -> str:
    tall, part = bar.value * scale, bar.part * scale
    title = f"{bar.label}: {format_value(bar.value)}"
    if part_name:
        title += f", {part_name} {format_value(bar.part)}"
    drawn = svg.rectangle(x, floor - tall, width, tall, "bar", title)
    if part_name and part:
        drawn += svg.rectangle(x, floor - part, width, part, "part", title)
    return svg.link(bar.href, drawn, title) if bar.href else drawn


def round_up(value: float) -> float:
    """The next number that is round: 1, 2 or 5 with zeros; at least 1."""
    size = 1.0
    while True:
        for step in (1, 2, 5):
            if size * step >= value:
                return size * step
        size *= 10


def format_value(value: float) -> str:
    """A count with commas; anything else with one decimal."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
