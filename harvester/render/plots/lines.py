"""Lines over time, up to five, told apart by dashes and marks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harvester.render.plots import svg
from harvester.render.plots.bars import format_value, round_up
from harvester.render.plots.svg import Plot

WIDTH, HEIGHT = 640, 260
MAX_LINES = 5
MAX_LINKS = 120  # of all lines; with more, the drawing would be heavier than the page
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 100, 12, 22
_MARK_SPACING = 26  # between the marks of a line, where not each point has one
_MAX_NAME_CHARS = 14  # at the end of a line
_LINE_HEIGHT = 13  # of names at the ends
_LABELS = 7
# Shapes of a radius of about 3.5 around the origin: told apart without colour.
_MARKS = (
    "M-3.2,0a3.2,3.2 0 1 0 6.4,0a3.2,3.2 0 1 0 -6.4,0z",
    "M-3,-3h6v6h-6z",
    "M0,-3.8l3.8,6.6h-7.6z",
    "M0,-4.2l4.2,4.2l-4.2,4.2l-4.2,-4.2z",
    "M0,3.8l-3.8,-6.6h7.6z",
)


@dataclass(frozen=True, slots=True)
class Line:
    """Values at the times of a drawing; None: nothing is known there."""

    name: str
    values: tuple[float | None, ...]
    hrefs: tuple[str, ...] = ()  # where each point leads, "" nowhere


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where values stand."""

    count: int
    top_value: float
    width: float
    height: float

    def x(self, index: int) -> float:
        room = self.width - _LEFT - _RIGHT
        return _LEFT + room * (index / max(self.count - 1, 1))

    def y(self, value: float) -> float:
        floor = self.height - _BOTTOM
        return floor - value / self.top_value * (floor - _TOP)


def draw_lines(
    title: str,
    words: str,
    labels: Sequence[str],
    lines: Sequence[Line],
    *,
    first_column: str = "Week",
    shorten: Callable[[str], str] = str,
) -> Plot:
    """A plot of at most ``MAX_LINES`` lines, with the numbers in a table.

    ``labels``: of the times, in their order; ``shorten``: as they stand below the axis.
    """
    lines = lines[:MAX_LINES]
    values = [value for line in lines for value in line.values if value is not None]
    frame = _Frame(
        len(labels), round_up(max(values, default=0), least=0), WIDTH, HEIGHT
    )
    parts = [_define_marks(len(lines)), *_draw_frame(frame, labels, shorten)]
    has_links = sum(map(len, (line.hrefs for line in lines))) <= MAX_LINKS
    for index, line in enumerate(lines):
        parts += _draw_line(frame, index, line, labels, has_links)
    parts += _write_names(frame, lines)
    columns = (first_column, *(line.name for line in lines))
    rows = tuple(
        (label, *(line.values[index] for line in lines))
        for index, label in reversed(list(enumerate(labels)))
    )
    return Plot(
        title, words, svg.draw(WIDTH, HEIGHT, words, parts, "lines"), columns, rows
    )


def draw_key(index: int) -> str:
    """A short piece of a line with its mark, for a legend; needs a drawing beside it."""
    parts = (svg.line(0, 6, 34, 6, _style(index)), _use_mark(index, 17, 6))
    return (
        '<svg class="plot lines key" width="34" height="12" viewBox="0 0 34 12" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def _style(index: int) -> str:
    return f"line line-{index + 1}"


def _define_marks(count: int) -> str:
    paths = "".join(
        f'<path id="mark-{index + 1}" d="{shape}"/>'
        for index, shape in enumerate(_MARKS[:count])
    )
    return f"<defs>{paths}</defs>"


def _use_mark(index: int, x: float, y: float, title: str = "") -> str:
    place: dict[str, str | float] = {
        "href": f"#mark-{index + 1}",
        "x": x,
        "y": y,
        "class_": f"mark mark-{index + 1}",
    }
    return svg.element("use", place, title=title)


def _draw_frame(
    frame: _Frame, labels: Sequence[str], shorten: Callable[[str], str]
) -> list[str]:
    right = frame.width - _RIGHT
    parts = []
    for share in (0, 0.5, 1):
        value = frame.top_value * share
        if value > 1 and not value.is_integer():
            continue  # half of an article is none
        y = frame.y(value)
        parts.append(svg.line(_LEFT, y, right, y, "grid" if share else "axis"))
        parts.append(svg.text(_LEFT - 6, y + 4, format_value(value), "end"))
    every = -(-len(labels) // _LABELS) or 1
    for index in range(0, len(labels), every):
        x = frame.x(index)
        parts.append(svg.text(x, frame.height - 5, shorten(labels[index]), "middle"))
    return parts


def _draw_line(
    frame: _Frame, index: int, line: Line, labels: Sequence[str], has_links: bool
) -> list[str]:
    """Its stretches between unknown values, then marks, some of them links."""
    points = [
        None if value is None else (frame.x(place), frame.y(value))
        for place, value in enumerate(line.values)
    ]
    parts = [svg.polyline(run, _style(index)) for run in _split_runs(points)]
    room = frame.width - _LEFT - _RIGHT
    spacing = room / max(len(points) - 1, 1)
    every = 1 if has_links else max(1, round(_MARK_SPACING / spacing))
    for place, (point, value) in enumerate(zip(points, line.values, strict=True)):
        if point is None or value is None or (place + index) % every:
            continue
        title = f"{line.name}, {labels[place]}: {format_value(value)}"
        href = line.hrefs[place] if has_links and line.hrefs and value else ""
        mark = _use_mark(index, *point, title=title)
        parts.append(svg.link(href, mark, title) if href else mark)
    return parts


def _split_runs(
    points: Sequence[tuple[float, float] | None],
) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]


def _write_names(frame: _Frame, lines: Sequence[Line]) -> list[str]:
    """The name of each line beside its end, moved apart where ends are close."""
    ends = sorted(
        (frame.y(next((v for v in reversed(line.values) if v is not None), 0)), index)
        for index, line in enumerate(lines)
    )
    heights: list[float] = []
    for y, _ in ends:
        least = heights[-1] + _LINE_HEIGHT if heights else _TOP
        heights.append(max(y, least))
    overflow = heights[-1] - (frame.height - _BOTTOM) if heights else 0
    if overflow > 0:
        heights = [
            max(_TOP + n * _LINE_HEIGHT, y - overflow) for n, y in enumerate(heights)
        ]
    x = frame.width - _RIGHT + 10
    parts = []
    for (_, index), y in zip(ends, heights, strict=True):
        parts.append(_use_mark(index, x + 2, y))
        name = _cut(lines[index].name)
        parts.append(svg.text(x + 10, y + 4, name, style="label end"))
    return parts


def _cut(name: str) -> str:
    return name if len(name) <= _MAX_NAME_CHARS else f"{name[: _MAX_NAME_CHARS - 1]}…"
