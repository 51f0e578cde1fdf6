"""Times, counts and states in words. Pure: what time it is now is passed in.

Not for: markup (``markup``).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

EVENT_LABELS = {
    "edited": "edited",
    "headline": "headline changed",
    "back": "an earlier wording came back",
    "removed": "removed",
    "returned": "returned",
    "paywalled": "only its beginning is shown now",
    "suspect": "not found",
    "fields": "other fields changed",
    "first": "first seen",
}
CHANGE_CLASS_LABELS = {
    "correction": "a correction",
    "substantive": "other words",
    "headline": "another headline",
    "typo": "spelling",
    "date line": "dates only",
    "cosmetic": "typography or order",
}
STATE_LABELS = {
    "live": "stands there",
    "suspect": "was not found at the last look; it counts as removed once that is confirmed",
    "removed": "removed by the outlet",
    "returned": "stands there again, after it was removed",
}
URL_KIND_LABELS = {
    "canonical": "its own choice",
    "entry": "announced in a feed",
    "redirect": "redirects to it",
    "reached": "where it was reached",
    "alias": "named on its page",
    "shared": "claimed by several texts",
}
_EXCERPT_CHARS = 300


def _parse_time(at: str | None) -> datetime | None:
    if not at:
        return None
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def format_day(at: str | None) -> str:
    """24 November 2026."""
    found = _parse_time(at)
    return f"{found.day} {found:%B %Y}" if found else at or ""


def format_datetime(at: str | None) -> str:
    """24 Nov 2026, 15:57; only the day where only the day is stated. A text that is no time stays what it is."""
    found = _parse_time(at)
    if found is None:
        return at or ""
    shown = f"{found.day} {found:%b %Y}"
    return shown if len(at or "") == len("2026-11-24") else f"{shown}, {found:%H:%M}"


def format_clock_time(at: str | None) -> str:
    """15:57."""
    found = _parse_time(at)
    return f"{found:%H:%M}" if found else at or ""


def format_age(at: str | None, now: str) -> str:
    """5 minutes ago; the day where that was more than a week ago."""
    found, current = _parse_time(at), _parse_time(now)
    if found is None or current is None:
        return at or "never"
    seconds = (current - found).total_seconds()
    if seconds < 0:
        return format_datetime(at)
    if seconds < 60:
        return "just now"
    for size, name, most in (
        (60, "minute", 3_600),
        (3_600, "hour", 86_400),
        (86_400, "day", 7 * 86_400),
    ):
        if seconds < most:
            return f"{pluralize(int(seconds // size), name)} ago"
    return format_day(at)


def pluralize(count: int, singular: str, plural: str = "") -> str:
    """1 article, 2 articles, 1,284 articles."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def excerpt(text: str, max_chars: int = _EXCERPT_CHARS) -> str:
    """The beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= max_chars:
        return line
    return (
        line[:max_chars].rsplit(" ", 1)[0]
        if " " in line[:max_chars]
        else line[:max_chars]
    ).rstrip(" ,;:.–-") + "…"


def safe_language_tag(code: str) -> str:
    """A language code that can stand in markup; "" for anything else."""
    return (
        code
        if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", code or "")
        else ""
    )
