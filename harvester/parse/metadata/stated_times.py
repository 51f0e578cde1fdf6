"""Which of the times that a page states to believe, and what they say together.

A time without a zone beside the same time with one reveals the zone; so does the
outlet's country, if it has one zone. How a time is written is read by ``parse.dates``;
where a page shows one is found by ``page_dates``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from harvester.parse.dates.day_order import guess_day_order
from harvester.parse.dates.zones import get_utc_offset, guess_outlet_zone
from harvester.parse.metadata.statements import PageMetadata, StatedTime

# Offsets of zones are multiples of it, and lie between these.
QUARTER_HOUR = timedelta(minutes=15)
MIN_UTC_OFFSET, MAX_UTC_OFFSET = timedelta(hours=-12), timedelta(hours=14)
# Offsets that a day in the URL may suggest beside an instant: of most readers.
MIN_COMMON_OFFSET, MAX_COMMON_OFFSET = timedelta(hours=-8), timedelta(hours=11)
DAY_LENGTH = len("2025-09-06")  # longer times have a time of day


def resolve_times(metadata: PageMetadata, url: str, url_date: str) -> None:
    """Correct or complete the chosen times if the page's other statements suggest it.

    ``url_date``: the day that the URL names, "" if none.
    """
    for name in ("published", "modified"):
        _settle_order(metadata, name, url, url_date)
        statements = [
            stated for stated in metadata.stated_times if stated.field == name
        ]
        if not statements or name not in metadata.values:
            continue
        best = _best_time(_chosen_time(metadata, name, statements), statements)
        if len(best.utc) == DAY_LENGTH:
            zone = guess_outlet_zone(url, metadata.values.get("locale", ""))
            best = _add_zone(best, statements, zone)
        else:
            day = url_date if name == "published" else ""
            best = _add_local_time(best, statements, day)
        _choose(metadata, best)


def _chosen_time(
    metadata: PageMetadata, name: str, statements: list[StatedTime]
) -> StatedTime:
    local, source = metadata.values[f"{name}_local"], metadata.sources[name]
    for stated in statements:
        if stated.local == local and stated.source == source:
            return stated
    return StatedTime(name, metadata.values[name], local, source)


def _settle_order(metadata: PageMetadata, name: str, url: str, url_date: str) -> None:
    """Decide which of day and month comes first in ambiguous statements, or drop them.

    What else the page states of the same day decides, then its URL, then its language
    and country.
    """
    sure_days = {
        stated.local[:DAY_LENGTH]
        for stated in metadata.stated_times
        if not stated.ambiguous
    } | {url_date}
    order = guess_day_order(metadata.values.get("locale", ""), url)
    for index, stated in enumerate(metadata.stated_times):
        if stated.field != name or not stated.ambiguous:
            continue
        swapped = _swap_day_and_month(stated)
        readings = {"day": replace(stated, ambiguous=False), "month": swapped}
        agreeing = [
            reading
            for reading in readings.values()
            if reading.local[:DAY_LENGTH] in sure_days
        ]
        settled = agreeing[0] if len(agreeing) == 1 else readings.get(order)
        _replace_time(metadata, index, settled)
    metadata.stated_times = [
        stated
        for stated in metadata.stated_times
        if stated.field != name or not stated.ambiguous
    ]
    if name not in metadata.values:
        others = [stated for stated in metadata.stated_times if stated.field == name]
        if others:
            _choose(metadata, others[0])


def _swap_day_and_month(stated: StatedTime) -> StatedTime:
    moment = datetime.fromisoformat(stated.local)
    moment = moment.replace(month=moment.day, day=moment.month)
    local = moment.isoformat().replace("+00:00", "Z")[: len(stated.local)]
    utc = (
        local
        if len(stated.utc) == DAY_LENGTH
        else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    return StatedTime(stated.field, utc[: len(stated.utc)], local, stated.source)


def _replace_time(
    metadata: PageMetadata, index: int, settled: StatedTime | None
) -> None:
    """Put a settled statement in place of an ambiguous one.

    With None, it stays, marked as ambiguous; where it was chosen, no value is.
    """
    stated = metadata.stated_times[index]
    is_chosen = (
        metadata.values.get(f"{stated.field}_local") == stated.local
        and metadata.sources.get(stated.field) == stated.source
    )
    if settled is not None:
        metadata.stated_times[index] = settled
        if is_chosen:
            _choose(metadata, settled)
        return
    why = "day and month may be swapped"
    metadata.reject(stated.field, stated.local, stated.source, why)
    if is_chosen:
        for key in (stated.field, f"{stated.field}_local"):
            del metadata.values[key]
        del metadata.sources[stated.field]


def _choose(metadata: PageMetadata, stated: StatedTime) -> None:
    metadata.values[stated.field] = stated.utc
    metadata.values[f"{stated.field}_local"] = stated.local
    metadata.sources[stated.field] = stated.source


def _best_time(chosen: StatedTime, statements: list[StatedTime]) -> StatedTime:
    """The statement to believe instead of the chosen one, or that one."""
    for find_better in (
        _find_with_zone,
        _find_repeated,
        _find_more_precise,
    ):
        chosen = find_better(chosen, statements) or chosen
    return chosen


def _find_with_zone(
    chosen: StatedTime, statements: list[StatedTime]
) -> StatedTime | None:
    """Local times are published as UTC: the same time with another zone is believed."""
    if not chosen.local.endswith("Z"):
        return None
    for stated in statements:
        if stated.local[:16] == chosen.local[:16] and re.search(
            r"[+-]\d\d:\d\d$", stated.local
        ):
            return stated
    return None


def _find_repeated(
    chosen: StatedTime, statements: list[StatedTime]
) -> StatedTime | None:
    """An instant stated once yields to one of the same day stated several times."""
    counts = Counter(
        stated.utc[:16]
        for stated in statements
        if len(stated.utc) > DAY_LENGTH
        and stated.source != "text"
        and stated.local[:DAY_LENGTH] == chosen.local[:DAY_LENGTH]
    )
    if len(chosen.utc) == DAY_LENGTH or counts[chosen.utc[:16]] != 1:
        return None
    instant, count = max(counts.items(), key=lambda item: item[1])
    if count == 1:
        return None
    repeated = next(stated for stated in statements if stated.utc[:16] == instant)
    # The same time of day in another zone: _find_with_zone has decided.
    return None if repeated.local[:16] == chosen.local[:16] else repeated


def _find_more_precise(
    chosen: StatedTime, statements: list[StatedTime]
) -> StatedTime | None:
    """A day yields to a time on it; a minute gets the seconds stated elsewhere."""
    if len(chosen.local) == DAY_LENGTH:
        for stated in statements:
            if (
                len(stated.local) > DAY_LENGTH
                and stated.local[:DAY_LENGTH] == chosen.local
            ):
                return stated
        return None
    if chosen.local[17:19] != "00":
        return None
    seconds = (
        stated.local[17:19]
        for stated in statements
        if stated.local[:17] == chosen.local[:17] and stated.local[17:19] != "00"
    )
    second = next(seconds, "")
    if not second:
        return None
    local = f"{chosen.local[:17]}{second}{chosen.local[19:]}"
    utc = chosen.utc
    if len(utc) > DAY_LENGTH:
        utc = f"{utc[:17]}{second}{utc[19:]}"
    return StatedTime(chosen.field, utc, local, chosen.source)


def _add_zone(
    chosen: StatedTime, statements: list[StatedTime], zone: ZoneInfo | None
) -> StatedTime:
    """A naive time in the zone that another statement of it, or the country, gives.

    The local time stays without the zone of the country: the page does not state it.
    """
    naive = _parse_naive(chosen.local)
    if naive is None:
        return chosen
    for stated in statements:
        utc_offset = _infer_offset(naive, stated)
        if utc_offset is not None:
            return _apply_offset(chosen, naive, utc_offset)
    utc_offset = get_utc_offset(zone, naive) if zone is not None else None
    if utc_offset is None:
        return chosen
    return replace(chosen, utc=_apply_offset(chosen, naive, utc_offset).utc)


def _add_local_time(
    chosen: StatedTime, statements: list[StatedTime], url_date: str
) -> StatedTime:
    """An instant in UTC with the outlet's local time, or with the day in the URL."""
    if not chosen.local.endswith("Z"):
        return chosen
    moment = datetime.fromisoformat(chosen.utc)
    for stated in statements:
        naive = _parse_naive(stated.local) if len(stated.utc) == DAY_LENGTH else None
        utc_offset = _infer_offset(naive, chosen) if naive is not None else None
        if utc_offset:
            local = moment.replace(tzinfo=None) + utc_offset
            return _apply_offset(chosen, local, utc_offset)
    if url_date and url_date != chosen.utc[:DAY_LENGTH]:
        day = date.fromisoformat(url_date)
        offsets = MIN_COMMON_OFFSET, MAX_COMMON_OFFSET
        if any((moment + utc_offset).date() == day for utc_offset in offsets):
            return StatedTime(chosen.field, chosen.utc, url_date, chosen.source)
    return chosen


def _parse_naive(local: str) -> datetime | None:
    """A time of day without a zone; None if it is a day alone, or has a zone."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", local) is None:
        return None
    return datetime.fromisoformat(local)


def _infer_offset(naive: datetime, stated: StatedTime) -> timedelta | None:
    """The UTC offset at which a stated instant is this naive time; None if none is."""
    if len(stated.utc) == DAY_LENGTH:
        return None
    instant = datetime.fromisoformat(stated.utc).replace(tzinfo=None)
    if naive.second == 0 or instant.second == 0:  # one of them is stated to the minute
        naive, instant = naive.replace(second=0), instant.replace(second=0)
    difference = naive - instant
    if difference % QUARTER_HOUR != timedelta(0):
        return None
    return difference if MIN_UTC_OFFSET <= difference <= MAX_UTC_OFFSET else None


def _apply_offset(
    stated: StatedTime, naive: datetime, utc_offset: timedelta
) -> StatedTime:
    aware = naive.replace(tzinfo=timezone(utc_offset))
    utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    local = aware.isoformat().replace("+00:00", "Z")
    return StatedTime(stated.field, utc, local, stated.source)
