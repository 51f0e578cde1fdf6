"""The time line of an article: marks lead somewhere, do not cover each other, and fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from harvester.render.plots.svg import Plot
from harvester.render.plots.version_line import (
    NARROW,
    WIDE,
    Copy,
    Life,
    Mark,
    Spell,
    draw_version_line,
    format_length,
)
from tests.support.markup import HOSTILE

START = datetime(2026, 11, 20, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HREF = "/-/article/ab12?version="


def make_life(count: int, step: timedelta = HOUR, shown: int = 2) -> Life:
    """So many versions, a removal after three weeks, a return, copies and checks."""
    marks = [Mark(START - HOUR, "published", "Published, as stated")]
    marks += [
        Mark(
            START + step * number,
            "version",
            f"Version {number + 1}",
            number + 1,
            f"{HREF}{number + 1}",
            shown=number + 1 == shown,
            silent=number % 2 == 1,
        )
        for number in range(count)
    ]
    gone, back = START + 21 * DAY, START + 22 * DAY
    marks += [Mark(gone, "removed", "Removed"), Mark(back, "returned", "Online again")]
    spells = [
        Spell(START, gone, True),
        Spell(gone, back, False),
        Spell(back, back + DAY, True),
    ]
    checks = [START + number * DAY for number in range(20)]
    copies = [Copy(START + 2 * HOUR, "La Gazette", "/-/copies/cd34?with=ef56")]
    return Life(marks, spells, checks, copies)


def draw(life: Life, rows: Sequence[tuple[str, str]] = ()) -> Plot:
    return draw_version_line("Time line", "What it shows.", life, rows)


def parse(plot: Plot) -> list[ElementTree.Element]:
    """The drawings, wide and narrow; fails for what is no XML."""
    drawings = list(ElementTree.fromstring(f"<all>{plot.svg}</all>"))
    assert [drawing.get("class") for drawing in drawings] == [
        "plot versions wide",
        "plot versions narrow",
    ]
    return drawings


def find_circles(drawing: ElementTree.Element) -> dict[int, tuple[float, float]]:
    """Number → centre of each version."""
    centres = {}
    for link in drawing.iter("a"):
        circle = link.find("circle")
        if circle is not None:
            number = int(re.sub(r".*version=", "", link.get("href") or ""))
            centres[number] = float(circle.get("cx")), float(circle.get("cy"))  # type: ignore[arg-type]
    return centres


def test_each_version_is_a_link_that_says_what_it_is() -> None:
    for drawing in parse(draw(make_life(12))):
        assert drawing.get("role") == "group"  # links in an image cannot be reached
        assert drawing.get("aria-label") == "What it shows."
        links = {link.get("href"): link for link in drawing.iter("a")}
        assert set(find_circles(drawing)) == set(range(1, 13))
        assert links[f"{HREF}3"].findtext("title") == "Version 3, 20 Nov 2026, 09:00"
        assert "shown here" in (links[f"{HREF}2"].findtext("title") or "")
        assert (
            len(links[f"{HREF}2"].findall("circle")) == 2
        )  # the ring, not colour alone
        assert "/-/copies/cd34?with=ef56" in links
        texts = [text.text for text in drawing.iter("text")]
        assert {"P", "×", "↑", "21 days"} <= set(texts)


@pytest.mark.parametrize("step", [timedelta(minutes=4), HOUR, DAY, 40 * DAY])
def test_marks_do_not_cover_each_other_and_are_within(step: timedelta) -> None:
    for drawing, width in zip(
        parse(draw(make_life(12, step))), (WIDE, NARROW), strict=True
    ):
        box = [float(part) for part in (drawing.get("viewBox") or "").split()]
        assert box[:3] == [0, 0, width]
        centres = find_circles(drawing)
        for number, (x, y) in centres.items():
            assert 10 <= x <= width - 10 and 10 <= y <= box[3]
            for other, (other_x, other_y) in centres.items():
                apart = max(abs(x - other_x), abs(y - other_y))
                assert number == other or apart > 19.99, (number, other)
        for text in drawing.iter("text"):
            assert 0 <= float(text.get("x") or 0) <= width
            assert 0 <= float(text.get("y") or 0) <= box[3]


def test_later_is_further_right_in_a_row() -> None:
    for drawing in parse(draw(make_life(12))):
        centres = find_circles(drawing)
        rows: dict[float, list[int]] = {}
        for number, (x, y) in sorted(centres.items(), key=lambda pair: pair[1][0]):
            assert x >= 0
            rows.setdefault(y, []).append(number)
        assert all(numbers == sorted(numbers) for numbers in rows.values())


def test_very_many_versions_and_checks_stay_small() -> None:
    life = make_life(200, timedelta(minutes=30), shown=90)
    checks = [START + number * HOUR for number in range(500)]
    plot = draw(Life(life.marks, life.spells, checks, list(life.copies) * 60))
    assert len(plot.svg) <= 30_000
    for drawing in parse(plot):
        shown = set(find_circles(drawing))
        assert {1, 90, 200} <= shown and len(shown) <= 40


def test_whatever_outlets_write_is_text() -> None:
    marks = [
        Mark(START + HOUR * number, "version", words, number + 1, f'/x?"><b>{words}')
        for number, words in enumerate(HOSTILE)
    ]
    spells = [Spell(START, START + DAY, True)]
    copies = [Copy(START, words) for words in HOSTILE]
    plot = draw_version_line(
        HOSTILE[0], HOSTILE[1], Life(marks, spells, (), copies), ()
    )
    for drawing in parse(plot):
        names = {element.tag for element in drawing.iter()}
        assert names <= {"svg", "a", "g", "title", "text", "line", "path", "circle", "rect", "polygon"}  # fmt: skip
        for element in drawing.iter():
            assert not any(name.startswith("on") for name in element.attrib)
    assert "style=" not in plot.svg


def test_one_version_alone_is_drawn() -> None:
    life = Life([Mark(START, "version", "Version 1", 1, "/x?version=1")], [Spell(START, START, True)])  # fmt: skip
    for drawing in parse(draw(life)):
        assert set(find_circles(drawing)) == {1}


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=20), "0 hours"),
        (HOUR, "1 hour"),
        (timedelta(hours=35), "35 hours"),
        (timedelta(hours=37), "2 days"),
        (12 * DAY, "12 days"),
        (70 * DAY, "2 months"),
        (800 * DAY, "2 years"),
    ],
)
def test_lengths_in_their_largest_unit(length: timedelta, words: str) -> None:
    assert format_length(length) == words
