"""Elements of drawings: well-formed whatever outlets wrote."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from harvester.render.plots import svg

HOSTILE = "\"'><script>alert(1)</script>\x00\u202e&amp;"


def parse(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def test_words_are_escaped_everywhere() -> None:
    drawing = svg.draw(
        100,
        50,
        HOSTILE,
        [
            svg.text(1, 2, HOSTILE),
            svg.rectangle(0, 0, 1, 1, "bar", HOSTILE),
            svg.link(
                f"/-/search?q=a&b={HOSTILE[:2]}", svg.line(0, 0, 1, 1, "axis"), HOSTILE
            ),
        ],
    )
    root = parse(drawing)
    assert "script" not in {element.tag for element in root.iter()}
    text = root.find("text")
    assert text is not None
    assert text.text == "\"'><script>alert(1)</script>&amp;"
    link = root.find("a")
    assert link is not None
    assert link.get("href") == "/-/search?q=a&b=\"'"
    assert link.get("aria-label") == text.text


@pytest.mark.parametrize(("has_link", "role"), [(False, "img"), (True, "group")])
def test_a_drawing_with_links_is_no_image(has_link: bool, role: str) -> None:
    line = svg.line(0, 0, 1, 1, "axis")
    root = parse(
        svg.draw(10, 10, "Words", [svg.link("/x", line) if has_link else line])
    )
    assert (root.get("role"), root.get("aria-label")) == (role, "Words")


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (-0.001, "0"), (1.5, "1.5"), (2.256, "2.26"), (100, "100")],
)
def test_coordinates_are_short(value: float, written: str) -> None:
    assert svg.number(value) == written


def test_names_of_attributes() -> None:
    assert svg.element("path", {"stroke_width": 2, "class_": "a"}) == (
        '<path stroke-width="2" class="a"/>'
    )
    assert svg.polyline([(0, 1), (2.5, 3)], "line") == (
        '<polyline points="0,1 2.5,3" class="line"/>'
    )
