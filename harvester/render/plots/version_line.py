"""The life of an article on a time axis: its versions, removal and return, its copies.

Long pauses are left out of the axis, which says so. There are two drawings of the same,
for wide and for narrow windows: the page's stylesheet shows one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from harvester.render.plots import svg
from harvester.render.plots.broken_scale import BrokenScale, Pause
from harvester.render.plots.svg import Cell, Plot
from harvester.render.plots.time_scale import TimeScale

WIDE, NARROW = 720.0, 340.0
MAX_MARKS = {WIDE: 36, NARROW: 20}  # that lead somewhere; others are short lines
MAX_COPIES = 12
_MAX_PAUSES = {WIDE: 3, NARROW: 2}
_SLOT = 24.0  # of a mark: large enough for a finger
_RADIUS = 10.0
_MAX_ROWS = 5  # of marks above each other
_LABEL_WIDTH = 58.0  # of a time below the axis

MarkKind = Literal["version", "published", "suspect", "removed", "returned"]
SIGNS: dict[MarkKind, str] = {
    "published": "P",
    "suspect": "?",
    "removed": "×",
    "returned": "↑",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened to an article."""

    at: datetime
    kind: MarkKind
    words: str  # "Version 3: a correction, unacknowledged"
    number: int = 0  # of a version
    href: str = ""
    shown: bool = False  # the version that the page shows
    silent: bool = False  # an edit that was not acknowledged


@dataclass(frozen=True, slots=True)
class Copy:
    """An article with the same text, when it was first seen."""

    at: datetime
    words: str  # "La Gazette, 3 hours later"
    href: str = ""
    first: bool = False  # the first of all that have the text


@dataclass(frozen=True, slots=True)
class Spell:
    """From when to when the article was online, or gone."""

    start: datetime
    end: datetime
    online: bool


@dataclass(frozen=True, slots=True)
class Life:
    """All that is drawn of an article; each list in order of time."""

    marks: Sequence[Mark]
    spells: Sequence[Spell]
    checks: Sequence[datetime] = ()
    copies: Sequence[Copy] = ()


def draw_version_line(
    title: str, words: str, life: Life, rows: Sequence[tuple[Cell, ...]]
) -> Plot:
    """The plot; ``rows``: the same as a table of times and what happened."""
    drawings = [
        _draw(words, life, WIDE, "versions wide"),
        _draw(words, life, NARROW, "versions narrow"),
    ]
    columns = ("Time (UTC)", "What happened")
    return Plot(title, words, "".join(drawings), columns, tuple(rows))


def _draw(words: str, life: Life, width: float, style: str) -> str:
    times = [mark.at for mark in life.marks]
    times += [end for spell in life.spells for end in (spell.start, spell.end)]
    copies = life.copies[:MAX_COPIES]
    times += [copy.at for copy in copies]
    scale = BrokenScale.make(times, 0, width, _MAX_PAUSES[width])
    large, small = _choose(life.marks, MAX_MARKS[width])
    places = _stack(large, scale, width)
    height = max((row for _, row in places), default=0) * _SLOT
    rail = height + _SLOT / 2 + 2
    parts = [_draw_spell(scale, spell, rail) for spell in life.spells]
    parts += [_draw_pause(pause, life.checks, rail) for pause in scale.pauses]
    last = max((scale.x(spell.end) for spell in life.spells), default=0)
    parts.append(svg.line(last, rail - 6, last, rail + 6, "break"))
    parts.append(_draw_checks(scale, life.checks, rail))
    parts.append(
        _draw_ticks([scale.x(mark.at) for mark in small], rail - 9, 18, "minor")
    )
    for mark, (x, row) in zip(large, places, strict=True):
        parts.append(_draw_mark(mark, scale.x(mark.at), x, rail - row * _SLOT, rail))
    below = rail + _RADIUS + 12
    if copies:
        parts += _draw_copies(scale, copies, below + 6, width)
        below += 24
    for index, piece in enumerate(scale.pieces):
        parts += _draw_times(piece, below + 10, is_first=index == 0)
    return svg.draw(width, below + 28, words, parts, style)


def _choose(marks: Sequence[Mark], most: int) -> tuple[Sequence[Mark], Sequence[Mark]]:
    """The marks that are drawn large, and those that are only ticks.

    What is no version, the version shown, the first one and the newest ones are large.
    """
    if len(marks) <= most:
        return marks, ()
    first = next((mark for mark in marks if mark.kind == "version"), None)
    kept = [
        mark for mark in marks if mark.kind != "version" or mark.shown or mark is first
    ][-most:]
    rest = [mark for mark in marks if mark not in kept]
    room = max(most - len(kept), 0)
    newest = rest[len(rest) - room :]
    large = [mark for mark in marks if mark in kept or mark in newest]
    return large, [mark for mark in rest if mark not in newest]


def _stack(
    marks: Sequence[Mark], scale: BrokenScale, width: float
) -> list[tuple[float, int]]:
    """Each mark's x and row: the lowest row where it touches no other one.

    Versions have the first choice.
    """
    rows: list[list[float]] = [[] for _ in range(_MAX_ROWS)]
    places: dict[int, tuple[float, int]] = {}
    order = sorted(range(len(marks)), key=lambda index: marks[index].kind != "version")
    for index in order:
        x = min(max(scale.x(marks[index].at), _SLOT / 2), width - _SLOT / 2)
        row = next((row for row in range(_MAX_ROWS) if _is_free(rows[row], x)), None)
        if row is None:  # no room: moved aside where it is moved least
            row = min(range(_MAX_ROWS), key=lambda row: _move_aside(rows[row], x))
            x = min(x + _move_aside(rows[row], x), width - _SLOT / 2)
        rows[row].append(x)
        places[index] = (x, row)
    return [places[index] for index in range(len(marks))]


def _is_free(taken: Sequence[float], x: float) -> bool:
    return all(abs(x - other) >= _SLOT - 1 for other in taken)


def _move_aside(taken: Sequence[float], x: float) -> float:
    """How far a mark has to go to the right to stand beside the last one."""
    return max(max(taken, default=x) + _SLOT - x, 0)


def _draw_spell(scale: BrokenScale, spell: Spell, y: float) -> str:
    """A line in as many pieces as the axis has; dashed while the article was gone."""
    style = "online" if spell.online else "away"
    parts = []
    for piece in scale.pieces:
        start, end = max(spell.start, piece.start), min(spell.end, piece.end)
        if start <= end:
            left, right = scale.x(start), scale.x(end)
            parts.append(svg.line(left, y, right, y, style))
    for pause in scale.pauses:  # up to the break, and on behind it
        if spell.start <= pause.start and spell.end >= pause.end:
            parts.append(svg.line(pause.left - 13, y, pause.left + 4, y, style))
            parts.append(svg.line(pause.right - 4, y, pause.right + 13, y, style))
    return "".join(parts)


def _draw_pause(pause: Pause, checks: Sequence[datetime], y: float) -> str:
    """Two strokes where the axis is broken, and how long the pause is."""
    count = sum(pause.start < check < pause.end for check in checks)
    title = f"{format_length(pause.length)} left out"
    if count:
        title += f", {count} {'check' if count == 1 else 'checks'}"
    middle = (pause.left + pause.right) / 2
    strokes = [
        svg.line(x - 2, y + 5, x + 2, y - 5, "break")
        for x in (pause.left + 7, pause.right - 7)
    ]
    label = svg.text(middle, y - 8, format_length(pause.length), "middle", "pause")
    return f"<g><title>{svg.escaped(title)}</title>{''.join(strokes)}{label}</g>"


def _draw_checks(scale: BrokenScale, checks: Sequence[datetime], y: float) -> str:
    """A short line below the axis for each check; those within a pause are counted."""
    xs = [scale.x(check) for check in checks if not scale.is_left_out(check)]
    return _draw_ticks(xs, y + 12, 5, "check")


def _draw_ticks(xs: Sequence[float], y: float, height: float, style: str) -> str:
    written = dict.fromkeys(svg.number(round(x, 1)) for x in xs)
    if not written:
        return ""
    path = "".join(f"M{x} {svg.number(y)}v{svg.number(height)}" for x in written)
    return svg.element("path", {"d": path, "class_": style})


def _draw_mark(mark: Mark, on_axis: float, x: float, y: float, rail: float) -> str:
    """A circle for a version, a square for anything else; a stem down to its time."""
    stem = ""
    if y != rail or abs(x - on_axis) > 1:
        stem = svg.line(on_axis, rail, x, y + _RADIUS, "stem")
    names: list[str] = [mark.kind]
    names += ["shown"] if mark.shown else []
    names += ["silent"] if mark.silent else []
    style = " ".join(names)
    if mark.kind == "version":
        shape = svg.element("circle", {"cx": x, "cy": y, "r": _RADIUS, "class_": style})
        if mark.shown:
            shape += svg.element(
                "circle", {"cx": x, "cy": y, "r": _RADIUS + 2.5, "class_": "ring"}
            )
        sign = str(mark.number)
    else:
        side = _RADIUS * 2 - 2
        shape = svg.rectangle(x - side / 2, y - side / 2, side, side, style)
        sign = SIGNS[mark.kind]
    name = f"{mark.words}, {_format_moment(mark.at)}"
    if mark.shown:
        name += " (shown here)"
    inside = f"<title>{svg.escaped(name)}</title>{shape}"
    inside += svg.text(x, y + 3.5, sign, "middle", f"sign {style}")
    drawn = svg.link(mark.href, inside) if mark.href else f"<g>{inside}</g>"
    return stem + drawn


def _draw_copies(
    scale: BrokenScale, copies: Sequence[Copy], y: float, width: float
) -> list[str]:
    """A row of diamonds."""
    parts = [svg.line(0, y, width, y, "grid")]
    if scale.x(copies[-1].at) < width - _LABEL_WIDTH:
        parts.append(svg.text(width, y - 4, "copies", "end"))
    end = 0.0
    for copy in copies:
        x = min(max(scale.x(copy.at), end + 6, 8), width - 8)
        end = x
        top, right = f"{svg.number(x)},{svg.number(y - 7)}", svg.number(x + 7)
        bottom, left = f"{svg.number(x)},{svg.number(y + 7)}", svg.number(x - 7)
        points = f"{top} {right},{svg.number(y)} {bottom} {left},{svg.number(y)}"
        style = "copy first" if copy.first else "copy"
        shape = svg.element("polygon", {"points": points, "class_": style})
        name = f"Copy: {copy.words}, {_format_moment(copy.at)}"
        inside = f"<title>{svg.escaped(name)}</title>{shape}"
        parts.append(svg.link(copy.href, inside) if copy.href else f"<g>{inside}</g>")
    return parts


def _draw_times(piece: TimeScale, y: float, is_first: bool) -> list[str]:
    """Round times of a piece below it, and the day on which it begins."""
    width = piece.right - piece.left
    day = f"{piece.start.day} {piece.start:%b}"
    if is_first:
        day += f" {piece.start.year}"
    if piece.start == piece.end:
        x = (piece.left + piece.right) / 2
        anchor = "middle"
        if is_first and x < _LABEL_WIDTH / 2:
            x, anchor = 0, "start"
        time = svg.text(x, y, f"{piece.start:%H:%M}", anchor)
        return [time, svg.text(x, y + 14, day, anchor)]
    most = int(width / _LABEL_WIDTH)
    marks = piece.list_marks(most) if most else []
    parts = []
    for time_, label in marks:
        x = piece.x(time_)
        parts.append(svg.line(x, y - 13, x, y - 9, "axis"))
        parts.append(svg.text(x, y, label, "middle"))
    if not marks:
        parts.append(svg.text(piece.left, y, f"{piece.start:%H:%M}"))
    parts.append(svg.text(max(piece.left - 13, 0), y + 14, day))
    return parts


def format_length(length: timedelta) -> str:
    """A length of time in its largest unit: "9 hours", "12 days", "4 months"."""
    hours = length / timedelta(hours=1)
    for size, name in ((24 * 365.25, "year"), (24 * 30.4, "month"), (24, "day")):
        if hours >= 2 * size or (name == "day" and hours >= 36):
            count = round(hours / size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    count = round(hours)
    return f"{count} hour{'' if count == 1 else 's'}"


def _format_moment(at: datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M}"
