"""The zone of an outlet's clock, where its country has one and the rule for its summers is known here. Pure; data.

By the domain of its country, else by a town in its name, else by a language that is hardly written elsewhere. A table of our own and not the machine's:
the same page reads the same everywhere. Not for: zones that a text names (``dates``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Zone:
    """Hours east of Greenwich in winter; whose summers it keeps; the first year in which it was so."""

    hours: float
    summers: Literal["", "europe", "america"] = ""
    since: int = 1990

    def offset(self, naive: datetime) -> timedelta | None:
        """How far local time is ahead at that local time; None for years in which the country had another rule."""
        if naive.year < self.since:
            return None
        summer = (self.summers == "europe" and european_summer(naive)) or (
            self.summers == "america" and american_summer(naive)
        )
        return timedelta(hours=self.hours + summer)


def european_summer(naive: datetime) -> bool:
    """Whether clocks in the European Union stand one hour ahead (Directive 2000/84/EC)."""
    if naive.year < 1996:
        return 4 <= naive.month <= 9
    begin, end = (_last_sunday(naive.year, month).replace(hour=2) for month in (3, 10))
    return begin <= naive < end


def american_summer(naive: datetime) -> bool:
    """Whether clocks in the United States stand one hour ahead on that day: as the law is since 2007, and was since 1987."""
    year, month, day = naive.year, naive.month, naive.day
    first = (6 - datetime(year, month, 1).weekday()) % 7 + 1  # the month's first Sunday
    starts, ends = (
        ((3, first + 7), (11, first)) if year >= 2007 else ((4, first), (10, first + 28 if first <= 3 else first + 21))
    )
    return (
        starts[0] < month < ends[0] or (month == starts[0] and day >= starts[1]) or (month == ends[0] and day < ends[1])
    )


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


_CENTRAL = Zone(1, "europe")
_DOMAINS = {
    **dict.fromkeys("de at ch li fr it es nl be lu pl cz sk hu si hr rs ba mk me al dk no se mt".split(), _CENTRAL),
    **dict.fromkeys("uk ie pt".split(), Zone(0, "europe")),
    **dict.fromkeys("gr fi ro bg ua ee lv lt cy".split(), Zone(2, "europe", 1997)),
    **dict.fromkeys("jp kr".split(), Zone(9)),
    **dict.fromkeys("cn tw hk sg my ph".split(), Zone(8)),
    **dict.fromkeys("th vn id".split(), Zone(7)),
    "in": Zone(5.5), "lk": Zone(5.5, since=2007), "np": Zone(5.75), "bd": Zone(6, since=2010), "pk": Zone(5, since=2010), "ae": Zone(4),
    "by": Zone(3, since=2012), "ru": Zone(3, since=2015), "tr": Zone(3, since=2017), "sa": Zone(3), "qa": Zone(3), "kw": Zone(3),
    "ke": Zone(3), "za": Zone(2), "ng": Zone(1), "dz": Zone(1), "tn": Zone(1, since=2009), "sn": Zone(0), "gh": Zone(0),
    "co": Zone(-5, since=1994), "pe": Zone(-5, since=1995), "ec": Zone(-5), "ve": Zone(-4, since=2017), "bo": Zone(-4), "ar": Zone(-3, since=2010),
    "uy": Zone(-3, since=2016), "br": Zone(-3, since=2020), "cr": Zone(-6), "mx": Zone(-6, since=2023),
}  # fmt: skip
# A country's language, or its language as written in one country; Russian, Spanish, English … are written in many zones.
_LANGUAGES = {
    "ja": "jp", "ko": "kr", "zh-cn": "cn", "zh": "cn", "vi": "vn", "hi": "in", "cs": "cz", "da": "dk", "nb": "no", "sv": "se",
    "pl": "pl", "hu": "hu", "de": "de", "it": "it", "tr": "tr", "id": "id", "el": "gr", "fi": "fi", "pt-br": "br", "en-in": "in", "en-za": "za",
}  # fmt: skip
# Countries of several zones: an outlet named for its town goes by the town's clock.
_TOWNS = tuple(
    (re.compile(names), Zone(hours, "america"))
    for names, hours in (
        (r"newyork|\bny(?:times|post|daily|mag)|boston|miami|philadelphia|philly|washingtonp|baltimore|pittsburgh|cleveland|detroit|atlanta", -5),
        (r"toronto|montreal|ottawa|torstar|\bindystar|tampabay|palmbeach|orlandosent|cincinnati|charlotteobs|newsday", -5),
        (r"chicago|houstonc|dallasnews|minneapolis|startribune|milwaukee|kansascity|neworleans|nashville|tennessean|stltoday|oklahoma", -6),
        (r"denverpost|saltlake|deseret", -7),
        (r"losangeles|\blatimes|sanfrancisco|\bsfgate|\bsfchron|sandiego|seattle|oregonlive|sacbee|lasvegas|reviewjournal|vancouversun", -8),
    )
)  # fmt: skip


@lru_cache(maxsize=512)
def zone_of(url: str, locale: str) -> Zone | None:
    """The zone of an outlet by its host, else by its language: ``locale`` begins with "ja", "pt_BR" …; None where neither
    tells it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    domain = host.rpartition(".")[2]
    if domain == "co" and not host.endswith((".com.co", ".gov.co", ".edu.co")):
        domain = ""  # sold as "company"
    if domain in _DOMAINS:
        return _DOMAINS[domain]
    for towns, zone in _TOWNS:
        if towns.search(host):
            return zone
    language = locale.strip().lower().replace("_", "-")
    if language[:5] == "fr-ca":
        return Zone(-5, "america")  # Quebec
    return _DOMAINS.get(_LANGUAGES.get(language[:5]) or _LANGUAGES.get(language[:2], ""))
