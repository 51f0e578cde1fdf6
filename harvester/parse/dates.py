"""Times as pages and feeds state them: an instant where a zone is stated, else a day. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = 1900  # feeds of year 1, 1601 and 1970-01-01 mean that they do not know
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.IGNORECASE,
)


def read(text: str, at: str) -> tuple[str, str] | None:
    """(published, as stated) of a time: UTC ending in Z where a zone is stated, else the day alone. None where it is no
    time, a nonsense one, or more than a day after ``at``, when the page was received."""
    text = " ".join(text.split())[:60]
    stated = _iso(text) or _mail(text)
    if stated is None:
        return None
    moment, has_time = stated
    if moment.year < EARLIEST or (moment.year, moment.month, moment.day) == (1970, 1, 1):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        if aware.astimezone(UTC) > datetime.fromisoformat(at) + timedelta(days=1):
            return None
        utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None
    if moment.tzinfo is None:
        return moment.date().isoformat(), moment.isoformat() if has_time else moment.date().isoformat()
    return utc, moment.isoformat().replace("+00:00", "Z")


def _iso(text: str) -> tuple[datetime, bool] | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    if zone and zone.upper() in ("Z", "UTC", "GMT"):
        zone = "+00:00"
    elif zone and len(zone) == 3:
        zone += ":00"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    try:
        if hour is None:
            return datetime.fromisoformat(f"{year}-{month}-{day}"), False
        return datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{zone or ''}"), True
    except ValueError:
        return None


def _mail(text: str) -> tuple[datetime, bool] | None:
    try:
        return parsedate_to_datetime(text), True
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
