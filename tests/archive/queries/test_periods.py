"""Periods of a trend: days, weeks, months or years, few enough to be drawn."""

from __future__ import annotations

import pytest

from harvester.archive.queries.periods import make_periods
from harvester.errors import QueryError


@pytest.mark.parametrize(
    ("since", "until", "unit", "count"),
    [
        ("", "", "week", 27),
        ("2026-02-27", "", "day", 4),
        ("2026-01-02", "2026-03-03", "day", 60),
        ("2026-01-01", "2026-03-03", "week", 10),
        ("2025-01-10", "2026-03-03", "week", 61),
        ("2024-06-30", "2026-03-03", "month", 22),
        ("2010-05-05", "2026-01-01", "year", 16),
        ("0001-01-01", "2026-01-01", "year", 99),
        ("", "0001-01-03", None, 0),
        ("2026-03-03", "2026-03-03", None, 0),
    ],
)
def test_periods_are_few_enough_to_be_drawn(
    since: str, until: str, unit: str | None, count: int
) -> None:
    if unit is None:
        with pytest.raises(QueryError):
            make_periods(since, until, "2026-03-02")
        return
    periods = make_periods(since, until, "2026-03-02")
    assert (periods.unit, len(periods.starts)) == (unit, count)
    assert periods.find(f"{periods.starts[0]}T00:00:00Z") == 0
    last_day = periods.list_last_days()[-1]
    assert periods.find(f"{last_day}T23:59:59Z") == count - 1
    assert periods.find(f"{periods.end}T00:00:00Z") is None


def test_no_period_is_before_an_archive_begins() -> None:
    assert make_periods("", "", "2026-03-02", "2026-02-20").starts[0] == "2026-02-20"
    assert make_periods("", "", "2026-03-02", "2019-01-01").starts[0] == "2025-09-01"
    asked = make_periods("2026-01-01", "", "2026-03-02", "2026-02-20")
    assert asked.starts[0] == "2025-12-29"
