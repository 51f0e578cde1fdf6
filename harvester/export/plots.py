"""A plot of counted groups as SVG: bars, or lines over time. Pure.

Readable without colour (dashes and markers differ, bars carry their numbers), in the
dark, and by a screen reader (title and description). No script, no font from elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 800, 440
LEFT, TOP, BOTTOM, RIGHT, LEGEND = 76, 66, 64, 24, 190
MAX_SERIES = 6  # further ones are drawn as one
MAX_POINTS = 4_000  # of a series
MAX_BARS = 40  # of values that are no times
MAX_LABELS = 10  # on the axis of time
MAX_BARS_OVER_TIME = 60  # else a line
OTHERS = "others"
_DASHES = ("", "8 4", "2 4", "10 3 2 3", "5 5", "14 4", "1 6")
_MARKERS = ("circle", "square", "triangle", "diamond", "cross", "ring", "bar")
_CONTROLS = dict.fromkeys((*range(32), 127, 65534, 65535), " ")
_STYLE = """
    svg { background: #fff; color: #1b1b1b; font: 13px system-ui, sans-serif }
    text { fill: currentColor }
    .title { font-size: 17px; font-weight: 600 }
    .axis, .grid { stroke: currentColor }
    .grid { opacity: .18 }
    .mark { stroke: var(--ink); fill: var(--ink) }
    .line { fill: none; stroke: var(--ink); stroke-width: 2 }
    .s0 { --ink: #1f5fa8 } .s1 { --ink: #b3430b } .s2 { --ink: #2a7a3b }
    .s3 { --ink: #8b2f8b } .s4 { --ink: #6b5900 } .s5 { --ink: #a01c4a }
    .s6 { --ink: #5b5b5b }
    @media (prefers-color-scheme: dark) {
      svg { background: #16181b; color: #e8e8e8 }
      .s0 { --ink: #7db4f0 } .s1 { --ink: #f59a5d } .s2 { --ink: #7fd394 }
      .s3 { --ink: #df94df } .s4 { --ink: #d9c35a } .s5 { --ink: #f28bb0 }
      .s6 { --ink: #b5b5b5 }
    }
"""


@dataclass(frozen=True, slots=True)
class Point:
    """A number of a series, such as the articles of an outlet in a month."""

    at: str  # the period, or what is counted
    series: str  # "": there is one
    value: float


def draw(
    points: Sequence[Point],
    title: str,
    unit: str,
    period: str = "",
    are_sums: bool = True,
) -> str:
    """An SVG document.

    ``period``: year, month, week or day, if ``at`` is one; else a bar for each value.
    ``are_sums``: whether values can be added up; if not, small series are left out.
    Raises ValueError where there is nothing to draw, or too much.
    """
    if not points:
        raise ValueError("there is nothing to draw")
    if not period:
        return _draw_bars(_list_bars(points, are_sums), title, unit)
    series = _group(points, are_sums)
    periods = list(_fill(sorted({point.at for point in points if point.at}), period))
    if not periods:
        raise ValueError("there is nothing to draw")
    return _draw_over_time(series, periods, title, unit, period, are_sums)


def _group(points: Sequence[Point], are_sums: bool) -> dict[str, dict[str, float]]:
    """Series → period → value, the largest first; small ones as one, or not at all."""
    totals: dict[str, float] = {}
    for point in points:
        totals[point.series] = totals.get(point.series, 0) + point.value
    ordered = sorted(totals, key=lambda name: (-totals[name], name))
    most = MAX_SERIES - 1 if len(ordered) > MAX_SERIES and are_sums else MAX_SERIES
    kept = ordered[:most]
    series: dict[str, dict[str, float]] = {name: {} for name in kept}
    for point in points:
        if point.series not in kept and not are_sums:
            continue
        values = series.setdefault(point.series if point.series in kept else OTHERS, {})
        values[point.at] = values.get(point.at, 0) + point.value
    return series


def _list_bars(points: Sequence[Point], are_sums: bool) -> list[tuple[str, float]]:
    sums: dict[str, float] = {}
    for point in points:
        name = " · ".join(filter(None, (point.at, point.series))) or "(none)"
        sums[name] = sums.get(name, 0) + point.value
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ordered) > MAX_BARS:
        rest = sum(value for _, value in ordered[MAX_BARS - 1 :])
        ordered = ordered[: MAX_BARS - 1]
        if are_sums:
            ordered.append((OTHERS, rest))
    return ordered


def _fill(periods: Sequence[str], period: str) -> Iterator[str]:
    """All periods from the first to the last: those without articles count 0."""
    if not periods:
        return
    current, last = (_first_day(periods[0]), _first_day(periods[-1]))
    length = {"year": 4, "month": 7}.get(period, 10)
    for _ in range(MAX_POINTS):
        yield current.isoformat()[:length]
        if current >= last:
            return
        current = _next(current, period)
    raise ValueError(f"more than {MAX_POINTS:,} periods: count by longer ones")


def _first_day(period: str) -> date:
    return date.fromisoformat(f"{period}-01-01"[:10])


def _next(day: date, period: str) -> date:
    if period == "year":
        return day.replace(year=day.year + 1)
    if period == "month":
        return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if period == "week" else 1)


# ---- bars for values


def _draw_bars(bars: Sequence[tuple[str, float]], title: str, unit: str) -> str:
    step, label_width = 24, 200
    height = TOP + step * len(bars) + 30
    span = WIDTH - label_width - RIGHT - 70
    most = max((value for _, value in bars), default=0) or 1
    parts = []
    for number, (name, value) in enumerate(bars):
        top = TOP + number * step
        length = max(1.0, span * value / most) if value > 0 else 0
        parts += [
            _text(label_width - 8, top + 15, _shorten(name, 28), "end"),
            f'<rect class="mark s0" x="{label_width}" y="{top + 3}" '
            f'width="{length:.1f}" height="{step - 8}"/>',
            _text(label_width + length + 6, top + 15, _number(value)),
        ]
    return _document(parts, height, title, unit)


# ---- over time


def _draw_over_time(
    series: Mapping[str, Mapping[str, float]],
    periods: Sequence[str],
    title: str,
    unit: str,
    period: str,
    are_sums: bool,
) -> str:
    has_legend = len(series) > 1
    right = WIDTH - (LEGEND if has_legend else RIGHT)
    bottom = HEIGHT - BOTTOM
    highest = max((max(values.values()) for values in series.values()), default=0)
    ticks = _ticks(highest)
    step = (right - LEFT) / len(periods)

    def x(number: int) -> float:
        return LEFT + step * (number + 0.5)

    def y(value: float) -> float:
        return bottom - (bottom - TOP) * max(0.0, value) / ticks[-1]

    parts = list(_axes(ticks, periods, right, bottom, x, y))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 14, period, "middle"))
    if len(series) == 1 and len(periods) <= MAX_BARS_OVER_TIME:
        (values,) = series.values()
        for number, at in enumerate(periods):
            value = values.get(at, 0)
            name = escape(f"{at}: {_number(value)} {unit}".translate(_CONTROLS))
            parts.append(
                f'<rect class="mark s0" x="{x(number) - step * 0.38:.1f}" '
                f'y="{y(value):.1f}" width="{step * 0.76:.1f}" '
                f'height="{bottom - y(value):.1f}"><title>{name}</title></rect>'
            )
        return _document(parts, HEIGHT, title, unit)
    for index, (name, values) in enumerate(series.items()):
        places = [
            (x(number), y(values.get(at, 0)))
            for number, at in enumerate(periods)
            if are_sums or at in values
        ]
        parts += _line(index, places)
        if has_legend:
            top = TOP + 12 + index * 24
            parts += _line(index, [(right + 12, top), (right + 44, top)])
            parts.append(_text(right + 54, top + 4, _shorten(name or "(none)", 17)))
    return _document(parts, HEIGHT, title, unit)


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 to above the highest value."""
    if highest <= 0:
        return [0, 1]
    rough = highest / 4
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(size * magnitude for size in (1, 2, 5, 10) if size * magnitude >= rough)
    if highest >= 4:
        step = max(1.0, step)
    return [step * number for number in range(math.ceil(highest / step) + 1)]


def _axes(
    ticks: Sequence[float],
    periods: Sequence[str],
    right: float,
    bottom: float,
    x: Callable[[int], float],
    y: Callable[[float], float],
) -> Iterator[str]:
    for tick in ticks:
        height = y(tick)
        kind = "grid" if tick else "axis"
        yield f'<path class="{kind}" d="M{LEFT} {height:.1f}H{right:.1f}"/>'
        yield _text(LEFT - 8, height + 4, _number(tick), "end")
    yield f'<path class="axis" d="M{LEFT} {TOP}V{bottom}"/>'
    every = math.ceil(len(periods) / MAX_LABELS)
    for number, at in enumerate(periods):
        if number % every == 0:
            yield f'<path class="axis" d="M{x(number):.1f} {bottom}v5"/>'
            yield _text(x(number), bottom + 20, at, "middle")


def _line(index: int, places: Sequence[tuple[float, float]]) -> list[str]:
    """A line with its dashes, and markers where they do not touch each other."""
    path = "L".join(f"{left:.1f} {top:.1f}" for left, top in places)
    dashes = f' stroke-dasharray="{_DASHES[index]}"' if _DASHES[index] else ""
    parts = [f'<path class="line s{index}" d="M{path}"{dashes}/>']
    every = max(1, math.ceil(len(places) / 24))
    parts += [_marker(index, *place) for place in places[::every]]
    return parts


def _marker(index: int, x: float, y: float) -> str:
    kind = _MARKERS[index]
    if kind in ("circle", "ring"):
        fill = ' fill-opacity="0"' if kind == "ring" else ""
        return f'<circle class="mark s{index}" cx="{x:.1f}" cy="{y:.1f}" r="4"{fill}/>'
    path = {
        "square": "m-4-4h8v8h-8z",
        "triangle": "m0-5 5 9h-10z",
        "diamond": "m0-6 5 6-5 6-5-6z",
        "cross": "m-4-4 8 8m0-8-8 8",
        "bar": "m0-5v10",
    }[kind]
    return f'<path class="mark s{index}" d="M{x:.1f} {y:.1f}{path}"/>'


# ---- the document


def _document(parts: Sequence[str], height: int, title: str, unit: str) -> str:
    name = escape(f"{title}".translate(_CONTROLS))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-labelledby="t d">',
            f'<title id="t">{name}</title>',
            f'<desc id="d">Number of {escape(unit)}.</desc>',
            f"<style>{_STYLE}</style>",
            f'<text class="title" x="16" y="24">{escape(_shorten(title, 90))}</text>',
            _text(16, 44, unit),
            *parts,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(text.translate(_CONTROLS))}</text>"


def _shorten(text: str, characters: int) -> str:
    text = " ".join(text.translate(_CONTROLS).split())
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")
