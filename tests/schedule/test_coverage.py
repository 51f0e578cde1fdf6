"""What share of a day was watched, against a minute-by-minute count."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.schedule.coverage import (
    LATE_SECONDS,
    GapTime,
    WatchedFeed,
    cover_days,
    total_share,
)
from harvester.schedule.times import add_seconds

START = "2025-09-01T00:00:00Z"
DAYS = 4
FIRST, LAST = "2025-09-01", "2025-09-04"
HOURS = 24 * DAYS


def hour(number: float) -> str:
    return add_seconds(START, number * 3_600.0)


@st.composite
def histories(
    draw: st.DrawFn,
) -> tuple[
    int, int, int, int | None, int, bool, list[tuple[int, int, str, int | None]]
]:
    begin = draw(st.integers(0, HOURS))
    read = draw(st.integers(begin, HOURS))
    now = draw(st.integers(read, HOURS))
    due = draw(st.none() | st.integers(0, HOURS))
    failures, active = draw(st.integers(0, 2)), draw(st.booleans())
    gaps = []
    for _ in range(draw(st.integers(0, 4))):
        since = draw(st.integers(begin, read))
        until = draw(st.integers(since, read))
        state = draw(st.sampled_from(["open", "filled", "partly", "unfilled"]))
        back_to = draw(st.integers(since, until)) if state == "partly" else None
        gaps.append((since, until, state, back_to))
    return begin, read, now, due, failures, active, gaps


@given(histories())
@settings(max_examples=200)
def test_each_hour_counts_as_the_definition_says(
    history: tuple[
        int, int, int, int | None, int, bool, list[tuple[int, int, str, int | None]]
    ],
) -> None:
    begin, read, now, due, failures, active, gaps = history
    feed = WatchedFeed(
        hour(begin),
        hour(read),
        None if due is None else hour(due),
        failures,
        active,
    )
    times = [
        GapTime(hour(since), hour(until), state, back_to and hour(back_to))
        for since, until, state, back_to in gaps
    ]
    days = cover_days(feed, times, FIRST, LAST, hour(now))
    assert [day.day for day in days] == [f"2025-09-0{one}" for one in range(1, 5)]
    is_late = due is None or now > due  # by an hour at least
    end = now if active and (is_late or failures) else read
    for number, day in enumerate(days):
        hours = range(24 * number, 24 * number + 24)
        counted = [one for one in hours if begin <= one < end]
        lost = {
            one
            for since, until, state, back_to in gaps
            if state != "filled"
            for one in range(since, back_to if back_to else until)
        } | set(range(read, HOURS))
        in_gap = {
            one for since, until, *_ in gaps for one in range(since, until)
        } - lost
        assert day.seconds == 3_600 * len(counted)
        assert day.watched == 3_600 * len([one for one in counted if one not in lost])
        assert day.filled == 3_600 * len([one for one in counted if one in in_gap])
        share = day.watched / day.seconds if counted else None
        assert day.share == share
        assert day.filled <= day.watched <= day.seconds
    share = total_share(days)
    assert share is None or 0 <= share <= 1


def test_a_poll_that_is_a_little_late_is_not_counted() -> None:
    feed = WatchedFeed(hour(0), hour(10), hour(11))
    on_time = add_seconds(hour(11), LATE_SECONDS)
    assert cover_days(feed, [], FIRST, FIRST, on_time)[0].share == 1.0
    late = add_seconds(on_time, 60.0)
    [day] = cover_days(feed, [], FIRST, FIRST, late)
    assert day.watched == 10 * 3_600 and day.seconds > 11 * 3_600


def test_many_gaps_take_no_long_time() -> None:
    gaps = [
        GapTime(hour(number / 200), hour((number + 0.5) / 200), "unfilled")
        for number in range(200 * HOURS)
    ]
    feed = WatchedFeed(hour(0), hour(HOURS))
    days = cover_days(feed, gaps, FIRST, LAST, hour(HOURS))
    assert [round(day.share or 0, 2) for day in days] == [0.5] * DAYS
