"""The time zone of an outlet, if its country or its town has only one.

Determined by the country domain of its host, else by a town in the host's name, else by
a language that is hardly written elsewhere. Offsets come from the tz database in the
package ``tzdata``, not from the machine: the same page reads the same everywhere. Zones
that a text names are read by ``date_text``.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

# The tz database's own bound: zones are defined by what clocks showed since then.
MIN_YEAR = 1970

_ZONE_BY_DOMAIN = {
    "ae": "Asia/Dubai",
    "al": "Europe/Tirane",
    "ar": "America/Argentina/Buenos_Aires",
    "at": "Europe/Vienna",
    "ba": "Europe/Sarajevo",
    "bd": "Asia/Dhaka",
    "be": "Europe/Brussels",
    "bg": "Europe/Sofia",
    "bo": "America/La_Paz",
    "br": "America/Sao_Paulo",
    "by": "Europe/Minsk",
    "ch": "Europe/Zurich",
    "cn": "Asia/Shanghai",
    "co": "America/Bogota",
    "cr": "America/Costa_Rica",
    "cy": "Asia/Nicosia",
    "cz": "Europe/Prague",
    "de": "Europe/Berlin",
    "dk": "Europe/Copenhagen",
    "dz": "Africa/Algiers",
    "ec": "America/Guayaquil",
    "ee": "Europe/Tallinn",
    "es": "Europe/Madrid",
    "fi": "Europe/Helsinki",
    "fr": "Europe/Paris",
    "gh": "Africa/Accra",
    "gr": "Europe/Athens",
    "hk": "Asia/Hong_Kong",
    "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest",
    "id": "Asia/Jakarta",
    "ie": "Europe/Dublin",
    "in": "Asia/Kolkata",
    "it": "Europe/Rome",
    "jp": "Asia/Tokyo",
    "ke": "Africa/Nairobi",
    "kr": "Asia/Seoul",
    "kw": "Asia/Kuwait",
    "li": "Europe/Vaduz",
    "lk": "Asia/Colombo",
    "lt": "Europe/Vilnius",
    "lu": "Europe/Luxembourg",
    "lv": "Europe/Riga",
    "me": "Europe/Podgorica",
    "mk": "Europe/Skopje",
    "mt": "Europe/Malta",
    "mx": "America/Mexico_City",
    "my": "Asia/Kuala_Lumpur",
    "ng": "Africa/Lagos",
    "nl": "Europe/Amsterdam",
    "no": "Europe/Oslo",
    "np": "Asia/Kathmandu",
    "pe": "America/Lima",
    "ph": "Asia/Manila",
    "pk": "Asia/Karachi",
    "pl": "Europe/Warsaw",
    "pt": "Europe/Lisbon",
    "qa": "Asia/Qatar",
    "ro": "Europe/Bucharest",
    "rs": "Europe/Belgrade",
    "ru": "Europe/Moscow",
    "sa": "Asia/Riyadh",
    "se": "Europe/Stockholm",
    "sg": "Asia/Singapore",
    "si": "Europe/Ljubljana",
    "sk": "Europe/Bratislava",
    "sn": "Africa/Dakar",
    "th": "Asia/Bangkok",
    "tn": "Africa/Tunis",
    "tr": "Europe/Istanbul",
    "tw": "Asia/Taipei",
    "ua": "Europe/Kyiv",
    "uk": "Europe/London",
    "uy": "America/Montevideo",
    "ve": "America/Caracas",
    "vn": "Asia/Ho_Chi_Minh",
    "za": "Africa/Johannesburg",
}
COUNTRY_DOMAINS = frozenset(_ZONE_BY_DOMAIN)
# The language of one country, or a language as written in one country. Russian,
# Spanish, English and others are written in many zones.
_DOMAIN_BY_LANGUAGE = {
    "cs": "cz",
    "da": "dk",
    "de": "de",
    "el": "gr",
    "en-in": "in",
    "en-za": "za",
    "fi": "fi",
    "hi": "in",
    "hu": "hu",
    "id": "id",
    "it": "it",
    "ja": "jp",
    "ko": "kr",
    "nb": "no",
    "pl": "pl",
    "pt-br": "br",
    "sv": "se",
    "tr": "tr",
    "vi": "vn",
    "zh": "cn",
    "zh-cn": "cn",
}
# Countries with several zones: an outlet named after its town uses the town's zone.
_ZONE_BY_TOWN = (
    (
        re.compile(
            r"newyork|\bny(?:times|post|daily|mag)|boston|miami|philadelphia|philly"
            r"|washingtonp|baltimore|pittsburgh|cleveland|detroit|atlanta"
        ),
        "America/New_York",
    ),
    (
        re.compile(
            r"toronto|montreal|ottawa|torstar|\bindystar|tampabay|palmbeach|orlandosent"
            r"|cincinnati|charlotteobs|newsday"
        ),
        "America/New_York",
    ),
    (
        re.compile(
            r"chicago|houstonc|dallasnews|minneapolis|startribune|milwaukee|kansascity"
            r"|neworleans|nashville|tennessean|stltoday|oklahoma"
        ),
        "America/Chicago",
    ),
    (re.compile(r"denverpost|saltlake|deseret"), "America/Denver"),
    (
        re.compile(
            r"losangeles|\blatimes|sanfrancisco|\bsfgate|\bsfchron|sandiego|seattle"
            r"|oregonlive|sacbee|lasvegas|reviewjournal|vancouversun"
        ),
        "America/Los_Angeles",
    ),
)


@lru_cache(maxsize=128)
def load_zone(name: str) -> ZoneInfo:
    """A zone of the tz database."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, name)


def get_utc_offset(zone: ZoneInfo, naive: datetime) -> timedelta | None:
    """How far a local time is ahead of UTC.

    If a clock is set back, the first of the two instants counts. None for years for
    which the database knows some towns only.
    """
    return naive.replace(tzinfo=zone).utcoffset() if naive.year >= MIN_YEAR else None


def is_utc_in_winter(zone: ZoneInfo) -> bool:
    """Whether clocks of a zone show UTC in winter."""
    return get_utc_offset(zone, datetime(2025, 1, 1)) == timedelta(0)


@lru_cache(maxsize=512)
def guess_outlet_zone(url: str, locale: str) -> ZoneInfo | None:
    """The zone of an outlet by its host, else by its language; None if unknown.

    ``locale`` begins with a language tag: "ja", "pt_BR".
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    domain = host.rpartition(".")[2]
    if domain == "co" and not host.endswith((".com.co", ".gov.co", ".edu.co")):
        domain = ""  # sold as "company"
    if domain in _ZONE_BY_DOMAIN:
        return load_zone(_ZONE_BY_DOMAIN[domain])
    for town_pattern, zone_name in _ZONE_BY_TOWN:
        if town_pattern.search(host):
            return load_zone(zone_name)
    language = locale.strip().lower().replace("_", "-")
    if language[:5] == "fr-ca":
        return load_zone("America/Toronto")  # Quebec
    domain = _DOMAIN_BY_LANGUAGE.get(language[:5]) or _DOMAIN_BY_LANGUAGE.get(
        language[:2], ""
    )
    return load_zone(_ZONE_BY_DOMAIN[domain]) if domain else None
