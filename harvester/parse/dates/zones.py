"""The zone of an outlet's clock, where its country has one. Pure; data.

By the domain of its country, else by a town in its name, else by a language that is hardly written elsewhere. Summer time and its history are the tz
database's, as the package ``tzdata`` has it and not the machine: the same page reads the same everywhere. Not for: zones that a text names (``dates``).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

MIN_YEAR = (
    1970  # the tz database's own bound: zones are drawn by what clocks showed since
)


@lru_cache(maxsize=128)
def load_zone(name: str) -> ZoneInfo:
    """A zone of the tz database."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, name)


def get_utc_offset(zone: ZoneInfo, naive: datetime) -> timedelta | None:
    """How far local time is ahead of UTC at that local time, the first of the two where a clock is set back; None for years of which the
    database knows some towns only."""
    return naive.replace(tzinfo=zone).utcoffset() if naive.year >= MIN_YEAR else None


def is_utc_in_winter(zone: ZoneInfo) -> bool:
    """Whether its clocks show UTC in winter."""
    return get_utc_offset(zone, datetime(2025, 1, 1)) == timedelta(0)


_ZONE_BY_DOMAIN = {
    "de": "Europe/Berlin", "at": "Europe/Vienna", "ch": "Europe/Zurich", "li": "Europe/Vaduz", "fr": "Europe/Paris", "it": "Europe/Rome",
    "es": "Europe/Madrid", "nl": "Europe/Amsterdam", "be": "Europe/Brussels", "lu": "Europe/Luxembourg", "pl": "Europe/Warsaw",
    "cz": "Europe/Prague", "sk": "Europe/Bratislava", "hu": "Europe/Budapest", "si": "Europe/Ljubljana", "hr": "Europe/Zagreb",
    "rs": "Europe/Belgrade", "ba": "Europe/Sarajevo", "mk": "Europe/Skopje", "me": "Europe/Podgorica", "al": "Europe/Tirane",
    "dk": "Europe/Copenhagen", "no": "Europe/Oslo", "se": "Europe/Stockholm", "mt": "Europe/Malta",
    "uk": "Europe/London", "ie": "Europe/Dublin", "pt": "Europe/Lisbon",
    "gr": "Europe/Athens", "fi": "Europe/Helsinki", "ro": "Europe/Bucharest", "bg": "Europe/Sofia", "ua": "Europe/Kyiv", "ee": "Europe/Tallinn",
    "lv": "Europe/Riga", "lt": "Europe/Vilnius", "cy": "Asia/Nicosia", "by": "Europe/Minsk", "ru": "Europe/Moscow", "tr": "Europe/Istanbul",
    "jp": "Asia/Tokyo", "kr": "Asia/Seoul", "cn": "Asia/Shanghai", "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "sg": "Asia/Singapore",
    "my": "Asia/Kuala_Lumpur", "ph": "Asia/Manila", "th": "Asia/Bangkok", "vn": "Asia/Ho_Chi_Minh", "id": "Asia/Jakarta", "in": "Asia/Kolkata",
    "lk": "Asia/Colombo", "np": "Asia/Kathmandu", "bd": "Asia/Dhaka", "pk": "Asia/Karachi", "ae": "Asia/Dubai", "sa": "Asia/Riyadh",
    "qa": "Asia/Qatar", "kw": "Asia/Kuwait", "ke": "Africa/Nairobi", "za": "Africa/Johannesburg", "ng": "Africa/Lagos", "dz": "Africa/Algiers",
    "tn": "Africa/Tunis", "sn": "Africa/Dakar", "gh": "Africa/Accra", "co": "America/Bogota", "pe": "America/Lima", "ec": "America/Guayaquil",
    "ve": "America/Caracas", "bo": "America/La_Paz", "ar": "America/Argentina/Buenos_Aires", "uy": "America/Montevideo",
    "br": "America/Sao_Paulo", "cr": "America/Costa_Rica", "mx": "America/Mexico_City",
}  # fmt: skip
# A country's language, or its language as written in one country; Russian, Spanish, English … are written in many zones.
_DOMAIN_BY_LANGUAGE = {
    "ja": "jp", "ko": "kr", "zh-cn": "cn", "zh": "cn", "vi": "vn", "hi": "in", "cs": "cz", "da": "dk", "nb": "no", "sv": "se",
    "pl": "pl", "hu": "hu", "de": "de", "it": "it", "tr": "tr", "id": "id", "el": "gr", "fi": "fi", "pt-br": "br", "en-in": "in", "en-za": "za",
}  # fmt: skip
# Countries of several zones: an outlet named for its town goes by the town's clock.
_ZONE_BY_TOWN = tuple(
    (re.compile(names), place)
    for names, place in (
        (r"newyork|\bny(?:times|post|daily|mag)|boston|miami|philadelphia|philly|washingtonp|baltimore|pittsburgh|cleveland|detroit|atlanta", "America/New_York"),
        (r"toronto|montreal|ottawa|torstar|\bindystar|tampabay|palmbeach|orlandosent|cincinnati|charlotteobs|newsday", "America/New_York"),
        (r"chicago|houstonc|dallasnews|minneapolis|startribune|milwaukee|kansascity|neworleans|nashville|tennessean|stltoday|oklahoma", "America/Chicago"),
        (r"denverpost|saltlake|deseret", "America/Denver"),
        (r"losangeles|\blatimes|sanfrancisco|\bsfgate|\bsfchron|sandiego|seattle|oregonlive|sacbee|lasvegas|reviewjournal|vancouversun", "America/Los_Angeles"),
    )
)  # fmt: skip


@lru_cache(maxsize=512)
def guess_outlet_zone(url: str, locale: str) -> ZoneInfo | None:
    """The zone of an outlet by its host, else by its language: ``locale`` begins with "ja", "pt_BR" …; None where neither
    tells it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    domain = host.rpartition(".")[2]
    if domain == "co" and not host.endswith((".com.co", ".gov.co", ".edu.co")):
        domain = ""  # sold as "company"
    if domain in _ZONE_BY_DOMAIN:
        return load_zone(_ZONE_BY_DOMAIN[domain])
    for towns, place in _ZONE_BY_TOWN:
        if towns.search(host):
            return load_zone(place)
    language = locale.strip().lower().replace("_", "-")
    if language[:5] == "fr-ca":
        return load_zone("America/Toronto")  # Quebec
    domain = _DOMAIN_BY_LANGUAGE.get(language[:5]) or _DOMAIN_BY_LANGUAGE.get(
        language[:2], ""
    )
    return load_zone(_ZONE_BY_DOMAIN[domain]) if domain else None
