"""The zone that a text names: by offset, by abbreviation, by its name in the tz database.

Where a text names none, ``zones`` may know that of the outlet.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from harvester.parse.dates.zones import get_utc_offset, load_zone

MAX_UTC_OFFSET = timedelta(hours=15, minutes=59)  # none is in use beyond 14 hours

UTC_OFFSET = re.compile(
    r"(?:gmt|utc|[a-z]{3,4})?\s?(?<!\d)([+-])(\d{1,2}):?(\d{2})\b(?!\d)"
    r"|(?:gmt|utc)\s?([+-])(\d{1,2})\b"
    r"|(?:^|(?<=\s))([+-])(\d{1,2})$",
    re.IGNORECASE,
)
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_ZONE_NAME = re.compile(
    r"\b(?:[A-Z][a-z]{2,11}|US)/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?\b"
)

# Hours ahead of UTC by the zone's abbreviation.
_ZONE_HOURS = {
    name: hours
    for hours, names in (
        (-10, "hst"),
        (-9, "akst"),
        (-8, "pst akdt"),
        (-7, "mst pdt"),
        (-6, "cst mdt"),
        (-5, "est cdt cot pet"),
        (-4, "edt ast clt"),
        (-3.5, "nst"),
        (-3, "adt brt art uyt"),
        (-2.5, "ndt"),
        (0, "z ut utc gmt wet"),
        (1, "bst west cet mez met wat"),
        (2, "cest mesz mest eet sast cat"),
        (3, "eest msk idt eat trt fet"),
        (4, "mut"),
        (5, "pkt"),
        (5.5, "ist"),
        (5.75, "npt"),
        (7, "wib ict"),
        (8, "awst hkt sgt myt pht"),
        (9, "jst kst awdt"),
        (9.5, "acst"),
        (10, "aest"),
        (10.5, "acdt"),
        (11, "aedt"),
        (12, "nzst"),
        (13, "nzdt"),
    )
    for name in names.split()
}
# Abbreviations that mean the zone in summer and in winter.
_ZONES_BY_ABBREVIATION = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "at": "America/Halifax",
}


def parse_zone(text: str, local: datetime | None = None) -> tzinfo | None:
    """The zone that a text names; None if none.

    ``local``: the time that it is the zone of, for zones with summer time.
    """
    if not text:
        return None
    if text in ("Z", "GMT", "UTC"):
        return UTC
    if "/" in text and local is not None:
        name = _ZONE_NAME.search(text)
        if name is not None and (zone := _zone_by_name(name[0], local)) is not None:
            return zone
    match = UTC_OFFSET.search(text)
    if match is not None:
        sign = match[1] or match[4] or match[6]
        hours, minutes = int(match[2] or match[5] or match[7]), int(match[3] or 0)
        offset = timedelta(hours=hours, minutes=minutes)
        offset = -offset if sign == "-" else offset
        is_offset = minutes < 60 and abs(offset) <= MAX_UTC_OFFSET
        return timezone(offset) if is_offset else None
    for word in _LATIN_WORD.findall(text):
        if not word.isupper() and word != "z":
            continue
        named_offset = _named_offset(word.lower(), local)
        if named_offset is not None:
            return timezone(named_offset) if named_offset else UTC
    return None


def _zone_by_name(name: str, local: datetime) -> tzinfo | None:
    try:
        offset = get_utc_offset(load_zone(name), local)
    except (OSError, ValueError):
        return None  # there is no such zone
    return None if offset is None else timezone(offset)


def _named_offset(abbreviation: str, local: datetime | None) -> timedelta | None:
    """The UTC offset of a zone by its abbreviation, at that time; None if unknown."""
    if abbreviation in _ZONES_BY_ABBREVIATION and local is not None:
        zone = load_zone(_ZONES_BY_ABBREVIATION[abbreviation])
        return get_utc_offset(zone, local)
    hours = _ZONE_HOURS.get(abbreviation)
    return timedelta(hours=hours) if hours is not None else None
