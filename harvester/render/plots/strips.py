"""Strips: the state of many feeds at a glance, and what share of each day was watched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harvester.render.plots import svg
from harvester.schedule.coverage import DayCoverage

WIDTH, HEIGHT = 640.0, 14.0  # of a strip of states
MAX_CELLS = 160  # drawn apart; more are drawn as one
DAY_WIDTH, STRIP_HEIGHT = 10.0, 28.0  # of a strip of days
MIN_LOST_HEIGHT = 2.0  # a loss of a minute is seen too

Box = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True, slots=True)
class Cell:
    """One of many. ``style``: the class it is drawn with (well, waiting, failing)."""

    style: str
    title: str
    href: str = ""


def draw_states(words: str, cells: Sequence[Cell]) -> str:
    """A strip with a cell for each, in their order.

    Neighbours of a style that leads nowhere are drawn in one path.
    """
    width = WIDTH / max(len(cells), 1)
    gap = min(2.0, width * 0.2) if len(cells) <= MAX_CELLS else 0.0
    parts: list[str] = []
    boxes: list[Box] = []
    for index, cell in enumerate(cells):
        following = cells[index + 1] if index + 1 < len(cells) else None
        box = (index * width, 0.0, width - gap, HEIGHT)
        if cell.href:
            drawn = svg.rectangle(*box, cell.style, cell.title)
            parts.append(svg.link(cell.href, drawn))
            continue
        boxes.append(box)
        if following is None or following.href or following.style != cell.style:
            parts.append(draw_boxes(boxes if gap else [_join(boxes)], cell.style))
            boxes = []
    return svg.draw(WIDTH, HEIGHT, words, parts, "states", stretches=True)


def draw_boxes(boxes: Iterable[Box], style: str) -> str:
    """Rectangles as one path: a tenth of what they weigh apart."""
    path = "".join(
        f"M{svg.number(x)} {svg.number(y)}h{svg.number(width)}"
        f"v{svg.number(height)}h-{svg.number(width)}z"
        for x, y, width, height in boxes
    )
    return svg.element("path", {"d": path, "class_": style}) if path else ""


def _join(boxes: Sequence[Box]) -> Box:
    x, y, _, height = boxes[0]
    return x, y, boxes[-1][0] + boxes[-1][2] - x, height


# ---- what was watched


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a strip of days."""

    x: float
    y: float
    width: float
    height: float
    kind: str  # watched, filled, lost
    title: str = ""


def format_share(share: float | None) -> str:
    """A share in per cent; never 100 where anything is missing."""
    if share is None:
        return "–"
    return "100 %" if share >= 1.0 else f"{min(share * 100, 99.99):.2f} %"


def draw_coverage(words: str, days: Sequence[DayCoverage]) -> str:
    """A feed's days: what was watched from below, what was lost above it."""
    width = len(days) * DAY_WIDTH
    frame = svg.rectangle(0, 0, width, STRIP_HEIGHT, "frame")
    parts = [
        svg.rectangle(bar.x, bar.y, bar.width, bar.height, bar.kind, bar.title)
        for bar in shape_days(days)
    ]
    return svg.draw(width, STRIP_HEIGHT, words, [frame, *parts], "days", stretches=True)


def shape_days(
    days: Sequence[DayCoverage],
    day_width: float = DAY_WIDTH,
    height: float = STRIP_HEIGHT,
) -> list[Bar]:
    """The bars of a feed's days; neighbours that were watched whole are one."""
    bars: list[Bar] = []
    for number, day in enumerate(days):
        for bar in _shape_day(day, number * day_width, day_width, height):
            if bars and _is_continued(bars[-1], bar):
                last = bars[-1]
                bars[-1] = Bar(
                    last.x, bar.y, last.width + bar.width, bar.height, bar.kind
                )
            else:
                bars.append(bar)
    return bars


def _is_continued(bar: Bar, following: Bar) -> bool:
    """Whether two bars are of days that were watched whole: drawn as one."""
    return (
        not bar.title
        and not following.title
        and bar.kind == following.kind
        and abs(bar.x + bar.width - following.x) < 0.001
    )


def _shape_day(day: DayCoverage, x: float, width: float, full: float) -> list[Bar]:
    share = day.share
    if share is None:
        return []
    if share >= 1.0 and not day.filled:
        return [Bar(x, 0, width, full, "watched")]
    title = f"{day.day}: {format_share(share)} watched"
    if day.filled:
        title += f", {format_share(day.filled / day.seconds)} in gaps that were filled"
    bars, bottom = [], full
    parts = (
        ("watched", (day.watched - day.filled) / day.seconds),
        ("filled", day.filled / day.seconds),
        ("lost", 1.0 - share),
    )
    for kind, part in parts:
        if part > 0.0:
            height = max(part * full, MIN_LOST_HEIGHT if kind == "lost" else 0.0)
            height = min(height, full)
            top = max(0.0, bottom - height) if kind != "lost" else 0.0
            bars.append(Bar(x, top, width, height, kind, title))
            bottom = top
    return bars


# ---- small multiples

PANEL_WIDTH, BARS_HEIGHT = 240.0, 40.0
SMALL_STRIP, STRIP_GAP = 6.0, 2.5
MAX_STRIPS = 5  # of one panel


def draw_panel(
    words: str,
    counts: Sequence[int],
    usual: Sequence[float],
    strips: Sequence[Sequence[DayCoverage]],
) -> str:
    """An outlet: its articles a day against what is usual, and each feed's days below.

    Each panel has a scale of its own. As few shapes as there are kinds of them: many
    panels stand on a page.
    """
    slot = PANEL_WIDTH / max(len(counts), 1)
    most = max([*counts, *usual, 1])
    scale = (BARS_HEIGHT - 2.0) / most
    boxes = [
        (
            index * slot + slot * 0.12,
            BARS_HEIGHT - count * scale,
            slot * 0.76,
            count * scale,
        )
        for index, count in enumerate(counts)
        if count
    ]
    parts = [draw_boxes(boxes, "bar"), _draw_usual(usual, slot, scale)]
    parts.append(svg.line(0, BARS_HEIGHT, PANEL_WIDTH, BARS_HEIGHT, "axis"))
    top = BARS_HEIGHT + STRIP_GAP + 1.0
    for days in strips[:MAX_STRIPS]:
        parts.append(svg.rectangle(0, top, PANEL_WIDTH, SMALL_STRIP, "frame"))
        bars = shape_days(days, PANEL_WIDTH / max(len(days), 1), SMALL_STRIP)
        for kind in ("watched", "filled", "lost"):
            parts.append(
                draw_boxes(
                    (
                        (b.x, top + b.y, b.width, b.height)
                        for b in bars
                        if b.kind == kind
                    ),
                    kind,
                )
            )
        top += SMALL_STRIP + STRIP_GAP
    return svg.draw(PANEL_WIDTH, top, words, parts, "panel")


def _draw_usual(usual: Sequence[float], slot: float, scale: float) -> str:
    """A line in steps, one a day; none where nothing is known."""
    if not any(usual):
        return ""
    path = ""
    for index, value in enumerate(usual):
        y = svg.number(BARS_HEIGHT - value * scale)
        path += f"{'V' if path else 'M0 '}{y}H{svg.number((index + 1) * slot)}"
    return svg.element("path", {"d": path, "class_": "guide step"})
