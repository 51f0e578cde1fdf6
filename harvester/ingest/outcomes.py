"""What a response counts as when there is nothing to read in it. Pure."""

from __future__ import annotations

from http import HTTPStatus

from harvester.model import CHALLENGE_PAGE, Capture, Outcome, Prepared
from harvester.parse.kinds.challenge import find_challenge

ALREADY_STORED_REASON = "the article is already in the archive"
BLOCKED_STATUSES = (401, 402, 403, 407, 451)
GONE_STATUSES = (404, 410)


def outcome_of_response(
    capture: Capture, prepared: Prepared | None
) -> tuple[Outcome, str]:
    """Outcome and reason of a response that gave no text and no feed."""
    if capture.outcome is not None:
        return capture.outcome, capture.error
    status = capture.status
    if capture.truncated:
        return Outcome.FAILED, f"the response broke off after {len(capture.body)} bytes"
    if not capture.retry_at and (reason := challenge_reason(capture)):
        return Outcome.BLOCKED, reason
    if prepared is not None and prepared.outcome is not None:
        return prepared.outcome, prepared.error
    reason = f"answered {status} {_status_phrase(status)}".rstrip()
    if status in GONE_STATUSES:
        return Outcome.GONE, reason
    if status in BLOCKED_STATUSES:
        return Outcome.BLOCKED, reason
    if status in (429, 503):
        return Outcome.WAITING if capture.retry_at else Outcome.FAILED, reason
    if status == 0:
        return Outcome.FAILED, capture.error or "no response"
    if 300 <= status < 400:
        return Outcome.FAILED, f"{reason}, without a valid location"
    if 200 <= status < 300 and not capture.body:
        return Outcome.EMPTY, "empty response"
    if status == 206:
        return Outcome.FAILED, f"{reason}: a part of what was asked for"
    return Outcome.FAILED, reason


def challenge_reason(capture: Capture) -> str:
    """That a response is a challenge page, and whose; "" if it is none."""
    vendor = find_challenge(capture.headers, capture.body)
    return f"{CHALLENGE_PAGE} ({vendor})" if vendor else ""


def _status_phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
