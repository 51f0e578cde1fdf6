"""Which of the times that a page states to believe, and what they say together. Pure.

A time without a zone beside the same time with one tells the zone; so does the country, where it has one zone.
Not for: how a time is written (``dates``), where it stands (``times``).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from harvester.parse.dates.zones import offset, zone_of
from harvester.parse.metadata.statements import Stated, Told

QUARTER = timedelta(minutes=15)
WEST, EAST = (
    timedelta(hours=-8),
    timedelta(hours=11),
)  # zones that a day beside an instant may tell


def settle(found: Stated, url: str, address_day: str) -> None:
    """Believe another statement than the first, or more of it, where the others say so. ``address_day``: of the URL."""
    for name in ("published", "modified"):
        told = [one for one in found.told if one.field == name]
        if told and name in found.values:
            _settle(found, name, told, url, address_day if name == "published" else "")


def _settle(
    found: Stated, name: str, told: list[Told], url: str, address_day: str
) -> None:
    local, source = found.values[f"{name}_local"], found.sources[name]
    held = (one for one in told if one.local == local and one.source == source)
    chosen = next(held, Told(name, found.values[name], local, source))
    for step in (_other_order, _true_zone, _usual, _clocked):
        better = step(chosen, told)
        if better is not None:
            chosen = better
    if len(chosen.utc) == 10:
        chosen = _with_zone(chosen, told, zone_of(url, found.values.get("locale", "")))
    else:
        chosen = _local(chosen, told, address_day)
    found.values[name], found.values[f"{name}_local"], found.sources[name] = (
        chosen.utc,
        chosen.local,
        chosen.source,
    )


def _other_order(chosen: Told, told: list[Told]) -> Told | None:
    """``03-09-2026`` is the ninth of March where the page says so elsewhere."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", chosen.local)
    if match is None or not chosen.ambiguous:
        return None
    swapped = f"{match[1]}-{match[3]}-{match[2]}"
    return next(
        (one for one in told if one.local[:10] == swapped and not one.ambiguous), None
    )


def _true_zone(chosen: Told, told: list[Told]) -> Told | None:
    """Local times are given out as UTC: the same hands of the clock with another zone are believed."""
    if not chosen.local.endswith("Z"):
        return None
    return next(
        (
            one
            for one in told
            if one.local[:16] == chosen.local[:16]
            and re.search(r"[+-]\d\d:\d\d$", one.local)
        ),
        None,
    )


def _usual(chosen: Told, told: list[Told]) -> Told | None:
    """An instant that is stated once gives way to one of the same day that is stated several times."""
    counts = Counter(
        one.utc[:16]
        for one in told
        if len(one.utc) > 10
        and one.source != "text"
        and one.local[:10] == chosen.local[:10]
    )
    if len(chosen.utc) == 10 or counts[chosen.utc[:16]] != 1:
        return None
    instant, times = max(counts.items(), key=lambda one: one[1])
    usual = next(one for one in told if one.utc[:16] == instant) if times > 1 else None
    # The same hands of the clock in another zone: which zone is true was told before.
    return (
        usual if usual is not None and usual.local[:16] != chosen.local[:16] else None
    )


def _clocked(chosen: Told, told: list[Told]) -> Told | None:
    """A day alone gives way to a statement of the same day that has a time of day; a minute, to one with its seconds."""
    length = len(chosen.local)
    if length == 10:
        return next(
            (
                one
                for one in told
                if len(one.local) > 10 and one.local[:10] == chosen.local
            ),
            None,
        )
    if chosen.local[17:19] != "00":
        return None
    seconds = (
        one.local[17:19]
        for one in told
        if one.local[:17] == chosen.local[:17] and one.local[17:19] != "00"
    )
    second = next(seconds, "")
    if not second:
        return None
    local = f"{chosen.local[:17]}{second}{chosen.local[19:]}"
    utc = (
        f"{chosen.utc[:17]}{second}{chosen.utc[19:]}"
        if len(chosen.utc) > 10
        else chosen.utc
    )
    return Told(chosen.field, utc, local, chosen.source)


def _with_zone(chosen: Told, told: list[Told], zone: ZoneInfo | None) -> Told:
    """A naive time with the zone that another statement of it, or else the country, gives it."""
    naive = _moment(chosen.local)
    if naive is None:
        return chosen
    for one in told:
        ahead = _offset(naive, one)
        if ahead is not None:
            return _at(chosen, naive, ahead)
    ahead = offset(zone, naive) if zone is not None else None
    return _at(chosen, naive, ahead) if ahead is not None else chosen


def _local(chosen: Told, told: list[Told], address_day: str) -> Told:
    """An instant in UTC with the outlet's own day and clock, where a naive statement or the address tells it."""
    if not chosen.local.endswith("Z"):
        return chosen
    for one in told:
        naive = _moment(one.local) if len(one.utc) == 10 else None
        ahead = _offset(naive, chosen) if naive is not None else None
        if naive is not None and ahead:
            return _at(
                chosen,
                datetime.fromisoformat(chosen.utc).replace(tzinfo=None) + ahead,
                ahead,
            )
    moment = datetime.fromisoformat(chosen.utc)
    if address_day and address_day != chosen.utc[:10]:
        day = date.fromisoformat(address_day)
        if any((moment + edge).date() == day for edge in (WEST, EAST)):
            return Told(chosen.field, chosen.utc, address_day, chosen.source)
    return chosen


def _moment(local: str) -> datetime | None:
    """A naive time with its time of day; None where it has no such, or a zone."""
    return (
        datetime.fromisoformat(local)
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", local)
        else None
    )


def _offset(naive: datetime, told: Told) -> timedelta | None:
    """How far the zone is in which an instant is this naive time; None where no zone makes it that."""
    if len(told.utc) == 10:
        return None
    instant = datetime.fromisoformat(told.utc).replace(tzinfo=None)
    if naive.second == 0 or instant.second == 0:  # one of them is stated to the minute
        naive, instant = naive.replace(second=0), instant.replace(second=0)
    apart = naive - instant
    return (
        apart
        if apart % QUARTER == timedelta(0)
        and timedelta(hours=-12) <= apart <= timedelta(hours=14)
        else None
    )


def _at(told: Told, naive: datetime, ahead: timedelta) -> Told:
    aware = naive.replace(tzinfo=timezone(ahead))
    utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Told(told.field, utc, aware.isoformat().replace("+00:00", "Z"), told.source)
