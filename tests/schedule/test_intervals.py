"""Times of the next poll and check, and back-off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.schedule import intervals

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
