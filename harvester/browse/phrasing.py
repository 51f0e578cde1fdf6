"""Times, counts and states for people. Pure: the current time is passed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# The pages that each page leads to, with the path of each.
PAGES = (
    ("/", "Today"),
    ("/-/articles", "Articles"),
    ("/-/changes", "Changes"),
    ("/-/removals", "Removals"),
    ("/-/copies", "Copies"),
    ("/-/trend", "Trend"),
    ("/-/health", "Health"),
)
# Pages that belong to one of these, by the beginning of their paths.
_BELONGS = {
    "/-/articles": "/-/article/",
    "/-/copies": "/-/copies/",
    "/-/health": "/-/coverage",
}
EVENT_LABELS = {
    "edited": "edited",
    "headline": "headline changed",
    "back": "an earlier version returned",
    "removed": "removed",
    "returned": "returned",
    "announced": "changed in its feed",
    "paywalled": "put behind a paywall",
    "suspect": "not found",
    "fields": "other fields changed",
    "first": "first seen",
}
CHANGE_CLASS_LABELS = {
    "correction": "a correction",
    "substantive": "substantive",
    "headline": "headline only",
    "typo": "spelling",
    "date line": "dates only",
    "cosmetic": "typography or order",
}
STATE_LABELS = {
    "live": "online",
    "suspect": "not found at the last check; removed once that is confirmed",
    "removed": "removed by the outlet",
    "returned": "online again, after it was removed",
}
# Beside a headline; an article that is online needs no word.
SHORT_STATE_LABELS = {
    "suspect": "not found",
    "removed": "removed",
    "returned": "returned",
}
URL_KIND_LABELS = {
    "canonical": "its canonical URL",
    "entry": "announced in a feed",
    "redirect": "redirects to it",
    "reached": "where it was received",
    "alias": "named on its page",
    "shared": "claimed by different articles",
}
_EXCERPT_CHARS = 300


def is_current(path: str, here: str) -> str:
    """The value of ``aria-current`` of a link to a page, on the page ``here``."""
    if here == path:
        return "page"
    return "true" if here.startswith(_BELONGS.get(path) or "\0") else ""


def _parse_time(at: str | None) -> datetime | None:
    if not at:
        return None
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def format_day(at: str | None) -> str:
    """The day of a time, as in 24 November 2026."""
    time = _parse_time(at)
    return f"{time.day} {time:%B %Y}" if time else at or ""


def format_weekday(at: str | None) -> str:
    """The day of a time, as in Tuesday, 24 November 2026."""
    time = _parse_time(at)
    return f"{time:%A}, {format_day(at)}" if time else at or ""


def format_short_day(at: str | None) -> str:
    """The day of a time in the year that one is in, as in 24 November."""
    time = _parse_time(at)
    return f"{time.day} {time:%B}" if time else at or ""


def format_day_number(at: str | None) -> str:
    """The day of a time in narrow columns, as in 24 Nov."""
    time = _parse_time(at)
    return f"{time.day} {time:%b}" if time else at or ""


def format_datetime(at: str | None) -> str:
    """As in 24 Nov 2026, 15:57; only the day for a date; any other text unchanged."""
    time = _parse_time(at)
    if time is None:
        return at or ""
    day = f"{time.day} {time:%b %Y}"
    return day if len(at or "") == len("2026-11-24") else f"{day}, {time:%H:%M}"


def format_clock_time(at: str | None) -> str:
    """Hours and minutes, as in 15:57."""
    time = _parse_time(at)
    return f"{time:%H:%M}" if time else at or ""


def format_age(at: str | None, now: str) -> str:
    """As in 5 minutes ago; the day if that was more than a week ago."""
    time, current = _parse_time(at), _parse_time(now)
    if time is None or current is None:
        return at or "never"
    seconds = (current - time).total_seconds()
    if seconds < 0:
        return format_datetime(at)
    if seconds < 60:
        return "just now"
    for size, name, limit in (
        (60, "minute", 3_600),
        (3_600, "hour", 86_400),
        (86_400, "day", 7 * 86_400),
    ):
        if seconds < limit:
            return f"{pluralize(int(seconds // size), name)} ago"
    return format_day(at)


_ISO_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z")


def tell_times(words: str) -> str:
    """Our own words, as of events, with the times in them as people read them."""
    return _ISO_TIME.sub(lambda match: format_datetime(match[0]), words)


def pluralize(count: int, singular: str, plural: str = "") -> str:
    """A count with its noun: 1 article, 2 articles, 1,284 articles."""
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
    """A language code that is safe in markup, "" for anything else."""
    return (
        code
        if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", code or "")
        else ""
    )
