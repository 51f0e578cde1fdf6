"""Responses without anything to read: what each status of RFC 9110 counts as."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.ingest.outcomes import outcome_of_response
from harvester.model import Capture, Outcome, Prepared

URL = "https://paper.example/a"
RECEIVED = Capture(URL, URL, "2025-09-06T08:00:00Z", 200, (), b"<html></html>")


def outcome(status: int, **more: object) -> tuple[Outcome, str]:
    return outcome_of_response(replace(RECEIVED, status=status, **more), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "expected", "phrase"),
    [
        (404, Outcome.GONE, "Not Found"),
        (410, Outcome.GONE, "Gone"),
        (401, Outcome.BLOCKED, "Unauthorized"),
        (403, Outcome.BLOCKED, "Forbidden"),
        (451, Outcome.BLOCKED, "Unavailable For Legal Reasons"),
        (400, Outcome.FAILED, "Bad Request"),
        (429, Outcome.FAILED, "Too Many Requests"),
        (500, Outcome.FAILED, "Internal Server Error"),
        (503, Outcome.FAILED, "Service Unavailable"),
    ],
)
def test_the_reason_names_the_status(
    status: int, expected: Outcome, phrase: str
) -> None:
    assert outcome(status) == (expected, f"answered {status} {phrase}")


def test_a_status_without_a_name() -> None:
    """Unknown ones are treated as the x00 of their class (RFC 9110, 15)."""
    assert outcome(499) == (Outcome.FAILED, "answered 499")
    assert outcome(999) == (Outcome.FAILED, "answered 999")


@pytest.mark.parametrize("status", [429, 503])
def test_only_a_response_with_retry_after_is_waited_for(status: int) -> None:
    """RFC 9110, 10.2.3: the header is optional."""
    assert outcome(status)[0] is Outcome.FAILED
    retry_at = "2025-09-06T09:00:00Z"
    assert outcome(status, retry_at=retry_at)[0] is Outcome.WAITING


def test_a_redirect_that_was_not_followed() -> None:
    assert outcome(302) == (
        Outcome.FAILED,
        "answered 302 Found, without a valid location",
    )


def test_no_content_and_no_response() -> None:
    assert outcome(204, body=b"") == (Outcome.EMPTY, "empty response")
    assert outcome(200, body=b"") == (Outcome.EMPTY, "empty response")
    assert outcome(0, body=b"") == (Outcome.FAILED, "no response")
    refused = outcome(0, body=b"", error="connection refused")
    assert refused == (Outcome.FAILED, "connection refused")


def test_half_a_response_says_nothing_about_the_page() -> None:
    broken = outcome(404, truncated=True)
    assert broken == (Outcome.FAILED, "the response broke off after 13 bytes")


@given(st.integers(100, 599), st.booleans())
def test_what_was_found_out_before_wins(status: int, was_read: bool) -> None:
    """The fetch's own outcome first, then that of reading it."""
    capture = replace(RECEIVED, status=status)
    prepared = Prepared(outcome=Outcome.EMPTY, error="no text") if was_read else None
    refused = replace(capture, outcome=Outcome.REFUSED, error="robots.txt forbids it")
    assert outcome_of_response(refused, prepared) == (
        Outcome.REFUSED,
        "robots.txt forbids it",
    )
    if was_read:
        assert outcome_of_response(capture, prepared) == (Outcome.EMPTY, "no text")


@given(st.integers(100, 599))
def test_only_404_and_410_say_that_a_page_is_gone(status: int) -> None:
    assert (outcome(status)[0] is Outcome.GONE) == (status in (404, 410))
