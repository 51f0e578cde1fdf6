"""Which of the times that a page states to believe, and what they say together. Pure.

A time without a zone beside the same time with one tells the zone; so does the country, where it has one zone.
Not for: how a time is written (``dates``), where it stands (``times``).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from harvester.parse.dates.zones import get_utc_offset, guess_outlet_zone
from harvester.parse.metadata.statements import PageMetadata, StatedTime

QUARTER_HOUR = timedelta(minutes=15)
MIN_UTC_OFFSET, MAX_UTC_OFFSET = (
    timedelta(hours=-8),
    timedelta(hours=11),
)  # zones that a day beside an instant may tell


def resolve_times(metadata: PageMetadata, url: str, url_date: str) -> None:
    """Believe another statement than the first, or more of it, where the others say so. ``address_day``: of the URL."""
    for name in ("published", "modified"):
        told = [one for one in metadata.stated_times if one.field == name]
        if told and name in metadata.values:
            _resolve_time(
                metadata, name, told, url, url_date if name == "published" else ""
            )


def _resolve_time(
    metadata: PageMetadata,
    name: str,
    stated_times: list[StatedTime],
    url: str,
    url_date: str,
) -> None:
    local, source = metadata.values[f"{name}_local"], metadata.sources[name]
    held = (one for one in stated_times if one.local == local and one.source == source)
    chosen = next(held, StatedTime(name, metadata.values[name], local, source))
    for step in (
        _swap_day_and_month,
        _prefer_stated_zone,
        _prefer_repeated,
        _prefer_precise,
    ):
        better = step(chosen, stated_times)
        if better is not None:
            chosen = better
    if len(chosen.utc) == 10:
        chosen = _add_zone(
            chosen,
            stated_times,
            guess_outlet_zone(url, metadata.values.get("locale", "")),
        )
    else:
        chosen = _add_local_time(chosen, stated_times, url_date)
    metadata.values[name], metadata.values[f"{name}_local"], metadata.sources[name] = (
        chosen.utc,
        chosen.local,
        chosen.source,
    )


def _swap_day_and_month(
    chosen: StatedTime, stated_times: list[StatedTime]
) -> StatedTime | None:
    """``03-09-2026`` is the ninth of March where the page says so elsewhere."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", chosen.local)
    if match is None or not chosen.ambiguous:
        return None
    swapped = f"{match[1]}-{match[3]}-{match[2]}"
    return next(
        (
            one
            for one in stated_times
            if one.local[:10] == swapped and not one.ambiguous
        ),
        None,
    )


def _prefer_stated_zone(
    chosen: StatedTime, stated_times: list[StatedTime]
) -> StatedTime | None:
    """Local times are given out as UTC: the same hands of the clock with another zone are believed."""
    if not chosen.local.endswith("Z"):
        return None
    return next(
        (
            one
            for one in stated_times
            if one.local[:16] == chosen.local[:16]
            and re.search(r"[+-]\d\d:\d\d$", one.local)
        ),
        None,
    )


def _prefer_repeated(
    chosen: StatedTime, stated_times: list[StatedTime]
) -> StatedTime | None:
    """An instant that is stated once gives way to one of the same day that is stated several times."""
    counts = Counter(
        one.utc[:16]
        for one in stated_times
        if len(one.utc) > 10
        and one.source != "text"
        and one.local[:10] == chosen.local[:10]
    )
    if len(chosen.utc) == 10 or counts[chosen.utc[:16]] != 1:
        return None
    instant, times = max(counts.items(), key=lambda one: one[1])
    usual = (
        next(one for one in stated_times if one.utc[:16] == instant)
        if times > 1
        else None
    )
    # The same hands of the clock in another zone: which zone is true was told before.
    return (
        usual if usual is not None and usual.local[:16] != chosen.local[:16] else None
    )


def _prefer_precise(
    chosen: StatedTime, stated_times: list[StatedTime]
) -> StatedTime | None:
    """A day alone gives way to a statement of the same day that has a time of day; a minute, to one with its seconds."""
    length = len(chosen.local)
    if length == 10:
        return next(
            (
                one
                for one in stated_times
                if len(one.local) > 10 and one.local[:10] == chosen.local
            ),
            None,
        )
    if chosen.local[17:19] != "00":
        return None
    seconds = (
        one.local[17:19]
        for one in stated_times
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
    return StatedTime(chosen.field, utc, local, chosen.source)


def _add_zone(
    chosen: StatedTime, stated_times: list[StatedTime], zone: ZoneInfo | None
) -> StatedTime:
    """A naive time with the zone that another statement of it, or else the country, gives it."""
    naive = _parse_naive(chosen.local)
    if naive is None:
        return chosen
    for one in stated_times:
        ahead = _infer_offset(naive, one)
        if ahead is not None:
            return _apply_offset(chosen, naive, ahead)
    ahead = get_utc_offset(zone, naive) if zone is not None else None
    return _apply_offset(chosen, naive, ahead) if ahead is not None else chosen


def _add_local_time(
    chosen: StatedTime, stated_times: list[StatedTime], url_date: str
) -> StatedTime:
    """An instant in UTC with the outlet's own day and clock, where a naive statement or the address tells it."""
    if not chosen.local.endswith("Z"):
        return chosen
    for one in stated_times:
        naive = _parse_naive(one.local) if len(one.utc) == 10 else None
        ahead = _infer_offset(naive, chosen) if naive is not None else None
        if naive is not None and ahead:
            return _apply_offset(
                chosen,
                datetime.fromisoformat(chosen.utc).replace(tzinfo=None) + ahead,
                ahead,
            )
    moment = datetime.fromisoformat(chosen.utc)
    if url_date and url_date != chosen.utc[:10]:
        day = date.fromisoformat(url_date)
        if any(
            (moment + edge).date() == day for edge in (MIN_UTC_OFFSET, MAX_UTC_OFFSET)
        ):
            return StatedTime(chosen.field, chosen.utc, url_date, chosen.source)
    return chosen


def _parse_naive(local: str) -> datetime | None:
    """A naive time with its time of day; None where it has no such, or a zone."""
    return (
        datetime.fromisoformat(local)
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", local)
        else None
    )


def _infer_offset(naive: datetime, stated_time: StatedTime) -> timedelta | None:
    """How far the zone is in which an instant is this naive time; None where no zone makes it that."""
    if len(stated_time.utc) == 10:
        return None
    instant = datetime.fromisoformat(stated_time.utc).replace(tzinfo=None)
    if naive.second == 0 or instant.second == 0:  # one of them is stated to the minute
        naive, instant = naive.replace(second=0), instant.replace(second=0)
    apart = naive - instant
    return (
        apart
        if apart % QUARTER_HOUR == timedelta(0)
        and timedelta(hours=-12) <= apart <= timedelta(hours=14)
        else None
    )


def _apply_offset(
    stated_time: StatedTime, naive: datetime, utc_offset: timedelta
) -> StatedTime:
    aware = naive.replace(tzinfo=timezone(utc_offset))
    utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return StatedTime(
        stated_time.field,
        utc,
        aware.isoformat().replace("+00:00", "Z"),
        stated_time.source,
    )
