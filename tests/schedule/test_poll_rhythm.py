"""The interval between two polls that is learned of a feed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.schedule import poll_rhythm
from harvester.schedule.intervals import poll_interval
from harvester.schedule.poll_rhythm import (
    DAY,
    HOUR,
    WEEK,
    PollResult,
    Rhythm,
    learn,
    learned_interval,
)

MONDAY = 1_757_894_400.0  # 2025-09-15T00:00:00Z

COUNTS = st.floats(0, 1e6)
RHYTHMS = st.builds(
    Rhythm,
    at=st.floats(1, 4e9),
    faded_at=st.floats(0, 4e9),
    weeks=st.floats(0, 100),
    hours=st.lists(COUNTS, min_size=168, max_size=168).map(tuple),
    found=COUNTS,
    recent=COUNTS,
    recent_hours=st.floats(0, 1.45),
    day=COUNTS,
    peak=COUNTS,
    peak_day=COUNTS,
    listed=st.floats(0, 2_000),
    bound=st.floats(0, DAY),
)
POLLS = st.lists(
    st.builds(
        PollResult,
        at=st.floats(1, 4e9),
        published=st.lists(st.none() | st.floats(-1e9, 5e9), max_size=20),
        listed=st.none() | st.integers(0, 2_000),
        has_gap=st.booleans(),
    ),
    max_size=8,
)


def poll_regularly(
    times: list[float], weeks: float, interval: float = 900.0, listed: int = 30
) -> Rhythm:
    """What is learned of entries published at these times, by regular polls."""
    rhythm, at, end = Rhythm(), MONDAY, MONDAY + weeks * WEEK
    pending = sorted(time for time in times if time > MONDAY)
    while at < end:
        new = [time for time in pending if time <= at]
        pending = pending[len(new) :]
        rhythm = learn(rhythm, PollResult(at, new, listed))
        at += interval
    return rhythm


def evenly(per_hour: float, weeks: float) -> list[float]:
    return [
        MONDAY + (number + 0.5) * HOUR / per_hour
        for number in range(int(weeks * 168 * per_hour))
    ]


# ---- what holds for any rhythm


@settings(deadline=None)
@given(RHYTHMS)
def test_intervals_are_between_5_minutes_and_a_day(rhythm: Rhythm) -> None:
    interval = learned_interval(rhythm)
    assert 300 <= interval <= 86_401
    if rhythm.found < poll_rhythm.PROOF_ENTRIES:
        assert interval >= 900


@settings(deadline=None)
@given(RHYTHMS, st.floats(0, 40 * DAY))
def test_a_poll_is_never_earlier_than_the_server_asks(
    rhythm: Rhythm, wished: float
) -> None:
    interval = poll_interval("auto", wished, rhythm)
    assert interval >= min(wished, DAY)
    assert interval >= (60 if 0 < wished < 300 else 300)
    jittered = poll_rhythm.jittered(interval, "https://paper.example/feed", rhythm.at)
    assert interval <= jittered <= 1.1 * interval


@given(RHYTHMS, st.floats(1, 1e7), st.floats(0, 1e7))
def test_an_interval_of_the_settings_is_kept(
    rhythm: Rhythm, every: float, wished: float
) -> None:
    assert poll_interval(every, wished, rhythm) == every


@settings(deadline=None)
@given(POLLS)
def test_any_polls_can_be_learned_and_stored(polls: list[PollResult]) -> None:
    rhythm = Rhythm()
    for poll in polls:
        rhythm = learn(rhythm, poll)
        stored = poll_rhythm.from_json(poll_rhythm.to_json(rhythm))
        assert stored.at == pytest.approx(rhythm.at) and stored.found == pytest.approx(
            rhythm.found
        )
        assert 300 <= learned_interval(stored) <= 86_401
        rhythm = stored


@settings(deadline=None)
@given(RHYTHMS, st.integers(1, 30))
def test_more_entries_are_never_polled_less(rhythm: Rhythm, count: int) -> None:
    at = rhythm.at + 600
    few = learn(rhythm, PollResult(at, ()))
    many = learn(rhythm, PollResult(at, [at - 1.0] * count))
    assert learned_interval(many) <= learned_interval(few) + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "null",
        "[1]",
        "not JSON",
        '{"at": 1, "hours": [1, 2]}',
        poll_rhythm.to_json(Rhythm(at=5.0)).replace('"at":5.0', '"at":NaN'),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace('"at":5.0', '"at":-5'),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace('"at":5.0', '"at":"5"'),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace('"at":5.0', '"at":1e999'),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace("[0,", "[null,"),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace("[0,", "[-1,"),
        poll_rhythm.to_json(Rhythm(at=5.0)).replace("[0,", f"[1{'0' * 400},"),
        "[" * 100_000,
    ],
)
def test_a_damaged_rhythm_is_learned_anew(text: str) -> None:
    assert poll_rhythm.from_json(text) == Rhythm()


def test_a_rhythm_is_small_and_stays_the_same_when_stored() -> None:
    rhythm = poll_regularly(evenly(9, 2), 2)
    text = poll_rhythm.to_json(rhythm)
    assert len(text) < 1_500
    stored = poll_rhythm.from_json(text)
    assert poll_rhythm.to_json(stored) == text
    assert learned_interval(stored) == pytest.approx(learned_interval(rhythm), rel=0.01)


# ---- feeds of known rhythm


@pytest.mark.parametrize(
    ("per_hour", "shortest_minutes", "longest_minutes"),
    [(20, 5, 5), (4, 5, 7), (1, 9, 14), (0.25, 20, 60), (1 / 168, 300, 1_440)],
)
def test_feeds_that_bring_more_are_polled_more(
    per_hour: float, shortest_minutes: float, longest_minutes: float
) -> None:
    rhythm = poll_regularly(evenly(per_hour, 3), 3, listed=100)
    assert shortest_minutes <= learned_interval(rhythm) / 60 <= longest_minutes


def test_a_feed_without_news_is_polled_once_a_day() -> None:
    rhythm = learn(Rhythm(), PollResult(MONDAY, [MONDAY - 20 * WEEK] * 10, 10))
    for day in range(1, 15):
        rhythm = learn(rhythm, PollResult(MONDAY + day * DAY, ()))
    assert 0.5 * DAY <= learned_interval(rhythm) <= DAY


def test_nights_are_learned() -> None:
    by_day = [time for time in evenly(4, 3) if 7 <= time % DAY / HOUR < 19]
    rhythm = poll_regularly(by_day, 3, listed=100)
    midnight, noon = MONDAY + 3 * WEEK, MONDAY + 3 * WEEK + 12 * HOUR
    by_night = learned_interval(replace(rhythm, at=midnight))
    assert by_night > 4 * learned_interval(replace(rhythm, at=noon))
    # The last poll of the night is not long after the first entry of the morning.
    assert learned_interval(replace(rhythm, at=midnight + 6.5 * HOUR)) < by_night


def test_15_minutes_until_a_feed_proved_that_it_brings_more() -> None:
    stated = [MONDAY - minute * 60.0 for minute in range(1, 600)]  # by its dates alone
    rhythm = learn(Rhythm(), PollResult(MONDAY, stated, 599))
    assert learned_interval(rhythm) == 900
    later = MONDAY + 900
    rhythm = learn(rhythm, PollResult(later, [later - 60.0 * n for n in range(15)]))
    assert learned_interval(rhythm) == 300


def test_below_5_minutes_only_where_the_server_says_so() -> None:
    rhythm = poll_regularly(evenly(60, 1), 1, listed=100)
    assert poll_interval("auto", 0, rhythm) == 300
    assert poll_interval("auto", 120, rhythm) == 120
    assert poll_interval("auto", 1, rhythm) >= 60
    quiet = poll_regularly(evenly(0.2, 1), 1)
    assert poll_interval("auto", 120, quiet) > 900


def test_an_unknown_feed_is_polled_every_15_minutes_for_a_day() -> None:
    rhythm = Rhythm()
    assert poll_interval("auto", 0.0, rhythm) == 900
    for poll in range(90):
        rhythm = learn(rhythm, PollResult(MONDAY + poll * 900, ()))
        assert learned_interval(rhythm) == 900
    for poll in range(90, 200):
        rhythm = learn(rhythm, PollResult(MONDAY + poll * 900, ()))
    assert learned_interval(rhythm) > 900


def test_a_gap_quickens_at_once_and_is_forgotten_step_by_step() -> None:
    rhythm = poll_regularly(evenly(0.1, 3), 3, listed=10)
    assert learned_interval(rhythm) > HOUR / 2
    at = rhythm.at + 2 * HOUR
    rhythm = learn(rhythm, PollResult(at, [None] * 10, 10, has_gap=True))
    intervals = []
    for _ in range(40):
        intervals.append(learned_interval(rhythm))
        at += intervals[-1]
        rhythm = learn(rhythm, PollResult(at, ()))
    assert intervals[0] <= 900 and all(
        later <= 2.5 * earlier for earlier, later in pairwise(intervals)
    )
    assert intervals[-1] > 1_800


def test_a_burst_is_followed_and_ends() -> None:
    calm = poll_regularly(evenly(1, 3), 3)
    at = calm.at + 900
    burst = learn(calm, PollResult(at, [at - 30.0 * n for n in range(20)]))
    assert learned_interval(burst) == 300 < learned_interval(calm)
    for _ in range(6):
        at += HOUR
        burst = learn(burst, PollResult(at, ()))
    assert learned_interval(burst) > 600


def test_a_short_list_is_polled_before_it_turns_over() -> None:
    """Of two feeds with the same bursts the one with the shorter list is polled more."""
    times = [
        MONDAY + day * DAY + minute * 60.0
        for day in range(1, 20)
        for minute in range(30)
    ]
    short = poll_regularly(times, 3, listed=10)
    long = poll_regularly(times, 3, listed=200)
    noon = MONDAY + 3 * WEEK + 12 * HOUR
    assert learned_interval(replace(short, at=noon)) < HOUR
    assert learned_interval(replace(long, at=noon)) > HOUR


def test_old_entries_that_are_listed_late_are_no_news() -> None:
    rhythm = poll_regularly(evenly(0.1, 3), 3)
    at = rhythm.at + 900
    old = [at - 10 * WEEK - n * HOUR for n in range(600)]
    flooded = learn(rhythm, PollResult(at, old, 630))
    assert flooded.found <= rhythm.found and sum(flooded.hours) <= sum(rhythm.hours)
    assert learned_interval(flooded) > 1_200


def test_entries_that_state_a_day_or_nothing_count_all_the_same() -> None:
    rhythm = poll_regularly(evenly(0.1, 3), 3)
    at = rhythm.at + 3_600
    dated = learn(rhythm, PollResult(at, [at - 5 * HOUR] * 8))
    undated = learn(rhythm, PollResult(at, [None] * 8))
    assert dated.found == undated.found == pytest.approx(rhythm.found + 8, rel=0.05)


def test_after_a_long_pause_it_goes_on_from_what_it_knew() -> None:
    rhythm = poll_regularly(evenly(4, 3), 3)
    at = rhythm.at + 3 * WEEK
    listed = [at - 900.0 * n for n in range(30)]
    resumed = learn(rhythm, PollResult(at, listed, 30, has_gap=True))
    assert learned_interval(resumed) <= 900
    assert poll_rhythm.expected_rate(resumed, 30) == pytest.approx(4, rel=0.3)


def test_the_clock_may_be_set_back_and_forward() -> None:
    rhythm = poll_regularly(evenly(4, 1), 1)
    for at in (rhythm.at - 50 * WEEK, rhythm.at + 5_000 * WEEK, MONDAY):
        rhythm = learn(rhythm, PollResult(at, [at - 60.0]))
        assert 300 <= learned_interval(rhythm) <= DAY


def test_jitter_spreads_feeds_and_is_always_the_same() -> None:
    urls = [f"https://paper{number}.example/feed" for number in range(100)]
    first = [poll_rhythm.jittered(900, url, MONDAY) for url in urls]
    assert first == [poll_rhythm.jittered(900, url, MONDAY) for url in urls]
    assert len({round(seconds) for seconds in first}) > 50
