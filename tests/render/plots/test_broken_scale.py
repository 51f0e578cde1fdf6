"""Broken axes: busy hours have room, order is kept, and what is left out is said."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from harvester.render.plots.broken_scale import BrokenScale

START = datetime(2026, 11, 20, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_long_pause_does_not_crush_the_hours_of_the_edits() -> None:
    edits = [START + number * HOUR for number in range(6)]
    removed = START + 30 * DAY
    scale = BrokenScale.make([*edits, removed], 0, 720, 3)
    (pause,) = scale.pauses
    assert (pause.start, pause.end) == (edits[-1], removed)
    assert scale.x(edits[-1]) - scale.x(edits[0]) > 720 / 2
    xs = [scale.x(edit) for edit in edits]
    gaps = {round(after - before, 6) for before, after in pairwise(xs)}
    assert len(gaps) == 1  # within a piece the scale is even
    assert scale.is_left_out(START + 10 * DAY) and not scale.is_left_out(removed)
    assert pause.left < scale.x(START + 10 * DAY) < pause.right


def test_times_spread_evenly_leave_nothing_out() -> None:
    times = [START + number * DAY for number in range(10)]
    assert BrokenScale.make(times, 0, 720, 3).pauses == ()


def test_hours_are_never_left_out() -> None:
    times = [START, START + timedelta(minutes=1), START + 5 * HOUR]
    assert BrokenScale.make(times, 0, 720, 3).pauses == ()


def test_one_time_stands_in_the_middle() -> None:
    scale = BrokenScale.make([START, START], 0, 720, 3)
    assert scale.x(START) == pytest.approx(360)


@pytest.mark.parametrize("seed", range(80))
def test_order_is_kept_and_all_is_within(seed: int) -> None:
    dice = random.Random(seed)
    spans = [timedelta(minutes=10), HOUR, DAY, 30 * DAY, 400 * DAY]
    times, time = [], START
    for _ in range(dice.randint(1, 40)):
        time += dice.random() * dice.choice(spans)
        times.append(time)
    width, most = dice.choice([(720, 3), (340, 2)])
    scale = BrokenScale.make(dice.sample(times, len(times)), 0, width, most)
    assert len(scale.pauses) <= most
    assert not any(scale.is_left_out(time) for time in times)
    between = [START + dice.random() * (times[-1] - START) for _ in range(50)]
    ordered = sorted([*times, *between, START - DAY, times[-1] + DAY])
    xs = [scale.x(time) for time in ordered]
    assert xs == sorted(xs)
    assert xs[0] >= 0 and xs[-1] <= width
    edges = sorted(
        [(piece.left, piece.right) for piece in scale.pieces]
        + [(pause.left, pause.right) for pause in scale.pauses]
    )
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(edges))
