"""When each outlet had a report: a point for each article, from the first seen on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harvester.render.plots import svg
from harvester.render.plots.svg import Plot
from harvester.render.plots.time_scale import TimeScale

WIDTH = 480
MAX_DRAWN = 24  # articles; the table has all
_ROW, _TOP, _BOTTOM, _MARGIN = 21, 10, 22, 12
_MAX_LABEL = 44  # characters


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article of a report: where, when, and how much of the first it has."""

    name: str  # of the outlet
    at: datetime
    note: str  # as it stands behind the name: "first", "2 h later, 86 %"
    href: str = ""
    is_chosen: bool = False  # the one that is compared


def draw_arrivals(title: str, words: str, arrivals: Sequence[Arrival]) -> Plot:
    """A plot of arrivals, which are in order, the first seen first."""
    shown = arrivals[:MAX_DRAWN]
    if not shown:
        return Plot(title, words, "")
    height = _TOP + _ROW * len(shown) + _BOTTOM
    floor = height - _BOTTOM
    scale = TimeScale.make(
        shown[0].at, max(one.at for one in shown), _MARGIN, WIDTH - _MARGIN
    )
    parts = [svg.line(0, floor, WIDTH, floor, "axis")]
    for mark, label in scale.list_marks(5):
        x = scale.x(mark)
        parts.append(svg.line(x, _TOP, x, floor, "grid"))
        parts.append(svg.text(x, height - 6, label, "middle"))
    first_x = scale.x(shown[0].at)
    for index, arrival in enumerate(shown):
        y = _TOP + _ROW * index + _ROW / 2
        parts.append(
            _draw_arrival(arrival, scale.x(arrival.at), y, first_x, index == 0)
        )
    return Plot(title, words, svg.draw(WIDTH, height, words, parts, "arrivals"))


def _draw_arrival(
    arrival: Arrival, x: float, y: float, first_x: float, is_first: bool
) -> str:
    label = f"{arrival.name}, {arrival.note}" if arrival.note else arrival.name
    if len(label) > _MAX_LABEL:
        name = arrival.name[: max(_MAX_LABEL - len(arrival.note) - 3, 6)].rstrip()
        label = f"{name}…, {arrival.note}"
    style = (
        "point first" if is_first else "point chosen" if arrival.is_chosen else "point"
    )
    drawn = "" if is_first else svg.line(first_x, y, x, y, "grid")
    drawn += svg.element("circle", {"cx": x, "cy": y, "r": 5, "class_": style})
    at_left = x > WIDTH * 0.45
    drawn += svg.text(
        x - 9 if at_left else x + 9, y + 4, label, "end" if at_left else "start"
    )
    return svg.link(arrival.href, drawn) if arrival.href else drawn
