"""Bars over time: one a day or week, with a part that is hatched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.render.plots import svg
from harvester.render.plots.svg import Plot

WIDTH, HEIGHT = 640, 150
_LEFT, _TOP, _BOTTOM = 40, 10, 20
_ROUND_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_LETTER_WIDTH, _LABEL_GAP = 5.8, 12


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
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Plot:
    """A plot of bars, with the numbers in a table.

    ``names``: of the value and of its part, as the table heads them; a part without a
    name is not drawn. ``shorten``: a label as it stands below the axis. ``guide``: a
    value that is marked by a dashed line, with its name (a median). ``width``: in units;
    letters have 11, so a drawing that is shown small needs few.
    """
    value_name, part_name = names
    most = max([bar.value for bar in bars] + [guide or 0], default=0)
    top_value = round_up(most)
    floor = height - _BOTTOM
    scale = (floor - _TOP) / top_value
    slot = (width - _LEFT) / max(len(bars), 1)
    parts = [
        svg.line(_LEFT, _TOP, width, _TOP, "grid"),
        svg.text(_LEFT - 6, _TOP + 4, format_value(top_value), "end"),
        svg.text(_LEFT - 6, floor, "0", "end"),
    ]
    every = math.ceil(_measure_labels(bars, shorten) / slot)
    for index, bar in enumerate(bars):
        x, wide = _LEFT + index * slot + slot * 0.1, slot * 0.8
        parts.append(_draw_bar(bar, x, wide, floor, scale, part_name))
        if index % every == 0:
            parts.append(_write_label(shorten(bar.label), x + wide / 2, width, height))
    parts.append(svg.line(_LEFT, floor, width, floor, "axis"))
    if guide is not None:
        y = floor - guide * scale
        parts.append(svg.line(_LEFT, y, width, y, "guide"))
        if guide_name:
            parts.append(svg.text(width, y - 4, guide_name, "end"))
    columns = tuple(name for name in (first_column, value_name, part_name) if name)
    rows = tuple(
        (bar.label, bar.value, bar.part)[: len(columns)] for bar in reversed(bars)
    )
    drawing = svg.draw(width, height, words, parts, "bars")
    return Plot(title, words, drawing, columns, rows)


def _measure_labels(bars: Sequence[Bar], shorten: Callable[[str], str]) -> float:
    """How wide the longest label below the axis is, with the space behind it."""
    longest = max((len(shorten(bar.label)) for bar in bars), default=0)
    return longest * _LETTER_WIDTH + _LABEL_GAP


def _write_label(words: str, middle: float, width: float, height: float) -> str:
    """A label below the axis, within the drawing."""
    half = len(words) * _LETTER_WIDTH / 2
    return svg.text(min(middle, width - half), height - 5, words, "middle")


def _draw_bar(
    bar: Bar, x: float, width: float, floor: float, scale: float, part_name: str
) -> str:
    tall, part = bar.value * scale, bar.part * scale
    title = f"{bar.label}: {format_value(bar.value)}"
    if part_name:
        title += f", {part_name} {format_value(bar.part)}"
    if not bar.value:
        return ""
    drawn = svg.rectangle(x, floor - tall, width, tall, "bar", title)
    if part_name and part:
        drawn += svg.rectangle(x, floor - part, width, part, "part", title)
    return svg.link(bar.href, drawn, title) if bar.href else drawn


def round_up(value: float, least: float = 1) -> float:
    """The next number that is round; at least ``least``, if any."""
    value = max(value, least)
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(size * step for step in _ROUND_STEPS if size * step >= value)


def format_value(value: float) -> str:
    """A count with commas; anything else with one decimal, below one with two digits."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:.2g}"
