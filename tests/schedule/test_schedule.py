"""When things are due."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.schedule import backoff, times

NOW = "2025-09-06T06:12:45Z"
PAUSES = st.floats(0, 10 * 366 * 86_400.0)


def test_each_entry_of_revisit_is_one_more_look() -> None:
    revisit = (3600.0, 3600.0, 86_400.0)
    assert backoff.next_check(NOW, 0, revisit) == "2025-09-06T07:12:45Z"
    assert backoff.next_check(NOW, 1, revisit) == "2025-09-06T07:12:45Z"
    assert backoff.next_check(NOW, 2, revisit) == "2025-09-07T06:12:45Z"
    assert backoff.next_check(NOW, 3, revisit) is None
    assert backoff.next_check(NOW, 0, ()) is None


@given(PAUSES, st.integers(0, 1000))
def test_a_failing_feed_is_asked_later_but_still_asked(
    every: float, failures: int
) -> None:
    due = backoff.next_poll(NOW, every, failures)
    assert due >= backoff.next_poll(NOW, every, 0) >= NOW
    assert due <= max(backoff.next_poll(NOW, every, 0), "2025-09-07T06:12:45Z")


def test_back_off_doubles_up_to_a_day() -> None:
    assert [backoff.backoff_seconds(tries) for tries in (1, 2, 3)] == [60, 120, 240]
    assert backoff.backoff_seconds(50) == 86_400


@given(st.datetimes(), PAUSES)
def test_times_are_text_that_sorts(at: object, pause: float) -> None:
    from datetime import UTC, datetime

    assert isinstance(at, datetime)
    start = times.format_time(at.replace(tzinfo=UTC))
    later = times.add_seconds(start, pause)
    assert len(start) == len(later) == 20 and later.endswith("Z")
    assert later >= start
