"""The elements that drawings are made of, and what a drawing comes with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from harvester.render.page import clean

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, and the same in words and numbers.

    ``svg`` is markup in which everything that outlets wrote is escaped. ``words``: one
    sentence that says what the drawing shows. ``columns`` and ``rows``: its numbers.
    """

    title: str
    words: str
    svg: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def draw(
    width: float,
    height: float,
    words: str,
    parts: Iterable[str],
    style: str = "",
    *,
    stretches: bool = False,
) -> str:
    """A drawing of so many units, which fills the width of its place.

    One with links is a group: what is inside of an image cannot be reached.
    ``stretches``: its height is the stylesheet's, whatever the width; for what has no
    words in it.
    """
    name, inside = escaped(words), "".join(parts)
    role = "group" if "<a " in inside else "img"
    ratio = ' preserveAspectRatio="none"' if stretches else ""
    return (
        f'<svg class="plot {style}" role="{role}" aria-label="{name}"{ratio} '
        f'viewBox="0 0 {number(width)} {number(height)}">{inside}</svg>'
    )


def element(
    name: str, attributes: dict[str, str | float], text: str = "", title: str = ""
) -> str:
    """An element; ``class_`` stands for class, ``_`` in other names for a hyphen."""
    written = "".join(
        f' {_attribute_name(key)}="{_attribute_value(value)}"'
        for key, value in attributes.items()
    )
    inside = f"<title>{escaped(title)}</title>" if title else ""
    inside += escaped(text)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def rectangle(
    x: float, y: float, width: float, height: float, style: str, title: str = ""
) -> str:
    """A filled rectangle."""
    box: dict[str, str | float] = {
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "class_": style,
    }
    return element("rect", box, title=title)


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """A straight line."""
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class_": style})


def polyline(points: Sequence[tuple[float, float]], style: str) -> str:
    """Lines from point to point."""
    joined = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return element("polyline", {"points": joined, "class_": style})


def text(
    x: float, y: float, words: str, anchor: str = "start", style: str = "label"
) -> str:
    """Words at a point; ``anchor``: start, middle or end."""
    place: dict[str, str | float] = {"x": x, "y": y, "class_": style}
    if anchor != "start":
        place["text-anchor"] = anchor
    return element("text", place, words)


def link(href: str, inside: str, label: str = "") -> str:
    """Elements that lead to a page of ours; ``label``: what is read aloud of them."""
    name = f' aria-label="{escaped(label)}"' if label else ""
    return f'<a href="{escaped(href)}"{name}>{inside}</a>'


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".") or "0"


def escaped(words: str) -> str:
    """Words as text or attribute of SVG."""
    return escape(clean(words))


def _attribute_name(name: str) -> str:
    return name.removesuffix("_").replace("_", "-")


def _attribute_value(value: str | float) -> str:
    return escaped(value) if isinstance(value, str) else number(value)
