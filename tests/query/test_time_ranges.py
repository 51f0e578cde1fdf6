"""Times as people type them, counted from Wednesday, 4 March 2026, 12:30 UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.query.time_ranges import parse_range

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2025", "2025-01-01", "2026-01-01"),
        ("2025-09", "2025-09-01", "2025-10-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2025-9-6", "2025-09-06", "2025-09-07"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2025-09-06 14:00", "2025-09-06T14:00:00Z", "2025-09-06T14:01:00Z"),
        ("2025-09-06T14", "2025-09-06T14:00:00Z", "2025-09-06T15:00:00Z"),
        ("2025-09-06T14:00+02:00", "2025-09-06T12:00:00Z", "2025-09-06T12:01:00Z"),
        ("2025-09..2025-10", "2025-09-01", "2025-11-01"),
        ("2025-09-01..2025-09-06", "2025-09-01", "2025-09-07"),
        ("2025-09..", "2025-09-01", ""),
        ("..2025-09", "", "2025-10-01"),
        (">2025-09", "2025-10-01", ""),
        (">=2025-09", "2025-09-01", ""),
        ("<2025-09", "", "2025-09-01"),
        ("<=2025-09", "", "2025-10-01"),
        ("today", "2026-03-04", "2026-03-05"),
        ("yesterday", "2026-03-03", "2026-03-04"),
        ("yesterday..today", "2026-03-03", "2026-03-05"),
        ("this week", "2026-03-02", "2026-03-09"),
        ("last week", "2026-02-23", "2026-03-02"),
        ("last-week", "2026-02-23", "2026-03-02"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("this month", "2026-03-01", "2026-04-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("monday", "2026-03-02", "2026-03-03"),
        ("Thursday", "2026-02-26", "2026-02-27"),
        ("24h", "2026-03-03T12:30:00Z", ""),
        ("7 days", "2026-02-25T12:30:00Z", ""),
        ("last 2 hours", "2026-03-04T10:30:00Z", ""),
        ("3 days ago", "2026-03-01T12:30:00Z", ""),
        ("7-days", "2026-02-25T12:30:00Z", ""),
    ],
)
def test_a_range(text: str, start: str, end: str) -> None:
    assert parse_range(text, NOW) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["", "..", "soon", "2025-13", "2025-02-30", "0000", "9999", "2025-09-06T25:00",
     "2025-10..2025-09", "2025-09-06T10:00+99:00", ">", "-3 days", "9999999 years"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_range(text, NOW)


@given(st.text(max_size=30))
def test_any_text_is_a_range_or_refused(text: str) -> None:
    try:
        start, end = parse_range(text, NOW)
    except (ValueError, OverflowError):
        return
    assert start or end
    assert not (start and end) or start < end
