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


def test_times_in_our_own_words_are_told_once_and_alike() -> None:
    words = "2026-11-27T09:30:00Z to 2026-11-27T10:00:00Z: nothing was missed"
    assert phrasing.tell_times(words) == (
        "27 Nov 2026, 09:30 to 27 Nov 2026, 10:00: nothing was missed"
    )
    assert phrasing.tell_times("x2026-13-99T99:99:00Z 2026") != ""


def test_which_page_one_is_on() -> None:
    assert phrasing.is_current("/-/health", "/-/health") == "page"
    assert phrasing.is_current("/-/articles", "/-/article/0123456789abcdef") == "true"
    assert phrasing.is_current("/", "/-/health") == ""
    assert phrasing.is_current("/-/changes", "/-/changes.atom") == ""
