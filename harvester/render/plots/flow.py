"""Who follows whom: outlets at the left had reports first, those at the right later.

Bands join them, as wide as the number of reports. A narrow drawing, so that it can be
read on a telephone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harvester.render.plots import svg
from harvester.render.plots.bars import format_value
from harvester.render.plots.svg import Plot

WIDTH = 420
MAX_OUTLETS = 10  # a side; the others are one
OTHERS = "others"
_LEFT, _RIGHT = 140, WIDTH - 140  # where the bands begin and end
_NODE_WIDTH, _GAP, _MIN_NODE = 6, 7, 9
_UNITS = 170  # of all bands together, at most
_MAX_SCALE = 16  # units of one report
_MAX_NAME = 21  # characters


@dataclass(frozen=True, slots=True)
class Flow:
    """Reports that one outlet had first and another had later."""

    first: str
    later: str
    count: int
    lag: str  # how much later, in words


@dataclass(slots=True)
class _Node:
    """An outlet at one side: where it stands, and where its next band begins."""

    top: float
    height: float
    next: float


def draw_flows(title: str, words: str, flows: Sequence[Flow]) -> Plot:
    """A plot of flows, with all of them in a table."""
    columns = ("First", "Then in", "Reports", "Half of them within")
    rows = tuple((flow.first, flow.later, flow.count, flow.lag) for flow in flows)
    bands = _join_small(flows)
    total = sum(bands.values())
    if not total:
        return Plot(title, words, "", columns, rows)
    scale = min(_UNITS / total, _MAX_SCALE)
    left = _place([(first, count) for (first, _), count in bands.items()], scale)
    right = _place([(later, count) for (_, later), count in bands.items()], scale)
    parts = []
    ordered = sorted(
        bands.items(), key=lambda band: (left[band[0][0]].top, right[band[0][1]].top)
    )
    for (first, later), count in ordered:
        parts.append(_draw_band(left[first], right[later], first, later, count, scale))
    for nodes, x, anchor in ((left, _LEFT, "end"), (right, _RIGHT, "start")):
        counts = _sum_counts(bands, 0 if nodes is left else 1)
        parts += _draw_nodes(nodes, counts, x, anchor, scale)
    height = max(
        node.top + node.height for side in (left, right) for node in side.values()
    )
    return Plot(
        title, words, svg.draw(WIDTH, height + 6, words, parts, "flow"), columns, rows
    )


def _join_small(flows: Sequence[Flow]) -> dict[tuple[str, str], int]:
    """Counts by pair; at each side the smaller outlets together."""
    kept = [
        _list_largest([((flow.first, flow.later)[side], flow.count) for flow in flows])
        for side in (0, 1)
    ]
    bands: dict[tuple[str, str], int] = {}
    for flow in flows:
        pair = (
            flow.first if flow.first in kept[0] else OTHERS,
            flow.later if flow.later in kept[1] else OTHERS,
        )
        bands[pair] = bands.get(pair, 0) + flow.count
    return bands


def _list_largest(counts: Sequence[tuple[str, int]]) -> list[str]:
    totals: dict[str, int] = {}
    for name, count in counts:
        totals[name] = totals.get(name, 0) + count
    ordered = sorted(totals, key=lambda name: (-totals[name], name))
    return ordered if len(ordered) <= MAX_OUTLETS else ordered[: MAX_OUTLETS - 1]


def _place(counts: Sequence[tuple[str, int]], scale: float) -> dict[str, _Node]:
    """The nodes of a side, largest first, the others last."""
    totals: dict[str, int] = {}
    for name, count in counts:
        totals[name] = totals.get(name, 0) + count
    nodes: dict[str, _Node] = {}
    top = 6.0
    for name in sorted(totals, key=lambda one: (one == OTHERS, -totals[one], one)):
        height = totals[name] * scale
        nodes[name] = _Node(top, max(height, _MIN_NODE), top)
        top += max(height, _MIN_NODE) + _GAP
    return nodes


def _sum_counts(bands: dict[tuple[str, str], int], side: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for pair, count in bands.items():
        totals[pair[side]] = totals.get(pair[side], 0) + count
    return totals


def _draw_band(
    start: _Node, end: _Node, first: str, later: str, count: int, scale: float
) -> str:
    thick = count * scale
    x1, x2 = _LEFT + _NODE_WIDTH, _RIGHT - _NODE_WIDTH
    y1, y2, middle = start.next, end.next, (x1 + x2) / 2
    start.next += thick
    end.next += thick
    n = svg.number
    path = (
        f"M{n(x1)} {n(y1)}C{n(middle)} {n(y1)} {n(middle)} {n(y2)} {n(x2)} {n(y2)}"
        f"V{n(y2 + thick)}C{n(middle)} {n(y2 + thick)} {n(middle)} {n(y1 + thick)} "
        f"{n(x1)} {n(y1 + thick)}Z"
    )
    title = f"{first}, then {later}: {format_value(count)}"
    return svg.element("path", {"d": path, "class_": "band"}, title=title)


def _draw_nodes(
    nodes: dict[str, _Node],
    counts: dict[str, int],
    x: float,
    anchor: str,
    scale: float,
) -> list[str]:
    parts = []
    at, label_x = (x, x - 5) if anchor == "end" else (x - _NODE_WIDTH, x + 5)
    for name, node in nodes.items():
        tall = counts[name] * scale
        parts.append(svg.rectangle(at, node.top, _NODE_WIDTH, max(tall, 1), "bar"))
        short = name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1].rstrip()}…"
        label = f"{short} {format_value(counts[name])}"
        parts.append(
            svg.text(label_x, node.top + min(node.height / 2 + 4, 12), label, anchor)
        )
    return parts
