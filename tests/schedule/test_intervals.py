"""Times of the next poll and check, and back-off."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harvester.schedule import intervals
from harvester.schedule.times import parse_time

NOW = "2025-09-06T06:12:45Z"
INTERVALS = st.floats(0, 10 * 366 * 86_400.0)


def test_each_interval_of_revisit_is_one_check() -> None:
    revisit = (3600.0, 3600.0, 86_400.0)
    assert intervals.next_check(NOW, 0, revisit) == "2025-09-06T07:12:45Z"
    assert intervals.next_check(NOW, 1, revisit) == "2025-09-06T07:12:45Z"
    assert intervals.next_check(NOW, 2, revisit) == "2025-09-07T06:12:45Z"
    assert intervals.next_check(NOW, 3, revisit) is None
    assert intervals.next_check(NOW, 0, ()) is None


@given(INTERVALS, st.integers(0, 1000))
def test_a_failing_feed_is_polled_later_but_still_polled(
    interval: float, failures: int
) -> None:
    due = intervals.next_poll(NOW, interval, failures)
    assert due >= intervals.next_poll(NOW, interval, 0) >= NOW
    assert due <= max(intervals.next_poll(NOW, interval, 0), "2025-09-07T06:12:45Z")


def test_back_off_doubles_up_to_a_day() -> None:
    assert [intervals.backoff_seconds(failures) for failures in (1, 2, 3)] == [
        60,
        120,
        240,
    ]
    assert intervals.backoff_seconds(50) == 86_400


@given(
    INTERVALS,
    st.integers(1, 1000),
    st.sampled_from(["temporary", "soft", "hard"]),
    st.text(max_size=20),
)
def test_retries_are_never_given_up_and_never_sooner_than_polls(
    interval: float, failures: int, kind: intervals.FailureKind, url: str
) -> None:
    due = intervals.next_retry(NOW, interval, failures, kind, url)
    next_poll = intervals.next_poll(NOW, interval, 0)
    assert next_poll <= due <= max(next_poll, "2025-09-13T06:12:45Z")
    later = intervals.next_retry(NOW, interval, failures + 10, kind, url)
    assert later >= intervals.next_poll(NOW, interval, 0)


def test_retries_back_off_by_the_kind_of_failure() -> None:
    def minutes(kind: intervals.FailureKind, failures: int) -> float:
        due = intervals.next_retry(NOW, 0.0, failures, kind, "https://paper.example/")
        return (parse_time(due) - parse_time(NOW)).total_seconds() / 60

    assert 1 <= minutes("temporary", 1) <= 1.1
    assert 15 <= minutes("soft", 1) <= 16.5
    assert 60 <= minutes("hard", 1) <= 66
    for kind in ("temporary", "soft", "hard"):
        steps = [minutes(kind, failures) for failures in range(1, 60)]
        assert all(later >= 0.9 * earlier for earlier, later in pairwise(steps))
        assert 1_440 <= steps[30] <= 1_584  # a day
        assert 1_440 * 6 <= steps[-1] <= 1_440 * 7  # a week


def test_retries_of_many_feeds_are_spread() -> None:
    due = {
        intervals.next_retry(NOW, 0.0, 8, "temporary", f"https://{number}.example/")
        for number in range(50)
    }
    assert len(due) > 30


def test_what_is_gone_for_good_is_polled_in_a_week_give_or_take_a_day() -> None:
    urls = [f"https://paper{number}.example/feed" for number in range(200)]
    due = sorted(intervals.next_poll_of_gone(NOW, url) for url in urls)
    assert "2025-09-12T06:12:45Z" <= due[0] < "2025-09-12T18"
    assert "2025-09-13T18" < due[-1] <= "2025-09-14T06:12:45Z"


def test_an_interval_of_the_settings_is_kept_and_auto_follows_the_server() -> None:
    assert intervals.poll_interval(60.0, 86_400.0) == 60.0
    assert intervals.poll_interval("auto", 0.0) == 900.0
    assert intervals.poll_interval("auto", 60.0) == 900.0
    assert intervals.poll_interval("auto", 3_600.0) == 3_600.0
    assert intervals.poll_interval("auto", 31_557_600.0) == 86_400.0
    # What is learned is bounded by the wish: tests/schedule/test_poll_rhythm.py.
