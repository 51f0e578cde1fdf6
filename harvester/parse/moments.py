"""Which of the times that a page states to believe, and what they say together. Pure.

A time without a zone beside the same time with one tells the zone; so does the country, where it has one zone.
Not for: how a time is written (``dates``), where it stands (``times``).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import urlsplit

from harvester.parse.statements import Stated, Told

QUARTER = timedelta(minutes=15)
WEST, EAST = timedelta(hours=-8), timedelta(hours=11)  # zones that a day beside an instant may tell


def settle(found: Stated, url: str, address_day: str) -> None:
    """Believe another statement than the first, or more of it, where the others say so. ``address_day``: of the URL."""
    for name in ("published", "modified"):
        told = [one for one in found.told if one.field == name]
        if told and name in found.values:
            _settle(found, name, told, url, address_day if name == "published" else "")


def _settle(found: Stated, name: str, told: list[Told], url: str, address_day: str) -> None:
    local, source = found.values[f"{name}_local"], found.sources[name]
    held = (one for one in told if one.local == local and one.source == source)
    chosen = next(held, Told(name, found.values[name], local, source))
    for step in (_other_order, _true_zone, _usual):
        better = step(chosen, told)
        if better is not None:
            chosen = better
    if len(chosen.utc) == 10:
        chosen = _with_zone(chosen, told, zone_of(url, found.values.get("locale", "")))
    else:
        chosen = _local(chosen, told, address_day)
    found.values[name], found.values[f"{name}_local"], found.sources[name] = chosen.utc, chosen.local, chosen.source


def _other_order(chosen: Told, told: list[Told]) -> Told | None:
    """``03-09-2026`` is the ninth of March where the page says so elsewhere."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", chosen.local)
    if match is None or not chosen.ambiguous:
        return None
    swapped = f"{match[1]}-{match[3]}-{match[2]}"
    return next((one for one in told if one.local[:10] == swapped and not one.ambiguous), None)


def _true_zone(chosen: Told, told: list[Told]) -> Told | None:
    """Local times are given out as UTC: the same hands of the clock with another zone are believed."""
    if not chosen.local.endswith("Z"):
        return None
    return next(
        (one for one in told if one.local[:16] == chosen.local[:16] and re.search(r"[+-]\d\d:\d\d$", one.local)), None
    )


def _usual(chosen: Told, told: list[Told]) -> Told | None:
    """An instant that is stated once gives way to one of the same day that is stated several times."""
    counts = Counter(
        one.utc[:16]
        for one in told
        if len(one.utc) > 10 and one.source != "text" and one.local[:10] == chosen.local[:10]
    )
    if len(chosen.utc) == 10 or counts[chosen.utc[:16]] != 1:
        return None
    instant, times = max(counts.items(), key=lambda one: one[1])
    return next(one for one in told if one.utc[:16] == instant) if times > 1 else None


def _with_zone(chosen: Told, told: list[Told], zone: timedelta | timezone | None) -> Told:
    """A naive time with the zone that another statement of it, or else the country, gives it."""
    naive = _moment(chosen.local)
    if naive is None:
        return chosen
    for one in told:
        offset = _offset(naive, one)
        if offset is not None:
            return _at(chosen, naive, offset)
    if isinstance(zone, timedelta):
        return _at(chosen, naive, zone)
    if zone is not None:  # Central European Time, which has summers
        return _at(chosen, naive, timedelta(hours=2 if _summer(naive) else 1))
    return chosen


def _local(chosen: Told, told: list[Told], address_day: str) -> Told:
    """An instant in UTC with the outlet's own day and clock, where a naive statement or the address tells it."""
    if not chosen.local.endswith("Z"):
        return chosen
    for one in told:
        naive = _moment(one.local) if len(one.utc) == 10 else None
        offset = _offset(naive, chosen) if naive is not None else None
        if naive is not None and offset:
            return _at(chosen, datetime.fromisoformat(chosen.utc).replace(tzinfo=None) + offset, offset)
    moment = datetime.fromisoformat(chosen.utc)
    if address_day and address_day != chosen.utc[:10]:
        day = date.fromisoformat(address_day)
        if any((moment + edge).date() == day for edge in (WEST, EAST)):
            return Told(chosen.field, chosen.utc, address_day, chosen.source)
    return chosen


def _moment(local: str) -> datetime | None:
    """A naive time with its time of day; None where it has no such, or a zone."""
    return datetime.fromisoformat(local) if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", local) else None


def _offset(naive: datetime, told: Told) -> timedelta | None:
    """How far the zone is in which an instant is this naive time; None where no zone makes it that."""
    if len(told.utc) == 10:
        return None
    instant = datetime.fromisoformat(told.utc).replace(tzinfo=None)
    if naive.second == 0 or instant.second == 0:  # one of them is stated to the minute
        naive, instant = naive.replace(second=0), instant.replace(second=0)
    apart = naive - instant
    return apart if apart % QUARTER == timedelta(0) and timedelta(hours=-12) <= apart <= timedelta(hours=14) else None


def _at(told: Told, naive: datetime, offset: timedelta) -> Told:
    aware = naive.replace(tzinfo=timezone(offset))
    utc = aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Told(told.field, utc, aware.isoformat().replace("+00:00", "Z"), told.source)


# Countries of one zone without summers, by domain or language; hours.
_HOURS = {
    "jp": 9, "ja": 9, "kr": 9, "ko": 9, "cn": 8, "zh-cn": 8, "zh": 8, "tw": 8, "hk": 8, "sg": 8, "my": 8, "ph": 8, "th": 7, "vn": 7, "vi": 7,
    "in": 5.5, "hi": 5.5, "lk": 5.5, "bd": 6, "pk": 5, "ae": 4, "ke": 3, "za": 2, "ng": 1, "co": -5, "pe": -5, "ar": -3, "uy": -3,
}  # fmt: skip
_CENTRAL = frozenset(
    ("de", "at", "ch", "fr", "it", "nl", "be", "lu", "pl", "cz", "cs", "sk", "hu", "si", "hr", "rs", "ba", "mk", "dk", "da", "no", "nb", "se", "sv")
)  # fmt: skip
_BY_DOMAIN_ONLY = frozenset(("co", "ar", "in", "be", "si", "no", "my", "th", "ba"))  # as languages they are others


def zone_of(url: str, locale: str) -> timedelta | timezone | None:
    """The zone of an outlet by its domain, else by its language; a ``timezone`` stands for Central Europe's."""
    try:
        domain = (urlsplit(url).hostname or "").rpartition(".")[2]
    except ValueError:
        return None
    if domain in ("co",) and not re.search(r"\.com\.co$|\.gov\.co$", urlsplit(url).hostname or ""):
        domain = ""  # sold as "company"
    language = locale.strip().lower().replace("_", "-")
    for name, by_domain in ((domain, True), (language[:5], False), (language[:2], False)):
        if name in _HOURS and (by_domain or name not in _BY_DOMAIN_ONLY):
            return timedelta(hours=_HOURS[name])
        if name in _CENTRAL and (by_domain or name in ("cs", "da", "nb", "sv", "pl", "hu", "sk")):
            return timezone(timedelta(hours=1))
    return None


def _summer(naive: datetime) -> bool:
    """Whether clocks in the European Union stand one hour ahead (Directive 2000/84/EC)."""
    if naive.year < 1996:
        return 4 <= naive.month <= 9
    begin, end = (_last_sunday(naive.year, month).replace(hour=2) for month in (3, 10))
    return begin <= naive < end


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
