"""Times on an axis: where they stand, which are written below it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harvester.render.plots.time_scale import MIN_SPAN, TimeScale

START = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)


def make(span: timedelta) -> TimeScale:
    return TimeScale.make(START, START + span, 100, 500)


def test_a_time_stands_where_its_share_is() -> None:
    scale = make(timedelta(hours=4))
    assert [scale.x(START + timedelta(hours=hours)) for hours in (0, 1, 4)] == [
        100,
        200,
        500,
    ]
    assert scale.x(START - timedelta(days=1)) == 100
    assert scale.x(START + timedelta(days=1)) == 500


def test_a_moment_is_widened() -> None:
    scale = make(timedelta(0))
    assert scale.end - scale.start == MIN_SPAN
    assert scale.x(START) == 300


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (timedelta(minutes=10), ["10:10", "10:15"]),
        (timedelta(hours=5), ["11:00", "12:00", "13:00", "14:00", "15:00"]),
        (timedelta(hours=20), ["12:00", "18:00", "25 Nov", "06:00"]),
        (timedelta(days=5), ["25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov"]),
        (timedelta(days=27), ["30 Nov", "7 Dec", "14 Dec", "21 Dec"]),
        (
            timedelta(days=150),
            ["Dec 2026", "Jan 2027", "Feb 2027", "Mar 2027", "Apr 2027"],
        ),
        (timedelta(days=1_500), ["2027", "2028", "2029", "2030", "2031"]),
    ],
)
def test_marks_are_round_times(span: timedelta, labels: list[str]) -> None:
    marks = make(span).list_marks(6)
    assert [label for _, label in marks] == labels
    assert all(START <= time <= START + span for time, _ in marks)


@pytest.mark.parametrize("days", [0, 1, 3, 9, 40, 200, 900, 4_000, 40_000])
@pytest.mark.parametrize("most", [2, 5, 9])
def test_marks_are_few_and_ascending(days: int, most: int) -> None:
    times = [time for time, _ in make(timedelta(days=days)).list_marks(most)]
    assert len(times) <= most
    assert times == sorted(set(times))
