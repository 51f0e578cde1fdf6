"""Times as text."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from harvester.schedule import times


@given(st.datetimes(), st.floats(0, 10 * 366 * 86_400.0))
def test_times_are_text_that_sorts(moment: datetime, seconds: float) -> None:
    start = times.format_time(moment.replace(tzinfo=UTC))
    later = times.add_seconds(start, seconds)
    assert len(start) == len(later) == 20 and later.endswith("Z")
    assert later >= start


def test_no_time_is_after_the_last_that_sorts() -> None:
    """Years of five digits would sort before those of four."""
    last = "9999-12-31T23:59:59Z"
    for seconds in (1e10, 1e12, 1e18, 1e300):
        assert times.add_seconds("9990-01-01T00:00:00Z", seconds) == last
    assert times.add_seconds(last, 0) == last


def test_a_clock_that_is_set_is_noticed() -> None:
    before = ("2025-09-06T06:00:00Z", 100.0)
    assert times.clock_jump(before, ("2025-09-06T06:10:00Z", 700.0)) == 0
    assert times.clock_jump(before, ("2025-09-06T06:10:30Z", 700.0)) == 0
    assert times.clock_jump(before, ("2025-09-06T07:10:00Z", 700.0)) == 3600
    assert times.clock_jump(before, ("2025-09-06T05:10:00Z", 700.0)) == -3600
