"""Who follows whom, and when each outlet had a report, as drawings."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from harvester.render.plots import arrivals, flow
from harvester.render.plots.arrivals import Arrival
from harvester.render.plots.flow import Flow

HOSTILE = "<script>alert(1)</script>\"'&"
START = datetime(2026, 11, 30, 12, tzinfo=UTC)


def parse(markup: str) -> ElementTree.Element:
    """A drawing of ours."""
    return ElementTree.fromstring(markup)


def test_bands_are_as_wide_as_reports_are_many() -> None:
    flows = [
        Flow("A", "B", 30, "2 h"),
        Flow("A", "C", 10, "1 h"),
        Flow("B", "C", 10, ""),
    ]
    plot = flow.draw_flows("title", "words", flows)
    drawing = parse(plot.svg)
    bands = drawing.findall("path")
    heights = []
    for band in bands:
        points = re.findall(r"[-\d.]+ ([-\d.]+)", band.get("d", ""))
        heights.append(float(points[-1]) - float(points[0]))
    assert [round(height / heights[1]) for height in heights] == [3, 1, 1]
    labels = [text.text for text in drawing.findall("text")]
    assert labels == ["A 40", "B 10", "B 30", "C 20"]
    assert plot.rows[0] == ("A", "B", 30, "2 h") and len(plot.rows) == 3
    assert bands[0].findtext("title") == "A, then B: 30"


def test_many_outlets_are_drawn_as_others_and_listed_in_full() -> None:
    flows = [Flow(f"first {n}", f"later {n}", 40 - n, "") for n in range(40)]
    plot = flow.draw_flows("title", "words", flows)
    labels = [text.text or "" for text in parse(plot.svg).findall("text")]
    assert len(labels) == 2 * flow.MAX_OUTLETS and len(plot.rows) == 40
    assert sum(label.startswith("others ") for label in labels) == 2
    assert len(plot.svg) < 20_000


def test_names_of_outlets_are_escaped_and_cut() -> None:
    plot = flow.draw_flows(HOSTILE, HOSTILE, [Flow(HOSTILE, "x" * 300, 1, "")])
    assert "<script" not in plot.svg
    labels = [text.text or "" for text in parse(plot.svg).findall("text")]
    assert all(len(label) < 30 for label in labels)
    assert flow.draw_flows("title", "words", []).svg == ""


def test_points_are_in_the_order_of_their_times() -> None:
    points = [
        Arrival(f"Outlet {n}", START + timedelta(hours=n * n), f"{n} h later", f"/{n}")
        for n in range(5)
    ]
    drawing = parse(arrivals.draw_arrivals("title", "words", points).svg)
    xs = [float(circle.get("cx", "")) for circle in drawing.iter("circle")]
    assert xs == sorted(xs) and xs[0] < 20 and xs[-1] > arrivals.WIDTH - 20
    assert [a.get("href") for a in drawing.iter("a")] == [f"/{n}" for n in range(5)]
    assert drawing.get("role") == "group"


def test_a_drawing_of_arrivals_is_bounded_and_escaped() -> None:
    points = [Arrival(HOSTILE * 9, START, "first", HOSTILE) for _ in range(100)]
    plot = arrivals.draw_arrivals("title", "words", points)
    drawing = parse(plot.svg)
    assert len(list(drawing.iter("circle"))) == arrivals.MAX_DRAWN
    assert "<script" not in plot.svg and len(plot.svg) < 30_000
    assert all(len(text.text or "") < 60 for text in drawing.iter("text"))
    assert arrivals.draw_arrivals("title", "words", []).svg == ""
