"""Times in words, and language codes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harvester.browse import phrasing


def test_times_in_words() -> None:
    assert phrasing.format_datetime("2026-11-24T15:57:01Z") == "24 Nov 2026, 15:57"
    assert phrasing.format_datetime("2025-09-06") == "6 Sep 2025"
    assert phrasing.format_datetime("no time") == "no time"
    assert (
        phrasing.format_age("2026-11-24T15:00:00Z", "2026-11-24T15:57:01Z")
        == "57 minutes ago"
    )
    assert (
        phrasing.format_age("2026-11-24T14:00:00Z", "2026-11-24T15:57:01Z")
        == "1 hour ago"
    )
    assert (
        phrasing.format_age("2026-11-01T14:00:00Z", "2026-11-24T15:57:01Z")
        == "1 November 2026"
    )
    assert phrasing.format_age(None, "2026-11-24T15:57:01Z") == "never"


@given(st.text(max_size=30))
def test_only_a_language_code_stands_in_markup(code: str) -> None:
    assert phrasing.safe_language_tag(code) in ("", code)
    assert not set(phrasing.safe_language_tag(code)) & set("\"'<> &")
