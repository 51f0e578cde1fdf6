"""A time axis whose long pauses are left out, so that busy hours have room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from harvester.render.plots.time_scale import TimeScale

BREAK_WIDTH = 52.0  # of a pause that is left out
PIECE_WIDTH = 44.0  # of a piece at least
# Each piece has a scale of its own: its width goes by how much happened in it, and by
# how long it is.
_COUNT_WEIGHT = 0.7
_PADDING = 13.0  # at both ends of a piece
# A pause is left out if it is longer than this, and than this share of what is drawn.
_MIN_PAUSE = timedelta(hours=6)
_MIN_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that is left out, and where the axis is broken for it."""

    start: datetime
    end: datetime
    left: float
    right: float

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class BrokenScale:
    """Pieces of time from left to right, and the pauses between them."""

    pieces: tuple[TimeScale, ...]
    pauses: tuple[Pause, ...]

    @classmethod
    def make(
        cls, times: Iterable[datetime], left: float, right: float, most_pauses: int
    ) -> BrokenScale:
        """A scale with all of the times (one at least), broken at most so often."""
        ordered = sorted(set(times))
        groups = _split(ordered, most_pauses)
        spans = [(group[-1] - group[0]).total_seconds() for group in groups]
        free = right - left - BREAK_WIDTH * (len(groups) - 1)
        free -= PIECE_WIDTH * len(groups)
        counts = [len(group) - 1 for group in groups]
        pieces: list[TimeScale] = []
        pauses: list[Pause] = []
        x = left
        for group, span, count in zip(groups, spans, counts, strict=True):
            if pieces:
                before = pieces[-1].end
                pauses.append(Pause(before, group[0], x, x + BREAK_WIDTH))
                x += BREAK_WIDTH
            share = _share(span, spans) * (1 - _COUNT_WEIGHT)
            share += _share(count, counts) * _COUNT_WEIGHT
            width = PIECE_WIDTH + free * share
            pieces.append(_make_piece(group, x, x + width))
            x += width
        return cls(tuple(pieces), tuple(pauses))

    def x(self, time: datetime) -> float:
        """Where a time stands; one within a pause, in the middle of its break."""
        for piece in self.pieces:
            if time <= piece.end or piece is self.pieces[-1]:
                if time >= piece.start or piece is self.pieces[0]:
                    return _place(piece, time)
                break
        pause = next(one for one in self.pauses if one.start < time < one.end)
        return (pause.left + pause.right) / 2

    def is_left_out(self, time: datetime) -> bool:
        """Whether a time lies within a pause."""
        return any(pause.start < time < pause.end for pause in self.pauses)


def _share(part: float, parts: Sequence[float]) -> float:
    """The share of a piece in what all have; equal shares if they have nothing."""
    total = sum(parts)
    return part / total if total else 1 / len(parts)


def _split(ordered: Sequence[datetime], most_pauses: int) -> list[list[datetime]]:
    """Times in groups, parted at the longest pauses."""
    remaining = ordered[-1] - ordered[0]
    gaps = sorted(
        ((after - before, index) for index, (before, after) in _pair(ordered)),
        key=lambda gap: (-gap[0], gap[1]),
    )
    cuts: list[int] = []
    for gap, index in gaps[:most_pauses]:
        if gap < _MIN_PAUSE or gap < remaining * _MIN_SHARE:
            break
        cuts.append(index)
        remaining -= gap
    edges = [0, *sorted(cuts), len(ordered)]
    return [list(ordered[a:b]) for a, b in pairwise(edges)]


def _pair(
    ordered: Sequence[datetime],
) -> list[tuple[int, tuple[datetime, datetime]]]:
    return list(enumerate(pairwise(ordered), 1))


def _make_piece(group: Sequence[datetime], left: float, right: float) -> TimeScale:
    return TimeScale(group[0], group[-1], left + _PADDING, right - _PADDING)


def _place(piece: TimeScale, time: datetime) -> float:
    if piece.start == piece.end:
        return (piece.left + piece.right) / 2
    return piece.x(time)
